//! Accepting connections and handing them to HTTP/1.1 or HTTP/2.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::respond::Shared;
use super::transport::Transport;
use super::{h1, h2};

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What every task of a double holds.
#[derive(Debug, Clone)]
pub(super) struct House {
    pub(super) shared: Arc<Shared>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// Whose requests come over a connection.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) connection: u64,
    pub(super) sni: Option<String>,
}

/// Accepts connections until the double stops; with `tls` each begins with a handshake.
pub(super) async fn accept(house: House, listener: TcpListener, tls: Option<TlsAcceptor>) {
    loop {
        let accepted = tokio::select! {
            () = house.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A failed accept concerns a client that went away, or a limit on files that may pass.
        let Ok((tcp, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let task = serve(house.clone(), tcp, tls.clone());
        let stop = house.stop.clone();
        house.tasks.spawn(async move { stop.run_until_cancelled(task).await });
    }
}

async fn serve(house: House, tcp: TcpStream, tls: Option<TlsAcceptor>) {
    let connection = house.shared.next_connection();
    // Without it answers are only slower.
    drop(tcp.set_nodelay(true));
    let transport = match tls {
        None => Transport::Plain(tcp),
        Some(tls) => match tokio::time::timeout(HANDSHAKE, tls.accept(tcp)).await {
            Ok(Ok(stream)) => Transport::Tls(Box::new(stream)),
            // The client does not trust the double, or went away: its own error says so.
            Ok(Err(_)) | Err(_) => return,
        },
    };
    let origin = Origin { connection, sni: transport.server_name() };
    if transport.speaks_http2() {
        h2::serve(house, transport, origin).await;
    } else {
        h1::serve(&house.shared, transport, origin).await;
    }
}
