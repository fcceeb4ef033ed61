//! The fields of a table, taken one by one, with every problem noted.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::nearest::nearest;
use crate::raw::{Entry, Node, Raw, shown_text};
use crate::units;

/// What a text has to look like.
pub(super) struct Form {
    pub(super) expected: &'static str,
    pub(super) fits: fn(&str) -> bool,
    /// Whether messages must not repeat it.
    pub(super) is_secret: bool,
}

/// A table that is being read.
pub(super) struct Fields<'a> {
    offset: usize,
    entries: &'a [Entry],
    problems: Vec<(usize, String)>,
}

impl<'a> Fields<'a> {
    /// Begins to read; a field whose name is not among `names` is a problem.
    pub(super) fn new(offset: usize, entries: &'a [Entry], names: &[&str]) -> Self {
        let unknown = entries.iter().filter(|entry| !names.contains(&entry.key.as_str()));
        let problems = unknown.map(|entry| {
            let remedy = match nearest(&entry.key, names.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => {
                    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                    format!("the fields are {}", names.join(", "))
                }
            };
            (entry.offset, format!("unknown field {}; {remedy}", shown_text(&entry.key)))
        });
        Self { offset, entries, problems: problems.collect() }
    }

    /// Takes a text, if it is there and as it should be.
    pub(super) fn text(&mut self, name: &str, form: &Form) -> Option<String> {
        let node = self.find(name)?;
        match &node.raw {
            Raw::Text(text) if (form.fits)(text) => return Some(text.clone()),
            Raw::Text(_) if form.is_secret => {
                self.complain(node.offset, name, "not as it should be", form.expected)
            }
            raw if form.is_secret => self.complain(node.offset, name, raw.kind(), form.expected),
            raw => self.complain(node.offset, name, &raw.shown(), form.expected),
        }
        None
    }

    /// Takes one of several names, if it is there.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let node = self.find(name)?;
        let chosen = match &node.raw {
            Raw::Text(text) => choices.iter().find(|(choice, _)| choice == text),
            _ => None,
        };
        if chosen.is_none() {
            let names: Vec<_> = choices.iter().map(|(choice, _)| format!("\"{choice}\"")).collect();
            self.complain(node.offset, name, &node.raw.shown(), &format!("one of {}", names.join(", ")));
        }
        chosen.map(|(_, value)| *value)
    }

    /// Takes a duration, if it is there and within `range`.
    pub(super) fn time(&mut self, name: &str, range: RangeInclusive<Duration>) -> Option<Duration> {
        let node = self.find(name)?;
        let time = match &node.raw {
            Raw::Text(text) => units::read_duration(text).filter(|time| range.contains(time)),
            _ => None,
        };
        if time.is_none() {
            let (least, most) = (units::write_duration(*range.start()), units::write_duration(*range.end()));
            let expected = format!("a duration from {least} to {most}, such as \"500ms\"");
            self.complain(node.offset, name, &node.raw.shown(), &expected);
        }
        time
    }

    /// Notes a problem if the field is not there.
    pub(super) fn require(&mut self, name: &str, expected: &str) {
        if self.find(name).is_none() {
            self.problems.push((self.offset, format!("`{name}` is missing; expected {expected}")));
        }
    }

    /// Notes a problem if the field is there, which `reason` forbids.
    pub(super) fn exclude(&mut self, name: &str, reason: &str) {
        if let Some(node) = self.find(name) {
            self.problems.push((node.offset, format!("`{name}` has no meaning where {reason}")));
        }
    }

    /// Notes a problem if the field `name` is there without the field `other`.
    pub(super) fn accompany(&mut self, name: &str, other: &str) {
        if let (Some(node), None) = (self.find(name), self.find(other)) {
            self.problems.push((node.offset, format!("`{name}` needs a `{other}`")));
        }
    }

    /// Returns everything that is wrong.
    pub(super) fn into_problems(self) -> Vec<(usize, String)> {
        self.problems
    }

    fn find(&self, name: &str) -> Option<&'a Node> {
        self.entries.iter().find(|entry| entry.key == name).map(|entry| &entry.value)
    }

    fn complain(&mut self, offset: usize, name: &str, found: &str, expected: &str) {
        self.problems.push((offset, format!("`{name}` is {found}; expected {expected}")));
    }
}
