//! APIs put together by chance: what they call things, where those stand, and what else stands there that looks like
//! them.

use gatehouse_mapper::mapping::{BodyView, Sample};
use gatehouse_types::Usage;
use serde_json::{Map, Value, json};

use crate::world::Dice;

/// What an API looks like.
pub(crate) struct Layout {
    seed: u64,
    /// In how many of ten cases a name says what it names.
    pub(crate) telling: u64,
    traits: Vec<u64>,
}

/// One call and the truth about it.
pub(crate) struct Exchange {
    pub(crate) request: Vec<u8>,
    pub(crate) response: Vec<u8>,
    pub(crate) content_type: &'static str,
    pub(crate) text: String,
    pub(crate) usage: Option<Usage>,
}

impl Exchange {
    pub(crate) fn sample(&self) -> Sample<'_> {
        let view =
            |bytes, content_type| BodyView { bytes, content_type: Some(content_type), truncated: false };
        Sample {
            method: "POST",
            host: "api.example.test",
            path: "/v1/make",
            status: 200,
            request: view(&self.request, "application/json"),
            response: view(&self.response, self.content_type),
        }
    }
}

/// What was counted in one call.
struct Counted {
    input: u64,
    output: u64,
    cached: u64,
    thinking: u64,
}

impl Layout {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed * 31 + 5);
        for _ in 0..20 {
            dice.below(3);
        }
        let telling = [0, 5, 10][dice.below(3) as usize];
        Self { seed, telling, traits: (0..24).map(|_| dice.below(1000)).collect() }
    }

    /// A choice of this API, the same in every call.
    fn choose(&self, at: usize, of: u64) -> u64 {
        self.traits[at] % of
    }

    /// What this API calls something.
    fn name(&self, telling: &str) -> String {
        let mut dice = Dice::new(
            telling.bytes().fold(self.seed, |sum, byte| sum.wrapping_mul(131).wrapping_add(byte.into())),
        );
        for _ in 0..10 {
            dice.below(7);
        }
        if dice.below(10) < self.telling {
            return telling.to_owned();
        }
        (0..6).map(|_| char::from(b"bcdfghklmnpqrstvwxz"[dice.below(19) as usize])).collect()
    }

    pub(crate) fn call(&self, at: u64) -> Exchange {
        let mut dice = Dice::new(self.seed * 100_003 + at * 7 + 1);
        for _ in 0..20 {
            dice.below(3);
        }
        let question = dice.text(4, 80);
        let answer = dice.text(3, 90);
        let thoughts = dice.text(20, 150);
        let tokens = |text: &str, dice: &mut Dice| match self.choose(0, 2) {
            0 => text.len() as u64 / 4 + dice.below(4) + 1,
            _ => text.split(' ').count() as u64 * 4 / 3 + dice.below(3) + 1,
        };
        let input = tokens(&question, &mut dice) + self.choose(1, 12);
        let counted = Counted {
            input,
            output: tokens(&answer, &mut dice),
            cached: if dice.below(2) == 0 { 0 } else { input * (dice.below(60) + 1) / 100 },
            thinking: tokens(&thoughts, &mut dice),
        };
        let request = self.request(&question);
        let (usage, truth) = self.usage(&counted, &question, &answer);
        let mut response = Map::new();
        self.distract(&mut response, (&question, &answer, &thoughts), at, &mut dice);
        response.extend(usage);
        let (response, content_type) = self.say(response, &answer, &thoughts);
        Exchange {
            request: request.to_string().into_bytes(),
            response,
            content_type,
            text: answer,
            usage: truth,
        }
    }

    fn request(&self, question: &str) -> Value {
        let said = match self.choose(2, 3) {
            0 => json!({self.name("prompt"): question}),
            1 => {
                json!({self.name("messages"): [{self.name("role"): "user", self.name("content"): question}]})
            }
            _ => json!({self.name("input"): {self.name("question"): question}}),
        };
        let mut request = said.as_object().cloned().unwrap_or_default();
        request.insert(self.name("model"), "brook-2".into());
        Value::from(request)
    }

    /// Counts, and what they mean.
    fn usage(&self, counted: &Counted, question: &str, answer: &str) -> (Map<String, Value>, Option<Usage>) {
        let Counted { input, output, cached, thinking } = *counted;
        let has_cached = self.choose(3, 3) == 0;
        let has_thinking = self.has_thoughts() && self.choose(4, 2) == 0;
        let cached_is_in = self.choose(5, 2) == 0;
        let thinking_is_in = self.choose(6, 2) == 0;
        let mut told = Map::new();
        let mut truth = Usage { input: Some(input), output: Some(output), ..Usage::default() };
        let (mut input_told, mut output_told, mut total) = (input, output, input + output);
        if has_cached {
            truth.cache_read = Some(cached);
            told.insert(self.name("cached_tokens"), cached.into());
            truth.input = Some(input - cached);
            if !cached_is_in {
                input_told = input - cached;
            }
        }
        if has_thinking {
            truth.reasoning = Some(thinking);
            told.insert(self.name("reasoning_tokens"), thinking.into());
            total += thinking;
            output_told += if thinking_is_in { thinking } else { 0 };
        }
        let words = if self.choose(7, 2) == 0 {
            ["input_tokens", "output_tokens", "total_tokens"]
        } else {
            ["in", "out", "sum"]
        };
        told.insert(self.name(words[0]), input_told.into());
        told.insert(self.name(words[1]), output_told.into());
        if self.choose(8, 4) != 0 {
            told.insert(self.name(words[2]), total.into());
            truth.total = Some(total);
        }
        let is_none = self.choose(9, 8) == 0;
        if is_none {
            // Letters, under the names of tokens but for their unit.
            let (sent, got) = (question.len() as u64, answer.len() as u64);
            told =
                json!({self.name("input"): sent, self.name("output"): got, self.name("total"): sent + got})
                    .as_object()
                    .cloned()
                    .unwrap_or_default();
        }
        let list: Vec<Value> = told
            .iter()
            .map(|(name, count)| json!({self.name("metric"): name, self.name("value"): count}))
            .collect();
        let placed = match self.choose(10, 4) {
            0 => told,
            1 => json!({self.name("metrics"): list}).as_object().cloned().unwrap_or_default(),
            2 => json!({self.name("meta"): {self.name("usage"): told}})
                .as_object()
                .cloned()
                .unwrap_or_default(),
            _ => json!({self.name("usage"): told}).as_object().cloned().unwrap_or_default(),
        };
        (placed, (!is_none).then_some(truth))
    }

    fn has_thoughts(&self) -> bool {
        self.choose(11, 2) == 0
    }

    /// What looks like text or counts, and is neither.
    fn distract(
        &self,
        response: &mut Map<String, Value>,
        said: (&str, &str, &str),
        at: u64,
        dice: &mut Dice,
    ) {
        let (question, answer, _) = said;
        let (sent, got) = (question.len() as u64, answer.len() as u64);
        let mut put = |wanted: bool, name: &str, value: Value| {
            if wanted {
                response.insert(self.name(name), value);
            }
        };
        let has = |at: usize| self.choose(at, 3) == 0;
        put(has(12), "request_id", dice.id().into());
        put(has(13), "echo", question.into());
        put(
            has(14),
            "log",
            format!("2026-01-0{} worker {} took the job and ended it well", at % 9 + 1, dice.below(99))
                .into(),
        );
        let times = (sent / 3 + dice.below(9), got * 3 / 2 + dice.below(30));
        put(
            has(15),
            "timings",
            json!({self.name("prefill_ms"): times.0, self.name("decode_ms"): times.1, self.name("total_ms"): times.0 + times.1}),
        );
        put(
            has(16),
            "cost",
            json!({self.name("input_cents"): sent * 3 / 4, self.name("output_cents"): got * 15 / 4, self.name("total_cents"): sent * 3 / 4 + got * 15 / 4}),
        );
        put(has(17), "seed", dice.below(400).into());
        put(has(18), "remaining_quota", (90_000 - at * 131).into());
        put(
            has(19),
            "session",
            json!({self.name("input"): 900 + at * 210, self.name("output"): 700 + at * 190, self.name("total"): 1600 + at * 400}),
        );
        put(has(20), "title", answer.split(' ').take(4).collect::<Vec<_>>().join(" ").into());
        put(
            has(21),
            "sources",
            json!([{self.name("snippet"): dice.text(20, 60)}, {self.name("snippet"): dice.text(20, 60)}]),
        );
        put(
            has(22),
            "characters",
            json!({self.name("input"): sent, self.name("output"): got, self.name("total"): sent + got}),
        );
        put(true, "finish_reason", ["stop", "length"][usize::from(dice.below(5) == 0)].into());
    }

    fn say(&self, rest: Map<String, Value>, answer: &str, thoughts: &str) -> (Vec<u8>, &'static str) {
        let (text, thought) = (self.name("text"), self.name("reasoning"));
        if self.choose(23, 4) == 0 {
            let parts = answer.split_inclusive(' ').map(|part| json!({self.name("delta"): part}));
            let thinking = thoughts.split_inclusive(' ').map(|part| json!({thought.clone(): part}));
            let thinking: Vec<Value> = if self.has_thoughts() { thinking.collect() } else { Vec::new() };
            let pieces = thinking.into_iter().chain(parts).chain([Value::from(rest)]);
            let events: String = pieces.map(|piece| format!("data: {piece}\n\n")).collect();
            return (events.into_bytes(), "text/event-stream");
        }
        let mut body = rest;
        let answer = match self.choose(1, 4) {
            0 => {
                json!([{self.name("kind"): "thought", text.clone(): thoughts}, {self.name("kind"): "answer", text: answer}])
            }
            1 => json!({text: answer}),
            2 => json!([{self.name("index"): 0, text: answer}]),
            _ => answer.into(),
        };
        if self.has_thoughts() {
            body.insert(thought, thoughts.into());
        }
        body.insert(self.name("answer"), answer);
        (Value::from(body).to_string().into_bytes(), "application/json")
    }
}
