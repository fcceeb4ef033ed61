//! The API's way to the job that makes mappings, which starts later than the API.

use std::sync::{Arc, OnceLock};

use gatehouse_record::MapperQueue;
use gatehouse_store::mappers::MapperTasks;
use gatehouse_types::{MapperId, OrganizationId};

/// Has no room for tasks until the job has started.
pub(crate) struct MapperTasksOnceOpen(pub(crate) Arc<OnceLock<MapperQueue>>);

impl MapperTasks for MapperTasksOnceOpen {
    fn infer(&self, organization_id: OrganizationId, id: MapperId) -> bool {
        self.0.get().is_some_and(|queue| queue.infer(organization_id, id))
    }

    fn back_fill(&self, organization_id: OrganizationId, id: MapperId) -> bool {
        self.0.get().is_some_and(|queue| queue.back_fill(organization_id, id))
    }
}
