//! The dialect of a call: its path where that is telling, else its provider.

use std::sync::Arc;

use gatehouse_types::Dialect;

use super::{Provider, ProviderTable, provider_behind};

/// The last segments of the paths of Bedrock's runtime that call a model.
const BEDROCK_ACTIONS: [&str; 4] = ["converse", "converse-stream", "invoke", "invoke-with-response-stream"];

impl ProviderTable {
    /// Returns the dialect of a call: as [`dialect_of`], of the provider behind the one that is called if
    /// there is one.
    pub fn dialect_of(&self, provider: Option<&Provider>, path: &str) -> Dialect {
        let behind = provider.and_then(|provider| provider_behind(self, provider, path));
        dialect_of(behind.map(Arc::as_ref).or(provider), path)
    }
}

/// Returns the dialect of a call: the path decides where it is telling, else the provider.
///
/// `path` may carry a query. Many providers speak OpenAI's chat completions beside their own API, Vertex AI and
/// others speak Anthropic's for its models, and private model servers are known by their path alone.
pub fn dialect_of(provider: Option<&Provider>, path: &str) -> Dialect {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    of_path(path).or(provider.map(|provider| provider.dialect)).unwrap_or_default()
}

fn of_path(path: &str) -> Option<Dialect> {
    let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    if ends(&["/chat/completions"]) {
        return Some(Dialect::OpenAi);
    }
    if ends(&["/v1/messages", "/v1/messages/count_tokens"]) {
        return Some(Dialect::Anthropic);
    }
    if ends(&[":rawPredict", ":streamRawPredict"]) && path.contains("/publishers/anthropic/models/") {
        return Some(Dialect::Anthropic);
    }
    if ends(&[":generateContent", ":streamGenerateContent"]) {
        return Some(Dialect::Google);
    }
    let (model, action) = path.rsplit_once('/')?;
    (BEDROCK_ACTIONS.contains(&action) && model.contains("/model/")).then_some(Dialect::Bedrock)
}
