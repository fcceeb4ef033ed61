//! How often guards were asked, and what came of it.

use std::sync::atomic::{AtomicU64, Ordering};

use gatehouse_config::GuardWhen;
use gatehouse_types::GuardUse;

use super::NOTHING_SAID;

const NAME: &str = "gatehouse_guard_answers_total";
const KINDS: [GuardWhen; 3] = [GuardWhen::Moderation, GuardWhen::Security, GuardWhen::Always];
/// What may come of asking, in the order of [`answer_of`].
const ANSWERS: [&str; 4] = ["allowed", "denied", "failed", "skipped"];

/// Counts by kind of guard and by what came of asking.
#[derive(Debug, Default)]
pub(crate) struct GuardCounts([[AtomicU64; ANSWERS.len()]; KINDS.len()]);

impl GuardCounts {
    /// Counts what guards said to one call.
    pub(crate) fn count(&self, uses: &[GuardUse]) {
        for used in uses {
            let kind = KINDS.iter().position(|kind| kind.as_str() == used.kind);
            let answers = kind.and_then(|kind| self.0.get(kind));
            if let Some(count) = answers.and_then(|answers| answers.get(answer_of(used))) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Appends the counts to `out` in the Prometheus text format.
    pub(crate) fn render(&self, out: &mut String) {
        let mut text = format!("# HELP {NAME} Questions to guards.\n# TYPE {NAME} counter\n");
        for (kind, answers) in KINDS.iter().zip(&self.0) {
            for (answer, count) in ANSWERS.iter().zip(answers) {
                let (kind, count) = (kind.as_str(), count.load(Ordering::Relaxed));
                text.push_str(&format!("{NAME}{{kind=\"{kind}\",answer=\"{answer}\"}} {count}\n"));
            }
        }
        out.push_str(&text);
    }
}

/// Returns the index into [`ANSWERS`]; only refusals and what could not be asked have a reason.
fn answer_of(used: &GuardUse) -> usize {
    match used.reason.as_deref() {
        _ if used.is_denied => 1,
        None => 0,
        Some(NOTHING_SAID) => 3,
        Some(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_kind_and_answer() {
        let used = |kind: &str, is_denied, reason: Option<&str>| GuardUse {
            kind: kind.to_owned(),
            is_denied,
            reason: reason.map(str::to_owned),
            ..GuardUse::default()
        };
        let counts = GuardCounts::default();
        counts.count(&[
            used("security", false, None),
            used("security", true, Some("bad")),
            used("always", true, None),
            used("moderation", false, Some("could not be asked: away")),
            used("moderation", false, Some(NOTHING_SAID)),
            used("unheard of", true, None),
        ]);
        let mut text = String::new();
        counts.render(&mut text);
        for line in [
            "{kind=\"security\",answer=\"allowed\"} 1",
            "{kind=\"security\",answer=\"denied\"} 1",
            "{kind=\"always\",answer=\"denied\"} 1",
            "{kind=\"moderation\",answer=\"failed\"} 1",
            "{kind=\"moderation\",answer=\"skipped\"} 1",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert_eq!(text.matches("} 1\n").count(), 5);
    }
}
