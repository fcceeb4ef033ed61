//! What organisations keep to work with their calls.

use std::collections::{BTreeMap, BTreeSet};

use gatehouse_types::OrganizationId;

use super::{MemoryControl, State, add, oldest_first, remove};
use crate::control::Changed;
use crate::desk::{DeskChange, DeskStore, MAX_SESSION_TAGS, SavedFilter, SavedQuery, SessionTag, Tagged};
use crate::{Source, StoreError, StoreFuture};

/// All of it, of all organisations.
#[derive(Debug, Default)]
pub(super) struct Desk {
    queries: Vec<SavedQuery>,
    filters: Vec<SavedFilter>,
    hidden: BTreeSet<(OrganizationId, String)>,
    tags: BTreeMap<(OrganizationId, String), String>,
}

impl Desk {
    pub(super) fn apply(&mut self, change: DeskChange) -> Changed {
        match change {
            DeskChange::AddQuery(added) => add(&mut self.queries, added, |a, b| a.id == b.id),
            DeskChange::UpdateQuery(changed) => self.edit_query(changed),
            DeskChange::RemoveQuery(owner, id) => {
                remove(&mut self.queries, |found| (found.organization_id, found.id) == (owner, id))
            }
            DeskChange::AddFilter(added) => add(&mut self.filters, added, |a, b| a.id == b.id),
            DeskChange::UpdateFilter(changed) => self.edit_filter(changed),
            DeskChange::RemoveFilter(owner, id) => {
                remove(&mut self.filters, |found| (found.organization_id, found.id) == (owner, id))
            }
            DeskChange::HideProperty(owner, name) => {
                if self.hidden.insert((owner, name)) {
                    Changed::Done
                } else {
                    Changed::Exists
                }
            }
            DeskChange::RestoreProperty(owner, name) => {
                if self.hidden.remove(&(owner, name)) {
                    Changed::Done
                } else {
                    Changed::NotFound
                }
            }
        }
    }

    fn edit_query(&mut self, changed: SavedQuery) -> Changed {
        let is_meant = |found: &&mut SavedQuery| {
            (found.organization_id, found.id) == (changed.organization_id, changed.id)
        };
        let Some(query) = self.queries.iter_mut().find(is_meant) else { return Changed::NotFound };
        // What is not replaced stays.
        *query = SavedQuery { created_at: query.created_at, ..changed };
        Changed::Done
    }

    fn edit_filter(&mut self, changed: SavedFilter) -> Changed {
        let is_meant = |found: &&mut SavedFilter| {
            (found.organization_id, found.id) == (changed.organization_id, changed.id)
        };
        let Some(filter) = self.filters.iter_mut().find(is_meant) else { return Changed::NotFound };
        *filter = SavedFilter { created_at: filter.created_at, ..changed };
        Changed::Done
    }

    fn tags_of(&self, organization_id: OrganizationId) -> Vec<SessionTag> {
        let own = self.tags.iter().filter(|((owner, _), _)| *owner == organization_id);
        let tag = |((_, session_id), tag): (&(OrganizationId, String), &String)| SessionTag {
            organization_id,
            session_id: session_id.clone(),
            tag: tag.clone(),
        };
        own.map(tag).collect()
    }
}

impl State {
    fn tag_session(&mut self, tag: SessionTag) -> Result<Tagged, StoreError> {
        if self.organizations.iter().all(|organization| organization.id != tag.organization_id) {
            let source = Source::from(format!("there is no organisation {}", tag.organization_id));
            return Err(StoreError::Failed { store: "control store", operation: "tag a session", source });
        }
        let owner = tag.organization_id;
        let others = self.desk.tags.keys().filter(|(found, id)| *found == owner && *id != tag.session_id);
        if others.count() >= MAX_SESSION_TAGS {
            return Ok(Tagged::Full);
        }
        self.desk.tags.insert((owner, tag.session_id), tag.tag);
        self.version += 1;
        Ok(Tagged::Done)
    }
}

impl DeskStore for MemoryControl {
    fn saved_queries(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<SavedQuery>> {
        Box::pin(async move {
            let mut queries = oldest_first(&self.0.lock().desk.queries, |query| (query.created_at, query.id));
            queries.retain(|query| query.organization_id == organization_id);
            Ok(queries)
        })
    }

    fn saved_filters(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<SavedFilter>> {
        Box::pin(async move {
            let mut filters =
                oldest_first(&self.0.lock().desk.filters, |filter| (filter.created_at, filter.id));
            filters.retain(|filter| filter.organization_id == organization_id);
            Ok(filters)
        })
    }

    fn hidden_properties(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<String>> {
        Box::pin(async move {
            let state = self.0.lock();
            let own = state.desk.hidden.iter().filter(|(owner, _)| *owner == organization_id);
            Ok(own.map(|(_, name)| name.clone()).collect())
        })
    }

    fn session_tag(
        &self,
        organization_id: OrganizationId,
        session_id: String,
    ) -> StoreFuture<'_, Option<String>> {
        Box::pin(async move { Ok(self.0.lock().desk.tags.get(&(organization_id, session_id)).cloned()) })
    }

    fn session_tags(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<SessionTag>> {
        Box::pin(async move { Ok(self.0.lock().desk.tags_of(organization_id)) })
    }

    fn tag_session(&self, tag: SessionTag) -> StoreFuture<'_, Tagged> {
        Box::pin(async move { self.0.lock().tag_session(tag) })
    }

    fn untag_session(&self, organization_id: OrganizationId, session_id: String) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let mut state = self.0.lock();
            state.desk.tags.remove(&(organization_id, session_id));
            state.version += 1;
            Ok(())
        })
    }
}
