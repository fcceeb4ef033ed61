//! What a request asks: the whole text of its last user message, for those who decide whether it may be sent.
//!
//! One reading serves every dialect, so that a body is read the same way whatever its path claims: chat
//! messages with strings or lists of parts, OpenAI's `prompt` and `input`, Gemini's `contents`, Cohere's
//! `message`, Bedrock's `messages`, `prompt` and `inputText`. Where a member stands twice, what either says
//! counts: a provider may read the one or the other.

use std::borrow::Cow;

use serde::de::{MapAccess, SeqAccess};

use crate::json::{Scalar, Shape, Shaped, read, skip};

/// What a body asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastMessage {
    /// All text parts of the last user message that has any, a line break between them; without one, those
    /// of the last message of anybody. `None` when nothing is said.
    pub text: Option<String>,
    /// The model that the body names.
    pub model: Option<String>,
}

/// The body is not JSON, so that nobody knows what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not JSON")]
pub struct Unreadable;

/// Reads what `body`, in no content encoding, asks; an empty one asks nothing.
///
/// # Errors
/// Fails when the body is not valid JSON in UTF-8.
pub fn last_message(body: &[u8]) -> Result<LastMessage, Unreadable> {
    if body.trim_ascii().is_empty() {
        return Ok(LastMessage::default());
    }
    let request = read::<Request<'_>>(body).ok_or(Unreadable)?;
    Ok(LastMessage { text: request.said.into_text(), model: request.model.into_text() })
}

/// The members of a request that matter.
#[derive(Debug, Default)]
struct Request<'a> {
    model: Scalar<'a>,
    said: Said<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Request<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "model" => self.model = map.next_value()?,
            "messages" | "input" | "inputs" | "prompt" | "contents" | "content" | "message" | "inputText"
            | "instruction" | "texts" | "query" | "instances" => {
                let Shaped(said) = map.next_value::<Shaped<Said<'de>>>()?;
                self.said.add(said);
            }
            _ => skip(map)?,
        }
        Ok(())
    }

    /// Some servers take several requests at once.
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(request)) = seq.next_element::<Shaped<Request<'de>>>()? else { return Ok(false) };
        self.said.add(request.said);
        Ok(true)
    }

    fn text(&mut self, text: Cow<'de, str>) {
        self.said.text(text);
    }

    fn kept(text: &str) -> &str {
        text
    }
}

/// What a conversation, a list of strings or a single text says.
#[derive(Debug, Default)]
struct Said<'a> {
    /// Texts that are nobody's: prompts, and inputs of a batch.
    plain: Vec<Cow<'a, str>>,
    /// The parts of the user's last message.
    by_user: Vec<Cow<'a, str>>,
    /// The parts of the last message, whoever's it is.
    by_anyone: Vec<Cow<'a, str>>,
}

impl<'a> Said<'a> {
    fn add(&mut self, other: Said<'a>) {
        self.plain.extend(other.plain);
        self.by_user.extend(other.by_user);
        self.by_anyone.extend(other.by_anyone);
    }

    fn take(&mut self, message: Message<'a>) {
        let by_user = message.is_by_user();
        let parts = message.content.0;
        if parts.is_empty() {
            return;
        }
        if by_user {
            self.by_user.clone_from(&parts);
        }
        self.by_anyone = parts;
    }

    fn into_text(self) -> Option<String> {
        let Self { mut plain, by_user, by_anyone } = self;
        plain.extend(by_user);
        let parts = if plain.is_empty() { by_anyone } else { plain };
        (!parts.is_empty()).then(|| parts.join("\n"))
    }
}

impl<'de: 'a, 'a> Shape<'de> for Said<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        push(&mut self.plain, text);
    }

    fn kept(text: &str) -> &str {
        text
    }

    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(message)) = seq.next_element::<Shaped<Message<'de>>>()? else { return Ok(false) };
        if message.is_plain {
            self.plain.extend(message.content.0);
        } else {
            self.take(message);
        }
        Ok(true)
    }

    /// A single message stands where a list could: each of its members is read as the message that it is.
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let mut message = Message::default();
        message.member(key, map)?;
        self.by_user.extend(message.content.0);
        Ok(())
    }
}

/// One message of a conversation, or one string of a list.
#[derive(Debug, Default)]
struct Message<'a> {
    is_plain: bool,
    has_role: bool,
    has_user_role: bool,
    kind: Scalar<'a>,
    content: Parts<'a>,
}

impl Message<'_> {
    /// A message without a role is the user's, as Google has it; an item that is no message is nobody's.
    fn is_by_user(&self) -> bool {
        self.has_user_role || (!self.has_role && matches!(self.kind.text(), None | Some("message")))
    }
}

impl<'de: 'a, 'a> Shape<'de> for Message<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.is_plain = true;
        self.content.text(text);
    }

    fn kept(text: &str) -> &str {
        text
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "role" => {
                let role: Scalar<'_> = map.next_value()?;
                self.has_role = true;
                self.has_user_role |= role.text().is_some_and(|role| role.eq_ignore_ascii_case("user"));
            }
            "type" => self.kind = map.next_value()?,
            _ => self.content.member(key, map)?,
        }
        Ok(())
    }

    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        self.content.element(seq)
    }
}

/// The texts of a content: of a string, of a list of parts, of what lies in a part.
#[derive(Debug, Default)]
struct Parts<'a>(Vec<Cow<'a, str>>);

impl<'de: 'a, 'a> Shape<'de> for Parts<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        push(&mut self.0, text);
    }

    fn kept(text: &str) -> &str {
        text
    }

    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(part)) = seq.next_element::<Shaped<Parts<'de>>>()? else { return Ok(false) };
        self.0.extend(part.0);
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            // Parts of messages, results of tools, Bedrock's marked texts, Vertex AI's instances.
            "content" | "parts" | "text" | "prompt" | "toolResult" | "guardContent" => {
                let Shaped(part) = map.next_value::<Shaped<Parts<'de>>>()?;
                self.0.extend(part.0);
            }
            "source" => {
                let Shaped(source) = map.next_value::<Shaped<Source<'de>>>()?;
                if source.kind.text() == Some("text") {
                    self.0.extend(source.data.0);
                }
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Where a document of Anthropic's comes from.
#[derive(Debug, Default)]
struct Source<'a> {
    kind: Scalar<'a>,
    data: Parts<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Source<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => self.kind = map.next_value()?,
            "data" => self.data = map.next_value::<Shaped<Parts<'de>>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

fn push<'a>(texts: &mut Vec<Cow<'a, str>>, text: Cow<'a, str>) {
    if !text.is_empty() {
        texts.push(text);
    }
}

#[cfg(test)]
mod tests;
