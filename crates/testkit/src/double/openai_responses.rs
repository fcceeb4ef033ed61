//! OpenAI's responses: text, plain or streamed; a stream has named events and ends without `[DONE]`.

use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, named_event, pieces};
use super::openai::{CREATED, error, snapshot, unreadable_json};
use super::respond::Request;
use super::vendor::Vendor;

/// Answers `POST …/responses`.
pub(super) fn response(request: &Request, _: Vendor) -> Answer {
    let Some(body) = request.json() else { return unreadable_json() };
    let Some(model) = body.get("model").and_then(Value::as_str) else {
        return error(400, "invalid_request_error", None, "Missing required parameter: 'model'.");
    };
    let response = Response::of(request, &body, model);
    if body.get("stream") != Some(&Value::Bool(true)) {
        return Answer::json(200, &response.whole());
    }
    let events = (0_u64..).zip(response.events()).map(|(number, (name, data))| {
        let data = with(with(data, "type", json!(name)), "sequence_number", json!(number));
        named_event(name, &data)
    });
    Answer::stream(events.collect())
}

struct Response {
    digest: String,
    model: String,
    content: Vec<&'static str>,
    usage: Value,
}

impl Response {
    fn of(request: &Request, body: &Value, model: &str) -> Self {
        let directives = &request.directives;
        let content = pieces(directives.events);
        let counted = count_tokens(body.get("input").unwrap_or(&Value::Null));
        let input = directives.prompt_tokens.unwrap_or(counted);
        let output = directives.completion_tokens.unwrap_or(content.len() as u64);
        let usage = json!({
            "input_tokens": input,
            "input_tokens_details": {"cached_tokens": directives.cached_tokens.unwrap_or(0)},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": directives.reasoning_tokens.unwrap_or(0)},
            "total_tokens": input + output,
        });
        Self { digest: request.digest(), model: snapshot(model).to_owned(), content, usage }
    }

    fn response(&self, status: &str, output: &Value, usage: &Value) -> Value {
        json!({
            "id": format!("resp_{}", self.digest),
            "object": "response",
            "created_at": CREATED,
            "status": status,
            "error": null,
            "incomplete_details": null,
            "instructions": null,
            "metadata": {},
            "model": self.model,
            "output": output,
            "parallel_tool_calls": true,
            "temperature": 1.0,
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "usage": usage,
        })
    }

    fn whole(&self) -> Value {
        self.response("completed", &json!([self.message(&[Self::part(&self.content.concat())])]), &self.usage)
    }

    fn item_id(&self) -> String {
        format!("msg_{}", self.digest)
    }

    fn message(&self, parts: &[Value]) -> Value {
        let status = if parts.is_empty() { "in_progress" } else { "completed" };
        json!({
            "id": self.item_id(),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": parts,
        })
    }

    fn part(text: &str) -> Value {
        json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
    }

    fn events(&self) -> Vec<(&'static str, Value)> {
        let text = self.content.concat();
        let place = || json!({"item_id": self.item_id(), "output_index": 0, "content_index": 0});
        let item = |parts: &[Value]| json!({"output_index": 0, "item": self.message(parts)});
        let begun = json!({"response": self.response("in_progress", &json!([]), &Value::Null)});
        let mut events = vec![
            ("response.created", begun.clone()),
            ("response.in_progress", begun),
            ("response.output_item.added", item(&[])),
            ("response.content_part.added", with(place(), "part", Self::part(""))),
        ];
        let delta = |piece: &&str| {
            let delta = with(place(), "delta", json!(piece));
            ("response.output_text.delta", with(delta, "logprobs", json!([])))
        };
        events.extend(self.content.iter().map(delta));
        events.push(("response.output_text.done", with(place(), "text", json!(text))));
        events.push(("response.content_part.done", with(place(), "part", Self::part(&text))));
        events.push(("response.output_item.done", item(&[Self::part(&text)])));
        events.push(("response.completed", json!({"response": self.whole()})));
        events
    }
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    object
}
