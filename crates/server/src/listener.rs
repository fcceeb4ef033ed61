//! The sockets that calls come in by, with what they shake hands with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;

use anyhow::{Context, Result};
use gatehouse_config::{ApiConfig, GatewayConfig};
use gatehouse_tls::{Acceptor, Files};
use tokio::net::{TcpListener, TcpSocket};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 4096;

/// A socket that is listened on.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    /// None when the listener is plain.
    pub(crate) tls: Option<Tls>,
}

/// What a listener with a certificate has.
pub(crate) struct Tls {
    pub(crate) acceptor: Acceptor,
    /// Follows the files of the certificate; never ends.
    pub(crate) watch: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Listener {
    /// Listens as `[gateway]` says.
    pub(crate) fn of_gateway(config: &GatewayConfig) -> Result<Self> {
        Self::open("gateway", config.listen, files(&config.tls_cert, &config.tls_key))
    }

    /// Listens as `[api]` says.
    pub(crate) fn of_api(config: &ApiConfig) -> Result<Self> {
        Self::open("api", config.listen, files(&config.tls_cert, &config.tls_key))
    }

    fn open(section: &str, address: SocketAddr, files: Option<Files>) -> Result<Self> {
        let tls = files.map(Tls::load).transpose();
        let tls = tls.with_context(|| format!("can't use `{section}.tls_cert` and `{section}.tls_key`"))?;
        let socket =
            listen(address).with_context(|| format!("can't listen on {address} (`{section}.listen`)"))?;
        Ok(Self { socket, tls })
    }

    /// Returns the URL under which clients on this machine reach the listener.
    pub(crate) fn url(&self) -> Result<String> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{}", self.socket.local_addr()?))
    }
}

impl Tls {
    fn load(files: Files) -> Result<Self> {
        let (acceptor, watch) = Acceptor::load(files)?;
        Ok(Self { acceptor, watch: Box::pin(watch) })
    }
}

/// Returns the files of a certificate; the configuration has both of them or none.
fn files(certificate: &Option<PathBuf>, key: &Option<PathBuf>) -> Option<Files> {
    let (certificate, key) = certificate.clone().zip(key.clone())?;
    Some(Files { certificate, key })
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket.listen(BACKLOG)?)
}
