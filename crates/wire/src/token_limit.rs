//! Requests that are longer than their model takes: `Helicone-Token-Limit-Exception-Handler`.
//!
//! The caller chose that a request which would be refused is rather shortened, or sent to another model.
//! What is too long is a guess ([`fit`] says which), so a request near the limit may still be refused.
//! Other than Helicone's handler, this one counts the tools once, counts the text parts of a message and
//! the instructions beside the messages, keeps messages that others refer to (tool calls and their
//! results), and never drops everything.

mod middle_out;
mod passages;
mod truncate;

use crate::edit::with_model;
use passages::Request;

/// The share of the context that is left to the answer when the request doesn't say, as a divisor.
const SHARE_OF_ANSWER: u64 = 10;

/// What becomes of a request that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    /// Blanks, comments and ids are taken out of its text, which may or may not be enough.
    Truncate,
    /// A part in the middle of its text is left out, as long as it has to be.
    MiddleOut,
    /// The second of the models in `model`, separated by commas, is asked instead of the first.
    Fallback,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fitted {
    /// It is sent as it is.
    Unchanged,
    /// This body is sent instead.
    Changed(Vec<u8>),
}

impl Handler {
    /// Every handler.
    pub const ALL: [Self; 3] = [Self::Truncate, Self::MiddleOut, Self::Fallback];

    /// Returns the name used in the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Truncate => "truncate",
            Self::MiddleOut => "middle-out",
            Self::Fallback => "fallback",
        }
    }

    /// Returns the handler of this name, in any case; `None` when there is none.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|handler| name.trim().eq_ignore_ascii_case(handler.as_str()))
    }
}

/// Makes a request fit its model, if that is known: `model_override`, else the first of those in `model`.
///
/// A request is too long when its guessed tokens are more than `context_length` says of that model, less what
/// the answer may take: what the request says, else a tenth of the context. The guess is a quarter of the
/// characters of messages, tools and instructions, a fifth for `gpt-3.5-turbo`, 15 % for `gpt-4o-nano`.
/// [`Handler::Fallback`] also leaves one model of several to a request that is short enough. Unchanged stays
/// a body that is not a JSON object in UTF-8, one whose model has no known length, one in which there is
/// nothing to change, and one of which [`Handler::MiddleOut`] would leave nothing.
pub fn fit(
    body: &[u8],
    handler: Handler,
    model_override: Option<&str>,
    context_length: impl Fn(&str) -> Option<u64>,
) -> Fitted {
    let changed = || {
        let request = Request::read(std::str::from_utf8(body).ok()?)?;
        let models: Vec<&str> =
            request.model.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let model = model_override.or(models.first().copied())?;
        let most_chars = context_length(model).map(|tokens| most_chars(tokens, &request, model));
        let too_long = most_chars.filter(|most| request.chars() > *most);
        match (handler, too_long) {
            (Handler::Fallback, too_long) => {
                let second = too_long.and_then(|_| models.get(1));
                let chosen = *second.or(models.first())?;
                (chosen != request.model).then(|| with_model(body, chosen).ok())?
            }
            (_, None) => None,
            (Handler::Truncate, Some(_)) => request.with(truncate::normalised(&request)),
            (Handler::MiddleOut, Some(most)) => request.with(middle_out::without_middle(&request, most)?),
        }
    };
    changed().map_or(Fitted::Unchanged, Fitted::Changed)
}

/// Returns how many characters fit into a context of so many tokens beside the answer.
fn most_chars(context_tokens: u64, request: &Request<'_>, model: &str) -> u64 {
    let answer_tokens = request.output_limit.unwrap_or(context_tokens / SHARE_OF_ANSWER);
    let tokens_per_100_chars = match model {
        _ if model.starts_with("gpt-3.5-turbo") => 20,
        _ if model.starts_with("gpt-4o-nano") => 15,
        _ => 25,
    };
    context_tokens.saturating_sub(answer_tokens).saturating_mul(100) / tokens_per_100_chars
}

#[cfg(test)]
mod tests;
