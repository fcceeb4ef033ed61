//! The items of the Responses API that are no messages: calls, their results, thoughts and pictures.

use super::call;
use super::json::Json;
use super::media;
use super::part::{self, Part};
use super::schema::{Message, MessageKind, ToolCall};

/// Reads an item; `None` for what is a message.
pub(super) fn read(item: &Json) -> Option<Message> {
    let kind = item.get("type").text()?;
    let message = match kind {
        "function_call" | "custom_tool_call" => called(call::read(item)?),
        "reasoning" if item.has("summary") || item.has("content") || item.has("encrypted_content") => {
            return Some(thoughts(item));
        }
        "image_generation_call" => picture(item),
        "item_reference" => Message {
            part_type: Some(kind.to_owned()),
            ..Message::of_text(item.get("id").text().unwrap_or_default())
        },
        "mcp_list_tools" | "mcp_approval_request" | "mcp_approval_response" | "compaction" => {
            Message { part_type: Some(kind.to_owned()), ..Message::of_text(item.pretty()) }
        }
        kind if kind.ends_with("_call_output") => {
            Message { role: Some("tool".to_owned()), ..part::result(&unfolded(item)) }
        }
        kind => hosted(item, kind.strip_suffix("_call")?),
    };
    let is_output = message.role.is_some();
    let role = if is_output { message.role } else { Some("assistant".to_owned()) };
    Some(Message { id: message.id.or_else(|| item.get("id").owned()), role, ..message })
}

fn called(call: ToolCall) -> Message {
    Message { kind: MessageKind::FunctionCall, tool_calls: vec![call], ..Message::default() }
}

/// A screenshot stands in an object where results otherwise stand in a list.
fn unfolded(item: &Json) -> Json {
    let mut unfolded = item.clone();
    if item.get("output").has("image_url") {
        let shot = Json::object([
            ("type", "input_image".into()),
            ("image_url", item.get("output").get("image_url").clone()),
        ]);
        *unfolded.slot("output") = Json::List(vec![shot]);
    }
    unfolded
}

/// Reads thoughts: what they say, else their summary.
fn thoughts(item: &Json) -> Message {
    let said = [item.get("content"), item.get("summary")].into_iter().find(|said| !said.is_empty());
    let thought = match said.map(part::thought) {
        Some(Part::Thought(thought)) => Some(thought),
        _ => None,
    };
    Message {
        id: item.get("id").owned(),
        role: Some("assistant".to_owned()),
        reasoning: thought,
        part_type: Some("reasoning".to_owned()),
        ..Message::default()
    }
}

fn picture(item: &Json) -> Message {
    let format = item.get("output_format").text().map(|format| format!("image/{format}"));
    let shown = match (item.get("result").filled(), format) {
        (Some(base64), Some(mime)) => media::part_of(base64, Some(&mime)),
        (Some(base64), None) => media::picture(base64),
        (None, _) => Message { kind: MessageKind::Image, ..Message::default() },
    };
    Message {
        content: item.get("revised_prompt").owned(),
        part_type: Some("image_generation_call".to_owned()),
        ..shown
    }
}

/// Reads the call of a tool that the provider ran, with what that returned.
fn hosted(item: &Json, tool: &str) -> Message {
    let name = item.get("name").text().unwrap_or(tool).to_owned();
    let action = item.any(&["action", "arguments"]);
    let arguments = if action.is_null() {
        let told = ["query", "queries", "code"].into_iter().filter(|key| item.has(key));
        Json::Object(told.map(|key| (key.to_owned(), item.get(key).clone())).collect())
    } else {
        call::arguments(action)
    };
    let mut message = called(ToolCall { id: item.any(&["call_id", "id"]).owned(), name, arguments });
    // The tools of others are called like the caller's own.
    message.part_type = item.get("type").owned().filter(|kind| kind != "mcp_call");
    let returned = item.any(&["output", "outputs", "results"]);
    if !returned.is_empty() {
        message.parts.push(output(returned));
    }
    if let Some(error) = item.get("error").shown() {
        let kind = MessageKind::Function;
        message.parts.push(Message { kind, part_type: Some("error".to_owned()), ..Message::of_text(error) });
    }
    message
}

/// Reads what a tool of the provider returned: logs and pictures, or anything else as it is.
fn output(returned: &Json) -> Message {
    let mut message = Message { kind: MessageKind::Function, ..Message::default() };
    let parts = returned.list().iter().map(|part| match (part.get("logs").text(), part.get("url").text()) {
        (Some(logs), _) => Message::of_text(logs),
        (None, Some(url)) if part.get("type").text() == Some("image") => media::image(url),
        _ => Message::of_text(part.pretty()),
    });
    if returned.is_list() {
        message.set_parts(parts.collect());
    } else {
        message.content = returned.shown();
    }
    message
}
