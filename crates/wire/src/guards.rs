//! What guards are asked and what they say: our own protocol, and OpenAI's moderation endpoint.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where OpenAI's moderation is asked, at OpenAI's own hosts.
pub const MODERATION_PATH: &str = "/v1/moderations";
/// Where it is asked with a key of the operator's, whatever the call's target is.
pub const MODERATION_URL: &str = "https://api.openai.com/v1/moderations";

/// What a guard is asked; the body of the `POST` to it.
///
/// ```json
/// {"request_id":"…","guard":"acme","kind":"security","text":"…","advanced":false,
///  "model":"gpt-4o","provider":"OPENAI","user_id":null,"properties":{"env":"prod"}}
/// ```
#[derive(Debug, Serialize)]
pub struct GuardQuestion<'a> {
    /// The call's id.
    pub request_id: &'a str,
    /// The guard's name in the configuration.
    pub guard: &'a str,
    /// Why it is asked: `moderation`, `security` or `always`.
    pub kind: &'a str,
    /// The last user message.
    pub text: &'a str,
    /// Whether the caller asked for the more thorough look.
    pub advanced: bool,
    /// The model that the body names.
    pub model: Option<&'a str>,
    /// The provider's name, or the authority of an unknown one.
    pub provider: &'a str,
    /// The user that the caller named.
    pub user_id: Option<&'a str>,
    /// The caller's properties.
    pub properties: BTreeMap<&'a str, &'a str>,
}

impl GuardQuestion<'_> {
    /// Returns the question as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        // Writing strings and booleans as JSON into memory can't fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// What a guard says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct GuardVerdict {
    /// Whether the call may be made.
    pub allow: bool,
    /// Why, for whoever reads the refusal and the log.
    #[serde(default)]
    pub reason: Option<String>,
    /// What the guard found.
    #[serde(default)]
    pub categories: Vec<String>,
}

impl GuardVerdict {
    /// Reads the answer of a guard that speaks our protocol; `None` for anything that is not one.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Reads the answer of OpenAI's moderation endpoint; `None` for anything that is not one.
    pub fn read_moderation(body: &[u8]) -> Option<Self> {
        let answer: Moderation = serde_json::from_slice(body).ok()?;
        if answer.results.is_empty() {
            return None;
        }
        let flagged = answer.results.iter().any(|result| result.flagged);
        let found = answer.results.into_iter().flat_map(|result| result.categories);
        let mut categories: Vec<String> =
            found.filter_map(|(name, is_found)| (is_found == Some(true)).then_some(name)).collect();
        categories.sort_unstable();
        categories.dedup();
        Some(Self { allow: !flagged, reason: None, categories })
    }
}

/// Returns the body of a question to OpenAI's moderation endpoint.
pub fn moderation_question(text: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Question<'a> {
        input: &'a str,
    }
    serde_json::to_vec(&Question { input: text }).unwrap_or_default()
}

#[derive(Deserialize)]
struct Moderation {
    results: Vec<ModerationResult>,
}

#[derive(Deserialize)]
struct ModerationResult {
    flagged: bool,
    #[serde(default)]
    categories: BTreeMap<String, Option<bool>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_as_documented() {
        let question = GuardQuestion {
            request_id: "r",
            guard: "acme",
            kind: "security",
            text: "say \"hi\"",
            advanced: true,
            model: None,
            provider: "OPENAI",
            user_id: Some("u"),
            properties: BTreeMap::from([("env", "prod")]),
        };
        let expected = r#"{"request_id":"r","guard":"acme","kind":"security","text":"say \"hi\"","advanced":true,"model":null,"provider":"OPENAI","user_id":"u","properties":{"env":"prod"}}"#;
        assert_eq!(String::from_utf8(question.to_json()).unwrap(), expected);
        assert_eq!(moderation_question("a\nb"), br#"{"input":"a\nb"}"#);
    }

    #[test]
    fn reads_verdicts_and_nothing_else() {
        let read = |text: &str| GuardVerdict::read(text.as_bytes());
        let verdict = read(r#"{"allow":false,"reason":"no","categories":["a"],"more":1}"#).unwrap();
        let expected =
            GuardVerdict { allow: false, reason: Some("no".to_owned()), categories: vec!["a".to_owned()] };
        assert_eq!(verdict, expected);
        assert!(read(r#"{"allow":true}"#).unwrap().allow);
        for text in ["", "{}", "true", r#"{"allow":"yes"}"#, r#"{"allow":null}"#, r#"{"allow":1}"#, "<html>"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn reads_moderations() {
        let read = |text: &str| GuardVerdict::read_moderation(text.as_bytes());
        let flagged = r#"{"id":"m","results":[{"flagged":false,"categories":{"hate":false}},
            {"flagged":true,"categories":{"violence":true,"hate":true,"illicit":null}}]}"#;
        let verdict = read(flagged).unwrap();
        assert_eq!((verdict.allow, verdict.categories.join(" ").as_str()), (false, "hate violence"));
        assert!(read(r#"{"results":[{"flagged":false}]}"#).unwrap().allow);
        for text in ["", "{}", r#"{"results":[]}"#, r#"{"results":[{}]}"#, r#"{"error":{}}"#] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
