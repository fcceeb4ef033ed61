//! Gemini's generated content: whole, as server-sent events, or as the elements of a JSON array.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, pieces};
use super::google::{Form, JSON, error, json_answer};
use super::respond::Request;
use super::tool::ToolCall;

/// Tokens of thought of a model that thinks, if the directives give no number.
const THOUGHTS: u64 = 11;

/// Answers `:generateContent`, or `:streamGenerateContent` in the form that the query asks for.
pub(super) fn generate(request: &Request, body: &Value, model: &str, is_stream: bool) -> Answer {
    if !body.get("contents").is_some_and(|contents| contents.is_array() || contents.is_object()) {
        let message = "* GenerateContentRequest.contents: contents is not specified";
        return error(request, 400, message, &json!([]));
    }
    let generation = Generation::of(request, body, model);
    if !is_stream {
        return json_answer(&generation.whole());
    }
    let chunks = generation.chunks();
    if generation.form.is_sse {
        let events = chunks.iter().map(|chunk| format!("data: {chunk}\r\n\r\n").into());
        Answer::stream_of("text/event-stream", events.collect())
    } else {
        Answer::stream_of(JSON, elements(&chunks))
    }
}

/// Writes the chunks as the elements of one array, whose end is a piece of its own.
fn elements(chunks: &[Value]) -> Vec<Bytes> {
    let mut pieces = Vec::with_capacity(chunks.len() + 1);
    for chunk in chunks {
        pieces.push(element(chunk, pieces.is_empty()));
    }
    pieces.push(Bytes::from_static(b"]"));
    pieces
}

fn element(chunk: &Value, first: bool) -> Bytes {
    let text = serde_json::to_string_pretty(chunk).unwrap_or_default();
    format!("{}{text}\n", if first { "[" } else { ",\r\n" }).into()
}

/// Makes what reports `error` inside a stream; it ends an array.
pub(super) fn error_event(form: &Form, error: &Value, first: bool) -> Bytes {
    if form.is_sse {
        return format!("data: {error}\r\n\r\n").into();
    }
    [element(error, first), Bytes::from_static(b"]")].concat().into()
}

struct Generation {
    form: Form,
    id: String,
    model: String,
    content: Vec<&'static str>,
    call: Option<ToolCall>,
    prompt: u64,
    /// Tokens of the answer without those of thought.
    written: u64,
    thoughts: Option<u64>,
    cached: Option<u64>,
}

impl Generation {
    fn of(request: &Request, body: &Value, model: &str) -> Self {
        let directives = &request.directives;
        let call = tool_call(request, body);
        let content = if call.is_some() { Vec::new() } else { pieces(directives.events) };
        let written = call.as_ref().map_or(content.len() as u64, ToolCall::tokens);
        let counted = count_tokens(body.get("contents").unwrap_or(&Value::Null));
        let thinks = model.starts_with("gemini-2.5") || model.starts_with("gemini-3");
        Self {
            form: Form::of(request),
            id: request.digest(),
            model: model.to_owned(),
            content,
            call,
            prompt: directives.prompt_tokens.unwrap_or(counted),
            written: directives.completion_tokens.unwrap_or(written),
            thoughts: directives.reasoning_tokens.or(thinks.then_some(THOUGHTS)),
            cached: directives.cached_tokens,
        }
    }

    /// Returns the parts that a chunk each is made of.
    fn parts(&self) -> Vec<Value> {
        match &self.call {
            Some(call) => vec![json!({"functionCall": {"name": call.name, "args": call.arguments}})],
            None => self.content.iter().map(|piece| json!({ "text": piece })).collect(),
        }
    }

    fn whole(&self) -> Value {
        let part = match &self.call {
            Some(_) => self.parts(),
            None => vec![json!({"text": self.content.concat()})],
        };
        self.answer(&json!(part), true, &self.usage())
    }

    /// Returns the chunks of the stream; the last one has the finish reason and the final usage.
    fn chunks(&self) -> Vec<Value> {
        let parts = match self.parts() {
            parts if parts.is_empty() => vec![json!({"text": ""})],
            parts => parts,
        };
        let count = parts.len() as u64;
        let chunk = |(number, part): (u64, Value)| {
            let last = number == count;
            let usage = if last { self.usage() } else { self.usage_so_far(self.written * number / count) };
            self.answer(&json!([part]), last, &usage)
        };
        (1_u64..).zip(parts).map(chunk).collect()
    }

    fn answer(&self, parts: &Value, last: bool, usage: &Value) -> Value {
        let mut candidate = json!({"content": {"parts": parts, "role": "model"}});
        if let (true, Some(members)) = (last, candidate.as_object_mut()) {
            let stop = if self.form.has_numbers { json!(1) } else { json!("STOP") };
            members.insert("finishReason".to_owned(), stop);
        }
        if let (false, Some(members)) = (self.form.is_vertex, candidate.as_object_mut()) {
            members.insert("index".to_owned(), json!(0));
        }
        json!({
            "candidates": [candidate],
            "usageMetadata": usage,
            "modelVersion": self.model,
            "responseId": self.id,
        })
    }

    /// Returns the usage in a chunk that others follow: Vertex AI keeps the numbers for the last one.
    fn usage_so_far(&self, written: u64) -> Value {
        if self.form.is_vertex {
            return json!({"trafficType": self.traffic()});
        }
        self.counts(written)
    }

    fn usage(&self) -> Value {
        let mut usage = self.counts(self.written);
        let Some(members) = usage.as_object_mut() else { return usage };
        members.insert("candidatesTokensDetails".to_owned(), self.details(self.written));
        if self.form.is_vertex {
            members.insert("trafficType".to_owned(), self.traffic());
        }
        usage
    }

    fn counts(&self, written: u64) -> Value {
        let mut counts = json!({
            "promptTokenCount": self.prompt,
            "candidatesTokenCount": written,
            "totalTokenCount": self.prompt + written + self.thoughts.unwrap_or(0),
            "promptTokensDetails": self.details(self.prompt),
        });
        let Some(members) = counts.as_object_mut() else { return counts };
        if let Some(thoughts) = self.thoughts {
            members.insert("thoughtsTokenCount".to_owned(), json!(thoughts));
        }
        if let Some(cached) = self.cached {
            members.insert("cachedContentTokenCount".to_owned(), json!(cached));
            members.insert("cacheTokensDetails".to_owned(), self.details(cached));
        }
        counts
    }

    fn traffic(&self) -> Value {
        if self.form.has_numbers { json!(1) } else { json!("ON_DEMAND") }
    }

    fn details(&self, tokens: u64) -> Value {
        let modality = if self.form.has_numbers { json!(1) } else { json!("TEXT") };
        json!([{"modality": modality, "tokenCount": tokens}])
    }
}

/// Returns a call of the first function, unless there is none or its result was just given.
fn tool_call(request: &Request, body: &Value) -> Option<ToolCall> {
    let last = body.get("contents")?.as_array()?.last()?;
    let parts = last.get("parts").and_then(Value::as_array);
    let is_result = |part: &Value| part.get("functionResponse").or(part.get("function_response")).is_some();
    if parts.is_some_and(|parts| parts.iter().any(is_result)) {
        return None;
    }
    let tool = body.get("tools")?.as_array()?.first()?;
    let functions = tool.get("functionDeclarations").or(tool.get("function_declarations"))?;
    let function = functions.as_array()?.first()?;
    let schema = function.get("parameters").or(function.get("parametersJsonSchema"));
    ToolCall::of(request, function.get("name"), schema)
}
