//! A guard as Gatehouse asks one: refuses texts that say `DENY ME`.
//!
//! A request to it comes from a gateway, which sends no `x-double`; a text may hold the directives instead, as
//! in `x-double(status=500)`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::Answer;
use super::directive::Directives;
use super::openai;
use super::provider::Provider;
use super::respond::Request;

/// A guard at any host's path `/guard`.
#[derive(Debug)]
pub(super) struct Guard;

/// Returns whether a path is a guard's.
pub(super) fn knows(path: &str) -> bool {
    path.ends_with("/guard")
}

/// Returns what the text in a question to a guard wants done to the answer.
pub(super) fn directives(request: &Request) -> Result<Directives, String> {
    let text = text(request);
    let wanted = text.split_once("x-double(").and_then(|(_, rest)| rest.split_once(')'));
    Directives::parse(wanted.map_or("", |(wanted, _)| wanted))
}

fn text(request: &Request) -> String {
    let text = request.json().and_then(|body| body.get("text").and_then(Value::as_str).map(str::to_owned));
    text.unwrap_or_default()
}

impl Provider for Guard {
    fn refusal(&self, _: &Request) -> Option<Answer> {
        None
    }

    fn answer(&self, request: &Request) -> Answer {
        let text = text(request);
        let verdict = if text.contains("NO VERDICT") {
            json!({"verdict": "perhaps"})
        } else if text.contains("DENY ME") {
            json!({"allow": false, "reason": "the text asks to be denied", "categories": ["asked_for"]})
        } else {
            json!({"allow": true})
        };
        Answer::json(200, &verdict)
    }

    fn error_of_status(&self, _: &Request, status: u16) -> Answer {
        Answer::json(status, &json!({"allow": true, "error": "told to fail"}))
    }

    fn error_event(&self, _: &Request, _: bool) -> Bytes {
        openai::error_event()
    }

    fn add_usual_fields(&self, _: &mut Answer, _: u64) {}
}
