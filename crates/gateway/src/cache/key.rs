//! What a call's entries are named and sealed by, taken out of the call.

use bytes::Bytes;
use gatehouse_policy::cache::{CacheKey, CacheSettings, KeyParts, RequestBody};
use gatehouse_store::keys::key_in_header;
use gatehouse_types::OrganizationId;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_TYPE, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::blocking::off_thread;
use crate::credentials::Credential;
use crate::headers::CONTROL_PREFIX;
use crate::plan::Plan;
use crate::upload::Payload;

/// Headers with which a part of an answer is asked for, or none if it is the same as before.
const PARTIAL: [HeaderName; 6] =
    [RANGE, IF_RANGE, IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE];
/// What an answer depends on besides the body, the same for every provider.
const COMMON: [HeaderName; 5] =
    [ACCEPT, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_TYPE, HeaderName::from_static("prefer")];
/// A part of its name tells a header with a credential, also of a provider that nobody here knows.
const OF_CREDENTIALS: [&str; 7] = ["auth", "key", "token", "secret", "cookie", "credential", "password"];
/// And of one that only has such a part: SDKs make a new one up for each call.
const IDEMPOTENCY: &str = "idempotency";
/// The beginnings of names of headers that choose a version, a feature, a project or the like at a provider.
const OF_PROVIDERS: [&str; 8] = [
    "anthropic-",
    "openai-",
    "x-goog-user-project",
    "x-goog-request-params",
    "x-amzn-bedrock-",
    "x-ms-",
    "azureml-",
    "upstash-",
];
/// What is asked of the gateway that changes an answer, or decides whether there may be one.
const OF_OURS: [&str; 7] = [
    "helicone-fallbacks",
    "helicone-llm-security-advanced",
    "helicone-llm-security-enabled",
    "helicone-moderations-enabled",
    "helicone-prompt-security-enabled",
    "helicone-stream-force-format",
    "helicone-token-limit-exception-handler",
];

/// The caller's own keys as they came with the call: what is kept for the caller alone is sealed with them.
#[derive(Clone, Default)]
pub(crate) struct CallerSecret {
    key: Option<HeaderValue>,
    proxy_key: Option<HeaderValue>,
}

impl CallerSecret {
    /// Takes the keys of a call.
    pub(crate) fn of(key: Option<&Credential>, proxy_key: Option<&Credential>) -> Self {
        let value = |credential: Option<&Credential>| credential.map(|found| found.value.clone());
        Self { key: value(key), proxy_key: value(proxy_key) }
    }

    const fn is_empty(&self) -> bool {
        self.key.is_none() && self.proxy_key.is_none()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for value in [&self.key, &self.proxy_key] {
            let key = value.as_ref().map(|value| key_in_header(value.as_bytes())).unwrap_or_default();
            bytes.extend_from_slice(&(key.len() as u64).to_le_bytes());
            bytes.extend_from_slice(key);
        }
        bytes
    }
}

/// What goes into a call's key, apart from the call.
struct Parts {
    organization_id: OrganizationId,
    secret: Vec<u8>,
    origin: String,
    method: Method,
    path: String,
    query: Option<String>,
    body: Bytes,
    is_json: bool,
    settings: CacheSettings,
    credentials: Vec<(String, Vec<u8>)>,
    headers: Vec<(String, Vec<u8>)>,
}

/// Makes the key of a call; `None` for one that the cache has no answers for.
///
/// That is a call whose caller is not known, of another method than GET and POST, for a part of an answer or
/// under a condition, and one whose body was too large to be held.
///
/// `guards` are the names of those who are asked about it: what was let pass without them is none of its answers.
pub(super) async fn of(
    plan: &Plan,
    settings: &CacheSettings,
    guards: impl Iterator<Item = &str>,
) -> Option<CacheKey> {
    let caller = plan.caller.as_ref()?;
    let head = &plan.head;
    let is_plain = matches!(head.method, Method::GET | Method::POST)
        && !PARTIAL.iter().any(|name| head.headers.contains_key(name));
    let Payload::Held(body) = &plan.payload else { return None };
    // What is sealed with nobody's key would be everybody's.
    if !is_plain || caller.secret.is_empty() {
        return None;
    }
    let mut credentials = credentials(&head.headers);
    if let Some(grant) = &caller.grant {
        let id = grant.key.provider_key_id.as_uuid().as_bytes().to_vec();
        credentials.push(("provider-key".to_owned(), id));
        // A key that is replaced in the vault keeps its id.
        let extra = grant.key.extra_secret.as_ref().map(|extra| extra.expose());
        for secret in std::iter::once(grant.key.secret.expose()).chain(extra) {
            credentials.push(("provider-secret".to_owned(), secret.as_bytes().to_vec()));
        }
    }
    let mut headers = dependencies(&head.headers);
    headers.extend(guards.map(|name| ("guard".to_owned(), name.as_bytes().to_vec())));
    let parts = Parts {
        organization_id: caller.organization_id,
        secret: caller.secret.bytes(),
        origin: plan.target.origin.to_string(),
        method: head.method.clone(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        body: body.bytes().clone(),
        is_json: is_json(&head.headers),
        settings: settings.clone(),
        credentials,
        headers,
    };
    off_thread(body.bytes().len(), move || parts.key()).await
}

impl Parts {
    fn key(&self) -> CacheKey {
        let body = if self.is_json { RequestBody::Json(&self.body) } else { RequestBody::Bytes(&self.body) };
        CacheKey::of(&KeyParts {
            organization_id: self.organization_id,
            caller_secret: &self.secret,
            origin: &self.origin,
            method: self.method.as_str(),
            path: &self.path,
            query: self.query.as_deref(),
            body,
            seed: &self.settings.seed,
            ignored_keys: &self.settings.ignored_keys,
            credentials: &borrowed(&self.credentials),
            headers: &borrowed(&self.headers),
        })
    }
}

fn borrowed(pairs: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
}

/// A body that says nothing of itself is taken for JSON, if it is: nearly all are.
fn is_json(headers: &HeaderMap) -> bool {
    let says_json =
        |value: &HeaderValue| value.as_bytes().to_ascii_lowercase().windows(4).any(|part| part == b"json");
    !headers.contains_key(CONTENT_ENCODING) && headers.get(CONTENT_TYPE).is_none_or(says_json)
}

/// The headers that hold credentials at the provider, in the order of their names; a key in the query is in the
/// key as a part of it, and the caller's own key is one apart.
fn credentials(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let holds_one = |name: &str| {
        let is_told = OF_CREDENTIALS.iter().any(|part| name.contains(part)) && !name.contains(IDEMPOTENCY);
        is_told && !name.starts_with(CONTROL_PREFIX)
    };
    chosen(headers, holds_one)
}

/// The lines of the headers that are chosen by name, in the order of their names.
fn chosen(headers: &HeaderMap, is_chosen: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let mut names: Vec<&HeaderName> = headers.keys().filter(|name| is_chosen(name.as_str())).collect();
    names.sort_unstable_by_key(|name| name.as_str());
    let lines = |name: &HeaderName| {
        let line = |value: &HeaderValue| (name.as_str().to_owned(), value.as_bytes().to_vec());
        headers.get_all(name).iter().map(line).collect::<Vec<_>>()
    };
    names.into_iter().flat_map(lines).collect()
}

/// The headers that an answer depends on, in the order of their names.
fn dependencies(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let counts = |name: &str| {
        COMMON.iter().any(|common| common == name)
            || OF_PROVIDERS.iter().any(|beginning| name.starts_with(beginning))
            || OF_OURS.contains(&name)
    };
    let mut found = chosen(headers, counts);
    found.push((ACCEPT_ENCODING.as_str().to_owned(), codings(headers)));
    found
}

/// Which codings the client takes, in one order: an answer is kept as the provider coded it, and is for those
/// only who would have been sent it that way.
fn codings(headers: &HeaderMap) -> Vec<u8> {
    let is_zero = |weight: &str| {
        let weight = weight.trim().to_ascii_lowercase();
        weight
            .strip_prefix("q=")
            .and_then(|weight| weight.trim().parse::<f32>().ok())
            .is_some_and(|q| q <= 0.0)
    };
    let mut codings: Vec<String> = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .filter(|coding| !coding.split(';').skip(1).any(is_zero))
        .map(|coding| coding.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    codings.sort_unstable();
    codings.dedup();
    codings.join(",").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn one_set_of_codings_has_one_text() {
        let codings =
            |value: &str| String::from_utf8(codings(&headers(&[("accept-encoding", value)]))).unwrap();
        assert_eq!(codings("gzip, deflate"), "deflate,gzip");
        assert_eq!(codings("deflate,GZIP;q=0.5"), "deflate,gzip");
        assert_eq!(codings("gzip;q=0, br ; q=0.0, zstd"), "zstd");
        assert_eq!(codings("identity"), "");
        assert_eq!(codings("*"), "*");
        assert_eq!(super::codings(&HeaderMap::new()), b"");
    }

    #[test]
    fn what_an_answer_depends_on_is_told_from_noise() {
        let found = dependencies(&headers(&[
            ("x-stainless-retry-count", "1"),
            ("user-agent", "a"),
            ("traceparent", "00-1-2-3"),
            ("anthropic-version", "2023-06-01"),
            ("anthropic-beta", "a"),
            ("openai-project", "p"),
            ("helicone-fallbacks", "[]"),
            ("helicone-user-id", "u"),
            ("content-type", "application/json"),
        ]));
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "anthropic-beta",
                "anthropic-version",
                "content-type",
                "helicone-fallbacks",
                "openai-project",
                "accept-encoding"
            ]
        );
    }

    #[test]
    fn bodies_are_json_unless_they_say_otherwise() {
        for (lines, expected) in [
            (&[][..], true),
            (&[("content-type", "Application/JSON; charset=utf-8")], true),
            (&[("content-type", "application/vnd.api+json")], true),
            (&[("content-type", "multipart/form-data; boundary=x")], false),
            (&[("content-type", "application/json"), ("content-encoding", "gzip")], false),
        ] {
            assert_eq!(is_json(&headers(lines)), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_keys_of_a_caller_are_kept_apart() {
        let credential = |key: &str| Credential {
            value: HeaderValue::from_str(key).unwrap(),
            place: crate::credentials::Place::HeliconeAuth,
        };
        let (one, other) = (credential("Bearer sk-a"), credential("sk-a"));
        let secret = |key, proxy_key| CallerSecret::of(key, proxy_key).bytes();
        assert_eq!(secret(Some(&one), None), secret(Some(&other), None));
        assert_ne!(secret(Some(&one), None), secret(None, Some(&one)));
        assert_ne!(secret(Some(&one), Some(&one)), secret(Some(&one), None));
    }
}
