//! The domains an organisation calls beside the providers' own, and the hosts it lets its calls go to.

use std::collections::{HashMap, HashSet};

use gatehouse_types::{OrganizationId, Timestamp};
use gatehouse_wire::HostPattern;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The TXT record by which the owner of a domain approves it.
pub const VERIFICATION_RECORD: &str = "hconeai-verification=true";

/// Names a domain of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DomainId(pub Uuid);

/// Names a host rule of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostRuleId(pub Uuid);

/// Whose a domain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainKind {
    /// A deployment of the caller's own.
    Personal,
    /// A company's, by its name.
    Company(String),
}

/// Whether calls to a domain are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainStatus {
    /// Asked for; limited until it is approved.
    Pending,
    /// Not limited.
    Approved,
    /// An administrator said no; limited.
    Rejected,
    /// It was approved by a TXT record that has gone; limited.
    Withdrawn,
}

impl DomainStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Approved, Self::Rejected, Self::Withdrawn];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// By what a domain was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovedBy {
    /// Its TXT record, which is looked up again every day.
    Record,
    /// An administrator, for good.
    Administrator,
}

impl ApprovedBy {
    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Administrator => "administrator",
        }
    }
}

/// A domain an organisation asked for.
///
/// What a change replaces is its standing: `status`, `approved_by`, `reason`, `checked_at` and `updated_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// Who asked.
    pub organization_id: OrganizationId,
    /// The host: a lower-case ASCII name without a trailing dot.
    pub name: String,
    /// Whose it is.
    pub kind: DomainKind,
    /// Where it stands.
    pub status: DomainStatus,
    /// By what it was approved, while it is.
    pub approved_by: Option<ApprovedBy>,
    /// Why it stands where it does: what a look-up or an administrator said.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its standing last changed.
    pub updated_at: Timestamp,
    /// When its TXT record was last looked up.
    pub checked_at: Option<Timestamp>,
}

impl Domain {
    /// Returns a domain that was just asked for: pending.
    pub fn new(organization_id: OrganizationId, name: String, kind: DomainKind, now: Timestamp) -> Self {
        Self {
            id: DomainId(Uuid::new_v4()),
            organization_id,
            name,
            kind,
            status: DomainStatus::Pending,
            approved_by: None,
            reason: None,
            created_at: now,
            updated_at: now,
            checked_at: None,
        }
    }

    /// Returns whether an administrator decided about it, so that its record does not matter.
    pub fn is_decided(&self) -> bool {
        self.status == DomainStatus::Rejected || self.approved_by == Some(ApprovedBy::Administrator)
    }
}

/// What a host rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Calls may go there; where an organisation has such rules, nowhere else.
    Allow,
    /// Calls may not go there, whatever else is said.
    Deny,
}

impl Effect {
    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// Where an organisation lets its calls go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule {
    /// Its id.
    pub id: HostRuleId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Which hosts it is about.
    pub pattern: HostPattern,
    /// What it says of them.
    pub effect: Effect,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The approved domains of every organisation, in memory.
#[derive(Clone, Debug, Default)]
pub struct ApprovedDomains(HashMap<OrganizationId, HashSet<String>>);

impl ApprovedDomains {
    /// Returns whether calls of an organisation to `host` (lower case, no port) are approved.
    pub fn contains(&self, organization_id: OrganizationId, host: &str) -> bool {
        self.0.get(&organization_id).is_some_and(|hosts| hosts.contains(host))
    }
}

impl FromIterator<Domain> for ApprovedDomains {
    fn from_iter<I: IntoIterator<Item = Domain>>(domains: I) -> Self {
        let mut approved: HashMap<_, HashSet<_>> = HashMap::new();
        for domain in domains.into_iter().filter(|domain| domain.status == DomainStatus::Approved) {
            approved.entry(domain.organization_id).or_default().insert(domain.name);
        }
        Self(approved)
    }
}

/// The host rules of every organisation, in memory.
#[derive(Clone, Debug, Default)]
pub struct HostRules(HashMap<OrganizationId, Vec<(HostPattern, Effect)>>);

impl HostRules {
    /// Returns whether an organisation lets its calls go to `host` (lower case, without port) at `port`.
    ///
    /// A host that is denied is not permitted; one that is not allowed neither, where there are such rules.
    pub fn permit(&self, organization_id: OrganizationId, host: &str, port: u16) -> bool {
        let Some(rules) = self.0.get(&organization_id) else { return true };
        let matching = |effect| {
            let of_effect = rules.iter().filter(move |(_, found)| *found == effect);
            of_effect.map(|(pattern, _)| pattern)
        };
        let is_allowed = matching(Effect::Allow).any(|pattern| pattern.matches(host, port));
        !matching(Effect::Deny).any(|pattern| pattern.matches(host, port))
            && (is_allowed || matching(Effect::Allow).next().is_none())
    }
}

impl FromIterator<HostRule> for HostRules {
    fn from_iter<I: IntoIterator<Item = HostRule>>(rules: I) -> Self {
        let mut by_organization: HashMap<_, Vec<_>> = HashMap::new();
        for rule in rules {
            by_organization.entry(rule.organization_id).or_default().push((rule.pattern, rule.effect));
        }
        Self(by_organization)
    }
}
