//! The handshake: what a listener offers, how long a client may take, and what one without TLS is told.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificate::{Certificate, CertificateError, Files, Followed, News};

/// How long a client may take from its connection to the end of the handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the files of a certificate are looked at.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);
/// The first byte of every TLS connection: the type of a handshake record (RFC 8446 §5.1).
const HANDSHAKE_RECORD: u8 = 0x16;
/// What a request in the clear is told.
const USE_HTTPS: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    Content-Type: text/plain\r\n\
    Content-Length: 32\r\n\
    Connection: close\r\n\r\n\
    this port speaks TLS: use https\n";

/// Why a connection did not become a TLS connection.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// The client did not finish in time.
    #[error("the client did not finish the handshake in {HANDSHAKE_TIMEOUT:?}")]
    Timeout,
    /// The client does not speak TLS.
    #[error("the client does not speak TLS")]
    NotTls,
    /// The connection failed, or the two could not agree.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// What a listener shakes hands with; clones share the certificate.
#[derive(Clone)]
pub struct Acceptor {
    tls: TlsAcceptor,
}

impl Acceptor {
    /// Reads the files; HTTP/2 is offered before HTTP/1.1, TLS 1.3 before 1.2.
    ///
    /// Returns the acceptor and the future that follows the files and never ends: it reads them again when
    /// they change, about once a second, and keeps the certificate it has while they can't be used.
    ///
    /// # Errors
    /// Fails when a file can't be read, is not what it should be, or the two don't belong together.
    pub fn load(files: Files) -> Result<(Self, impl Future<Output = ()> + Send + use<>), CertificateError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let (certificate, followed) = Certificate::load(files, Arc::clone(&provider))?;
        let certificate = Arc::new(certificate);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(CertificateError::Settings)?
            .with_no_client_auth()
            .with_cert_resolver(certificate.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // Sessions are resumed from what the client keeps, so that there is no bound on how many.
        config.ticketer = rustls::crypto::ring::Ticketer::new().map_err(CertificateError::Settings)?;
        Ok((Self { tls: TlsAcceptor::from(Arc::new(config)) }, watch(certificate, followed)))
    }

    /// Shakes hands within [`HANDSHAKE_TIMEOUT`]; a request in the clear is answered with 400.
    ///
    /// `wrap` makes what the bytes on the wire go through.
    ///
    /// # Errors
    /// Fails when the client does not speak TLS, does not agree, leaves, or is too slow.
    ///
    /// # Cancellation
    /// Dropping the future closes the connection.
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut tcp: TcpStream,
        wrap: impl FnOnce(TcpStream) -> S,
    ) -> Result<TlsStream<S>, HandshakeError> {
        let handshake = async {
            let mut first = [0];
            if tcp.peek(&mut first).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            match first {
                [HANDSHAKE_RECORD] => Ok(self.tls.accept(wrap(tcp)).await?),
                [first] => {
                    if first.is_ascii_uppercase() {
                        refuse_plain(&mut tcp).await?;
                    }
                    Err(HandshakeError::NotTls)
                }
            }
        };
        tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await.unwrap_or(Err(HandshakeError::Timeout))
    }
}

/// Answers a request, which begins with an upper-case method, and waits for the client to close.
///
/// Closing first would reset the connection when more of the request comes, and take the answer with it.
async fn refuse_plain(tcp: &mut TcpStream) -> io::Result<()> {
    tcp.write_all(USE_HTTPS).await?;
    tcp.shutdown().await?;
    let mut rest = [0; 1024];
    while tcp.read(&mut rest).await? > 0 {}
    Ok(())
}

async fn watch(certificate: Arc<Certificate>, mut followed: Followed) {
    loop {
        tokio::time::sleep(WATCH_INTERVAL).await;
        let certificate = Arc::clone(&certificate);
        // Files may lie on a network: they are read beside the runtime.
        let look = tokio::task::spawn_blocking(move || {
            let news = certificate.refresh(&mut followed);
            (followed, news)
        });
        let news = match look.await {
            Ok((seen, news)) => {
                followed = seen;
                news
            }
            Err(error) => {
                tracing::error!(%error, "the certificate is no longer followed");
                return std::future::pending().await;
            }
        };
        match news {
            None => {}
            Some(News::Replaced(path)) => {
                tracing::info!(path = %path.display(), "new certificate in force");
            }
            Some(News::Trouble(error)) => {
                tracing::warn!(error, "the certificate has changed and can't be used, the old one stays");
            }
        }
    }
}

#[cfg(test)]
mod tests;
