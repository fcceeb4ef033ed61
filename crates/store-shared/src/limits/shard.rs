//! The limits of some organisations: one lock, one step for a decision.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gatehouse_policy::rate::{Bucket, Meter, Unit, Window};
use gatehouse_store::counters::LimitState;
use gatehouse_store::limits::{Claim, Decision, LimitRule, Outcome, Reservation, ReservedPart, Standing};
use gatehouse_types::{OrganizationId, Timestamp};

/// How many limits and segments of one organisation are counted at a time; each takes memory, and nobody
/// takes another's.
pub(super) const MOST_METERS: usize = 100_000;
/// Below so many, nobody looks for those that limit nothing any more.
const WORTH_SWEEPING: usize = 1_024;
/// How long after looking for them it is done again at the earliest, so that no flood pays for it each time.
const SWEEP_PAUSE: Duration = Duration::from_secs(1);

/// A limit that has changed since it was last written: whose it is, and its key.
pub(super) type Changed = (OrganizationId, Arc<str>);

/// The limits of some organisations.
#[derive(Default)]
pub(super) struct Shard {
    organizations: HashMap<OrganizationId, Meters>,
    /// What has changed since it was last written, each once.
    changed: Vec<Changed>,
    /// How many rounds of writing have begun with this shard.
    rounds: u64,
}

/// The limits of one organisation.
struct Meters {
    by_key: HashMap<Arc<str>, Entry>,
    /// At how many the next sweep is due.
    sweep_at: usize,
    swept_at: Timestamp,
}

struct Entry {
    meter: Box<dyn Meter>,
    is_changed: bool,
}

impl Default for Meters {
    fn default() -> Self {
        let swept_at = Timestamp::from_unix_micros(0);
        Self { by_key: HashMap::new(), sweep_at: WORTH_SWEEPING, swept_at }
    }
}

impl Shard {
    /// Puts a meter that was written down back in its place.
    pub(super) fn put(&mut self, organization_id: OrganizationId, key: Arc<str>, meter: Box<dyn Meter>) {
        let meters = self.organizations.entry(organization_id).or_default();
        meters.by_key.insert(key, Entry { meter, is_changed: false });
    }

    /// Returns the round of writing that will have what is changed now.
    pub(super) const fn next_round(&self) -> u64 {
        self.rounds + 1
    }

    /// Takes all that is claimed, or nothing. A segment too many is passed over, and only that: whoever fills
    /// the memory for segments escapes no limit that is counted already.
    pub(super) fn decide(
        &mut self,
        organization_id: OrganizationId,
        claims: &[Claim],
        now: Timestamp,
    ) -> Decision {
        let meters = self.organizations.entry(organization_id).or_default();
        let mut reservation = Reservation::none(organization_id);
        let mut granted = Vec::with_capacity(claims.len());
        let mut refused: Option<Refused> = None;
        for (index, claim) in claims.iter().enumerate() {
            let key: Arc<str> = claim.key().into();
            let Some(entry) = meters.entry(&key, claim, now) else { continue };
            if let Some(part) = entry.reserve(key, claim, now) {
                granted.push(entry.standing(claim, now));
                reservation.parts.push(part);
                continue;
            }
            let other =
                Refused { index, standing: entry.standing(claim, now), retry_after: entry.wait(claim, now) };
            refused = Some(other.or_longer(refused));
        }
        let Some(Refused { index, standing, retry_after }) = refused else {
            self.note_changes(&reservation);
            return Decision::Granted { reservation, standings: granted };
        };
        meters.undo(&reservation, now);
        Decision::Refused { claim: index, standing, retry_after }
    }

    /// Books what became of a call.
    pub(super) fn settle(&mut self, reservation: &Reservation, outcome: Outcome, now: Timestamp) {
        let Some(meters) = self.organizations.get_mut(&reservation.organization_id) else { return };
        for part in &reservation.parts {
            let Some(entry) = meters.by_key.get_mut(&part.key) else { continue };
            match outcome {
                Outcome::Unsent => entry.give_back(part, now),
                Outcome::Sent(_) if part.mark.is_some() => {}
                Outcome::Sent(spent) => entry.meter.settle(part.amount, spent.of(part.unit), now),
            }
        }
        self.note_changes(reservation);
    }

    fn note_changes(&mut self, reservation: &Reservation) {
        for part in &reservation.parts {
            self.note_change(reservation.organization_id, &part.key);
        }
    }

    /// Has a meter written in the next round.
    pub(super) fn note_change(&mut self, organization_id: OrganizationId, key: &Arc<str>) {
        let meters = self.organizations.get_mut(&organization_id);
        let Some(entry) = meters.and_then(|meters| meters.by_key.get_mut(key)) else { return };
        if !entry.is_changed {
            entry.is_changed = true;
            self.changed.push((organization_id, Arc::clone(key)));
        }
    }

    /// Begins a round of writing, and returns what has changed since the last one.
    pub(super) fn begin_round(&mut self, round: u64) -> Vec<Changed> {
        self.rounds = round;
        std::mem::take(&mut self.changed)
    }

    /// Returns how a meter is to be written, and takes it for written.
    pub(super) fn state(&mut self, (organization_id, key): &Changed, now: Timestamp) -> Option<LimitState> {
        let entry = self.organizations.get_mut(organization_id)?.by_key.get_mut(key)?;
        entry.is_changed = false;
        let (state, reset_after) = (entry.meter.to_bytes(now), entry.meter.reset_after(now));
        Some(LimitState {
            organization_id: *organization_id,
            key: key.to_string(),
            state,
            expires_at: now.plus(reset_after),
        })
    }
}

impl Meters {
    /// Returns the meter of a claim, a new one if need be; `None` where that would be one too many.
    fn entry(&mut self, key: &str, claim: &Claim, now: Timestamp) -> Option<&mut Entry> {
        if !self.by_key.contains_key(key) {
            self.make_room(now);
            if self.by_key.len() >= MOST_METERS {
                return None;
            }
            let meter: Box<dyn Meter> = match &claim.rule {
                LimitRule::Bucket(policy) => Box::new(Bucket::full(policy.rate(), now)),
                LimitRule::Window(_) => Box::new(Window::unused(claim.rule.rate(), now)),
            };
            self.by_key.insert(key.into(), Entry { meter, is_changed: false });
        }
        self.by_key.get_mut(key)
    }

    /// Drops what limits nothing any more, now and then.
    fn make_room(&mut self, now: Timestamp) {
        let is_early = now < self.swept_at.plus(SWEEP_PAUSE) && now >= self.swept_at;
        if self.by_key.len() < self.sweep_at || is_early {
            return;
        }
        self.swept_at = now;
        self.by_key.retain(|_, entry| entry.is_changed || !entry.meter.is_idle(now));
        self.sweep_at = (2 * self.by_key.len()).clamp(WORTH_SWEEPING, MOST_METERS);
        if self.by_key.len() >= MOST_METERS {
            tracing::warn!("an organisation has too many segments in use: further ones are not limited");
        }
    }

    /// Gives back what a call reserved that gets nothing.
    fn undo(&mut self, reservation: &Reservation, now: Timestamp) {
        for part in reservation.parts.iter().rev() {
            if let Some(entry) = self.by_key.get_mut(&part.key) {
                entry.give_back(part, now);
            }
        }
    }
}

/// A claim that was refused.
struct Refused {
    index: usize,
    standing: Standing,
    retry_after: Option<Duration>,
}

impl Refused {
    /// Returns the other one if it has to wait longer, or as long; never is longest.
    fn or_longer(self, other: Option<Self>) -> Self {
        let wait = |refused: &Self| refused.retry_after.unwrap_or(Duration::MAX);
        other.filter(|other| wait(other) >= wait(&self)).unwrap_or(self)
    }
}

impl Entry {
    /// Takes or holds what is claimed; `None` where it is not left.
    fn reserve(&mut self, key: Arc<str>, claim: &Claim, now: Timestamp) -> Option<ReservedPart> {
        let (unit, amount) = (claim.rule.unit(), claim.amount);
        let mark = match unit {
            Unit::Request => Some(self.meter.take(amount, now)?),
            Unit::Cents | Unit::Tokens => {
                if !self.meter.hold(amount, now) {
                    return None;
                }
                None
            }
        };
        Some(ReservedPart { key, unit, amount, mark })
    }

    fn give_back(&mut self, part: &ReservedPart, now: Timestamp) {
        match part.mark {
            Some(mark) => self.meter.give_back(part.amount, mark, now),
            None => self.meter.release(part.amount),
        }
    }

    fn wait(&self, claim: &Claim, now: Timestamp) -> Option<Duration> {
        self.meter.retry_after(claim.amount, now)
    }

    fn standing(&self, claim: &Claim, now: Timestamp) -> Standing {
        let (unit, rate, left) = (claim.rule.unit(), claim.rule.rate(), self.meter.remaining(now));
        Standing {
            policy: claim.rule.policy(),
            limit: unit.in_whole(rate.capacity()),
            remaining: unit.in_whole(left),
            reset: self.meter.reset_after(now),
            calls_left: left.get() / claim.amount.get().max(1),
        }
    }
}

#[cfg(test)]
impl Shard {
    /// Returns how many limits and segments of an organisation are counted.
    pub(super) fn count(&self, organization_id: OrganizationId) -> usize {
        self.organizations.get(&organization_id).map_or(0, |meters| meters.by_key.len())
    }
}
