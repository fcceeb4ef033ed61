//! A body made readable: JSON, the pieces of a stream, the fields of a form, or what it is besides.

use std::borrow::Cow;
use std::cell::Cell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatehouse_wire::BodyView;

use super::json::Json;
use super::media;
use super::multipart;
use super::pieces;
use super::repair::repaired;
use super::schema::Message;

/// How long a body is read at most, in bytes.
const MAX_BYTES: usize = 32 << 20;
/// How many values of JSON a body may have.
const MAX_VALUES: usize = 2_000_000;

/// What a body is made of.
#[derive(Debug)]
pub(super) enum Content {
    /// Nothing.
    Absent,
    /// JSON.
    Json(Json),
    /// The pieces of a stream.
    Pieces(Vec<Json>),
    /// Text that is no JSON.
    Text(String),
    /// Sound or a picture.
    Media(Box<Message>),
    /// Anything else: not text, or too much to be read.
    Other,
}

/// A body and whether its end is missing.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) content: Content,
    pub(super) is_cut: bool,
}

impl Body {
    /// Reads a body; what has no end, or is damaged, is read as far as it goes.
    pub(super) fn of(view: &BodyView<'_>) -> Self {
        let bytes = view.bytes.trim_ascii();
        let is_cut = view.truncated;
        if bytes.is_empty() {
            return Self { content: Content::Absent, is_cut };
        }
        if bytes.len() > MAX_BYTES {
            return Self { content: Content::Other, is_cut };
        }
        let room = Cell::new(MAX_VALUES);
        let pieces = pieces::read(view, &|piece| Json::read(piece, &room));
        if !pieces.is_empty() {
            return Self { content: Content::Pieces(pieces), is_cut };
        }
        if let Some(form) = multipart::read(bytes) {
            return Self { content: Content::Json(form.fields), is_cut: is_cut || !form.is_whole };
        }
        match bytes.first() {
            Some(b'{' | b'[') => of_json(bytes, is_cut),
            _ => Self { content: of_others(view.bytes), is_cut },
        }
    }
}

/// Reads JSON, damaged or not.
fn of_json(bytes: &[u8], is_cut: bool) -> Body {
    let room = Cell::new(MAX_VALUES);
    if let Some(json) = Json::read(bytes, &room) {
        return Body { content: Content::Json(json), is_cut };
    }
    let text = String::from_utf8_lossy(bytes);
    let room = Cell::new(MAX_VALUES);
    let content = match Json::read(repaired(&text).as_bytes(), &room) {
        Some(json) if !json.is_empty() => Content::Json(json),
        _ => Content::Text(text.into_owned()),
    };
    Body { content, is_cut: true }
}

/// Reads what is no JSON.
fn of_others(bytes: &[u8]) -> Content {
    if let Some(Ok(json)) = std::str::from_utf8(bytes).ok().map(serde_json::from_str::<String>) {
        return Content::Text(json);
    }
    let base64 = STANDARD.encode(bytes.get(..24).unwrap_or(bytes));
    match media::sniffed(&base64) {
        Some(mime) => Content::Media(Box::new(media::part_of(&STANDARD.encode(bytes), Some(mime)))),
        None => match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(text) => Content::Text(text.to_owned()),
            Cow::Owned(_) => Content::Other,
        },
    }
}
