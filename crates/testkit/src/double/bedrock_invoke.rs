//! Bedrock's `invoke` and `invoke-with-response-stream`: each maker's own bodies.

use base64::Engine as _;
use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, pieces};
use super::anthropic::Message;
use super::bedrock::{Conversation, EVENT_STREAM, LATENCY, error, padded};
use super::event_stream;
use super::respond::Request;

/// The body of a plain answer, the events of a stream, and the tokens read and written.
struct Invocation {
    whole: Value,
    events: Vec<Value>,
    input: u64,
    output: u64,
}

/// Answers `invoke`, and with `is_stream` `invoke-with-response-stream`.
pub(super) fn invoke(request: &Request, body: &Value, model: &str, is_stream: bool) -> Answer {
    let invocation = if model.contains("anthropic.") {
        if !body.get("anthropic_version").is_some_and(Value::is_string) {
            return error(400, "ValidationException", "anthropic_version: Field required");
        }
        of_anthropic(request, body, model)
    } else if model.contains("amazon.nova") {
        of_nova(request, body)
    } else if model.contains("embed") {
        of_embedding(body)
    } else {
        of_llama(request, body)
    };
    if is_stream {
        return Answer::stream_of(EVENT_STREAM, invocation.chunks());
    }
    let mut answer = Answer::json(200, &invocation.whole);
    answer.push("X-Amzn-Bedrock-Invocation-Latency", LATENCY.to_string());
    answer.push("X-Amzn-Bedrock-Input-Token-Count", invocation.input.to_string());
    answer.push("X-Amzn-Bedrock-Output-Token-Count", invocation.output.to_string());
    answer
}

impl Invocation {
    /// Returns the frames of the stream: each event in base64, the last one with the numbers.
    fn chunks(mut self) -> Vec<Bytes> {
        let metrics = json!({
            "inputTokenCount": self.input,
            "outputTokenCount": self.output,
            "invocationLatency": LATENCY,
            "firstByteLatency": LATENCY / 2,
        });
        if let Some(members) = self.events.last_mut().and_then(Value::as_object_mut) {
            members.insert("amazon-bedrock-invocationMetrics".to_owned(), metrics);
        }
        let frame = |event: &Value| {
            let bytes = base64::engine::general_purpose::STANDARD.encode(event.to_string());
            event_stream::event("chunk", &padded(&json!({ "bytes": bytes })))
        };
        self.events.iter().map(frame).collect()
    }
}

fn of_anthropic(request: &Request, body: &Value, model: &str) -> Invocation {
    let name = model.rsplit_once("anthropic.").map_or(model, |(_, name)| name);
    let name = name.split(':').next().unwrap_or(name);
    let message = Message::of(request, body, name.trim_end_matches("-v1").trim_end_matches("-v2"));
    let mut events = message.events();
    events.retain(|event| event.get("type") != Some(&json!("ping")));
    Invocation { whole: message.whole(), events, input: message.input, output: message.output }
}

fn of_nova(request: &Request, body: &Value) -> Invocation {
    let conversation = Conversation::of(request, body);
    let whole = conversation.message();
    let tokens = |name: &str| whole.pointer(name).and_then(Value::as_u64).unwrap_or(0);
    let (input, output) = (tokens("/usage/inputTokens"), tokens("/usage/outputTokens"));
    let events =
        conversation.named_events().into_iter().map(|(name, event)| json!({ name: event })).collect();
    Invocation { whole, events, input, output }
}

fn of_embedding(body: &Value) -> Invocation {
    let input = count_tokens(body.get("inputText").unwrap_or(body));
    let whole = json!({"embedding": [0.25, -0.5, 0.125, 1.0], "inputTextTokenCount": input});
    Invocation { events: vec![whole.clone()], whole, input, output: 0 }
}

fn of_llama(request: &Request, body: &Value) -> Invocation {
    let content = pieces(request.directives.events);
    let counted = count_tokens(body.get("prompt").unwrap_or(body));
    let input = request.directives.prompt_tokens.unwrap_or(counted);
    let output = request.directives.completion_tokens.unwrap_or(content.len() as u64);
    let answer = |text: &str, prompt: Option<u64>, written: u64, stop: Option<&str>| {
        json!({
            "generation": text,
            "prompt_token_count": prompt,
            "generation_token_count": written,
            "stop_reason": stop,
        })
    };
    let mut events: Vec<Value> = (1_u64..)
        .zip(&content)
        .map(|(number, piece)| answer(piece, (number == 1).then_some(input), number, None))
        .collect();
    events.push(answer("", None, output, Some("stop")));
    let whole = answer(&content.concat(), Some(input), output, Some("stop"));
    Invocation { whole, events, input, output }
}
