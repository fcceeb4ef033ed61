//! The job that makes mappings: it gathers calls that no reader knows, infers mappings of them, puts those in force
//! that are sure, and reads the stored calls by them.
//!
//! It works beside the recorder and holds nothing up: what it is told of comes through a queue that drops what
//! doesn't fit, and all that it reads comes out of the log store again.

mod back_fill;
mod inference;
mod samples;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::control::{Change, Changed, ControlStore};
use gatehouse_store::log::LogStore;
use gatehouse_store::mappers::{
    ENOUGH_SAMPLES, Mapper, MapperScope, MapperTasks, MappingStatus, SavedMapper,
};
use gatehouse_store::{StoreError, view::ViewKeeper};
use gatehouse_types::{Clock, MapperId, OrganizationId};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::knowledge::KnowledgeSource;
use crate::mapping::Sighting;

/// How many tasks wait at most.
const MAX_WAITING: usize = 4096;
/// How much of that is left to what administrators ask for, however much calls tell.
const KEPT_FOR_REQUESTS: usize = 256;
/// How many mappers an organisation may have: each host and path of which no reader knows takes one.
const MAX_MAPPERS: usize = 500;
/// How many scopes of an organisation are counted at once: further ones wait until all are counted anew.
const MAX_SEEN: usize = 2 * MAX_MAPPERS;
/// How long a mapping that drifts is left alone after it was inferred anew because of that.
const DRIFT_PAUSE: Duration = Duration::from_mins(10);
/// From how many calls on a mapping that was not sure is tried again.
const TRY_AGAIN_AT: [u32; 3] = [10, 20, 60];

/// What the job is to do.
#[derive(Clone, Debug)]
enum Task {
    /// A call told something.
    Sighted(OrganizationId, Sighting),
    /// A mapping is wanted now.
    Infer(OrganizationId, MapperId),
    /// Stored calls are to be read by the mapping in force.
    BackFill(OrganizationId, MapperId),
}

/// The way to the job.
#[derive(Clone, Debug)]
pub struct MapperQueue(mpsc::Sender<Task>);

impl MapperQueue {
    /// Tells of calls; what there is no room for is seen at the next call.
    pub(crate) fn tell(&self, sightings: Vec<(OrganizationId, Sighting)>) {
        for (organization_id, sighting) in sightings {
            let has_room = self.0.capacity() > KEPT_FOR_REQUESTS;
            if !has_room || self.0.try_send(Task::Sighted(organization_id, sighting)).is_err() {
                return;
            }
        }
    }
}

impl MapperTasks for MapperQueue {
    fn infer(&self, organization_id: OrganizationId, id: MapperId) -> bool {
        self.0.try_send(Task::Infer(organization_id, id)).is_ok()
    }

    fn back_fill(&self, organization_id: OrganizationId, id: MapperId) -> bool {
        self.0.try_send(Task::BackFill(organization_id, id)).is_ok()
    }
}

/// What a [`MapperJob`] works with.
pub struct MapperParts {
    /// Where calls are read and revised.
    pub log: Arc<dyn LogStore>,
    /// Where mappers are kept, and the view of them that is to follow.
    pub keeper: Arc<ViewKeeper>,
    /// What calls are priced with.
    pub knowledge: KnowledgeSource,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How often all mappings that are not in force yet are tried again.
    pub interval: Duration,
}

/// Makes mappings, from [`MapperJob::run`] on.
pub struct MapperJob {
    parts: MapperParts,
    tasks: mpsc::Receiver<Task>,
    /// How many calls were seen that no mapping knows, since the start.
    seen: Seen,
    /// When a mapping was last inferred anew because it drifted.
    drifted: HashMap<MapperId, Instant>,
}

/// How many calls of each scope were seen.
#[derive(Default)]
struct Seen(HashMap<OrganizationId, HashMap<MapperScope, u32>>);

impl Seen {
    /// Counts a call; returns how many there are of its scope, or `None` where too many scopes are counted already.
    fn count(&mut self, organization_id: OrganizationId, scope: &MapperScope) -> Option<u32> {
        let scopes = self.0.entry(organization_id).or_default();
        if scopes.len() >= MAX_SEEN && !scopes.contains_key(scope) {
            return None;
        }
        let count = scopes.entry(scope.clone()).or_default();
        *count = count.saturating_add(1);
        Some(*count)
    }
}

/// Who asked for an inference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Nobody did: it was due.
    Nobody,
    /// An administrator, who wants to see that it was done.
    Administrator,
}

/// Why a task was not done.
#[derive(Debug, thiserror::Error)]
enum MapperError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The document could not be written as JSON.
    #[error("a mapping could not be written")]
    Json(#[from] serde_json::Error),
    /// A blocking piece of work did not come to its end.
    #[error("a blocking task of the mappers did not end")]
    Blocking(#[from] tokio::task::JoinError),
}

impl MapperJob {
    /// Returns the job, which does nothing yet, and the way to it.
    pub fn new(parts: MapperParts) -> (Self, MapperQueue) {
        let (sender, tasks) = mpsc::channel(MAX_WAITING);
        (Self { parts, tasks, seen: Seen::default(), drifted: HashMap::new() }, MapperQueue(sender))
    }

    /// Works until `stop` is cancelled. A task that fails is logged and left to the next occasion.
    ///
    /// # Cancellation
    /// Safe: what was not done is found again.
    pub async fn run(mut self, stop: CancellationToken) {
        tokio::select! {
            () = self.work() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn work(&mut self) {
        self.finish_back_fills().await;
        let mut ticks = tokio::time::interval_at(Instant::now() + self.parts.interval, self.parts.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                task = self.tasks.recv() => match task {
                    Some(task) => self.attempt(task).await,
                    None => return,
                },
                _ = ticks.tick() => self.try_all_again().await,
            }
        }
    }

    async fn attempt(&mut self, task: Task) {
        let done = match task {
            Task::Sighted(organization_id, Sighting::Unmapped(scope)) => {
                self.note_unmapped(organization_id, scope).await
            }
            Task::Sighted(organization_id, Sighting::Drifted(id, drift)) => {
                self.note_drift(organization_id, id, drift).await
            }
            Task::Infer(organization_id, id) => self.infer(organization_id, id, Asked::Administrator).await,
            Task::BackFill(organization_id, id) => self.back_fill(organization_id, id).await,
        };
        note_failure(done);
    }

    /// Goes on with what an earlier process may have left undone.
    async fn finish_back_fills(&mut self) {
        for mapper in self.mappers().await.unwrap_or_default() {
            if mapper.active_version.is_some() {
                self.attempt(Task::BackFill(mapper.organization_id, mapper.id)).await;
            }
        }
    }

    async fn try_all_again(&mut self) {
        self.seen = Seen::default();
        self.drifted.retain(|_, at| at.elapsed() < DRIFT_PAUSE);
        for mapper in self.mappers().await.unwrap_or_default() {
            if !matches!(mapper.status, MappingStatus::Active | MappingStatus::Declined) {
                let done = self.infer(mapper.organization_id, mapper.id, Asked::Nobody).await;
                note_failure(done);
            }
        }
    }

    /// Counts a call that no mapping knows; makes its mapper, and infers when there are calls enough.
    async fn note_unmapped(
        &mut self,
        organization_id: OrganizationId,
        scope: MapperScope,
    ) -> Result<(), MapperError> {
        let Some(count) = self.seen.count(organization_id, &scope) else { return Ok(()) };
        let is_first = count == 1;
        let is_due = usize::try_from(count).is_ok_and(|count| count == ENOUGH_SAMPLES);
        if !is_first && !is_due && !TRY_AGAIN_AT.contains(&count) {
            return Ok(());
        }
        let Some(mapper) = self.find_or_make(organization_id, scope).await? else { return Ok(()) };
        let is_settled = matches!(mapper.status, MappingStatus::Active | MappingStatus::Declined);
        if is_settled
            || (is_first && mapper.status == MappingStatus::PendingCreation && !self.has_enough(&mapper))
        {
            return Ok(());
        }
        self.infer(organization_id, mapper.id, Asked::Nobody).await
    }

    /// After a restart the calls of before count too: they are in the log.
    fn has_enough(&self, mapper: &Mapper) -> bool {
        mapper.samples.len() >= ENOUGH_SAMPLES
    }

    async fn find_or_make(
        &self,
        organization_id: OrganizationId,
        scope: MapperScope,
    ) -> Result<Option<Mapper>, MapperError> {
        let mappers = self.mappers().await?;
        let own = mappers.iter().filter(|mapper| mapper.organization_id == organization_id);
        if let Some(found) = own.clone().find(|mapper| mapper.scope == scope) {
            return Ok(Some(found.clone()));
        }
        if own.count() >= MAX_MAPPERS {
            return Ok(None);
        }
        let now = self.parts.clock.now();
        let mapper = Mapper {
            id: MapperId::generate(),
            organization_id,
            scope,
            status: MappingStatus::PendingCreation,
            active_version: None,
            samples: Vec::new(),
            inferred_at: None,
            created_at: now,
            updated_at: now,
        };
        let detail = format!("{} {}{}", mapper.scope.method, mapper.scope.host, mapper.scope.path);
        let saved = SavedMapper { mapper: mapper.clone(), seen: None, versions: Vec::new() };
        self.save(saved, Action::MapperFound, detail).await?;
        Ok(Some(mapper))
    }

    async fn note_drift(
        &mut self,
        organization_id: OrganizationId,
        id: MapperId,
        drift: gatehouse_mapper::mapping::Drift,
    ) -> Result<(), MapperError> {
        // Every call may tell of drift, also of one that nothing can be done about.
        if self.drifted.get(&id).is_some_and(|at| at.elapsed() < DRIFT_PAUSE) {
            return Ok(());
        }
        let Some(mapper) = self.find(organization_id, id).await? else { return Ok(()) };
        // It was declined while the call was on its way.
        if mapper.active_version.is_none() {
            return Ok(());
        }
        self.drifted.insert(id, Instant::now());
        if mapper.status == MappingStatus::Active {
            let (seen, now) = (Some(mapper.updated_at), self.parts.clock.now());
            let mapper = Mapper { status: MappingStatus::PendingUpdate, updated_at: now, ..mapper };
            let saved = SavedMapper { mapper, seen, versions: Vec::new() };
            self.save(saved, Action::MapperDrifted, format!("{drift:?}").to_lowercase()).await?;
        }
        self.infer(organization_id, id, Asked::Nobody).await
    }

    fn control(&self) -> &dyn ControlStore {
        self.parts.keeper.store().as_ref()
    }

    async fn mappers(&self) -> Result<Vec<Mapper>, StoreError> {
        self.control().mappers().await
    }

    async fn find(
        &self,
        organization_id: OrganizationId,
        id: MapperId,
    ) -> Result<Option<Mapper>, StoreError> {
        let mut mappers = self.mappers().await?.into_iter();
        Ok(mappers.find(|mapper| (mapper.organization_id, mapper.id) == (organization_id, id)))
    }

    /// Saves a mapper and its entry in the audit log, and has the view follow at once.
    async fn save(&self, saved: SavedMapper, action: Action, detail: String) -> Result<(), MapperError> {
        let Mapper { organization_id, id, .. } = saved.mapper;
        let now = self.parts.clock.now();
        let entry = AuditEntry::new(organization_id, now, Actor::Server, action, id, detail);
        if self.control().change(Change::SaveMapper(Box::new(saved)), entry).await? != Changed::Done {
            tracing::info!(mapper = %id, "a mapper was not saved: somebody else changed it meanwhile");
        }
        Ok(self.parts.keeper.refresh().await?)
    }
}

fn note_failure(done: Result<(), MapperError>) {
    if let Err(error) = done {
        tracing::warn!("a mapper's task was not done: {}", crate::stats::whole_text(&error));
    }
}

#[cfg(test)]
mod tests;
