//! OpenAI's endpoints besides chat: the older completions and edits, moderations, images, sound.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, Content, count_tokens, data_event, pieces};
use super::openai::{CREATED, error, snapshot, unreadable_json};
use super::openai_chat::usage;
use super::respond::Request;
use super::vendor::Vendor;

/// A picture of one point, in base64.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Answers `POST …/completions` and `POST …/engines/{engine}/completions`, streamed or not.
pub(super) fn completion(request: &Request, _: Vendor) -> Answer {
    let Some(body) = request.json() else { return unreadable_json() };
    let Some(model) = body.get("model").and_then(Value::as_str).or(request.path_model()) else {
        return error(400, "invalid_request_error", None, "you must provide a model parameter");
    };
    let content = pieces(request.directives.events);
    let counted = count_tokens(body.get("prompt").unwrap_or(&Value::Null));
    let usage = usage(request, counted, content.len() as u64);
    let answer = |text: &str, finish: Option<&str>| {
        json!({
            "id": format!("cmpl-{}", request.digest()),
            "object": "text_completion",
            "created": CREATED,
            "model": snapshot(model),
            "choices": [{"text": text, "index": 0, "logprobs": null, "finish_reason": finish}],
        })
    };
    let with_usage = |mut answer: Value| {
        if let Some(members) = answer.as_object_mut() {
            members.insert("usage".to_owned(), usage.clone());
        }
        answer
    };
    if body.get("stream") != Some(&Value::Bool(true)) {
        return Answer::json(200, &with_usage(answer(&content.concat(), Some("stop"))));
    }
    let mut events: Vec<Bytes> = content.iter().map(|piece| data_event(&answer(piece, None))).collect();
    let last = answer("", Some("stop"));
    let asked = body.pointer("/stream_options/include_usage") == Some(&Value::Bool(true));
    events.push(data_event(&if asked { with_usage(last) } else { last }));
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    Answer::stream(events)
}

/// Answers `POST …/edits`.
pub(super) fn edit(request: &Request, _: Vendor) -> Answer {
    let Some(body) = request.json() else { return unreadable_json() };
    if !body.get("instruction").is_some_and(Value::is_string) {
        let message = "you must provide an instruction parameter";
        return error(400, "invalid_request_error", None, message);
    }
    let content = pieces(request.directives.events);
    Answer::json(
        200,
        &json!({
            "object": "edit",
            "created": CREATED,
            "choices": [{"text": content.concat(), "index": 0}],
            "usage": usage(request, count_tokens(&body), content.len() as u64),
        }),
    )
}

/// Answers `POST …/moderations`: what says `FLAG ME` is flagged as violence.
pub(super) fn moderation(request: &Request, _: Vendor) -> Answer {
    let Some(body) = request.json() else { return unreadable_json() };
    let flagged = body.get("input").is_some_and(|input| input.to_string().contains("FLAG ME"));
    let categories = json!({"harassment": false, "hate": false, "self-harm": false, "violence": flagged});
    let violence = if flagged { 0.999 } else { 0.001 };
    let scores = json!({"harassment": 0.001, "hate": 0.001, "self-harm": 0.001, "violence": violence});
    let result = json!({"flagged": flagged, "categories": categories, "category_scores": scores});
    let model = body.get("model").cloned().unwrap_or(json!("omni-moderation-latest"));
    let id = format!("modr-{}", request.digest());
    Answer::json(200, &json!({"id": id, "model": model, "results": [result]}))
}

/// Answers `POST …/images/generations` with one picture in base64.
pub(super) fn image(request: &Request, _: Vendor) -> Answer {
    if request.json().is_none() {
        return unreadable_json();
    }
    Answer::json(200, &json!({"created": CREATED, "data": [{"b64_json": PICTURE}]}))
}

/// Answers `POST …/audio/transcriptions`, whatever the upload says.
pub(super) fn transcription(request: &Request, _: Vendor) -> Answer {
    Answer::json(200, &json!({"text": pieces(request.directives.events).concat()}))
}

/// Answers `POST …/audio/speech` with bytes that are no text.
pub(super) fn speech(_: &Request, _: Vendor) -> Answer {
    let sound: Vec<u8> = [0xff, 0xfb, 0x90, 0x00].into_iter().cycle().take(4096).collect();
    Answer::new(200, "audio/mpeg", Content::Whole(sound.into()))
}
