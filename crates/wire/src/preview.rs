//! The first characters of a conversation, for lists.

use std::borrow::Cow;

use serde::de::{MapAccess, SeqAccess};

use crate::json::{Scalar, Shape, Shaped, skip};

/// How many characters a preview has at most.
pub(crate) const MAX_CHARS: usize = 200;
/// How many bytes those can take.
const MAX_BYTES: usize = MAX_CHARS * 4;

/// The beginning of a text that may arrive in pieces; line breaks become spaces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preview {
    text: String,
    chars: usize,
}

impl Preview {
    /// Adds the next piece, as far as there is room.
    pub(crate) fn push(&mut self, piece: &str) {
        let room = MAX_CHARS - self.chars;
        for character in piece.chars().take(room) {
            self.text.push(if matches!(character, '\n' | '\r' | '\t') { ' ' } else { character });
            self.chars += 1;
        }
    }

    /// Returns whether nothing was added yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.chars == 0
    }

    /// Returns the text, or `None` if there is none.
    pub(crate) fn into_text(self) -> Option<String> {
        (!self.text.is_empty()).then_some(self.text)
    }
}

/// Returns the preview of a text; `None` when there is nothing in it.
pub fn preview_of(text: &str) -> Option<String> {
    let mut preview = Preview::default();
    preview.push(text);
    preview.into_text()
}

/// The part of a text that a preview can show, so that no more than that is ever copied.
pub(crate) fn beginning(text: &str) -> &str {
    let end = (0..=MAX_BYTES.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// The content of a message: a string, or parts of text, images, sound and files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content<'a> {
    parts: Vec<Cow<'a, str>>,
    bytes: usize,
}

impl<'a> Content<'a> {
    fn push(&mut self, part: Cow<'a, str>) {
        if self.bytes < MAX_BYTES && !part.is_empty() {
            self.bytes += part.len();
            self.parts.push(part);
        }
    }

    /// Returns whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Adds the parts to a preview, with spaces between them.
    pub(crate) fn write(&self, preview: &mut Preview) {
        for (n, part) in self.parts.iter().enumerate() {
            preview.push(if n == 0 { "" } else { " " });
            preview.push(part);
        }
    }
}

impl<'de: 'a, 'a> Shape<'de> for Content<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.push(text);
    }

    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(part)) = seq.next_element::<Shaped<Part<'de>>>()? else { return Ok(false) };
        match part.kind.text() {
            Some("image_url" | "input_image" | "image") => self.push(Cow::Borrowed("[Image]")),
            Some("input_audio" | "audio") => self.push(Cow::Borrowed("[Audio]")),
            Some("file" | "input_file" | "document") => self.push(Cow::Borrowed("[File]")),
            _ => part.texts.into_iter().for_each(|text| self.push(text)),
        }
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key != "text" {
            return skip(map);
        }
        let text = map.next_value::<Shaped<Self>>()?.0;
        text.parts.into_iter().for_each(|part| self.push(part));
        Ok(())
    }
}

/// One part of a message's content.
#[derive(Debug, Default)]
struct Part<'a> {
    kind: Scalar<'a>,
    texts: Vec<Cow<'a, str>>,
}

impl<'de: 'a, 'a> Shape<'de> for Part<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.texts.push(text);
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => self.kind = map.next_value()?,
            "text" | "refusal" => self.texts = map.next_value::<Shaped<Content<'de>>>()?.0.parts,
            _ => skip(map)?,
        }
        Ok(())
    }
}
