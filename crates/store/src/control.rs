//! The control store: organisations, their keys, the domains they may call, and who changed what.

use std::time::Duration;

use gatehouse_types::{
    KeyId, MapperId, OrganizationId, PriceOverrideId, ProviderKeyId, ProxyKeyId, RateLimitId, Timestamp,
    WebhookId,
};
use uuid::Uuid;

use crate::StoreFuture;
use crate::accounts::{AccountChange, AccountStore};
use crate::audit::{AuditEntry, AuditQuery};
use crate::desk::{DeskChange, DeskStore};
use crate::domains::{Domain, DomainId, HostRule, HostRuleId};
use crate::mappers::{Mapper, MapperVersion, SavedMapper};
use crate::price_overrides::PriceOverride;
use crate::rate_limits::RateLimitRule;
use crate::secrets::ReplacedSecret;
use crate::vault::{ProviderKey, ProxyKey};
use crate::webhooks::{DeadLetter, Webhook};

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Permissions {
    /// Read what was logged.
    pub read: bool,
    /// Send calls through the gateway and change data.
    pub write: bool,
}

impl Permissions {
    /// Both.
    pub const READ_WRITE: Self = Self { read: true, write: true };

    /// Returns Helicone's spelling: `rw`, `r`, `w` or nothing.
    pub const fn as_str(self) -> &'static str {
        match (self.read, self.write) {
            (true, true) => "rw",
            (true, false) => "r",
            (false, true) => "w",
            (false, false) => "",
        }
    }

    /// Reads Helicone's spelling; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "rw" => Some(Self::READ_WRITE),
            "r" => Some(Self { read: true, write: false }),
            "w" => Some(Self { read: false, write: true }),
            _ => None,
        }
    }
}

/// The SHA-256 of the text `Bearer <key>`: the only form in which a key is kept.
pub type KeyHash = [u8; 32];

/// A key as stored; the key itself is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// What its owner calls it.
    pub name: String,
    /// The hash of `Bearer <key>`.
    pub hash: KeyHash,
    /// What it may do.
    pub permissions: Permissions,
    /// Whether it may decide for the whole installation: approve domains, make organisations.
    pub is_admin: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// From when on it is no longer accepted.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<Timestamp>,
}

impl StoredKey {
    /// Returns a key that was just made: not an administrator's, without an end.
    pub fn new(
        organization_id: OrganizationId,
        name: String,
        hash: KeyHash,
        permissions: Permissions,
        now: Timestamp,
    ) -> Self {
        Self {
            id: KeyId::generate(),
            organization_id,
            name,
            hash,
            permissions,
            is_admin: false,
            created_at: now,
            updated_at: now,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        }
    }
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name, unlike any other's.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One thing to be done to the store. Where it names an organisation, nothing of another one is touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds a tenant; `Exists` when the name is taken.
    AddOrganization(Organization),
    /// Adds a key; `Exists` when its hash is there already, which then stays as it is.
    AddKey(StoredKey),
    /// Gives a key that is not revoked another name.
    RenameKey(OrganizationId, KeyId, String),
    /// Revokes a key, at the audit entry's time; `NotFound` when it already was.
    RevokeKey(OrganizationId, KeyId),
    /// Adds a domain; `Exists` when the organisation already has it.
    AddDomain(Domain),
    /// Replaces the standing of a domain (see [`Domain`]), found by its id and organisation; `NotFound` when
    /// an administrator decided about it and this is no such decision.
    UpdateDomain(Domain),
    /// Removes a domain.
    RemoveDomain(OrganizationId, DomainId),
    /// Adds a host rule; `Exists` when the organisation has one for the same pattern.
    AddHostRule(HostRule),
    /// Removes a host rule.
    RemoveHostRule(OrganizationId, HostRuleId),
    /// Adds a rule that limits calls; one about a key only when the key is the organisation's, else `NotFound`.
    AddRateLimit(RateLimitRule),
    /// Replaces what may change of such a rule (see [`RateLimitRule`]), found by its id and organisation.
    UpdateRateLimit(RateLimitRule),
    /// Removes such a rule.
    RemoveRateLimit(OrganizationId, RateLimitId),
    /// Adds a provider's key.
    AddProviderKey(ProviderKey),
    /// Replaces what may change of a provider's key (see [`ProviderKey`]), found by its id and organisation;
    /// `NotFound` when it was removed.
    UpdateProviderKey(ProviderKey),
    /// Shows a provider's key to its owner: only the audit entry is written; `NotFound` when it was removed.
    RevealProviderKey(OrganizationId, ProviderKeyId),
    /// Removes a provider's key, at the audit entry's time: its secrets are erased, and its proxy keys are no longer
    /// in force; `NotFound` when it already was.
    RevokeProviderKey(OrganizationId, ProviderKeyId),
    /// Adds a proxy key; `NotFound` unless its provider's key is the organisation's and was not removed, or when
    /// its hash is there already.
    AddProxyKey(ProxyKey),
    /// Revokes a proxy key, at the audit entry's time; `NotFound` when it already was.
    RevokeProxyKey(OrganizationId, ProxyKeyId),
    /// Adds a webhook.
    AddWebhook(Webhook),
    /// Replaces what may change of a webhook (see [`Webhook`]), found by its id and organisation.
    UpdateWebhook(Webhook),
    /// Removes a webhook and its dead letters.
    RemoveWebhook(OrganizationId, WebhookId),
    /// Removes a dead letter.
    RemoveDeadLetter(OrganizationId, Uuid),
    /// Adds a price of an organisation.
    AddPriceOverride(PriceOverride),
    /// Replaces what may change of such a price (see [`PriceOverride`]), found by its id and organisation.
    UpdatePriceOverride(PriceOverride),
    /// Removes such a price.
    RemovePriceOverride(OrganizationId, PriceOverrideId),
    /// Adds a mapper or replaces what may change of it (see [`Mapper`]), and adds versions of it or replaces their
    /// status; `Exists` when the organisation has another mapper of the same scope, or it was changed meanwhile.
    SaveMapper(Box<SavedMapper>),
    /// Removes a mapper and its versions.
    RemoveMapper(OrganizationId, MapperId),
    /// Changes what an organisation keeps to work with its calls.
    Desk(DeskChange),
    /// Changes something about people.
    Account(Box<AccountChange>),
    /// Changes nothing here: only the audit entry is written, of what is kept elsewhere.
    Note(OrganizationId),
    /// Replaces secrets, all at once, each where the old one still is; `NotFound` when none is.
    ReplaceSecrets(Vec<ReplacedSecret>),
}

/// What became of a [`Change`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It was made, and its audit entry with it.
    Done,
    /// There is nothing to be changed by that id; nothing was written.
    NotFound,
    /// What was to be added is there already; nothing was written.
    Exists,
}

/// Where organisations, keys and domains are kept.
pub trait ControlStore: AccountStore + DeskStore {
    /// Returns the organisation that a single-tenant installation uses, made at the first call.
    fn default_organization(&self) -> StoreFuture<'_, Organization>;

    /// Returns every organisation, oldest first.
    fn organizations(&self) -> StoreFuture<'_, Vec<Organization>>;

    /// Returns every key of every organisation, oldest first, revoked and expired ones included: the gateway
    /// identifies callers from memory, and tells them why a key is refused.
    fn keys(&self) -> StoreFuture<'_, Vec<StoredKey>>;

    /// Returns every key of one organisation, oldest first.
    fn keys_of(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<StoredKey>>;

    /// Returns every domain of every organisation, oldest first.
    fn domains(&self) -> StoreFuture<'_, Vec<Domain>>;

    /// Returns every host rule of every organisation, oldest first.
    fn host_rules(&self) -> StoreFuture<'_, Vec<HostRule>>;

    /// Returns every rule that limits calls, of every organisation, oldest first, switched off ones included.
    fn rate_limits(&self) -> StoreFuture<'_, Vec<RateLimitRule>>;

    /// Returns every provider's key of every organisation, oldest first, removed ones included.
    fn provider_keys(&self) -> StoreFuture<'_, Vec<ProviderKey>>;

    /// Returns every proxy key of every organisation, oldest first, revoked and expired ones included.
    fn proxy_keys(&self) -> StoreFuture<'_, Vec<ProxyKey>>;

    /// Returns every webhook of every organisation, oldest first, switched off ones included.
    fn webhooks(&self) -> StoreFuture<'_, Vec<Webhook>>;

    /// Returns every price that an organisation set, of every organisation, oldest first.
    fn price_overrides(&self) -> StoreFuture<'_, Vec<PriceOverride>>;

    /// Returns every mapper of every organisation, oldest first.
    fn mappers(&self) -> StoreFuture<'_, Vec<Mapper>>;

    /// Returns the versions of all mappers of all organisations that are in force, in the order of their mappers.
    fn active_mapper_versions(&self) -> StoreFuture<'_, Vec<MapperVersion>>;

    /// Returns the versions of an organisation's mapper, oldest first.
    fn mapper_versions(
        &self,
        organization_id: OrganizationId,
        id: MapperId,
    ) -> StoreFuture<'_, Vec<MapperVersion>>;

    /// Returns an organisation's dead letters, newest first.
    fn dead_letters(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<DeadLetter>>;

    /// Keeps a dead letter, and of its organisation the newest
    /// [`MAX_DEAD_LETTERS`](crate::webhooks::MAX_DEAD_LETTERS) only; one of a webhook that is not there is ignored,
    /// and so is one whose id is there already. It is no change: nobody made it.
    fn add_dead_letter(&self, letter: DeadLetter) -> StoreFuture<'_, ()>;

    /// Makes a change and writes its audit entry, both or neither.
    fn change(&self, change: Change, audit: AuditEntry) -> StoreFuture<'_, Changed>;

    /// Notes when keys were last used; later times win, unknown keys are ignored.
    fn note_key_uses(&self, uses: Vec<(KeyId, Timestamp)>) -> StoreFuture<'_, ()>;

    /// Notes when proxy keys were last used; later times win, unknown keys are ignored.
    fn note_proxy_key_uses(&self, uses: Vec<(ProxyKeyId, Timestamp)>) -> StoreFuture<'_, ()>;

    /// Notes that the record of a domain was looked up and that its standing is as it was; an unknown domain
    /// is ignored.
    fn note_domain_check(&self, id: DomainId, at: Timestamp) -> StoreFuture<'_, ()>;

    /// Returns an organisation's audit entries, newest first.
    fn audit(&self, query: AuditQuery) -> StoreFuture<'_, Vec<AuditEntry>>;

    /// Returns a number that changes whenever anything in the store did, also by another process.
    fn version(&self) -> StoreFuture<'_, i64>;
}

/// How often a key's last use is written at most.
pub const KEY_USE_RESOLUTION: Duration = Duration::from_mins(1);
