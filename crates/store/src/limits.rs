//! Where it is decided whether a call is within its limits.
//!
//! A call claims its share of every limit that holds for it, and gets all or nothing. Calls are counted at
//! once; cost and tokens are held as estimates and settled with what the call used when it has ended:
//!
//! ```text
//! claims ──reserve──▶ Granted(reservation) ──the call──▶ settle(reservation, outcome)
//!               └───▶ Refused
//! ```

mod open;

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use gatehouse_policy::rate::{Amount, Mark, Policy, Rate, Unit};
use gatehouse_types::{NanoUsd, OrganizationId, ProxyKeyId, RateLimitId, Timestamp};

use crate::StoreFuture;
use crate::vault::{ProxyKeyLimit, ProxyKeyQuota};

pub use open::OpenReservation;

/// Keeps limits, for all workers and across restarts.
pub trait LimitStore: Send + Sync {
    /// Takes what an organisation's call claims of its limits: all of it or nothing, in one step.
    ///
    /// A reservation counts, also after this process was killed, until it is settled, so each has to be. What
    /// a call without claims gets is granted.
    ///
    /// # Errors
    /// [`Unavailable`](crate::StoreError::Unavailable) when nothing could be decided.
    ///
    /// # Cancellation
    /// A call that no longer waits has reserved nothing.
    fn reserve(
        &self,
        organization_id: OrganizationId,
        claims: Vec<Claim>,
        now: Timestamp,
    ) -> StoreFuture<'_, Decision>;

    /// Tells what became of the call.
    fn settle(&self, reservation: Reservation, outcome: Outcome, now: Timestamp);
}

/// A call's share of one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who set the limit; limits of different sources never count together.
    pub source: LimitSource,
    /// What it allows.
    pub rule: LimitRule,
    /// The user, or the value of the property, whose calls are counted together, as
    /// [`segment_value`](gatehouse_policy::rate::segment_value) gives it out; empty where all are.
    pub segment_value: String,
    /// How much the call takes, or probably will.
    pub amount: Amount,
}

/// Who set a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitSource {
    /// The caller, in a header of the call.
    Header,
    /// The organisation, by a rule.
    Rule(RateLimitId),
    /// The organisation, for a proxy key.
    ProxyKey(ProxyKeyId),
}

/// What a limit allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitRule {
    /// A full quota at once, then what comes back evenly: a token bucket.
    Bucket(Policy),
    /// No more than the quota in any span of the window's length.
    Window(ProxyKeyLimit),
}

/// What a call uses, or probably will; `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// What it costs.
    pub cost: Option<NanoUsd>,
    /// The tokens of request and answer together.
    pub tokens: Option<u64>,
}

/// What is said to a call.
#[derive(Debug)]
pub enum Decision {
    /// It is within all its limits.
    Granted {
        /// What it reserved, to be settled.
        reservation: Reservation,
        /// Where each limit stands now that could be counted, in the order of the claims.
        standings: Vec<Standing>,
    },
    /// It is not, and took nothing.
    Refused {
        /// Which claim was refused; of several, the one with the longest wait.
        claim: usize,
        /// Where that limit stands.
        standing: Standing,
        /// The time until the call would be let through if no other came; `None` where it never is, because
        /// it takes more than the whole quota.
        retry_after: Option<Duration>,
    },
}

/// What a call reserved of its limits.
#[derive(Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Whose call it is.
    pub organization_id: OrganizationId,
    /// What was reserved of each limit.
    pub parts: Vec<ReservedPart>,
}

/// What a call reserved of one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservedPart {
    /// The limit: [`Claim::key`].
    pub key: Arc<str>,
    /// What it counts.
    pub unit: Unit,
    /// How much was reserved.
    pub amount: Amount,
    /// Where it was taken; `None` where it is an estimate that is held.
    pub mark: Option<Mark>,
}

/// What became of a call with a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It never reached a provider: all that it reserved is given back.
    Unsent,
    /// It did, and used this; what nobody knows stays spent as it was estimated.
    Sent(Spending),
}

/// Where a limit stands, as clients are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The canonical text of its policy.
    pub policy: String,
    /// The quota, in whole requests, cents or tokens.
    pub limit: u64,
    /// What is left of it, rounded down; never less than nothing.
    pub remaining: u64,
    /// The time until all of the quota is there again.
    pub reset: Duration,
    /// How many calls like this one could follow now.
    pub calls_left: u64,
}

impl Standing {
    /// Returns the limit that would refuse first if calls like this one followed; of several, the one that
    /// takes longest to recover.
    pub fn tightest(standings: &[Self]) -> Option<&Self> {
        standings.iter().min_by_key(|standing| (standing.calls_left, Reverse(standing.reset)))
    }
}

impl Claim {
    /// Claims what a call with this estimate takes of a limit; what is unknown is let through while anything
    /// is left.
    pub fn new(source: LimitSource, rule: LimitRule, segment_value: String, estimate: Spending) -> Self {
        let amount = estimate.of(rule.unit()).unwrap_or(Amount::ZERO);
        Self { source, rule, segment_value, amount }
    }

    /// Returns the name of what is counted, the same for every call that counts together: who set the limit,
    /// what it allows, and whose calls.
    pub fn key(&self) -> String {
        let mut key = match self.source {
            LimitSource::Header => "header".to_owned(),
            LimitSource::Rule(id) => format!("rule {id}"),
            LimitSource::ProxyKey(id) => format!("proxy_key {id}"),
        };
        let rate = self.rule.rate();
        let written = match &self.rule {
            LimitRule::Bucket(policy) => write!(key, " {policy}"),
            LimitRule::Window(_) => {
                let (unit, seconds) = (self.rule.unit(), rate.window().as_secs());
                write!(key, " {unit}={};w={seconds}", rate.capacity().get())
            }
        };
        if written.is_ok() && !self.segment_value.is_empty() {
            key.push(' ');
            key.push_str(&self.segment_value);
        }
        key
    }
}

impl LimitRule {
    /// Returns what is counted.
    pub const fn unit(&self) -> Unit {
        match self {
            Self::Bucket(policy) => policy.unit,
            Self::Window(limit) => match limit.quota {
                ProxyKeyQuota::Requests(_) => Unit::Request,
                ProxyKeyQuota::Tokens(_) => Unit::Tokens,
                ProxyKeyQuota::Cost(_) => Unit::Cents,
            },
        }
    }

    /// Returns what is allowed.
    pub fn rate(&self) -> Rate {
        match self {
            Self::Bucket(policy) => policy.rate(),
            Self::Window(ProxyKeyLimit { window, quota }) => {
                let capacity = match quota {
                    ProxyKeyQuota::Requests(quota) | ProxyKeyQuota::Tokens(quota) => Amount::new(*quota),
                    ProxyKeyQuota::Cost(cost) => Amount::of_cost(*cost),
                };
                Rate::new(capacity, *window)
            }
        }
    }

    /// Returns the canonical text of the policy; of a proxy key's limit, in whole cents at most.
    pub fn policy(&self) -> String {
        match self {
            Self::Bucket(policy) => policy.to_string(),
            Self::Window(limit) => {
                let quota = self.unit().in_whole(self.rate().capacity());
                let segment = gatehouse_policy::rate::Segment::Global;
                Policy { quota, window: limit.window, unit: self.unit(), segment }.to_string()
            }
        }
    }
}

impl Spending {
    /// Returns what is used of a unit; `None` where that is unknown.
    pub fn of(self, unit: Unit) -> Option<Amount> {
        match unit {
            Unit::Request => Some(Amount::ONE_REQUEST),
            Unit::Cents => self.cost.map(Amount::of_cost),
            Unit::Tokens => self.tokens.map(Amount::new),
        }
    }
}

impl Reservation {
    /// Returns the reservation of a call without claims.
    pub const fn none(organization_id: OrganizationId) -> Self {
        Self { organization_id, parts: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
