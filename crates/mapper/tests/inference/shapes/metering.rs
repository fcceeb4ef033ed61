//! APIs whose numbers are hard: lists of metrics, caches, thoughts, money, one-sided counts.

use serde_json::{Value, json};

use super::exchange::Exchange;
use super::scene::Scene;

/// Returns the turns as most APIs have them.
fn chat(scene: &Scene) -> Vec<Value> {
    let turns = scene.dialogue("user", "assistant");
    turns.iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

/// Numbers in a list of names and values, times among them.
pub(crate) fn gauge(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "gauge-8b", "messages": chat(scene)});
    let took = scene.duration_ms();
    let mut metrics = vec![
        json!({"metric": "tokens_prompt", "value": scene.input, "unit": "tokens"}),
        json!({"metric": "tokens_reply", "value": scene.output, "unit": "tokens"}),
        json!({"metric": "tokens_sum", "value": scene.input + scene.output, "unit": "tokens"}),
        json!({"metric": "took", "value": took, "unit": "ms"}),
    ];
    scene.random.shuffle(&mut metrics);
    let response = json!({"reply": {"role": "assistant", "content": scene.answer}, "metrics": metrics});
    Exchange::json(scene, "/gauge/chat", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("gauge-8b")
}

/// A list of metrics in a list of groups.
pub(crate) fn observatory(scene: &mut Scene) -> Exchange {
    let request = json!({"telescope": "refractor-4", "asks": scene.question()});
    let took = scene.duration_ms();
    let entry = |name: &str, value: u64| json!({"k": name, "v": value});
    let response = json!({
        "sees": scene.answer,
        "telemetry": {"groups": [
            {"group": "tokens", "entries": [
                entry("consumed", scene.input),
                entry("produced", scene.output),
                entry("overall", scene.input + scene.output)
            ]},
            {"group": "clock", "entries": [entry("waited", 40), entry("worked", took), entry("overall", took + 40)]}
        ]}
    });
    Exchange::json(scene, "/observe", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("refractor-4")
        .prompt(&scene.question())
}

/// The input has the cached tokens in it.
pub(crate) fn larder(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "larder-2", "system": scene.instruction, "messages": chat(scene)});
    let response = json!({
        "message": {"role": "assistant", "content": scene.answer},
        "usage": {
            "input": {"total": scene.input, "cached": scene.cached},
            "output": scene.output,
            "total": scene.input + scene.output
        }
    });
    Exchange::json(scene, "/v1/larder", &request, &response)
        .counts(scene.input, scene.output)
        .cached(scene.cached, true)
        .total(scene.input + scene.output)
        .model("larder-2")
        .instructed(&scene.instruction)
}

/// The cached tokens stand beside the input, and the sum is of all three.
pub(crate) fn cellar(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "cellar-1", "messages": chat(scene)});
    let fresh = scene.input - scene.cached;
    let response = json!({
        "text": scene.answer,
        "tokens": {
            "fresh_input": fresh,
            "cached_input": scene.cached,
            "output": scene.output,
            "total": scene.input + scene.output
        }
    });
    Exchange::json(scene, "/v1/cellar", &request, &response)
        .counts(fresh, scene.output)
        .cached(scene.cached, false)
        .total(scene.input + scene.output)
        .model("cellar-1")
}

/// Thoughts are often longer than what is said, and are in the output.
pub(crate) fn ponder(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "ponder-r1", "messages": chat(scene), "effort": "high"});
    let output = scene.output + scene.thinking;
    let response = json!({
        "deliberation": scene.thought,
        "conclusion": scene.answer,
        "finish": "stop",
        "usage": {
            "prompt_tokens": scene.input,
            "completion_tokens": output,
            "thinking_tokens": scene.thinking,
            "total_tokens": scene.input + output
        }
    });
    Exchange::json(scene, "/ponder/v1", &request, &response)
        .counts(scene.input, output)
        .reasoning(scene.thinking, true)
        .total(scene.input + output)
        .model("ponder-r1")
        .finish("stop", "stop")
}

/// Thoughts are counted beside the output, and the sum is of all three.
pub(crate) fn hermit(scene: &mut Scene) -> Exchange {
    let request = json!({"brain": "hermit-70b", "heard": scene.question()});
    let response = json!({
        "said": {"aloud": scene.answer, "silently": scene.thought},
        "tokens": {
            "heard": scene.input,
            "aloud": scene.output,
            "silently": scene.thinking,
            "altogether": scene.input + scene.output + scene.thinking
        }
    });
    Exchange::json(scene, "/hermit", &request, &response)
        .counts(scene.input, scene.output)
        .reasoning(scene.thinking, false)
        .total(scene.input + scene.output + scene.thinking)
        .model("hermit-70b")
        .prompt(&scene.question())
}

/// Money in thousandths of a cent, with a sum of its own, beside the counts.
pub(crate) fn till(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "till-pro", "messages": chat(scene)});
    let (paid_in, paid_out) = (scene.input * 2, scene.output * 6);
    let response = json!({
        "content": scene.answer,
        "tokens": {"in": scene.input, "out": scene.output},
        "price": {"in": paid_in, "out": paid_out, "total": paid_in + paid_out, "currency": "EUR", "exponent": -5}
    });
    Exchange::json(scene, "/till/chat", &request, &response)
        .counts(scene.input, scene.output)
        .model("till-pro")
}

/// How long each part took adds up, too, and is the longer the more was said.
pub(crate) fn stopwatch(scene: &mut Scene) -> Exchange {
    let request = json!({"runner": "sprint-3b", "start": scene.question()});
    let (queue, work) = (scene.random.between(3, 90), scene.duration_ms());
    let response = json!({
        "finish_line": scene.answer,
        "laps": {"queue": queue, "inference": work, "total": queue + work},
        "tokens": {"prompt": scene.input, "generated": scene.output, "total": scene.input + scene.output},
        "bib": scene.random.between(1, 99_999)
    });
    Exchange::json(scene, "/run", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("sprint-3b")
        .prompt(&scene.question())
}

/// Only what was made is counted, beside a seed.
pub(crate) fn mill(scene: &mut Scene) -> Exchange {
    let request = json!({"inputs": scene.question(), "parameters": {"max_new_tokens": 400}});
    let reason = if scene.is_cut { "length" } else { "eos_token" };
    let response = json!([{
        "generated_text": scene.answer,
        "details": {
            "finish_reason": reason,
            "generated_tokens": scene.output,
            "seed": scene.random.between(1, 4_000_000_000)
        }
    }]);
    let mut exchange = Exchange::json(scene, "/mill/generate", &request, &response)
        .finish(reason, if scene.is_cut { "length" } else { "stop" })
        .prompt(&scene.question());
    exchange.truth.output = Some(scene.output);
    exchange
}

/// Only the sum is told.
pub(crate) fn turnstile(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "turn-1", "messages": chat(scene)});
    let response = json!({"reply": scene.answer, "tokens_used": scene.input + scene.output});
    Exchange::json(scene, "/turnstile", &request, &response).total(scene.input + scene.output).model("turn-1")
}

/// A running sum of all calls stands beside the counts of this one.
pub(crate) fn odometer(scene: &mut Scene) -> Exchange {
    let request = json!({"vehicle": "sedan-13b", "route": scene.question()});
    let response = json!({
        "arrival": scene.answer,
        "trip": {"fuel_tokens": scene.input, "road_tokens": scene.output},
        "odometer": {"calls": 5000 + scene.number, "tokens": 1_250_000 + scene.number * 431}
    });
    Exchange::json(scene, "/drive", &request, &response)
        .counts(scene.input, scene.output)
        .model("sedan-13b")
        .prompt(&scene.question())
}
