//! HTTP/2 of the double: the same answers through hyper.
//!
//! Damage to HTTP/1.1 framing becomes a stream error here; scripts are refused, for they are HTTP/1.1 bytes.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame as BodyFrame, Incoming};
use hyper::{HeaderMap, Response, StatusCode, http};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::connection::{House, Origin};
use super::plan::{Frame, Plan, generated_block};
use super::record::{BodyTally, Entry, Head};
use super::respond::{Reply, Shared};
use super::script::Gate;
use super::transport::Transport;
use crate::http1::{Field, Fields};

/// A part of a body on its way to hyper; an error resets the stream.
type Part = Result<BodyFrame<Bytes>, io::Error>;

/// The body of an answer, fed through a channel.
#[derive(Debug)]
struct Parts(mpsc::Receiver<Part>);

impl Body for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Part>> {
        self.0.poll_recv(context)
    }
}

#[derive(Debug, Clone)]
struct Tasks(TaskTracker);

impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        drop(self.0.spawn(async move { drop(task.await) }));
    }
}

/// Serves one connection until it ends.
pub(super) async fn serve(house: House, transport: Transport, origin: Origin) {
    let tasks = Tasks(house.tasks.clone());
    let service = hyper::service::service_fn(|request| answer(house.clone(), origin.clone(), request));
    let connection = hyper::server::conn::http2::Builder::new(tasks)
        .max_header_list_size(1 << 20)
        .serve_connection(TokioIo::new(transport), service);
    // How a connection ended is on each request's record.
    drop(connection.await);
}

async fn answer(
    house: House,
    origin: Origin,
    request: hyper::Request<Incoming>,
) -> Result<Response<Parts>, Infallible> {
    let (head, body) = request.into_parts();
    let entry = house.shared.recorder.begin(head_of(&head, origin));
    let gate = house.shared.release.gate();
    let (parts, receiver) = mpsc::channel(1);
    let mut response = Response::new(Parts(receiver));
    let plan = match receive(body, &entry).await {
        Ok(()) => plan(&house.shared, &entry),
        Err(_) => None,
    };
    let Some(plan) = plan else {
        *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
        return Ok(response);
    };
    // A sleep of nothing would still last until the timer's next tick.
    if !plan.head_delay.is_zero() {
        tokio::time::sleep(plan.head_delay).await;
    }
    *response.status_mut() = StatusCode::from_u16(plan.status).unwrap_or(StatusCode::NOT_IMPLEMENTED);
    *response.headers_mut() = header_map(&plan.fields);
    let tasks = house.tasks.clone();
    let stop = house.stop.clone();
    tasks.spawn(async move {
        let sent = stop.run_until_cancelled(send(&parts, plan, gate)).await;
        if matches!(sent, Some(Ok(()))) {
            entry.answered();
        }
    });
    Ok(response)
}

fn head_of(head: &http::request::Parts, origin: Origin) -> Head {
    let authority = head.uri.authority().map(|authority| Field::new(":authority", authority.as_str()));
    let headers = head.headers.iter().map(|(name, value)| Field::new(name.as_str(), value.as_bytes()));
    Head {
        connection: origin.connection,
        sni: origin.sni,
        method: head.method.to_string(),
        target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        version: "HTTP/2".to_owned(),
        headers: Fields(authority.into_iter().chain(headers).collect()),
    }
}

async fn receive(mut body: Incoming, entry: &Entry) -> Result<(), hyper::Error> {
    let mut tally = BodyTally::default();
    let mut trailers = Fields::default();
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(bytes) => tally.add(&bytes, false),
            Err(frame) => trailers = frame.into_trailers().map(|map| fields(&map)).unwrap_or_default(),
        }
    }
    entry.body(tally, trailers);
    Ok(())
}

fn plan(shared: &Arc<Shared>, entry: &Entry) -> Option<Plan> {
    match shared.reply(entry.received()) {
        Reply::Plan(plan) => Some(plan),
        Reply::Script(_) => None,
    }
}

fn fields(map: &HeaderMap) -> Fields {
    Fields(map.iter().map(|(name, value)| Field::new(name.as_str(), value.as_bytes())).collect())
}

/// Returns the fields without those that HTTP/2 forbids.
fn header_map(fields: &Fields) -> HeaderMap {
    let mut map = HeaderMap::new();
    for field in fields.0.iter().filter(|field| !field.name.eq_ignore_ascii_case("transfer-encoding")) {
        let name = http::HeaderName::from_bytes(field.name.as_bytes());
        let value = http::HeaderValue::from_bytes(&field.value);
        if let (Ok(name), Ok(value)) = (name, value) {
            map.append(name, value);
        }
    }
    map
}

/// Feeds the frames of a plan; an error means that the client gave the stream up.
async fn send(
    parts: &mpsc::Sender<Part>,
    plan: Plan,
    mut gate: Gate,
) -> Result<(), mpsc::error::SendError<Part>> {
    for frame in plan.frames {
        match frame {
            Frame::Data(bytes) => parts.send(Ok(BodyFrame::data(bytes))).await?,
            Frame::Generated(bytes) => send_generated(parts, bytes).await?,
            Frame::Delay(wait) => tokio::time::sleep(wait).await,
            Frame::Hold => {
                tokio::select! {
                    () = gate.pass() => {}
                    () = parts.closed() => return Err(mpsc::error::SendError(Err(broken()))),
                }
            }
            Frame::Malformed | Frame::Stop(_) => return parts.send(Err(broken())).await,
        }
    }
    if !plan.trailers.0.is_empty() {
        parts.send(Ok(BodyFrame::trailers(header_map(&plan.trailers)))).await?;
    }
    Ok(())
}

async fn send_generated(parts: &mpsc::Sender<Part>, bytes: u64) -> Result<(), mpsc::error::SendError<Part>> {
    let block = generated_block();
    let mut left = bytes;
    while left > 0 {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        parts.send(Ok(BodyFrame::data(block.slice(..count)))).await?;
        left -= count as u64;
    }
    Ok(())
}

fn broken() -> io::Error {
    io::Error::other("broken on purpose")
}
