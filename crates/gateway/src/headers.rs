//! What the headers of a request say to the gateway, and which headers go no further.
//!
//! The names and values of `helicone-*` headers follow Helicone's proxy.

use gatehouse_types::RequestId;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    TE, TRANSFER_ENCODING, UPGRADE,
};

use crate::features::Features;

/// Where edges say which country a client is in: Cloudflare, Vercel, CloudFront, App Engine.
const COUNTRY_HEADERS: [&str; 4] =
    ["cf-ipcountry", "x-vercel-ip-country", "cloudfront-viewer-country", "x-appengine-country"];
/// The prefix of headers that are for the gateway alone.
pub(crate) const CONTROL_PREFIX: &str = "helicone-";
const PROPERTY_PREFIX: &str = "helicone-property-";
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// The caller's credentials at AWS, with which the gateway signs; they are for nobody else.
pub(crate) const AWS_ACCESS_KEY: HeaderName = HeaderName::from_static("aws-access-key");
pub(crate) const AWS_SECRET_KEY: HeaderName = HeaderName::from_static("aws-secret-key");
pub(crate) const AWS_SESSION_TOKEN: HeaderName = HeaderName::from_static("aws-session-token");

/// Headers that concern one connection only (RFC 9110 §7.6.1); `Connection` names further ones.
const HOP_BY_HOP: [HeaderName; 7] = [
    CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// What a caller told the gateway.
#[derive(Debug, Default)]
pub(crate) struct Control {
    pub(crate) target_url: Option<HeaderValue>,
    /// `Helicone-OpenAI-Api-Base`.
    pub(crate) api_base: Option<HeaderValue>,
    pub(crate) target_provider: Option<String>,
    pub(crate) request_id: Option<RequestId>,
    pub(crate) user_id: Option<String>,
    pub(crate) model_override: Option<String>,
    /// The country that the client is in, as an edge before us says.
    pub(crate) country_code: Option<String>,
    pub(crate) properties: Vec<(String, String)>,
    pub(crate) omit_request: bool,
    pub(crate) omit_response: bool,
    /// What else the call asks for.
    pub(crate) features: Features,
    /// The size of all headers as HTTP/1.1 writes them, in bytes.
    pub(crate) total_bytes: u64,
}

impl Control {
    /// Reads all headers in one pass.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut control = Self::default();
        for (name, value) in headers {
            let name = name.as_str();
            // Colon, space and line end.
            control.total_bytes += (name.len() + value.len() + 4) as u64;
            if name.starts_with(CONTROL_PREFIX) {
                control.take(name, value);
            } else if COUNTRY_HEADERS.contains(&name) {
                control.country_code = country_code(value).or(control.country_code.take());
            }
        }
        control
    }

    /// Returns whether a header says where the call goes.
    pub(crate) fn names_target(&self) -> bool {
        self.target_url.is_some()
            || self.api_base.is_some()
            || self.features.get("helicone-fallbacks").is_some()
    }

    fn take(&mut self, name: &str, value: &HeaderValue) {
        match name {
            "helicone-target-url" => self.target_url = Some(value.clone()),
            "helicone-openai-api-base" => self.api_base = Some(value.clone()),
            "helicone-target-provider" => self.target_provider = non_empty(value),
            "helicone-request-id" => self.request_id = RequestId::parse(text(value).trim()),
            "helicone-user-id" => self.user_id = non_empty(value),
            "helicone-model-override" => self.model_override = non_empty(value),
            "helicone-omit-request" => self.omit_request = is_true(value),
            "helicone-omit-response" => self.omit_response = is_true(value),
            "helicone-session-id" => self.set_property("Helicone-Session-Id", value),
            "helicone-session-path" => self.set_property("Helicone-Session-Path", value),
            "helicone-session-name" => self.set_property("Helicone-Session-Name", value),
            _ => match name.strip_prefix(PROPERTY_PREFIX) {
                Some(property) => self.set_property(property, value),
                None => self.features.take(name, value),
            },
        }
    }

    fn set_property(&mut self, name: &str, value: &HeaderValue) {
        self.properties.push((name.to_owned(), text(value)));
    }
}

/// Decodes a header value: UTF-8 where it is, else Latin-1, in which every byte is a character.
pub(crate) fn text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().map(|&byte| char::from(byte)).collect(),
    }
}

fn non_empty(value: &HeaderValue) -> Option<String> {
    Some(text(value)).filter(|text| !text.is_empty())
}

/// Returns a country's two letters; edges write the like of `XX` where they don't know.
fn country_code(value: &HeaderValue) -> Option<String> {
    let code = value.to_str().ok()?.trim().to_ascii_uppercase();
    let is_country = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) && code != "XX";
    is_country.then_some(code)
}

fn is_true(value: &HeaderValue) -> bool {
    value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"true")
}

/// Removes what is for the gateway or for the client's connection only.
pub(crate) fn strip_request(headers: &mut HeaderMap) {
    let wants_trailers = headers.get_all(TE).iter().any(|value| names(value).any(|name| name == "trailers"));
    strip_hop_by_hop(headers);
    headers.remove(TE);
    if wants_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    let is_ours = |name: &&HeaderName| {
        let is_credential = [AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_SESSION_TOKEN].contains(name);
        is_credential || name.as_str().starts_with(CONTROL_PREFIX)
    };
    let ours: Vec<HeaderName> = headers.keys().filter(is_ours).cloned().collect();
    for name in ours {
        headers.remove(name);
    }
}

/// Removes what concerns the provider's connection only.
pub(crate) fn strip_response(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(names)
            .filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok())
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        // The length of a body that was sent both ways is not the one that was announced (RFC 9112 §6.3).
        headers.remove(CONTENT_LENGTH);
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Returns whether a body is coded for its connection in more ways than being chunked, which would be lost.
pub(crate) fn has_transfer_coding(headers: &HeaderMap) -> bool {
    headers
        .get_all(TRANSFER_ENCODING)
        .iter()
        .flat_map(names)
        .any(|coding| !matches!(coding.as_str(), "chunked" | "identity" | ""))
}

/// The lower-cased members of a comma-separated header value.
fn names(value: &HeaderValue) -> impl Iterator<Item = String> + '_ {
    value.to_str().unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&'static str, &[u8])]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap()))
            .collect()
    }

    #[test]
    fn reads_what_is_for_the_gateway() {
        let control = Control::read(&map(&[
            ("helicone-auth", b"Bearer sk-helicone-a"),
            ("helicone-request-id", b"0193a1d2-7c3e-7bbb-8000-1234567890ab"),
            ("helicone-user-id", b"z\xfcrich"),
            ("helicone-property-env", "prüf".as_bytes()),
            ("helicone-session-id", b"s1"),
            ("helicone-omit-request", b"TRUE"),
            ("helicone-omit-response", b"false"),
            ("authorization", b"Bearer sk-provider"),
        ]));
        assert_eq!(control.request_id.unwrap().to_string(), "0193a1d2-7c3e-7bbb-8000-1234567890ab");
        assert_eq!(control.user_id.as_deref(), Some("zürich"));
        assert!(control.omit_request && !control.omit_response);
        assert_eq!(control.properties.len(), 2);
        assert!(control.properties.contains(&("env".to_owned(), "prüf".to_owned())));
        assert!(control.properties.contains(&("Helicone-Session-Id".to_owned(), "s1".to_owned())));
    }

    #[test]
    fn knows_the_country_that_an_edge_tells() {
        for (name, value, country) in [
            ("cf-ipcountry", "CH", Some("CH")),
            ("cloudfront-viewer-country", "de", Some("DE")),
            ("x-vercel-ip-country", "XX", None),
            ("cf-ipcountry", "T1", None),
            ("cf-ipcountry", "Switzerland", None),
            ("x-country", "CH", None),
        ] {
            let control = Control::read(&map(&[(name, value.as_bytes())]));
            assert_eq!(control.country_code.as_deref(), country, "{name}: {value}");
        }
    }

    #[test]
    fn strips_control_and_hop_by_hop_headers_only() {
        let mut headers = map(&[
            ("helicone-auth", b"Bearer x"),
            ("helicone-property-a", b"1"),
            ("aws-access-key", b"AKIDEXAMPLE"),
            ("aws-secret-key", b"secret"),
            ("aws-session-token", b"token"),
            ("connection", b"keep-alive, X-Hop, te"),
            ("x-hop", b"1"),
            ("keep-alive", b"timeout=5"),
            ("te", b"gzip, trailers"),
            ("expect", b"100-continue"),
            ("x-forwarded-for", b"1.2.3.4"),
            ("cookie", b"a=b"),
        ]);
        strip_request(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["cookie", "expect", "te", "x-forwarded-for"]);
        assert_eq!(headers.get(TE).unwrap(), "trailers");
    }

    #[test]
    fn tells_codings_that_would_be_lost() {
        for (value, is_lost) in [
            ("chunked", false),
            ("Chunked,", false),
            ("identity", false),
            ("gzip, chunked", true),
            ("x", true),
        ] {
            let headers = map(&[("transfer-encoding", value.as_bytes())]);
            assert_eq!(has_transfer_coding(&headers), is_lost, "{value}");
        }
    }
}
