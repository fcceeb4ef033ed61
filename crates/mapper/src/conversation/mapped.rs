//! Conversations by mappings: what a mapping reads stands where no reader knows the shape of a body.

use std::cell::Cell;

use super::json::Json;
use super::kind::Kind;
use super::media;
use super::message::role_of;
use super::parameters;
use super::schema::{Failure, Message, MessageKind, RequestBody, ResponseBody, ToolCall};
use super::{Conversation, Reading, preview};
use crate::mapping::{Mapped, MappedMessage, MappedToolCall};

/// How many values a parameter or the arguments of a call may have.
const MOST_VALUES: usize = 100_000;

impl Conversation {
    /// Returns whether a mapping could tell more: a body is there in a shape that nobody knows.
    pub fn is_pending(&self) -> bool {
        self.reading.request == Reading::Pending || self.reading.response == Reading::Pending
    }

    /// Returns the conversation with what a mapping read of the same bodies, where no reader knows them.
    #[must_use]
    pub fn with_mapped(mut self, mapped: Mapped) -> Self {
        if !self.is_pending() {
            return self;
        }
        let model = mapped.model.clone();
        let (asked, answered) = (request(&mapped), response(&mapped));
        if let Some(asked) = asked.filter(|_| self.reading.request == Reading::Pending) {
            self.preview.request = preview::of_request(&asked);
            self.schema.request = Some(asked);
            self.reading.request = Reading::Whole;
        }
        if let Some(answered) = answered.filter(|_| self.reading.response == Reading::Pending) {
            self.preview.response = preview::of_response(&answered, Kind::Mapped);
            self.schema.response = Some(answered);
            self.reading.response = Reading::Whole;
        }
        self.kind = if self.is_pending() { Kind::Unknown } else { Kind::Mapped };
        self.model = self.model.or(model);
        self
    }
}

fn request(mapped: &Mapped) -> Option<RequestBody> {
    let system = mapped.system.as_ref().map(|system| Message::said("system", system.as_str()));
    let mut messages: Vec<Message> = system.into_iter().chain(mapped.messages.iter().map(message)).collect();
    if let Some(prompt) = mapped.prompt.as_ref().filter(|_| mapped.messages.is_empty()) {
        messages.push(Message::said("user", prompt.as_str()));
    }
    if messages.is_empty() {
        return None;
    }
    let given = mapped.params.iter().map(|(name, value)| (name.clone(), json(value)));
    Some(RequestBody {
        llm_type: Some(if mapped.messages.is_empty() { "completion" } else { "chat" }),
        model: mapped.model.clone(),
        messages,
        prompt: mapped.prompt.clone(),
        parameters: parameters::read(&Json::Object(given.collect())),
        ..RequestBody::default()
    })
}

fn response(mapped: &Mapped) -> Option<ResponseBody> {
    let says = mapped.text.is_some() || mapped.reasoning.is_some() || !mapped.tool_calls.is_empty();
    let error = mapped.error.as_ref().map(|error| Failure { message: error.as_str().into() });
    if !says && error.is_none() {
        return None;
    }
    let kind = if mapped.tool_calls.is_empty() { MessageKind::Message } else { MessageKind::FunctionCall };
    let message = Message {
        kind,
        role: Some("assistant".to_owned()),
        content: mapped.text.clone(),
        reasoning: mapped.reasoning.clone(),
        tool_calls: mapped.tool_calls.iter().map(call).collect(),
        finish_reason: mapped.finish.clone(),
        ..Message::default()
    };
    let messages = if says { vec![message] } else { Vec::new() };
    Some(ResponseBody { messages, model: mapped.model.clone(), error, ..ResponseBody::default() })
}

fn message(mapped: &MappedMessage) -> Message {
    let role = mapped.role.as_deref().map_or_else(|| "user".to_owned(), role_of);
    let mut message = Message::said(&role, mapped.content.as_str());
    if !mapped.attachments.is_empty() {
        let text = (!mapped.content.is_empty()).then(|| Message::of_text(mapped.content.as_str()));
        message.kind = MessageKind::ContentArray;
        message.content = None;
        message.parts =
            text.into_iter().chain(mapped.attachments.iter().map(|file| attachment(file))).collect();
    }
    message
}

/// Returns an attachment: an address, or data.
fn attachment(file: &str) -> Message {
    if file.contains("://") {
        return media::image(file);
    }
    media::part_of(file, None)
}

fn call(mapped: &MappedToolCall) -> ToolCall {
    ToolCall { id: mapped.id.clone(), name: mapped.name.clone(), arguments: json(&mapped.arguments) }
}

fn json(value: &serde_json::Value) -> Json {
    Json::read(value.to_string().as_bytes(), &Cell::new(MOST_VALUES)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use gatehouse_wire::BodyView;

    use super::*;
    use crate::conversation::Input;

    fn read(request: &str, response: &str) -> Conversation {
        let view = |text: &'static str| BodyView { bytes: text.as_bytes(), ..BodyView::default() };
        let leak = |text: &str| &*Box::leak(text.to_owned().into_boxed_str());
        Conversation::read(Input {
            request: view(leak(request)),
            response: view(leak(response)),
            path: "/v1/x",
            status: 200,
        })
    }

    fn mapped() -> Mapped {
        Mapped {
            model: Some("x1".to_owned()),
            text: Some("Hello".to_owned()),
            finish: Some("stop".to_owned()),
            messages: vec![MappedMessage {
                role: Some("user".to_owned()),
                content: "Hi".to_owned(),
                attachments: vec!["https://example.com/a.png".to_owned()],
            }],
            system: Some("Be kind.".to_owned()),
            params: [("temperature".to_owned(), 0.5.into())].into(),
            ..Mapped::default()
        }
    }

    #[test]
    fn tells_what_a_mapping_reads_where_nobody_else_knows() {
        let told = read(r#"{"dialogue":[]}"#, r#"{"turn":"Hello"}"#).with_mapped(mapped());
        assert_eq!((told.kind, told.model.as_deref()), (Kind::Mapped, Some("x1")));
        assert_eq!((told.reading.request, told.reading.response), (Reading::Whole, Reading::Whole));
        assert_eq!((told.preview.request.as_str(), told.preview.response.as_str()), ("Hi [Image]", "Hello"));
        let request = told.schema.request.unwrap();
        assert_eq!(request.messages[0].role.as_deref(), Some("system"));
        assert_eq!(request.messages[1].parts.len(), 2);
        assert_eq!(request.parameters.temperature, Some(0.5));
        assert_eq!(told.schema.response.unwrap().messages[0].finish_reason.as_deref(), Some("stop"));
    }

    #[test]
    fn leaves_alone_what_is_known_and_what_the_mapping_does_not_find() {
        let known = read(r#"{"messages":[{"role":"user","content":"Yo"}]}"#, r#"{"turn":"Hello"}"#);
        let told = known.clone().with_mapped(mapped());
        assert_eq!(told.schema.request, known.schema.request);
        assert_eq!(told.kind, Kind::Mapped);
        let nothing = known.clone().with_mapped(Mapped::default());
        assert_eq!(nothing, known);
        assert_eq!(nothing.kind, Kind::Unknown);
        let whole = read(r#"{"messages":[]}"#, r#"{"choices":[{"message":{"content":"x"}}]}"#);
        assert_eq!(whole.schema.response, whole.clone().with_mapped(mapped()).schema.response);
    }
}
