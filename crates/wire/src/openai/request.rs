//! What a request says: model, user, stream, and the last thing that was asked.

use std::borrow::Cow;

use gatehouse_types::Observed;
use serde::de::{MapAccess, SeqAccess};

use super::json::{Scalar, Shape, Shaped, read, skip};
use super::preview::{Content, Preview};

/// The members of a request that matter.
#[derive(Debug, Default)]
struct Request<'a> {
    model: Scalar<'a>,
    user: Scalar<'a>,
    stream: Scalar<'a>,
    /// How a chat completion may search the web; an object even if it says nothing.
    web_search: Scalar<'a>,
    asked: Asked<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Request<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "model" => self.model = map.next_value()?,
            "user" => self.user = map.next_value()?,
            "stream" => self.stream = map.next_value()?,
            "web_search_options" => self.web_search = map.next_value()?,
            "messages" | "input" | "prompt" => self.asked = map.next_value::<Shaped<Asked<'de>>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
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

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
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
            "content" => self.content = map.next_value::<Shaped<Content<'de>>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Notes what the request `body` says.
pub(crate) fn observe_request(body: &[u8], observed: &mut Observed) {
    let Some(request) = read::<Request<'_>>(body) else { return };
    let mut preview = Preview::default();
    request.asked.content.write(&mut preview);
    observed.request_preview = preview.into_text();
    observed.request_model = request.model.into_text();
    observed.user = request.user.into_text();
    observed.stream = request.stream.bool();
    observed.extra_charges |= request.web_search == Scalar::Other;
}
