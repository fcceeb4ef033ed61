//! A client that speaks HTTP/2, in the clear with prior knowledge or over TLS by ALPN.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use bytes::Bytes;
use gatehouse_testkit::TestCa;
use gatehouse_testkit::client::connect_tls;
use gatehouse_testkit::process::TEST_KEY;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper::http::request::Builder;
use hyper::rt::Executor;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::OPENAI;

/// A connection; it ends when it is dropped.
pub(crate) struct Http2Client {
    sender: SendRequest<Full<Bytes>>,
    tasks: Tasks,
    _stop: DropGuard,
}

/// The tasks of a connection; all of them end when it is closed, and the socket with them.
#[derive(Clone)]
struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl<F> Executor<F> for Tasks
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        drop(self.tracker.spawn(self.stop.clone().run_until_cancelled_owned(task)));
    }
}

impl Http2Client {
    /// Connects without TLS or upgrade.
    pub(crate) async fn connect(gateway: SocketAddr) -> Result<Self> {
        Self::over(TcpStream::connect(gateway).await?).await
    }

    /// Connects with TLS, trusting `ca`, and offers nothing but HTTP/2; it must be agreed on.
    pub(crate) async fn connect_tls(listener: SocketAddr, ca: &TestCa) -> Result<Self> {
        let tls = connect_tls(listener, "localhost", ca.client_config(&["h2"])?).await?;
        ensure!(tls.get_ref().1.alpn_protocol() == Some(b"h2"), "HTTP/2 was not agreed on");
        Self::over(tls).await
    }

    async fn over(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Self> {
        let tasks = Tasks { tracker: TaskTracker::new(), stop: CancellationToken::new() };
        let (sender, driver) = hyper::client::conn::http2::Builder::new(tasks.clone())
            .max_header_list_size(1 << 20)
            .handshake(TokioIo::new(io))
            .await?;
        tasks.execute(driver);
        let stop = tasks.stop.clone().drop_guard();
        Ok(Self { sender, tasks, _stop: stop })
    }

    /// Sends a request and returns the answer's head; many may run at once.
    pub(crate) async fn send(&self, request: Builder, body: impl Into<Bytes>) -> Result<Response<Incoming>> {
        Ok(self.sender.clone().send_request(request.body(Full::new(body.into()))?).await?)
    }

    /// Closes the TCP connection in the middle of whatever runs.
    pub(crate) async fn close(self) {
        self.tasks.stop.cancel();
        self.tasks.tracker.close();
        self.tasks.tracker.wait().await;
    }
}

/// Returns an authorised call to OpenAI.
pub(crate) fn call(method: &str, path: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(format!("http://gateway.test{path}"))
        .header("helicone-auth", format!("Bearer {TEST_KEY}"))
        .header("helicone-target-url", OPENAI)
        .header("authorization", "Bearer sk-provider-secret")
}

/// Reads a body to its end.
pub(crate) async fn whole(answer: Response<Incoming>) -> Result<Bytes> {
    Ok(answer.into_body().collect().await?.to_bytes())
}
