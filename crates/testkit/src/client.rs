//! A client that sends exact bytes and says exactly what came back, over TCP or TLS.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::{Bytes, BytesMut};
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::TestCa;
use crate::http1::{Body, Broken, Fields, Piece, Source, latin1, parse_head};

/// How long one read of a part of an answer may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// The byte stream of a client.
#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection to one server.
#[derive(Debug)]
pub struct RawClient {
    source: Source<ReadHalf<Stream>>,
    writer: WriteHalf<Stream>,
}

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub version: String,
    /// Status code.
    pub status: u16,
    /// Reason phrase, one character a byte (Latin-1); may be empty.
    pub reason: String,
    /// Fields in the order and spelling in which they came.
    pub headers: Fields,
    /// All bytes of the head, with the empty line.
    pub raw: Bytes,
}

/// A whole answer, or as much of it as came.
#[derive(Debug, Clone)]
pub struct RawResponse {
    /// The head.
    pub head: ResponseHead,
    /// The body without its framing.
    pub body: Bytes,
    /// The chunks of a chunked body, in the peer's boundaries.
    pub chunks: Vec<Bytes>,
    /// Trailers of a chunked body.
    pub trailers: Fields,
    /// `Ok` when the body came to its marked end, else how it broke off.
    pub end: Result<(), Broken>,
}

impl RawResponse {
    /// Returns the body as JSON.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body)
            .with_context(|| format!("status {}: {:?}", self.head.status, latin1(&self.body)))
    }
}

impl RawClient {
    /// Connects without TLS.
    ///
    /// # Errors
    /// When there is no listener.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        Ok(Self::over(Stream::Plain(connect(address).await?)))
    }

    /// Connects with TLS, trusting `ca` alone, for `host_name`; ALPN offers `http/1.1`.
    ///
    /// # Errors
    /// When there is no listener, or the handshake fails.
    pub async fn connect_tls(address: SocketAddr, host_name: &str, ca: &TestCa) -> Result<Self> {
        let tls = connect_tls(address, host_name, ca.client_config(&["http/1.1"])?).await?;
        Ok(Self::over(Stream::Tls(Box::new(tls))))
    }

    fn over(stream: Stream) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self { source: Source::new(reader), writer }
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        self.writer.write_all(bytes.as_ref()).await.context("send")?;
        self.writer.flush().await.context("flush")
    }

    /// Reads the next head; interim (1xx) heads are returned like others.
    ///
    /// # Errors
    /// When the connection ends, or none comes within 30 seconds.
    pub async fn read_head(&mut self) -> Result<ResponseHead> {
        let raw = tokio::time::timeout(DEADLINE, self.source.head())
            .await
            .context("wait for a head")?
            .context("read a head")?
            .context("connection closed before a head")?;
        let (line, headers) = parse_head(&raw)?;
        let line = latin1(&line);
        let mut words = line.splitn(3, ' ');
        let (Some(version), Some(status)) = (words.next(), words.next()) else {
            bail!("status line {line:?}");
        };
        let status = status.parse().with_context(|| format!("status line {line:?}"))?;
        let reason = words.next().unwrap_or_default().to_owned();
        Ok(ResponseHead { version: version.to_owned(), status, reason, headers, raw })
    }

    /// Starts to read the body behind `head`; `to_head` says that the request's method was `HEAD`.
    ///
    /// # Errors
    /// When the head's framing makes no sense.
    pub fn body(&self, head: &ResponseHead, to_head: bool) -> Result<Body> {
        Ok(Body::of_response(head.status, to_head, &head.headers)?)
    }

    /// Reads the next piece of a body.
    ///
    /// # Errors
    /// When the body breaks off, or nothing comes within 30 seconds.
    pub async fn read_piece(&mut self, body: &mut Body) -> Result<Piece, Broken> {
        let piece = tokio::time::timeout(DEADLINE, body.next(&mut self.source)).await;
        piece.unwrap_or_else(|_| Err(Broken::Failed(format!("nothing came within {DEADLINE:?}"))))
    }

    /// Reads a whole answer to a request whose method was not `HEAD`, interim answers left out.
    ///
    /// # Errors
    /// When no head comes; a broken body is not an error but the answer's [`RawResponse::end`].
    pub async fn read_response(&mut self) -> Result<RawResponse> {
        self.read_response_to(false).await
    }

    /// Reads a whole answer; `to_head` says that the request's method was `HEAD`.
    ///
    /// # Errors
    /// When no head comes; a broken body is not an error but the answer's [`RawResponse::end`].
    pub async fn read_response_to(&mut self, to_head: bool) -> Result<RawResponse> {
        let mut head = self.read_head().await?;
        while head.status < 200 && head.status != 101 {
            head = self.read_head().await?;
        }
        let mut framing = self.body(&head, to_head)?;
        let (mut body, mut chunk) = (BytesMut::new(), BytesMut::new());
        let (mut chunks, mut trailers) = (Vec::new(), Fields::default());
        let end = loop {
            match self.read_piece(&mut framing).await {
                Ok(Piece::Data { bytes, ends_chunk }) => {
                    body.extend_from_slice(&bytes);
                    chunk.extend_from_slice(&bytes);
                    if ends_chunk {
                        chunks.push(chunk.split().freeze());
                    }
                }
                Ok(Piece::End(fields)) => {
                    trailers = fields;
                    break Ok(());
                }
                Err(broken) => break Err(broken),
            }
        };
        Ok(RawResponse { head, body: body.freeze(), chunks, trailers, end })
    }

    /// Sends `request` and reads the answer.
    ///
    /// # Errors
    /// As [`Self::send`] and [`Self::read_response`].
    pub async fn exchange(&mut self, request: impl AsRef<[u8]>) -> Result<RawResponse> {
        let to_head = request.as_ref().starts_with(b"HEAD ");
        self.send(request).await?;
        self.read_response_to(to_head).await
    }

    /// Waits until the server ends the connection and says how; bytes that still come are thrown away.
    pub async fn wait_for_end(&mut self) -> Broken {
        let wait = async {
            loop {
                match self.source.fill().await {
                    Ok(0) => return Broken::Closed,
                    Ok(_) => {}
                    Err(broken) => return broken,
                }
            }
        };
        let end = tokio::time::timeout(DEADLINE, wait).await;
        end.unwrap_or_else(|_| Broken::Failed(format!("still open after {DEADLINE:?}")))
    }

    /// Ends the connection with a TCP reset.
    pub fn reset(self) {
        let stream = self.source.into_inner().unsplit(self.writer);
        let tcp = match &stream {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        };
        // Without it the close is orderly; a test that needs the reset sees the difference.
        drop(socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO)));
    }
}

/// Connects with TLS as `config` says, for `host_name`.
///
/// # Errors
/// When there is no listener, or the handshake fails.
pub async fn connect_tls(
    address: SocketAddr,
    host_name: &str,
    config: Arc<rustls::ClientConfig>,
) -> Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host_name.to_owned()).context("read the host name")?;
    TlsConnector::from(config).connect(name, connect(address).await?).await.context("shake hands")
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let tcp = TcpStream::connect(address).await.with_context(|| format!("connect to {address}"))?;
    tcp.set_nodelay(true).context("set TCP_NODELAY")?;
    Ok(tcp)
}

/// Formats a request with the body's `Content-Length`; `headers` are written as given.
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\n");
    for (name, value) in headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || !matches!(method, "GET" | "HEAD") {
        bytes.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    bytes.push_str("\r\n");
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Sends a request to the API with the key and returns status and JSON (`null` for an empty body).
///
/// # Errors
/// When the exchange fails, or the answer is not JSON.
pub async fn call_json(
    api: SocketAddr,
    method: &str,
    path: &str,
    key: &str,
    body: Option<&Value>,
) -> Result<(u16, Value)> {
    let host = api.to_string();
    let authorization = format!("Bearer {key}");
    let mut headers = vec![("Host", host.as_str()), ("Connection", "close")];
    if !key.is_empty() {
        headers.push(("Authorization", authorization.as_str()));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    if !body.is_empty() {
        headers.push(("Content-Type", "application/json"));
    }
    let mut client = RawClient::connect(api).await?;
    let answer = client.exchange(request(method, path, &headers, body.as_bytes())).await?;
    answer.end.clone().with_context(|| format!("{method} {path}"))?;
    let json = if answer.body.is_empty() { Value::Null } else { answer.json()? };
    Ok((answer.head.status, json))
}

/// Reads JSON from the API; the status must be 2xx.
///
/// # Errors
/// As [`call_json`], and for every other status.
pub async fn get_json(api: SocketAddr, path: &str, key: &str) -> Result<Value> {
    expect_success(call_json(api, "GET", path, key, None).await?, path)
}

/// Posts JSON to the API; the status must be 2xx.
///
/// # Errors
/// As [`call_json`], and for every other status.
pub async fn post_json(api: SocketAddr, path: &str, key: &str, body: &Value) -> Result<Value> {
    expect_success(call_json(api, "POST", path, key, Some(body)).await?, path)
}

fn expect_success((status, json): (u16, Value), path: &str) -> Result<Value> {
    if !(200..300).contains(&status) {
        bail!("{path} answered {status}: {json}");
    }
    Ok(json)
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(context, buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(context),
            Self::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }
}
