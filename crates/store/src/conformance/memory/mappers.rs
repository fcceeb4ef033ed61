//! Mappers and their versions.

use gatehouse_types::{MapperId, OrganizationId};

use super::{State, oldest_first, remove};
use crate::control::{Change, Changed};
use crate::mappers::{Mapper, MapperVersion, SavedMapper};

impl State {
    pub(super) fn apply_to_mappers(&mut self, change: Change) -> Changed {
        match change {
            Change::SaveMapper(saved) => self.save_mapper(*saved),
            Change::RemoveMapper(organization_id, id) => {
                let removed = remove(&mut self.mappers, |found| {
                    (found.organization_id, found.id) == (organization_id, id)
                });
                if removed == Changed::Done {
                    self.mapper_versions.retain(|version| version.mapper_id != id);
                }
                removed
            }
            Change::Desk(change) => self.desk.apply(change),
            _ => Changed::NotFound,
        }
    }

    pub(super) fn active_mapper_versions(&self) -> Vec<MapperVersion> {
        let mappers = oldest_first(&self.mappers, |mapper| (mapper.created_at, mapper.id));
        let active = |mapper: &Mapper| {
            let mut versions = self.mapper_versions.iter();
            versions
                .find(|found| found.mapper_id == mapper.id && Some(found.version) == mapper.active_version)
        };
        mappers.iter().filter_map(active).cloned().collect()
    }

    pub(super) fn mapper_versions_of(&self, owner: OrganizationId, id: MapperId) -> Vec<MapperVersion> {
        let is_its = |found: &&MapperVersion| (found.organization_id, found.mapper_id) == (owner, id);
        let mut versions: Vec<_> = self.mapper_versions.iter().filter(is_its).cloned().collect();
        versions.sort_by_key(|version| version.version);
        versions
    }

    fn save_mapper(&mut self, SavedMapper { mapper, seen, versions }: SavedMapper) -> Changed {
        let owner = mapper.organization_id;
        let is_taken = |found: &Mapper| {
            let is_same = found.id == mapper.id;
            let has_scope = (found.organization_id, &found.scope) == (owner, &mapper.scope);
            (is_same && found.organization_id != owner) || (!is_same && has_scope)
        };
        let id = mapper.id;
        let known = self.mappers.iter().find(|found| found.id == id).map(|found| found.updated_at);
        if self.mappers.iter().any(is_taken) || known != seen {
            return Changed::Exists;
        }
        match self.mappers.iter_mut().find(|found| found.id == id) {
            // What is not replaced stays.
            Some(found) => {
                let (scope, created_at) = (found.scope.clone(), found.created_at);
                *found = Mapper { scope, created_at, ..mapper };
            }
            None => self.mappers.push(mapper),
        }
        for version in versions {
            let is_same = |found: &&mut MapperVersion| {
                (found.mapper_id, found.version) == (version.mapper_id, version.version)
            };
            match self.mapper_versions.iter_mut().find(is_same) {
                Some(found) => found.status = version.status,
                None => self.mapper_versions.push(version),
            }
        }
        Changed::Done
    }
}
