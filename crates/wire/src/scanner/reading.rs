//! Reading the pieces of an answer: by the reader of its structure, which its first pieces tell.

use gatehouse_types::Dialect;

use super::work;
use crate::anthropic::Anthropic;
use crate::bedrock::Bedrock;
use crate::cohere::Cohere;
use crate::facts::{Facts, Reader};
use crate::framing::Framing;
use crate::google::Google;
use crate::observe::Structure;
use crate::ollama::Ollama;
use crate::openai::OpenAi;

/// How many bytes of pieces are looked at for the structure, the piece that goes beyond included.
const LOOKED_AT: usize = 64 << 10;
/// The bytes in front of every piece that is held: its length.
const LENGTH_BYTES: usize = 4;

/// Reads one answer piece by piece.
pub(super) struct Reading {
    dialect: Dialect,
    /// Whether it comes in AWS's frames.
    is_framed: bool,
    stage: Stage,
}

enum Stage {
    /// The structure is not known yet: the pieces so far are held, each behind its length.
    Looking(Vec<u8>),
    Reading(Box<Readers>),
}

struct Readers {
    structure: Structure,
    reader: Box<dyn AnyReader + Send + Sync>,
    /// Bedrock counts what its models stream, whether they do so themselves or not.
    invocation: Option<Bedrock>,
}

/// A [`Reader`] of whatever dialect.
trait AnyReader {
    fn add(&mut self, piece: &[u8]);
    fn facts(self: Box<Self>, is_stream: bool) -> Facts;
}

impl<R: Reader> AnyReader for R {
    fn add(&mut self, piece: &[u8]) {
        Reader::add(self, piece);
    }

    fn facts(self: Box<Self>, is_stream: bool) -> Facts {
        Reader::facts(*self, is_stream)
    }
}

impl Reading {
    /// Returns the reading of an answer to a call of this dialect; `is_framed` says whether it comes in AWS's frames.
    pub(super) fn new(dialect: Dialect, is_framed: bool) -> Self {
        Self { dialect, is_framed, stage: Stage::Looking(Vec::new()) }
    }

    /// Takes the next piece, which is not empty.
    pub(super) fn take(&mut self, piece: &[u8]) {
        let held = match &mut self.stage {
            Stage::Reading(readers) => return readers.add(piece),
            Stage::Looking(held) => held,
        };
        work::count(piece.len());
        let structure = Structure::of_piece(piece);
        if structure.is_some() || held.len() + LENGTH_BYTES + piece.len() > LOOKED_AT {
            let mut readers = self.readers(structure);
            readers.add(piece);
            self.stage = Stage::Reading(readers);
            return;
        }
        if let Ok(length) = u32::try_from(piece.len()) {
            held.extend_from_slice(&length.to_le_bytes());
            held.extend_from_slice(piece);
        }
    }

    /// Takes the end of the answer; returns what it is and says.
    pub(super) fn finish(self, framing: Framing) -> Option<(Structure, Facts)> {
        let undecided = matches!(self.stage, Stage::Looking(_)).then(|| self.readers(None));
        let readers =
            undecided.or(if let Stage::Reading(readers) = self.stage { Some(readers) } else { None });
        let Readers { structure, reader, invocation } = *readers?;
        // Only Google streams arrays.
        if framing == Framing::Array && structure != Structure::Google {
            return None;
        }
        let is_stream = framing.is_stream();
        let facts = reader.facts(is_stream);
        let usage = facts.usage.or_else(|| Reader::facts(invocation?, is_stream).usage);
        Some((structure, Facts { usage, ..facts }))
    }

    /// Returns how much memory is held for the decision, in bytes.
    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        if let Stage::Looking(held) = &self.stage { held.capacity() } else { 0 }
    }

    /// Returns the reader of the structure, or else of the dialect, which has been given the pieces so far.
    fn readers(&self, structure: Option<Structure>) -> Box<Readers> {
        let structure = structure.unwrap_or(Structure::of_dialect(self.dialect));
        let counts_apart = self.is_framed && structure != Structure::Bedrock;
        let mut readers = Box::new(Readers {
            structure,
            reader: reader_of(structure),
            invocation: counts_apart.then(Bedrock::default),
        });
        if let Stage::Looking(held) = &self.stage {
            let mut rest = held.as_slice();
            while let Some((length, after)) = rest.split_first_chunk::<LENGTH_BYTES>() {
                let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
                let Some((piece, after)) = after.split_at_checked(length) else { break };
                readers.add(piece);
                rest = after;
            }
        }
        readers
    }
}

impl Readers {
    fn add(&mut self, piece: &[u8]) {
        work::count(piece.len());
        self.reader.add(piece);
        if let Some(invocation) = &mut self.invocation {
            Reader::add(invocation, piece);
        }
    }
}

fn reader_of(structure: Structure) -> Box<dyn AnyReader + Send + Sync> {
    match structure {
        Structure::OpenAi => Box::<OpenAi>::default(),
        Structure::Anthropic => Box::<Anthropic>::default(),
        Structure::Google => Box::<Google>::default(),
        Structure::Cohere => Box::<Cohere>::default(),
        Structure::Bedrock => Box::<Bedrock>::default(),
        Structure::Ollama => Box::<Ollama>::default(),
    }
}
