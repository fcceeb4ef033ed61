//! What an answer, an event or a line of one says: usage, and the beginning of its text.

use serde::de::MapAccess;

use super::usage::RawUsage;
use crate::facts::{Facts, Reader, note};
use crate::json::{Scalar, Shape, Shaped, read, skip};
use crate::transcript::Speech;

/// An answer, an event of the second version, a line of the first one, or an error.
#[derive(Debug, Default)]
struct Answer<'a> {
    model: Scalar<'a>,
    usage: Option<RawUsage>,
    said: Speech<'a>,
    /// The answer inside the last line or event.
    inner: Option<Box<Answer<'a>>>,
}

impl<'de: 'a, 'a> Shape<'de> for Answer<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "model" => self.model = map.next_value()?,
            "meta" | "usage" => {
                let usage = map.next_value::<Option<Shaped<RawUsage>>>()?.map(|usage| usage.0);
                self.usage = usage.or(self.usage.take());
            }
            "message" | "text" => self.said = map.next_value::<Shaped<Speech<'de>>>()?.0.ended(),
            "delta" | "response" => {
                let inner = map.next_value::<Shaped<Inner<'de>>>()?.0;
                self.inner = Some(Box::new(inner.0));
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// The answer inside an event; it holds no further one.
#[derive(Debug, Default)]
struct Inner<'a>(Answer<'a>);

impl<'de: 'a, 'a> Shape<'de> for Inner<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if matches!(key, "delta" | "response") { skip(map) } else { self.0.member(key, map) }
    }
}

/// Reads Cohere's answers.
#[derive(Debug, Default)]
pub(crate) struct Cohere(Facts);

impl Cohere {
    fn take(&mut self, answer: Answer<'_>, repeats: bool) {
        let facts = &mut self.0;
        if !repeats {
            facts.transcript.add(&answer.said);
        }
        if let Some(usage) = answer.usage {
            facts.usage = usage.classes();
            facts.has_fees |= usage.has_fees();
        }
        note(&mut facts.model, answer.model);
    }
}

impl Reader for Cohere {
    fn add(&mut self, piece: &[u8]) {
        let Some(mut answer) = read::<Answer<'_>>(piece) else { return };
        let inner = answer.inner.take();
        self.take(answer, false);
        if let Some(inner) = inner {
            // The last line of the first version repeats the whole text, and only it has usage.
            let repeats = inner.usage.is_some() && !self.0.transcript.is_empty();
            self.take(*inner, repeats);
        }
    }

    fn facts(self, _: bool) -> Facts {
        self.0
    }
}
