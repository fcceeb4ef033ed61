//! Events that Helicone's packages log beside calls of models: tools, vector databases, and anything else.

use super::json::Json;
use super::kind::Kind;
use super::schema::{Message, MessageKind, RequestBody, ResponseBody, ToolCall};

/// Reads what an event was asked; `None` for calls of models.
pub(super) fn request(request: &Json, kind: Kind) -> Option<RequestBody> {
    let details = Some(request.clone());
    Some(match kind {
        Kind::Tool => {
            RequestBody { messages: vec![called(request)], tool_details: details, ..RequestBody::default() }
        }
        Kind::VectorDb => RequestBody {
            messages: vec![Message::said("user", queried(request))],
            vector_db_details: details,
            ..RequestBody::default()
        },
        Kind::Data => RequestBody {
            messages: vec![Message::said("user", named(request))],
            data_details: details,
            ..RequestBody::default()
        },
        _ => return None,
    })
}

/// Reads what an event returned; `None` for calls of models.
pub(super) fn response(response: &Json, kind: Kind) -> Option<ResponseBody> {
    let details = Some(response.clone());
    let text = response.get("message").owned().or_else(|| response.get("status").owned());
    let text = text.unwrap_or_else(|| response.pretty());
    let message = Message::said("assistant", text);
    Some(match kind {
        Kind::Tool => {
            let message = Message { kind: MessageKind::Function, role: Some("tool".to_owned()), ..message };
            let name = response.get("toolName").owned();
            ResponseBody {
                messages: vec![Message { name, ..message }],
                tool_details: details,
                ..ResponseBody::default()
            }
        }
        Kind::VectorDb => {
            ResponseBody { messages: vec![message], vector_db_details: details, ..ResponseBody::default() }
        }
        Kind::Data => {
            ResponseBody { messages: vec![message], data_details: details, ..ResponseBody::default() }
        }
        _ => return None,
    })
}

fn called(request: &Json) -> Message {
    let name = request.get("toolName").text().unwrap_or("unknown").to_owned();
    let call = ToolCall { id: None, name, arguments: request.get("input").clone() };
    let role = Some("assistant".to_owned());
    Message { kind: MessageKind::FunctionCall, role, tool_calls: vec![call], ..Message::default() }
}

/// Returns what a vector database was asked in words: the operation, and the text it is about.
fn queried(request: &Json) -> String {
    let operation = request.get("operation").text().unwrap_or("query");
    let words = [request.get("databaseName").text(), request.get("text").text()];
    let words: Vec<&str> = [Some(operation)].into_iter().chain(words).flatten().collect();
    words.join(" ")
}

fn named(request: &Json) -> String {
    request.get("name").owned().unwrap_or_else(|| request.pretty())
}
