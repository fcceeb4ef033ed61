//! Blanking of credentials in paths, URLs and logged JSON before they are kept anywhere.

mod json;

use std::borrow::Cow;
use std::ops::Range;

pub use json::redact_json;

/// What a credential is replaced with.
const BLANK: &str = "***";

/// Query parameters whose value is a credential, in lower case.
const SECRET_NAMES: [&str; 28] = [
    "key",
    "api_key",
    "api-key",
    "apikey",
    "x-api-key",
    "x-goog-api-key",
    "subscription-key",
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "auth",
    "authorization",
    "helicone-auth",
    "bearer",
    "password",
    "passwd",
    "pwd",
    "secret",
    "client_secret",
    "access_key",
    "sig",
    "signature",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-credential",
    "x-goog-signature",
    "x-goog-credential",
];

/// How a Helicone key begins, in a path segment or a query value.
const KEY_PREFIXES: [&str; 2] = ["sk-helicone-", "pk-helicone-"];

/// Returns a path and query, or a whole URL, with the credentials in it replaced by `***`.
///
/// Blanked are the values of query parameters that carry credentials by their name (percent-encoded
/// names too), Helicone keys in path segments and query values, and the user-info of a URL. All other
/// bytes stay as they are; nothing is allocated when there is nothing to blank.
pub fn redact_target(path_and_query_or_url: &str) -> Cow<'_, str> {
    let text = path_and_query_or_url;
    let query_at = memchr::memchr2(b'?', b'#', text.as_bytes()).unwrap_or(text.len());
    let path = text.get(..query_at).unwrap_or_default();

    let mut redaction = Redaction { text, redacted: String::new(), copied: 0 };
    let authority = authority_of(path);
    if let Some(at) = text.get(authority.clone()).and_then(|authority| authority.rfind('@')) {
        redaction.blank(authority.start..authority.start + at);
    }
    for segment in pieces(path, authority.end, |byte| byte == b'/') {
        if is_helicone_key(text.get(segment.clone()).unwrap_or_default()) {
            redaction.blank(segment);
        }
    }
    for parameter in pieces(text, query_at, |byte| matches!(byte, b'?' | b'&' | b';' | b'#')) {
        let pair = text.get(parameter.clone()).unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        if is_helicone_key(value) || (is_secret_name(name) && !value.is_empty()) {
            redaction.blank(parameter.end - value.len()..parameter.end);
        }
    }
    redaction.finish()
}

/// Copies `text` up to what is blanked, and only once something is.
struct Redaction<'a> {
    text: &'a str,
    redacted: String,
    copied: usize,
}

impl<'a> Redaction<'a> {
    /// Replaces `range`, which lies behind every range before it.
    fn blank(&mut self, range: Range<usize>) {
        self.redacted.push_str(self.text.get(self.copied..range.start).unwrap_or_default());
        self.redacted.push_str(BLANK);
        self.copied = range.end;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.redacted.is_empty() {
            return Cow::Borrowed(self.text);
        }
        self.redacted.push_str(self.text.get(self.copied..).unwrap_or_default());
        Cow::Owned(self.redacted)
    }
}

/// Where the authority of a URL lies; an empty range at 0 for what has no scheme.
fn authority_of(path: &str) -> Range<usize> {
    let Some((scheme, rest)) = path.split_once("://").filter(|(scheme, _)| !scheme.contains('/')) else {
        return 0..0;
    };
    let start = scheme.len() + "://".len();
    start..start + rest.find(['/', '\\']).unwrap_or(rest.len())
}

/// The ranges of `text[from..]` between bytes that are separators.
fn pieces(text: &str, from: usize, is_separator: fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut next = Some(from);
    std::iter::from_fn(move || {
        let start = next?;
        let rest = bytes.get(start..)?;
        let length = rest.iter().position(|&byte| is_separator(byte));
        next = length.map(|length| start + length + 1);
        Some(start..start + length.unwrap_or(rest.len()))
    })
}

fn is_secret_name(name: &str) -> bool {
    !name.is_empty() && SECRET_NAMES.iter().any(|secret| unescaped(name).eq(secret.bytes()))
}

/// Returns whether a segment of a path, or a value of a query, begins like a Helicone key, in any letter case
/// and percent-encoded or not.
pub fn is_helicone_key(segment: &str) -> bool {
    // Most segments are ruled out by their first byte: a letter of the prefixes or an escape.
    matches!(segment.as_bytes().first(), Some(b's' | b'S' | b'p' | b'P' | b'%'))
        && KEY_PREFIXES.iter().any(|prefix| unescaped(segment).take(prefix.len()).eq(prefix.bytes()))
}

/// The bytes of `text`, percent-decoded and in lower case.
fn unescaped(text: &str) -> impl Iterator<Item = u8> {
    let mut rest = text.as_bytes();
    std::iter::from_fn(move || {
        let (&first, tail) = rest.split_first()?;
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        let Some((high, low)) = escaped else {
            rest = tail;
            return Some(first.to_ascii_lowercase());
        };
        rest = tail.get(2..).unwrap_or_default();
        Some((high << 4 | low).to_ascii_lowercase())
    })
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let redacted = redact_target(text);
        assert_eq!(redacted, expected);
        assert_eq!(matches!(redacted, Cow::Borrowed(_)), text == expected, "{text}");
    }

    #[test]
    fn leaves_what_holds_no_credential_alone() {
        for text in [
            "",
            "/",
            "/v1/chat/completions",
            "/v1/chat/completions?api-version=2024-10-21&stream=true",
            "https://api.openai.com/v1/x?monkey=1&keys=2&tokens=3#top",
            "/openai?key&token=&=",
            "/search?q=sk-heliconic",
            "?%6",
            "/a%zz%/b?%zz=1",
            "/proxy/http://user@host/x",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn blanks_query_values_by_name() {
        for (text, expected) in [
            (
                "/v1beta/models/g:generateContent?key=AIza&alt=sse",
                "/v1beta/models/g:generateContent?key=***&alt=sse",
            ),
            ("/x?a=1&API_KEY=s&b=2", "/x?a=1&API_KEY=***&b=2"),
            ("/x?%6Bey=s", "/x?%6Bey=***"),
            ("/x?api%2Dkey=s;token=t", "/x?api%2Dkey=***;token=***"),
            ("/x?sig=a=b==", "/x?sig=***"),
            (
                "/x?X-Amz-Signature=s&X-Amz-Security-Token=t",
                "/x?X-Amz-Signature=***&X-Amz-Security-Token=***",
            ),
            ("https://h/x?access_token=t#id_token=u", "https://h/x?access_token=***#id_token=***"),
            ("/x?key=\u{e9}\u{4e16}&y=\u{4e16}", "/x?key=***&y=\u{4e16}"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn blanks_helicone_keys_and_user_info() {
        for (text, expected) in [
            ("/v1/gateway/sk-helicone-abc-def/chat", "/v1/gateway/***/chat"),
            ("/PK-Helicone-abc", "/***"),
            ("https://h.example/%73k-helicone-abc/v1?x=pk-helicone-z", "https://h.example/***/v1?x=***"),
            ("/x?sk-helicone-abc", "/x?***"),
            ("https://user:pass@h.example/x", "https://***@h.example/x"),
            ("https://user:p@ss@h.example", "https://***@h.example"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn blanks_again_what_is_blank_already_without_change() {
        let once = redact_target("https://u:p@h/sk-helicone-a/x?key=1&b=2").into_owned();
        assert_eq!(redact_target(&once), once);
    }
}
