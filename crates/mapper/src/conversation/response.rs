//! What an answer says, in any dialect, when it is whole; streams are made whole before.

mod failure;
mod results;

use std::collections::BTreeMap;

use super::json::Json;
use super::kind::Kind;
use super::message;
use super::schema::{Message, MessageKind, ResponseBody};
use super::{call, citation, events, realtime};

pub(super) use failure::failure;

/// Reads an answer; `None` when it says nothing that we know of.
pub(super) fn read(response: &Json, kind: Kind, status: i32) -> Option<ResponseBody> {
    let error = failure(response, status);
    if let Some(event) = events::response(response, kind) {
        return Some(ResponseBody { error, ..event });
    }
    let messages = messages(response, kind);
    if messages.is_empty() && error.is_none() {
        return None;
    }
    let model = response.any(&["model", "modelVersion", "model_version", "modelId"]).owned();
    let model = model.or_else(|| {
        let gateway = response.get("providerMetadata").get("gateway").get("routing");
        gateway.get("originalModelId").owned().or_else(|| response.get("response").get("modelId").owned())
    });
    Some(ResponseBody { messages, model, error, ..ResponseBody::default() })
}

fn messages(response: &Json, kind: Kind) -> Vec<Message> {
    match kind {
        Kind::OpenaiChat | Kind::OpenaiInstruct => choices(response),
        Kind::OpenaiResponse => output(response),
        Kind::AnthropicChat => anthropic(response).into_iter().collect(),
        Kind::GeminiChat => candidates(response),
        Kind::BedrockConverse => {
            let message = message::read(response.get("output").get("message"), "assistant");
            finished(message, response.get("stopReason")).into_iter().collect()
        }
        Kind::BedrockInvoke => invoked(response),
        Kind::CohereChat => cohere(response),
        Kind::OllamaChat => {
            let said = if response.get("message").is_object() { response.get("message") } else { response };
            let folded = if response.has("response") {
                Json::object([
                    ("role", "assistant".into()),
                    ("content", response.get("response").clone()),
                    ("thinking", response.get("thinking").clone()),
                ])
            } else {
                said.clone()
            };
            finished(message::read(&folded, "assistant"), response.get("done_reason")).into_iter().collect()
        }
        Kind::LlamaChat => {
            let said = response.get("completion_message");
            finished(message::read(said, "assistant"), said.get("stop_reason")).into_iter().collect()
        }
        Kind::VercelChat => vercel(response).into_iter().collect(),
        Kind::HuggingfaceTgi => generated(response),
        Kind::OpenaiRealtime => realtime::messages(response),
        _ => results::read(response, kind),
    }
}

/// Adds why an answer ended.
fn finished(message: Option<Message>, reason: &Json) -> Option<Message> {
    message.map(|message| Message { finish_reason: reason.owned().or(message.finish_reason), ..message })
}

/// Reads the choices of chat completions and completions.
fn choices(response: &Json) -> Vec<Message> {
    let beside = citation::beside(response);
    let read = |choice: &Json| {
        let said = choice.any(&["message", "delta"]);
        let message = match choice.get("text").text() {
            Some(text) => Some(Message::said("assistant", text)),
            None => message::read(said, "assistant"),
        };
        let mut message = finished(message, choice.any(&["finish_reason", "stop_reason"]))?;
        if message.annotations.is_empty() {
            message.annotations.clone_from(&beside);
        }
        Some(message)
    };
    response.get("choices").list().iter().take(message::MOST).filter_map(read).collect()
}

/// Reads the items of an answer of the Responses API.
fn output(response: &Json) -> Vec<Message> {
    let mut messages = message::list(response.get("output"), "assistant");
    messages.retain(|message| !message.is_empty());
    let reason = response.get("incomplete_details").get("reason").owned();
    let pending = response.get("status").owned().filter(|status| status != "completed");
    let reason = reason.or(pending);
    if messages.is_empty() && reason.is_some() && !response.has("error") {
        // Answers that are made in the background are empty until they are there.
        messages.push(Message { role: Some("assistant".to_owned()), ..Message::default() });
    }
    if let Some(last) = messages.last_mut() {
        last.finish_reason = reason;
    }
    messages
}

/// Reads a message of Claude, its older completions, or how many tokens were counted.
fn anthropic(response: &Json) -> Option<Message> {
    if let Some(completion) = response.get("completion").text() {
        let message = Message::said("assistant", completion);
        return finished(Some(message), response.get("stop_reason"));
    }
    if !response.has("content") {
        return response.has("input_tokens").then(|| Message::said("assistant", response.pretty()));
    }
    finished(message::read(response, "assistant"), response.get("stop_reason"))
}

/// Reads Google's candidates.
fn candidates(response: &Json) -> Vec<Message> {
    if response.has("totalTokens") && !response.has("candidates") {
        return vec![Message::said("assistant", response.pretty())];
    }
    let read = |candidate: &Json| {
        let content = joined(candidate.get("content"));
        let content = if content.is_null() { Json::object([]) } else { content };
        let mut message = finished(
            message::read(&content, "assistant"),
            candidate.any(&["finishReason", "finish_reason"]),
        )?;
        message.annotations.extend(citation::grounding(candidate));
        Some(message)
    };
    response.get("candidates").list().iter().take(message::MOST).filter_map(read).collect()
}

/// Returns Google's content with the texts that follow each other made one, as they are pieces of one.
fn joined(content: &Json) -> Json {
    let is_text = |part: &Json| {
        part.get("text").text().is_some()
            && part.members().iter().all(|(name, _)| name == "text" || name == "thought")
    };
    let is_thought = |part: &Json| part.get("thought").bool() == Some(true);
    let mut parts: Vec<Json> = Vec::new();
    for part in content.get("parts").list() {
        // A signature stands beside the text that it signs.
        let mut part = part.clone();
        if let Json::Object(members) = &mut part {
            members.retain(|(name, _)| name != "thoughtSignature" && name != "thought_signature");
        }
        match parts.last_mut() {
            Some(last) if is_text(last) && is_text(&part) && is_thought(last) == is_thought(&part) => {
                last.slot("text").append(part.get("text").text().unwrap_or_default());
            }
            _ if part.get("text").text() == Some("") => {}
            _ => parts.push(part),
        }
    }
    let mut joined = content.clone();
    if content.get("parts").is_list() {
        *joined.slot("parts") = Json::List(parts);
    }
    joined
}

/// Reads the models' own forms at Bedrock.
fn invoked(response: &Json) -> Vec<Message> {
    let said = |text: Option<&str>, reason: &Json| {
        finished(text.map(|text| Message::said("assistant", text)), reason)
    };
    let reasons = ["stop_reason", "completionReason", "finish_reason"];
    if let Some(text) = response.any(&["generation", "outputText"]).text() {
        return said(Some(text), response.any(&reasons)).into_iter().collect();
    }
    let listed = [response.get("results").list(), response.get("outputs").list()];
    let results = listed.into_iter().flatten();
    results.filter_map(|one| said(one.any(&["outputText", "text"]).text(), one.any(&reasons))).collect()
}

/// Reads both versions of Cohere's chat, and its older generations.
fn cohere(response: &Json) -> Vec<Message> {
    let generations = response.get("generations").list();
    if !generations.is_empty() {
        let read = |one: &Json| {
            let message = one.get("text").text().map(|text| Message::said("assistant", text));
            finished(message, one.get("finish_reason"))
        };
        return generations.iter().filter_map(read).collect();
    }
    let said = if response.get("message").is_object() {
        response.get("message").clone()
    } else {
        first_version(response)
    };
    finished(message::read(&said, "assistant"), response.get("finish_reason")).into_iter().collect()
}

/// Returns an answer of Cohere's first version as a message.
fn first_version(response: &Json) -> Json {
    let mut message = Json::object([("role", "assistant".into())]);
    message.put("content", response.get("text"));
    message.put("tool_calls", response.get("tool_calls"));
    let documents: BTreeMap<&str, &Json> = response
        .get("documents")
        .list()
        .iter()
        .filter_map(|document| Some((document.get("id").text()?, document)))
        .collect();
    let cited = response.get("citations").list().iter().map(|citation| {
        let mut citation = citation.clone();
        // A citation names documents, whose titles and places stand beside the text.
        let id = citation.get("document_ids").first().text().unwrap_or_default().to_owned();
        if let Some(document) = documents.get(id.as_str()) {
            citation.put("url", document.get("url"));
            citation.put("title", document.get("title"));
        }
        citation
    });
    message.put("citations", &Json::List(cited.collect()));
    message
}

/// Reads a result of Vercel's AI SDK.
fn vercel(response: &Json) -> Option<Message> {
    let folded = if response.get("content").is_list() {
        Json::object([("role", "assistant".into()), ("content", response.get("content").clone())])
    } else {
        let thoughts = response.any(&["reasoningText", "reasoning"]);
        Json::object([
            ("role", "assistant".into()),
            ("content", response.get("text").clone()),
            ("reasoning", thoughts.clone()),
        ])
    };
    let mut message = finished(message::read(&folded, "assistant"), response.get("finishReason"))?;
    message.annotations.extend(response.get("sources").list().iter().filter_map(citation::source));
    if message.tool_calls.is_empty() {
        message.tool_calls = call::list(response.get("toolCalls"));
        if !message.tool_calls.is_empty() {
            message.kind = MessageKind::FunctionCall;
        }
    }
    Some(message)
}

/// Reads what Hugging Face's server, and watsonx, generated.
fn generated(response: &Json) -> Vec<Message> {
    let results = response.get("results");
    let listed = if results.is_list() { results.list() } else { response.list() };
    let one = std::slice::from_ref(response);
    let texts = if listed.is_empty() { one } else { listed };
    let read = |one: &Json| {
        let message = one.get("generated_text").text().map(|text| Message::said("assistant", text))?;
        let reason = one.get("details").get("finish_reason");
        finished(Some(message), if reason.is_null() { one.get("stop_reason") } else { reason })
    };
    texts.iter().filter_map(read).collect()
}
