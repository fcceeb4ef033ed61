//! Counts of tokens: from where they stand to classes that don't overlap, or nothing.

use gatehouse_types::Usage;

use crate::mapping::document::{Identity, UsageMapping};
use crate::mapping::path::Path;
use crate::mapping::tree::Node;

/// What the places of counts say.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::mapping) enum Counted {
    /// Counts that hold together.
    Usage(Box<Usage>),
    /// Counts that violate what holds between them.
    Violated,
    /// Counts are missing.
    Nothing,
}

/// Returns the count at a path that leads to exactly one.
pub(in crate::mapping) fn at(path: &Path, node: &Node) -> Option<u64> {
    let (mut found, mut nodes) = (None, 0_usize);
    path.visit(node, &mut |node| {
        nodes += 1;
        found = node.count();
    });
    found.filter(|_| nodes == 1)
}

impl UsageMapping {
    /// Returns the counts, each read by `at`.
    pub(in crate::mapping) fn read(&self, at: &dyn Fn(&Path) -> Option<u64>) -> Counted {
        let count = |path: &Option<Path>| path.as_ref().and_then(at);
        let lacks = |path: &Option<Path>| path.is_some() && count(path).is_none();
        if lacks(&self.input) || lacks(&self.output) || lacks(&self.total) {
            return Counted::Nothing;
        }
        let usage = Usage {
            input: count(&self.input),
            output: count(&self.output),
            total: count(&self.total),
            cache_read: count(&self.cached),
            reasoning: count(&self.reasoning),
            ..Usage::default()
        };
        let is_news = self.zero.iter().any(|path| at(path).is_some_and(|count| count > 0));
        if is_news || !self.holds_for(&usage) {
            return Counted::Violated;
        }
        self.in_classes(usage).map_or(Counted::Violated, |usage| Counted::Usage(Box::new(usage)))
    }

    fn holds_for(&self, usage: &Usage) -> bool {
        let Some(identity) = self.identity else { return true };
        let third = match identity {
            Identity::InputOutput => None,
            Identity::InputOutputReasoning => usage.reasoning,
            Identity::InputCachedOutput => usage.cache_read,
        };
        let sum = [usage.input, usage.output, third].into_iter().flatten().fold(0, u64::saturating_add);
        usage.total == Some(sum)
    }

    /// Returns the counts with what is in two of them taken out of one; `None` when there is less than that.
    fn in_classes(&self, usage: Usage) -> Option<Usage> {
        let difference = |known: Option<u64>| match (usage.total, known) {
            (Some(total), Some(known)) => total.checked_sub(known).map(Some),
            _ => Some(None),
        };
        let input = if self.input.is_some() { usage.input } else { difference(usage.output)? };
        let output = if self.output.is_some() { usage.output } else { difference(usage.input)? };
        let without = |whole: Option<u64>, part: Option<u64>, includes: bool| match (whole, part) {
            (Some(whole), Some(part)) if includes => whole.checked_sub(part).map(Some),
            (whole, _) => Some(whole),
        };
        Some(Usage {
            input: without(input, usage.cache_read, self.input_includes_cached)?,
            output: without(output, usage.reasoning, self.output_includes_reasoning)?,
            ..usage
        })
    }
}
