//! The limits that an organisation sets for its own calls.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_policy::rate::{Policies, Policy, PolicyError};
use gatehouse_types::{KeyId, OrganizationId, RateLimitId, Timestamp};

/// A rule that limits an organisation's calls.
///
/// What a change replaces is `name`, `policy`, `is_enabled` and `updated_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimitRule {
    /// Its id.
    pub id: RateLimitId,
    /// Whose calls it limits.
    pub organization_id: OrganizationId,
    /// Only those with this key; `None` for all of the organisation's.
    pub key_id: Option<KeyId>,
    /// What its owner calls it.
    pub name: String,
    /// The canonical text of the policy, as in `1000;w=3600;u=request;s=user`.
    pub policy: String,
    /// Whether it is in force.
    pub is_enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A rule that is enabled, as calls need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The rule's id.
    pub id: RateLimitId,
    /// Only calls with this key; `None` for all of the organisation's.
    pub key_id: Option<KeyId>,
    /// What its owner calls it.
    pub name: String,
    /// What may be used.
    pub policy: Policy,
}

/// The enabled rules of every organisation, in memory.
#[derive(Clone, Debug, Default)]
pub struct RateLimits(HashMap<OrganizationId, Vec<Arc<RateLimit>>>);

impl RateLimits {
    /// Returns the rules for calls of an organisation with a key, oldest first.
    pub fn of(
        &self,
        organization_id: OrganizationId,
        key_id: Option<KeyId>,
    ) -> impl Iterator<Item = &Arc<RateLimit>> {
        let rules = self.0.get(&organization_id).map(Vec::as_slice).unwrap_or_default();
        rules.iter().filter(move |rule| rule.key_id.is_none() || rule.key_id == key_id)
    }
}

impl FromIterator<RateLimitRule> for RateLimits {
    /// A rule whose policy does not read is left out: whoever stored it is newer than this program.
    fn from_iter<I: IntoIterator<Item = RateLimitRule>>(rules: I) -> Self {
        let mut by_organization: HashMap<_, Vec<_>> = HashMap::new();
        for rule in rules.into_iter().filter(|rule| rule.is_enabled) {
            let organization_id = rule.organization_id;
            match in_force(rule) {
                Ok(rules) => by_organization.entry(organization_id).or_default().extend(rules),
                Err(error) => tracing::error!(%error, %organization_id, "a rate limit is not in force"),
            }
        }
        Self(by_organization)
    }
}

/// Returns a rule as calls need it, once for each policy in its text.
fn in_force(rule: RateLimitRule) -> Result<Vec<Arc<RateLimit>>, PolicyError> {
    let (id, key_id, name) = (rule.id, rule.key_id, rule.name);
    let limit = |policy| Arc::new(RateLimit { id, key_id, name: name.clone(), policy });
    Ok(Policies::parse(&rule.policy)?.into_iter().map(limit).collect())
}
