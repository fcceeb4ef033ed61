//! Realtime sessions, logged as the list of their events.

use super::call;
use super::json::Json;
use super::media;
use super::message;
use super::schema::{Message, MessageKind};

/// Reads what was said in a session: the events that complete something; those that bring pieces of it do not.
pub(super) fn messages(body: &Json) -> Vec<Message> {
    let events = if body.is_list() { body.list() } else { body.get("messages").list() };
    events.iter().take(message::MOST).filter_map(event).collect()
}

fn event(event: &Json) -> Option<Message> {
    let content = event.get("content");
    let from = if event.get("from").text() == Some("client") { "user" } else { "assistant" };
    let message = match content.get("type").text()? {
        "session.created" | "session.update" | "session.updated" => {
            let instructions = content.get("session").get("instructions").filled()?;
            Message::said("system", instructions)
        }
        "conversation.item.create" => message::read(content.get("item"), from)?,
        "conversation.item.input_audio_transcription.completed" => {
            spoken("user", content.get("transcript").filled()?)
        }
        "response.audio_transcript.done" | "response.output_audio_transcript.done" => {
            spoken("assistant", content.get("transcript").filled()?)
        }
        "response.text.done" | "response.output_text.done" => {
            Message::said("assistant", content.get("text").filled()?)
        }
        "response.function_call_arguments.done" => called(content)?,
        "input_audio_buffer.append" => {
            let part = media::part_of(content.get("audio").filled()?, Some("audio/pcm"));
            Message { role: Some(from.to_owned()), ..part }
        }
        "error" => {
            let message = content.get("error").get("message").filled()?;
            Message { part_type: Some("error".to_owned()), ..Message::said("assistant", message) }
        }
        _ => return None,
    };
    let id = message.id.or_else(|| content.get("item_id").owned());
    Some(Message { id, timestamp: event.get("timestamp").shown(), ..message })
}

fn spoken(role: &str, transcript: &str) -> Message {
    Message { kind: MessageKind::Audio, ..Message::said(role, transcript) }
}

/// Older sessions name the tool in another event only.
fn called(content: &Json) -> Option<Message> {
    let mut named = content.clone();
    if !content.has("name") {
        *named.slot("name") = "unknown".into();
    }
    let tool_calls = vec![call::read(&named)?];
    let role = Some("assistant".to_owned());
    Some(Message { kind: MessageKind::FunctionCall, role, tool_calls, ..Message::default() })
}
