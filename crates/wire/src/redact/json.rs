//! Blanking of credentials in the JSON of a call that an application logs by itself: some log all that they
//! gave to their SDK, the provider's key among it.

use std::borrow::Cow;

use super::{BLANK, is_helicone_key};

/// Members whose string is a credential, without `-` and `_` and in lower case; so is what ends in `apikey`.
const SECRET_MEMBERS: [&str; 17] = [
    "apikey",
    "authorization",
    "proxyauthorization",
    "heliconeauth",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "clientsecret",
    "secretkey",
    "secretaccesskey",
    "awssecretkey",
    "awssecretaccesskey",
    "awssessiontoken",
    "azureadtoken",
    "xamzsecuritytoken",
    "privatekey",
    "password",
];
/// How long the name of such a member is at most, with some room.
const LONGEST_NAME: usize = 64;

/// Returns valid JSON with the credentials in it replaced by `***`; every other byte stays as it is.
///
/// Blanked are the strings of members that carry credentials by their name, wherever they stand, and Helicone
/// keys, with or without `Bearer` before them. Nothing is copied when there is nothing to blank.
pub fn redact_json(json: &str) -> Cow<'_, str> {
    let mut redacted = String::new();
    let (mut copied, mut at, mut is_secret) = (0, 0, false);
    while let Some(start) = json.get(at..).and_then(|rest| rest.find('"')).map(|found| at + found) {
        // What stands between two strings: a colon alone means that the first one is the second one's name.
        let between = json.get(at..start).unwrap_or_default();
        let is_value_of_secret = is_secret && between.trim() == ":";
        let (inner, end) = string_at(json, start);
        let is_name = json.get(end..).is_some_and(|rest| rest.trim_start().starts_with(':'));
        if !is_name && !inner.is_empty() && (is_value_of_secret || is_key(inner)) {
            redacted.push_str(json.get(copied..=start).unwrap_or_default());
            redacted.push_str(BLANK);
            copied = end.saturating_sub(1);
        }
        is_secret = is_name && is_secret_member(inner);
        at = end;
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    redacted.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(redacted)
}

/// Returns what stands between the quotation marks of the string that begins at `start`, and where it ends.
fn string_at(json: &str, start: usize) -> (&str, usize) {
    let mut end = start + 1;
    let bytes = json.as_bytes();
    while let Some(found) = bytes.get(end..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        end += found;
        if bytes.get(end) == Some(&b'"') {
            return (json.get(start + 1..end).unwrap_or_default(), end + 1);
        }
        end += 2;
    }
    (json.get(start + 1..).unwrap_or_default(), json.len())
}

/// Returns whether a text is a Helicone key as it stands in a header.
fn is_key(text: &str) -> bool {
    let scheme = text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    is_helicone_key(text.get(scheme.map_or(0, str::len)..).unwrap_or_default().trim_start())
}

fn is_secret_member(name: &str) -> bool {
    if name.len() > LONGEST_NAME {
        return false;
    }
    // A name may be written with escapes, which mean the letters themselves.
    let name = match name.contains('\\') {
        true => serde_json::from_str::<String>(&format!("\"{name}\"")).unwrap_or_default(),
        false => name.to_owned(),
    };
    let letters = name.chars().filter(|letter| !matches!(letter, '-' | '_'));
    let plain: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    SECRET_MEMBERS.contains(&plain.as_str()) || plain.ends_with("apikey")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    fn check(json: &str, expected: &str) {
        let redacted = redact_json(json);
        assert_eq!(redacted, expected);
        assert_eq!(matches!(redacted, Cow::Borrowed(_)), json == expected, "{json}");
        assert!(serde_json::from_str::<IgnoredAny>(&redacted).is_ok(), "{redacted}");
        assert_eq!(redact_json(expected), expected, "once is enough");
    }

    #[test]
    fn blanks_what_is_a_credential_by_its_name() {
        for (json, expected) in [
            (r#"{"api_key": "sk-1", "model": "m"}"#, r#"{"api_key": "***", "model": "m"}"#),
            (r#"{"headers":{"Authorization":"Bearer sk"}}"#, r#"{"headers":{"Authorization":"***"}}"#),
            (r#"{"x":[{"X-Api-Key" : "a\"b\\"}]}"#, r#"{"x":[{"X-Api-Key" : "***"}]}"#),
            (r#"{"openaiApiKey":"s","b":1.0}"#, r#"{"openaiApiKey":"***","b":1.0}"#),
            (r#"{"\u0061pi_key":"s"}"#, r#"{"\u0061pi_key":"***"}"#),
            (r#"{"password":"p","client_secret":"c"}"#, r#"{"password":"***","client_secret":"***"}"#),
        ] {
            check(json, expected);
        }
    }

    #[test]
    fn blanks_helicone_keys_wherever_they_stand() {
        check(r#"["sk-helicone-a-b", "Bearer pk-helicone-c"]"#, r#"["***", "***"]"#);
        check(r#"{"meta":"bearer  SK-helicone-a"}"#, r#"{"meta":"***"}"#);
        check("\"sk-helicone-a\"", "\"***\"");
    }

    #[test]
    fn leaves_everything_else_as_it_is() {
        for json in [
            "{}",
            "\"\"",
            r#"{"api_key":null,"authorization":{"type":"string"},"password":["a"]}"#,
            r#"{"api_key":"","max_tokens":5,"token":"the","key":"value","signature":"EqQB"}"#,
            r#"{"content":"say \"api_key\": \"x\"","n":1e400,"m":123456789012345678901234567890}"#,
            r#"{"properties":{"api_key":{"type":"string","description":"a key"}}}"#,
            r#"["api_key","a"]"#,
            r#"{"sk-helicone-a":1}"#,
        ] {
            check(json, json);
        }
    }

    proptest! {
        #[test]
        fn strings_without_an_end_do_no_harm(json in "[{}:,\" \\\\a]{0,40}") {
            redact_json(&json);
        }
    }
}
