//! Calls that never were: what was asked, what was answered and what it took, by chance that can be repeated.

use gatehouse_mapper::mapping::{BodyView, Sample};
use gatehouse_types::Usage;
use serde_json::Value;

/// A source of numbers that only look as if they came by chance.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x1234_5678_9ABC_DEF1))
    }

    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % most.max(1)
    }

    pub(crate) fn text(&mut self, least: u64, most: u64) -> String {
        let count = least + self.below(most - least + 1);
        let words: Vec<&str> = (0..count).map(|_| WORDS[self.below(WORDS.len() as u64) as usize]).collect();
        let mut text = words.join(" ");
        if let Some(first) = text.get(..1) {
            let first = first.to_uppercase();
            text.replace_range(..1, &first);
        }
        text.push('.');
        text
    }

    pub(crate) fn id(&mut self) -> String {
        format!("{:08x}-{:04x}-4{:03x}", self.below(1 << 32), self.below(1 << 16), self.below(1 << 12))
    }
}

const WORDS: [&str; 48] = [
    "river", "stone", "quiet", "morning", "paper", "bright", "copper", "window", "garden", "silent",
    "orange", "yellow", "little", "castle", "winter", "summer", "bread", "bridge", "candle", "forest",
    "harbour", "island", "journey", "kettle", "ladder", "mirror", "needle", "ocean", "pepper", "quarter",
    "ribbon", "saddle", "thunder", "umbrella", "valley", "whistle", "a", "of", "the", "and", "to", "in",
    "is", "it", "that", "with", "under", "over",
];

/// One call.
pub(crate) struct Call {
    pub(crate) at: u64,
    pub(crate) system: String,
    pub(crate) question: String,
    pub(crate) before: Vec<(String, String)>,
    pub(crate) answer: String,
    pub(crate) thoughts: String,
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cached: u64,
    pub(crate) thinking: u64,
    pub(crate) is_long: bool,
    pub(crate) id: String,
    pub(crate) noise: u64,
    request: Vec<u8>,
    response: Vec<u8>,
}

/// An API.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) request: fn(&Call) -> Value,
    pub(crate) response: fn(&Call) -> Vec<Value>,
    pub(crate) usage: fn(&Call) -> Option<Usage>,
    has_history: bool,
    rename: u64,
}

impl Api {
    pub(crate) fn new(
        name: &'static str,
        request: fn(&Call) -> Value,
        response: fn(&Call) -> Vec<Value>,
        usage: fn(&Call) -> Option<Usage>,
    ) -> Self {
        Self {
            name,
            path: "/v1/run",
            content_type: "application/json",
            request,
            response,
            usage,
            has_history: false,
            rename: 0,
        }
    }

    pub(crate) fn streamed(self, content_type: &'static str) -> Self {
        Self { content_type, ..self }
    }

    /// The same API with what was said before in its requests.
    pub(crate) fn with_history(self) -> Self {
        Self { has_history: true, ..self }
    }

    /// The same API with every `every`th key renamed to nonsense.
    pub(crate) fn renamed(self, every: u64) -> Self {
        Self { rename: every, ..self }
    }

    fn named(&self, value: Value) -> Value {
        if self.rename == 0 {
            return value;
        }
        match value {
            Value::Array(elements) => elements.into_iter().map(|element| self.named(element)).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(key, member)| {
                    let sum =
                        key.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
                    let letters: String = (0..6)
                        .map(|at| char::from(b"bcdfghklmnpqrstvwxz"[(sum >> (at * 5)) as usize % 19]))
                        .collect();
                    let key = if sum % self.rename == 0 { letters } else { key };
                    (key, self.named(member))
                })
                .collect(),
            other => other,
        }
    }

    fn body(&self, pieces: Vec<Value>) -> Vec<u8> {
        let pieces: Vec<Value> = pieces.into_iter().map(|piece| self.named(piece)).collect();
        let lines = || pieces.iter().map(ToString::to_string);
        let text = match self.content_type {
            "text/event-stream" => {
                let events: String = lines().map(|line| format!("data: {line}\n\n")).collect();
                format!("{events}data: [DONE]\n\n")
            }
            "application/x-ndjson" => lines().map(|line| format!("{line}\n")).collect(),
            "application/json; stream" => Value::from(pieces.clone()).to_string(),
            _ => lines().next().unwrap_or_default(),
        };
        text.into_bytes()
    }
}

impl Call {
    pub(crate) fn sample<'a>(&'a self, api: &'a Api) -> Sample<'a> {
        let view = |bytes: &'a [u8], content_type| BodyView {
            bytes,
            content_type: Some(content_type),
            truncated: false,
        };
        Sample {
            method: "POST",
            host: "api.example.test",
            path: api.path,
            status: 200,
            request: view(&self.request, "application/json"),
            response: view(&self.response, api.content_type),
        }
    }

    /// The answer in parts, as it would be streamed.
    pub(crate) fn parts(&self) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        for (at, word) in self.answer.split(' ').enumerate() {
            parts.push(if at == 0 { word.to_owned() } else { format!(" {word}") });
        }
        parts
    }
}

/// Returns that many calls of an API.
pub(crate) fn calls(api: &Api, seed: u64, count: u64) -> Vec<Call> {
    (0..count).map(|at| call(api, &mut Dice::new(seed * 7919 + at + 1), at)).collect()
}

fn call(api: &Api, dice: &mut Dice, at: u64) -> Call {
    for _ in 0..8 {
        dice.below(2);
    }
    let turns = if api.has_history { dice.below(3) } else { 0 };
    let before: Vec<(String, String)> = (0..turns).map(|_| (dice.text(4, 30), dice.text(4, 30))).collect();
    let (question, answer, thoughts) = (dice.text(4, 60), dice.text(3, 70), dice.text(30, 120));
    let system = "You are a helpful assistant who answers in short sentences.".to_owned();
    let letters = |text: &String| text.len() as u64;
    let asked =
        before.iter().map(|(one, other)| letters(one) + letters(other)).sum::<u64>() + letters(&question);
    let tokens = |letters: u64, dice: &mut Dice| letters / 4 + letters / 40 + dice.below(4) + 1;
    let (input, output) = (tokens(asked + letters(&system), dice) + 8, tokens(letters(&answer), dice));
    let thinking = tokens(letters(&thoughts), dice);
    let cached = if dice.below(2) == 0 { 0 } else { input / 2 };
    let (is_long, id, noise) = (dice.below(4) == 0, dice.id(), dice.below(1000));
    let mut call = Call {
        at,
        system,
        question,
        before,
        answer,
        thoughts,
        input,
        output,
        cached,
        thinking,
        is_long,
        id,
        noise,
        request: Vec::new(),
        response: Vec::new(),
    };
    call.request = api.named((api.request)(&call)).to_string().into_bytes();
    call.response = api.body((api.response)(&call));
    call
}

/// Usage of input and output, with or without a total.
pub(crate) fn counts(input: Option<u64>, output: Option<u64>, total: Option<u64>) -> Option<Usage> {
    Some(Usage { input, output, total, ..Usage::default() })
}
