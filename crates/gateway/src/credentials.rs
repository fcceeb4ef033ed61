//! Where a caller's key stands: it is taken out of path and `Authorization` here, and of `Helicone-Auth` with
//! all headers that are for the gateway, so that it goes no further.
//!
//! Helicone's proxy takes a key from `Helicone-Auth`, from a segment of the path, from `Authorization` alone,
//! or from one of two tokens in `Authorization`, of which the other one is the provider's.

use gatehouse_store::keys::{is_well_formed, key_in_header, names_helicone};
use gatehouse_wire::is_helicone_key;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};
use memchr::memmem;

/// Helicone's own header.
pub(crate) const HELICONE_AUTH: HeaderName = HeaderName::from_static("helicone-auth");
/// What every key of Helicone's has near its beginning, whatever comes before.
const MARK: &[u8] = b"k-helicone";

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
}

impl Place {
    /// Names the place for a message.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::HeliconeAuth => "`Helicone-Auth`",
            Self::Path => "the path",
            Self::Authorization => "`Authorization`",
        }
    }
}

/// Takes Helicone's keys out of the head and returns the one that counts.
///
/// `Helicone-Auth` is asked before the path, and the path before `Authorization`; keys in the places behind
/// are taken out all the same, because they are nothing for a provider. A key of the old form, which does not
/// name Helicone, is one only where `is_known` says so: it looks like many a provider's.
pub(crate) fn take(head: &mut Parts, is_known: impl Fn(&HeaderValue) -> bool) -> Option<Credential> {
    let from_path = take_from_path(&mut head.uri);
    let from_authorization = take_from_authorization(&mut head.headers);
    let of_old_form = take_old_form(&mut head.headers, is_known);
    let own = head.headers.get(HELICONE_AUTH).cloned();
    let found = own
        .map(|value| (value, Place::HeliconeAuth))
        .or(from_path.map(|value| (value, Place::Path)))
        .or(from_authorization.or(of_old_form).map(|value| (value, Place::Authorization)));
    found.map(|(value, place)| Credential { value, place })
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
fn take_from_authorization(headers: &mut HeaderMap) -> Option<HeaderValue> {
    let is_marked = |value: &HeaderValue| memmem::find(value.as_bytes(), MARK).is_some();
    if !headers.get_all(AUTHORIZATION).iter().any(is_marked) {
        return None;
    }
    let mut key = None;
    let lines: Vec<HeaderValue> = headers.get_all(AUTHORIZATION).iter().cloned().collect();
    headers.remove(AUTHORIZATION);
    for line in lines {
        let (ours, theirs): (Vec<&[u8]>, Vec<&[u8]>) = line
            .as_bytes()
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .partition(|token| has_key(token));
        key = key.or_else(|| HeaderValue::from_bytes(ours.first()?).ok());
        let rest = if ours.is_empty() { Some(line.clone()) } else { joined(&theirs) };
        if let Some(rest) = rest {
            headers.append(AUTHORIZATION, rest);
        }
    }
    key
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
        let found = take(&mut head, |_| false);
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
        check_path(&format!("/v1?key={KEY}"), &format!("/v1?key={KEY}"), false);
        check_path("//v1//chat/", "//v1//chat/", false);
    }

    fn check_authorization(given: &[&str], left: &[&str], key: Option<&str>) {
        let headers: Vec<_> = given.iter().map(|value| ("authorization", *value)).collect();
        let mut head = parts("/v1", &headers);
        let found = take(&mut head, |value| value.as_bytes().ends_with(OLD.as_bytes()));
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
        let found = take(&mut head, |_| false).unwrap();
        assert_eq!((found.value.to_str().unwrap(), found.place), ("Bearer own", Place::HeliconeAuth));
        assert_eq!(head.uri.path(), "/v1");
        assert!(!head.headers.contains_key(AUTHORIZATION));
        let old = format!("Bearer {OLD}");
        let mut head = parts("/v1", &[("helicone-auth", "Bearer own"), ("authorization", &old)]);
        let found = take(&mut head, |_| true).unwrap();
        assert_eq!(found.place, Place::HeliconeAuth);
        assert!(!head.headers.contains_key(AUTHORIZATION));
    }
}
