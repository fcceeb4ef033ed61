//! Bodies as they were captured: decoded for the log, and read for what they say about the call.

use std::borrow::Cow;

use bytes::Bytes;
use gatehouse_types::{Body, BodyState, ExchangeMeta, Observed};

use crate::decode::{Ending, decode};
use crate::observe::{BodyView, ObserveInput, observe_scanned};
use crate::scanner::{AnswerScanner, ScannedAnswer, ScannedRequest};

/// A captured body without its content encoding.
#[derive(Clone, Debug)]
pub struct ReadBody {
    /// The bytes; `None` when nothing is kept.
    pub bytes: Option<Bytes>,
    /// What became of the body.
    pub state: BodyState,
    /// Whether the body's end is missing.
    truncated: bool,
    /// Whether it is only missing here: the body is longer than what was to be decoded of it.
    is_capped: bool,
}

/// Decodes a captured body, `max_bytes` of it at most; one whose encoding can't be undone stays as it was sent.
pub fn read_body(body: &Body, max_bytes: usize) -> ReadBody {
    let sent = body.contiguous();
    if sent.is_empty() {
        let truncated = body.state == BodyState::Truncated;
        return ReadBody { bytes: None, state: body.state, truncated, is_capped: false };
    }
    let decoded = decode(body.content_encoding.as_deref(), &sent, max_bytes);
    let (bytes, ending) = match decoded.bytes {
        Cow::Owned(bytes) if !bytes.is_empty() || decoded.ending == Ending::Whole => {
            (Bytes::from(bytes), decoded.ending)
        }
        _ if sent.len() > max_bytes => (sent.slice(..max_bytes), Ending::Capped),
        _ => (sent.clone(), decoded.ending),
    };
    let is_capped = ending == Ending::Capped;
    let state = if is_capped { BodyState::Truncated } else { body.state };
    let truncated = state == BodyState::Truncated || ending == Ending::Cut;
    ReadBody { bytes: (!bytes.is_empty()).then_some(bytes), state, truncated, is_capped }
}

impl ReadBody {
    /// Returns the body as it is stored: cut at `max_bytes`.
    pub fn cut(self, max_bytes: usize) -> Self {
        match self.bytes {
            Some(bytes) if bytes.len() > max_bytes => Self {
                bytes: (max_bytes > 0)
                    .then(|| Bytes::copy_from_slice(bytes.get(..max_bytes).unwrap_or_default())),
                state: BodyState::Truncated,
                truncated: true,
                is_capped: true,
            },
            bytes => Self { bytes, ..self },
        }
    }
}

/// Both bodies of a call, captured and decoded.
#[derive(Clone, Copy, Debug)]
pub struct ReadExchange<'a> {
    /// What the client sent.
    pub request: (&'a Body, &'a ReadBody),
    /// What came back.
    pub response: (&'a Body, &'a ReadBody),
}

impl<'a> ReadExchange<'a> {
    /// Returns what the bodies say about the call. What is kept of the answer is read to its end, however little of
    /// it was to be decoded.
    pub fn observe(&self, meta: &ExchangeMeta) -> Observed {
        self.observe_scanned(meta, None, None)
    }

    /// Returns what [`observe`](Self::observe) does, where a body was read while it passed.
    pub fn observe_scanned(
        &self,
        meta: &ExchangeMeta,
        request: Option<ScannedRequest>,
        answer: Option<ScannedAnswer>,
    ) -> Observed {
        let input = ObserveInput {
            dialect: meta.dialect,
            path: &meta.path,
            request: view(self.request),
            response: view(self.response),
        };
        observe_scanned(input, request, answer.unwrap_or_else(|| self.scanned_answer(meta)))
    }

    fn scanned_answer(&self, meta: &ExchangeMeta) -> ScannedAnswer {
        let (body, read) = self.response;
        let encoding = body.content_encoding.as_deref().filter(|_| read.is_capped);
        let mut scanner = AnswerScanner::new(meta.dialect, body.content_type.as_deref(), encoding);
        let is_cut = if read.is_capped {
            body.segments.iter().for_each(|segment| scanner.push(segment));
            body.state == BodyState::Truncated
        } else {
            scanner.push(read.bytes.as_deref().unwrap_or_default());
            read.truncated
        };
        // Of an answer that did not come to its end nobody knows which count would have been the last.
        scanner.finish(!is_cut && meta.outcome.is_whole())
    }

    /// Returns whether the answer is an event stream.
    pub fn is_event_stream(&self) -> bool {
        view(self.response).is_event_stream()
    }
}

fn view<'a>((body, read): (&'a Body, &'a ReadBody)) -> BodyView<'a> {
    BodyView {
        bytes: read.bytes.as_deref().unwrap_or_default(),
        content_type: body.content_type.as_deref(),
        truncated: read.truncated,
    }
}

#[cfg(test)]
mod tests;
