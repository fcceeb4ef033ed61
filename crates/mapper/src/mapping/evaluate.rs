//! Reading exchanges by a mapping: the one evaluator, for rows, pages and the check of what was inferred.

pub(in crate::mapping) mod counts;
mod request;
mod streamed;

use std::collections::BTreeMap;

use gatehouse_types::Usage;
use serde::{Deserialize, Serialize};

use self::counts::Counted;
pub(in crate::mapping) use self::request::model_in_path;
use super::Sample;
use super::document::{
    Field, FinishMapping, MappingDocument, Pick, ResponseMapping, TextMapping, ToolCallsMapping,
};
use super::path::Path;
use super::pieces::{Answer, ArrayIs, Framing, Stream, answer_of};
use super::tree::Node;

/// A message of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedMessage {
    /// Who says it, in our words (`user`, `assistant`, `system`, `tool`), else in the API's.
    pub role: Option<String>,
    /// What is said.
    pub content: String,
    /// Images and files: addresses or base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
}

/// A tool that the model calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MappedToolCall {
    /// The id of the call.
    pub id: Option<String>,
    /// The name of the tool.
    pub name: String,
    /// What it is called with.
    pub arguments: serde_json::Value,
}

/// What a mapping reads from an exchange. What it does not find is missing, never made up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mapped {
    /// The model: the one that answered, else the one that was asked for.
    pub model: Option<String>,
    /// The text of the answer.
    pub text: Option<String>,
    /// The reasoning before it.
    pub reasoning: Option<String>,
    /// The counts, in classes that don't overlap.
    pub usage: Option<Usage>,
    /// Why the answer ended, in our words where they are known.
    pub finish: Option<String>,
    /// The messages of the request.
    pub messages: Vec<MappedMessage>,
    /// The prompt of the request.
    pub prompt: Option<String>,
    /// The system prompt of the request.
    pub system: Option<String>,
    /// Parameters by our name for them.
    pub params: BTreeMap<String, serde_json::Value>,
    /// The calls of tools in the answer.
    pub tool_calls: Vec<MappedToolCall>,
    /// What went wrong.
    pub error: Option<String>,
    /// The fields that are mapped and were not there.
    pub missing: Vec<Field>,
    /// Whether counts were there and left out because they violate what holds between them.
    pub identity_failed: bool,
    /// The roles and reasons of an end that the mapping has no word for.
    pub unknown: Vec<String>,
}

impl MappingDocument {
    /// Returns what this mapping reads from an exchange, in time that grows linearly with its bodies.
    pub fn apply(&self, exchange: &Sample<'_>) -> Mapped {
        let mut mapped = Mapped::default();
        self.request.read(exchange, &mut mapped);
        let answer = answer_of(&exchange.response, self.arrays());
        if exchange.is_success() {
            self.read_answer(answer.as_ref(), &mut mapped);
            return mapped;
        }
        if let (Some(Answer::Whole(node)), Some(path)) = (&answer, &self.response.error) {
            mapped.error = first_text(path, node);
            mapped.note(Field::Error, mapped.error.is_none());
        }
        mapped
    }

    /// Returns what an array is in this API.
    fn arrays(&self) -> ArrayIs {
        match &self.stream {
            Some(stream) if stream.framing == Framing::Array => ArrayIs::Stream,
            _ => ArrayIs::Value,
        }
    }

    fn read_answer(&self, answer: Option<&Answer>, mapped: &mut Mapped) {
        match (answer, &self.stream) {
            (Some(Answer::Streamed(framing, pieces)), Some(stream)) if *framing == stream.framing => {
                stream.read(pieces, &self.evidence.always, mapped);
            }
            // A stream of lines that has but one looks like a whole.
            (Some(Answer::Whole(node)), Some(stream))
                if stream.framing == Framing::Ndjson && self.response == ResponseMapping::default() =>
            {
                let pieces = Stream::of_one(node.clone());
                stream.read(&pieces, &self.evidence.always, mapped);
            }
            (Some(Answer::Whole(node)), _) => self.response.read(Some(node), mapped),
            _ => self.response.read(None, mapped),
        }
    }
}

impl ResponseMapping {
    fn read(&self, node: Option<&Node>, mapped: &mut Mapped) {
        let text = |mapping: &TextMapping| node.and_then(|node| mapping.read(node));
        mapped.take(Field::Text, self.text.as_ref().map(text), |mapped| &mut mapped.text);
        mapped.take(Field::Reasoning, self.reasoning.as_ref().map(text), |mapped| &mut mapped.reasoning);
        if let Some(usage) = &self.usage {
            let counted = node.map_or(Counted::Nothing, |node| usage.read(&|path| counts::at(path, node)));
            mapped.count(counted);
        }
        if let Some(path) = &self.model {
            mapped.answered_by(node.and_then(|node| first_text(path, node)));
        }
        if let Some(finish) = &self.finish {
            let word = node.and_then(|node| first_text(&finish.path, node));
            mapped.finish(finish, word);
        }
        if let Some(calls) = &self.tool_calls {
            mapped.tool_calls = node.map(|node| calls.read(node)).unwrap_or_default();
            mapped.note(Field::ToolCalls, mapped.tool_calls.is_empty());
        }
        // Some answer that they failed with a status that says that all went well.
        if let Some(path) = &self.error {
            mapped.error = node.and_then(|node| first_text(path, node));
        }
    }
}

impl Mapped {
    fn note(&mut self, field: Field, is_missing: bool) {
        if is_missing {
            self.missing.push(field);
        }
    }

    /// Keeps what was found of a field that is mapped.
    fn take(
        &mut self,
        field: Field,
        found: Option<Option<String>>,
        place: fn(&mut Self) -> &mut Option<String>,
    ) {
        let Some(found) = found else { return };
        self.note(field, found.is_none());
        *place(self) = found;
    }

    fn count(&mut self, counted: Counted) {
        match counted {
            Counted::Usage(usage) => self.usage = Some(*usage),
            Counted::Violated => self.identity_failed = true,
            Counted::Nothing => {}
        }
        self.note(Field::Usage, self.usage.is_none());
    }

    fn answered_by(&mut self, model: Option<String>) {
        self.note(Field::ResponseModel, model.is_none());
        self.model = model.or(self.model.take());
    }

    fn finish(&mut self, mapping: &FinishMapping, word: Option<String>) {
        self.note(Field::Finish, word.is_none());
        self.finish = word.map(|word| self.translated(&mapping.map, word));
    }

    /// Returns our word for one of the API's; notes one that there is none for.
    fn translated(&mut self, words: &BTreeMap<String, String>, word: String) -> String {
        if let Some(ours) = words.get(&word) {
            return ours.clone();
        }
        self.unknown.push(word.clone());
        word
    }
}

impl TextMapping {
    /// Returns the text; `None` when nothing stands there, or no text.
    pub(super) fn read(&self, node: &Node) -> Option<String> {
        let mut texts = Vec::new();
        self.path.visit(node, &mut |node| texts.extend(node.text()));
        match self.pick {
            Pick::First => texts.first().map(|text| (*text).to_owned()),
            Pick::Last => texts.last().map(|text| (*text).to_owned()),
            Pick::All if texts.is_empty() => None,
            Pick::All => Some(texts.join(&self.join)),
        }
    }
}

impl ToolCallsMapping {
    fn read(&self, node: &Node) -> Vec<MappedToolCall> {
        let call = |call: &Node| {
            let arguments = self.arguments.first(call).map(Node::to_json).unwrap_or_default();
            let written = arguments.as_str().and_then(|text| serde_json::from_str(text).ok());
            Some(MappedToolCall {
                id: self.id.as_ref().and_then(|path| first_text(path, call)),
                name: first_text(&self.name, call)?,
                arguments: written.unwrap_or(arguments),
            })
        };
        self.each.all(node).into_iter().filter_map(call).collect()
    }
}

/// Returns the first string that a path leads to and that is not empty.
fn first_text(path: &Path, node: &Node) -> Option<String> {
    let mut found = None;
    path.visit(node, &mut |node| {
        if found.is_none() {
            found = node.text().filter(|text| !text.is_empty()).map(str::to_owned);
        }
    });
    found
}

#[cfg(test)]
mod tests;
