//! Which API a conversation was had by, told by the members of its bodies.

use serde::Serialize;

use super::json::Json;

/// Which API a conversation was had by: Helicone's names where it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// OpenAI's chat completions, and all who copy them.
    OpenaiChat,
    /// OpenAI's completions of a prompt.
    OpenaiInstruct,
    /// OpenAI's Responses.
    OpenaiResponse,
    /// Embeddings, whoever makes them.
    OpenaiEmbedding,
    /// Pictures that are made or changed.
    OpenaiImage,
    /// Speech that is made or written down.
    OpenaiAudio,
    /// Texts that are judged.
    OpenaiModeration,
    /// Assistants: threads, their messages and runs.
    OpenaiAssistant,
    /// Realtime sessions.
    OpenaiRealtime,
    /// Anthropic's messages, wherever they are served, and its older completions.
    AnthropicChat,
    /// Google's `generateContent`.
    GeminiChat,
    /// Bedrock's Converse, and Nova's messages.
    BedrockConverse,
    /// The models' own forms at Bedrock: Titan, Llama, Mistral.
    BedrockInvoke,
    /// Cohere's chat, both versions, and its older generations.
    CohereChat,
    /// Ollama's chat and generation.
    OllamaChat,
    /// Meta's Llama API.
    LlamaChat,
    /// Vercel's AI SDK.
    VercelChat,
    /// Hugging Face's text generation.
    HuggingfaceTgi,
    /// Documents that are ranked.
    Rerank,
    /// A logged call of a tool.
    Tool,
    /// A logged query of a vector database.
    VectorDb,
    /// Any other logged event.
    Data,
    /// One that a mapping tells how to read.
    Mapped,
    /// None that we know.
    #[default]
    Unknown,
}
use Kind::{
    AnthropicChat, BedrockConverse, BedrockInvoke, CohereChat, Data, GeminiChat, HuggingfaceTgi, LlamaChat,
    OllamaChat, OpenaiAssistant, OpenaiAudio, OpenaiChat, OpenaiEmbedding, OpenaiImage, OpenaiInstruct,
    OpenaiModeration, OpenaiRealtime, OpenaiResponse, Rerank, Tool, VectorDb, VercelChat,
};

impl Kind {
    /// Returns whether the messages of an answer are so many answers, of which a preview shows the first.
    pub(super) fn has_choices(self) -> bool {
        matches!(self, OpenaiChat | OpenaiInstruct | GeminiChat)
    }

    /// Returns what a request asks for by its members alone; `None` when none of them tells.
    pub(super) fn of_request(request: &Json) -> Option<Self> {
        if let Some(event) = request.get("_type").text() {
            return event_kind(event);
        }
        let has = |key| request.has(key);
        let any = |keys: &[&str]| keys.iter().any(|key| request.has(key));
        if is_realtime(request) {
            return Some(OpenaiRealtime);
        }
        if any(&["contents", "systemInstruction", "system_instruction"]) {
            return Some(GeminiChat);
        }
        if any(&["assistant_id", "additional_messages", "thread_id"]) || has("thread") {
            return Some(OpenaiAssistant);
        }
        if has("messages") {
            return Some(of_messages(request));
        }
        if any(&["chat_history", "preamble", "connectors"]) || has("message") {
            return Some(CohereChat);
        }
        if has("documents") && has("query") {
            return Some(Rerank);
        }
        if has("input") && has("voice") {
            return Some(OpenaiAudio);
        }
        if any(&["inputText", "max_gen_len", "textToImageParams", "textGenerationConfig"]) {
            return Some(BedrockInvoke);
        }
        if any(&["max_output_tokens", "previous_response_id", "instructions", "background"]) && has("input") {
            return Some(OpenaiResponse);
        }
        if any(&["texts", "inputs"]) {
            return Some(if has("texts") { OpenaiEmbedding } else { HuggingfaceTgi });
        }
        if has("prompt") {
            return Some(of_prompt(request));
        }
        let items = request.get("input").list();
        if items.iter().any(|item| item.has("role") || item.has("type")) {
            return Some(OpenaiResponse);
        }
        if any(&["encoding_format", "dimensions"]) && has("input") {
            return Some(OpenaiEmbedding);
        }
        if request.get("content").has("parts") || request.get("requests").first().has("content") {
            return Some(OpenaiEmbedding);
        }
        if has("role") && has("content") {
            return Some(OpenaiAssistant);
        }
        None
    }

    /// Returns what an answer is by its members alone; `None` when none of them tells.
    pub(super) fn of_response(response: &Json) -> Option<Self> {
        let has = |key| response.has(key);
        let any = |keys: &[&str]| keys.iter().any(|key| response.has(key));
        let kind = response.get("type").text();
        let object = response.get("object").text();
        if is_realtime(response) {
            return Some(OpenaiRealtime);
        }
        if object.is_some_and(|object| object.starts_with("thread")) || has("assistant_id") {
            return Some(OpenaiAssistant);
        }
        if response.get("choices").is_list() {
            let is_completion = response.get("choices").first().get("text").text().is_some();
            return Some(if is_completion { OpenaiInstruct } else { OpenaiChat });
        }
        if object == Some("response") || response.get("output").first().has("type") {
            return Some(OpenaiResponse);
        }
        let is_claudes_error = kind == Some("error") && response.get("error").has("type");
        if response.get("completion").text().is_some()
            || kind == Some("message")
            || is_claudes_error
            || is_count(response)
        {
            return Some(AnthropicChat);
        }
        if any(&["candidates", "promptFeedback", "prompt_feedback"])
            || response.get("totalTokens").count().is_some()
        {
            return Some(GeminiChat);
        }
        if response.get("output").get("message").is_object() {
            return Some(BedrockConverse);
        }
        if has("completion_message") {
            return Some(LlamaChat);
        }
        of_lists(response).or_else(|| of_text(response))
    }

    /// Returns what the path of a call says; for bodies that say nothing.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let ends = |end: &str| path.ends_with(end);
        Some(match path {
            _ if path.contains("/audio/") => OpenaiAudio,
            _ if path.contains("/images/") => OpenaiImage,
            _ if path.contains("/threads") => OpenaiAssistant,
            _ if ends("/embeddings") || ends("/embed") => OpenaiEmbedding,
            _ if ends("/moderations") => OpenaiModeration,
            _ if ends("/responses") => OpenaiResponse,
            _ if ends("/converse") || ends("/converse-stream") => BedrockConverse,
            _ if ends("/v1/messages") => AnthropicChat,
            _ if ends("/chat/completions") => OpenaiChat,
            _ if ends("/api/chat") || ends("/api/generate") => OllamaChat,
            _ if ends("/v1/chat") || ends("/v2/chat") => CohereChat,
            _ => return None,
        })
    }
}

/// Returns what a logged event is.
fn event_kind(event: &str) -> Option<Kind> {
    match event {
        "tool" => Some(Tool),
        "vector_db" => Some(VectorDb),
        "data" => Some(Data),
        _ => None,
    }
}

/// Returns whose messages a request has, where they differ from those of OpenAI's chat.
fn of_messages(request: &Json) -> Kind {
    let any = |keys: &[&str]| keys.iter().any(|key| request.has(key));
    let last = request.get("messages").list().last().unwrap_or(request);
    let part = last.get("content").first();
    if is_realtime(request) {
        return OpenaiRealtime;
    }
    if any(&["inferenceConfig", "toolConfig", "schemaVersion", "additionalModelRequestFields"])
        || (part.is_object() && !part.has("type") && part.has("text"))
    {
        return BedrockConverse;
    }
    let is_claudes = any(&["system", "anthropic_version", "stop_sequences", "thinking"])
        || matches!(part.get("type").text(), Some("tool_result" | "tool_use"))
        || part.has("source");
    if is_claudes && !request.has("frequency_penalty") {
        return AnthropicChat;
    }
    if any(&["options", "keep_alive"]) || last.has("images") {
        return OllamaChat;
    }
    if any(&["maxOutputTokens", "providerOptions"])
        || matches!(part.get("type").text(), Some("tool-result" | "tool-call"))
    {
        return VercelChat;
    }
    OpenaiChat
}

/// Returns what a prompt is for.
fn of_prompt(request: &Json) -> Kind {
    let any = |keys: &[&str]| keys.iter().any(|key| request.has(key));
    if request.get("prompt").first().has("role") {
        return VercelChat;
    }
    if any(&["max_tokens_to_sample", "anthropic_version"]) {
        return AnthropicChat;
    }
    if any(&["size", "quality", "response_format", "aspect_ratio", "width", "output_format"])
        && !any(&["max_tokens", "temperature"])
    {
        return OpenaiImage;
    }
    if any(&["keep_alive", "options", "raw"]) {
        return OllamaChat;
    }
    OpenaiInstruct
}

/// Reads answers by the lists in them.
fn of_lists(response: &Json) -> Option<Kind> {
    let first = |key: &str| response.get(key).first();
    let has_vector = |one: &Json| one.has("embedding");
    if has_vector(first("data"))
        || has_vector(response)
        || response.has("embeddings")
        || response.has("embeddingsByType")
    {
        return Some(OpenaiEmbedding);
    }
    if first("predictions").has("embeddings") {
        return Some(OpenaiEmbedding);
    }
    let data = first("data");
    if data.has("b64_json")
        || (data.has("url") && response.has("created"))
        || first("images").text().is_some()
    {
        return Some(OpenaiImage);
    }
    if first("predictions").has("bytesBase64Encoded") || first("images").has("url") {
        return Some(OpenaiImage);
    }
    let result = first("results");
    if result.has("flagged") || result.has("categories") {
        return Some(OpenaiModeration);
    }
    if result.has("relevance_score") || data.has("relevance_score") {
        return Some(Rerank);
    }
    if result.has("outputText") || first("outputs").has("text") {
        return Some(BedrockInvoke);
    }
    if result.has("generated_text")
        || response.first().has("generated_text")
        || response.has("generated_text")
    {
        return Some(HuggingfaceTgi);
    }
    if response.get("generations").is_list() {
        return Some(CohereChat);
    }
    let content = first("content");
    let is_sdk = response.has("finishReason") || response.has("providerMetadata");
    (is_sdk && (content.has("type") || response.has("text"))).then_some(VercelChat)
}

/// Reads answers by the text in them.
fn of_text(response: &Json) -> Option<Kind> {
    let has = |key| response.has(key);
    if has("done") && (has("message") || has("response")) {
        return Some(OllamaChat);
    }
    if response.get("generation").text().is_some() || response.get("outputText").text().is_some() {
        return Some(BedrockInvoke);
    }
    let is_message =
        response.get("message").get("content").is_list() || response.get("message").has("tool_calls");
    if is_message && (has("finish_reason") || has("id")) {
        return Some(CohereChat);
    }
    let is_chat =
        ["generation_id", "response_id", "chat_history", "finish_reason"].iter().any(|key| has(key));
    if response.get("text").text().is_some() {
        return Some(if is_chat { CohereChat } else { OpenaiAudio });
    }
    None
}

/// An answer that is nothing but a count of tokens.
fn is_count(response: &Json) -> bool {
    response.get("input_tokens").count().is_some()
        && response.members().iter().all(|(name, _)| name == "input_tokens" || name == "context_management")
}

/// Events of a session that were logged as a list, or as the messages of a body.
fn is_realtime(body: &Json) -> bool {
    let events = if body.is_list() { body } else { body.get("messages") };
    let is_event = |event: &Json| event.get("content").get("type").text().is_some() && event.has("from");
    body.get("object").text() == Some("realtime.session") || events.list().iter().take(8).any(is_event)
}
