//! Tools: those that a model may call, whether it has to, and the calls that it asks for.

use std::cell::Cell;

use super::json::Json;
use super::schema::{Tool, ToolCall, ToolChoice};

/// How many values the arguments of a call that come as a text may have.
const MOST_VALUES: usize = 100_000;
/// How many tools or calls one body may name.
const MOST: usize = 2_000;

/// Reads a call in any dialect: its name and arguments stand in it, or in its `function` or `custom`.
pub(super) fn read(call: &Json) -> Option<ToolCall> {
    let inner =
        ["function", "custom", "tool"].into_iter().map(|key| call.get(key)).find(|inner| inner.is_object());
    let described = inner.unwrap_or(call);
    let name = described.any(&["name", "toolName", "tool_name"]).filled()?.to_owned();
    let given = ["arguments", "args", "input", "parameters"];
    let arguments = arguments(described.any(&given));
    let id = call.any(&["call_id", "id", "toolUseId", "toolCallId", "tool_call_id"]).owned();
    Some(ToolCall { id, name, arguments })
}

/// Reads a list of calls.
pub(super) fn list(calls: &Json) -> Vec<ToolCall> {
    calls.list().iter().take(MOST).filter_map(read).collect()
}

/// Returns arguments as an object; text that is no JSON stays text.
pub(super) fn arguments(given: &Json) -> Json {
    match given {
        Json::Null => Json::Object(Vec::new()),
        Json::Text(text) if text.trim().is_empty() => Json::Object(Vec::new()),
        Json::Text(text) => match Json::read(text.as_bytes(), &Cell::new(MOST_VALUES)) {
            Some(parsed @ (Json::Object(_) | Json::List(_))) => parsed,
            _ => given.clone(),
        },
        other => other.clone(),
    }
}

/// Reads the tools of a request, in any dialect.
pub(super) fn tools(request: &Json) -> Vec<Tool> {
    let config = request.any(&["toolConfig", "tool_config"]).get("tools").list();
    let listed = [request.any(&["tools", "functions"]).list(), config];
    listed.into_iter().flatten().flat_map(of_entry).take(MOST).collect()
}

/// Reads an entry of a list of tools; Google's has several functions.
fn of_entry(entry: &Json) -> Vec<Tool> {
    let declared = entry.any(&["functionDeclarations", "function_declarations"]);
    if declared.is_list() {
        return declared.list().iter().filter_map(tool).collect();
    }
    if let Some(tool) = tool(entry) {
        return vec![tool];
    }
    // A tool that the provider runs has nothing but a kind: Google's is the name of a member.
    let kind = entry.get("type").owned();
    let member = entry.members().first().map(|(name, _)| name.clone());
    kind.or(member).map(|name| Tool { name, ..Tool::default() }).into_iter().collect()
}

fn tool(entry: &Json) -> Option<Tool> {
    let inner = ["function", "toolSpec", "custom"].into_iter().map(|key| entry.get(key));
    let described = inner.into_iter().find(|inner| inner.is_object()).unwrap_or(entry);
    let schemas =
        ["parameters", "parametersJsonSchema", "input_schema", "inputSchema", "parameter_definitions"];
    let schema = described.any(&schemas);
    let schema = if schema.get("json").is_object() { schema.get("json") } else { schema };
    Some(Tool {
        name: described.get("name").filled()?.to_owned(),
        description: described.get("description").owned(),
        parameters: (!schema.is_null()).then(|| schema.clone()),
        strict: described.get("strict").bool(),
    })
}

/// Reads whether a tool has to be called, in any dialect.
pub(super) fn choice(request: &Json) -> Option<ToolChoice> {
    let config = request.any(&["toolConfig", "tool_config"]);
    let calling = config.any(&["functionCallingConfig", "function_calling_config"]);
    let given = request.any(&["tool_choice", "toolChoice", "function_call"]);
    let given = if given.is_null() { config.get("toolChoice") } else { given };
    if calling.is_object() {
        let allowed = calling.any(&["allowedFunctionNames", "allowed_function_names"]);
        return Some(named(calling.get("mode").text()?, allowed.first().owned()));
    }
    if let Some(kind) = given.text() {
        return Some(named(kind, None));
    }
    let (first, inner) = given.members().first()?;
    let name = given.any(&["name", "toolName"]).owned();
    let name =
        name.or_else(|| given.get("function").get("name").owned()).or_else(|| inner.get("name").owned());
    Some(named(given.get("type").text().unwrap_or(first), name))
}

/// Returns a choice in the words of the schema.
fn named(kind: &str, name: Option<String>) -> ToolChoice {
    let kind = match kind.to_ascii_lowercase().as_str() {
        "none" => "none",
        "auto" => "auto",
        "any" | "required" | "validated" if name.is_none() => "any",
        "tool" | "function" | "any" | "name" | "custom" => "tool",
        _ => kind,
    };
    ToolChoice { kind: kind.to_owned(), name }
}
