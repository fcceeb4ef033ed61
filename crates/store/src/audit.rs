//! Who changed what, and when.

use gatehouse_types::{KeyId, OrganizationId, Timestamp, UserId};
use uuid::Uuid;

/// Who made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever has this key.
    Key(KeyId),
    /// This person, signed in.
    User(UserId),
    /// Whoever may run commands on the machine.
    CommandLine,
    /// The server itself: a check that it makes from time to time, or its first start.
    Server,
}

impl Actor {
    /// Returns the name used in rows and in the API: `key`, `user`, `command_line` or `server`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::User(_) => "user",
            Self::CommandLine => "command_line",
            Self::Server => "server",
        }
    }

    /// Returns the id of the key or the person, as text.
    pub fn id(self) -> Option<String> {
        match self {
            Self::Key(id) => Some(id.to_string()),
            Self::User(id) => Some(id.to_string()),
            Self::CommandLine | Self::Server => None,
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// An organisation was made.
    OrganizationCreated,
    /// A key was made.
    KeyCreated,
    /// A key was given another name.
    KeyRenamed,
    /// A key was revoked.
    KeyRevoked,
    /// An organisation asked for a domain.
    DomainRequested,
    /// A domain was verified by its TXT record.
    DomainVerified,
    /// A look-up did not find the record that approves a domain.
    DomainVerificationFailed,
    /// An administrator approved a domain.
    DomainApproved,
    /// An administrator rejected a domain.
    DomainRejected,
    /// The TXT record has gone, and the approval with it.
    DomainWithdrawn,
    /// A domain was removed.
    DomainRemoved,
    /// A host rule was added.
    HostRuleAdded,
    /// A host rule was removed.
    HostRuleRemoved,
    /// A rule that limits calls was added.
    RateLimitAdded,
    /// A rule that limits calls was changed.
    RateLimitChanged,
    /// A rule that limits calls was removed.
    RateLimitRemoved,
    /// A provider's key was stored.
    ProviderKeyAdded,
    /// A provider's key was changed.
    ProviderKeyChanged,
    /// A provider's key was shown to its owner.
    ProviderKeyRevealed,
    /// A provider's key was removed, and its secrets erased.
    ProviderKeyRevoked,
    /// A proxy key was made.
    ProxyKeyCreated,
    /// A proxy key was revoked.
    ProxyKeyRevoked,
    /// A webhook was added.
    WebhookAdded,
    /// A webhook was changed.
    WebhookChanged,
    /// A webhook was removed.
    WebhookRemoved,
    /// What a webhook could not be told was sent after all, or given up.
    DeadLetterRemoved,
    /// A logged call was sent again.
    RequestReplayed,
    /// Calls began to be priced anew.
    RepricingStarted,
    /// Calls were priced anew, or as many of them as was said.
    RepricingEnded,
    /// Every secret was sealed anew, with another key.
    VaultRotated,
    /// An organisation set a price.
    PriceOverrideAdded,
    /// A price that an organisation set was changed.
    PriceOverrideChanged,
    /// A price that an organisation set was removed.
    PriceOverrideRemoved,
    /// Calls of an API were seen that nobody wrote a reader for.
    MapperFound,
    /// A mapping was inferred, or tried to be.
    MapperInferred,
    /// A version of a mapper was put in force.
    MapperActivated,
    /// A version of a mapper was declined.
    MapperDeclined,
    /// A mapper was set back to an earlier version.
    MapperRolledBack,
    /// Calls no longer fit the mapping in force.
    MapperDrifted,
    /// A mapper was removed.
    MapperRemoved,
    /// A query was saved.
    SavedQueryAdded,
    /// A saved query was changed.
    SavedQueryChanged,
    /// A saved query was removed.
    SavedQueryRemoved,
    /// A filter was saved.
    SavedFilterAdded,
    /// A saved filter was changed.
    SavedFilterChanged,
    /// A saved filter was removed.
    SavedFilterRemoved,
    /// A property was hidden.
    PropertyHidden,
    /// A hidden property was shown again.
    PropertyRestored,
    /// A person was added to an organisation.
    UserAdded,
    /// A person with an account became known by what a provider of identities calls them.
    IdentityLinked,
    /// What a provider of identities calls a person was forgotten.
    IdentityUnlinked,
    /// A person took another name.
    UserRenamed,
    /// A person signed in, or began to work in an organisation.
    SignedIn,
    /// A person signed out, or ended sessions.
    SignedOut,
    /// Signing in as a person failed so often that it has to wait.
    SignInRefused,
    /// A password was set.
    PasswordSet,
    /// A link was made with which a password is set.
    PasswordLinkCreated,
    /// A member was given another role.
    MemberRoleChanged,
    /// A member was removed.
    MemberRemoved,
    /// Somebody was invited.
    InvitationCreated,
    /// An invitation was taken back.
    InvitationRevoked,
    /// An organisation was given another name.
    OrganizationRenamed,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 62] = [
        Self::OrganizationCreated,
        Self::KeyCreated,
        Self::KeyRenamed,
        Self::KeyRevoked,
        Self::DomainRequested,
        Self::DomainVerified,
        Self::DomainVerificationFailed,
        Self::DomainApproved,
        Self::DomainRejected,
        Self::DomainWithdrawn,
        Self::DomainRemoved,
        Self::HostRuleAdded,
        Self::HostRuleRemoved,
        Self::RateLimitAdded,
        Self::RateLimitChanged,
        Self::RateLimitRemoved,
        Self::ProviderKeyAdded,
        Self::ProviderKeyChanged,
        Self::ProviderKeyRevealed,
        Self::ProviderKeyRevoked,
        Self::ProxyKeyCreated,
        Self::ProxyKeyRevoked,
        Self::WebhookAdded,
        Self::WebhookChanged,
        Self::WebhookRemoved,
        Self::DeadLetterRemoved,
        Self::VaultRotated,
        Self::PriceOverrideAdded,
        Self::PriceOverrideChanged,
        Self::PriceOverrideRemoved,
        Self::MapperFound,
        Self::MapperInferred,
        Self::MapperActivated,
        Self::MapperDeclined,
        Self::MapperRolledBack,
        Self::MapperDrifted,
        Self::MapperRemoved,
        Self::SavedQueryAdded,
        Self::SavedQueryChanged,
        Self::SavedQueryRemoved,
        Self::SavedFilterAdded,
        Self::SavedFilterChanged,
        Self::SavedFilterRemoved,
        Self::PropertyHidden,
        Self::PropertyRestored,
        Self::RequestReplayed,
        Self::RepricingStarted,
        Self::RepricingEnded,
        Self::UserAdded,
        Self::IdentityLinked,
        Self::IdentityUnlinked,
        Self::UserRenamed,
        Self::SignedIn,
        Self::SignedOut,
        Self::SignInRefused,
        Self::PasswordSet,
        Self::PasswordLinkCreated,
        Self::MemberRoleChanged,
        Self::MemberRemoved,
        Self::InvitationCreated,
        Self::InvitationRevoked,
        Self::OrganizationRenamed,
    ];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrganizationCreated => "organization_created",
            Self::KeyCreated => "key_created",
            Self::KeyRenamed => "key_renamed",
            Self::KeyRevoked => "key_revoked",
            Self::DomainRequested => "domain_requested",
            Self::DomainVerified => "domain_verified",
            Self::DomainVerificationFailed => "domain_verification_failed",
            Self::DomainApproved => "domain_approved",
            Self::DomainRejected => "domain_rejected",
            Self::DomainWithdrawn => "domain_withdrawn",
            Self::DomainRemoved => "domain_removed",
            Self::HostRuleAdded => "host_rule_added",
            Self::HostRuleRemoved => "host_rule_removed",
            Self::RateLimitAdded => "rate_limit_added",
            Self::RateLimitChanged => "rate_limit_changed",
            Self::RateLimitRemoved => "rate_limit_removed",
            Self::ProviderKeyAdded => "provider_key_added",
            Self::ProviderKeyChanged => "provider_key_changed",
            Self::ProviderKeyRevealed => "provider_key_revealed",
            Self::ProviderKeyRevoked => "provider_key_revoked",
            Self::ProxyKeyCreated => "proxy_key_created",
            Self::ProxyKeyRevoked => "proxy_key_revoked",
            Self::WebhookAdded => "webhook_added",
            Self::WebhookChanged => "webhook_changed",
            Self::WebhookRemoved => "webhook_removed",
            Self::DeadLetterRemoved => "dead_letter_removed",
            Self::RequestReplayed => "request_replayed",
            Self::RepricingStarted => "repricing_started",
            Self::RepricingEnded => "repricing_ended",
            Self::VaultRotated => "vault_rotated",
            Self::PriceOverrideAdded => "price_override_added",
            Self::PriceOverrideChanged => "price_override_changed",
            Self::PriceOverrideRemoved => "price_override_removed",
            Self::MapperFound => "mapper_found",
            Self::MapperInferred => "mapper_inferred",
            Self::MapperActivated => "mapper_activated",
            Self::MapperDeclined => "mapper_declined",
            Self::MapperRolledBack => "mapper_rolled_back",
            Self::MapperDrifted => "mapper_drifted",
            Self::MapperRemoved => "mapper_removed",
            Self::UserAdded => "user_added",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityUnlinked => "identity_unlinked",
            Self::UserRenamed => "user_renamed",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::SignInRefused => "sign_in_refused",
            Self::PasswordSet => "password_set",
            Self::PasswordLinkCreated => "password_link_created",
            Self::MemberRoleChanged => "member_role_changed",
            Self::MemberRemoved => "member_removed",
            Self::InvitationCreated => "invitation_created",
            Self::InvitationRevoked => "invitation_revoked",
            Self::OrganizationRenamed => "organization_renamed",
            Self::SavedQueryAdded => "saved_query_added",
            Self::SavedQueryChanged => "saved_query_changed",
            Self::SavedQueryRemoved => "saved_query_removed",
            Self::SavedFilterAdded => "saved_filter_added",
            Self::SavedFilterChanged => "saved_filter_changed",
            Self::SavedFilterRemoved => "saved_filter_removed",
            Self::PropertyHidden => "property_hidden",
            Self::PropertyRestored => "property_restored",
        }
    }
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id, ordered by time (UUID version 7).
    pub id: Uuid,
    /// The tenant it concerns.
    pub organization_id: OrganizationId,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// To what: the id of a key, domain or rule.
    pub subject: String,
    /// What people call it, or why it was done; never a secret.
    pub detail: String,
}

impl AuditEntry {
    /// Returns an entry for what `actor` does at `at`.
    pub fn new(
        organization_id: OrganizationId,
        at: Timestamp,
        actor: Actor,
        action: Action,
        subject: impl ToString,
        detail: impl Into<String>,
    ) -> Self {
        let (subject, detail) = (subject.to_string(), detail.into());
        Self { id: Uuid::now_v7(), organization_id, at, actor, action, subject, detail }
    }
}

/// Which entries are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditQuery {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// Only entries older than the one with this id.
    pub before: Option<Uuid>,
    /// Most entries.
    pub limit: u32,
}
