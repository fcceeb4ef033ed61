//! A call in one line, for people.

use serde_json::{Map, Value, json};

/// How many characters of what was asked are shown.
const ASKED_CHARACTERS: usize = 60;
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const GREEN: &str = "\x1b[32m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// Returns the cells of a row of a list.
pub(super) fn cells(row: &Value) -> Map<String, Value> {
    let field = |name: &str| row.get(name).cloned().unwrap_or_default();
    let cells = [
        ("time", field("request_created_at")),
        ("status", field("response_status")),
        ("model", shown(&field("model"))),
        ("user", shown(&field("request_user_id"))),
        (
            "latency_ms",
            row.get("delay_ms").and_then(Value::as_f64).map_or(Value::Null, |ms| json!(ms.round())),
        ),
        ("tokens", field("total_tokens")),
        ("cost_usd", field("costUSD")),
        ("id", field("request_id")),
        ("asked", shown(&field("request_preview"))),
    ];
    cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Returns the line of a call.
pub(super) fn line(row: &Value, is_coloured: bool) -> String {
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(harmless).unwrap_or_default();
    let number = |name: &str| row.get(name).and_then(Value::as_f64);
    let status = row.get("response_status").and_then(Value::as_i64).unwrap_or(0);
    let colour = match status {
        ..=0 | 500.. => RED,
        400..=499 => YELLOW,
        _ => GREEN,
    };
    let paint = |colour: &str, text: String| {
        if is_coloured { format!("{colour}{text}{RESET}") } else { text }
    };
    let time = text("request_created_at");
    let time = time.get(11..23).unwrap_or(&time).to_owned();
    let latency = number("delay_ms").map_or("-".to_owned(), |ms| format!("{ms:.0} ms"));
    let tokens = number("total_tokens").map_or("-".to_owned(), |count| format!("{count} tokens"));
    let cost = number("costUSD").map_or("cost unknown".to_owned(), |cost| format!("${cost:.6}"));
    let user =
        Some(text("request_user_id")).filter(|user| !user.is_empty()).unwrap_or_else(|| "-".to_owned());
    let parts = [
        paint(DIM, time),
        paint(colour, format!("{status:>3}")),
        text("model"),
        user,
        latency,
        tokens,
        cost,
        paint(DIM, text("request_preview")),
    ];
    parts.join("  ").trim_end().to_owned()
}

fn shown(value: &Value) -> Value {
    value.as_str().map_or(Value::Null, |text| Value::from(harmless(text)))
}

/// Returns the beginning of a text on one line: what was logged may not steer the terminal.
fn harmless(text: &str) -> String {
    let spaced = text.chars().map(|character| if character.is_whitespace() { ' ' } else { character });
    let mut clean: String =
        spaced.filter(|character| !character.is_control() && !is_steering(*character)).collect();
    if let Some((end, _)) = clean.char_indices().nth(ASKED_CHARACTERS) {
        clean.truncate(end);
        clean.push('…');
    }
    clean
}

/// Returns whether a character turns the direction of what follows.
const fn is_steering(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_the_most_of_a_call_and_steers_no_terminal() {
        let row = json!({
            "request_created_at": "2026-11-22T14:06:00.123Z", "response_status": 200, "model": "m", "delay_ms": 811.6,
            "request_user_id": "al\u{1b}[2Jice", "total_tokens": 33, "costUSD": null,
            "request_preview": format!("two\nlines\u{202e} {}", "x".repeat(80)),
        });
        let expected = format!(
            "14:06:00.123  200  m  al[2Jice  812 ms  33 tokens  cost unknown  two lines {}…",
            "x".repeat(50)
        );
        assert_eq!(line(&row, false), expected);
        assert!(line(&row, true).starts_with("\u{1b}[2m14:06:00.123\u{1b}[0m  \u{1b}[32m200"));
        let bare = json!({"response_status": -3, "model": "m"});
        assert_eq!(line(&bare, false), "   -3  m  -  -  -  cost unknown");
    }
}
