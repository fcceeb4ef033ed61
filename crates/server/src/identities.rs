//! How the provider of identities is reached, at which people sign in.
//!
//! The operator named it, so that it may be anywhere, in a private network too; nothing that a caller sends decides
//! where these calls go.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use gatehouse_api::{IdentityTransport, ProviderAnswer, ProviderCall, ProviderCalling, Unreachable};
use gatehouse_config::Config;
use gatehouse_upstream::{AddressGuard, Fetcher, Resolver};
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use tokio_util::task::TaskTracker;

use crate::process::{connector, fixed_addresses};

/// How long one call may take, and connecting as part of it.
const TIMEOUT: Duration = Duration::from_secs(8);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of an answer.
const MAX_ANSWER_BYTES: usize = 256 << 10;
const AGENT: &str = concat!("Gatehouse/", env!("CARGO_PKG_VERSION"));

/// What calls the provider of identities.
struct Transport(Fetcher);

/// Returns what calls the provider of identities, if one is configured.
pub(crate) fn transport(config: &Config) -> Result<Option<Arc<dyn IdentityTransport>>> {
    if config.sign_in.oidc.issuer.is_none() {
        return Ok(None);
    }
    let everywhere = vec![
        IpNet::V4(Ipv4Net::new(Ipv4Addr::UNSPECIFIED, 0)?),
        IpNet::V6(Ipv6Net::new(Ipv6Addr::UNSPECIFIED, 0)?),
    ];
    let guard = AddressGuard::new(everywhere);
    let resolver = Resolver::new(guard, fixed_addresses(&config.upstream), config.upstream.dns_server);
    let resolver = Arc::new(resolver.context("can't set up name resolution")?);
    let connector = Arc::new(connector(config, resolver, CONNECT_TIMEOUT)?);
    let fetcher = Fetcher::new(connector, TIMEOUT, MAX_ANSWER_BYTES, TaskTracker::new());
    Ok(Some(Arc::new(Transport(fetcher))))
}

impl Transport {
    async fn fetch(&self, call: &ProviderCall) -> Result<ProviderAnswer, Unreachable> {
        let request = request(call).ok_or_else(|| Unreachable("the call is none".to_owned()))?;
        let fetched = self.0.fetch(request).await.map_err(|error| Unreachable(error.to_string()))?;
        Ok(ProviderAnswer { status: fetched.status.as_u16(), body: fetched.body })
    }
}

impl IdentityTransport for Transport {
    fn call<'a>(&'a self, call: &'a ProviderCall) -> ProviderCalling<'a> {
        Box::pin(self.fetch(call))
    }
}

fn request(call: &ProviderCall) -> Option<Request<Bytes>> {
    let mut request = Request::builder()
        .uri(&call.url)
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .header(USER_AGENT, HeaderValue::from_static(AGENT));
    if let Some(authorization) = &call.authorization {
        let mut value = HeaderValue::try_from(authorization.expose().as_str()).ok()?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    let Some(form) = &call.form else { return request.body(Bytes::new()).ok() };
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.method("POST").header(CONTENT_TYPE, form_type).body(Bytes::from(form.expose().clone())).ok()
}
