use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use gatehouse_testkit::TestCa;
use gatehouse_testkit::client::connect_tls;
use rustls::{ClientConfig, HandshakeKind};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;

/// A listener with a certificate that `ca` signed for `localhost`.
struct Server {
    listener: TcpListener,
    acceptor: Acceptor,
    ca: TestCa,
    _directory: TempDir,
}

impl Server {
    async fn start() -> Result<Self> {
        let (directory, ca) = (tempfile::tempdir()?, TestCa::temporary()?);
        let leaf = ca.issue()?;
        let files =
            Files { certificate: directory.path().join("tls.crt"), key: directory.path().join("tls.key") };
        fs::write(&files.certificate, leaf.certificate)?;
        fs::write(&files.key, leaf.key)?;
        let (acceptor, _watch) = Acceptor::load(files)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        Ok(Self { listener, acceptor, ca, _directory: directory })
    }

    async fn accept(&self) -> Result<Result<TlsStream<TcpStream>, HandshakeError>> {
        let (tcp, _) = self.listener.accept().await?;
        Ok(self.acceptor.accept(tcp, |tcp| tcp).await)
    }

    /// Shakes hands with a client, has it read a byte, and returns both ends.
    async fn meet(
        &self,
        config: &Arc<ClientConfig>,
    ) -> Result<(TlsStream<TcpStream>, tokio_rustls::client::TlsStream<TcpStream>)> {
        let client = connect_tls(self.listener.local_addr()?, "localhost", Arc::clone(config));
        let (server, client) = tokio::join!(self.accept(), client);
        let (mut server, mut client) = (server??, client?);
        server.write_all(b"x").await?;
        server.flush().await?;
        ensure!(client.read_u8().await? == b'x', "another byte");
        Ok((server, client))
    }

    /// Has a client that is no more than TCP say `bytes`; returns the outcome and what it is answered.
    async fn meet_raw(&self, bytes: &[u8]) -> Result<(HandshakeError, String)> {
        let address = self.listener.local_addr()?;
        let client = async {
            let mut client = TcpStream::connect(address).await?;
            client.write_all(bytes).await?;
            let mut answer = Vec::new();
            // A reset, which says that not all was read, ends the answer as well.
            drop(client.read_to_end(&mut answer).await);
            Ok::<_, io::Error>(answer)
        };
        let (outcome, answer) = tokio::join!(self.accept(), client);
        let answer = String::from_utf8_lossy(&answer?).into_owned();
        let Err(error) = outcome? else { bail!("the handshake was finished") };
        Ok((error, answer))
    }
}

#[tokio::test]
async fn http2_is_agreed_on_before_http1() -> Result<()> {
    let server = Server::start().await?;
    for (offered, agreed) in
        [(&["http/1.1", "h2"][..], Some(b"h2".as_slice())), (&["http/1.1"], Some(b"http/1.1")), (&[], None)]
    {
        let (_, client) = server.meet(&server.ca.client_config(offered)?).await?;
        ensure!(client.get_ref().1.alpn_protocol() == agreed, "{offered:?}");
    }
    Ok(())
}

#[tokio::test]
async fn both_versions_are_spoken_and_sessions_are_resumed() -> Result<()> {
    let server = Server::start().await?;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_protocol_versions(&[version])?
                .with_root_certificates(roots(&server.ca)?)
                .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let config = Arc::new(config);
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let (_, client) = server.meet(&config).await?;
            let session = client.get_ref().1;
            ensure!(session.protocol_version() == Some(version.version), "{:?}", session.protocol_version());
            ensure!(session.handshake_kind() == Some(kind), "{:?}", session.handshake_kind());
        }
    }
    Ok(())
}

fn roots(ca: &TestCa) -> Result<rustls::RootCertStore> {
    use rustls::pki_types::pem::PemObject;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_slice(ca.pem().as_bytes())?)?;
    Ok(roots)
}

#[tokio::test]
async fn a_request_in_the_clear_is_told_to_use_tls() -> Result<()> {
    let server = Server::start().await?;
    let long = format!("POST / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(60_000));
    for request in ["GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &long] {
        let (error, answer) = server.meet_raw(request.as_bytes()).await?;
        ensure!(matches!(error, HandshakeError::NotTls), "{error:?}");
        let (head, body) = answer.split_once("\r\n\r\n").context("no head")?;
        ensure!(head.starts_with("HTTP/1.1 400 "), "{head}");
        ensure!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
        ensure!(body == "this port speaks TLS: use https\n", "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_neither_is_closed() -> Result<()> {
    let server = Server::start().await?;
    let (error, answer) = server.meet_raw(b"\0").await?;
    ensure!(matches!(error, HandshakeError::NotTls) && answer.is_empty(), "{error:?} {answer:?}");
    let (error, answer) = server.meet_raw(b"\x16\x03\x01\x00\x04\x02\x00\x00\x00").await?;
    ensure!(matches!(error, HandshakeError::Failed(_)), "{error:?} {answer:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_finish_is_given_up() -> Result<()> {
    let server = Server::start().await?;
    for begun in ["", "\x16", "\x16\x03\x01\x01\x00\x01", "GET / HTTP/1.1\r\n"] {
        let mut client = TcpStream::connect(server.listener.local_addr()?).await?;
        client.write_all(begun.as_bytes()).await?;
        let start = Instant::now();
        let outcome = server.accept().await?;
        ensure!(matches!(outcome, Err(HandshakeError::Timeout)), "{begun:?}: {:?}", outcome.err());
        ensure!(start.elapsed() >= HANDSHAKE_TIMEOUT, "given up after {:?}", start.elapsed());
    }
    Ok(())
}
