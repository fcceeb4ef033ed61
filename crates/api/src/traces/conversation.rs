//! The conversation in a span's attributes, in the forms that instrumentations write: OpenLLMetry's attribute a
//! field (`gen_ai.prompt.0.content`), and OpenTelemetry's JSON (`gen_ai.input.messages`).

use std::cell::Cell;
use std::collections::BTreeMap;

use gatehouse_wire::compose::{ChatMessage, ToolCall};
use serde_json::Value;

use super::span::{Attributes, text};

/// How many values the texts of a span may hold that are read as JSON; what is beyond that stays text. In memory a value
/// is many times as long as it can be written.
const MAX_WRITTEN: usize = 100_000;

/// Returns what was asked.
pub(super) fn asked(attributes: &Attributes) -> Vec<ChatMessage> {
    let texts = &Texts::default();
    let instructions = attributes.get(&["gen_ai.system_instructions"]).map(|parts| ChatMessage {
        role: "system".to_owned(),
        content: content_of_parts(&texts.parsed(parts)),
        ..ChatMessage::default()
    });
    let mut messages: Vec<ChatMessage> = instructions.into_iter().collect();
    messages.extend(listed(attributes, "gen_ai.input.messages", texts));
    messages.extend(numbered(attributes, ("gen_ai.prompt.", "user"), texts));
    messages
}

/// Returns what was answered.
pub(super) fn answered(attributes: &Attributes) -> Vec<ChatMessage> {
    let texts = &Texts::default();
    let mut messages = listed(attributes, "gen_ai.output.messages", texts);
    messages.extend(numbered(attributes, ("gen_ai.completion.", "assistant"), texts));
    let reasons = attributes.get(&["gen_ai.response.finish_reasons"]).map(|value| texts.parsed(value));
    let reasons = reasons.as_ref().and_then(Value::as_array).into_iter().flatten();
    for (message, reason) in messages.iter_mut().zip(reasons) {
        message.finish_reason = message.finish_reason.take().or_else(|| Some(text(reason)));
    }
    messages
}

/// Reads `<prefix>0.role`, `<prefix>0.content`, `<prefix>0.tool_calls.0.name`, …
fn numbered(attributes: &Attributes, (prefix, role): (&str, &str), texts: &Texts) -> Vec<ChatMessage> {
    let mut messages: BTreeMap<usize, Numbered> = BTreeMap::new();
    for (name, value) in attributes.under(prefix) {
        let Some((number, field)) = name.split_once('.') else { continue };
        let Ok(number) = number.parse() else { continue };
        messages.entry(number).or_default().take(field, value, texts);
    }
    let with_role = |message: ChatMessage| ChatMessage {
        role: if message.role.is_empty() { role.to_owned() } else { message.role },
        ..message
    };
    messages.into_values().map(|numbered| with_role(numbered.finish())).collect()
}

/// A message whose fields come one after the other.
#[derive(Default)]
struct Numbered {
    message: ChatMessage,
    calls: BTreeMap<usize, ToolCall>,
}

impl Numbered {
    fn take(&mut self, field: &str, value: &Value, texts: &Texts) {
        let message = &mut self.message;
        match field {
            "role" => message.role = text(value),
            "content" => message.content = texts.content(value),
            "tool_call_id" => message.tool_call_id = Some(text(value)),
            "finish_reason" => message.finish_reason = Some(text(value)),
            _ => {
                let of_call = field.strip_prefix("tool_calls.").and_then(|rest| rest.split_once('.'));
                let of_function = field.strip_prefix("function_call.").map(|field| ("0", field));
                let Some((number, field)) = of_call.or(of_function) else { return };
                let Ok(number) = number.parse() else { return };
                let call = self.calls.entry(number).or_default();
                match field {
                    "id" => call.id = Some(text(value)),
                    "name" => call.name = text(value),
                    "arguments" => call.arguments = text(value),
                    _ => {}
                }
            }
        }
    }

    fn finish(self) -> ChatMessage {
        ChatMessage { tool_calls: self.calls.into_values().collect(), ..self.message }
    }
}

/// Reads messages of `{"role", "parts": [{"type", …}], "finish_reason"}`.
fn listed(attributes: &Attributes, name: &str, texts: &Texts) -> Vec<ChatMessage> {
    let list = attributes.get(&[name]).map(|value| texts.parsed(value));
    let messages = list.as_ref().and_then(Value::as_array).into_iter().flatten();
    messages.map(of_parts).collect()
}

fn of_parts(message: &Value) -> ChatMessage {
    let member = |name: &str| message.get(name).and_then(Value::as_str).map(str::to_owned);
    let empty = Vec::new();
    let parts = message.get("parts").and_then(Value::as_array).unwrap_or(&empty);
    let of_kind = |kind: &'static str| {
        parts.iter().filter(move |part| part.get("type").and_then(Value::as_str) == Some(kind))
    };
    let member_of = |part: &Value, name: &str| part.get(name).filter(|value| !value.is_null()).map(text);
    let call = |part: &Value| ToolCall {
        id: member_of(part, "id"),
        name: member_of(part, "name").unwrap_or_default(),
        arguments: member_of(part, "arguments").unwrap_or_default(),
    };
    let answer = of_kind("tool_call_response").next();
    let answered = answer.and_then(|part| part.get("response").or_else(|| part.get("result")));
    ChatMessage {
        role: member("role").unwrap_or_else(|| "user".to_owned()),
        content: match (answered, message.get("content")) {
            (Some(answered), _) => Value::String(text(answered)),
            (None, Some(content)) => content.clone(),
            (None, None) => content_of_parts(&Value::Array(parts.clone())),
        },
        tool_calls: of_kind("tool_call").map(call).collect(),
        tool_call_id: answer.and_then(|part| member_of(part, "id")),
        finish_reason: member("finish_reason"),
    }
}

/// Returns the texts of parts, a line each; null where there is none.
fn content_of_parts(parts: &Value) -> Value {
    let texts = parts.as_array().into_iter().flatten().filter_map(|part| part.get("content")?.as_str());
    let texts: Vec<&str> = texts.collect();
    if texts.is_empty() { Value::Null } else { Value::String(texts.join("\n")) }
}

/// What reads lists that are written in texts, as far as there is room for what they hold.
struct Texts {
    left: Cell<usize>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { left: Cell::new(MAX_WRITTEN) }
    }
}

impl Texts {
    /// Returns content: parts that were written as JSON are parts again.
    fn content(&self, value: &Value) -> Value {
        let is_part = |part: &Value| part.get("type").is_some();
        match self.parsed(value) {
            Value::Array(parts) if !parts.is_empty() && parts.iter().all(is_part) => Value::Array(parts),
            _ => value.clone(),
        }
    }

    /// Returns the list that a text holds, or the value itself.
    fn parsed(&self, value: &Value) -> Value {
        let list = value.as_str().filter(|text| text.starts_with('[') && self.have_room(text));
        list.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone())
    }

    /// Takes the room for what a text may hold, if there is so much.
    fn have_room(&self, text: &str) -> bool {
        let values = text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
        let left = self.left.get().checked_sub(values);
        self.left.set(left.unwrap_or(self.left.get()));
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(pairs: &[(&str, Value)]) -> Attributes {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn a_text_of_too_many_values_stays_a_text() {
        let list = |values: usize| format!("[{}0]", "0,".repeat(values - 1));
        let messages = |text: String| asked(&attributes(&[("gen_ai.input.messages", json!(text))])).len();
        assert_eq!(messages(list(MAX_WRITTEN - 1)), MAX_WRITTEN - 1);
        assert_eq!(messages(list(MAX_WRITTEN + 1)), 0);
        // What several texts hold counts together.
        let parts = |parts: usize| format!("[{}{{\"type\":0}}]", "{\"type\":0},".repeat(parts - 1));
        let half = json!(parts(MAX_WRITTEN / 3));
        let attributes =
            attributes(&[("gen_ai.prompt.0.content", half.clone()), ("gen_ai.prompt.1.content", half)]);
        let asked = asked(&attributes);
        let are_parts: Vec<_> = asked.iter().map(|message| message.content.is_array()).collect();
        assert_eq!(are_parts, [true, false]);
    }

    #[test]
    fn reads_an_attribute_a_field() {
        let attributes = attributes(&[
            ("gen_ai.prompt.0.role", json!("system")),
            ("gen_ai.prompt.0.content", json!("Be brief.")),
            ("gen_ai.prompt.10.content", json!(r#"[{"type":"text","text":"later"}]"#)),
            ("gen_ai.prompt.2.content", json!("[not parts")),
            ("gen_ai.prompt.x.content", json!("no number")),
            ("gen_ai.prompt", json!("no field")),
            ("gen_ai.completion.0.finish_reason", json!("tool_calls")),
            ("gen_ai.completion.0.tool_calls.0.id", json!("call_1")),
            ("gen_ai.completion.0.tool_calls.0.name", json!("look")),
            ("gen_ai.completion.0.tool_calls.0.arguments", json!("{\"a\":1}")),
        ]);
        let asked = asked(&attributes);
        let shown: Vec<_> = asked.iter().map(|message| (message.role.as_str(), &message.content)).collect();
        let (system, plain) = (json!("Be brief."), json!("[not parts"));
        let parts = json!([{"type": "text", "text": "later"}]);
        assert_eq!(shown, [("system", &system), ("user", &plain), ("user", &parts)]);
        let answered = answered(&attributes);
        let call = ToolCall {
            id: Some("call_1".to_owned()),
            name: "look".to_owned(),
            arguments: "{\"a\":1}".to_owned(),
        };
        let expected = ChatMessage {
            role: "assistant".to_owned(),
            tool_calls: vec![call],
            finish_reason: Some("tool_calls".to_owned()),
            ..ChatMessage::default()
        };
        assert_eq!(answered, [expected]);
    }

    #[test]
    fn reads_lists_of_messages_as_text_or_as_they_are() {
        let input = json!([
            {"role": "user", "parts": [{"type": "text", "content": "Weather"}, {"type": "text", "content": "in Zurich?"}]},
            {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "look", "arguments": {"city": "Zurich"}}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "rain"}]},
        ]);
        let output = json!([{"role": "assistant", "parts": [{"type": "text", "content": "Rain."}]}]);
        for input in [json!(input.to_string()), input] {
            let attributes = attributes(&[
                ("gen_ai.system_instructions", json!([{"type": "text", "content": "Be brief."}])),
                ("gen_ai.input.messages", input),
                ("gen_ai.output.messages", output.clone()),
                ("gen_ai.response.finish_reasons", json!(["stop"])),
            ]);
            let asked = asked(&attributes);
            let shown: Vec<_> =
                asked.iter().map(|message| (message.role.as_str(), text(&message.content))).collect();
            let expected = [
                ("system", "Be brief."),
                ("user", "Weather\nin Zurich?"),
                ("assistant", "null"),
                ("tool", "rain"),
            ];
            assert_eq!(shown, expected.map(|(role, content)| (role, content.to_owned())));
            assert_eq!(asked[2].tool_calls[0].arguments, r#"{"city":"Zurich"}"#);
            assert_eq!(asked[3].tool_call_id.as_deref(), Some("c1"));
            let answered = answered(&attributes);
            assert_eq!(
                (&answered[0].content, answered[0].finish_reason.as_deref()),
                (&json!("Rain."), Some("stop"))
            );
        }
    }
}
