//! A connection to an origin: resolved, guarded, connected, encrypted.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::error::UpstreamError;
use crate::origin::{Origin, Scheme};
use crate::resolve::Resolver;

/// How long one address may take before the next one is tried, when there are several.
const ADDRESS_TIMEOUT: Duration = Duration::from_secs(3);
/// From this many origins on, those without a connection are forgotten.
const COUNTED_ORIGINS: usize = 1024;

/// Opens connections; shared by all workers.
pub struct Connector {
    resolver: Arc<Resolver>,
    tls: TlsConnector,
    timeout: Duration,
    open: Mutex<HashMap<Arc<Origin>, Arc<AtomicUsize>>>,
}

/// The right to one connection to an origin; given back when dropped.
pub(crate) struct ConnectionSlot(Arc<AtomicUsize>);

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// An open connection, and whether HTTP/2 was agreed on.
pub(crate) struct Connected {
    pub(crate) stream: Stream,
    pub(crate) http2: bool,
}

impl Connector {
    /// Returns a connector that gives up after `timeout`, name resolution and TLS included.
    pub fn new(resolver: Arc<Resolver>, tls: Arc<ClientConfig>, timeout: Duration) -> Self {
        Self { resolver, tls: TlsConnector::from(tls), timeout, open: Mutex::new(HashMap::new()) }
    }

    /// Takes one of the `limit` connections that may be open to `origin` at once.
    pub(crate) fn take_slot(
        &self,
        origin: &Arc<Origin>,
        limit: usize,
    ) -> Result<ConnectionSlot, UpstreamError> {
        let mut open = self.open.lock();
        if open.len() >= COUNTED_ORIGINS {
            open.retain(|_, count| count.load(Ordering::Acquire) > 0);
        }
        let count = open.entry(Arc::clone(origin)).or_default();
        if count.load(Ordering::Acquire) >= limit {
            return Err(UpstreamError::TooManyConnections);
        }
        count.fetch_add(1, Ordering::AcqRel);
        Ok(ConnectionSlot(Arc::clone(count)))
    }

    /// Opens a connection to `origin`.
    pub(crate) async fn connect(&self, origin: &Origin) -> Result<Connected, UpstreamError> {
        tokio::time::timeout(self.timeout, self.connect_unbounded(origin))
            .await
            .unwrap_or(Err(UpstreamError::ConnectTimeout))
    }

    async fn connect_unbounded(&self, origin: &Origin) -> Result<Connected, UpstreamError> {
        let addresses = self.resolver.resolve(origin).await?;
        let tcp = connect_any(&addresses).await.map_err(UpstreamError::Connect)?;
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "could not set TCP_NODELAY on a provider connection");
        }
        match origin.scheme() {
            Scheme::Http => Ok(Connected { stream: Stream::Plain(tcp), http2: false }),
            Scheme::Https => self.encrypt(origin, tcp).await,
        }
    }

    async fn encrypt(&self, origin: &Origin, tcp: TcpStream) -> Result<Connected, UpstreamError> {
        let name = ServerName::try_from(origin.host().to_owned())
            .map_err(|error| UpstreamError::Tls(io::Error::other(error)))?;
        let stream = self.tls.connect(name, tcp).await.map_err(UpstreamError::Tls)?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok(Connected { stream: Stream::Tls(Box::new(stream)), http2 })
    }
}

/// Tries the addresses one after the other; the last one may take all the time that is left.
async fn connect_any(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last_error = io::Error::from(io::ErrorKind::AddrNotAvailable);
    let Some((last, others)) = addresses.split_last() else { return Err(last_error) };
    for address in others {
        match tokio::time::timeout(ADDRESS_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last_error = error,
            Err(_) => last_error = io::ErrorKind::TimedOut.into(),
        }
    }
    tracing::trace!(error = %last_error, "trying the last address");
    TcpStream::connect(last).await
}

/// The bytes of a connection, encrypted or not.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
