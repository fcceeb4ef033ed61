//! Where calls go: origins with what is known of them, remembered by the text that named them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use gatehouse_config::{Config, HostPort};
use gatehouse_upstream::{AddressGuard, Origin, TargetError};
use gatehouse_wire::{Provider, ProviderTable};
use http::HeaderValue;
use parking_lot::Mutex;

/// How many targets a worker remembers; beyond that it starts anew.
const REMEMBERED_TARGETS: usize = 1024;
/// Longer targets than this many bytes are read anew each time.
const LONGEST_REMEMBERED: usize = 256;

/// Where calls with one and the same target go.
pub(crate) struct Target {
    pub(crate) origin: Arc<Origin>,
    pub(crate) provider: Option<Arc<Provider>>,
    /// The provider's name, or the authority of an unknown one.
    pub(crate) name: Arc<str>,
    /// Whether nothing limits calls to it: a known provider, or an address that the operator allowed.
    pub(crate) is_approved: bool,
    /// The address that its text itself names, where nothing may connect to it.
    pub(crate) forbidden: Option<IpAddr>,
}

impl Target {
    /// Returns the target of calls to a provider.
    pub(crate) fn known(origin: Origin, provider: Arc<Provider>) -> Self {
        let name = Arc::clone(&provider.name);
        Self { origin: Arc::new(origin), provider: Some(provider), name, is_approved: true, forbidden: None }
    }
}

/// What decides about a target besides its text.
pub(crate) struct Surroundings<'a> {
    pub(crate) config: &'a Config,
    pub(crate) providers: &'a ProviderTable,
}

impl Surroundings<'_> {
    fn target(&self, text: &str) -> Result<Target, TargetError> {
        let origin = Origin::parse(text, self.config.upstream.allow_http)?;
        let port = origin.authority().port_u16();
        if let Some(provider) = self.providers.by_host(origin.host(), port) {
            return Ok(Target::known(origin, Arc::clone(provider)));
        }
        let name = origin.authority().as_str().into();
        let guard = AddressGuard::new(self.config.upstream.allow_private.clone());
        let addresses = literal_addresses(&origin);
        let is_approved = addresses.iter().any(|address| guard.allows(*address));
        let is_permitted = addresses.iter().any(|address| guard.permits(*address));
        let forbidden = addresses.first().filter(|_| !is_permitted && !self.is_pinned(&origin)).copied();
        Ok(Target { origin: Arc::new(origin), provider: None, name, is_approved, forbidden })
    }

    /// Returns whether the operator chose the address of `origin`.
    fn is_pinned(&self, origin: &Origin) -> bool {
        let place = HostPort { host: origin.host().to_owned(), port: origin.port() };
        self.config.upstream.resolve.contains_key(&place)
    }
}

/// The addresses that the target's text itself names, as they are connected to; of names only `localhost` does.
fn literal_addresses(origin: &Origin) -> Vec<IpAddr> {
    let is_localhost = origin.host() == "localhost" || origin.host().ends_with(".localhost");
    match origin.address() {
        Some(address) => vec![address],
        None if is_localhost => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        None => Vec::new(),
    }
}

/// The targets a worker has seen, by the bytes that named them: most calls repeat one of a few.
#[derive(Default)]
pub(crate) struct TargetCache(Mutex<HashMap<HeaderValue, Arc<Target>>>);

impl TargetCache {
    /// Returns the target that `value` names, which is not UTF-8 where the result is `None`.
    ///
    /// # Errors
    /// Fails when it names none.
    pub(crate) fn find(
        &self,
        value: &HeaderValue,
        surroundings: &Surroundings<'_>,
    ) -> Option<Result<Arc<Target>, TargetError>> {
        if let Some(known) = self.0.lock().get(value) {
            return Some(Ok(Arc::clone(known)));
        }
        let text = std::str::from_utf8(value.as_bytes()).ok()?;
        Some(surroundings.target(text).map(|target| {
            let target = Arc::new(target);
            self.remember(value, &target);
            target
        }))
    }

    fn remember(&self, value: &HeaderValue, target: &Arc<Target>) {
        if value.len() > LONGEST_REMEMBERED {
            return;
        }
        // A copy: the value itself is a part of the buffer that the whole head was read into.
        let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else { return };
        let mut targets = self.0.lock();
        if targets.len() >= REMEMBERED_TARGETS {
            targets.clear();
        }
        targets.insert(value, Arc::clone(target));
    }
}
