//! One part of a message, in any dialect: their members for text, pictures, files, calls and results don't clash.

use super::call;
use super::citation;
use super::json::Json;
use super::media;
use super::message::role_of;
use super::schema::{Message, MessageKind, ToolCall};

/// What a part is to its message.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a part goes into its message at once")]
pub(super) enum Part {
    /// Something to be shown.
    Shown(Message),
    /// What the model thought.
    Thought(String),
    /// A call that it asks for.
    Call(ToolCall),
    /// A mark that says nothing to a reader.
    Nothing,
}
use Part::{Call, Nothing, Shown, Thought};

/// What stands for thoughts that a provider keeps to itself.
const REDACTED: &str = "[Redacted]";

/// Reads a part: by what it calls itself, else by its members.
pub(super) fn read(part: &Json) -> Part {
    if let Some(text) = part.text() {
        return Shown(Message::of_text(text));
    }
    if !part.is_object() {
        return if part.is_null() { Nothing } else { unknown(part, None) };
    }
    let Some(kind) = part.get("type").text() else { return by_member(part) };
    of_words(part, kind).or_else(|| of_media(part, kind)).or_else(|| of_tools(part, kind)).unwrap_or_else(
        || match by_member(part) {
            Shown(message) => Shown(Message { part_type: Some(kind.to_owned()), ..message }),
            other => other,
        },
    )
}

/// Reads text and thoughts.
fn of_words(part: &Json, kind: &str) -> Option<Part> {
    Some(match kind {
        "text" | "input_text" | "output_text" | "summary_text" => text(part, part.get("text")),
        "refusal" => {
            let refusal = text(part, part.get("refusal"));
            let Shown(message) = refusal else { return Some(refusal) };
            Shown(Message { part_type: Some("refusal".to_owned()), ..message })
        }
        "thinking" => thought(part.any(&["thinking", "text"])),
        "reasoning" | "reasoning_text" | "reasoning_content" | "reasoning.text" | "reasoning.summary" => {
            thought(part.any(&["text", "summary", "content", "reasoning"]))
        }
        "redacted_thinking" | "redacted-reasoning" | "reasoning.encrypted" => Thought(REDACTED.to_owned()),
        "web_search_result" => {
            let annotations = citation::source(part).into_iter().collect();
            Shown(Message { annotations, ..Message::of_text(part.get("title").text()?) })
        }
        "search_result" => {
            let texts = part.get("content").list().iter().filter_map(|text| text.get("text").text());
            let content = texts.collect::<Vec<_>>().join("\n");
            let annotations = citation::source(part).into_iter().collect();
            Shown(Message { annotations, ..Message::of_text(content) })
        }
        _ => return None,
    })
}

/// Reads pictures, sound and files.
fn of_media(part: &Json, kind: &str) -> Option<Part> {
    let message = match kind {
        "image_url" | "input_image" | "image" | "output_image" => picture(part)?,
        "input_audio" | "audio" | "output_audio" => sound(part, part.any(&["input_audio", "audio"]))?,
        "file" | "input_file" | "document" | "container_upload" => file(part),
        "video_url" => {
            let video = part.get("video_url");
            media::remote(video.text().or_else(|| video.get("url").text())?, Some("video/mp4"))
        }
        "media" => of_data(part.get("data"), part.any(&["mimeType", "mediaType", "mime_type"]))?,
        _ => return None,
    };
    Some(Shown(message))
}

/// Reads calls of tools and their results.
fn of_tools(part: &Json, kind: &str) -> Option<Part> {
    Some(match kind {
        "tool_use" | "server_tool_use" | "mcp_tool_use" | "tool-call" | "tool_call" | "function_call" => {
            Call(call::read(part)?)
        }
        "tool-result" | "tool_result" => Shown(result(part)),
        kind if kind.ends_with("_tool_result") => Shown(result(part)),
        _ => return None,
    })
}

/// Reads a part that does not say what it is, as Google's and Bedrock's don't.
fn by_member(part: &Json) -> Part {
    if part.get("thought").bool() == Some(true) {
        return thought(part.get("text"));
    }
    let calls = ["functionCall", "function_call", "toolUse"];
    if let Some(call) = call::read(part.any(&calls)) {
        return Call(call);
    }
    let results = ["functionResponse", "function_response", "toolResult"];
    if part.any(&results).is_object() {
        return Shown(result(part.any(&results)));
    }
    if let Some(message) = google(part).or_else(|| bedrock(part)) {
        return Shown(message);
    }
    if part.has("reasoningContent") {
        let reasoning = part.get("reasoningContent");
        let text = reasoning.get("reasoningText").any(&["text"]);
        return if text.is_null() { Thought(REDACTED.to_owned()) } else { thought(text) };
    }
    if part.has("cachePoint") {
        return Nothing;
    }
    if let Json::Text(_) = part.get("text") {
        return text(part, part.get("text"));
    }
    unknown(part, part.get("type").text())
}

/// Reads Google's parts.
fn google(part: &Json) -> Option<Message> {
    let inline = part.any(&["inlineData", "inline_data"]);
    if let Some(data) = inline.get("data").text() {
        let shown = media::part_of(data, inline.any(&["mimeType", "mime_type"]).text());
        return Some(Message { filename: inline.any(&["displayName", "display_name"]).owned(), ..shown });
    }
    let file = part.any(&["fileData", "file_data"]);
    if let Some(uri) = file.any(&["fileUri", "file_uri"]).text() {
        return Some(media::remote(uri, file.any(&["mimeType", "mime_type"]).text()));
    }
    let code = part.any(&["executableCode", "executable_code"]);
    if let Some(text) = code.get("code").text() {
        return Some(Message { part_type: Some("executable_code".to_owned()), ..Message::of_text(text) });
    }
    let outcome = part.any(&["codeExecutionResult", "code_execution_result"]);
    outcome.is_object().then(|| Message {
        kind: MessageKind::Function,
        name: Some("code_execution".to_owned()),
        content: outcome.get("output").owned().or_else(|| outcome.get("outcome").owned()),
        ..Message::default()
    })
}

/// Reads the parts of Bedrock's Converse.
fn bedrock(part: &Json) -> Option<Message> {
    if part.has("guardContent") {
        let text = part.get("guardContent").get("text").get("text").text()?;
        return Some(Message { part_type: Some("guard_content".to_owned()), ..Message::of_text(text) });
    }
    if part.has("json") {
        return Some(Message::of_text(part.get("json").pretty()));
    }
    if let Json::List(texts) = part.get("citationsContent").get("content") {
        let content: String = texts.iter().filter_map(|text| text.get("text").text()).collect();
        let annotations = citation::read(part.get("citationsContent"));
        return Some(Message { annotations, ..Message::of_text(content) });
    }
    let kind = ["image", "document", "video", "audio"].into_iter().find(|kind| part.get(kind).is_object())?;
    let file = part.get(kind);
    let format = file.get("format").text().unwrap_or_default();
    let mime = match (kind, format) {
        ("document", "pdf") => "application/pdf".to_owned(),
        ("document", "txt" | "md" | "csv" | "html") => format!("text/{format}"),
        ("document", _) => "application/octet-stream".to_owned(),
        _ => format!("{kind}/{format}"),
    };
    let source = file.get("source");
    let shown = match (source.get("bytes").text(), source.get("s3Location").get("uri").text()) {
        (Some(bytes), _) => media::part_of(bytes, Some(&mime)),
        (None, Some(uri)) => media::remote(uri, Some(&mime)),
        (None, None) => Message {
            kind: MessageKind::File,
            content: source.get("text").owned(),
            mime_type: Some(mime),
            ..Message::default()
        },
    };
    Some(Message { filename: file.get("name").owned(), ..shown })
}

/// Reads a text with what it is based on.
fn text(part: &Json, text: &Json) -> Part {
    let text = if text.is_object() { text.get("value") } else { text };
    let Some(content) = text.text() else { return unknown(part, part.get("type").text()) };
    Shown(Message { annotations: citation::read(part), ..Message::of_text(content) })
}

/// Reads thoughts: a text, or a list of them.
pub(super) fn thought(value: &Json) -> Part {
    let texts: Vec<&str> = match value {
        Json::Text(text) => vec![text.as_str()],
        Json::List(parts) => {
            parts.iter().filter_map(|part| part.text().or_else(|| part.get("text").text())).collect()
        }
        _ => Vec::new(),
    };
    let thought = texts.join("\n\n");
    if thought.is_empty() { Nothing } else { Thought(thought) }
}

/// Reads a picture: a URL, base64 with its type, or an uploaded file.
fn picture(part: &Json) -> Option<Message> {
    let place = part.any(&["image_url", "image", "source", "url"]);
    let detail = part.get("detail").owned().or_else(|| place.get("detail").owned());
    let mime = part.any(&["mediaType", "mimeType", "media_type", "mime_type"]);
    let message = if let Some(text) = place.text() {
        if text.starts_with("http") || text.starts_with("data:") || text.contains("://") {
            media::image(text)
        } else if mime.text().is_some() {
            media::part_of(text, mime.text())
        } else {
            media::picture(text)
        }
    } else if let Some(url) = place.get("url").text() {
        media::image(url)
    } else if let Some(data) = place.any(&["data", "bytes"]).text() {
        let mime = place.any(&["media_type", "mime_type", "mimeType"]).text();
        if mime.is_some() { media::part_of(data, mime) } else { media::picture(data) }
    } else if place.get("source").is_object() || place.has("format") {
        // Bedrock's, with a type beside it as Nova's schema has it.
        return bedrock(part);
    } else {
        let file_id = part.get("file_id").owned().or_else(|| place.get("file_id").owned())?;
        Message { kind: MessageKind::Image, file_id: Some(file_id), ..Message::default() }
    };
    Some(Message { detail, ..message })
}

/// Reads sound and the text that was spoken.
fn sound(part: &Json, audio: &Json) -> Option<Message> {
    let data = audio.text().or_else(|| audio.get("data").text());
    let content = part.get("transcript").owned().or_else(|| audio.get("transcript").owned());
    if data.is_none() && content.is_none() && !audio.has("id") {
        return None;
    }
    let format = audio.get("format").text().or_else(|| part.get("format").text());
    let mime_type = match format {
        Some("mp3") => Some("audio/mpeg".to_owned()),
        Some(format) => Some(format!("audio/{format}")),
        None => data.and_then(media::sniffed).map(str::to_owned),
    };
    Some(Message {
        kind: MessageKind::Audio,
        id: audio.get("id").owned(),
        audio_data: data.filter(|data| !data.is_empty()).map(str::to_owned),
        content,
        mime_type,
        ..Message::default()
    })
}

/// Reads a file: its data, its text, where it lies, or its id.
fn file(part: &Json) -> Message {
    let inner = ["file", "source"].into_iter().map(|key| part.get(key)).find(|inner| inner.is_object());
    let place = inner.unwrap_or(part);
    let mime = place.any(&["media_type", "mediaType", "mimeType", "mime_type"]).text();
    let mime = mime.or_else(|| part.any(&["media_type", "mediaType", "mimeType", "mime_type"]).text());
    let is_text = place.get("type").text() == Some("text");
    let shown = if is_text {
        Message { kind: MessageKind::File, content: place.get("data").owned(), ..Message::default() }
    } else if let Some(data) = place.any(&["file_data", "data"]).text() {
        if data.contains("://") { media::remote(data, mime) } else { media::part_of(data, mime) }
    } else if let Some(url) = place.any(&["file_url", "url"]).text() {
        media::remote(url, mime)
    } else {
        let content = place.any(&["content", "text"]);
        let content = content.owned().or_else(|| plain(content.list()));
        Message { kind: MessageKind::File, content, ..Message::default() }
    };
    let filename = place.any(&["filename", "name"]).owned();
    Message {
        filename: filename.or_else(|| part.any(&["filename", "title", "name"]).owned()),
        file_id: place.get("file_id").owned().or_else(|| part.get("file_id").owned()),
        mime_type: shown.mime_type.clone().or_else(|| mime.map(str::to_owned)),
        ..shown
    }
}

/// Joins the texts of parts.
fn plain(parts: &[Json]) -> Option<String> {
    let texts: Vec<&str> = parts.iter().filter_map(|part| part.get("text").text()).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// Reads what a tool returned.
pub(super) fn result(part: &Json) -> Message {
    let id = ["tool_use_id", "toolUseId", "tool_call_id", "toolCallId", "call_id", "id"];
    let content = part.any(&["content", "output", "result", "response"]);
    let mut message = Message {
        kind: MessageKind::Function,
        role: part.get("role").text().map(role_of),
        tool_call_id: part.any(&id).owned(),
        name: part.any(&["name", "toolName"]).owned(),
        ..Message::default()
    };
    let failed = part.get("is_error").bool() == Some(true) || part.get("status").text() == Some("error");
    message.part_type = failed.then(|| "error".to_owned());
    match content {
        Json::List(parts) if parts.iter().any(|part| part.is_object() || part.text().is_some()) => {
            let shown = parts
                .iter()
                .filter_map(|part| if let Shown(message) = read(part) { Some(message) } else { None });
            message.set_parts(shown.collect());
        }
        // The Vercel SDK says of an output what kind of value it is.
        Json::Object(_) if content.has("type") && content.has("value") => {
            message.content = content.get("value").shown();
        }
        other => message.content = other.shown(),
    }
    message
}

/// Returns a part that nobody knows, as it is.
fn unknown(part: &Json, kind: Option<&str>) -> Part {
    Shown(Message {
        part_type: Some(kind.unwrap_or("unknown").to_owned()),
        ..Message::of_text(part.pretty())
    })
}

/// Returns data in base64 with its type.
fn of_data(data: &Json, mime: &Json) -> Option<Message> {
    Some(media::part_of(data.text()?, mime.text()))
}
