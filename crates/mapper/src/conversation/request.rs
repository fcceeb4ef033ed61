//! What a request asks, in any dialect.

use super::json::Json;
use super::kind::Kind;
use super::message;
use super::parameters;
use super::schema::{Message, MessageKind, RequestBody};
use super::{call, events, realtime};

/// The members with instructions to the model, which stand before the conversation.
const INSTRUCTIONS: [&str; 6] =
    ["system", "instructions", "preamble", "systemInstruction", "system_instruction", "system_prompt"];
/// How many texts of a batch are read.
const MOST_TEXTS: usize = 10_000;

/// Reads a request; `None` when it asks nothing that we know of.
pub(super) fn read(request: &Json, kind: Kind) -> Option<RequestBody> {
    if let Some(event) = events::request(request, kind) {
        return Some(event);
    }
    let mut body = RequestBody {
        model: request.any(&["model", "modelId", "model_id"]).owned(),
        parameters: parameters::read(request),
        tools: call::tools(request),
        tool_choice: call::choice(request),
        ..RequestBody::default()
    };
    if kind == Kind::OpenaiRealtime {
        body.messages = realtime::messages(request);
        body.llm_type = Some("chat");
        return Some(body);
    }
    match kind {
        Kind::OpenaiEmbedding | Kind::OpenaiModeration | Kind::Rerank | Kind::OpenaiAudio => {
            texts(request, kind, &mut body);
        }
        Kind::OpenaiImage => {
            body.prompt = prompt_of(request);
            body.messages.extend(files(request, body.prompt.as_deref()));
        }
        _ => chat(request, kind, &mut body),
    }
    let is_asked = !body.messages.is_empty()
        || body.prompt.is_some()
        || !body.input.is_empty()
        || body.instructions.is_some();
    (is_asked || kind == Kind::OpenaiAssistant).then_some(body)
}

/// Reads a conversation: instructions, what was said before, documents, and what is asked now.
fn chat(request: &Json, kind: Kind, body: &mut RequestBody) {
    for key in INSTRUCTIONS {
        let given = request.get(key);
        let instructions = match given {
            Json::List(parts) if parts.iter().all(|part| part.text().is_some()) => {
                let texts: Vec<&str> = parts.iter().filter_map(Json::text).collect();
                Some(Message::said("system", texts.join("\n")))
            }
            Json::List(_) => {
                let folded = Json::object([("role", "system".into()), ("content", given.clone())]);
                message::read(&folded, "system")
            }
            other => message::read(other, "system"),
        };
        body.messages
            .extend(instructions.map(|message| Message { role: Some("system".to_owned()), ..message }));
    }
    body.instructions = request.get("instructions").owned();
    let thread = request.get("thread").get("messages");
    for before in
        ["chat_history", "conversation_history"].map(|key| request.get(key)).into_iter().chain([thread])
    {
        body.messages.extend(message::list(before, "user"));
    }
    let asked = request.any(&["messages", "contents", "additional_messages"]);
    body.messages.extend(message::list(asked, "user"));
    if request.get("input").is_list() || request.get("input").is_object() {
        body.messages.extend(message::list(request.get("input"), "user"));
    } else {
        body.messages.extend(request.get("input").owned().map(|text| Message::said("user", text)));
    }
    documents(request, body);
    body.messages.extend(request.get("message").owned().map(|text| Message::said("user", text)));
    body.messages.extend(returned(request));
    if body.messages.iter().all(|message| message.role.as_deref() == Some("system")) {
        prompt(request, kind, body);
    }
    if body.prompt.is_none() && !body.messages.is_empty() {
        body.llm_type = Some("chat");
    }
}

/// Reads a text to be completed, which is the user's message too, and what stands alone.
fn prompt(request: &Json, kind: Kind, body: &mut RequestBody) {
    if request.get("prompt").first().has("role") {
        body.messages.extend(message::list(request.get("prompt"), "user"));
        return;
    }
    let is_message = request.has("role") && request.has("content");
    if is_message {
        body.messages.extend(message::read(request, "user"));
        return;
    }
    let Some(text) = prompt_of(request) else { return };
    let images = request.get("images");
    let folded = Json::object([
        ("role", "user".into()),
        ("content", text.as_str().into()),
        ("images", images.clone()),
    ]);
    body.messages.extend(message::read(&folded, "user"));
    body.llm_type = Some("completion");
    body.prompt = Some(text).filter(|_| kind != Kind::VercelChat);
}

/// Returns the prompt of a request: one text, or those of a batch under each other.
fn prompt_of(request: &Json) -> Option<String> {
    let nested = ["textToImageParams", "taskParams"].map(|key| request.get(key).get("text"));
    let instance = request.get("instances").first().any(&["prompt", "content"]);
    let found = request.any(&["prompt", "inputs", "inputText", "query"]);
    let given = [found].into_iter().chain(nested).chain([instance]).find(|given| !given.is_null())?;
    match given {
        Json::List(texts) if texts.iter().any(|text| text.text().is_some()) => {
            let texts: Vec<&str> = texts.iter().take(MOST_TEXTS).filter_map(Json::text).collect();
            Some(texts.join("\n"))
        }
        Json::Object(_) if given.has("text") => given.get("text").owned(),
        other => other.shown(),
    }
}

/// Adds the documents that an answer is to be based on, as files of the user.
fn documents(request: &Json, body: &mut RequestBody) {
    let documents = request.get("documents").list().iter().take(MOST_TEXTS).filter(|_| !request.has("query"));
    let files: Vec<Message> = documents.map(document).collect();
    if files.is_empty() {
        return;
    }
    let kind = MessageKind::ContentArray;
    let role = Some("user".to_owned());
    let documents =
        Message { kind, role, name: Some("documents".to_owned()), parts: files, ..Message::default() };
    // What is asked stays the last message.
    let at = body.messages.len().saturating_sub(usize::from(!request.has("message")));
    body.messages.insert(at, documents);
}

/// Reads one document: a text, or an object whose texts say what it is.
pub(super) fn document(document: &Json) -> Message {
    let data = document.get("data");
    let fields = if data.is_object() { data } else { document };
    let content = document.text().or_else(|| data.text());
    let content = content.or_else(|| fields.any(&["text", "snippet", "content", "contents"]).text());
    Message {
        kind: MessageKind::File,
        id: document.get("id").owned(),
        filename: fields.get("title").owned().or_else(|| document.get("id").owned()),
        content: Some(content.map_or_else(|| document.pretty(), str::to_owned)),
        ..Message::default()
    }
}

/// Reads the results of tools that Cohere's first version has beside its messages.
fn returned(request: &Json) -> Option<Message> {
    let results = request.get("tool_results");
    let folded = Json::object([("role", "tool".into()), ("tool_results", results.clone())]);
    if results.list().is_empty() { None } else { message::read(&folded, "tool") }
}

/// Reads what is not answered but embedded, judged, ranked or spoken.
fn texts(request: &Json, kind: Kind, body: &mut RequestBody) {
    let instances = request.get("instances").list().iter();
    let given = request.any(&["input", "texts", "inputs", "content", "requests", "inputText", "prompt"]);
    if given.list().iter().any(|part| part.has("type")) {
        let folded = Json::object([("role", "user".into()), ("content", given.clone())]);
        body.messages.extend(message::read(&folded, "user"));
        return;
    }
    let listed = match given {
        Json::List(texts) if texts.iter().any(|text| !matches!(text, Json::Number(_))) => {
            texts.iter().collect()
        }
        Json::Null => Vec::new(),
        other => vec![other],
    };
    let listed = listed.into_iter().chain(instances).take(MOST_TEXTS);
    if kind == Kind::Rerank {
        body.prompt = request.get("query").owned();
        let documents = request.get("documents").list().iter().take(MOST_TEXTS);
        body.input.extend(documents.map(|text| shown(document(text))));
    } else {
        let read = listed.filter_map(|text| text.owned().or_else(|| message::read(text, "user").map(shown)));
        body.input.extend(read);
    }
    body.instructions = request.get("instructions").owned();
    body.messages.extend(files(request, request.get("prompt").filled()));
}

/// Reads the files of a form, and the prompt that goes with them.
fn files(request: &Json, prompt: Option<&str>) -> Option<Message> {
    let files = request.get("files").list();
    let text = prompt.map(Json::from);
    let parts = files.iter().cloned().chain(text).collect();
    let folded = Json::object([("role", "user".into()), ("content", Json::List(parts))]);
    if files.is_empty() { None } else { message::read(&folded, "user") }
}

/// Returns the text of a message, its parts in marks.
fn shown(message: Message) -> String {
    match message.content {
        Some(content) => content,
        None => message.in_a_line(),
    }
}
