//! From an origin to the socket addresses that may be connected to.

mod txt;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::system_conf::read_system_conf;
use tokio::runtime::Handle;

use crate::error::UpstreamError;
use crate::guard::AddressGuard;
use crate::origin::Origin;

pub use txt::TxtError;

/// Resolves names, and lets only permitted addresses out.
///
/// The caller connects to exactly what is returned here: nothing is resolved a second time, so an answer
/// that changes in between (DNS rebinding) changes nothing.
///
/// May be asked from any runtime. The queries run on the one it was made on: all askers share their sockets,
/// which must neither end with one worker nor wait for it while it is busy.
pub struct Resolver {
    guard: AddressGuard,
    fixed: HashMap<(String, u16), SocketAddr>,
    dns: Arc<TokioResolver>,
    /// Keeps no answer: who asks for a TXT record wants to know whether it is there now.
    txt: Arc<TokioResolver>,
    runtime: Handle,
}

impl Resolver {
    /// Returns a resolver that asks `dns_server`, or the system's servers when it is `None`.
    ///
    /// `fixed` maps (lower-case host, port) to the address the operator chose for it, unguarded. To be called
    /// on the control runtime, which outlives the workers: queries run there.
    ///
    /// # Errors
    /// Fails outside a runtime, or when the resolver can't be set up.
    pub fn new(
        guard: AddressGuard,
        fixed: HashMap<(String, u16), SocketAddr>,
        dns_server: Option<SocketAddr>,
    ) -> io::Result<Self> {
        let (servers, mut options) = name_servers(dns_server);
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        let dns = build(servers.clone(), options.clone())?;
        options.cache_size = 0;
        let txt = build(servers, options)?;
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        Ok(Self { guard, fixed, dns, txt, runtime })
    }

    /// Returns the addresses `origin` may be connected at, in the order to try them; never empty.
    ///
    /// # Errors
    /// Fails when the name has no address, or none that is permitted.
    pub async fn resolve(&self, origin: &Origin) -> Result<Vec<SocketAddr>, UpstreamError> {
        if let Some(fixed) = self.fixed.get(&(origin.host().to_owned(), origin.port())) {
            return Ok(vec![*fixed]);
        }
        let found = match origin.address() {
            Some(address) => vec![address],
            None if is_localhost(origin.host()) => {
                vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
            }
            None => self.look_up(origin.host()).await?,
        };
        let permitted: Vec<SocketAddr> = found
            .iter()
            .filter(|address| self.guard.permits(**address))
            .map(|address| SocketAddr::new(*address, origin.port()))
            .collect();
        match found.first() {
            Some(forbidden) if permitted.is_empty() => Err(UpstreamError::ForbiddenAddress(*forbidden)),
            Some(_) => Ok(permitted),
            None => Err(UpstreamError::Dns(io::ErrorKind::NotFound.into())),
        }
    }

    /// Returns the TXT records of `name` as they are now, each with its strings joined; never empty.
    ///
    /// Aliases are followed. Bytes that are not UTF-8 come as replacement characters. Takes ten seconds at most.
    ///
    /// # Errors
    /// Fails when there is no such record, which [`TxtError::is_permanent`] tells, or when nobody could say.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, TxtError> {
        let name = txt::absolute(name)?;
        let dns = Arc::clone(&self.txt);
        let lookup = self.runtime.spawn(async move { txt::look_up(&dns, name).await });
        lookup.await.map_err(|error| TxtError::Failed(error.into()))?
    }

    async fn look_up(&self, host: &str) -> Result<Vec<IpAddr>, UpstreamError> {
        // The final dot keeps the machine's search domains out of it.
        let name = format!("{host}.");
        let dns = Arc::clone(&self.dns);
        // Not stopped when nobody waits any more: it has deadlines of its own, and the next call has its answer.
        let lookup = self.runtime.spawn(async move { dns.lookup_ip(name).await });
        let answer = lookup.await.map_err(|error| UpstreamError::Dns(error.into()))?;
        let answer = answer.map_err(|error| UpstreamError::Dns(io::Error::other(error)))?;
        Ok(answer.iter().collect())
    }
}

/// RFC 6761: these names are this machine, whatever a server says.
fn is_localhost(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// Returns whom to ask and how: `dns_server`, or as the system says.
fn name_servers(dns_server: Option<SocketAddr>) -> (ResolverConfig, ResolverOpts) {
    let Some(server) = dns_server else {
        return read_system_conf().unwrap_or_else(|error| {
            tracing::warn!(%error, "no usable system resolver configuration; only fixed names resolve");
            (ResolverConfig::from_name_servers(Vec::new()), ResolverOpts::default())
        });
    };
    (only(server), ResolverOpts::default())
}

fn build(servers: ResolverConfig, options: ResolverOpts) -> io::Result<Arc<TokioResolver>> {
    let builder = TokioResolver::builder_with_config(servers, TokioRuntimeProvider::default());
    builder.with_options(options).build().map(Arc::new).map_err(io::Error::other)
}

fn only(server: SocketAddr) -> ResolverConfig {
    let mut name_server = NameServerConfig::udp_and_tcp(server.ip());
    for connection in &mut name_server.connections {
        connection.port = server.port();
    }
    ResolverConfig::from_name_servers(vec![name_server])
}

#[cfg(test)]
mod tests;
