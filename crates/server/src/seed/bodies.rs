//! What was said in a seeded call, in the words of its provider's API.

use gatehouse_types::{Body, BodyState};
use hyper::body::Bytes;

use super::models::{Api, Model};
use super::random::{Random, whole};
use super::text::Prose;

/// What applications tell models to be.
const INSTRUCTIONS: &[&str] = &[
    "You are a support agent of Northwind. Answer briefly, and never promise a refund.",
    "You are a careful reviewer of code. Point out defects first, style last, and quote the lines you mean.",
    "Classify the message into one of: billing, shipping, technical, legal, other. Explain your choice in one sentence.",
    "You answer questions of tenants about their contracts. Cite the clause. If there is none, say so.",
    "Summarise the documents for a reader in a hurry. Use at most five points. Keep figures as they are.",
    "You are a tutor. Ask one question back before you give the answer, and keep to the level of a beginner.",
    "Translate what the user writes into plain English. Keep names, numbers and dates.",
    "You plan journeys by rail and ferry. Prefer few changes, and say how long each leg takes.",
];
const TOOLS: &[&str] = &["lookup_order", "search_documents", "create_ticket", "get_weather", "run_query"];
/// How many characters a token has, about.
const TOKEN_CHARACTERS: f64 = 4.2;
/// How many characters of an answer an event of a stream has.
const EVENT_CHARACTERS: usize = 140;

/// What is said in a call.
pub(super) struct Talk {
    instructions: &'static str,
    earlier: Option<(String, String)>,
    question: String,
    answer: String,
    /// The tool that is called in the place of an answer.
    pub(super) tool: Option<&'static str>,
    /// What the provider counts.
    pub(super) counts: Counts,
}

/// What a provider counts.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    /// Tokens of the prompt, cached ones included.
    pub(super) prompt: u64,
    /// Those of them that were in the provider's cache.
    pub(super) cached: u64,
    /// Tokens of the answer without reasoning.
    pub(super) answer: u64,
    /// Tokens of reasoning.
    pub(super) reasoning: u64,
}

/// One call as far as its bodies depend on it.
pub(super) struct Asked<'a> {
    pub(super) model: &'a Model,
    pub(super) talk: &'a Talk,
    /// Random bits that ids in bodies are made of.
    pub(super) id: u128,
    /// When it was made, in seconds since the Unix epoch.
    pub(super) seconds: i64,
    pub(super) is_stream: bool,
}

impl Talk {
    /// Returns something to be said to a model.
    pub(super) fn new(random: &mut Random, model: &Model, prose: &Prose) -> Self {
        let length = |random: &mut Random, median, spread| {
            usize::try_from(whole(random.log_normal(median, spread).min(9_000.0))).unwrap_or(0)
        };
        let (mut question, mut answer) = (String::new(), String::new());
        let characters = length(random, 330.0, 0.7);
        prose.question(random, characters, &mut question);
        if model.api == Api::Embeddings {
            let counts = Counts { prompt: tokens(question.len()), ..Counts::default() };
            let instructions = "";
            return Self { instructions, earlier: None, question, answer, tool: None, counts };
        }
        let tool = (model.api == Api::Chat && random.chance(0.08)).then(|| random.pick(TOOLS));
        if tool.is_none() {
            let characters = length(random, 480.0, 0.6);
            prose.answer(random, characters, &mut answer);
        }
        let earlier = random.chance(0.25).then(|| {
            let (mut asked, mut answered) = (String::new(), String::new());
            prose.question(random, 120, &mut asked);
            prose.answer(random, 260, &mut answered);
            (asked, answered)
        });
        let instructions = random.pick(INSTRUCTIONS);
        let before = earlier.as_ref().map_or(0, |(asked, answered)| asked.len() + answered.len());
        let prompt = tokens(instructions.len() + before + question.len()) + 12;
        let reads_cache = random.chance(model.reads_cache);
        let counts = Counts {
            prompt,
            cached: if reads_cache { prompt / 4 * 3 } else { 0 },
            answer: tokens(answer.len()).max(18),
            reasoning: if model.reasoning > 0.0 { whole(random.log_normal(model.reasoning, 0.8)) } else { 0 },
        };
        Self { instructions, earlier, question, answer, tool, counts }
    }
}

fn tokens(characters: usize) -> u64 {
    whole((characters as f64 / TOKEN_CHARACTERS).ceil())
}

impl Asked<'_> {
    /// Returns what the caller sent.
    pub(super) fn request(&self) -> Body {
        let (talk, model) = (self.talk, self.model.asked);
        json(match self.model.api {
            Api::Embeddings => format!(
                r#"{{"model":"{model}","input":"{}","encoding_format":"base64","dimensions":64}}"#,
                talk.question
            ),
            Api::Chat => {
                let stream = if self.is_stream {
                    r#","stream":true,"stream_options":{"include_usage":true}"#
                } else {
                    ""
                };
                let tools = talk.tool.map(tool_offered).unwrap_or_default();
                format!(
                    r#"{{"model":"{model}","messages":[{{"role":"system","content":"{}"}},{}],"temperature":0.3{tools}{stream}}}"#,
                    talk.instructions,
                    self.turns("content", "assistant", |text| format!("\"{text}\""))
                )
            }
            Api::Messages => {
                let stream = if self.is_stream { r#","stream":true"# } else { "" };
                format!(
                    r#"{{"model":"{model}","max_tokens":2048,"system":"{}","messages":[{}]{stream}}}"#,
                    talk.instructions,
                    self.turns("content", "assistant", |text| format!("\"{text}\""))
                )
            }
            Api::Generate => format!(
                r#"{{"systemInstruction":{{"parts":[{{"text":"{}"}}]}},"contents":[{}],"generationConfig":{{"temperature":0.3}}}}"#,
                talk.instructions,
                self.turns("parts", "model", |text| format!(r#"[{{"text":"{text}"}}]"#))
            ),
        })
    }

    /// Returns the turns of the conversation, each with its text in a field.
    fn turns(&self, field: &str, other: &str, value: impl Fn(&str) -> String) -> String {
        let turn = |role: &str, text: &str| format!(r#"{{"role":"{role}","{field}":{}}}"#, value(text));
        let last = turn("user", &self.talk.question);
        match &self.talk.earlier {
            Some((asked, answered)) => format!("{},{},{last}", turn("user", asked), turn(other, answered)),
            None => last,
        }
    }

    /// Returns what the provider answered.
    pub(super) fn response(&self) -> Body {
        match (self.model.api, self.is_stream) {
            (Api::Chat, true) => events(self.chat_events()),
            (Api::Messages, true) => events(self.message_events()),
            (Api::Chat, false) => json(self.chat()),
            (Api::Messages, false) => json(self.message()),
            (Api::Generate, _) => json(self.generated()),
            (Api::Embeddings, _) => json(self.embedded()),
        }
    }

    fn chat(&self) -> String {
        let message = match self.talk.tool {
            None => format!(r#"{{"role":"assistant","content":"{}"}}"#, self.talk.answer),
            Some(tool) => format!(
                r#"{{"role":"assistant","content":null,"tool_calls":[{{"id":"call_{:024x}","type":"function","function":{{"name":"{tool}","arguments":"{{\"query\":\"{:08x}\"}}"}}}}]}}"#,
                self.id >> 32,
                self.id & 0xffff_ffff
            ),
        };
        let reason = if self.talk.tool.is_some() { "tool_calls" } else { "stop" };
        format!(
            r#"{{"id":"chatcmpl-{:024x}","object":"chat.completion","created":{},"model":"{}","choices":[{{"index":0,"message":{message},"logprobs":null,"finish_reason":"{reason}"}}],"usage":{},"service_tier":"default","system_fingerprint":"fp_{:010x}"}}"#,
            self.id >> 32,
            self.seconds,
            self.model.answered,
            self.chat_usage(),
            self.seconds / 604_800
        )
    }

    fn chat_usage(&self) -> String {
        let Counts { prompt, cached, answer, reasoning } = self.talk.counts;
        let completion = answer + reasoning;
        format!(
            r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{},"prompt_tokens_details":{{"cached_tokens":{cached},"audio_tokens":0}},"completion_tokens_details":{{"reasoning_tokens":{reasoning},"audio_tokens":0}}}}"#,
            prompt + completion
        )
    }

    fn chat_events(&self) -> Vec<String> {
        let head = format!(
            r#"data: {{"id":"chatcmpl-{:024x}","object":"chat.completion.chunk","created":{},"model":"{}""#,
            self.id >> 32,
            self.seconds,
            self.model.answered
        );
        let piece = |text| {
            format!(
                r#"{head},"choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}]}}"#
            )
        };
        let mut all = vec![format!(
            r#"{head},"choices":[{{"index":0,"delta":{{"role":"assistant","content":""}},"finish_reason":null}}]}}"#
        )];
        all.extend(pieces(&self.talk.answer).map(piece));
        all.push(format!(r#"{head},"choices":[{{"index":0,"delta":{{}},"finish_reason":"stop"}}]}}"#));
        all.push(format!(r#"{head},"choices":[],"usage":{}}}"#, self.chat_usage()));
        all.push("data: [DONE]".to_owned());
        all
    }

    fn message(&self) -> String {
        format!(
            r#"{{"id":"msg_{:024x}","type":"message","role":"assistant","model":"{}","content":[{{"type":"text","text":"{}"}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{}}}"#,
            self.id >> 32,
            self.model.answered,
            self.talk.answer,
            self.message_usage(self.talk.counts.answer)
        )
    }

    fn message_usage(&self, output: u64) -> String {
        let Counts { prompt, cached, .. } = self.talk.counts;
        format!(
            r#"{{"input_tokens":{},"cache_creation_input_tokens":0,"cache_read_input_tokens":{cached},"output_tokens":{output}}}"#,
            prompt - cached
        )
    }

    fn message_events(&self) -> Vec<String> {
        let piece = |text| {
            format!(
                "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{text}\"}}}}"
            )
        };
        let mut all = vec![
            format!(
                "event: message_start\ndata: {{\"type\":\"message_start\",\"message\":{{\"id\":\"msg_{:024x}\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"{}\",\"content\":[],\"stop_reason\":null,\"usage\":{}}}}}",
                self.id >> 32,
                self.model.answered,
                self.message_usage(1)
            ),
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}".to_owned(),
        ];
        all.extend(pieces(&self.talk.answer).map(piece));
        all.push("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}".to_owned());
        all.push(format!(
            "event: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\"}},\"usage\":{{\"output_tokens\":{}}}}}",
            self.talk.counts.answer
        ));
        all.push("event: message_stop\ndata: {\"type\":\"message_stop\"}".to_owned());
        all
    }

    fn generated(&self) -> String {
        let Counts { prompt, cached, answer, reasoning } = self.talk.counts;
        let cached =
            if cached > 0 { format!(r#""cachedContentTokenCount":{cached},"#) } else { String::new() };
        let thoughts =
            if reasoning > 0 { format!(r#""thoughtsTokenCount":{reasoning},"#) } else { String::new() };
        format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{}"}}],"role":"model"}},"finishReason":"STOP","index":0}}],"usageMetadata":{{"promptTokenCount":{prompt},"candidatesTokenCount":{answer},{cached}{thoughts}"totalTokenCount":{}}},"modelVersion":"{}","responseId":"{:020x}"}}"#,
            self.talk.answer,
            prompt + answer + reasoning,
            self.model.answered,
            self.id >> 48
        )
    }

    fn embedded(&self) -> String {
        let mut random = Random::new(u64::try_from(self.id >> 64).unwrap_or(0), 0);
        let vector: String = (0..21).map(|_| format!("{:016x}", random.number())).collect();
        let prompt = self.talk.counts.prompt;
        format!(
            r#"{{"object":"list","data":[{{"object":"embedding","index":0,"embedding":"{vector}=="}}],"model":"{}","usage":{{"prompt_tokens":{prompt},"total_tokens":{prompt}}}}}"#,
            self.model.answered
        )
    }

    /// Returns what a provider answers that fails.
    pub(super) fn failure(&self, status: i32) -> Body {
        let (kind, message) = match status {
            400 => ("invalid_request_error", "The request has a parameter that this model does not take."),
            401 => ("authentication_error", "The key is not valid."),
            404 => ("not_found_error", "There is no such model, or you have no access to it."),
            429 => ("rate_limit_error", "Rate limit reached for tokens per minute. Try again in 1.2 s."),
            503 | 529 => ("overloaded_error", "The model is overloaded. Please try again later."),
            _ => ("server_error", "The server had an error while processing the request. Sorry about that!"),
        };
        json(match self.model.api {
            Api::Messages => {
                format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}"#)
            }
            Api::Generate => format!(
                r#"{{"error":{{"code":{status},"message":"{message}","status":"{}"}}}}"#,
                kind.to_uppercase()
            ),
            Api::Chat | Api::Embeddings => {
                format!(
                    r#"{{"error":{{"message":"{message}","type":"{kind}","param":null,"code":"{kind}"}}}}"#
                )
            }
        })
    }
}

fn tool_offered(tool: &str) -> String {
    format!(
        r#","tools":[{{"type":"function","function":{{"name":"{tool}","description":"Finds what the user asks for.","parameters":{{"type":"object","properties":{{"query":{{"type":"string"}}}},"required":["query"]}}}}}}]"#
    )
}

/// Returns a text in pieces of a stream's events, none of which cuts a character or an escape through.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // An event ends behind a space: no escape has one in it.
        let end = rest
            .char_indices()
            .find(|(index, character)| *index >= EVENT_CHARACTERS && *character == ' ')
            .map_or(rest.len(), |(index, _)| index + 1);
        let (piece, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(piece)
    })
}

/// Returns a body of JSON.
pub(super) fn json(text: String) -> Body {
    body(text, "application/json")
}

fn events(events: Vec<String>) -> Body {
    body(events.join("\n\n") + "\n\n", "text/event-stream; charset=utf-8")
}

fn body(text: String, content_type: &str) -> Body {
    Body {
        wire_bytes: text.len() as u64,
        segments: vec![Bytes::from(text)],
        state: BodyState::Stored,
        content_type: Some(content_type.to_owned()),
        content_encoding: None,
    }
}

/// Returns the first part of a body: what was there when its caller went away.
pub(super) fn cut(body: Body) -> Body {
    let whole = body.contiguous();
    let half = whole.slice(..whole.len() / 2);
    Body { wire_bytes: half.len() as u64, segments: vec![half], ..body }
}
