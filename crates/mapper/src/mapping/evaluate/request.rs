//! Reading requests.

use super::{Mapped, MappedMessage, first_text};
use crate::mapping::Sample;
use crate::mapping::document::{Field, MappingDocument, MessagesMapping, ModelMapping, RequestMapping};
use crate::mapping::tree::Node;

impl RequestMapping {
    pub(super) fn read(&self, exchange: &Sample<'_>, mapped: &mut Mapped) {
        let node = if exchange.request.truncated { None } else { Node::parse(exchange.request.bytes) };
        let node = node.unwrap_or_default();
        if let Some(messages) = &self.messages {
            mapped.messages = messages.read(&node);
            mapped.note(Field::Messages, mapped.messages.is_empty());
            for at in 0..mapped.messages.len() {
                let role = mapped.messages.get_mut(at).and_then(|message| message.role.take());
                let role = role.map(|role| mapped.translated(&messages.roles, role));
                if let Some(message) = mapped.messages.get_mut(at) {
                    message.role = role;
                }
            }
        }
        let prompt = self.prompt.as_ref().map(|mapping| mapping.read(&node));
        mapped.take(Field::Prompt, prompt, |mapped| &mut mapped.prompt);
        let system = self.system.as_ref().map(|mapping| mapping.read(&node));
        mapped.take(Field::System, system, |mapped| &mut mapped.system);
        if let Some(model) = &self.model {
            mapped.model = model.read(exchange, &node);
            mapped.note(Field::Model, mapped.model.is_none());
        }
        for (name, path) in &self.params {
            let value = path.first(&node).filter(|value| !matches!(value, Node::Null | Node::Object(_)));
            mapped.params.extend(value.map(|value| (name.clone(), value.to_json())));
        }
        mapped.note(Field::Params, !self.params.is_empty() && mapped.params.is_empty());
    }
}

impl MappingDocument {
    /// Returns all that a request says to the model, as far as it is mapped.
    pub(in crate::mapping) fn conversation(&self, node: &Node) -> String {
        let mut text = String::new();
        for mapping in [&self.request.system, &self.request.prompt].into_iter().flatten() {
            text.push_str(&mapping.read(node).unwrap_or_default());
        }
        let messages = self.request.messages.iter().flat_map(|messages| messages.read(node));
        messages.for_each(|message| text.push_str(&message.content));
        text
    }
}

impl ModelMapping {
    fn read(&self, exchange: &Sample<'_>, node: &Node) -> Option<String> {
        match self {
            Self::Path(path) => first_text(path, node),
            Self::Constant(model) => Some(model.clone()),
            Self::After(segment) => model_in_path(exchange.path, segment).map(str::to_owned),
        }
    }
}

/// Returns the segment of a path that follows another; what is done with a model may follow behind a colon.
pub(in crate::mapping) fn model_in_path<'a>(path: &'a str, segment: &str) -> Option<&'a str> {
    let mut segments = path.split(['?', '#']).next().unwrap_or_default().split('/');
    segments.find(|found| *found == segment)?;
    segments.next().and_then(|model| model.split(':').next()).filter(|model| !model.is_empty())
}

impl MessagesMapping {
    fn read(&self, node: &Node) -> Vec<MappedMessage> {
        let message = |message: &Node| {
            let texts = |paths: &[crate::mapping::path::Path]| {
                let mut texts = Vec::new();
                paths.iter().for_each(|path| path.visit(message, &mut |node| texts.extend(node.text())));
                texts.into_iter().map(str::to_owned).collect::<Vec<_>>()
            };
            MappedMessage {
                role: self.role.as_ref().and_then(|path| first_text(path, message)),
                content: texts(&self.content).join("\n"),
                attachments: texts(&self.attachments),
            }
        };
        self.each.all(node).into_iter().map(message).collect()
    }
}
