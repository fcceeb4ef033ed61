//! Mappers: what is known of an organisation's APIs that nobody wrote a reader for.
//!
//! A mapper is one API, as its calls name it: host, method and path. It gathers samples until a mapping can be
//! inferred of them, and then has versions, which never change; at most one of them is in force.

use gatehouse_types::{MapperId, OrganizationId, RequestId, Timestamp};

/// How many calls a mapper keeps as samples.
pub const MAX_SAMPLES: usize = 60;
/// From how many samples on a mapping is inferred.
pub const ENOUGH_SAMPLES: usize = 5;

/// Where a mapper, or one of its versions, stands; the words are those of Helicone's former mappers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MapperStatus {
    /// Seen, and too few samples yet.
    PendingCreation,
    /// A mapping is being inferred.
    InProgress,
    /// A mapping was inferred that an administrator has to look at.
    PendingApproval,
    /// In force.
    Active,
    /// In force, and calls no longer fit.
    PendingUpdate,
    /// Replaced by another version, or switched off.
    Inactive,
    /// An administrator did not want it.
    Declined,
    /// Nothing could be inferred.
    Failed,
}

impl MapperStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::PendingCreation,
        Self::InProgress,
        Self::PendingApproval,
        Self::Active,
        Self::PendingUpdate,
        Self::Inactive,
        Self::Declined,
        Self::Failed,
    ];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingCreation => "PENDING_CREATION",
            Self::InProgress => "IN_PROGRESS",
            Self::PendingApproval => "PENDING_APPROVAL",
            Self::Active => "ACTIVE",
            Self::PendingUpdate => "PENDING_UPDATE",
            Self::Inactive => "INACTIVE",
            Self::Declined => "DECLINED",
            Self::Failed => "FAILED",
        }
    }

    /// Returns the status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// Which calls a mapper is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapperScope {
    /// The target's host, in lower case.
    pub host: String,
    /// The HTTP method.
    pub method: String,
    /// The template of the path: segments that look like ids are `:p`.
    pub path: String,
}

/// A mapper.
///
/// What a change replaces is all but its id, organisation, scope and `created_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapper {
    /// Its id.
    pub id: MapperId,
    /// Whose calls it maps.
    pub organization_id: OrganizationId,
    /// Which calls.
    pub scope: MapperScope,
    /// Where it stands.
    pub status: MapperStatus,
    /// The version that is in force.
    pub active_version: Option<u32>,
    /// Calls that it was inferred of, or will be; at most [`MAX_SAMPLES`], newest first.
    pub samples: Vec<RequestId>,
    /// When a mapping was last inferred, or tried to be.
    pub inferred_at: Option<Timestamp>,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A version of a mapper. All of it but its status stays as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapperVersion {
    /// The mapper.
    pub mapper_id: MapperId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Counts up from 1.
    pub version: u32,
    /// The version that it was made from.
    pub parent: Option<u32>,
    /// Where it stands.
    pub status: MapperStatus,
    /// The mapping document, as JSON.
    pub document: String,
    /// What else could have been, and on what evidence, as JSON; empty where an administrator made it.
    pub report: String,
    /// Who made it: `job`, or the id of an administrator's key.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// A mapper together with versions of it, to be kept at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedMapper {
    /// The mapper as it is now.
    pub mapper: Mapper,
    /// New versions, and versions whose status changed.
    pub versions: Vec<MapperVersion>,
}
