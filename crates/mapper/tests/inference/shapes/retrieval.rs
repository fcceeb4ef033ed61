//! APIs that answer with much that is not the answer: documents, citations, echoes, logs, suggestions.

use serde_json::{Value, json};

use super::exchange::Exchange;
use super::scene::Scene;

/// Found documents and quotations from them are longer than the answer.
pub(crate) fn archive(scene: &mut Scene) -> Exchange {
    let passages = scene.passages();
    let found = passages.concat();
    let input = scene.input + scene.language.tokens(&mut scene.random, &found);
    let request = json!({"model": "archivist-2", "question": scene.question(), "collection": "letters"});
    let documents: Vec<Value> = passages
        .iter()
        .map(|passage| {
            json!({
                "id": scene.random.hex(8),
                "title": passage.chars().take(24).collect::<String>(),
                "passage": passage,
                "score": scene.random.between(1, 999)
            })
        })
        .collect();
    let quotations: Vec<Value> = passages
        .iter()
        .map(|passage| json!({"quote": passage.chars().skip(5).take(90).collect::<String>(), "start": 5}))
        .collect();
    let response = json!({
        "answer": scene.answer,
        "documents": documents,
        "citations": quotations,
        "usage": {"input_tokens": input, "output_tokens": scene.output, "total_tokens": input + scene.output}
    });
    Exchange::json(scene, "/archive/ask", &request, &response)
        .counts(input, scene.output)
        .total(input + scene.output)
        .model("archivist-2")
        .prompt(&scene.question())
}

/// Documents without a name that says so, in a tree; the counts have no sum.
pub(crate) fn burrow(scene: &mut Scene) -> Exchange {
    let passages = scene.passages();
    let found = passages.concat();
    let input = scene.input + scene.language.tokens(&mut scene.random, &found);
    let request = json!({"dig": scene.question(), "digger": "mole-3"});
    let finds: Vec<Value> = passages
        .iter()
        .map(|passage| json!({"depth": 2, "matter": passage, "tags": ["old", "dry"]}))
        .collect();
    let response = json!({
        "surface": {"matter": scene.answer},
        "finds": finds,
        "effort": {"tokens_read": input, "tokens_written": scene.output}
    });
    Exchange::json(scene, "/burrow", &request, &response)
        .counts(input, scene.output)
        .model("mole-3")
        .prompt(&scene.question())
}

/// The request comes back beside the answer, and once more in front of it.
pub(crate) fn canyon(scene: &mut Scene) -> Exchange {
    let request = json!({"shout": scene.question(), "canyon": "echo-6b"});
    let response = json!({
        "heard": scene.question(),
        "returned": scene.answer,
        "transcript": format!("{}\n{}", scene.question(), scene.answer),
        "counts": {"heard": scene.input, "returned": scene.output, "transcript": scene.input + scene.output}
    });
    Exchange::json(scene, "/canyon", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("echo-6b")
        .prompt(&scene.question())
}

/// A translation: as long as what was asked, which comes back with it.
pub(crate) fn bridge(scene: &mut Scene) -> Exchange {
    let source = scene.question();
    let request = json!({"source": source, "from": "en", "to": "eo", "model": "bridge-nmt"});
    let response = json!({
        "translations": [{"source": source, "target": scene.answer, "detected": "en"}],
        "usage": {"source_tokens": scene.input, "target_tokens": scene.output}
    });
    Exchange::json(scene, "/translate", &request, &response)
        .counts(scene.input, scene.output)
        .model("bridge-nmt")
        .prompt(&source)
}

/// Logs of the run, line by line.
pub(crate) fn furnace(scene: &mut Scene) -> Exchange {
    let request = json!({"version": scene.random.pick(&["furnace-a1", "furnace-b2"]), "input": {"prompt": scene.question()}});
    let took = scene.duration_ms();
    let mut logs = format!("loading shard {}\nwarm after {took} ms\n", scene.random.between(1, 9));
    for step in 1..=scene.random.between(3, 12) {
        logs.push_str(&format!("step {step} of the sampler took {} us\n", scene.random.between(800, 2400)));
    }
    let response = json!({
        "id": scene.random.hex(26),
        "version": request["version"],
        "logs": logs,
        "status": "succeeded",
        "output": scene.answer,
        "metrics": {"predict_ms": took, "input_token_count": scene.input, "output_token_count": scene.output},
        "urls": {"get": format!("https://furnace.example/runs/{}", scene.random.hex(12))}
    });
    let version = request["version"].as_str().unwrap().to_owned();
    Exchange::json(scene, "/furnace/predictions", &request, &response)
        .counts(scene.input, scene.output)
        .model(&version)
        .finish("succeeded", "stop")
        .prompt(&scene.question())
}

/// What one might ask next, made by the model, as long as the answer together.
pub(crate) fn concierge(scene: &mut Scene) -> Exchange {
    let messages: Vec<Value> = scene
        .dialogue("guest", "concierge")
        .iter()
        .map(|(speaker, line)| json!({"speaker": speaker, "line": line}))
        .collect();
    let request = json!({"hotel": "concierge-v4", "messages": messages});
    let next: Vec<String> = (0..3).map(|_| scene.aside(3)).collect();
    let response = json!({
        "line": scene.answer,
        "you_may_ask": next,
        "usage": {"prompt_tokens": scene.input, "answer_tokens": scene.output}
    });
    Exchange::json(scene, "/desk", &request, &response)
        .counts(scene.input, scene.output)
        .model("concierge-v4")
}

/// The answer is itself JSON, with members that look like counts.
pub(crate) fn clerk(scene: &mut Scene) -> Exchange {
    let request = json!({
        "model": "clerk-json",
        "messages": [{"role": "user", "content": scene.question()}],
        "output_schema": {"type": "object", "properties": {"summary": {"type": "string"}, "input": {"type": "integer"}}}
    });
    let form = json!({
        "summary": scene.answer,
        "input": scene.random.between(1, 900),
        "output": scene.random.between(1, 900),
        "total": scene.random.between(1, 900)
    });
    scene.answer = form.to_string();
    scene.output = scene.language.tokens(&mut scene.random, &scene.answer) + 1;
    let response = json!({
        "document": {"format": "json", "body": scene.answer},
        "usage": {"request_tokens": scene.input, "document_tokens": scene.output, "total_tokens": scene.input + scene.output}
    });
    Exchange::json(scene, "/clerk/fill", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("clerk-json")
        .prompt(&scene.question())
}

/// Half of the answers call a tool and say nothing.
pub(crate) fn toolshed(scene: &mut Scene) -> Exchange {
    let tools = json!([
        {"label": "weather_at", "does": "Tells the weather.", "takes": {"type": "object", "properties": {"place": {"type": "string"}}}},
        {"label": "send_note", "does": "Sends a note.", "takes": {"type": "object", "properties": {"to": {"type": "string"}, "note": {"type": "string"}}}}
    ]);
    let turns: Vec<Value> = scene
        .dialogue("user", "assistant")
        .iter()
        .map(|(role, body)| json!({"role": role, "body": body}))
        .collect();
    let request = json!({"model": "shed-8b", "turns": turns, "tools": tools});
    let calls_tool = scene.random.happens(45);
    let reply = if calls_tool {
        let label = scene.random.pick(&["weather_at", "send_note"]);
        let with = json!({"place": scene.aside(1), "to": "ada", "note": scene.aside(4)});
        json!({"body": null, "uses": [{"label": label, "with": with, "ref": scene.random.hex(10)}]})
    } else {
        json!({"body": scene.answer, "uses": []})
    };
    let reason = if calls_tool { "tool_use" } else { "finished" };
    let response = json!({
        "reply": reply,
        "because": reason,
        "tokens": {"in": scene.input, "out": scene.output, "all": scene.input + scene.output}
    });
    let exchange = Exchange::json(scene, "/shed", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("shed-8b")
        .finish(reason, if calls_tool { "tool_calls" } else { "stop" });
    if calls_tool { exchange.without_text() } else { exchange }
}
