//! The runtime of AWS Bedrock: which operation is called, signatures, errors, and `converse`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, pieces};
use super::provider::Provider;
use super::respond::Request;
use super::tool::ToolCall;
use super::{bedrock_invoke, event_stream, sigv4};

/// The type of a stream of binary frames.
pub(super) const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";
/// How long every answer took, in milliseconds.
pub(super) const LATENCY: u64 = 420;

/// Operations of a model.
const OPERATIONS: &[&str] = &["converse", "converse-stream", "invoke", "invoke-with-response-stream"];

/// AWS Bedrock.
#[derive(Debug)]
pub(super) struct Bedrock;

impl Provider for Bedrock {
    fn refusal(&self, request: &Request) -> Option<Answer> {
        let authorization = request.received.headers.text("authorization").unwrap_or_default();
        if authorization.starts_with("AWS4-HMAC-SHA256 ") {
            // What a gateway in between hands on was signed for another host.
            if !request.host.ends_with(".amazonaws.com") {
                return None;
            }
            let problem = sigv4::verify(request, &authorization).err()?;
            return Some(error(403, "InvalidSignatureException", &problem));
        }
        // Bedrock's own keys; any other bearer token counts for nothing.
        let is_key =
            ["Bearer bedrock-api-key-", "Bearer ABSK"].iter().any(|start| authorization.starts_with(start));
        (!is_key).then(|| error(403, "MissingAuthenticationTokenException", "Missing Authentication Token"))
    }

    fn answer(&self, request: &Request) -> Answer {
        let Some((model, operation)) = operation_of(&request.path).filter(|_| request.method == "POST")
        else {
            return unknown_operation();
        };
        if !OPERATIONS.contains(&operation) {
            return unknown_operation();
        }
        // Every id names its maker or is an ARN.
        if !model.contains('.') && !model.starts_with("arn:") {
            return error(400, "ValidationException", "The provided model identifier is invalid.");
        }
        let Some(body) = request.json() else {
            return error(400, "SerializationException", "The body of the request is not valid JSON.");
        };
        match operation {
            "converse" => converse(request, &body, false),
            "converse-stream" => converse(request, &body, true),
            "invoke" => bedrock_invoke::invoke(request, &body, &model, false),
            _ => bedrock_invoke::invoke(request, &body, &model, true),
        }
    }

    fn error_of_status(&self, _: &Request, status: u16) -> Answer {
        let kind = match status {
            403 => "AccessDeniedException",
            404 => "ResourceNotFoundException",
            408 => "ModelTimeoutException",
            424 => "ModelErrorException",
            429 => "ThrottlingException",
            400..=499 => "ValidationException",
            503 => "ServiceUnavailableException",
            _ => "InternalServerException",
        };
        let message = match status {
            429 => "Too many requests, please wait before trying again.",
            400..=499 => "The request can't be served.",
            _ => "The system encountered an unexpected error during processing. Try your request again.",
        };
        error(status, kind, message)
    }

    fn error_event(&self, _: &Request, _: bool) -> Bytes {
        event_stream::exception("internalServerException", "The system encountered an unexpected error.")
    }

    fn add_usual_fields(&self, answer: &mut Answer, number: u64) {
        answer.push("x-amzn-RequestId", format!("00000000-0000-4000-8000-{number:012x}"));
    }
}

/// Makes an error answer of the type `kind`.
pub(super) fn error(status: u16, kind: &str, message: &str) -> Answer {
    let mut answer = Answer::json(status, &json!({ "message": message }));
    answer.push("x-amzn-ErrorType", kind);
    answer
}

fn unknown_operation() -> Answer {
    error(404, "UnknownOperationException", "The requested operation is not recognized by the service.")
}

/// Returns the decoded model id and the operation in `…/model/{id}/{operation}`.
fn operation_of(path: &str) -> Option<(String, &str)> {
    let (_, rest) = path.split_once("/model/")?;
    let (id, operation) = rest.rsplit_once('/')?;
    let id = ["%3A", "%3a"].iter().fold(id.to_owned(), |id, colon| id.replace(colon, ":"));
    let id = ["%2F", "%2f"].iter().fold(id, |id, slash| id.replace(slash, "/"));
    Some((id, operation))
}

/// Returns whether `path` ends with one of the operations of a model.
pub(super) fn knows(path: &str) -> bool {
    operation_of(path).is_some_and(|(_, operation)| OPERATIONS.contains(&operation))
}

/// Answers `converse` and `converse-stream`.
fn converse(request: &Request, body: &Value, is_stream: bool) -> Answer {
    if !body.get("messages").is_some_and(Value::is_array) {
        return error(400, "ValidationException", "The field messages is required.");
    }
    let conversation = Conversation::of(request, body);
    if is_stream {
        Answer::stream_of(EVENT_STREAM, conversation.events())
    } else {
        Answer::json(200, &conversation.whole())
    }
}

/// An answer of `converse`.
#[derive(Debug)]
pub(super) struct Conversation {
    content: Vec<&'static str>,
    call: Option<ToolCall>,
    input: u64,
    output: u64,
    cached: u64,
}

impl Conversation {
    /// Makes the answer to the messages in `body`.
    pub(super) fn of(request: &Request, body: &Value) -> Self {
        let directives = &request.directives;
        let call = tool_call(request, body);
        let content = if call.is_some() { Vec::new() } else { pieces(directives.events) };
        let written = call.as_ref().map_or(content.len() as u64, ToolCall::tokens);
        let counted = count_tokens(body.get("messages").unwrap_or(&Value::Null));
        Self {
            content,
            call,
            input: directives.prompt_tokens.unwrap_or(counted),
            output: directives.completion_tokens.unwrap_or(written),
            cached: directives.cached_tokens.unwrap_or(0),
        }
    }

    fn stop_reason(&self) -> &'static str {
        if self.call.is_some() { "tool_use" } else { "end_turn" }
    }

    fn usage(&self) -> Value {
        json!({
            "inputTokens": self.input,
            "outputTokens": self.output,
            "totalTokens": self.input + self.output,
            "cacheReadInputTokens": self.cached,
            "cacheWriteInputTokens": 0,
        })
    }

    /// Returns the answer without its latency, which models that are invoked don't tell.
    pub(super) fn message(&self) -> Value {
        let block = match &self.call {
            Some(call) => {
                let id = format!("tooluse_{}", call.digest);
                json!({"toolUse": {"toolUseId": id, "name": call.name, "input": call.arguments}})
            }
            None => json!({"text": self.content.concat()}),
        };
        json!({
            "output": {"message": {"role": "assistant", "content": [block]}},
            "stopReason": self.stop_reason(),
            "usage": self.usage(),
        })
    }

    fn whole(&self) -> Value {
        let mut whole = self.message();
        if let Some(members) = whole.as_object_mut() {
            members.insert("metrics".to_owned(), json!({"latencyMs": LATENCY}));
        }
        whole
    }

    /// Returns the events of the stream with their names.
    pub(super) fn named_events(&self) -> Vec<(&'static str, Value)> {
        let mut events = vec![("messageStart", json!({"role": "assistant"}))];
        if let Some(call) = &self.call {
            let start =
                json!({"toolUse": {"toolUseId": format!("tooluse_{}", call.digest), "name": call.name}});
            events.push(("contentBlockStart", json!({"contentBlockIndex": 0, "start": start})));
        }
        let texts = self.content.iter().map(|piece| json!({ "text": piece }));
        let arguments = self.call.iter().flat_map(ToolCall::pieces);
        let arguments = arguments.map(|piece| json!({"toolUse": {"input": piece}}));
        let delta = |delta: Value| ("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": delta}));
        events.extend(texts.chain(arguments).map(delta));
        events.push(("contentBlockStop", json!({"contentBlockIndex": 0})));
        events.push(("messageStop", json!({"stopReason": self.stop_reason()})));
        let metrics = json!({"latencyMs": LATENCY});
        events.push(("metadata", json!({"metrics": metrics, "usage": self.usage()})));
        events
    }

    fn events(&self) -> Vec<Bytes> {
        self.named_events()
            .iter()
            .map(|(name, payload)| event_stream::event(name, &padded(payload)))
            .collect()
    }
}

/// Adds the member with which Bedrock hides how long the text of an event is.
pub(super) fn padded(payload: &Value) -> Value {
    let mut padded = payload.clone();
    if let Some(members) = padded.as_object_mut() {
        members.insert("p".to_owned(), json!("abcdefghijklmnop"));
    }
    padded
}

/// Returns a call of the first tool, unless there is none or its result was just given.
fn tool_call(request: &Request, body: &Value) -> Option<ToolCall> {
    let last = body.get("messages")?.as_array()?.last()?;
    if last.pointer("/content/0/toolResult").is_some() {
        return None;
    }
    let tool = body.pointer("/toolConfig/tools/0/toolSpec")?;
    ToolCall::of(request, tool.get("name"), tool.pointer("/inputSchema/json"))
}
