//! Reading facts out of the two bodies of an exchange: models, user, usage, previews.
//!
//! A fact is noted only when the bodies state it: a request whose end is missing, or a body that is not
//! JSON, says nothing, and counts come from the provider alone.

use gatehouse_types::{Dialect, Observed};

use crate::openai;

/// One body as [`observe`] takes it: decoded from its content encoding.
#[derive(Clone, Copy, Debug, Default)]
pub struct BodyView<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// The `Content-Type`.
    pub content_type: Option<&'a str>,
    /// Whether `bytes` is only the beginning of the body.
    pub truncated: bool,
}

/// What [`observe`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct ObserveInput<'a> {
    /// The shape of the provider's API.
    pub dialect: Dialect,
    /// The path of the call; a query may follow.
    pub path: &'a str,
    /// What the client sent.
    pub request: BodyView<'a>,
    /// What came back.
    pub response: BodyView<'a>,
}

/// Returns what the bodies say about the call; what they don't say, or what does not validate, is `None`.
///
/// Of dialects other than OpenAI's only the models and the caller's side are read: their usage is `None`.
pub fn observe(input: ObserveInput<'_>) -> Observed {
    let mut observed = Observed::default();
    let may_be_read = !input.request.truncated && input.request.is_object();
    if may_be_read && openai::observe_request(input.request.bytes, &mut observed) {
        // What a tool or a database answered is no model's answer, whatever its members are called.
        return Observed { extra_charges: false, ..observed };
    }
    if input.response.is_event_stream() {
        openai::observe_events(input.response.bytes, &mut observed);
    } else if !input.response.truncated && input.response.is_object() {
        openai::observe_answer(input.response.bytes, &mut observed);
    }
    if input.response.truncated {
        // Some providers report running counts: without the end nobody knows which one was the last.
        observed.usage = None;
    }
    let models = [&observed.request_model, &observed.response_model];
    observed.extra_charges |= models.into_iter().flatten().any(|model| openai::is_search_model(model));
    if input.dialect != Dialect::OpenAi {
        observed.extra_charges = false;
        observed = Observed { usage: None, service_tier: None, response_preview: None, ..observed };
    }
    if input.dialect == Dialect::Google {
        observed.request_model = model_in_path(input.path).map(str::to_owned).or(observed.request_model);
    }
    observed
}

impl BodyView<'_> {
    /// Returns whether this is a stream of server-sent events, by its type or, if that tells nothing, by
    /// how it begins.
    pub fn is_event_stream(&self) -> bool {
        let content_type = self.content_type.unwrap_or_default().as_bytes();
        if contains_ignoring_case(content_type, b"event-stream") {
            return true;
        }
        let starts = |field: &[u8]| self.bytes.starts_with(field);
        !contains_ignoring_case(content_type, b"json") && (starts(b"data:") || starts(b"event:"))
    }

    fn is_object(&self) -> bool {
        self.bytes.trim_ascii_start().first() == Some(&b'{')
    }
}

fn contains_ignoring_case(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

/// The model of a path such as `/v1beta/models/gemini-2.5-pro:generateContent`.
fn model_in_path(path: &str) -> Option<&str> {
    let path = path.split('?').next()?;
    let (_, after) = path.rsplit_once("/models/")?;
    let (model, _) = after.split_once(':')?;
    (!model.is_empty() && !model.contains('/')).then_some(model)
}

#[cfg(test)]
mod tests;
