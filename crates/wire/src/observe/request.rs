//! What a request says: model, user, stream, and the last thing that was asked.
//!
//! One shape reads the requests of all dialects: their members for these facts don't clash.

use std::borrow::Cow;

use gatehouse_types::{Dialect, Observed};
use serde::de::{MapAccess, SeqAccess};

use super::BodyView;
use super::form::each_field;
use super::products::Products;
use crate::json::{Scalar, Shape, Shaped, read, skip};
use crate::preview::{Content, Preview};

/// The members of a request that matter.
#[derive(Debug, Default)]
struct Request<'a> {
    model: Scalar<'a>,
    user: Scalar<'a>,
    /// Who Anthropic is told that asks: `metadata.user_id`.
    metadata: Metadata<'a>,
    stream: Scalar<'a>,
    /// How a chat completion may search the web; an object even if it says nothing.
    web_search: Scalar<'a>,
    asked: Asked<'a>,
    /// What marks an event that Helicone's packages log beside calls of models, and its name.
    event: Scalar<'a>,
    tool_name: Scalar<'a>,
    name: Scalar<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Request<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "model" => self.model = map.next_value()?,
            "user" => self.user = map.next_value()?,
            "stream" => self.stream = map.next_value()?,
            "web_search_options" => self.web_search = map.next_value()?,
            "metadata" => self.metadata = map.next_value::<Shaped<Metadata<'de>>>()?.0,
            "messages" | "input" | "prompt" | "contents" | "content" | "message" | "inputText" | "texts" => {
                self.asked = map.next_value::<Shaped<Asked<'de>>>()?.0;
            }
            "_type" => self.event = map.next_value()?,
            "toolName" => self.tool_name = map.next_value()?,
            "name" => self.name = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// An object of which only `user_id` matters.
#[derive(Debug, Default)]
struct Metadata<'a>(Scalar<'a>);

impl<'de: 'a, 'a> Shape<'de> for Metadata<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "user_id" {
            self.0 = map.next_value()?;
            return Ok(());
        }
        skip(map)
    }
}

/// The last thing that was asked: of a list, the user's last message, else the last one with content.
#[derive(Debug, Default)]
struct Asked<'a> {
    content: Content<'a>,
    by_user: bool,
}

impl<'de: 'a, 'a> Shape<'de> for Asked<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.content.text(text);
    }

    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(message)) = seq.next_element::<Shaped<Message<'de>>>()? else { return Ok(false) };
        let by_user = message.role.text() == Some("user");
        if !message.content.is_empty() && (by_user || !self.by_user) {
            *self = Asked { content: message.content, by_user };
        }
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key != "parts" {
            return skip(map);
        }
        self.content = map.next_value::<Shaped<Content<'de>>>()?.0;
        Ok(())
    }
}

/// One message of a conversation, or one string of a batch.
#[derive(Debug, Default)]
struct Message<'a> {
    role: Scalar<'a>,
    content: Content<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Message<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.content.text(text);
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "role" => self.role = map.next_value()?,
            "content" | "parts" => self.content = map.next_value::<Shaped<Content<'de>>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Request<'_> {
    /// Returns the name an event is filed under in the place of a model, as in Helicone.
    fn event_model(&self) -> Option<String> {
        let named = |kind: &str, name: &Scalar<'_>| {
            let name = name.text().filter(|name| !name.is_empty()).unwrap_or("unknown");
            format!("{kind}:{name}")
        };
        match self.event.text()? {
            "tool" => Some(named("tool", &self.tool_name)),
            "data" => Some(named("data", &self.name)),
            "vector_db" => Some("vector_db".to_owned()),
            _ => None,
        }
    }
}

/// What a request says beyond what is noted at once.
#[derive(Debug, Default)]
pub(super) struct Requested {
    /// Whether it is an event, no call of a model.
    pub(super) is_event: bool,
    /// What it asks to be made.
    pub(super) products: Products,
}

/// Notes what the request `body` says.
pub(super) fn observe_request(
    body: &BodyView<'_>,
    path: &str,
    dialect: Dialect,
    observed: &mut Observed,
) -> Requested {
    if !body.is_object() {
        return observe_form(body, observed);
    }
    if body.truncated {
        return Requested::default();
    }
    let Some(request) = read::<Request<'_>>(body.bytes) else { return Requested::default() };
    let event = request.event_model();
    let is_event = event.is_some();
    let mut preview = Preview::default();
    request.asked.content.write(&mut preview);
    observed.request_preview = preview.into_text();
    observed.request_model = event.or_else(|| request.model.into_text());
    // Of the other dialects' bodies only Claude's have a user, and OpenAI's metadata is the caller's own.
    let is_claudes = matches!(dialect, Dialect::Anthropic | Dialect::Bedrock);
    let user = request.user.into_text();
    observed.user = user.or_else(|| request.metadata.0.into_text().filter(|_| is_claudes));
    observed.stream = request.stream.bool();
    observed.extra_charges |=
        request.web_search == Scalar::Other && matches!(dialect, Dialect::OpenAi | Dialect::Unknown);
    Requested { is_event, products: Products::of(body.bytes, path) }
}

/// Notes what the fields of a form say; of one whose end is missing those that are whole.
fn observe_form(body: &BodyView<'_>, observed: &mut Observed) -> Requested {
    let mut requested = Requested::default();
    each_field(body.bytes, body.content_type.unwrap_or_default(), &mut |name, text| match name {
        "model" => observed.request_model = Some(text.to_owned()),
        "user" => observed.user = Some(text.to_owned()),
        "stream" => observed.stream = text.parse().ok(),
        "prompt" => {
            let mut preview = Preview::default();
            preview.push(text);
            observed.request_preview = preview.into_text();
        }
        _ => requested.products.take(name, text),
    });
    requested
}
