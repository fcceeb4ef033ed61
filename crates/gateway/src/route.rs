//! The second stage: where does this call go?

use std::sync::Arc;

use gatehouse_types::RequestId;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderValue, Method};

use crate::accept::Accepted;
use crate::doors::{DedicatedDoor, Door};
use crate::fallbacks::{self, Alternative};
use crate::headers;
use crate::local::LocalAnswer;
use crate::reject::{self, Refusal, Rejection};
use crate::targets::{Surroundings, Target};
use crate::worker::Worker;

/// Helicone's spelling of the headers that name a target, for messages.
const TARGET_URL: &str = "Helicone-Target-Url";
const API_BASE: &str = "Helicone-OpenAI-Api-Base";
const FALLBACKS: &str = "helicone-fallbacks";
/// What every delivery to a webhook has.
const DELIVERY: &str = "gatehouse-delivery";
/// What stands before the region in the path of a call to a provider with regions.
const REGION_PREFIX: &str = "/v1/";
/// How long the name of a region may be.
const LONGEST_REGION: usize = 32;

/// Where a call goes.
pub(crate) enum Route {
    /// To a provider.
    Provider(Routed),
    /// To the REST API.
    Api(Accepted),
    /// Nowhere: the gateway itself answers.
    Here(LocalAnswer),
}

/// A call whose target is known.
pub(crate) struct Routed {
    pub(crate) accepted: Accepted,
    pub(crate) target: Arc<Target>,
    /// Whether the provider takes the call only with a signature of ours.
    pub(crate) must_sign: bool,
    /// Where it may go otherwise; the first one is the target itself.
    pub(crate) fallbacks: Vec<Alternative>,
}

/// Where a call goes, before its dialect is known.
enum Place {
    Provider { target: Arc<Target>, must_sign: bool },
    Fallbacks(Vec<Alternative>),
    Api,
    Here(LocalAnswer),
}

/// Finds the target of a call.
///
/// # Errors
/// Refuses a head that is too large, a method that has no target, and a missing or invalid target.
pub(crate) fn route(worker: &Arc<Worker>, mut accepted: Accepted) -> Result<Route, Box<Rejection>> {
    match place_of(worker, &mut accepted) {
        Ok(Place::Provider { target, must_sign }) => {
            Ok(Route::Provider(Routed { accepted, target, must_sign, fallbacks: Vec::new() }))
        }
        Ok(Place::Fallbacks(fallbacks)) => {
            let Some(first) = fallbacks.first() else {
                return Err(reject::early(worker, accepted, None, Refusal::MissingTarget));
            };
            let target = Arc::clone(&first.target);
            Ok(Route::Provider(Routed { accepted, target, must_sign: false, fallbacks }))
        }
        Ok(Place::Api) => Ok(Route::Api(accepted)),
        Ok(Place::Here(answer)) => Ok(Route::Here(answer)),
        Err(refusal) => Err(reject::early(worker, accepted, None, refusal)),
    }
}

fn place_of(worker: &Worker, accepted: &mut Accepted) -> Result<Place, Refusal> {
    let limit = worker.shared.config.gateway.max_header_bytes;
    if accepted.call.control.total_bytes > limit {
        return Err(Refusal::HeadersTooLarge { limit });
    }
    if accepted.head.method == Method::CONNECT {
        return Err(Refusal::MethodNotAllowed);
    }
    // Its record would be told to the webhooks again, and so on without end.
    if accepted.head.headers.contains_key(DELIVERY) {
        return Err(Refusal::WebhookDelivery);
    }
    let mut door = worker.doors.of(&accepted.head);
    // `Helicone-OpenAI-Api-Base` is for such a path as for the host it stands for.
    if matches!(door, Door::Open)
        && accepted.call.control.target_url.is_none()
        && let Some((by_path, rest)) = worker.doors.by_path(&accepted.head.uri)
    {
        (door, accepted.head.uri) = (by_path, rest);
    }
    // A path of ours may be a provider's too: who names a target means the target's.
    let is_named = accepted.call.control.names_target() && !matches!(door, Door::Dedicated(_));
    let own_path = own_path(&accepted.head.method, accepted.head.uri.path()).filter(|_| !is_named);
    let place = match (door, own_path) {
        (Door::Api, _) => return Ok(Place::Api),
        (_, Some(own)) => return Ok(own),
        (Door::NotBuilt(label), None) => return Err(Refusal::NotBuilt { label }),
        (Door::Unknown, None) if !is_named => {
            return Err(Refusal::UnknownHost { labels: worker.doors.names() });
        }
        (Door::Dedicated(door), None) => through_dedicated(worker, accepted, &door)?,
        (Door::Open | Door::Unknown, None) => match accepted.call.control.features.get(FALLBACKS) {
            Some(value) => Place::Fallbacks(fallbacks::read(worker, value)?),
            None => Place::Provider { target: named_target(worker, accepted)?, must_sign: false },
        },
    };
    if headers::has_transfer_coding(&accepted.head.headers) {
        return Err(Refusal::TransferCoding);
    }
    Ok(place)
}

/// The paths that the gateway serves itself, whatever its host.
fn own_path(method: &Method, path: &str) -> Option<Place> {
    match (method, path) {
        (&Method::GET | &Method::HEAD, "/healthcheck") => Some(Place::Here(LocalAnswer::Healthy)),
        (&Method::POST | &Method::OPTIONS, "/v1/feedback") | (&Method::POST, "/v1/log") => Some(Place::Api),
        (&Method::POST, path) if takes_records(path) => Some(Place::Api),
        (&Method::POST | &Method::PUT, path) if annotates(path) => Some(Place::Api),
        _ => None,
    }
}

/// Whether calls that did not go through the gateway are logged under a path; some packages write a second slash
/// before it.
fn takes_records(path: &str) -> bool {
    let path = path.strip_prefix('/').filter(|rest| rest.starts_with('/')).unwrap_or(path);
    matches!(path, "/oai/v1/log" | "/anthropic/v1/log" | "/googleapis/v1/log" | "/custom/v1/log")
        || matches!(path, "/v1/trace/log" | "/v1/trace/log-python" | "/v1/trace/custom/v1/log")
        || matches!(path, "/v1/trace/custom/log" | "/v1/trace/custom/log/typed")
}

/// Whether something is added to a logged call under a path: `/v1/request/{id}/score` and the like.
fn annotates(path: &str) -> bool {
    let rest = path.strip_prefix("/v1/request/").and_then(|rest| rest.split_once('/'));
    rest.is_some_and(|(id, what)| {
        RequestId::parse(id).is_some() && matches!(what, "feedback" | "score" | "property")
    })
}

/// The target that a header names.
fn named_target(worker: &Worker, accepted: &Accepted) -> Result<Arc<Target>, Refusal> {
    let control = &accepted.call.control;
    let named = control.target_url.as_ref().map(|value| (TARGET_URL, value));
    let base = || control.api_base.as_ref().map(|value| (API_BASE, value));
    let (name, value) = named.or_else(base).ok_or(Refusal::MissingTarget)?;
    let target = find(worker, name, value)?;
    behind_callback(worker, accepted, target)
}

/// The target of a call through a provider's own host; what its path says beside the provider's is taken out.
fn through_dedicated(
    worker: &Worker,
    accepted: &mut Accepted,
    door: &DedicatedDoor,
) -> Result<Place, Refusal> {
    let path = accepted.head.uri.path();
    if let Some(home) = door.host.home.as_ref().filter(|_| path == "/" && accepted.head.method == Method::GET)
    {
        return Ok(Place::Here(LocalAnswer::MovedTo(home.clone())));
    }
    if let Some(prefix) = door.host.path_prefix.as_ref().filter(|prefix| !path.starts_with(prefix.as_str())) {
        return Err(Refusal::WrongPath { label: door.host.label.clone(), prefix: prefix.clone() });
    }
    let control = &accepted.call.control;
    let base = [(API_BASE, &control.api_base), (TARGET_URL, &control.target_url)]
        .into_iter()
        .filter(|_| door.host.takes_base)
        .find_map(|(name, value)| Some((name, value.as_ref()?)));
    if let Some((name, value)) = base {
        return Ok(Place::Provider { target: find(worker, name, value)?, must_sign: false });
    }
    if let Some(target) = &door.target {
        let target = behind_callback(worker, accepted, Arc::clone(target))?;
        return Ok(Place::Provider { target, must_sign: false });
    }
    let (region, rest) = split_region(&accepted.head.uri)?;
    let origin = door.host.origin.replace('*', &region);
    let origin = HeaderValue::try_from(origin).map_err(|_| Refusal::InvalidRegion)?;
    let target = find(worker, "region", &origin)?;
    accepted.head.uri = Uri::from(rest);
    Ok(Place::Provider { target, must_sign: door.signs() })
}

/// Splits `/v1/{region}/rest?query` into the region and `/rest?query`.
fn split_region(uri: &Uri) -> Result<(String, PathAndQuery), Refusal> {
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let after = path.strip_prefix(REGION_PREFIX).ok_or(Refusal::InvalidRegion)?;
    let (region, rest) = after.split_once('/').ok_or(Refusal::InvalidRegion)?;
    let is_region = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if region.is_empty() || region.len() > LONGEST_REGION || !region.bytes().all(is_region) {
        return Err(Refusal::InvalidRegion);
    }
    let rest = PathAndQuery::try_from(format!("/{rest}")).map_err(|_| Refusal::InvalidRegion)?;
    Ok((region.to_owned(), rest))
}

/// Where a provider that only passes calls on is told a callback, the callback's origin is the target.
fn behind_callback(
    worker: &Worker,
    accepted: &Accepted,
    target: Arc<Target>,
) -> Result<Arc<Target>, Refusal> {
    let header = target.provider.as_ref().and_then(|provider| provider.target_header.as_deref());
    match header.and_then(|name| accepted.head.headers.get(name)) {
        Some(callback) => find(worker, "callback", callback),
        None => Ok(target),
    }
}

fn find(worker: &Worker, name: &'static str, value: &HeaderValue) -> Result<Arc<Target>, Refusal> {
    let surroundings = Surroundings { config: &worker.shared.config, providers: &worker.shared.providers };
    let found = worker.targets.find(value, &surroundings).ok_or(Refusal::InvalidHeader { name })?;
    found.map_err(|error| Refusal::InvalidTarget { name, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_region_out_of_the_path_byte_for_byte() {
        let check = |path: &str, expected: Option<(&str, &str)>| {
            let found = split_region(&path.parse().unwrap()).ok();
            let found = found.as_ref().map(|(region, rest)| (region.as_str(), rest.as_str()));
            assert_eq!(found, expected, "{path}");
        };
        check("/v1/us-east-1/model/a%3Ab:0/invoke?x=%2F", Some(("us-east-1", "/model/a%3Ab:0/invoke?x=%2F")));
        check("/v1/us-east-1//model", Some(("us-east-1", "//model")));
        check("/v1/us-east-1/", Some(("us-east-1", "/")));
        check("/v1/us-east-1", None);
        check("/model/x/invoke", None);
        check("/v1//model", None);
        check("/v1/evil.tld/model", None);
        check("/v1/US-EAST-1/model", None);
        check(&format!("/v1/{}/model", "a".repeat(33)), None);
    }

    #[test]
    fn knows_its_own_paths_from_those_of_providers() {
        let check = |method: Method, path: &str, is_own: bool| {
            assert_eq!(matches!(own_path(&method, path), Some(Place::Api)), is_own, "{method} {path}");
        };
        let id = "0193a1d2-7c3e-7bbb-8000-1234567890ab";
        check(Method::POST, "/oai/v1/log", true);
        check(Method::POST, "//oai/v1/log", true);
        check(Method::POST, "///oai/v1/log", false);
        check(Method::GET, "/oai/v1/log", false);
        check(Method::POST, "/v1/trace/log-python", true);
        check(Method::POST, "/v1/trace/other", false);
        check(Method::POST, &format!("/v1/request/{id}/score"), true);
        check(Method::PUT, &format!("/v1/request/{id}/property"), true);
        check(Method::GET, &format!("/v1/request/{id}"), false);
        check(Method::POST, "/v1/request/query", false);
        check(Method::POST, "/v1/request/7/score", false);
    }
}
