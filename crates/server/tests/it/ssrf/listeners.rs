//! Listeners on every address of the network, which note who was called.

use std::net::Ipv6Addr;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::*;
use crate::support::DEADLINE;

/// Where the listeners redirect to.
pub(super) const LOCATION: &str = "http://169.254.169.254/latest/meta-data/";
/// The ports that are listened on.
const PORTS: [u16; 8] = [22, 25, 80, 443, 6379, 8080, 8443, 11434];
/// The first byte of a connection with TLS.
const HANDSHAKE: u8 = 0x16;

/// Listeners on some ports of all addresses.
///
/// They hang up on TLS. A request without it is answered with the status in its path, 200 where there is none,
/// and a redirection to [`LOCATION`].
pub(super) struct Listeners {
    connections: Arc<Mutex<Vec<SocketAddr>>>,
    _tasks: JoinSet<()>,
}

impl Listeners {
    /// Starts to listen.
    pub(super) async fn start() -> Result<Self> {
        let connections = Arc::<Mutex<Vec<SocketAddr>>>::default();
        let mut tasks = JoinSet::new();
        for port in PORTS {
            // This takes IPv4 too.
            let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await;
            let listener = listener.with_context(|| format!("listen on port {port}"))?;
            tasks.spawn(serve(listener, Arc::clone(&connections)));
        }
        Ok(Self { connections, _tasks: tasks })
    }

    /// Connects to each port of `address` and fails unless a listener is there.
    pub(super) async fn expect_reached(&self, address: IpAddr) -> Result<()> {
        for port in PORTS {
            let called = SocketAddr::new(address, port);
            let stream = tokio::time::timeout(DEADLINE, TcpStream::connect(called)).await?;
            let there = stream.with_context(|| format!("connect to {called}"))?.peer_addr()?;
            self.expect_connections(&[canonical(there)]).await?;
        }
        Ok(())
    }

    /// Fails if a connection to `address` can be opened.
    pub(super) async fn expect_unreachable(&self, address: IpAddr) -> Result<()> {
        let stream = tokio::time::timeout(DEADLINE, TcpStream::connect((address, 443))).await?;
        ensure!(stream.is_err(), "{address} can be connected to: let it be listened on");
        self.expect_connections(&[]).await
    }

    /// Fails unless these connections, and no others, were opened since the last time.
    pub(super) async fn expect_connections(&self, expected: &[SocketAddr]) -> Result<()> {
        // A listener accepts in order: when it has this connection, it has all earlier ones.
        let marks = PORTS.map(|port| SocketAddr::from((MARK, port)));
        for mark in marks {
            let mut stream = TcpStream::connect(mark).await.context("connect to a listener")?;
            stream.write_all(&[HANDSHAKE]).await?;
            let end = tokio::time::timeout(DEADLINE, stream.read(&mut [0])).await?;
            ensure!(matches!(end, Ok(0) | Err(_)), "a listener answered {end:?}");
        }
        let mut found = std::mem::take(&mut *self.connections.lock());
        let all = found.len();
        found.retain(|address| !marks.contains(address));
        ensure!(all == found.len() + marks.len(), "a listener takes no connections");
        ensure!(found == expected, "connections to {found:?}, expected {expected:?}");
        Ok(())
    }
}

/// The public address by which the test itself calls the listeners.
const MARK: [u8; 4] = [9, 9, 9, 9];

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Notes and answers every connection.
async fn serve(listener: TcpListener, connections: Arc<Mutex<Vec<SocketAddr>>>) {
    let mut answers = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        if let Ok(called) = stream.local_addr() {
            connections.lock().push(canonical(called));
        }
        answers.spawn(answer(stream));
    }
}

async fn answer(mut stream: TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.first() != Some(&HANDSHAKE) {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    if head.first() == Some(&HANDSHAKE) {
        return;
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split(' ').nth(1).unwrap_or_default();
    let status: u16 = path.trim_start_matches('/').parse().unwrap_or(200);
    let answer = format!(
        "HTTP/1.1 {status} Test\r\nLocation: {LOCATION}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    // Whoever called may be gone.
    drop(stream.write_all(answer.as_bytes()).await);
}
