//! Changes to a JSON body that leave every byte alone which they don't have to touch.
//!
//! Spaces, the order of members, the digits of numbers, escapes and repeated members stay as the client
//! wrote them: only the values that change are replaced, and new members are put at the end of their
//! object. Of a repeated member every occurrence is changed, because parsers differ in which one they take.
//! The time is linear in the body's length for each level of objects that a change reaches into.

pub(crate) mod spans;

use serde_json::{Map, Value};

use spans::{Span, Splices};

/// Why a body can't be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no member to change.
    #[error("the body is not a JSON object")]
    NotObject,
    /// What is changed stands there so often that the body would become far larger than it was.
    #[error("what is changed stands in the body too often")]
    TooLarge,
}

/// How much larger than twice its size a body may become, in bytes: a member that is repeated a million times
/// is nobody's, and replacing each of them takes more memory than there is.
const MOST_GROWTH: usize = 1 << 20;

/// Returns the body with `stream_options.include_usage` set to `true`, so that an OpenAI stream ends with its
/// token counts.
///
/// `None` when there is nothing to change: the body is not a JSON object, `stream` is not `true`, the usage is
/// asked for already, or `stream_options` is something that no provider would take.
pub fn with_stream_usage(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let members = spans::members(text, Span::whole(text))?;
    if spans::last(&members, "stream")?.of(text) != "true" {
        return None;
    }
    if let Some(options) =
        spans::last(&members, "stream_options").filter(|options| options.of(text) != "null")
    {
        let options = spans::members(text, options)?;
        if spans::last(&options, "include_usage").is_some_and(|usage| usage.of(text) == "true") {
            return None;
        }
    }
    let usage = Map::from_iter([("include_usage".to_owned(), Value::Bool(true))]);
    with_overrides(body, &Map::from_iter([("stream_options".to_owned(), Value::Object(usage))])).ok()
}

/// Returns the body with `overrides` merged into it: an object into an object member by member, to any depth;
/// anything else takes the place of what was there, and what was not there is added.
///
/// # Errors
/// Fails when the body is not a JSON object in UTF-8, and when so much is replaced that it would be more than a
/// MiB larger than twice what it was.
pub fn with_overrides(body: &[u8], overrides: &Map<String, Value>) -> Result<Vec<u8>, EditError> {
    let text = std::str::from_utf8(body).map_err(|_| EditError::NotObject)?;
    let mut splices = Splices::bounded(text, text.len().saturating_add(MOST_GROWTH));
    merge(&mut splices, Span::whole(text), overrides).ok_or(EditError::NotObject)?;
    if splices.is_overfull() {
        return Err(EditError::TooLarge);
    }
    Ok(splices.into_bytes())
}

/// Returns the body with `model` as its model.
///
/// # Errors
/// Fails when the body is not a JSON object in UTF-8.
pub fn with_model(body: &[u8], model: &str) -> Result<Vec<u8>, EditError> {
    with_overrides(body, &Map::from_iter([("model".to_owned(), Value::from(model))]))
}

/// Merges `overrides` into the object at `object`; `None` when there is none.
fn merge(splices: &mut Splices<'_>, object: Span, overrides: &Map<String, Value>) -> Option<()> {
    let text = splices.text();
    let members = spans::members(text, object)?;
    for member in &members {
        if splices.is_overfull() {
            return Some(());
        }
        let Some(new) = overrides.get(&member.key) else { continue };
        let merged = new.as_object().and_then(|new| merge(splices, member.value, new));
        if merged.is_none() {
            splices.replace(member.value, new.to_string());
        }
    }
    let (at, mut comma) = match members.last() {
        Some(last) => (last.value.end, ","),
        None => (spans::after_opening(text, object), ""),
    };
    let is_there = |name: &str| members.iter().any(|member| member.key == name);
    for (name, new) in overrides.iter().filter(|(name, _)| !is_there(name)) {
        let name = Value::from(name.as_str());
        splices.replace(Span { start: at, end: at }, format!("{comma}{name}:{new}"));
        comma = ",";
    }
    Some(())
}

#[cfg(test)]
mod tests;
