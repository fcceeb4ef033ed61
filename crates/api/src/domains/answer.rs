//! A domain as the API shows it.

use gatehouse_config::{DomainMode, DomainsConfig};
use gatehouse_store::domains::{ApprovedBy, Domain, DomainKind, DomainStatus, VERIFICATION_RECORD};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A domain, where it stands and what approves it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Domain, example = json!({
    "id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20",
    "domain": "llm.example.com",
    "kind": "company", "company": "Example Ltd",
    "status": "pending", "approved_by": null,
    "reason": "no TXT record `hconeai-verification=true` was found: `llm.example.com` has no TXT record",
    "created_at": "2026-11-22T14:06:00.123Z", "updated_at": "2026-11-22T14:06:00.123Z",
    "checked_at": "2026-11-22T14:07:00.000Z",
    "record": {"name": "llm.example.com", "type": "TXT", "value": "hconeai-verification=true"},
    "limits": {"requests_per_day": 10000, "requests_per_second": 1, "mode": "limited"}
}))]
pub(crate) struct DomainAnswer {
    id: Uuid,
    /// The host.
    domain: String,
    kind: Kind,
    /// The company's name.
    company: Option<String>,
    #[schema(value_type = String, example = "pending")]
    status: DomainStatus,
    /// By what it was approved, while it is: `record` or `administrator`.
    #[schema(value_type = Option<String>, example = "record")]
    approved_by: Option<ApprovedBy>,
    /// Why it stands where it does: what a look-up or an administrator said.
    reason: Option<String>,
    created_at: String,
    /// When its status last changed.
    updated_at: String,
    /// When its TXT record was last looked up.
    checked_at: Option<String>,
    record: Record,
    limits: Limits,
}

/// Whose a domain is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DomainKind)]
enum Kind {
    /// A deployment of the caller's own.
    Personal,
    /// A company's.
    Company,
}

/// The TXT record by which the domain's owner approves it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DomainRecord)]
struct Record {
    /// Where it stands.
    name: String,
    /// Always `TXT`.
    r#type: &'static str,
    /// What it says.
    value: &'static str,
}

/// The limits of an organisation's calls to a domain that is not approved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DomainLimits)]
struct Limits {
    /// Most calls to one origin in a day (UTC).
    requests_per_day: u64,
    /// Most calls to one origin in a second.
    requests_per_second: u32,
    /// `limited`; or `open`, which lets all calls pass; or `closed`, which refuses them.
    mode: &'static str,
}

impl DomainAnswer {
    /// Returns what is shown of `domain`.
    pub(crate) fn new(domain: Domain, limits: &DomainsConfig) -> Self {
        let (kind, company) = match domain.kind {
            DomainKind::Personal => (Kind::Personal, None),
            DomainKind::Company(name) => (Kind::Company, Some(name)),
        };
        let mode = match limits.mode {
            DomainMode::Open => "open",
            DomainMode::Limited => "limited",
            DomainMode::Closed => "closed",
        };
        Self {
            id: domain.id.0,
            record: Record { name: domain.name.clone(), r#type: "TXT", value: VERIFICATION_RECORD },
            domain: domain.name,
            kind,
            company,
            status: domain.status,
            approved_by: domain.approved_by,
            reason: domain.reason,
            created_at: domain.created_at.to_string(),
            updated_at: domain.updated_at.to_string(),
            checked_at: domain.checked_at.map(|time| time.to_string()),
            limits: Limits {
                requests_per_day: limits.requests_per_day,
                requests_per_second: limits.requests_per_second,
                mode,
            },
        }
    }
}
