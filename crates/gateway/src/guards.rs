//! Guards: whoever is asked about what a call says before the call is made.
//!
//! A caller asks for them with `Helicone-Moderations-Enabled` and `Helicone-LLM-Security-Enabled`, the operator
//! with `[[guards]]`. Who asks for a guard gets one or no call: what can't be asked refuses, unless the
//! guard's `on_error` says otherwise.

mod ask;
mod counts;
mod refusal;
mod roster;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use bytes::Bytes;
use gatehouse_config::GuardError;
use gatehouse_types::{GuardUse, RequestId};
use gatehouse_wire::guards::GuardVerdict;
use gatehouse_wire::last_message::{LastMessage, Unreadable, last_message};
use gatehouse_wire::{Ending, decode};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use tokio::time::Instant;

use crate::headers;
use crate::targets::Target;
use crate::upload::HeldBody;
use ask::AskError;
pub(crate) use ask::Askers;
pub(crate) use counts::GuardCounts;
pub(crate) use refusal::{Denied, GuardRefusal};
pub(crate) use roster::Roster;
pub use roster::RosterError;
use roster::{Guard, How};

/// The longest that all guards together may take.
const OVERALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Bodies larger than this are read beside the runtime.
const READ_HERE_BYTES: usize = 64 << 10;
/// The note on a guard that there was nothing to ask.
const NOTHING_SAID: &str = "the call says nothing that guards are shown";
/// How much of a guard's reason is passed on and kept.
const REASON_CHARS: usize = 500;

/// Which guards a caller asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// `Helicone-Moderations-Enabled`.
    pub(crate) moderation: bool,
    /// `Helicone-LLM-Security-Enabled`.
    pub(crate) security: bool,
    /// `Helicone-LLM-Security-Advanced`.
    pub(crate) advanced: bool,
}

/// A call about which guards are asked.
pub(crate) struct Question<'a> {
    pub(crate) request_id: RequestId,
    pub(crate) target: &'a Target,
    /// The headers that the provider will see: the provider's own key, whoever put it there.
    pub(crate) headers: &'a HeaderMap,
    /// The most bytes that the body may have once it is unpacked.
    pub(crate) max_body_bytes: u64,
    pub(crate) user_id: Option<&'a str>,
    pub(crate) properties: &'a [(String, String)],
    pub(crate) wanted: Wanted,
}

/// A whole body as a provider may get it, and how it is packed.
pub(crate) struct Packed {
    encoding: Option<String>,
    bytes: Bytes,
}

impl Packed {
    /// Returns the body that goes out with these headers.
    pub(crate) fn new(headers: &HeaderMap, body: &HeldBody) -> Self {
        Self { encoding: headers.get(CONTENT_ENCODING).map(headers::text), bytes: body.bytes().clone() }
    }
}

/// Asks every guard that is due, one after the other, about each of the bodies that says something else, and
/// returns what they said.
///
/// # Errors
/// Fails with the first refusal: of a guard, or of one that could not be asked and lets nothing pass.
///
/// # Cancellation
/// Dropping the future ends the question that is under way.
pub(crate) async fn check(
    askers: &Askers,
    roster: &Roster,
    question: &Question<'_>,
    bodies: impl Iterator<Item = Packed>,
) -> Result<Vec<GuardUse>, Denied> {
    let due = roster.due(question.wanted, question.target)?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let asking = Asking { askers, question, due, last_moment: Instant::now() + OVERALL_TIMEOUT };
    let (mut uses, mut asked, hasher) = (Vec::new(), Vec::new(), RandomState::new());
    for body in bodies {
        let found = match read(body, question.max_body_bytes).await {
            Ok(message) if message.text.is_none() => Ok(()),
            Ok(message) => {
                let said = hasher.hash_one((&message.text, &message.model));
                if asked.contains(&said) {
                    continue;
                }
                asked.push(said);
                asking.about(&message, &mut uses).await
            }
            Err(Unreadable) => asking.unreadable(&mut uses),
        };
        if let Err(refusal) = found {
            return Err(Denied { refusal, uses });
        }
    }
    if uses.is_empty() {
        uses.extend(asking.due.iter().map(|guard| guard.used(false, Some(NOTHING_SAID))));
    }
    Ok(uses)
}

/// Guards that are asked about one call.
struct Asking<'a> {
    askers: &'a Askers,
    question: &'a Question<'a>,
    due: Vec<&'a Guard>,
    last_moment: Instant,
}

impl Asking<'_> {
    /// Asks everybody about a message.
    ///
    /// # Errors
    /// Fails with the first refusal.
    async fn about(&self, message: &LastMessage, uses: &mut Vec<GuardUse>) -> Result<(), GuardRefusal> {
        let text = message.text.as_deref().unwrap_or_default();
        for guard in &self.due {
            let began = Instant::now();
            let deadline = self.last_moment.min(began + guard.timeout);
            let asking = self.askers.ask(guard, self.question, text, message.model.as_deref());
            let answer = tokio::time::timeout_at(deadline, asking).await.unwrap_or(Err(AskError::TimedOut));
            let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            let (mut used, refusal) = judge(guard, answer);
            used.took_us = took_us;
            uses.push(used);
            refusal.map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    /// Notes that nobody can be asked about a body.
    ///
    /// # Errors
    /// Fails where that refuses the call.
    fn unreadable(&self, uses: &mut Vec<GuardUse>) -> Result<(), GuardRefusal> {
        let note = |guard: &Guard| guard.used(false, Some("could not be asked: the body can't be read"));
        uses.extend(self.due.iter().map(|guard| note(guard)));
        match self.due.iter().any(|guard| guard.on_error == GuardError::Deny) {
            true => Err(GuardRefusal::Unreadable),
            false => Ok(()),
        }
    }
}

/// Decides by a guard's answer.
fn judge(guard: &Guard, answer: Result<GuardVerdict, AskError>) -> (GuardUse, Option<GuardRefusal>) {
    match answer {
        Ok(verdict) => {
            let details = details(&verdict);
            // A reason in the log says why a call was refused, or why nobody could be asked.
            let said = (!verdict.allow && !details.is_empty()).then_some(details.as_str());
            let used = guard.used(!verdict.allow, said);
            let refusal = (!verdict.allow).then(|| GuardRefusal::by(guard, details));
            (used, refusal)
        }
        Err(error) => {
            tracing::warn!(guard = guard.name, %error, "a guard could not be asked");
            let used = guard.used(false, Some(&format!("could not be asked: {error}")));
            let refusal = (guard.on_error == GuardError::Deny).then(|| error.refusal(guard));
            (used, refusal)
        }
    }
}

/// Reads what a body says; a large or packed one beside the runtime.
async fn read(packed: Packed, max_body_bytes: u64) -> Result<LastMessage, Unreadable> {
    let Packed { encoding, bytes: body } = packed;
    if encoding.is_none() && body.len() <= READ_HERE_BYTES {
        return last_message(&body);
    }
    let most = usize::try_from(max_body_bytes).unwrap_or(usize::MAX);
    let reading = tokio::task::spawn_blocking(move || {
        let decoded = decode(encoding.as_deref(), &body, most);
        // What comes after the end that could be read is the provider's to see, and nobody else's.
        if decoded.ending == Ending::Whole { last_message(&decoded.bytes) } else { Err(Unreadable) }
    });
    reading.await.unwrap_or(Err(Unreadable))
}

/// Returns a guard's reason and categories as one short line.
fn details(verdict: &GuardVerdict) -> String {
    let reason = verdict.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let categories = verdict.categories.join(", ");
    let line = match (reason, categories.is_empty()) {
        (Some(reason), true) => reason.to_owned(),
        (Some(reason), false) => format!("{reason} ({categories})"),
        (None, _) => categories,
    };
    line.chars().take(REASON_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl Guard {
    fn used(&self, is_denied: bool, reason: Option<&str>) -> GuardUse {
        GuardUse {
            name: self.name.clone(),
            kind: self.when.as_str().to_owned(),
            is_denied,
            reason: reason.map(str::to_owned),
            took_us: 0,
        }
    }
}

#[cfg(test)]
mod tests;
