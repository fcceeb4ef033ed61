//! APIs that stream.

use gatehouse_types::Usage;
use serde_json::{Value, json};

use crate::world::{Api, Call, counts};

const EVENTS: &str = "text/event-stream";

fn three(call: &Call) -> Option<Usage> {
    counts(Some(call.input), Some(call.output), Some(call.input + call.output))
}

fn request(call: &Call) -> Value {
    json!({"model": "brook-1", "prompt": call.question, "stream": true})
}

/// Parts of the text, thoughts before them under the same name, and the counts at the end.
fn kinds() -> Api {
    Api::new(
        "kinds",
        request,
        |call| {
            let mut pieces: Vec<Value> = call
                .thoughts
                .split(' ')
                .map(|word| json!({"kind": "thought", "frag": format!("{word} ")}))
                .collect();
            pieces.extend(call.parts().into_iter().map(|part| json!({"kind": "say", "frag": part})));
            pieces.push(json!({"kind": "end", "ended_because": "eos", "accounting": {"in": call.input,
                "out": call.output, "sum": call.input + call.output}}));
            pieces
        },
        three,
    )
    .streamed(EVENTS)
}

/// Every piece has all that came so far, with counts that grow.
fn growing() -> Api {
    Api::new(
        "growing",
        request,
        |call| {
            let parts = call.parts();
            let count = parts.len() as u64;
            (1..=parts.len())
                .map(|upto| {
                    let is_last = upto as u64 == count;
                    let output = if is_last { call.output } else { (upto as u64).min(call.output) };
                    json!({"output": {"text": parts[..upto].concat(),
                        "finish_reason": if is_last { "stop" } else { "null" }},
                        "usage": {"input_tokens": call.input, "output_tokens": output,
                            "total_tokens": call.input + output}})
                })
                .collect()
        },
        three,
    )
    .streamed(EVENTS)
}

/// One object a line; input at the beginning, output at the end.
fn lines() -> Api {
    Api::new(
        "lines",
        request,
        |call| {
            let mut pieces = vec![json!({"start": {"id": call.id, "input_tokens": call.input}})];
            pieces.extend(call.parts().into_iter().map(|part| json!({"delta": {"text": part}})));
            pieces
                .push(json!({"end": {"output_tokens": call.output, "total_tokens": call.input + call.output,
                "stop_reason": "end_turn", "full": call.answer}}));
            pieces
        },
        three,
    )
    .streamed("application/x-ndjson")
}

/// An array of objects.
fn array() -> Api {
    Api::new(
        "array",
        request,
        |call| {
            let mut pieces: Vec<Value> = call
                .parts()
                .into_iter()
                .map(|part| json!({"candidates": [{"content": {"parts": [{"text": part}]}}]}))
                .collect();
            pieces.push(json!({"candidates": [{"finishReason": "STOP"}], "usageMetadata": {
                "promptTokenCount": call.input, "candidatesTokenCount": call.output,
                "totalTokenCount": call.input + call.output}}));
            pieces
        },
        three,
    )
    .streamed("application/json; stream")
}

/// Every API.
pub(crate) fn all() -> Vec<Api> {
    vec![kinds(), growing(), lines(), array()]
}
