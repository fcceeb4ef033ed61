//! The limits that an organisation sets for its own calls.

use std::collections::HashMap;
use std::sync::Arc;

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

/// The enabled rules of every organisation, in memory.
#[derive(Clone, Debug, Default)]
pub struct RateLimitRules(HashMap<OrganizationId, Vec<Arc<RateLimitRule>>>);

impl RateLimitRules {
    /// Returns the rules for calls of an organisation with a key, oldest first.
    pub fn of(
        &self,
        organization_id: OrganizationId,
        key_id: Option<KeyId>,
    ) -> impl Iterator<Item = &Arc<RateLimitRule>> {
        let rules = self.0.get(&organization_id).map(Vec::as_slice).unwrap_or_default();
        rules.iter().filter(move |rule| rule.key_id.is_none() || rule.key_id == key_id)
    }
}

impl FromIterator<RateLimitRule> for RateLimitRules {
    fn from_iter<I: IntoIterator<Item = RateLimitRule>>(rules: I) -> Self {
        let mut by_organization: HashMap<_, Vec<_>> = HashMap::new();
        for rule in rules.into_iter().filter(|rule| rule.is_enabled) {
            by_organization.entry(rule.organization_id).or_default().push(Arc::new(rule));
        }
        Self(by_organization)
    }
}
