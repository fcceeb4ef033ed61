//! Hosts without the API of a model, and hosts that are nobody's: each answer says where its request came.

use bytes::Bytes;
use serde_json::json;

use super::answer::Answer;
use super::openai;
use super::provider::Provider;
use super::respond::Request;

/// Answers everything, with or without a key.
#[derive(Debug)]
pub(super) struct Echo;

impl Provider for Echo {
    fn refusal(&self, _: &Request) -> Option<Answer> {
        None
    }

    fn answer(&self, request: &Request) -> Answer {
        Answer::json(200, &json!({"ok": true, "host": request.host, "path": request.path}))
    }

    fn error_of_status(&self, _: &Request, status: u16) -> Answer {
        Answer::json(status, &json!({"success": false, "error": "The request can't be served."}))
    }

    fn error_event(&self, _: &Request, _: bool) -> Bytes {
        openai::error_event()
    }

    fn add_usual_fields(&self, answer: &mut Answer, number: u64) {
        answer.push("x-request-id", format!("{number:032x}"));
    }
}
