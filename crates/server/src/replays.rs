//! How logged calls are sent again: to the gateway's own listener, as any client on this machine does.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use gatehouse_api::{ReplayTransport, Replaying, Unreachable};
use gatehouse_config::Config;
use gatehouse_upstream::{AddressGuard, Origin, PoolLimits, Resolver, Upstream};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use ipnet::IpNet;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use crate::listener::Listener;
use crate::process::{connector, fixed_addresses};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// As many as are sent again at once.
const CONNECTIONS: usize = 32;
const IDLE_CONNECTIONS: usize = 2;
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
/// Most header fields of an answer: the provider's and the gateway's own.
const MAX_ANSWER_HEADERS: usize = 500;

/// What calls the gateway.
struct Transport {
    upstream: Upstream<Full<Bytes>>,
    gateway: Arc<Origin>,
}

/// Returns what calls the gateway; none where its listener speaks TLS: its certificate is for its public name, and
/// nothing says under which address of this machine that name is to be called.
pub(crate) fn transport(config: &Config, gateway: &Listener) -> Result<Option<Arc<dyn ReplayTransport>>> {
    if gateway.tls.is_some() {
        return Ok(None);
    }
    let address = reachable(gateway.socket.local_addr()?);
    let origin = Origin::parse(&format!("http://{address}"), true);
    let origin = origin.with_context(|| format!("can't call the gateway at {address}"))?;
    let guard = AddressGuard::new(vec![IpNet::from(address.ip())]);
    let resolver = Resolver::new(guard, fixed_addresses(&config.upstream), config.upstream.dns_server);
    let resolver = Arc::new(resolver.context("can't set up name resolution")?);
    let connector = Arc::new(connector(config, resolver, CONNECT_TIMEOUT)?);
    let limits = PoolLimits {
        connections_per_origin: CONNECTIONS,
        idle_per_origin: IDLE_CONNECTIONS,
        idle_timeout: IDLE_TIMEOUT,
        max_headers: MAX_ANSWER_HEADERS,
    };
    let upstream = Upstream::new(connector, limits, TaskTracker::new());
    Ok(Some(Arc::new(Transport { upstream, gateway: Arc::new(origin) })))
}

/// A listener on every address of the machine is called at its loopback.
fn reachable(listener: SocketAddr) -> SocketAddr {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listener.port())
}

impl Transport {
    async fn send(&self, call: Request<Bytes>, answered: oneshot::Sender<u16>) -> Result<(), Unreachable> {
        let call = call.map(Full::new);
        let answer = self.upstream.send(&self.gateway, call).await;
        let answer = answer.map_err(|error| Unreachable(error.to_string()))?;
        let (head, mut rest) = answer.response.into_parts();
        // Who asked may be gone: the call is logged all the same.
        let _gone = answered.send(head.status.as_u16());
        while let Some(frame) = rest.frame().await {
            frame.map_err(|_| Unreachable("the answer broke off".to_owned()))?;
        }
        Ok(())
    }
}

impl ReplayTransport for Transport {
    fn send(&self, call: Request<Bytes>, answered: oneshot::Sender<u16>) -> Replaying<'_> {
        Box::pin(self.send(call, answered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_every_address_is_called_at_loopback() {
        for (listener, called) in [
            ("0.0.0.0:8787", "127.0.0.1:8787"),
            ("[::]:8787", "[::1]:8787"),
            ("10.0.0.5:80", "10.0.0.5:80"),
            ("[::1]:9", "[::1]:9"),
        ] {
            assert_eq!(reachable(listener.parse().unwrap()).to_string(), called);
        }
    }
}
