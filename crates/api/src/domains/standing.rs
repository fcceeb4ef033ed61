//! What follows for a domain from a look-up of its record or from an administrator's decision.

use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::control::Change;
use gatehouse_store::domains::{ApprovedBy, Domain, DomainStatus};
use gatehouse_types::Timestamp;

/// What an administrator says about a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Calls to it are not limited, whatever its record says.
    Approve,
    /// Calls to it are limited, whatever its record says.
    Reject {
        /// What the organisation is told.
        reason: Option<String>,
    },
}

/// What a look-up that had an answer says about a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The record is at this name.
    Found(String),
    /// There is none; the text says what there is.
    Missing(String),
}

/// A domain with its new standing, and what is written down about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restated {
    /// The domain as it is then.
    pub domain: Domain,
    action: Action,
    at: Timestamp,
}

impl Restated {
    /// Returns the change of the store, and its audit entry for `actor`.
    pub fn change(&self, actor: Actor) -> (Change, AuditEntry) {
        let domain = &self.domain;
        let detail = match &domain.reason {
            Some(reason) => format!("{}: {reason}", domain.name),
            None => domain.name.clone(),
        };
        let audit = AuditEntry::new(domain.organization_id, self.at, actor, self.action, domain.id.0, detail);
        (Change::UpdateDomain(domain.clone()), audit)
    }
}

impl Decision {
    /// Returns what becomes of `domain`.
    pub fn apply(self, domain: Domain, now: Timestamp) -> Restated {
        let (status, approved_by, reason, action) = match self {
            Self::Approve => {
                let reason = "an administrator approved it".to_owned();
                let by = Some(ApprovedBy::Administrator);
                (DomainStatus::Approved, by, reason, Action::DomainApproved)
            }
            Self::Reject { reason } => {
                let said = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                let reason = format!("an administrator rejected it{said}");
                (DomainStatus::Rejected, None, reason, Action::DomainRejected)
            }
        };
        let domain = Domain { status, approved_by, reason: Some(reason), updated_at: now, ..domain };
        Restated { domain, action, at: now }
    }
}

impl Finding {
    /// Returns what becomes of `domain`, about which no administrator decided; `None` if it stands as it did.
    pub(crate) fn apply(self, domain: Domain, now: Timestamp) -> Option<Restated> {
        let was_approved = domain.status == DomainStatus::Approved;
        let (status, action, reason) = match self {
            Self::Found(_) if was_approved => return None,
            Self::Found(name) => {
                let reason = format!("the TXT record was found at `{name}`");
                (DomainStatus::Approved, Action::DomainVerified, reason)
            }
            Self::Missing(reason) if was_approved => {
                (DomainStatus::Withdrawn, Action::DomainWithdrawn, reason)
            }
            Self::Missing(reason) => (domain.status, Action::DomainVerificationFailed, reason),
        };
        let approved_by = (status == DomainStatus::Approved).then_some(ApprovedBy::Record);
        let updated_at = if status == domain.status { domain.updated_at } else { now };
        let (reason, checked_at) = (Some(reason), Some(now));
        let domain = Domain { status, approved_by, reason, updated_at, checked_at, ..domain };
        Some(Restated { domain, action, at: now })
    }
}
