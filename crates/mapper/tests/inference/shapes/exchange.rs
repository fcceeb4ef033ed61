//! A call in the shape of an API, and what a reader who knows the API would say of it.

use serde_json::Value;

use super::scene::Scene;

/// Request and answer as their bytes, and what they mean.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) path: String,
    pub(crate) request: Vec<u8>,
    pub(crate) response: Vec<u8>,
    pub(crate) content_type: &'static str,
    pub(crate) truth: Truth,
}

/// What a reader who knows the API reads.
#[derive(Clone, Default, Debug)]
pub(crate) struct Truth {
    /// What may be called the text of the answer. More than one where people would disagree.
    pub(crate) texts: Vec<String>,
    /// Who said what before; the role in the words of most APIs.
    pub(crate) messages: Vec<(&'static str, String)>,
    /// The input tokens that the provider states, whether cached ones are among them or not.
    pub(crate) input: Option<u64>,
    /// The output tokens that the provider states, whether thoughts are among them or not.
    pub(crate) output: Option<u64>,
    /// The part of the input that came from a cache, and whether `input` has it in it.
    pub(crate) cached: Option<Part>,
    /// The part of the output that was thought, and whether `output` has it in it.
    pub(crate) reasoning: Option<Part>,
    /// The sum of tokens that the provider states.
    pub(crate) total: Option<u64>,
    /// The names of the model: as asked for, as answered.
    pub(crate) models: Vec<String>,
    /// Why the answer ended: in the provider's word, and in the word of most APIs.
    pub(crate) finish: Option<(String, &'static str)>,
}

/// A count that belongs to a larger one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) count: u64,
    pub(crate) is_included: bool,
}

impl Exchange {
    /// Returns a call with JSON both ways. The truth begins with the answer's text and the turns.
    pub(crate) fn json(scene: &Scene, path: &str, request: &Value, response: &Value) -> Self {
        Self::bytes(scene, path, request, ("application/json", response.to_string().into_bytes()))
    }

    /// Returns a call that is answered with server-sent events: the name of each, and its data.
    pub(crate) fn events(scene: &Scene, path: &str, request: &Value, events: &[(&str, String)]) -> Self {
        let mut body = String::new();
        for (name, data) in events {
            if !name.is_empty() {
                body.push_str(&format!("event: {name}\n"));
            }
            body.push_str(&format!("data: {data}\n\n"));
        }
        Self::bytes(scene, path, request, ("text/event-stream", body.into_bytes()))
    }

    /// Returns a call that is answered with lines of JSON.
    pub(crate) fn lines(scene: &Scene, path: &str, request: &Value, lines: &[Value]) -> Self {
        let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
        Self::bytes(scene, path, request, ("application/x-ndjson", body.into_bytes()))
    }

    /// Returns a call that is answered with these bytes of this type.
    pub(crate) fn bytes(
        scene: &Scene,
        path: &str,
        request: &Value,
        (content_type, response): (&'static str, Vec<u8>),
    ) -> Self {
        let spoken = scene.dialogue("user", "assistant").into_iter();
        let messages = spoken
            .map(|(speaker, text)| (if speaker == "user" { "user" } else { "assistant" }, text.to_owned()));
        let truth =
            Truth { texts: vec![scene.answer.clone()], messages: messages.collect(), ..Truth::default() };
        let request = request.to_string().into_bytes();
        Self { path: path.to_owned(), request, response, content_type, truth }
    }

    /// The provider tells input and output.
    pub(crate) const fn counts(mut self, input: u64, output: u64) -> Self {
        self.truth.input = Some(input);
        self.truth.output = Some(output);
        self
    }

    /// The provider tells the sum.
    pub(crate) const fn total(mut self, total: u64) -> Self {
        self.truth.total = Some(total);
        self
    }

    /// The provider tells how much of the input was cached.
    pub(crate) const fn cached(mut self, count: u64, is_included: bool) -> Self {
        self.truth.cached = Some(Part { count, is_included });
        self
    }

    /// The provider tells how much of the output was thought.
    pub(crate) const fn reasoning(mut self, count: u64, is_included: bool) -> Self {
        self.truth.reasoning = Some(Part { count, is_included });
        self
    }

    /// Request or answer names the model.
    pub(crate) fn model(mut self, name: &str) -> Self {
        self.truth.models.push(name.to_owned());
        self
    }

    /// The answer tells why it ended.
    pub(crate) fn finish(mut self, word: &str, meaning: &'static str) -> Self {
        self.truth.finish = Some((word.to_owned(), meaning));
        self
    }

    /// The request holds one text rather than a dialogue.
    pub(crate) fn prompt(mut self, text: &str) -> Self {
        self.truth.messages = vec![("user", text.to_owned())];
        self
    }

    /// The request holds the instruction, too.
    pub(crate) fn instructed(mut self, instruction: &str) -> Self {
        self.truth.messages.insert(0, ("system", instruction.to_owned()));
        self
    }

    /// People would call this the text, too.
    pub(crate) fn or_text(mut self, text: String) -> Self {
        self.truth.texts.push(text);
        self
    }

    /// There is no text in the answer.
    pub(crate) fn without_text(mut self) -> Self {
        self.truth.texts = vec![String::new()];
        self
    }
}
