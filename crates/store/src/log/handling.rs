//! What the gateway did with a call beside passing it on, as a row keeps it.

use gatehouse_types::{Attempt, CacheStatus, GuardUse, LimitUse, NanoUsd, ProxyKeyId, Source};

/// The cost status of a call that the cache answered: its cost is known to be zero.
pub const CACHED: &str = "cached";
/// What the guards against attacks on the model are called, of whose answers [`Handling::threat`] tells.
const SECURITY: &str = "security";

/// The part of a row that tells of attempts, cache, limits and guards.
///
/// The default is what rows have that were stored before any of this was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handling {
    /// How the record came to be.
    pub source: Source,
    /// Every time a provider was asked; empty where the row's own facts say it all.
    pub attempts: Vec<Attempt>,
    /// Which entry of `Helicone-Fallbacks` answered, counted from 0.
    pub fallback_index: Option<u16>,
    /// What the cache did; `None` when the caller did not enable it.
    pub cache_status: Option<CacheStatus>,
    /// Which slot of the cache's bucket answered, counted from 0.
    pub cache_bucket_index: Option<u16>,
    /// What the cache saved.
    pub saved: Saved,
    /// What the limits said; `None` when there was none.
    pub rate_limit: Option<LimitUse>,
    /// What the guards said, in the order in which they were asked.
    pub guards: Vec<GuardUse>,
    /// Whether a guard against attacks found one; `None` when none was asked, or none could tell.
    pub threat: Option<bool>,
    /// The proxy key that stood in the place of the provider's.
    pub proxy_key_id: Option<ProxyKeyId>,
    /// The inputs that the prompt's tags marked in the request's body.
    pub prompt_inputs: Vec<(String, String)>,
}

/// What an answer out of the cache made unnecessary; all `None` for calls that it did not answer, and each
/// where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// By how much the call was faster than the original one, in µs; 0 when it was not.
    pub us: Option<u64>,
    /// What the answer would have cost.
    pub cost: Option<NanoUsd>,
    /// Input tokens of every class.
    pub prompt_tokens: Option<u64>,
    /// Output tokens of every class.
    pub completion_tokens: Option<u64>,
}

/// How the limits dealt with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitStatus {
    /// Every policy let it pass.
    Allowed,
    /// A policy refused it.
    Refused,
    /// It passed, but a policy of the caller's was not applied.
    Error,
}

impl LimitStatus {
    /// Every status, for reading them back.
    pub const ALL: [Self; 3] = [Self::Allowed, Self::Refused, Self::Error];

    /// Returns how the limits dealt with a call.
    pub const fn of(limit: &LimitUse) -> Self {
        match (limit.is_refused, &limit.error) {
            (true, _) => Self::Refused,
            (false, Some(_)) => Self::Error,
            (false, None) => Self::Allowed,
        }
    }

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Error => "error",
        }
    }
}

/// Returns whether a guard against attacks found one.
///
/// A guard that let the call pass but gives a reason could not be asked, so that it tells nothing.
pub fn threat(guards: &[GuardUse]) -> Option<bool> {
    let told = guards.iter().filter(|guard| guard.kind == SECURITY);
    told.filter(|guard| guard.is_denied || guard.reason.is_none()).map(|guard| guard.is_denied).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threat_is_what_a_guard_against_attacks_says() {
        let check = |guards: &[(&str, bool, Option<&str>)], expected: Option<bool>| {
            let guards: Vec<GuardUse> = guards
                .iter()
                .map(|(kind, is_denied, reason)| GuardUse {
                    kind: (*kind).to_owned(),
                    is_denied: *is_denied,
                    reason: reason.map(str::to_owned),
                    ..GuardUse::default()
                })
                .collect();
            assert_eq!(threat(&guards), expected, "{guards:?}");
        };
        check(&[], None);
        check(&[("moderation", true, Some("violence"))], None);
        check(&[("security", false, None)], Some(false));
        check(&[("security", false, Some("timed out"))], None);
        check(&[("security", false, None), ("security", true, Some("injection"))], Some(true));
        check(&[("security", true, None), ("security", false, Some("timed out"))], Some(true));
    }

    #[test]
    fn a_refusal_outweighs_an_error() {
        let limit = |is_refused, error: Option<&str>| LimitUse {
            policy: String::new(),
            is_refused,
            error: error.map(str::to_owned),
        };
        assert_eq!(LimitStatus::of(&limit(true, Some("column 3"))), LimitStatus::Refused);
        assert_eq!(LimitStatus::of(&limit(false, Some("column 3"))), LimitStatus::Error);
        assert_eq!(LimitStatus::of(&limit(false, None)), LimitStatus::Allowed);
    }
}
