//! The control store: organisations and the keys that belong to them.

use gatehouse_types::{KeyId, OrganizationId, Timestamp};

use crate::StoreFuture;

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
    /// When it was made.
    pub created_at: Timestamp,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Where organisations and keys are kept.
pub trait ControlStore: Send + Sync {
    /// Returns the organisation that a single-tenant installation uses, made at the first call.
    fn default_organization(&self) -> StoreFuture<'_, Organization>;

    /// Stores a key; one whose hash is already known stays as it is.
    fn insert_key(&self, key: StoredKey) -> StoreFuture<'_, ()>;

    /// Returns every usable key of every organisation: the gateway identifies callers from memory.
    fn keys(&self) -> StoreFuture<'_, Vec<StoredKey>>;

    /// Returns a number that changes whenever anything in the store did, also by another process.
    fn version(&self) -> StoreFuture<'_, i64>;
}
