//! Reading facts out of the two bodies of an exchange: models, user, usage, previews.
//!
//! A fact is noted only when the bodies state it: a request whose end is missing, or a body that is not
//! JSON, says nothing, and counts come from the provider alone.

mod form;
mod path;
mod products;
mod request;
mod structure;

use gatehouse_types::{Dialect, Observed};

use self::path::Called;
use self::request::observe_request;
use crate::framing::Framing;
use crate::openai;
use crate::scanner::{AnswerScanner, ScannedAnswer, ScannedRequest};

pub(crate) use structure::Structure;

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
pub fn observe(input: ObserveInput<'_>) -> Observed {
    let mut scanner = AnswerScanner::new(input.dialect, input.response.content_type, None);
    scanner.push(input.response.bytes);
    observe_scanned(input, None, scanner.finish(!input.response.truncated))
}

/// Returns what [`observe`] does, where the answer was read while it passed, and the request where there is one: their
/// bytes in `input` don't matter.
pub fn observe_scanned(
    input: ObserveInput<'_>,
    request: Option<ScannedRequest>,
    answer: ScannedAnswer,
) -> Observed {
    let mut observed = Observed::default();
    let called = Called::by(input.path);
    let condensed = request.and_then(|request| request.0);
    let whole = condensed.as_deref().map(|bytes| BodyView { bytes, truncated: false, ..input.request });
    let request = whole.unwrap_or(input.request);
    let requested = observe_request(&request, input.path, input.dialect, &mut observed);
    if requested.is_event {
        // What a tool or a database answered is no model's answer, whatever its members are called.
        return Observed { extra_charges: false, ..observed };
    }
    let truncated = answer.is_cut;
    let structure = answer.tell(&mut observed);
    if truncated {
        // Some providers report running counts: without the end nobody knows which one was the last.
        (observed.usage, observed.declared_cost) = (None, None);
    }
    if structure == Some(Structure::OpenAi) || input.dialect == Dialect::OpenAi {
        let models = [&observed.request_model, &observed.response_model];
        observed.extra_charges |= models.into_iter().flatten().any(|model| openai::is_search_model(model));
    }
    if matches!(input.dialect, Dialect::Google | Dialect::Bedrock) {
        observed.request_model = called.model.or(observed.request_model);
    } else if matches!(input.dialect, Dialect::Anthropic | Dialect::OpenAi) {
        observed.request_model = observed.request_model.or(called.model);
    }
    if input.dialect != Dialect::OpenAi {
        observed.stream =
            called.is_stream.filter(|is_stream| *is_stream).or(observed.stream).or(called.is_stream);
    }
    if whole.is_none() {
        // How long a text is that was made short is not known.
        requested.products.complete(&BodyView { truncated, ..input.response }, &mut observed);
    }
    observed
}

impl BodyView<'_> {
    /// Returns whether this is a stream of events, by its type or, if that tells nothing, by how it begins.
    pub fn is_event_stream(&self) -> bool {
        Framing::is_streamed(self)
    }

    fn is_object(&self) -> bool {
        self.bytes.trim_ascii_start().first() == Some(&b'{')
    }
}

#[cfg(test)]
mod tests;
