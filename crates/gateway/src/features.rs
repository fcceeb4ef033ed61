//! The headers that ask the gateway for more than passing a call on, as they came.
//!
//! Most calls have none of them and pay nothing for them. What they mean is read in `options.rs`.

use std::fmt;

use http::HeaderValue;

use crate::headers;

/// Every header that switches something on, in Helicone's spelling, lower case.
const NAMES: [&str; 33] = [
    "helicone-cache-bucket-max-size",
    "helicone-cache-control",
    "helicone-cache-enabled",
    "helicone-cache-ignore-keys",
    "helicone-cache-pacing",
    "helicone-cache-read",
    "helicone-cache-save",
    "helicone-cache-seed",
    "helicone-experiment-column-id",
    "helicone-experiment-id",
    "helicone-experiment-row-index",
    "helicone-fallbacks",
    "helicone-increase-timeout",
    "helicone-llm-security-advanced",
    "helicone-llm-security-enabled",
    "helicone-moderations-enabled",
    "helicone-node-id",
    "helicone-peyeeye-enabled",
    "helicone-prompt-format",
    "helicone-prompt-id",
    "helicone-prompt-mode",
    "helicone-prompt-name",
    "helicone-prompt-version",
    "helicone-ratelimit-policy",
    "helicone-retry-enabled",
    "helicone-retry-factor",
    "helicone-retry-max-timeout",
    "helicone-retry-min-timeout",
    "helicone-retry-num",
    "helicone-stream-force-format",
    "helicone-stream-usage",
    "helicone-token-limit-exception-handler",
    "helicone-webhook-enabled",
];

/// Other spellings in Helicone's documentation.
const ALIASES: [(&str, &str); 2] = [
    ("helicone-prompt-security-enabled", "helicone-llm-security-enabled"),
    ("helicone-rate-limit-policy", "helicone-ratelimit-policy"),
];

/// Which of these headers a call has.
///
/// Its `Debug` form shows no values: those of `Helicone-Fallbacks` hold providers' keys.
#[derive(Default)]
pub(crate) struct Features(Vec<(&'static str, HeaderValue)>);

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Features {
    /// Takes a header if it is one of them; of two with the same name the first one counts.
    pub(crate) fn take(&mut self, name: &str, value: &HeaderValue) {
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name, |(_, name)| name);
        let Ok(place) = NAMES.binary_search(&name) else { return };
        let Some(name) = NAMES.get(place) else { return };
        if self.get(name).is_none() {
            self.0.push((name, value.clone()));
        }
    }

    /// Returns whether the call has none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the value of a header.
    pub(crate) fn get(&self, name: &str) -> Option<&HeaderValue> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Returns the value of a header as text without the spaces around it.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| headers::text(value).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_name_and_its_aliases() {
        assert!(NAMES.is_sorted());
        for name in NAMES.into_iter().chain(ALIASES.map(|(alias, _)| alias)) {
            let mut features = Features::default();
            features.take(name, &HeaderValue::from_static("first"));
            features.take(name, &HeaderValue::from_static("second"));
            let canonical = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
            assert_eq!(features.text(canonical).as_deref(), Some("first"), "{name}");
        }
        let mut features = Features::default();
        features.take("helicone-fallbacks", &HeaderValue::from_static("sk-secret"));
        assert_eq!(format!("{features:?}"), "{\"helicone-fallbacks\"}");
        let mut features = Features::default();
        features.take("helicone-cache", &HeaderValue::from_static("true"));
        assert!(features.is_empty());
    }
}
