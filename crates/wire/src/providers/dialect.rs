//! The dialect of a call: its path where that is telling, else its provider.

use gatehouse_types::Dialect;

use super::Provider;

/// Returns the dialect of a call: the path decides where it is telling, else the provider.
///
/// `path` may carry a query. Many providers speak OpenAI's chat completions beside their own API, and
/// private model servers are known by their path alone.
pub fn dialect_of(provider: Option<&Provider>, path: &str) -> Dialect {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.ends_with("/chat/completions") {
        return Dialect::OpenAi;
    }
    if path.ends_with("/v1/messages") {
        return Dialect::Anthropic;
    }
    if path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent") {
        return Dialect::Google;
    }
    provider.map_or(Dialect::Unknown, |provider| provider.dialect)
}
