//! The TXT records that approve domains: looked up when somebody asks, and from time to time.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};
use gatehouse_api::Control;
use gatehouse_api::control::CheckError;
use gatehouse_api::domains::{DomainVerifier, Verification};
use gatehouse_store::audit::Actor;
use gatehouse_store::domains::{ApprovedBy, Domain, DomainId, VERIFICATION_RECORD};
use gatehouse_types::{Clock as _, SystemClock, Timestamp};
use gatehouse_upstream::{Resolver, TxtError};

/// How long a look-up without an answer waits at most for the next one.
const LONGEST_RETRY: Duration = Duration::from_hours(1);
/// How often it is seen at least which domains are due.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How many look-ups run at once.
const PARALLEL: usize = 8;

/// Looks records up at the domain itself, and at the operator's domains above it.
pub(crate) struct RecordVerifier {
    resolver: Arc<Resolver>,
    parents: Vec<String>,
}

impl RecordVerifier {
    /// Returns a verifier for which a record at one of `parents` approves what is below it.
    pub(crate) const fn new(resolver: Arc<Resolver>, parents: Vec<String>) -> Self {
        Self { resolver, parents }
    }

    async fn look_up(&self, domain: &str) -> Verification {
        let is_below = |parent: &&String| {
            domain.strip_suffix(parent.as_str()).is_some_and(|labels| labels.ends_with('.'))
        };
        let parents = self.parents.iter().filter(is_below).map(String::as_str);
        let names: Vec<&str> = std::iter::once(domain).chain(parents).collect();
        let answers = join_all(names.iter().map(|name| self.resolver.txt(name))).await;
        conclude(names.into_iter().zip(answers))
    }
}

impl DomainVerifier for RecordVerifier {
    fn verify<'a>(&'a self, domain: &'a str) -> Pin<Box<dyn Future<Output = Verification> + Send + 'a>> {
        Box::pin(self.look_up(domain))
    }
}

/// Returns what the answers for some names say together: one record is enough, and only a record that nobody has
/// is missing.
fn conclude<'a>(answers: impl Iterator<Item = (&'a str, Result<Vec<String>, TxtError>)>) -> Verification {
    let (mut missing, mut unavailable) = (Vec::new(), Vec::new());
    for (name, answer) in answers {
        match answer {
            Ok(texts) if texts.iter().any(|text| text.trim() == VERIFICATION_RECORD) => {
                return Verification::Found { name: name.to_owned() };
            }
            Ok(texts) if texts.len() == 1 => {
                missing.push(format!("the TXT record of `{name}` is another one"))
            }
            Ok(texts) => missing.push(format!("the {} TXT records of `{name}` are others", texts.len())),
            Err(error) if error.is_permanent() => missing.push(format!("`{name}`: {error}")),
            Err(error) => unavailable.push(format!("`{name}`: {error}")),
        }
    }
    if unavailable.is_empty() {
        let explanation = format!("no TXT record `{VERIFICATION_RECORD}` was found: {}", missing.join("; "));
        Verification::Missing { explanation }
    } else {
        let explanation = format!("the TXT record could not be looked up: {}", unavailable.join("; "));
        Verification::Unavailable { explanation }
    }
}

/// Looks the record of every domain that one approved up again once in `interval`, for as long as it is awaited.
pub(crate) async fn recheck(control: Arc<Control>, interval: Duration) {
    let mut recheck = Recheck { control, interval, retries: HashMap::new() };
    let mut look = tokio::time::interval((interval / 4).min(LONGEST_PAUSE));
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        recheck.check_due().await;
    }
}

struct Recheck {
    control: Arc<Control>,
    interval: Duration,
    /// When domains whose look-up had no answer are due again.
    retries: HashMap<DomainId, Timestamp>,
}

impl Recheck {
    /// Checks the domains that are due, those that were not checked for longest first.
    async fn check_due(&mut self) {
        let now = SystemClock.now();
        let mut domains = match self.control.store().domains().await {
            Ok(domains) => domains,
            Err(error) => {
                return tracing::warn!(%error, "can't read the domains to look their records up again");
            }
        };
        domains.retain(|domain| domain.approved_by == Some(ApprovedBy::Record));
        self.retries.retain(|id, _| domains.iter().any(|domain| domain.id == *id));
        domains.retain(|domain| self.due_at(domain) <= now);
        domains.sort_by_key(|domain| domain.checked_at);
        let checks = domains.into_iter().map(|domain| {
            let control = Arc::clone(&self.control);
            async move {
                let error = control.check(&domain, Actor::Server).await.err();
                (domain, error)
            }
        });
        let checks: Vec<_> = checks.collect();
        let mut checked = stream::iter(checks).buffer_unordered(PARALLEL);
        while let Some((domain, error)) = checked.next().await {
            self.note(&domain, error, now);
        }
    }

    /// Remembers a look-up that failed, so that it is tried again.
    fn note(&mut self, domain: &Domain, error: Option<CheckError>, now: Timestamp) {
        match error {
            None | Some(CheckError::Gone) => {
                self.retries.remove(&domain.id);
            }
            Some(error) => {
                tracing::warn!(%error, domain = domain.name, "a domain's record could not be looked up again");
                self.retries.insert(domain.id, now.plus(self.interval.min(LONGEST_RETRY)));
            }
        }
    }

    fn due_at(&self, domain: &Domain) -> Timestamp {
        let checked_at = domain.checked_at.unwrap_or(domain.created_at);
        let regular = checked_at.plus(self.interval);
        self.retries.get(&domain.id).map_or(regular, |retry| regular.max(*retry))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn texts(texts: &[&str]) -> Result<Vec<String>, TxtError> {
        Ok(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn one_record_is_enough_and_no_answer_is_not_a_no() {
        let check = |answers: Vec<(&str, Result<Vec<String>, TxtError>)>, expected: &str| {
            let verification = conclude(answers.into_iter());
            let told = match &verification {
                Verification::Found { name } => format!("found {name}"),
                Verification::Missing { explanation } => format!("missing {explanation}"),
                Verification::Unavailable { explanation } => format!("unavailable {explanation}"),
            };
            assert_eq!(told, expected);
        };
        let failed = || Err(TxtError::Failed(io::Error::other("refused")));
        check(vec![("a.b", texts(&["x", " hconeai-verification=true "]))], "found a.b");
        check(vec![("a.b", failed()), ("b", texts(&["hconeai-verification=true"]))], "found b");
        check(
            vec![("a.b", Err(TxtError::NoRecord)), ("b", failed())],
            "unavailable the TXT record could not be looked up: `b`: the name servers could not say",
        );
        check(
            vec![
                ("a.b.c", Err(TxtError::NoSuchName)),
                ("b.c", texts(&["x"])),
                ("c", texts(&["y", "HCONEAI-verification=true"])),
            ],
            "missing no TXT record `hconeai-verification=true` was found: `a.b.c`: the name does not exist; \
             the TXT record of `b.c` is another one; the 2 TXT records of `c` are others",
        );
    }
}
