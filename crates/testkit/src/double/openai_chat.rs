//! OpenAI's chat completions: plain, streamed, and with tool calls.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, data_event, pieces};
use super::openai::{CREATED, error, snapshot, unreadable_json};
use super::respond::Request;
use super::tool::ToolCall;
use super::vendor::Vendor;

/// Answers `POST …/chat/completions`.
pub(super) fn chat(request: &Request, vendor: Vendor) -> Answer {
    let Some(body) = request.json() else { return unreadable_json() };
    let path_model = request.path_model();
    let Some(model) = body.get("model").and_then(Value::as_str).or(path_model) else {
        return error(400, "invalid_request_error", None, "you must provide a model parameter");
    };
    if !body.get("messages").is_some_and(Value::is_array) {
        let message = "Missing required parameter: 'messages'.";
        return error(400, "invalid_request_error", Some("missing_required_parameter"), message);
    }
    let completion = Completion::of(request, &body, model, vendor);
    if body.get("stream") == Some(&Value::Bool(true)) {
        Answer::stream(completion.events(&body))
    } else {
        let mut whole = completion.whole();
        vendor.dress_whole(&mut whole);
        Answer::json(200, &whole)
    }
}

struct Completion {
    vendor: Vendor,
    id: String,
    model: String,
    content: Vec<&'static str>,
    tool_call: Option<ToolCall>,
    usage: Value,
}

impl Completion {
    fn of(request: &Request, body: &Value, model: &str, vendor: Vendor) -> Self {
        let tool_call = tool_call(request, body);
        let content = if tool_call.is_some() { Vec::new() } else { pieces(request.directives.events) };
        let written = tool_call.as_ref().map_or(content.len() as u64, ToolCall::tokens);
        let usage = usage(request, count_tokens(body.get("messages").unwrap_or(&Value::Null)), written);
        Self {
            vendor,
            id: format!("chatcmpl-{}", request.digest()),
            model: snapshot(model).to_owned(),
            content,
            tool_call,
            usage,
        }
    }

    fn finish_reason(&self) -> &'static str {
        if self.tool_call.is_some() { "tool_calls" } else { "stop" }
    }

    fn whole(&self) -> Value {
        let message = match &self.tool_call {
            Some(call) => json!({
                "role": "assistant",
                "content": null,
                "tool_calls": [{
                    "id": format!("call_{}", call.digest),
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.text()},
                }],
                "refusal": null,
                "annotations": [],
            }),
            None => json!({
                "role": "assistant",
                "content": self.content.concat(),
                "refusal": null,
                "annotations": [],
            }),
        };
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": CREATED,
            "model": self.model,
            "choices": [{
                "index": 0,
                "message": message,
                "logprobs": null,
                "finish_reason": self.finish_reason(),
            }],
            "usage": self.usage,
            "service_tier": "default",
            "system_fingerprint": "fp_0123456789",
        })
    }

    fn events(&self, body: &Value) -> Vec<Bytes> {
        let asked = body.pointer("/stream_options/include_usage") == Some(&Value::Bool(true));
        let with_usage = asked && self.vendor.has_usage_chunk();
        let chunk = |choices: Value, usage: Option<&Value>| {
            let mut chunk = json!({
                "id": self.id,
                "object": "chat.completion.chunk",
                "created": CREATED,
                "model": self.model,
                "service_tier": "default",
                "system_fingerprint": "fp_0123456789",
                "choices": choices,
            });
            if let (true, Some(members)) = (with_usage, chunk.as_object_mut()) {
                members.insert("usage".to_owned(), usage.cloned().unwrap_or(Value::Null));
            }
            chunk
        };
        let choice = |delta: Value, finish: Option<&str>| json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
        let mut chunks: Vec<Value> =
            self.deltas().into_iter().map(|delta| chunk(choice(delta, None), None)).collect();
        chunks.push(chunk(choice(json!({}), Some(self.finish_reason())), None));
        self.vendor.dress_chunks(&mut chunks, &self.usage);
        if with_usage {
            chunks.push(chunk(json!([]), Some(&self.usage)));
        }
        let mut events: Vec<Bytes> = self.vendor.before_chunks().into_iter().collect();
        events.extend(chunks.iter().map(data_event));
        events.push(Bytes::from_static(b"data: [DONE]\n\n"));
        events
    }

    fn deltas(&self) -> Vec<Value> {
        let Some(call) = &self.tool_call else {
            let role = json!({"role": "assistant", "content": "", "refusal": null});
            let content = self.content.iter().map(|piece| json!({ "content": piece }));
            return std::iter::once(role).chain(content).collect();
        };
        let first = json!({
            "role": "assistant",
            "content": null,
            "tool_calls": [{
                "index": 0,
                "id": format!("call_{}", call.digest),
                "type": "function",
                "function": {"name": call.name, "arguments": ""},
            }],
            "refusal": null,
        });
        let arguments = call
            .pieces()
            .into_iter()
            .map(|piece| json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}));
        std::iter::once(first).chain(arguments).collect()
    }
}

/// Returns the usage: counted, unless the directives give numbers.
pub(super) fn usage(request: &Request, prompt: u64, completion: u64) -> Value {
    let prompt = request.directives.prompt_tokens.unwrap_or(prompt);
    let completion = request.directives.completion_tokens.unwrap_or(completion);
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {
            "cached_tokens": request.directives.cached_tokens.unwrap_or(0),
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": request.directives.reasoning_tokens.unwrap_or(0),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}

/// Returns a call of the first tool, unless there is none, it is forbidden, or its result was just given.
fn tool_call(request: &Request, body: &Value) -> Option<ToolCall> {
    let last = body.get("messages")?.as_array()?.last();
    let result_given = last.and_then(|message| message.get("role")) == Some(&json!("tool"));
    if result_given || body.get("tool_choice") == Some(&json!("none")) {
        return None;
    }
    let function = body.get("tools")?.as_array()?.first()?.get("function")?;
    ToolCall::of(request, function.get("name"), function.get("parameters"))
}
