//! Ollama's own API: flat counts, which only the last line of a stream has.

use gatehouse_types::Usage;
use serde::de::MapAccess;

use crate::counts::Count;
use crate::facts::{Facts, Reader, note};
use crate::json::{Scalar, Shape, Shaped, read, skip};
use crate::transcript::Speech;

/// An answer, a line of one, or an error.
#[derive(Debug, Default)]
struct Line<'a> {
    model: Scalar<'a>,
    said: Speech<'a>,
    failure: Speech<'a>,
    done: Scalar<'a>,
    input: Count,
    output: Count,
}

impl<'de: 'a, 'a> Shape<'de> for Line<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "model" => self.model = map.next_value()?,
            "message" | "response" => self.said = map.next_value::<Shaped<Speech<'de>>>()?.0.ended(),
            "error" => self.failure = map.next_value::<Shaped<Speech<'de>>>()?.0.ended(),
            "done" => self.done = map.next_value()?,
            "prompt_eval_count" => self.input = map.next_value::<Scalar<'de>>()?.into(),
            "eval_count" => self.output = map.next_value::<Scalar<'de>>()?.into(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Reads Ollama's answers.
#[derive(Debug, Default)]
pub(crate) struct Ollama(Facts);

impl Reader for Ollama {
    fn add(&mut self, piece: &[u8]) {
        let Some(line) = read::<Line<'_>>(piece) else { return };
        let facts = &mut self.0;
        facts.transcript.add(&line.said);
        if facts.transcript.is_empty() {
            facts.transcript.add(&line.failure);
        }
        // Embeddings have no `done`; they come in one piece.
        if line.done.bool() != Some(false)
            && let (Some(input), Some(output)) = (line.input.valid(), line.output.valid())
            && input.or(output).is_some()
        {
            facts.usage = Some(Usage { input, output, ..Usage::default() });
        }
        note(&mut facts.model, line.model);
    }

    fn facts(self, _: bool) -> Facts {
        self.0
    }
}
