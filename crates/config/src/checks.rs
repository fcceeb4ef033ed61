//! Checks that concern more than one key.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::Config;
use crate::problem::{Place, Problem};
use crate::units::write_bytes;

/// Two keys that do not fit together, and why.
struct Conflict {
    /// The key to blame first, then the other.
    keys: [&'static str; 2],
    message: String,
}

/// Returns a problem for all keys that do not fit together and have no problem of their own.
pub(crate) fn run(
    config: &Config,
    places: &BTreeMap<&'static str, Place>,
    problems: &[Problem],
) -> Vec<Problem> {
    let refused = |key: &str| problems.iter().any(|problem| problem.key == Some(key));
    let conflicts = [
        listeners(config),
        journal_disk(config),
        journal_queue(config),
        half_of_tls(
            ["gateway.tls_cert", "gateway.tls_key"],
            &config.gateway.tls_cert,
            &config.gateway.tls_key,
        ),
        half_of_tls(["api.tls_cert", "api.tls_key"], &config.api.tls_cert, &config.api.tls_key),
        identities_half_named(config),
        identities_lead_nowhere(config),
    ];
    conflicts
        .into_iter()
        .flatten()
        .filter(|conflict| !conflict.keys.iter().any(|key| refused(key)))
        .map(|Conflict { keys, message }| {
            let set = keys.iter().find_map(|key| places.get(key).map(|place| (*key, place.clone())));
            let (key, place) = set.unwrap_or((keys[0], Place::Default));
            Problem { place, key: Some(key), message }
        })
        .collect()
}

/// The gateway shares its port between threads, so that the system would not refuse a second listener on it.
fn listeners(config: &Config) -> Option<Conflict> {
    let (gateway, api) = (config.gateway.listen, config.api.listen);
    let same =
        gateway.port() == api.port() && gateway.port() != 0 && (covers(gateway, api) || covers(api, gateway));
    same.then(|| Conflict {
        keys: ["api.listen", "gateway.listen"],
        message: format!(
            "`gateway.listen` {gateway} and `api.listen` {api} overlap; expected two different ports"
        ),
    })
}

/// Returns whether a listener on `one` also takes connections to `other`, ports aside.
fn covers(one: SocketAddr, other: SocketAddr) -> bool {
    one.ip() == other.ip() || (one.ip().is_unspecified() && (one.is_ipv6() || other.is_ipv4()))
}

fn journal_disk(config: &Config) -> Option<Conflict> {
    let (disk, segment) = (config.journal.max_disk_bytes, config.journal.segment_bytes);
    (disk < segment.saturating_mul(2)).then(|| Conflict {
        keys: ["journal.max_disk_bytes", "journal.segment_bytes"],
        message: format!(
            "`journal.max_disk_bytes` is {}; expected at least two segments of `journal.segment_bytes`, {} each",
            write_bytes(disk),
            write_bytes(segment)
        ),
    })
}

fn journal_queue(config: &Config) -> Option<Conflict> {
    let (queue, body) = (config.journal.max_queued_bytes, config.gateway.max_buffered_body_bytes);
    (queue < body.saturating_mul(2)).then(|| Conflict {
        keys: ["journal.max_queued_bytes", "gateway.max_buffered_body_bytes"],
        message: format!(
            "`journal.max_queued_bytes` is {}; expected at least two bodies of \
             `gateway.max_buffered_body_bytes`, {} each",
            write_bytes(queue),
            write_bytes(body)
        ),
    })
}

/// A listener speaks TLS with both files or not at all: one of them alone is a mistake, never plain HTTP.
fn half_of_tls(
    [cert_name, key_name]: [&'static str; 2],
    cert: &Option<PathBuf>,
    key: &Option<PathBuf>,
) -> Option<Conflict> {
    let (set, missing) = match (cert, key) {
        (Some(_), None) => (cert_name, key_name),
        (None, Some(_)) => (key_name, cert_name),
        _ => return None,
    };
    Some(Conflict {
        keys: [set, missing],
        message: format!("`{set}` is set and `{missing}` is not; expected both or neither"),
    })
}

/// A provider of identities and what it calls us go together.
fn identities_half_named(config: &Config) -> Option<Conflict> {
    const ISSUER: &str = "sign_in.oidc.issuer";
    const CLIENT: &str = "sign_in.oidc.client_id";
    let oidc = &config.sign_in.oidc;
    let (set, missing) = match (&oidc.issuer, oidc.client_id.as_str()) {
        (Some(_), "") => (ISSUER, CLIENT),
        (Some(_), _) | (None, "") => return None,
        (None, _) => (CLIENT, ISSUER),
    };
    let message = format!("`{set}` is set and `{missing}` is not; expected both or neither");
    Some(Conflict { keys: [set, missing], message })
}

/// Where a provider of identities sends browsers back to is never taken from what a browser says.
fn identities_lead_nowhere(config: &Config) -> Option<Conflict> {
    let leads_nowhere = config.sign_in.oidc.issuer.is_some() && config.sign_in.public_url.is_none();
    leads_nowhere.then(|| Conflict {
        keys: ["sign_in.oidc.issuer", "sign_in.public_url"],
        message: "`sign_in.oidc.issuer` is set and `sign_in.public_url` is not; expected the URL that the provider \
                  sends browsers back to"
            .to_owned(),
    })
}
