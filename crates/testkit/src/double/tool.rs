//! Calls of tools: the answer to a request that offers some.

use serde_json::{Map, Value, json};

use super::respond::Request;

/// How many characters of a call's arguments one event carries.
const ARGUMENT_PIECE: usize = 6;

/// A call of the first tool that was offered.
#[derive(Debug, Clone)]
pub(super) struct ToolCall {
    /// The digits that its id ends with.
    pub(super) digest: String,
    pub(super) name: String,
    pub(super) arguments: Value,
}

impl ToolCall {
    /// Makes a call of the tool whose `name` and JSON `schema` are given; `None` when it has no name.
    pub(super) fn of(request: &Request, name: Option<&Value>, schema: Option<&Value>) -> Option<Self> {
        let mut arguments = Map::new();
        if let Some(Value::Object(properties)) = schema.and_then(|schema| schema.get("properties")) {
            arguments.extend(properties.iter().map(|(name, schema)| (name.clone(), example(schema))));
        }
        let name = name?.as_str()?.to_owned();
        Some(Self { digest: request.digest(), name, arguments: Value::Object(arguments) })
    }

    /// Returns the arguments as JSON text.
    pub(super) fn text(&self) -> String {
        self.arguments.to_string()
    }

    /// Returns the JSON text of the arguments in the pieces of a stream.
    pub(super) fn pieces(&self) -> Vec<String> {
        let characters: Vec<char> = self.text().chars().collect();
        characters.chunks(ARGUMENT_PIECE).map(|piece| piece.iter().collect()).collect()
    }

    /// Returns about as many tokens as the call has.
    pub(super) fn tokens(&self) -> u64 {
        self.text().len() as u64 / 4 + 9
    }
}

/// Returns a value that fits a simple JSON schema, whose types some providers write in capitals.
fn example(schema: &Value) -> Value {
    if let Some(first) = schema.pointer("/enum/0") {
        return first.clone();
    }
    let kind = schema.get("type").and_then(Value::as_str).map(str::to_lowercase);
    match kind.as_deref() {
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!("Paris"),
    }
}
