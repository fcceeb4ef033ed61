//! Which of our hosts was called: `<label>.<public domain>`, or any other name or address.
//!
//! The labels are Helicone's; a label `eu` beside them, Helicone's region, makes no difference here.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_upstream::Origin;
use gatehouse_wire::{AuthScheme, Dedicated, Provider, ProviderTable};
use http::header::HOST;
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};

use crate::targets::Target;

/// What stands before a label in a path.
const PATH_PREFIX: &str = "/v1/gateway/";

/// Which label stands before a public domain.
#[derive(Clone)]
pub(crate) enum Door {
    /// None, or `gateway`, or the host is not of a public domain: a header says where the call goes.
    Open,
    /// A provider's.
    Dedicated(Arc<DedicatedDoor>),
    /// `api`, `api.worker`: the REST API.
    Api,
    /// A host of Helicone's that is not served here yet.
    NotBuilt(&'static str),
    /// One that nothing is known of.
    Unknown,
}

/// A host that leads to one provider.
pub(crate) struct DedicatedDoor {
    pub(crate) host: Dedicated,
    pub(crate) provider: Arc<Provider>,
    /// Where calls go; `None` where the path names the region.
    pub(crate) target: Option<Arc<Target>>,
}

/// Every host of ours.
pub(crate) struct Doors {
    domains: Vec<String>,
    dedicated: HashMap<String, Arc<DedicatedDoor>>,
}

impl Doors {
    /// Returns the doors under `domains` (lower case) to the providers of `table`.
    pub(crate) fn new(domains: &[String], table: &ProviderTable) -> Self {
        let mut dedicated = HashMap::new();
        for provider in table.rows() {
            let Some(host) = &provider.dedicated else { continue };
            let target = Origin::parse(&host.origin, false)
                .ok()
                .filter(|_| !host.origin.contains('*'))
                .map(|origin| Arc::new(Target::known(origin, Arc::clone(provider))));
            let door = DedicatedDoor { host: host.clone(), provider: Arc::clone(provider), target };
            dedicated.entry(host.label.clone()).or_insert_with(|| Arc::new(door));
        }
        let mut domains = domains.to_vec();
        // Of a domain and one below it, the lower one is meant.
        domains.sort_by_key(|domain| std::cmp::Reverse(domain.len()));
        Self { domains, dedicated }
    }

    /// Returns the door that a call came through.
    pub(crate) fn of(&self, head: &Parts) -> Door {
        let host = match head.uri.authority() {
            Some(authority) => authority.as_str(),
            None => head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default(),
        };
        let Some(labels) = self.labels(host) else { return Door::Open };
        let labels = labels.to_ascii_lowercase();
        let mut own = labels.split('.').filter(|label| *label != "eu");
        let (Some(label), second, None) = (own.next(), own.next(), own.next()) else {
            return if labels == "eu" { Door::Open } else { Door::Unknown };
        };
        match (label, second) {
            ("gateway", None) => Door::Open,
            ("api", None | Some("worker")) => Door::Api,
            ("ai-gateway", None) => Door::NotBuilt("ai-gateway"),
            ("generate", None) => Door::NotBuilt("generate"),
            (label, None) => match self.dedicated.get(label) {
                Some(door) => Door::Dedicated(Arc::clone(door)),
                None => Door::Unknown,
            },
            _ => Door::Unknown,
        }
    }

    /// Returns the door that `/v1/gateway/{label}/rest` names, with `/rest`: for a gateway that has no name.
    ///
    /// Helicone's self-hosted server takes calls under such paths.
    pub(crate) fn by_path(&self, uri: &Uri) -> Option<(Door, Uri)> {
        let path = uri.path_and_query()?.as_str().strip_prefix(PATH_PREFIX)?;
        let (label, _) = path.split_once('/')?;
        let door = self.dedicated.get(label)?;
        let rest = path.strip_prefix(label)?;
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
        Some((Door::Dedicated(Arc::clone(door)), Uri::from_parts(parts).ok()?))
    }

    /// Returns what stands before the public domain in `host`, which may have a port and a trailing dot.
    fn labels<'a>(&self, host: &'a str) -> Option<&'a str> {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        let labels = self.domains.iter().find_map(|domain| {
            let end = name.len().checked_sub(domain.len())?;
            let (before, found) = name.split_at_checked(end)?;
            let is_under = before.is_empty() || before.ends_with('.');
            (is_under && found.eq_ignore_ascii_case(domain)).then_some(before)
        });
        labels?.strip_suffix('.').filter(|labels| !labels.is_empty())
    }

    /// Returns every label of a dedicated host, in alphabetical order.
    pub(crate) fn names(&self) -> String {
        let mut names: Vec<&str> = self.dedicated.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.join(", ")
    }
}

impl DedicatedDoor {
    /// Returns whether the gateway signs calls through this door.
    pub(crate) fn signs(&self) -> bool {
        self.provider.auth == AuthScheme::Sigv4
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn check(domains: &[&str], host: &str, expected: &str) {
        let table = ProviderTable::new(Vec::new()).unwrap();
        let domains: Vec<String> = domains.iter().map(ToString::to_string).collect();
        let (head, ()) = Request::builder().header(HOST, host).body(()).unwrap().into_parts();
        let found = match Doors::new(&domains, &table).of(&head) {
            Door::Open => "open",
            Door::Dedicated(door) => door.provider.name.to_string().leak(),
            Door::Api => "api",
            Door::NotBuilt(label) => label,
            Door::Unknown => "unknown",
        };
        assert_eq!(found, expected, "{host}");
    }

    #[test]
    fn knows_what_stands_before_the_longest_domain() {
        for domains in [["corp.example", "llm.corp.example"], ["llm.corp.example", "corp.example"]] {
            check(&domains, "oai.corp.example", "OPENAI");
            check(&domains, "oai.llm.corp.example:80", "OPENAI");
            check(&domains, "api.llm.corp.example", "api");
            check(&domains, "llm.corp.example", "open");
            check(&domains, "corp.example.", "open");
            check(&domains, "oai.xllm.corp.example", "unknown");
            check(&domains, "oai.xcorp.example", "open");
            check(&domains, ".llm.corp.example", "open");
        }
    }
}
