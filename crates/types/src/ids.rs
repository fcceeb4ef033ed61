//! Identifiers: each kind is its own type, so that one can't be passed for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an existing UUID.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// Returns the UUID itself.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// Parses the textual form; any UUID version is accepted.
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id_type!(
    /// Names one call through the gateway; the client may choose it with `Helicone-Request-Id`.
    RequestId
);
id_type!(
    /// Names a tenant: every row, key and counter belongs to one organisation.
    OrganizationId
);
id_type!(
    /// Names a Helicone key without revealing it.
    KeyId
);
id_type!(
    /// Names a provider's key in the vault.
    ProviderKeyId
);
id_type!(
    /// Names a proxy key: what applications use in the place of a provider's key.
    ProxyKeyId
);
id_type!(
    /// Names a rule that limits an organisation's calls.
    RateLimitId
);
id_type!(
    /// Names a webhook.
    WebhookId
);
id_type!(
    /// Names a price that an organisation set for itself.
    PriceOverrideId
);
id_type!(
    /// Names a mapper: what is known of an API that nobody wrote a reader for.
    MapperId
);
id_type!(
    /// Names a saved query.
    SavedQueryId
);
id_type!(
    /// Names a saved filter.
    SavedFilterId
);
id_type!(
    /// Names a person who may sign in.
    UserId
);
id_type!(
    /// Names a browser in which somebody is signed in.
    SessionId
);
id_type!(
    /// Names an invitation to an organisation.
    InvitationId
);

impl OrganizationId {
    /// Nobody's: what is counted but belongs to no tenant.
    pub const NOBODY: Self = Self(Uuid::nil());
}

macro_rules! random_id {
    ($($name:ident),+) => {
        $(impl $name {
            /// Returns a new random id.
            pub fn generate() -> Self {
                Self(Uuid::new_v4())
            }
        })+
    };
}

random_id!(
    KeyId,
    ProviderKeyId,
    ProxyKeyId,
    RateLimitId,
    WebhookId,
    PriceOverrideId,
    MapperId,
    SavedQueryId,
    SavedFilterId,
    UserId,
    SessionId,
    InvitationId
);

impl RequestId {
    /// Returns a new time-ordered id (UUID version 7), so that ids of one period lie together on disk.
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}
