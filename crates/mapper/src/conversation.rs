//! What was said in a call, in one schema for all dialects.
//!
//! Which API a call was made by is told by the members of its bodies, not by the name of its model. Parts and
//! messages are read by one reader for all dialects, as their members don't clash; only what stands around
//! them differs. A stream is put together into the answer that it would have been in one piece, and then read as
//! that. What nobody knows stays [`Kind::Unknown`]; what is known of the other body is shown all the same.
//!
//! Bodies longer than 32 MiB, or with more than two million values, are not read.

mod body;
mod call;
mod citation;
mod events;
mod item;
mod json;
mod kind;
mod mapped;
mod media;
mod message;
mod multipart;
mod parameters;
mod part;
mod pieces;
mod preview;
mod realtime;
mod repair;
mod request;
mod response;
mod schema;
mod stream;

use gatehouse_wire::BodyView;
use serde::Serialize;

use self::body::{Body, Content};
pub use self::json::Json;
pub use self::kind::Kind;
pub use self::schema::{
    Annotation, Failure, Message, MessageKind, Parameters, RequestBody, ResponseBody, Tool, ToolCall,
    ToolChoice,
};

/// What [`Conversation::read`] looks at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<'a> {
    /// What the client sent, decoded from its content encoding.
    pub request: BodyView<'a>,
    /// What came back, decoded as well.
    pub response: BodyView<'a>,
    /// The path of the call; a query may follow. It decides only where the bodies don't.
    pub path: &'a str,
    /// The HTTP status; 0 or less when there was none.
    pub status: i32,
}

/// What was said in a call.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Conversation {
    /// Which API it was had by.
    #[serde(rename = "_type")]
    pub kind: Kind,
    /// The model that the answer names, else the one that was asked.
    pub model: Option<String>,
    /// What was asked and what came back.
    pub schema: Schema,
    /// Both in a line.
    pub preview: Preview,
    /// How far both bodies could be read.
    pub reading: Readings,
}

/// What was asked and what came back; `None` for a body that is not there or that nobody can read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Schema {
    /// What was asked.
    pub request: Option<RequestBody>,
    /// What came back.
    pub response: Option<ResponseBody>,
}

/// What was said, in one line of at most 1,000 characters each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The last message that was sent.
    pub request: String,
    /// The first answer.
    pub response: String,
}

/// How far both bodies could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Readings {
    /// The request's.
    pub request: Reading,
    /// The answer's.
    pub response: Reading,
}

/// How far a body could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// There is no body.
    #[default]
    Absent,
    /// All of it.
    Whole,
    /// Its end is missing, or it is damaged: what stands there is what could be read.
    Cut,
    /// Its shape is not known: the mapping of the model is pending.
    Pending,
}

impl Reading {
    /// Returns the name of the reading.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Whole => "whole",
            Self::Cut => "cut",
            Self::Pending => "pending",
        }
    }
}

impl Conversation {
    /// Reads both bodies of a call. The same bodies always give the same conversation, and none makes it fail.
    pub fn read(input: Input<'_>) -> Self {
        let asked = Body::of(&input.request);
        let answered = Body::of(&input.response);
        let empty = Json::Null;
        let request = if let Content::Json(request) = &asked.content { request } else { &empty };
        let answer = Answer::of(&answered.content, input.path);
        let request_kind = Kind::of_request(request);
        // What a tool or a database answered is no model's answer, whatever its members are called.
        let event = request_kind.filter(|kind| matches!(kind, Kind::Tool | Kind::VectorDb | Kind::Data));
        // Messages alone are anybody's.
        let telling = request_kind.filter(|kind| *kind != Kind::OpenaiChat);
        let kind = event.or(answer.kind).or(telling).or(Kind::of_path(input.path)).or(request_kind);
        let kind_of_request = settled(request_kind, kind);
        let schema = Schema {
            request: request::read(request, kind_of_request),
            response: answer.read(event, input.status),
        };
        let reading = Readings {
            request: reading(&asked, schema.request.is_some()),
            response: reading(&answered, schema.response.is_some()),
        };
        let is_pending = reading.request == Reading::Pending || reading.response == Reading::Pending;
        let kind = kind.filter(|_| !is_pending).unwrap_or_default();
        let preview = Preview {
            request: schema.request.as_ref().map(preview::of_request).unwrap_or_default(),
            response: schema
                .response
                .as_ref()
                .map(|body| preview::of_response(body, kind))
                .unwrap_or_default(),
        };
        let named = schema.response.as_ref().and_then(|response| response.model.clone());
        let model = named.or_else(|| schema.request.as_ref().and_then(|request| request.model.clone()));
        Self { kind, model, schema, preview, reading }
    }
}

/// Returns as what a request is read: as what its answer is, unless only one of them is a conversation.
fn settled(request: Option<Kind>, kind: Option<Kind>) -> Kind {
    let has_texts = |kind: Option<Kind>| {
        matches!(
            kind,
            Some(
                Kind::OpenaiEmbedding
                    | Kind::OpenaiModeration
                    | Kind::OpenaiImage
                    | Kind::OpenaiAudio
                    | Kind::Rerank
            )
        )
    };
    if has_texts(kind) && !matches!(request, Some(Kind::GeminiChat)) { kind } else { request.or(kind) }
        .unwrap_or_default()
}

fn reading(body: &Body, is_read: bool) -> Reading {
    match (&body.content, is_read) {
        (Content::Absent, _) => Reading::Absent,
        (_, false) => Reading::Pending,
        (_, true) if body.is_cut => Reading::Cut,
        (_, true) => Reading::Whole,
    }
}

/// An answer, put together if it was streamed.
struct Answer<'a> {
    content: &'a Content,
    whole: Option<Json>,
    kind: Option<Kind>,
}

impl<'a> Answer<'a> {
    fn of(content: &'a Content, path: &str) -> Self {
        let whole = match content {
            Content::Pieces(pieces) => stream::assembled(pieces),
            Content::Json(list) if list.is_list() => {
                Some(stream::assembled_list(list.list()).unwrap_or_else(|| list.clone()))
            }
            Content::Json(json) => Some(json.clone()),
            _ => None,
        };
        let kind = whole.as_ref().and_then(Kind::of_response);
        let is_spoken = matches!(content, Content::Media(_) | Content::Text(_)) && path.contains("/audio/");
        let kind = kind.or(is_spoken.then_some(Kind::OpenaiAudio));
        Self { content, whole, kind }
    }

    /// Reads what came back: what an event returned, else what its own members say that it is.
    fn read(&self, event: Option<Kind>, status: i32) -> Option<ResponseBody> {
        let kind = event.or(self.kind).unwrap_or_default();
        if let Some(whole) = &self.whole {
            return response::read(whole, kind, status);
        }
        let message = match self.content {
            Content::Media(part) => Message::clone(part),
            Content::Text(text) if kind == Kind::OpenaiAudio => Message::of_text(text.as_str()),
            Content::Text(text) if status >= 400 => {
                let error = Some(Failure { message: text.as_str().into() });
                return Some(ResponseBody { error, ..ResponseBody::default() });
            }
            _ => return None,
        };
        let messages = vec![Message { role: Some("assistant".to_owned()), ..message }];
        Some(ResponseBody { messages, ..ResponseBody::default() })
    }
}
