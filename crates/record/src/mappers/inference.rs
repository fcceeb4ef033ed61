//! A mapping of the newest calls, and what becomes of it.

use gatehouse_mapper::mapping::{Decision, Inference, MappingDocument, Scope, infer};
use gatehouse_store::audit::Action;
use gatehouse_store::log::LogRow;
use gatehouse_store::mappers::{
    ENOUGH_SAMPLES, Mapper, MapperScope, MapperVersion, MappingStatus, SavedMapper,
};
use gatehouse_types::{MapperId, OrganizationId};

use super::{Asked, MapperError, MapperJob, samples};

/// Who makes versions here.
const CREATED_BY: &str = "job";

impl MapperJob {
    /// Infers a mapping of the newest calls of a mapper, and puts it in force as far as it is sure. What comes to
    /// nothing new is only kept, and told in the audit log, when somebody asked for it.
    pub(super) async fn infer(
        &self,
        organization_id: OrganizationId,
        id: MapperId,
        asked: Asked,
    ) -> Result<(), MapperError> {
        let Some(mapper) = self.find(organization_id, id).await? else { return Ok(()) };
        let rows = samples::newest(self.parts.log.as_ref(), &mapper).await?;
        let seen = Some(mapper.updated_at);
        let sample_count = mapper.samples.len();
        let mut mapper = self.with_samples(mapper, &rows);
        let successes = rows.iter().filter(|row| (200..300).contains(&row.status)).count();
        if successes < ENOUGH_SAMPLES {
            if asked == Asked::Nobody && sample_count == mapper.samples.len() {
                return Ok(());
            }
            let saved = SavedMapper { mapper, seen, versions: Vec::new() };
            let detail = format!("{successes} calls are too few: it takes {ENOUGH_SAMPLES}");
            return self.save(saved, Action::MapperInferred, detail).await;
        }
        let scope = mapper.scope.clone();
        let inference = tokio::task::spawn_blocking(move || infer_of(&scope, &rows)).await?;
        let versions = self.control().mapper_versions(organization_id, id).await?;
        let before = versions.iter().max_by_key(|version| version.version);
        let is_settled = versions.iter().any(|version| is_settled(version, mapper.active_version));
        if before.is_some_and(|before| says_the_same(before, &inference)) {
            if asked == Asked::Nobody {
                return Ok(());
            }
            let saved = SavedMapper { mapper, seen, versions: Vec::new() };
            return self.save(saved, Action::MapperInferred, "the same as before".to_owned()).await;
        }
        let found = Found::of(&inference, is_settled);
        mapper.status = found.mapper_status(&mapper);
        let number = before.map_or(1, |before| before.version.saturating_add(1));
        let mut saved = vec![self.version(&mapper, number, found.version_status(), &inference)?];
        let detail = format!("version {number}: {}", found.describe());
        if found.is_sure() {
            saved.extend(replaced(&versions, mapper.active_version));
            mapper.active_version = Some(number);
        }
        let action = if found.is_sure() { Action::MapperActivated } else { Action::MapperInferred };
        self.save(SavedMapper { mapper, seen, versions: saved }, action, detail).await?;
        if found.is_sure() { self.back_fill(organization_id, id).await } else { Ok(()) }
    }

    fn with_samples(&self, mapper: Mapper, rows: &[LogRow]) -> Mapper {
        let now = self.parts.clock.now();
        let samples = rows.iter().map(|row| row.request_id).collect();
        Mapper { samples, inferred_at: Some(now), updated_at: now, ..mapper }
    }

    fn version(
        &self,
        mapper: &Mapper,
        version: u32,
        status: MappingStatus,
        inference: &Inference,
    ) -> Result<MapperVersion, MapperError> {
        let document = document_of(mapper, inference);
        Ok(MapperVersion {
            mapper_id: mapper.id,
            organization_id: mapper.organization_id,
            version,
            parent: version.checked_sub(1).filter(|parent| *parent > 0),
            status,
            document: serde_json::to_string(&document)?,
            report: serde_json::to_string(inference)?,
            created_by: CREATED_BY.to_owned(),
            created_at: self.parts.clock.now(),
        })
    }
}

/// What an inference comes to.
struct Found {
    /// How many fields are sure.
    active: usize,
    /// How many wait for an administrator.
    pending: usize,
    /// Whether an administrator made the version in force, which the job must not undo.
    is_settled: bool,
}

impl Found {
    fn of(inference: &Inference, is_settled: bool) -> Self {
        let count =
            |decision: Decision| inference.fields.iter().filter(|field| field.decision == decision).count();
        Self { active: count(Decision::Active), pending: count(Decision::Pending), is_settled }
    }

    /// Whether it is put in force without an administrator, at least those fields that are sure.
    const fn is_sure(&self) -> bool {
        self.active > 0 && !self.is_settled
    }

    const fn version_status(&self) -> MappingStatus {
        match (self.is_sure(), self.active + self.pending) {
            (true, _) => MappingStatus::Active,
            (false, 0) => MappingStatus::Failed,
            (false, _) => MappingStatus::PendingApproval,
        }
    }

    fn mapper_status(&self, mapper: &Mapper) -> MappingStatus {
        match (self.active, self.pending) {
            (0, 0) if mapper.active_version.is_some() => MappingStatus::PendingUpdate,
            (0, 0) => MappingStatus::Failed,
            _ if self.is_settled || self.pending > 0 => MappingStatus::PendingApproval,
            _ => MappingStatus::Active,
        }
    }

    fn describe(&self) -> String {
        let held = if self.is_settled { ", not in force: an administrator made the one that is" } else { "" };
        format!("{} fields sure, {} to be approved{held}", self.active, self.pending)
    }
}

fn infer_of(scope: &MapperScope, rows: &[LogRow]) -> Inference {
    let samples: Vec<_> = rows.iter().map(|row| samples::sample(scope, row)).collect();
    infer(&samples)
}

/// The document as it is stored.
fn document_of(mapper: &Mapper, inference: &Inference) -> MappingDocument {
    let MapperScope { host, method, path } = mapper.scope.clone();
    let organization = Some(mapper.organization_id.to_string());
    MappingDocument { scope: Scope { organization, host, method, path }, ..inference.document.clone() }
}

/// Whether a version is the one in force, and an administrator made it.
fn is_settled(version: &MapperVersion, active: Option<u32>) -> bool {
    Some(version.version) == active && version.created_by != CREATED_BY
}

/// Whether a version says what an inference says, whatever it was made from.
fn says_the_same(version: &MapperVersion, inference: &Inference) -> bool {
    let Ok(before) = serde_json::from_str::<Inference>(&version.report) else { return false };
    let says = |inference: &Inference| {
        let document = &inference.document;
        let fields: Vec<_> =
            inference.fields.iter().map(|field| (field.field, field.streamed, field.decision)).collect();
        (document.request.clone(), document.response.clone(), document.stream.clone(), fields)
    };
    says(&before) == says(inference)
}

/// The version that is replaced, as it is from now on.
pub(super) fn replaced(versions: &[MapperVersion], active: Option<u32>) -> Option<MapperVersion> {
    let replaced = versions.iter().find(|version| Some(version.version) == active)?;
    Some(MapperVersion { status: MappingStatus::Inactive, ..replaced.clone() })
}
