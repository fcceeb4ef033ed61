//! APIs that tell no tokens, and numbers that look like tokens: nothing may be taken for usage here.

use serde_json::{Value, json};

use super::exchange::Exchange;
use super::scene::Scene;

/// Returns the turns as most APIs have them.
fn chat(scene: &Scene) -> Vec<Value> {
    let turns = scene.dialogue("user", "assistant");
    turns.iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

fn characters(text: &str) -> u64 {
    text.chars().count() as u64
}

fn words(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

/// Characters, with a sum.
pub(crate) fn typesetter(scene: &mut Scene) -> Exchange {
    let request = json!({"type": "garamond-1", "manuscript": scene.question()});
    let (read, set) = (characters(&scene.question()), characters(&scene.answer));
    let response = json!({
        "galley": scene.answer,
        "usage": {"input": read, "output": set, "total": read + set, "unit": "characters"}
    });
    Exchange::json(scene, "/typeset", &request, &response).model("garamond-1").prompt(&scene.question())
}

/// Characters under names that don't say so, with a part that every call has.
pub(crate) fn telegraph(scene: &mut Scene) -> Exchange {
    let request = json!({"wire": chat(scene), "office": "telegraph-2"});
    let sent: u64 = scene.turns.iter().map(|turn| characters(turn)).sum::<u64>() + 120;
    let received = characters(&scene.answer);
    let response = json!({
        "telegram": scene.answer,
        "billed": {"sent": sent, "received": received, "sum": sent + received}
    });
    Exchange::json(scene, "/telegraph", &request, &response).model("telegraph-2")
}

/// Words, with a sum.
pub(crate) fn herald(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "herald-3", "messages": chat(scene)});
    let read: u64 = scene.turns.iter().map(|turn| words(turn)).sum();
    let written = words(&scene.answer);
    let response = json!({
        "proclamation": scene.answer,
        "word_counts": {"input_words": read, "output_words": written, "total_words": read + written}
    });
    Exchange::json(scene, "/herald", &request, &response).model("herald-3")
}

/// Words in French, with a sum.
pub(crate) fn gazette(scene: &mut Scene) -> Exchange {
    let request = json!({"sujet": scene.question(), "modele": "gazette-2"});
    let (read, written) = (words(&scene.question()), words(&scene.answer));
    let response = json!({
        "article": scene.answer,
        "mots": {"entree": read, "sortie": written, "total": read + written}
    });
    Exchange::json(scene, "/gazette", &request, &response).model("gazette-2").prompt(&scene.question())
}

/// Bytes.
pub(crate) fn cable(scene: &mut Scene) -> Exchange {
    let request = json!({"payload": scene.question(), "model": "cable-1"});
    let (up, down) = (scene.question().len() as u64 + 64, scene.answer.len() as u64 + 48);
    let response = json!({
        "payload": scene.answer,
        "transfer": {"bytes_in": up, "bytes_out": down, "bytes_total": up + down}
    });
    Exchange::json(scene, "/cable", &request, &response).model("cable-1").prompt(&scene.question())
}

/// Money only, in thousandths of a cent, with a sum.
pub(crate) fn tollgate(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "toll-1", "messages": chat(scene)});
    let (paid_in, paid_out) = (scene.input, scene.output * 4);
    let response = json!({
        "speech": scene.answer,
        "charge": {"input_cost": paid_in, "output_cost": paid_out, "total_cost": paid_in + paid_out}
    });
    Exchange::json(scene, "/tollgate", &request, &response).model("toll-1")
}

/// Times only, with a sum; they grow with what was said.
pub(crate) fn hourglass(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "sand-2", "messages": chat(scene)});
    let (first, rest) = (60 + scene.input / 3, scene.output * 19);
    let response = json!({
        "speech": scene.answer,
        "timing": {"prefill_ms": first, "decode_ms": rest, "total_ms": first + rest},
        "seed": scene.random.between(1, 2_000_000_000)
    });
    Exchange::json(scene, "/hourglass", &request, &response).model("sand-2")
}

/// Times under names that don't say so, with a sum.
pub(crate) fn sundial(scene: &mut Scene) -> Exchange {
    let request = json!({"asked": scene.question()});
    let (morning, evening) = (60 + scene.input / 3, 35 + scene.output * 19);
    let response = json!({
        "told": scene.answer,
        "shadow": {"morning": morning, "evening": evening, "day": morning + evening}
    });
    Exchange::json(scene, "/sundial", &request, &response).prompt(&scene.question())
}

/// What is left of a budget, an id that grows, and nothing else.
pub(crate) fn ration(scene: &mut Scene) -> Exchange {
    let request = json!({"model": "ration-7", "messages": chat(scene)});
    let response = json!({
        "serving": scene.answer,
        "ticket": 70_000 + scene.number,
        "left": {"calls": 10_000 - scene.number, "credits": 9_000_000 - scene.number * 211},
        "served_at": scene.at()
    });
    Exchange::json(scene, "/ration", &request, &response).model("ration-7")
}

/// How much was searched adds up, and has nothing to do with tokens.
pub(crate) fn beachcomber(scene: &mut Scene) -> Exchange {
    let request = json!({"look_for": scene.question(), "comber": "shore-2"});
    let (searched, kept) = (scene.random.between(40, 400), scene.random.between(1, 60));
    let response = json!({
        "story": scene.answer,
        "finds": {"left": searched, "kept": kept, "total": searched + kept},
        "shells": scene.random.hex(10)
    });
    Exchange::json(scene, "/beach", &request, &response).model("shore-2").prompt(&scene.question())
}

/// The answer and nothing else; the numbers are in headers, which nobody keeps.
pub(crate) fn whisper(scene: &mut Scene) -> Exchange {
    let request = json!({"ear": scene.question()});
    let response = json!({"mouth": scene.answer});
    Exchange::json(scene, "/whisper", &request, &response).prompt(&scene.question())
}
