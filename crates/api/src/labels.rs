//! What `Helicone-…` names say about a call that an application logs by itself: headers of the request, or
//! values beside the record.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue};
use gatehouse_store::log::{MAX_NAME_CHARACTERS, MAX_VALUE_BYTES};
use gatehouse_types::RequestId;

/// What all names begin with, in lower case.
const PREFIX: &str = "helicone-";
const PROPERTY: &str = "property-";
/// How many properties a call may have, and how many bytes their names and values, as in a request with as many headers
/// as the gateway takes: a row is read as a whole, and a page has a thousand.
const MAX_PROPERTIES: usize = 256;
const MAX_PROPERTIES_BYTES: usize = 64 << 10;

/// The values; of one that is set twice the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Labels {
    pub(crate) request_id: Option<RequestId>,
    pub(crate) user_id: Option<String>,
    /// Custom properties, in the spelling of headers, which is lower case, and the session trio.
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) model_override: Option<String>,
    pub(crate) prompt_id: Option<String>,
    pub(crate) prompt_version: Option<String>,
    pub(crate) omit_request: bool,
    pub(crate) omit_response: bool,
}

impl Labels {
    /// Takes what headers say.
    pub(crate) fn set_headers(&mut self, headers: &HeaderMap) {
        for (name, value) in headers {
            self.set(name.as_str(), &text(value));
        }
    }

    /// Takes one value; returns whether its name is one of Helicone's, in any letter case.
    ///
    /// Names that say nothing about a call that is over are passed over, as is an id that is none. A value that
    /// is too long to be kept is cut.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let Some(name) = name.strip_prefix(PREFIX) else { return false };
        let value = cut(value);
        let filled = || Some(value.to_owned()).filter(|value| !value.is_empty());
        let is_true = value.trim().eq_ignore_ascii_case("true");
        match name {
            "request-id" => self.request_id = RequestId::parse(value.trim()).or(self.request_id),
            "user-id" => self.user_id = filled(),
            "model-override" => self.model_override = filled(),
            "prompt-id" => self.prompt_id = filled(),
            "prompt-version" => self.prompt_version = filled(),
            "omit-request" => self.omit_request = is_true,
            "omit-response" => self.omit_response = is_true,
            "session-id" => self.set_property("Helicone-Session-Id", value),
            "session-path" => self.set_property("Helicone-Session-Path", value),
            "session-name" => self.set_property("Helicone-Session-Name", value),
            _ => {
                if let Some(property) = name.strip_prefix(PROPERTY) {
                    self.set_property(property, value);
                }
            }
        }
        true
    }

    /// Takes a property; one whose name can't be one is left out, and so is one too many.
    pub(crate) fn set_property(&mut self, name: &str, value: &str) {
        let value = cut(value);
        let is_name = !name.is_empty() && name.chars().nth(MAX_NAME_CHARACTERS).is_none();
        if is_name && self.has_room(name, value) {
            self.properties.insert(name.to_owned(), value.to_owned());
        }
    }

    fn has_room(&self, name: &str, value: &str) -> bool {
        let is_new = !self.properties.contains_key(name);
        if is_new && self.properties.len() >= MAX_PROPERTIES {
            return false;
        }
        let others = self.properties.iter().filter(|(other, _)| *other != name);
        let bytes: usize = others.map(|(name, value)| name.len() + value.len()).sum();
        bytes + name.len() + value.len() <= MAX_PROPERTIES_BYTES
    }
}

/// Returns whether a name is one of Helicone's, in any letter case.
pub(crate) fn is_ours(name: &str) -> bool {
    name.get(..PREFIX.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX))
}

/// Decodes a header value: UTF-8 where it is, else Latin-1, in which every byte is a character.
pub(crate) fn text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// The beginning of a text, as far as values are kept.
pub(crate) fn cut(text: &str) -> &str {
    let end = (0..=MAX_VALUE_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_in_any_letter_case_and_the_last_value_counts() {
        let mut labels = Labels::default();
        let id = "0193a1d2-7c3e-7bbb-8000-1234567890ab";
        for (name, value) in [
            ("Helicone-Request-Id", "not an id"),
            ("HELICONE-REQUEST-ID", id),
            ("helicone-request-id", "neither"),
            ("Helicone-User-Id", "ann"),
            ("Helicone-Property-City", "Zürich"),
            ("helicone-property-city", "Bern"),
            ("Helicone-Property-", "nameless"),
            ("Helicone-Session-Id", "s1"),
            ("Helicone-Omit-Request", " TRUE "),
            ("Helicone-Auth", "Bearer sk-helicone-a"),
        ] {
            assert!(labels.set(name, value), "{name}");
        }
        assert!(!labels.set("User-Id", "x"));
        let properties = [("Helicone-Session-Id", "s1"), ("city", "Bern")];
        let expected = Labels {
            request_id: RequestId::parse(id),
            user_id: Some("ann".to_owned()),
            properties: properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            omit_request: true,
            ..Labels::default()
        };
        assert_eq!(labels, expected);
        labels.set("helicone-user-id", "");
        assert_eq!(labels.user_id, None);
    }

    #[test]
    fn values_have_a_bound_and_stay_text() {
        let long = "é".repeat(MAX_VALUE_BYTES);
        let mut labels = Labels::default();
        labels.set("helicone-property-a", &long);
        labels.set_property(&"n".repeat(MAX_NAME_CHARACTERS + 1), "v");
        assert_eq!(labels.properties.len(), 1);
        assert_eq!(labels.properties["a"].len(), MAX_VALUE_BYTES);
        assert_eq!(cut("short"), "short");
    }

    #[test]
    fn a_call_has_a_bounded_number_of_properties_of_bounded_size() {
        let mut labels = Labels::default();
        for number in 0..2 * MAX_PROPERTIES {
            labels.set("helicone-user-id", "ann");
            labels.set_property(&number.to_string(), "before");
        }
        assert_eq!(labels.properties.len(), MAX_PROPERTIES);
        labels.set_property("7", "after");
        assert_eq!(labels.properties["7"], "after", "one that is there may still be set");

        let mut labels = Labels::default();
        for number in 0..20 {
            labels.set_property(&number.to_string(), &"v".repeat(MAX_VALUE_BYTES));
        }
        let bytes: usize = labels.properties.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!(labels.properties.len() == 6 && bytes <= MAX_PROPERTIES_BYTES, "{bytes}");
        labels.set_property("0", "v");
        labels.set_property("19", &"v".repeat(MAX_VALUE_BYTES));
        assert_eq!(labels.properties.len(), 7, "what is replaced makes room");
    }
}
