//! APIs that answer bit by bit.

use serde_json::{Value, json};

use super::exchange::Exchange;
use super::scene::Scene;

/// Returns the turns as most APIs have them.
fn chat(scene: &Scene) -> Vec<Value> {
    let turns = scene.dialogue("user", "assistant");
    turns.iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

/// Events with names and kinds, pings among them; the counts come in two parts.
pub(crate) fn creek(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "creek-5", "messages": chat(scene), "stream": true});
    let opened = json!({"kind": "opened", "run": {"id": scene.random.uuid(), "model": "creek-5", "tokens_in": scene.input}});
    let mut events = vec![("opened", opened.to_string())];
    for piece in scene.pieces(&scene.answer.clone()) {
        if scene.random.happens(10) {
            events.push(("ping", json!({"kind": "ping"}).to_string()));
        }
        events.push(("drop", json!({"kind": "drop", "drop": {"text": piece}}).to_string()));
    }
    let reason = if scene.is_cut { "max_tokens" } else { "natural" };
    let closed = json!({"kind": "closed", "closed": {"reason": reason, "tokens_out": scene.output}});
    events.push(("closed", closed.to_string()));
    Exchange::events(scene, "/creek/v1/runs", &request, &events)
        .counts(scene.input, scene.output)
        .model("creek-5")
        .finish(reason, if scene.is_cut { "length" } else { "stop" })
}

/// Each event has the whole text so far.
pub(crate) fn tide(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "tide-30b", "prompt": scene.question(), "stream": true});
    let mut so_far = String::new();
    let mut events = Vec::new();
    for piece in scene.pieces(&scene.answer.clone()) {
        so_far.push_str(&piece);
        events.push(("", json!({"level": so_far, "is_high": false}).to_string()));
    }
    let usage = json!({"prompt": scene.input, "response": scene.output, "sum": scene.input + scene.output});
    events.push(("", json!({"level": so_far, "is_high": true, "usage": usage}).to_string()));
    events.push(("", "[DONE]".to_owned()));
    Exchange::events(scene, "/tide", &request, &events)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("tide-30b")
        .prompt(&scene.question())
}

/// Lines with counts that grow from line to line.
pub(crate) fn conveyor(scene: &mut Scene) -> Exchange {
    let request = json!({"engine": "belt-1", "dialogue": chat(scene)});
    let pieces = scene.pieces(&scene.answer.clone());
    let count = pieces.len() as u64;
    let lines: Vec<Value> = (1..)
        .zip(&pieces)
        .map(|(at, piece)| {
            let output = scene.output * at / count;
            json!({
                "box": {"label": "text", "holds": piece},
                "scale": {"loaded": scene.input, "unloaded": output, "both": scene.input + output},
                "last": at == count
            })
        })
        .collect();
    Exchange::lines(scene, "/belt", &request, &lines)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("belt-1")
}

/// Thoughts and answer come on one path, told apart by a channel.
pub(crate) fn choir(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "choir-r", "messages": chat(scene), "stream": true});
    let mut events = Vec::new();
    for (channel, text) in [("analysis", scene.thought.clone()), ("final", scene.answer.clone())] {
        for piece in scene.pieces(&text) {
            events.push(("", json!({"channel": channel, "fragment": piece}).to_string()));
        }
    }
    let output = scene.output + scene.thinking;
    let counts =
        json!({"prompt_tokens": scene.input, "output_tokens": output, "all_tokens": scene.input + output});
    events.push(("", json!({"channel": "end", "counts": counts}).to_string()));
    Exchange::events(scene, "/choir/sing", &request, &events)
        .counts(scene.input, output)
        .total(scene.input + output)
        .model("choir-r")
}

/// No event tells a count; one tells what the call cost.
pub(crate) fn drizzle(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "drizzle-mini", "messages": chat(scene), "stream": true});
    let mut events: Vec<(&str, String)> = scene
        .pieces(&scene.answer.clone())
        .iter()
        .map(|piece| ("", json!({"id": "dz", "delta": {"content": piece}, "stop": null}).to_string()))
        .collect();
    let credits = scene.random.between(10_000, 90_000);
    events.push(("", json!({"id": "dz", "stop": "eos", "credits_left": credits}).to_string()));
    Exchange::events(scene, "/drizzle", &request, &events).model("drizzle-mini").finish("eos", "stop")
}

/// One JSON list whose items are the pieces.
pub(crate) fn rosary(scene: &mut Scene) -> Exchange {
    let request = json!({"beads": chat(scene), "model": "rosary-8b"});
    let mut items: Vec<Value> = scene
        .pieces(&scene.answer.clone())
        .iter()
        .map(|piece| json!({"bead": {"words": piece}, "model": "rosary-8b-2026"}))
        .collect();
    let usage = json!({"in": scene.input, "out": scene.output, "total": scene.input + scene.output});
    items.push(json!({"bead": {"words": ""}, "model": "rosary-8b-2026", "usage": usage, "end": "amen"}));
    Exchange::json(scene, "/rosary:stream", &request, &Value::Array(items))
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("rosary-8b")
        .model("rosary-8b-2026")
        .finish("amen", "stop")
}

/// What is done meanwhile is told between the pieces, at greater length than the answer.
pub(crate) fn foreman(scene: &mut Scene) -> Exchange {
    let request = json!({"crew": "foreman-2", "task": scene.question(), "stream": true});
    let mut events = Vec::new();
    for step in 1..=scene.random.between(2, 4) {
        let report = scene.aside(6);
        events.push(("", json!({"event": "progress", "step": step, "message": report}).to_string()));
    }
    for piece in scene.pieces(&scene.answer.clone()) {
        events.push(("", json!({"event": "result", "chunk": piece}).to_string()));
    }
    let usage = json!({"input_tokens": scene.input, "output_tokens": scene.output});
    events.push(("", json!({"event": "summary", "usage": usage, "state": "completed"}).to_string()));
    Exchange::events(scene, "/crews/run", &request, &events)
        .counts(scene.input, scene.output)
        .model("foreman-2")
        .finish("completed", "stop")
        .prompt(&scene.question())
}

/// The last event repeats the whole answer.
pub(crate) fn refrain(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "refrain-1", "messages": chat(scene), "streaming": true});
    let mut events: Vec<(&str, String)> = scene
        .pieces(&scene.answer.clone())
        .iter()
        .map(|piece| ("note", json!({"type": "note", "note": piece}).to_string()))
        .collect();
    let whole = json!({
        "type": "song",
        "song": {"lyrics": scene.answer, "ended": "coda"},
        "usage": {"input": scene.input, "output": scene.output, "total": scene.input + scene.output}
    });
    events.push(("song", whole.to_string()));
    Exchange::events(scene, "/refrain", &request, &events)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("refrain-1")
        .finish("coda", "stop")
}
