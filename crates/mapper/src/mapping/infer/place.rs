//! Putting what was found, or chosen, into a document.

use super::Mapping;
use crate::mapping::document::{Field, MappingDocument, StreamMapping};
use crate::mapping::path::Path;

/// Puts a mapping in the place of a field; returns `false` when it is not one for this field.
pub(super) fn put(document: &mut MappingDocument, field: Field, mapping: Mapping) -> bool {
    let (request, response) = (&mut document.request, &mut document.response);
    match (field, mapping) {
        (Field::Messages, Mapping::Messages(messages)) => request.messages = Some(messages),
        (Field::Prompt, Mapping::Text(text)) => request.prompt = Some(text),
        (Field::System, Mapping::Text(text)) => request.system = Some(text),
        (Field::Model, Mapping::Model(model)) => request.model = Some(model),
        (Field::Params, Mapping::Params(params)) => request.params = params,
        (Field::Text, Mapping::Text(text)) => response.text = Some(text),
        (Field::Reasoning, Mapping::Text(text)) => response.reasoning = Some(text),
        (Field::ResponseModel, Mapping::Path(path)) => response.model = Some(path),
        (Field::Usage, Mapping::Usage(usage)) => response.usage = Some(usage),
        (Field::Finish, Mapping::Finish(finish)) => response.finish = Some(finish),
        (Field::ToolCalls, Mapping::ToolCalls(calls)) => response.tool_calls = Some(calls),
        (Field::Error, Mapping::Path(path)) => response.error = Some(path),
        (field, mapping) => return put_streamed(stream_of(document), field, mapping),
    }
    true
}

fn put_streamed(stream: &mut StreamMapping, field: Field, mapping: Mapping) -> bool {
    match (field, mapping) {
        (Field::Text, Mapping::StreamText(text)) => stream.text = Some(text),
        (Field::Reasoning, Mapping::StreamText(text)) => stream.reasoning = Some(text),
        (Field::Usage, Mapping::StreamUsage(usage)) => stream.usage = Some(usage),
        (Field::Finish, Mapping::StreamFinish(finish)) => stream.finish = Some(finish),
        (Field::ResponseModel, Mapping::StreamPath(path)) => stream.model = Some(path),
        (Field::Error, Mapping::StreamPath(path)) => stream.error = Some(path),
        _ => return false,
    }
    true
}

/// Takes a field out of a document.
pub(super) fn clear(document: &mut MappingDocument, field: Field) {
    let (request, response) = (&mut document.request, &mut document.response);
    let stream = document.stream.get_or_insert_default();
    match field {
        Field::Messages => request.messages = None,
        Field::Prompt => request.prompt = None,
        Field::System => request.system = None,
        Field::Model => request.model = None,
        Field::Params => request.params.clear(),
        Field::Text => (response.text, stream.text) = (None, None),
        Field::Reasoning => (response.reasoning, stream.reasoning) = (None, None),
        Field::ResponseModel => (response.model, stream.model) = (None, None),
        Field::Usage | Field::InputTokens | Field::OutputTokens | Field::TotalTokens => {
            (response.usage, stream.usage) = (None, None);
        }
        Field::Finish => (response.finish, stream.finish) = (None, None),
        Field::ToolCalls => response.tool_calls = None,
        Field::Error => (response.error, stream.error) = (None, None),
    }
    if document.stream.as_ref() == Some(&StreamMapping::default()) {
        document.stream = None;
    }
}

/// Takes a field of one face out of a document.
pub(super) fn clear_face(document: &mut MappingDocument, field: Field, streamed: bool) {
    let (response, stream) = (document.response.clone(), document.stream.clone());
    clear(document, field);
    if streamed {
        document.response = response;
    } else {
        document.stream = stream;
    }
}

/// Returns what the document says of streams, which from now on is something.
pub(super) fn stream_of(document: &mut MappingDocument) -> &mut StreamMapping {
    document.stream.get_or_insert_default()
}

/// Puts a place that was pointed at into a document; returns why that can't be, if so.
pub(super) fn point(
    document: &mut MappingDocument,
    field: Field,
    path: Path,
    streamed: bool,
) -> Result<(), &'static str> {
    use crate::mapping::document::{FinishMapping, ModelMapping, StreamText, TextMapping};
    let text = TextMapping { path: path.clone(), ..TextMapping::default() };
    let mapping = match (field, streamed) {
        (Field::Prompt | Field::System, _) | (Field::Text | Field::Reasoning, false) => Mapping::Text(text),
        (Field::Text | Field::Reasoning, true) => {
            Mapping::StreamText(StreamText { path, ..StreamText::default() })
        }
        (Field::Model, _) => Mapping::Model(ModelMapping::Path(path)),
        (Field::ResponseModel | Field::Error, false) => Mapping::Path(path),
        (Field::ResponseModel | Field::Error, true) => Mapping::StreamPath(path),
        (Field::Finish, false) => Mapping::Finish(FinishMapping { path, ..FinishMapping::default() }),
        (Field::Finish, true) => Mapping::StreamFinish(FinishMapping { path, ..FinishMapping::default() }),
        (Field::InputTokens | Field::OutputTokens | Field::TotalTokens, _) => {
            count(document, field, path, streamed);
            return Ok(());
        }
        (Field::Usage, _) => return Err("point at the counts of input, output and total one by one"),
        (Field::Messages, _) => return Err("choose one of the candidates"),
        (Field::Params, _) => return Err("parameters are told by their names"),
        (Field::ToolCalls, _) => return Err("choose one of the candidates"),
    };
    put(document, field, mapping);
    Ok(())
}

/// Puts the place of one count into the usage of a document. What held between other counts holds no longer.
fn count(document: &mut MappingDocument, field: Field, path: Path, streamed: bool) {
    let counts = if streamed {
        &mut stream_of(document).usage.get_or_insert_default().counts
    } else {
        document.response.usage.get_or_insert_default()
    };
    match field {
        Field::InputTokens => counts.input = Some(path),
        Field::OutputTokens => counts.output = Some(path),
        _ => counts.total = Some(path),
    }
    counts.identity = None;
    (counts.cached, counts.reasoning) = (None, None);
    (counts.input_includes_cached, counts.output_includes_reasoning) = (false, false);
    counts.zero.clear();
}
