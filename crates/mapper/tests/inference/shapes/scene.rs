//! A call before any API gave it a shape: who said what, and how many tokens that was.

use super::random::Random;
use super::texts::Language;

/// What happens in one call.
pub(crate) struct Scene {
    pub(crate) random: Random,
    pub(crate) language: Language,
    /// The how manyth call of the API this is.
    pub(crate) number: u64,
    /// What the model was told to be.
    pub(crate) instruction: String,
    /// What caller and model said in turn; the caller has the first and the last word.
    pub(crate) turns: Vec<String>,
    pub(crate) thought: String,
    pub(crate) answer: String,
    /// Whether the answer stopped at the most tokens that were allowed.
    pub(crate) is_cut: bool,
    /// Tokens of instruction, turns and what the provider itself puts before them.
    pub(crate) input: u64,
    /// How many of them came from a cache.
    pub(crate) cached: u64,
    /// Tokens of the answer.
    pub(crate) output: u64,
    /// Tokens of the thought.
    pub(crate) thinking: u64,
}

impl Scene {
    /// Returns a call to an API; the same two numbers always give the same call.
    pub(crate) fn new(language: Language, seed: u64, number: u64) -> Self {
        let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let instruction = {
            let sentences = random.between(1, 2);
            language.text(&mut random, sentences)
        };
        let turns: Vec<_> = (0..1 + 2 * random.between(0, 2))
            .map(|_| {
                let sentences = random.between(1, 5);
                language.text(&mut random, sentences)
            })
            .collect();
        let (sentences, thoughts) = (random.between(1, 9), random.between(2, 9));
        let answer = language.text(&mut random, sentences);
        let thought = language.text(&mut random, thoughts);
        let said = format!("{instruction}{}", turns.concat());
        let input = language.tokens(&mut random, &said) + 11 + 4 * turns.len() as u64;
        let cached = if random.happens(55) { input * random.between(20, 80) / 100 } else { 0 };
        let output = language.tokens(&mut random, &answer) + 1;
        let thinking = language.tokens(&mut random, &thought) + 2;
        let is_cut = random.happens(20);
        let number = number + 1;
        Self {
            random,
            language,
            number,
            instruction,
            turns,
            thought,
            answer,
            is_cut,
            input,
            cached,
            output,
            thinking,
        }
    }

    /// Returns what the caller said last.
    pub(crate) fn question(&self) -> String {
        self.turns.last().cloned().unwrap_or_default()
    }

    /// Returns the turns with the name of who spoke.
    pub(crate) fn dialogue<'a>(&'a self, caller: &'a str, model: &'a str) -> Vec<(&'a str, &'a str)> {
        let speakers = [caller, model].into_iter().cycle();
        speakers.zip(&self.turns).map(|(speaker, text)| (speaker, text.as_str())).collect()
    }

    /// Returns a text of up to `most` sentences that is nobody's words.
    pub(crate) fn aside(&mut self, most: u64) -> String {
        let sentences = self.random.between(1, most);
        self.language.text(&mut self.random, sentences)
    }

    /// Returns texts that were found for the caller, each longer than most answers.
    pub(crate) fn passages(&mut self) -> Vec<String> {
        let count = self.random.between(2, 5);
        (0..count)
            .map(|_| {
                let sentences = self.random.between(6, 14);
                self.language.text(&mut self.random, sentences)
            })
            .collect()
    }

    /// Returns how long the model took, which is the longer the more it said.
    pub(crate) fn duration_ms(&mut self) -> u64 {
        180 + self.output * 21 + self.random.between(0, 240)
    }

    /// Returns `text` in pieces of a few characters, as a stream brings it.
    pub(crate) fn pieces(&mut self, text: &str) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        let mut pieces = Vec::new();
        let mut rest = characters.as_slice();
        while !rest.is_empty() {
            let length = usize::try_from(self.random.between(2, 14)).unwrap();
            let (piece, others) = rest.split_at(length.min(rest.len()));
            pieces.push(piece.iter().collect());
            rest = others;
        }
        pieces
    }

    /// Returns the time of the call in seconds since 1970.
    pub(crate) fn at(&self) -> u64 {
        1_795_400_000 + self.number * 137
    }
}
