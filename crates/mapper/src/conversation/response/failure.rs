//! What went wrong with a call, as its answer says.

use super::super::json::Json;
use super::super::schema::Failure;

/// The first status of an error.
const FIRST_ERROR: i32 = 400;
/// The members with a message, where an error has no object of its own.
const MESSAGES: [&str; 7] =
    ["message", "Message", "detail", "error_description", "errors", "title", "errorMessage"];

/// Returns the error of an answer: one that it states, or whatever it says with a status that is an error.
pub(in super::super) fn failure(response: &Json, status: i32) -> Option<Failure> {
    // Google puts the error of a stream into a list.
    let response = if response.is_list() { response.first() } else { response };
    let stated = response.get("error");
    let is_error = response.get("type").text() == Some("error");
    if !stated.is_empty() {
        return Some(Failure { message: message_of(stated) });
    }
    let inner = response.get("choices").first().get("error");
    if inner.is_object() {
        return Some(Failure { message: message_of(inner) });
    }
    if is_error || status >= FIRST_ERROR {
        let said = response.any(&MESSAGES);
        let message = if said.is_null() { response.clone() } else { message_of(said) };
        return (!message.is_empty()).then_some(Failure { message });
    }
    let feedback = response.any(&["promptFeedback", "prompt_feedback"]);
    let reason = feedback.any(&["blockReasonMessage", "blockReason", "block_reason"]).text()?;
    response
        .get("candidates")
        .is_empty()
        .then(|| Failure { message: format!("prompt blocked: {reason}").as_str().into() })
}

/// Returns the message of an error; all of it where it has none.
fn message_of(error: &Json) -> Json {
    let message = error.any(&MESSAGES);
    if message.text().is_some() { message.clone() } else { error.clone() }
}
