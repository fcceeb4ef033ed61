//! APIs whose names tell nothing.

use serde_json::{Value, json};

use super::exchange::Exchange;
use super::scene::Scene;

/// Letters and digits, with a sum.
pub(crate) fn cipher(scene: &mut Scene) -> Exchange {
    let turns: Vec<Value> =
        scene.dialogue("0", "1").iter().map(|(who, text)| json!({"q1": who, "q2": text})).collect();
    let request = json!({"zz": "x9-l", "f0": turns, "f1": 0.6});
    let response = json!({
        "r0": scene.random.hex(24),
        "r1": {"b3": scene.answer, "b7": 4},
        "r2": {"c1": scene.input, "c2": scene.output, "c9": scene.input + scene.output},
        "r3": scene.random.between(100, 9000)
    });
    Exchange::json(scene, "/x/9", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("x9-l")
}

/// Letters and digits, without a sum; other numbers of the same size beside them.
pub(crate) fn enigma(scene: &mut Scene) -> Exchange {
    let request = json!({"k1": scene.question(), "k2": 7});
    let response = json!({
        "v1": scene.answer,
        "v2": scene.input,
        "v3": scene.output,
        "v4": scene.random.between(20, 400),
        "v5": scene.duration_ms()
    });
    Exchange::json(scene, "/e", &request, &response)
        .counts(scene.input, scene.output)
        .prompt(&scene.question())
}

/// Letters and digits in a stream of events, the counts in the last.
pub(crate) fn morse(scene: &mut Scene) -> Exchange {
    let request = json!({"aa": [scene.instruction, scene.question()], "ab": true});
    let mut events: Vec<(&str, String)> = scene
        .pieces(&scene.answer.clone())
        .iter()
        .map(|piece| ("", json!({"t": 2, "d": piece}).to_string()))
        .collect();
    let last = json!({"t": 9, "u": [scene.input, scene.output, scene.input + scene.output]});
    events.push(("", last.to_string()));
    Exchange::events(scene, "/m", &request, &events)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .prompt(&scene.question())
        .instructed(&scene.instruction)
}

/// Names of sides, the output first, with a sum.
pub(crate) fn mirror(scene: &mut Scene) -> Exchange {
    let request = json!({"result": scene.question(), "model": "mirror-1"});
    let response = json!({
        "looking_glass": {"reflection": scene.answer},
        "numbers": {"left": scene.output, "right": scene.input, "whole": scene.input + scene.output}
    });
    Exchange::json(scene, "/mirror", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("mirror-1")
        .prompt(&scene.question())
}

/// Names of a game, without a sum.
pub(crate) fn checkers(scene: &mut Scene) -> Exchange {
    let moves: Vec<Value> = scene
        .dialogue("white", "black")
        .iter()
        .map(|(side, text)| json!({"side": side, "move": text}))
        .collect();
    let request = json!({"board": "draughts-4b", "moves": moves});
    let response = json!({
        "side": "black",
        "move": scene.answer,
        "pieces": {"white": scene.input, "black": scene.output},
        "clock": scene.duration_ms()
    });
    Exchange::json(scene, "/play", &request, &response).counts(scene.input, scene.output).model("draughts-4b")
}
