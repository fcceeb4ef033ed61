//! Where a caller's key stands: it is taken out of path and `Authorization` here, and of `Helicone-Auth` with
//! all headers that are for the gateway, so that it goes no further.
//!
//! A proxy key stands where a provider's key would: there it is looked for too.
//!
//! Helicone's proxy takes a key from `Helicone-Auth`, from a segment of the path, from `Authorization` alone,
//! or from one of two tokens in `Authorization`, of which the other one is the provider's.

use std::borrow::Cow;

use gatehouse_store::keys::{is_well_formed, key_in_header, names_helicone, names_proxy_key};
use gatehouse_wire::is_helicone_key;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};
use memchr::memmem;
use percent_encoding::percent_decode_str;

/// Helicone's own header.
pub(crate) const HELICONE_AUTH: HeaderName = HeaderName::from_static("helicone-auth");
/// What is no proxy key, but was meant for one.
const NO_PROXY_KEY: HeaderValue = HeaderValue::from_static("sk-helicone-proxy-");
/// What every key of Helicone's has near its beginning, whatever comes before.
const MARK: &[u8] = b"k-helicone";
/// Where providers take their key beside `Authorization`.
pub(crate) const KEY_HEADERS: [(&str, &str); 3] =
    [("x-api-key", "`x-api-key`"), ("api-key", "`api-key`"), ("x-goog-api-key", "`x-goog-api-key`")];

/// A caller's key and where it stood.
#[derive(Clone)]
pub(crate) struct Credential {
    /// `Bearer <key>`, or the key alone.
    pub(crate) value: HeaderValue,
    pub(crate) place: Place,
}

/// Where a key stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    HeliconeAuth,
    Path,
    Authorization,
    /// A header in which some providers take their key.
    KeyHeader(&'static str),
    /// `?key=`, where Google takes its.
    Query,
}

/// What was found in a head.
#[derive(Default)]
pub(crate) struct Found {
    /// The caller's key.
    pub(crate) key: Option<Credential>,
    /// The key that stands for a provider's.
    pub(crate) proxy_key: Option<Credential>,
}

impl Found {
    /// Takes a key; of two of a kind the first one counts.
    fn push(&mut self, value: HeaderValue, place: Place) {
        let is_proxy_key = names_proxy_key(key_in_header(value.as_bytes()));
        let slot = if is_proxy_key { &mut self.proxy_key } else { &mut self.key };
        slot.get_or_insert(Credential { value, place });
    }
}

impl Place {
    /// Names the place for a message.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::HeliconeAuth => "`Helicone-Auth`",
            Self::Path => "the path",
            Self::Authorization => "`Authorization`",
            Self::KeyHeader(name) => name,
            Self::Query => "`?key=`",
        }
    }
}

/// Takes Helicone's keys out of the head and returns those that count.
///
/// `Helicone-Auth` is asked before the path, the path before `Authorization`, and that before the places of
/// other providers' keys; keys in the places behind are taken out all the same, because they are nothing for
/// a provider. A key of the old form, which does not
/// name Helicone, is one only where `is_known` says so: it looks like many a provider's.
pub(crate) fn take(head: &mut Parts, is_known: impl Fn(&HeaderValue) -> bool) -> Found {
    let mut found = Found::default();
    if let Some(value) = head.headers.get(HELICONE_AUTH) {
        found.push(value.clone(), Place::HeliconeAuth);
    }
    if let Some(value) = take_from_path(&mut head.uri) {
        found.push(value, Place::Path);
    }
    take_from_headers(&mut head.headers, &mut found);
    if let Some(value) = take_old_form(&mut head.headers, is_known) {
        found.push(value, Place::Authorization);
    }
    if let Some(value) = take_from_query(&mut head.uri) {
        found.push(value, Place::Query);
    }
    found
}

/// Takes Helicone's keys out of the headers in which providers take theirs.
pub(crate) fn take_from_headers(headers: &mut HeaderMap, found: &mut Found) {
    for value in take_from_authorization(headers) {
        found.push(value, Place::Authorization);
    }
    for (name, shown) in KEY_HEADERS {
        let is_ours = |value: &HeaderValue| names_proxy_key(key_in_header(value.as_bytes()));
        if !headers.get_all(name).iter().any(is_ours) {
            continue;
        }
        let lines: Vec<HeaderValue> = headers.get_all(name).iter().cloned().collect();
        headers.remove(name);
        for line in lines {
            if is_ours(&line) {
                found.push(line, Place::KeyHeader(shown));
            } else {
                headers.append(HeaderName::from_static(name), line);
            }
        }
    }
}

/// Takes a parameter `key` with a proxy key out of the query; all else stays byte by byte.
fn take_from_query(uri: &mut Uri) -> Option<HeaderValue> {
    let query = uri.query()?;
    let key = query.split('&').find_map(proxy_key_of)?;
    // What can't stand in a header is no key that anybody has.
    let value = HeaderValue::from_bytes(&key).unwrap_or(NO_PROXY_KEY);
    drop_parameters(uri, |pair| proxy_key_of(pair).is_some());
    Some(value)
}

/// Takes every parameter `key` out of the query, whoever's it is.
pub(crate) fn drop_keys_from_query(uri: &mut Uri) {
    drop_parameters(uri, |pair| key_of(pair).is_some());
}

/// Takes the parameters out of the query that are not wanted; without one all stays byte by byte.
fn drop_parameters(uri: &mut Uri, is_unwanted: impl Fn(&str) -> bool) {
    let Some(query) = uri.query() else { return };
    if !query.split('&').any(&is_unwanted) {
        return;
    }
    let rest: Vec<&str> = query.split('&').filter(|pair| !is_unwanted(pair)).collect();
    let path = uri.path();
    let left = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    let mut parts = std::mem::take(uri).into_parts();
    parts.path_and_query = PathAndQuery::try_from(left).ok();
    *uri = Uri::from_parts(parts).unwrap_or_default();
}

/// Returns the value of a parameter `key`, whichever bytes of it are percent-encoded.
fn key_of(pair: &str) -> Option<Cow<'_, [u8]>> {
    let (name, value) = pair.split_once('=')?;
    let decoded = |text| Cow::from(percent_decode_str(text));
    decoded(name).eq_ignore_ascii_case(b"key").then(|| decoded(value))
}

/// Returns the proxy key in a parameter `key`.
fn proxy_key_of(pair: &str) -> Option<Cow<'_, [u8]>> {
    key_of(pair).filter(|key| names_proxy_key(key))
}

/// Takes the segments that name Helicone out of the path; everything else stays as it is, byte by byte.
fn take_from_path(uri: &mut Uri) -> Option<HeaderValue> {
    let path = uri.path();
    if !path.split('/').any(is_ours) {
        return None;
    }
    let mut key = None;
    let mut left = String::with_capacity(path.len());
    for (index, segment) in path.split('/').enumerate() {
        if is_ours(segment) {
            key = key.or_else(|| HeaderValue::try_from(format!("Bearer {segment}")).ok());
            continue;
        }
        if index > 0 {
            left.push('/');
        }
        left.push_str(segment);
    }
    let key = key?;
    if left.is_empty() {
        left.push('/');
    }
    if let Some(query) = uri.query() {
        left.push('?');
        left.push_str(query);
    }
    let mut parts = std::mem::take(uri).into_parts();
    parts.path_and_query = PathAndQuery::try_from(left).ok();
    *uri = Uri::from_parts(parts).unwrap_or_default();
    Some(key)
}

/// Returns whether a segment of a path is meant for a key; one that is encoded, or in capital letters, is none
/// that anybody has, but says it to whoever reads it.
fn is_ours(segment: &str) -> bool {
    names_helicone(segment.as_bytes()) || is_helicone_key(segment)
}

/// Takes the tokens that name Helicone out of `Authorization`, and leaves the others.
fn take_from_authorization(headers: &mut HeaderMap) -> Vec<HeaderValue> {
    let is_marked = |value: &HeaderValue| memmem::find(value.as_bytes(), MARK).is_some();
    if !headers.get_all(AUTHORIZATION).iter().any(is_marked) {
        return Vec::new();
    }
    let mut keys = Vec::new();
    let lines: Vec<HeaderValue> = headers.get_all(AUTHORIZATION).iter().cloned().collect();
    headers.remove(AUTHORIZATION);
    for line in lines {
        let (ours, theirs): (Vec<&[u8]>, Vec<&[u8]>) = line
            .as_bytes()
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .partition(|token| has_key(token));
        keys.extend(ours.iter().filter_map(|key| HeaderValue::from_bytes(key).ok()));
        let rest = if ours.is_empty() { Some(line.clone()) } else { joined(&theirs) };
        if let Some(rest) = rest {
            headers.append(AUTHORIZATION, rest);
        }
    }
    keys
}

/// Returns whether a token has a key in it: as it should be, or in quotes, or behind another scheme or token.
fn has_key(token: &[u8]) -> bool {
    let is_part_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    memmem::find_iter(token, MARK).any(|at| match token.get(..at) {
        Some([before @ .., b's' | b'p']) => !before.last().is_some_and(is_part_of_word),
        _ => false,
    })
}

fn joined(tokens: &[&[u8]]) -> Option<HeaderValue> {
    let kept: Vec<&[u8]> = tokens.iter().copied().filter(|token| !token.is_empty()).collect();
    if kept.is_empty() { None } else { HeaderValue::from_bytes(&kept.join(b", ".as_slice())).ok() }
}

/// Takes a key of the form `sk-xxxxxxx-xxxxxxx-xxxxxxx-xxxxxxx` that is known here.
fn take_old_form(headers: &mut HeaderMap, is_known: impl Fn(&HeaderValue) -> bool) -> Option<HeaderValue> {
    let value = headers.get(AUTHORIZATION)?;
    if !is_well_formed(key_in_header(value.as_bytes())) || !is_known(value) {
        return None;
    }
    headers.remove(AUTHORIZATION)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const KEY: &str = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";
    const OLD: &str = "sk-aaaaaaa-bbbbbbb-ccccccc-ddddddd";

    fn parts(uri: &str, headers: &[(&'static str, &str)]) -> Parts {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn check_path(uri: &str, left: &str, has_key: bool) {
        let mut head = parts(uri, &[]);
        let found = take(&mut head, |_| false).key;
        assert_eq!(head.uri.path_and_query().unwrap().as_str(), left, "{uri}");
        assert_eq!(found.map(|found| found.place), has_key.then_some(Place::Path), "{uri}");
    }

    #[test]
    fn takes_a_key_out_of_the_path_and_nothing_else() {
        check_path(&format!("/{KEY}/v1/chat?a=%2F&b"), "/v1/chat?a=%2F&b", true);
        check_path(&format!("/v1/{KEY}/chat"), "/v1/chat", true);
        check_path(&format!("/v1/{KEY}"), "/v1", true);
        check_path(&format!("/{KEY}"), "/", true);
        check_path(&format!("/{KEY}/"), "/", true);
        check_path(&format!("//{KEY}//a%3Ab//c/"), "///a%3Ab//c/", true);
        check_path(&format!("/{KEY}/v1/{KEY}/x"), "/v1/x", true);
        check_path("/sk-helicone-broken/v1", "/v1", true);
        check_path(&format!("/v1/{}/x", KEY.replace("sk", "%73k")), "/v1/x", true);
        check_path(&format!("/{}/v1", KEY.replace('-', "%2D")), "/v1", true);
        check_path(&format!("/{}/v1", KEY.to_uppercase()), "/v1", true);
        check_path("/v1/%73x-helicone-a/%3A", "/v1/%73x-helicone-a/%3A", false);
        check_path("/v1/task-helicone/x", "/v1/task-helicone/x", false);
        check_path("//v1//chat/", "//v1//chat/", false);
    }

    fn check_authorization(given: &[&str], left: &[&str], key: Option<&str>) {
        let headers: Vec<_> = given.iter().map(|value| ("authorization", *value)).collect();
        let mut head = parts("/v1", &headers);
        let found = take(&mut head, |value| value.as_bytes().ends_with(OLD.as_bytes())).key;
        let kept: Vec<&str> =
            head.headers.get_all(AUTHORIZATION).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(kept, left, "{given:?}");
        assert_eq!(found.as_ref().map(|found| found.value.to_str().unwrap()), key, "{given:?}");
    }

    #[test]
    fn takes_a_key_out_of_authorization_and_leaves_the_providers() {
        let bearer = format!("Bearer {KEY}");
        check_authorization(&[&bearer], &[], Some(&bearer));
        let (before, after) = (format!("Bearer sk-a, {bearer}"), format!("{bearer},Bearer sk-a"));
        check_authorization(&[&before], &["Bearer sk-a"], Some(&bearer));
        check_authorization(&[&after], &["Bearer sk-a"], Some(&bearer));
        check_authorization(&["Bearer sk-a", &bearer], &["Bearer sk-a"], Some(&bearer));
        check_authorization(&[&format!("{bearer}, {bearer}")], &[], Some(&bearer));
        check_authorization(&["Bearer sk-a,  Bearer b"], &["Bearer sk-a,  Bearer b"], None);
        for broken in [
            format!("Basic {KEY}"),
            format!("Bearer \"{KEY}\""),
            format!("Bearer {bearer}"),
            format!("Bearer sk-a; {bearer}"),
        ] {
            check_authorization(&[&broken], &[], Some(&broken));
        }
        for theirs in ["Bearer task-helicone", "Bearer a-sk-helicone-b", "Bearer x_pk-helicone"] {
            check_authorization(&[theirs], &[theirs], None);
        }
        let signature = "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host;helicone-auth, Signature=c";
        check_authorization(&[signature], &[signature], None);
        check_authorization(&[&format!("Bearer {OLD}")], &[], Some(&format!("Bearer {OLD}")));
        let unknown = "Bearer sk-0000000-bbbbbbb-ccccccc-ddddddd";
        check_authorization(&[unknown], &[unknown], None);
    }

    #[test]
    fn asks_helicone_auth_first_and_cleans_the_other_places() {
        let bearer = format!("Bearer {KEY}");
        let uri = format!("/{KEY}/v1");
        let mut head = parts(&uri, &[("helicone-auth", "Bearer own"), ("authorization", &bearer)]);
        let found = take(&mut head, |_| false).key.unwrap();
        assert_eq!((found.value.to_str().unwrap(), found.place), ("Bearer own", Place::HeliconeAuth));
        assert_eq!(head.uri.path(), "/v1");
        assert!(!head.headers.contains_key(AUTHORIZATION));
        let old = format!("Bearer {OLD}");
        let mut head = parts("/v1", &[("helicone-auth", "Bearer own"), ("authorization", &old)]);
        let found = take(&mut head, |_| true).key.unwrap();
        assert_eq!(found.place, Place::HeliconeAuth);
        assert!(!head.headers.contains_key(AUTHORIZATION));
    }

    #[test]
    fn finds_a_proxy_key_wherever_a_provider_takes_one() {
        const PROXY: &str =
            "sk-helicone-proxy-aaaaaaa-bbbbbbb-ccccccc-ddddddd-6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
        let bearer = format!("Bearer {PROXY}");
        for (name, value, place) in [
            ("authorization", bearer.as_str(), Place::Authorization),
            ("x-api-key", PROXY, Place::KeyHeader("`x-api-key`")),
            ("api-key", PROXY, Place::KeyHeader("`api-key`")),
            ("x-goog-api-key", bearer.as_str(), Place::KeyHeader("`x-goog-api-key`")),
        ] {
            let own = format!("Bearer {KEY}");
            let mut head = parts("/v1?a=1", &[(name, value), ("helicone-auth", &own)]);
            let found = take(&mut head, |_| false);
            assert_eq!(found.proxy_key.map(|found| found.place), Some(place), "{name}");
            assert_eq!(found.key.map(|found| found.place), Some(Place::HeliconeAuth), "{name}");
            assert!(!head.headers.contains_key(name), "{name}");
        }
        let mut head = parts("/v1", &[("x-api-key", "sk-ant"), ("x-api-key", PROXY), ("x-api-key", "sk-b")]);
        let found = take(&mut head, |_| false).proxy_key.map(|found| found.place);
        assert_eq!(found, Some(Place::KeyHeader("`x-api-key`")));
        let left: Vec<_> = head.headers.get_all("x-api-key").iter().collect();
        assert_eq!(left, ["sk-ant", "sk-b"]);
        for (query, left) in [
            (format!("?key={PROXY}"), "/v1"),
            (format!("?a=%2F&key={PROXY}&b"), "/v1?a=%2F&b"),
            (format!("?key=AIza&key={PROXY}"), "/v1?key=AIza"),
            (format!("?a=1&key={}", PROXY.replace('-', "%2d")), "/v1?a=1"),
            (format!("?k%65y={}&b=%2F", PROXY.replacen('s', "%73", 1)), "/v1?b=%2F"),
            ("?key=sk-helicone-proxy-%0D%0A".to_owned(), "/v1"),
        ] {
            let mut head = parts(&format!("/v1{query}"), &[]);
            let found = take(&mut head, |_| false).proxy_key.map(|found| found.place);
            assert_eq!(found, Some(Place::Query), "{query}");
            assert_eq!(head.uri.path_and_query().unwrap().as_str(), left);
        }
        for theirs in ["/v1?key=AIza", "/v1?monkey=sk-helicone-proxy-x", "/v1"] {
            let mut head = parts(theirs, &[("x-api-key", "sk-ant")]);
            let found = take(&mut head, |_| false);
            assert!(found.key.is_none() && found.proxy_key.is_none(), "{theirs}");
            assert_eq!(head.uri.path_and_query().unwrap().as_str(), theirs);
        }
    }
}
