//! What was read against what is true, field by field.

use std::fmt::Write as _;

use gatehouse_mapper::mapping::Mapped;
use gatehouse_types::Usage;

use crate::shapes::exchange::{Part, Truth};

/// How a field was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Right,
    Wrong,
    /// It is there and was not read.
    Missing,
    /// It is not there, and nothing was read.
    Absent,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aspect {
    Text,
    Input,
    Output,
    Cached,
    Reasoning,
    Total,
    Messages,
    Model,
    Finish,
}

impl Aspect {
    pub(crate) const ALL: [Self; 9] = [
        Self::Text,
        Self::Input,
        Self::Output,
        Self::Cached,
        Self::Reasoning,
        Self::Total,
        Self::Messages,
        Self::Model,
        Self::Finish,
    ];

    /// The counts.
    pub(crate) const USAGE: [Self; 5] =
        [Self::Input, Self::Output, Self::Cached, Self::Reasoning, Self::Total];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Input => "input tokens",
            Self::Output => "output tokens",
            Self::Cached => "cached tokens",
            Self::Reasoning => "reasoning tokens",
            Self::Total => "total tokens",
            Self::Messages => "messages, prompt, system",
            Self::Model => "model",
            Self::Finish => "reason of the end",
        }
    }

    /// Returns how this was read.
    pub(crate) fn reading(self, mapped: &Mapped, truth: &Truth) -> Reading {
        let usage = mapped.usage.unwrap_or_default();
        match self {
            Self::Text => {
                let expected: Vec<&str> = truth.texts.iter().map(String::as_str).collect();
                any_of(mapped.text.as_deref().filter(|text| !text.is_empty()), &expected)
            }
            Self::Input => whole(usage.input, usage.cache_read, truth.input, truth.cached),
            Self::Output => whole(usage.output, usage.reasoning, truth.output, truth.reasoning),
            Self::Cached => count(usage.cache_read, truth.cached.map(|part| part.count)),
            Self::Reasoning => count(usage.reasoning, truth.reasoning.map(|part| part.count)),
            Self::Total => total(&usage, truth),
            Self::Messages => messages(mapped, truth),
            Self::Model => {
                let expected: Vec<&str> = truth.models.iter().map(String::as_str).collect();
                any_of(mapped.model.as_deref(), &expected)
            }
            Self::Finish => {
                let expected = truth.finish.as_ref().map(|(word, meaning)| vec![word.as_str(), *meaning]);
                any_of(mapped.finish.as_deref(), &expected.unwrap_or_default())
            }
        }
    }
}

/// Reads a string that may be any of some; none of them, or an empty one, means that nothing is to be read.
fn any_of(read: Option<&str>, expected: &[&str]) -> Reading {
    match read {
        None if expected.iter().all(|text| text.is_empty()) => Reading::Absent,
        None => Reading::Missing,
        Some(read) if expected.contains(&read) => Reading::Right,
        Some(_) => Reading::Wrong,
    }
}

fn count(read: Option<u64>, expected: Option<u64>) -> Reading {
    match (read, expected) {
        (None, None) => Reading::Absent,
        (None, Some(_)) => Reading::Missing,
        (Some(read), Some(expected)) if read == expected => Reading::Right,
        (Some(_), _) => Reading::Wrong,
    }
}

/// Reads a count of which a part may be told apart: classes don't overlap, so that it is lessened by the part,
/// but only by one that was read.
fn whole(read: Option<u64>, part: Option<u64>, stated: Option<u64>, of_it: Option<Part>) -> Reading {
    let of_it = of_it.filter(|of_it| of_it.is_included && part.is_some());
    count(read, stated.map(|stated| stated - of_it.map_or(0, |of_it| of_it.count)))
}

/// Reads the sum; one that is not told may be told if it is that of all that is.
fn total(usage: &Usage, truth: &Truth) -> Reading {
    let apart = |part: Option<Part>| part.filter(|part| !part.is_included).map_or(0, |part| part.count);
    let sum = truth.input.zip(truth.output);
    let sum = sum.map(|(input, output)| input + output + apart(truth.cached) + apart(truth.reasoning));
    match count(usage.total, truth.total) {
        Reading::Wrong if truth.total.is_none() && usage.total == sum => Reading::Right,
        reading => reading,
    }
}

fn messages(mapped: &Mapped, truth: &Truth) -> Reading {
    let system = mapped.system.iter().map(|text| (Some("system"), text.as_str()));
    let dialogue = mapped.messages.iter().map(|message| (message.role.as_deref(), message.content.as_str()));
    let prompt = mapped.prompt.iter().map(|text| (Some("user"), text.as_str()));
    let read: Vec<_> = system.chain(dialogue).chain(prompt).collect();
    let expected: Vec<_> = truth.messages.iter().map(|(role, text)| (Some(*role), text.as_str())).collect();
    match read {
        read if read == expected => Reading::Right,
        read if read.is_empty() => Reading::Missing,
        _ => Reading::Wrong,
    }
}

/// How often a field was read how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) right: u64,
    pub(crate) wrong: u64,
    pub(crate) missing: u64,
    pub(crate) absent: u64,
}

impl Tally {
    fn add(&mut self, reading: Reading) {
        match reading {
            Reading::Right => self.right += 1,
            Reading::Wrong => self.wrong += 1,
            Reading::Missing => self.missing += 1,
            Reading::Absent => self.absent += 1,
        }
    }

    pub(crate) const fn all(&self) -> u64 {
        self.right + self.wrong + self.missing + self.absent
    }

    /// Returns how many in a hundred are right, or rightly absent.
    pub(crate) fn percent_right(&self) -> f64 {
        100.0 * (self.right + self.absent) as f64 / self.all().max(1) as f64
    }

    /// Returns how many in a hundred are wrong.
    pub(crate) fn percent_wrong(&self) -> f64 {
        100.0 * self.wrong as f64 / self.all().max(1) as f64
    }
}

/// How every field was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Confusion([Tally; Aspect::ALL.len()]);

impl Confusion {
    /// Adds what was read of one call.
    pub(crate) fn add(&mut self, mapped: &Mapped, truth: &Truth) {
        for (tally, aspect) in self.0.iter_mut().zip(Aspect::ALL) {
            tally.add(aspect.reading(mapped, truth));
        }
    }

    /// Adds what was read of other calls.
    pub(crate) fn join(&mut self, other: &Self) {
        for (tally, other) in self.0.iter_mut().zip(other.0) {
            tally.right += other.right;
            tally.wrong += other.wrong;
            tally.missing += other.missing;
            tally.absent += other.absent;
        }
    }

    pub(crate) fn of(&self, aspect: Aspect) -> Tally {
        self.0[Aspect::ALL.iter().position(|one| *one == aspect).unwrap()]
    }

    /// Returns the tally of all counts.
    pub(crate) fn usage(&self) -> Tally {
        let mut sum = Tally::default();
        for tally in Aspect::USAGE.map(|aspect| self.of(aspect)) {
            sum.right += tally.right;
            sum.wrong += tally.wrong;
            sum.missing += tally.missing;
            sum.absent += tally.absent;
        }
        sum
    }

    /// Returns the table of all fields, as Markdown.
    pub(crate) fn table(&self) -> String {
        let mut table =
            "| field | right | wrong | missing | rightly absent |\n|---|---:|---:|---:|---:|\n".to_owned();
        for aspect in Aspect::ALL {
            let Tally { right, wrong, missing, absent } = self.of(aspect);
            writeln!(table, "| {} | {right} | {wrong} | {missing} | {absent} |", aspect.name()).unwrap();
        }
        table
    }
}
