//! How large a call will be, guessed from its request: for what limits set aside, never for what is recorded.

use std::fmt;

use gatehouse_types::Dialect;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::edit::spans::{self, Member, Span};

/// How many bytes of text count as a token: what English has on average.
const BYTES_PER_TOKEN: u64 = 4;
/// The members that say how long an answer may get; the first that says a number above 0 counts.
const OUTPUT_LIMITS: [&str; 7] = [
    "max_completion_tokens",
    "max_tokens",
    "max_output_tokens",
    "maxOutputTokens",
    "maxTokens",
    "max_tokens_to_sample",
    "max_gen_len",
];
/// The members that may hold one of [`OUTPUT_LIMITS`] instead of the request itself.
const OUTPUT_LIMIT_PARENTS: [&str; 4] =
    ["response", "generation_config", "generationConfig", "inferenceConfig"];
/// The members that say how many answers are to be generated.
const ANSWERS: [&str; 2] = ["n", "candidateCount"];
/// Members whose text is not read as text: pictures, sounds, files and where they are.
const BLOBS: [&str; 4] = ["data", "file_data", "url", "image_url"];

/// How large a call may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestSize {
    /// The model that is asked for; `None` when the body doesn't name it, as Google's and Bedrock's bodies.
    pub model: Option<String>,
    /// The caller's own user id (`user`).
    pub user: Option<String>,
    /// How many tokens the input has, roughly: a quarter of its text in bytes. Pictures and other files count
    /// nothing, because their bytes say nothing about their tokens.
    pub input_tokens_estimate: u64,
    /// How many tokens all answers together may have; `None` when the request sets no limit.
    pub max_output_tokens: Option<u64>,
}

/// Returns how large the call with this request `body` may be.
///
/// A body that is not a JSON object counts as text from end to end.
pub fn request_size(body: &[u8], dialect: Dialect) -> RequestSize {
    let parts = std::str::from_utf8(body)
        .ok()
        .and_then(|text| Some((text, spans::members(text, Span::whole(text))?)));
    let Some((text, members)) = parts else {
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        return RequestSize {
            input_tokens_estimate: bytes.div_ceil(BYTES_PER_TOKEN),
            ..RequestSize::default()
        };
    };
    let names_model = !matches!(dialect, Dialect::Google | Dialect::Bedrock);
    let answers = ANSWERS.iter().filter_map(|name| number(text, &members, name)).max().unwrap_or(1).max(1);
    RequestSize {
        model: spans::last(&members, "model")
            .filter(|_| names_model)
            .and_then(|model| spans::string(text, model))
            .filter(|model| !model.is_empty()),
        user: spans::last(&members, "user")
            .and_then(|user| spans::string(text, user))
            .filter(|user| !user.is_empty()),
        input_tokens_estimate: members
            .iter()
            .filter(|member| !BLOBS.contains(&member.key.as_str()))
            .map(|member| text_bytes(member.value.of(text)))
            .fold(0, u64::saturating_add)
            .div_ceil(BYTES_PER_TOKEN),
        max_output_tokens: output_limit(text, &members).map(|tokens| tokens.saturating_mul(answers)),
    }
}

/// Returns how many tokens one answer to a request of these `members` may have, whatever the dialect.
pub(crate) fn output_limit(text: &str, members: &[Member]) -> Option<u64> {
    let first = |members: &[Member]| {
        OUTPUT_LIMITS.iter().find_map(|name| number(text, members, name).filter(|n| *n > 0))
    };
    let below = |parent: &str| first(&spans::members(text, spans::last(members, parent)?)?);
    first(members).or_else(|| OUTPUT_LIMIT_PARENTS.iter().find_map(|parent| below(parent)))
}

fn number(text: &str, members: &[Member], name: &str) -> Option<u64> {
    spans::last(members, name)?.of(text).parse().ok()
}

/// Returns how many bytes of text are in a JSON value, the names of members among them.
fn text_bytes(json: &str) -> u64 {
    // What is nested too deeply to be read counts from end to end.
    serde_json::from_str(json).map_or(json.len() as u64, |TextBytes(bytes)| bytes)
}

/// The bytes of text in a value.
#[derive(Clone, Copy)]
struct TextBytes(u64);

impl<'de> Deserialize<'de> for TextBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextBytesVisitor).map(Self)
    }
}

struct TextBytesVisitor;

impl<'de> Visitor<'de> for TextBytesVisitor {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<u64, E> {
        Ok(0)
    }
    fn visit_bool<E>(self, _: bool) -> Result<u64, E> {
        Ok(0)
    }
    // A number is a token where prompts are lists of tokens; elsewhere it hardly matters.
    fn visit_u64<E>(self, _: u64) -> Result<u64, E> {
        Ok(BYTES_PER_TOKEN)
    }
    fn visit_i64<E>(self, _: i64) -> Result<u64, E> {
        Ok(BYTES_PER_TOKEN)
    }
    fn visit_f64<E>(self, _: f64) -> Result<u64, E> {
        Ok(BYTES_PER_TOKEN)
    }
    fn visit_str<E>(self, text: &str) -> Result<u64, E> {
        let is_blob = text.starts_with("data:");
        Ok(if is_blob { 0 } else { u64::try_from(text.len()).unwrap_or(u64::MAX) })
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u64, A::Error> {
        let mut sum = 0_u64;
        while let Some(TextBytes(bytes)) = seq.next_element()? {
            sum = sum.saturating_add(bytes);
        }
        Ok(sum)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<u64, A::Error> {
        let mut sum = 0_u64;
        while let Some(key) = map.next_key::<String>()? {
            if BLOBS.contains(&key.as_str()) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let TextBytes(bytes) = map.next_value()?;
            sum = sum.saturating_add(bytes).saturating_add(u64::try_from(key.len()).unwrap_or(u64::MAX));
        }
        Ok(sum)
    }
}

#[cfg(test)]
mod tests;
