//! Reading facts out of the two bodies of an exchange: models, user, usage, previews.
//!
//! A fact is noted only when the bodies state it: a request whose end is missing, or a body that is not
//! JSON, says nothing, and counts come from the provider alone.

mod path;
mod request;
mod structure;

use gatehouse_types::{Dialect, Observed};

use self::path::Called;
use self::request::observe_request;
use self::structure::Structure;
use crate::anthropic::Anthropic;
use crate::bedrock::Bedrock;
use crate::cohere::Cohere;
use crate::facts::{Facts, Reader};
use crate::framing::Framing;
use crate::google::Google;
use crate::ollama::Ollama;
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
pub fn observe(input: ObserveInput<'_>) -> Observed {
    let mut observed = Observed::default();
    let called = Called::by(input.path);
    let may_be_read = !input.request.truncated && input.request.is_object();
    if may_be_read && observe_request(input.request.bytes, input.dialect, &mut observed) {
        // What a tool or a database answered is no model's answer, whatever its members are called.
        return Observed { extra_charges: false, ..observed };
    }
    let structure = observe_answer(&input, &mut observed);
    if input.response.truncated {
        // Some providers report running counts: without the end nobody knows which one was the last.
        observed.usage = None;
    }
    if structure == Some(Structure::OpenAi) || input.dialect == Dialect::OpenAi {
        let models = [&observed.request_model, &observed.response_model];
        observed.extra_charges |= models.into_iter().flatten().any(|model| openai::is_search_model(model));
    }
    if matches!(input.dialect, Dialect::Google | Dialect::Bedrock) {
        observed.request_model = called.model.or(observed.request_model);
    } else if input.dialect == Dialect::Anthropic {
        observed.request_model = observed.request_model.or(called.model);
    }
    if input.dialect != Dialect::OpenAi {
        observed.stream =
            called.is_stream.filter(|is_stream| *is_stream).or(observed.stream).or(called.is_stream);
    }
    observed
}

/// Notes what the answer says; returns how it is made, if it is made of JSON.
fn observe_answer(input: &ObserveInput<'_>, observed: &mut Observed) -> Option<Structure> {
    let framing = Framing::of(&input.response)?;
    if framing == Framing::Object && input.response.truncated {
        return None;
    }
    let structure = Structure::of(framing, input.response.bytes, input.dialect);
    if framing == Framing::Array && structure != Structure::Google {
        return None;
    }
    let body = input.response.bytes;
    let facts = match structure {
        Structure::OpenAi => facts_of::<openai::OpenAi>(framing, body),
        Structure::Anthropic => facts_of::<Anthropic>(framing, body),
        Structure::Google => facts_of::<Google>(framing, body),
        Structure::Cohere => facts_of::<Cohere>(framing, body),
        Structure::Bedrock => facts_of::<Bedrock>(framing, body),
        Structure::Ollama => facts_of::<Ollama>(framing, body),
    };
    let lacks_usage = facts.usage.is_none();
    facts.tell(observed);
    if lacks_usage && framing == Framing::Frames && structure != Structure::Bedrock {
        // Bedrock counts what its models stream, whether they do so themselves or not.
        observed.usage = facts_of::<Bedrock>(framing, body).usage;
    }
    Some(structure)
}

fn facts_of<R: Reader>(framing: Framing, body: &[u8]) -> Facts {
    let mut reader = R::default();
    framing.each_piece(body, &mut |piece| reader.add(piece));
    reader.facts(framing.is_stream())
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
