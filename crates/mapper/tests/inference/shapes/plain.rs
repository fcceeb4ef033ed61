//! APIs that answer with one JSON document: nested, renamed, in parts, by choices.

use serde_json::{Value, json};

use super::exchange::Exchange;
use super::scene::Scene;

/// Deep envelopes on both sides, and a sum.
pub(crate) fn harbour(scene: &mut Scene) -> Exchange {
    let engine = scene.random.pick(&["skiff-2", "skiff-2-large"]);
    let log: Vec<Value> = scene
        .dialogue("client", "agent")
        .iter()
        .map(|(who, says)| json!({"who": who, "says": says, "ref": scene.number}))
        .collect();
    let request = json!({
        "engine_id": engine,
        "session": {"dialog": log, "locale": "en-GB"},
        "dials": {"heat": 0.4, "ceiling": 900}
    });
    let cause = if scene.is_cut { "ceiling" } else { "done" };
    let response = json!({
        "receipt": {"ticket": scene.random.uuid(), "stamp": scene.at()},
        "envelope": {"payload": {"reply": {"who": "agent", "says": scene.answer}, "halted": cause}},
        "meter": {"read": scene.input, "written": scene.output, "sum": scene.input + scene.output}
    });
    let meaning = if scene.is_cut { "length" } else { "stop" };
    Exchange::json(scene, "/v1/harbour/exchange", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model(engine)
        .finish(cause, meaning)
}

/// The answer in parts of several kinds; counts without a sum.
pub(crate) fn kiln(scene: &mut Scene) -> Exchange {
    let turns: Vec<Value> = scene
        .dialogue("user", "assistant")
        .iter()
        .map(|(role, text)| json!({"role": role, "parts": [{"kind": "prose", "value": text}]}))
        .collect();
    let request = json!({"model": "kiln-small", "conversation": turns, "preamble": scene.instruction});
    let half = scene.pieces(&scene.answer.clone());
    let (first, second) = half.split_at(half.len() / 2);
    let mut parts = vec![
        json!({"kind": "prose", "value": first.concat()}),
        json!({"kind": "prose", "value": second.concat()}),
    ];
    if scene.random.happens(40) {
        parts.insert(1, json!({"kind": "picture", "source": scene.random.base64(400)}));
    }
    let response = json!({
        "id": format!("kln_{}", scene.random.hex(18)),
        "model": "kiln-small-0412",
        "parts": parts,
        "ended_by": "end_of_turn",
        "usage": {"tokens_in": scene.input, "tokens_out": scene.output}
    });
    Exchange::json(scene, "/compose", &request, &response)
        .counts(scene.input, scene.output)
        .model("kiln-small")
        .model("kiln-small-0412")
        .finish("end_of_turn", "stop")
        .instructed(&scene.instruction)
}

/// Several answers to one question; the counts are of all of them.
pub(crate) fn orchard(scene: &mut Scene) -> Exchange {
    let request = json!({"variety": "pippin-7b", "ask": scene.question(), "branches": 2});
    let other = scene.aside(6);
    let output = scene.output + scene.language.tokens(&mut scene.random, &other);
    let branch = |rank: u64, text: &str, score: u64| json!({"rank": rank, "bears": text, "ripeness": score, "picked_because": "ripe"});
    let response = json!({
        "harvest": [
            branch(0, &scene.answer, scene.random.between(700, 990)),
            branch(1, &other, scene.random.between(300, 690))
        ],
        "weights": {"asked_tokens": scene.input, "answered_tokens": output, "all_tokens": scene.input + output}
    });
    let both = [String::new(), "\n".to_owned(), "\n\n".to_owned()];
    let exchange = Exchange::json(scene, "/orchard/pick", &request, &response)
        .counts(scene.input, output)
        .total(scene.input + output)
        .model("pippin-7b")
        .finish("ripe", "stop")
        .prompt(&scene.question());
    both.iter()
        .fold(exchange, |exchange, between| exchange.or_text(format!("{}{between}{other}", scene.answer)))
}

/// One instruction in, one text out, nothing around them but numbers.
pub(crate) fn quill(scene: &mut Scene) -> Exchange {
    let request = json!({"instruct": scene.question(), "creativity": 0.3, "limit": 512});
    let response = json!({
        "generated": scene.answer,
        "n_prompt": scene.input,
        "n_generated": scene.output,
        "n_context": 8192,
        "took": scene.duration_ms()
    });
    Exchange::json(scene, "/quill", &request, &response)
        .counts(scene.input, scene.output)
        .prompt(&scene.question())
}

/// A history and, apart from it, what is asked now; a title that is made of the answer.
pub(crate) fn almanac(scene: &mut Scene) -> Exchange {
    let turns = scene.dialogue("Human", "Bot");
    let history: Vec<Value> = turns
        .iter()
        .take(turns.len() - 1)
        .map(|(from, utterance)| json!({"from": from, "utterance": utterance}))
        .collect();
    let request = json!({
        "past": history,
        "query": scene.question(),
        "persona": scene.instruction,
        "deployment": "almanac-xl"
    });
    let title = scene.aside(1);
    let response = json!({
        "title": title,
        "answer": scene.answer,
        "status": "ok",
        "billing": {"prompt": scene.input, "completion": scene.output, "total": scene.input + scene.output}
    });
    Exchange::json(scene, "/almanac/v3/ask", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("almanac-xl")
        .instructed(&scene.instruction)
}

/// Answers stand under ids that are new in every call.
pub(crate) fn pigeonhole(scene: &mut Scene) -> Exchange {
    let id = scene.random.uuid();
    let turns: Vec<Value> = scene
        .dialogue("user", "assistant")
        .iter()
        .map(|(role, text)| json!({"role": role, "content": text}))
        .collect();
    let request = json!({"jobs": {id.clone(): {"messages": turns}}, "model": "hole-9b"});
    let response = json!({
        "jobs": {id: {
            "state": "finished",
            "output": scene.answer,
            "spent": {"input_tokens": scene.input, "output_tokens": scene.output}
        }},
        "queue_position": 0
    });
    Exchange::json(scene, "/pigeonhole/run", &request, &response)
        .counts(scene.input, scene.output)
        .model("hole-9b")
        .finish("finished", "stop")
}

/// Everything by its place in a list, nothing by a name.
pub(crate) fn abacus(scene: &mut Scene) -> Exchange {
    let turns: Vec<Value> = scene.dialogue("user", "assistant").iter().map(|turn| json!(turn)).collect();
    let request = json!({"in": turns});
    let response = json!({"out": [scene.answer, "eos", [scene.input, scene.output]]});
    Exchange::json(scene, "/abacus", &request, &response)
        .counts(scene.input, scene.output)
        .finish("eos", "stop")
}

/// The model is named in the path only; a picture and its description come along.
pub(crate) fn lantern(scene: &mut Scene) -> Exchange {
    let model = scene.random.pick(&["wick-1", "wick-1-mini"]);
    let request = json!({
        "input": {"text": scene.question(), "attachments": []},
        "options": {"temperature": 0.9, "top_p": 0.95}
    });
    let response = json!({
        "output": {"text": scene.answer, "thumbnail": scene.random.base64(900), "alt": scene.aside(1)},
        "token_usage": {"input": scene.input, "output": scene.output, "total": scene.input + scene.output},
        "request_id": scene.random.uuid()
    });
    Exchange::json(scene, &format!("/models/{model}/illuminate"), &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model(model)
        .prompt(&scene.question())
}

/// The answer twice: as it is, and as HTML.
pub(crate) fn pressroom(scene: &mut Scene) -> Exchange {
    let request = json!({"brief": scene.question(), "desk": "features", "writer": "press-3"});
    let html = format!("<article><p>{}</p></article>", scene.answer.replace('\n', "</p><p>"));
    let response = json!({
        "copy": {"plain": scene.answer, "html": html},
        "writer": "press-3",
        "counts": {"brief_tokens": scene.input, "copy_tokens": scene.output, "sum_tokens": scene.input + scene.output}
    });
    Exchange::json(scene, "/press/write", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("press-3")
        .prompt(&scene.question())
}
