//! An API that answers in AWS's binary frames.

use serde_json::{Value, json};

use super::exchange::Exchange;
use super::scene::Scene;

/// Returns the checksum that the frames carry.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

/// Returns one frame: an event of this name with this payload.
fn frame(event: &str, payload: &Value) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in
        [(":event-type", event), (":content-type", "application/json"), (":message-type", "event")]
    {
        headers.push(u8::try_from(name.len()).unwrap());
        headers.extend_from_slice(name.as_bytes());
        headers.push(7);
        headers.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let payload = payload.to_string();
    let length = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
    let mut frame = length(headers.len() + payload.len() + 16).to_vec();
    frame.extend_from_slice(&length(headers.len()));
    frame.extend_from_slice(&crc(&frame).to_be_bytes());
    frame.extend_from_slice(&headers);
    frame.extend_from_slice(payload.as_bytes());
    frame.extend_from_slice(&crc(&frame).to_be_bytes());
    frame
}

/// The counts in a frame of their own after the pieces.
pub(crate) fn falcon(scene: &mut Scene) -> Exchange {
    let turns: Vec<Value> = scene
        .dialogue("user", "assistant")
        .iter()
        .map(|(role, say)| json!({"role": role, "say": [{"text": say}]}))
        .collect();
    let request = json!({"turns": turns, "limits": {"maxTokens": 700}});
    let mut body = frame("flightStart", &json!({"role": "assistant"}));
    for piece in scene.pieces(&scene.answer.clone()) {
        body.extend(frame("wingBeat", &json!({"beat": {"text": piece}, "index": 0})));
    }
    let reason = if scene.is_cut { "max_tokens" } else { "landed" };
    body.extend(frame("flightEnd", &json!({"reason": reason})));
    let usage = json!({"inputTokens": scene.input, "outputTokens": scene.output, "totalTokens": scene.input + scene.output});
    let took = scene.duration_ms();
    body.extend(frame("blackBox", &json!({"usage": usage, "metrics": {"latencyMs": took}})));
    let response = ("application/vnd.amazon.eventstream", body);
    Exchange::bytes(scene, "/model/falcon-40b/fly-stream", &request, response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("falcon-40b")
        .finish(reason, if scene.is_cut { "length" } else { "stop" })
}
