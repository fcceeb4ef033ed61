//! The samples as the engine sees them: parsed, without doubles, in an order that is their own.

use sha2::{Digest, Sha256};

use crate::mapping::Sample;
use crate::mapping::pieces::{Answer, ArrayIs, Framing, Stream, answer_of, is_array_of_objects};
use crate::mapping::tree::Node;

/// One of this many samples is held back to check what was inferred from the others.
const HELD_BACK: usize = 5;

/// A sample that can be read.
#[derive(Debug)]
pub(super) struct Case<'a> {
    /// Where it came from.
    pub(super) sample: Sample<'a>,
    /// The request.
    pub(super) request: Node,
    /// The answer.
    pub(super) answer: Answer,
    /// Every string of the request that is meant to be read.
    pub(super) said: Vec<String>,
}

/// The samples of one API.
#[derive(Debug, Default)]
pub(super) struct Corpus<'a> {
    /// Calls that went well and were answered in one piece.
    pub(super) plain: Vec<Case<'a>>,
    /// Calls that went well and were answered by a stream.
    pub(super) streamed: Vec<Case<'a>>,
    /// How the streams are framed.
    pub(super) framing: Framing,
    /// Calls that failed.
    pub(super) failed: Vec<Case<'a>>,
}

impl<'a> Corpus<'a> {
    pub(super) fn new(samples: &[Sample<'a>]) -> Self {
        let mut ordered: Vec<([u8; 32], &Sample<'a>)> =
            samples.iter().map(|one| (digest(one), one)).collect();
        ordered.sort_by_key(|(digest, _)| *digest);
        ordered.dedup_by(|(one, _), (other, _)| one == other);
        let is_ok = |sample: &&Sample<'a>| sample.is_success();
        let successes = ordered.iter().map(|(_, sample)| *sample).filter(is_ok);
        let array_is = if successes.clone().any(|sample| is_array_of_objects(&sample.response)) {
            ArrayIs::Stream
        } else {
            ArrayIs::Value
        };
        let mut corpus = Self::default();
        let mut framings: Vec<Framing> = Vec::new();
        for (_, sample) in &ordered {
            let Some(case) = Case::of(sample, array_is) else { continue };
            match &case.answer {
                _ if !sample.is_success() => corpus.failed.push(case),
                Answer::Whole(_) => corpus.plain.push(case),
                Answer::Streamed(framing, _) => {
                    framings.push(*framing);
                    corpus.streamed.push(case);
                }
            }
        }
        corpus.settle(&framings);
        corpus
    }

    /// Keeps the streams of the framing that most have; a line by itself is a stream where others have more.
    fn settle(&mut self, framings: &[Framing]) {
        let count = |framing: &Framing| framings.iter().filter(|other| *other == framing).count();
        let most = framings.iter().max_by_key(|framing| (count(framing), **framing));
        self.framing = most.copied().unwrap_or_default();
        self.streamed.retain(|case| case.framing() == Some(self.framing));
        if self.framing == Framing::Ndjson && self.plain.len() < self.streamed.len() {
            for mut case in self.plain.drain(..) {
                if let Answer::Whole(node) = &case.answer {
                    case.answer = Answer::Streamed(Framing::Ndjson, Stream::of_one(node.clone()));
                }
                self.streamed.push(case);
            }
        }
    }

    /// Returns every call that went well.
    pub(super) fn successes(&self) -> impl Iterator<Item = &Case<'a>> + Clone {
        self.plain.iter().chain(&self.streamed)
    }
}

impl<'a> Case<'a> {
    fn of(sample: &Sample<'a>, array_is: ArrayIs) -> Option<Self> {
        let answer = answer_of(&sample.response, array_is)?;
        let request = if sample.request.truncated { None } else { Node::parse(sample.request.bytes) };
        let request = request.unwrap_or_default();
        let mut said = Vec::new();
        collect_texts(&request, &mut said);
        Some(Self { sample: *sample, request, answer, said })
    }

    /// Returns how the answer is framed, if it is streamed.
    pub(super) fn framing(&self) -> Option<Framing> {
        match &self.answer {
            Answer::Whole(_) => None,
            Answer::Streamed(framing, _) => Some(*framing),
        }
    }

    /// Returns the answer in one piece.
    pub(super) fn whole(&self) -> Option<&Node> {
        match &self.answer {
            Answer::Whole(node) => Some(node),
            Answer::Streamed(..) => None,
        }
    }

    /// Returns the pieces of the answer.
    pub(super) fn stream(&self) -> Option<&Stream> {
        match &self.answer {
            Answer::Streamed(_, stream) => Some(stream),
            Answer::Whole(_) => None,
        }
    }
}

/// Splits cases in those to learn from and those to check with; below five all are to learn from.
pub(super) fn split<'c, 'a>(cases: &'c [Case<'a>]) -> (Vec<&'c Case<'a>>, Vec<&'c Case<'a>>) {
    let held_out = (cases.len() / HELD_BACK).max((cases.len() / 4).min(HELD_BACK));
    if cases.len() < HELD_BACK {
        return (cases.iter().collect(), Vec::new());
    }
    // They are in the order of their digests, which is as good as none.
    let (checked, learned) = cases.split_at_checked(held_out).unwrap_or((&[], cases));
    (learned.iter().collect(), checked.iter().collect())
}

fn digest(sample: &Sample<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [sample.method.as_bytes(), sample.host.as_bytes(), sample.path.as_bytes()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(sample.status.to_be_bytes());
    for body in [sample.request, sample.response] {
        hash.update(body.bytes.len().to_be_bytes());
        hash.update(body.bytes);
        hash.update(body.content_type.unwrap_or_default());
        hash.update([0, u8::from(body.truncated)]);
    }
    hash.finalize().into()
}

fn collect_texts(node: &Node, texts: &mut Vec<String>) {
    match node {
        Node::Text(text) if !is_binary(text) => texts.push(text.clone()),
        Node::List(elements) => elements.iter().for_each(|element| collect_texts(element, texts)),
        Node::Object(members) => members.iter().for_each(|(_, member)| collect_texts(member, texts)),
        _ => {}
    }
}

/// Returns whether a string is a file rather than something to read.
pub(super) fn is_binary(text: &str) -> bool {
    let is_base64 =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    text.starts_with("data:") || (text.len() >= 200 && text.bytes().all(is_base64))
}
