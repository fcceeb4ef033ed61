//! Whether an exchange is in a dialect that has a reader of its own, told by its structure: such calls are never
//! mapped. Both bodies have to be in it, so that one member by chance decides nothing.

use super::Sample;
use super::pieces::{Answer, ArrayIs, answer_of, is_array_of_objects};
use super::tree::Node;

/// How many pieces of a stream are looked at: all of them say whose they are.
const LOOKED_AT: usize = 16;

/// A dialect: what is in its requests, and what in its answers or in a piece of those.
struct Dialect {
    request: fn(&Node) -> bool,
    answer: fn(&Node) -> bool,
}

const DIALECTS: [Dialect; 20] = [
    // OpenAI and those who speak as it does.
    Dialect { request: has_messages, answer: |answer| any(answer, "choices", is_chat_choice) },
    Dialect {
        request: |request| has(request, "prompt"),
        answer: |answer| any(answer, "choices", |choice| has(choice, "text")),
    },
    Dialect { request: |request| has(request, "input") || has(request, "prompt"), answer: is_responses },
    Dialect {
        request: |request| has(request, "input"),
        answer: |answer| any(answer, "data", |item| has(item, "embedding")),
    },
    Dialect {
        request: |request| has(request, "prompt"),
        answer: |answer| any(answer, "data", |item| has(item, "b64_json") || has(item, "url")),
    },
    Dialect {
        request: |request| has(request, "input"),
        answer: |answer| any(answer, "results", |result| has(result, "category_scores")),
    },
    Dialect {
        request: |_| true,
        answer: |answer| text(answer, "object").starts_with("thread") || has(answer, "assistant_id"),
    },
    // Anthropic.
    Dialect { request: has_messages, answer: is_anthropic },
    Dialect {
        request: |request| has(request, "prompt"),
        answer: |answer| text(answer, "type") == "completion" && has(answer, "completion"),
    },
    // Google.
    Dialect { request: |request| has(request, "contents"), answer: is_gemini },
    // Bedrock.
    Dialect { request: has_messages, answer: is_converse },
    Dialect {
        request: |request| has(request, "inputText"),
        answer: |answer| has(answer, "inputTextTokenCount") || has(answer, "outputText"),
    },
    Dialect {
        request: |request| has(request, "prompt"),
        answer: |answer| has(answer, "generation") && has(answer, "prompt_token_count"),
    },
    // Cohere.
    Dialect {
        request: |request| has(request, "message") || has(request, "prompt"),
        answer: |answer| {
            has(answer, "event_type")
                || has(answer, "generation_id")
                || any(answer, "generations", |one| has(one, "text"))
        },
    },
    Dialect { request: has_messages, answer: is_cohere },
    Dialect {
        request: |request| has(request, "query") && has(request, "documents"),
        answer: |answer| any(answer, "results", |result| has(result, "relevance_score")),
    },
    Dialect { request: |request| has(request, "texts"), answer: |answer| has(answer, "embeddings") },
    // Ollama.
    Dialect {
        request: |request| has(request, "model"),
        answer: |answer| {
            matches!(answer.member("done"), Some(Node::Bool(_)))
                && (has(answer, "message") || has(answer, "response"))
        },
    },
    // Meta's API.
    Dialect { request: has_messages, answer: is_llama },
    // Custom logs.
    Dialect {
        request: |request| ["tool", "vector_db", "data"].contains(&text(request, "_type")),
        answer: |_| true,
    },
];

/// Returns whether both bodies of a call that went well are in a dialect that is read without a mapping.
pub fn dialect_known(sample: &Sample<'_>) -> bool {
    let Some(request) = Node::parse(sample.request.bytes).filter(|_| sample.is_success()) else {
        return false;
    };
    let is_streamed = is_array_of_objects(&sample.response);
    let array_is = if is_streamed { ArrayIs::Stream } else { ArrayIs::Value };
    let Some(answer) = answer_of(&sample.response, array_is) else { return false };
    let pieces: Vec<&Node> = match &answer {
        Answer::Whole(Node::List(elements)) => elements.iter().take(1).collect(),
        Answer::Whole(node) => vec![node],
        Answer::Streamed(_, stream) => {
            stream.pieces.iter().take(LOOKED_AT).map(|piece| &piece.node).collect()
        }
    };
    DIALECTS
        .iter()
        .any(|dialect| (dialect.request)(&request) && pieces.iter().any(|piece| (dialect.answer)(piece)))
}

fn has(node: &Node, name: &str) -> bool {
    node.member(name).is_some_and(|member| *member != Node::Null)
}

fn text<'a>(node: &'a Node, name: &str) -> &'a str {
    node.member(name).and_then(Node::text).unwrap_or_default()
}

fn any(node: &Node, name: &str, is: impl Fn(&Node) -> bool) -> bool {
    node.member(name).and_then(Node::list).is_some_and(|elements| elements.iter().any(is))
}

fn has_messages(request: &Node) -> bool {
    any(request, "messages", |message| has(message, "role"))
}

fn is_chat_choice(choice: &Node) -> bool {
    has(choice, "message") || has(choice, "delta")
}

fn is_responses(answer: &Node) -> bool {
    let is_piece = text(answer, "type").starts_with("response.");
    is_piece || (text(answer, "object") == "response" && has(answer, "output"))
}

fn is_anthropic(answer: &Node) -> bool {
    match text(answer, "type") {
        "message" => any(answer, "content", |block| has(block, "type")) || has(answer, "stop_reason"),
        "message_start" => has(answer, "message"),
        "content_block_delta" | "content_block_start" => has(answer, "index"),
        _ => false,
    }
}

fn is_gemini(answer: &Node) -> bool {
    let is_candidate = |candidate: &Node| has(candidate, "content") || has(candidate, "finishReason");
    any(answer, "candidates", is_candidate) || has(answer, "promptFeedback")
}

fn is_converse(answer: &Node) -> bool {
    let message = answer.member("output").and_then(|output| output.member("message"));
    let is_piece =
        ["messageStart", "contentBlockDelta", "contentBlockIndex"].iter().any(|name| has(answer, name));
    message.is_some_and(|message| has(message, "content")) || is_piece
}

fn is_cohere(answer: &Node) -> bool {
    let kind = text(answer, "type");
    let is_piece = ["message-start", "content-start", "content-delta", "message-end"].contains(&kind);
    let message = answer.member("message");
    is_piece
        || (has(answer, "finish_reason") && message.is_some_and(|message| any(message, "content", |_| true)))
}

fn is_llama(answer: &Node) -> bool {
    let event = answer.member("event");
    has(answer, "completion_message")
        || event.is_some_and(|event| has(event, "event_type") && has(event, "delta"))
}

#[cfg(test)]
mod tests;
