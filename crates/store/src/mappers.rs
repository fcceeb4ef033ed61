//! Mappers: what is known of an organisation's APIs that nobody wrote a reader for.
//!
//! A mapper is one API, as its calls name it: host, method and path. It gathers samples until a mapping can be
//! inferred of them, and then has versions, which never change; at most one of them is in force.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub use gatehouse_mapper::mapping::MappingStatus;
use gatehouse_mapper::mapping::{MappingDocument, path_template};
use gatehouse_types::{MapperId, OrganizationId, RequestId, Timestamp};

use crate::pricing::host_of;

/// How many calls a mapper keeps as samples.
pub const MAX_SAMPLES: usize = 60;
/// From how many samples on a mapping is inferred.
pub const ENOUGH_SAMPLES: usize = 5;

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

impl MapperScope {
    /// Returns the scope of a call by its method, the target's URL and the path that was called.
    pub fn of(method: &str, target_url: &str, path: &str) -> Self {
        Self {
            host: host_of(target_url).unwrap_or_default().to_ascii_lowercase(),
            method: method.to_owned(),
            path: path_template(path),
        }
    }
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
    pub status: MappingStatus,
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
    pub status: MappingStatus,
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
    /// When the mapper was last changed as the one who saves it knows; `None` for a new one. What was changed since
    /// then stays: whoever knows less must not overwrite what is newer.
    pub seen: Option<Timestamp>,
    /// New versions, and versions whose status changed.
    pub versions: Vec<MapperVersion>,
}

/// A mapping that is in force.
#[derive(Clone, Debug)]
pub struct ActiveMapping {
    /// The mapper.
    pub mapper_id: MapperId,
    /// Its version in force.
    pub version: u32,
    /// How calls are read.
    pub document: MappingDocument,
}

/// The mappings in force of every organisation, in memory.
#[derive(Clone, Debug, Default)]
pub struct Mappings {
    active: HashMap<OrganizationId, HashMap<MapperScope, Arc<ActiveMapping>>>,
    /// What has a mapper that may get a mapping, and has none yet.
    pending: HashMap<OrganizationId, HashSet<MapperScope>>,
}

impl Mappings {
    /// Puts mappers together with their versions in force. A document that does not read is left out: whoever
    /// stored it is newer than this program.
    pub fn new(mappers: Vec<Mapper>, versions: Vec<MapperVersion>) -> Self {
        let mut documents: HashMap<MapperId, MapperVersion> =
            versions.into_iter().map(|version| (version.mapper_id, version)).collect();
        let mut mappings = Self::default();
        for mapper in mappers {
            let Some(version) = documents.remove(&mapper.id) else {
                if mapper.status != MappingStatus::Declined {
                    mappings.pending.entry(mapper.organization_id).or_default().insert(mapper.scope);
                }
                continue;
            };
            match MappingDocument::parse(&version.document) {
                Ok(document) => {
                    let active = ActiveMapping { mapper_id: mapper.id, version: version.version, document };
                    let scopes = mappings.active.entry(mapper.organization_id).or_default();
                    scopes.insert(mapper.scope, Arc::new(active));
                }
                Err(error) => tracing::error!(%error, mapper = %mapper.id, "a mapping is not in force"),
            }
        }
        mappings
    }

    /// Returns the mapping for calls of an organisation, if it has one.
    pub fn of(&self, organization_id: OrganizationId, scope: &MapperScope) -> Option<&Arc<ActiveMapping>> {
        self.active.get(&organization_id)?.get(scope)
    }

    /// Returns whether calls of a scope wait for a mapping.
    pub fn is_pending(&self, organization_id: OrganizationId, scope: impl FnOnce() -> MapperScope) -> bool {
        self.pending.get(&organization_id).is_some_and(|scopes| scopes.contains(&scope()))
    }
}

/// What the API asks of the one who makes mappings; all of it is done later, in the background.
pub trait MapperTasks: Send + Sync {
    /// Infers a mapping anew from the newest calls; returns `false` when there is no room for another task.
    fn infer(&self, organization_id: OrganizationId, id: MapperId) -> bool;

    /// Reads stored calls by the mapping in force; returns `false` when there is no room for another task.
    fn back_fill(&self, organization_id: OrganizationId, id: MapperId) -> bool;
}
