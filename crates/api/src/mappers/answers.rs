//! Mappers as the API shows them.

use gatehouse_mapper::mapping::{Inference, MappingStatus};
use gatehouse_store::mappers::{Mapper, MapperVersion};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A mapper: one API of which no reader knows what its answers say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mapper, example = json!({
    "id": "0199f0a1-7c1e-4c3a-9a55-3f2f0c8f1d20", "host": "api.acme.ai", "method": "POST",
    "path": "/v1/:p/generate", "status": "PENDING_APPROVAL", "active_version": 1, "sample_count": 41,
    "inferred_at": "2026-11-22T14:06:00.123Z", "created_at": "2026-11-22T14:01:00.123Z",
    "updated_at": "2026-11-22T14:06:00.123Z"
}))]
pub(crate) struct MapperAnswer {
    id: Uuid,
    /// The host that was called.
    host: String,
    /// The HTTP method.
    method: String,
    /// The path, with `:p` for segments that differ from call to call.
    path: String,
    /// `PENDING_CREATION`, `IN_PROGRESS`, `PENDING_APPROVAL`, `ACTIVE`, `PENDING_UPDATE`, `INACTIVE`, `DECLINED` or
    /// `FAILED`.
    status: String,
    /// The version in force; null when there is none. It may be in force for some fields while others wait.
    active_version: Option<u32>,
    /// Of how many calls the last mapping was inferred.
    sample_count: usize,
    /// When a mapping was last inferred, or tried to be.
    inferred_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<&Mapper> for MapperAnswer {
    fn from(mapper: &Mapper) -> Self {
        Self {
            id: mapper.id.as_uuid(),
            host: mapper.scope.host.clone(),
            method: mapper.scope.method.clone(),
            path: mapper.scope.path.clone(),
            status: mapper.status.as_str().to_owned(),
            active_version: mapper.active_version,
            sample_count: mapper.samples.len(),
            inferred_at: mapper.inferred_at.map(|at| at.to_string()),
            created_at: mapper.created_at.to_string(),
            updated_at: mapper.updated_at.to_string(),
        }
    }
}

/// A mapper with its versions, and what may be decided about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MapperDetail)]
pub(crate) struct MapperDetail {
    mapper: MapperAnswer,
    /// Oldest first.
    versions: Vec<VersionAnswer>,
    /// What was found for each field when a mapping was last inferred.
    fields: Vec<FieldAnswer>,
}

/// A version of a mapper, which never changes but for its status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MapperVersion)]
pub(crate) struct VersionAnswer {
    version: u32,
    /// The version that it was made from.
    parent: Option<u32>,
    status: String,
    /// The mapping: where requests and answers say what.
    #[schema(value_type = Object)]
    document: Value,
    /// `job`, or the id of the key with which it was approved.
    created_by: String,
    created_at: String,
}

/// What was found for a field.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MapperField)]
pub(crate) struct FieldAnswer {
    /// `messages`, `prompt`, `text`, `usage`, …
    field: String,
    /// Whether it is about streamed answers.
    streamed: bool,
    /// `active`: sure enough; `pending`: waits for approval; `missing`: nothing was found.
    decision: String,
    /// Why.
    reason: String,
    /// Up to three, the best first.
    candidates: Vec<CandidateAnswer>,
}

/// One way to read a field.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MapperCandidate)]
pub(crate) struct CandidateAnswer {
    /// How much speaks for it.
    score: f64,
    /// What speaks for it and against it.
    reasons: Vec<String>,
    /// What it reads from up to three calls.
    examples: Vec<String>,
    /// What the mapping would say.
    mapping: Value,
}

impl MapperDetail {
    /// Puts together what is known of a mapper.
    pub(super) fn of(mapper: &Mapper, versions: &[MapperVersion]) -> Self {
        let newest = versions.iter().rev().find(|version| !version.report.is_empty());
        let inference = newest.and_then(inference_of);
        Self {
            mapper: mapper.into(),
            versions: versions.iter().map(VersionAnswer::from).collect(),
            fields: inference.map(fields).unwrap_or_default(),
        }
    }
}

/// Returns what was inferred when a version was made.
pub(super) fn inference_of(version: &MapperVersion) -> Option<Inference> {
    serde_json::from_str(&version.report).ok()
}

impl From<&MapperVersion> for VersionAnswer {
    fn from(version: &MapperVersion) -> Self {
        Self {
            version: version.version,
            parent: version.parent,
            status: version.status.as_str().to_owned(),
            document: serde_json::from_str(&version.document).unwrap_or_default(),
            created_by: version.created_by.clone(),
            created_at: version.created_at.to_string(),
        }
    }
}

fn fields(inference: Inference) -> Vec<FieldAnswer> {
    let candidate = |candidate: gatehouse_mapper::mapping::Candidate| CandidateAnswer {
        score: candidate.score,
        reasons: candidate.reasons,
        examples: candidate.examples,
        mapping: serde_json::to_value(candidate.mapping).unwrap_or_default(),
    };
    let field = |found: gatehouse_mapper::mapping::FieldInference| FieldAnswer {
        field: found.field.as_str().to_owned(),
        streamed: found.streamed,
        decision: word(found.decision),
        reason: found.reason,
        candidates: found.candidates.into_iter().map(candidate).collect(),
    };
    inference.fields.into_iter().map(field).collect()
}

/// Returns the name that an enumeration has in JSON.
fn word(decision: gatehouse_mapper::mapping::Decision) -> String {
    let value = serde_json::to_value(decision).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether a version may be put in force.
pub(super) const fn may_be_active(version: &MapperVersion) -> bool {
    !matches!(version.status, MappingStatus::Failed)
}
