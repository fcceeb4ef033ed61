//! HTTP/2 connections against a server in the same process, without TLS.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2 as server;
use hyper::service::service_fn;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::*;
use crate::connect::{Connector, Stream};
use crate::guard::AddressGuard;
use crate::origin::Origin;
use crate::resolve::Resolver;
use crate::tls::client_config;

/// Ends a test that hangs; far more than any of them needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connects to a server that allows `max_streams` and answers everything with `body_bytes` bytes.
async fn connect(
    max_streams: Option<u32>,
    body_bytes: usize,
    tasks: &TaskTracker,
) -> (http2::SendRequest<Empty<Bytes>>, Arc<Streams>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let body = Bytes::from(vec![b'x'; body_bytes]);
    let executor = Tracked::new(tasks.clone());
    tasks.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let service = service_fn(move |_: Request<Incoming>| {
            let answer = Response::new(Full::new(body.clone()));
            async move { Ok::<_, Infallible>(answer) }
        });
        let mut builder = server::Builder::new(executor);
        builder.max_concurrent_streams(max_streams);
        builder.serve_connection(TokioIo::new(stream), service).await.ok();
    });
    let resolver = Resolver::new(AddressGuard::default(), HashMap::new(), Some(address)).unwrap();
    let connector = Connector::new(Arc::new(resolver), client_config(None, true).unwrap(), PATIENCE);
    let origin = Arc::new(Origin::parse("https://provider.test", false).unwrap());
    let slot = connector.take_slot(&origin, 1).unwrap();
    let stream = Stream::Plain(TcpStream::connect(address).await.unwrap());
    match open(Connected { stream, http2: true }, 100, slot, tasks).await.unwrap() {
        Opened::Http2(sender, streams) => (sender, streams),
        Opened::Http1(_) => panic!("HTTP/2 was asked for"),
    }
}

fn request() -> Request<Empty<Bytes>> {
    Request::get("https://provider.test/").body(Empty::new()).unwrap()
}

#[tokio::test]
async fn learns_the_stream_limit_before_the_first_request() {
    let (_sender, streams) = connect(Some(2), 0, &TaskTracker::new()).await;
    let limit_known = async {
        loop {
            let taken: Vec<_> = std::iter::from_fn(|| streams.take()).collect();
            if taken.len() == 2 {
                break;
            }
            assert_eq!(taken.len(), 100, "neither the limit before the settings nor theirs");
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, limit_known).await.unwrap();
}

#[tokio::test]
async fn streams_that_nobody_reads_leave_room_for_the_others() {
    let body_bytes = 2 * STREAM_WINDOW_BYTES as usize;
    let (mut sender, _streams) = connect(None, body_bytes, &TaskTracker::new()).await;
    let mut unread = Vec::new();
    for _ in 1..STREAMS_PER_CONNECTION {
        unread.push(timeout(PATIENCE, sender.send_request(request())).await.unwrap().unwrap());
    }
    let answer = timeout(PATIENCE, sender.send_request(request())).await.unwrap().unwrap();
    let body = timeout(PATIENCE, answer.into_body().collect()).await.unwrap().unwrap();
    assert_eq!(body.to_bytes().len(), body_bytes);
}
