//! Reading stored calls by the mapping in force.

use std::sync::Arc;

use gatehouse_store::log::{KeyedRow, LogRow, PricedRow, Reading, Revised, Revision, RevisionReason};
use gatehouse_store::mappers::{ActiveMapping, Mapper};
use gatehouse_store::pricing::PricedCall;
use gatehouse_types::{MapperId, Observed, OrganizationId, Usage, UsageSource};

use super::{MapperError, MapperJob, samples};
use crate::knowledge::Knowledge;
use crate::mapping::{fill, is_mappable, mapper_use};

impl MapperJob {
    /// Reads the stored calls of a mapper, the newest first, that nothing or another version has read; what a
    /// provider's own counts are known of stays as it is. Doing it again changes nothing.
    pub(super) async fn back_fill(
        &self,
        organization_id: OrganizationId,
        id: MapperId,
    ) -> Result<(), MapperError> {
        let Some(mapper) = self.find(organization_id, id).await? else { return Ok(()) };
        let mapper = Arc::new(mapper);
        let (mut before, mut revised, mut read) = (None, 0, 0);
        loop {
            let knowledge = self.parts.knowledge.now();
            let Some(active) = knowledge.view.mappings.of(organization_id, &mapper.scope).cloned() else {
                return Ok(());
            };
            let walk = samples::walk(&mapper, samples::unread(&mapper.scope), before);
            let walked = self.parts.log.walk_rows(walk).await?;
            read += walked.rows.len();
            let at = self.parts.clock.now();
            let (scope_of, rows) = (Arc::clone(&mapper), walked.rows);
            let reading = tokio::task::spawn_blocking(move || {
                let revised = Revised { at, reason: RevisionReason::Mapping };
                let revise = |row: &KeyedRow| revision(&scope_of, row, &active, &knowledge, revised);
                rows.iter().filter_map(revise).collect::<Vec<_>>()
            });
            let revisions = reading.await?;
            if !revisions.is_empty() {
                revised += self.parts.log.revise(organization_id, revisions).await?;
            }
            before = walked.next;
            if before.is_none() {
                break;
            }
        }
        if revised > 0 {
            tracing::info!(mapper = %id, read, revised, "stored calls were read by a mapping");
        }
        Ok(())
    }
}

/// What a mapping says of a stored call; `None` when the call is none of its business.
fn revision(
    mapper: &Mapper,
    KeyedRow { row_key, row }: &KeyedRow,
    active: &Arc<ActiveMapping>,
    knowledge: &Knowledge,
    revised: Revised,
) -> Option<Revision> {
    let uses = mapper_use(active);
    let sample = samples::sample(&mapper.scope, row);
    let is_read = row.mapper.as_ref() == Some(&uses);
    if is_read || !samples::is_of(&mapper.scope, row) || !is_mappable(&sample) {
        return None;
    }
    let mut observed = Observed::default();
    fill(&mut observed, active.document.apply(&sample));
    let model = match is_model_mapped(row) {
        true => observed.request_model.take().unwrap_or_default(),
        false => row.model.clone(),
    };
    let usage = observed.usage.map(|usage| Usage { total: usage.total_tokens(), ..usage });
    let usage_source = if usage.is_some() { UsageSource::Mapped } else { UsageSource::None };
    let stored = PricedRow {
        model: model.clone(),
        usage: usage.unwrap_or_default(),
        usage_source,
        ..row.priced(*row_key)
    };
    let overrides = knowledge.overrides(row.organization_id);
    let priced = PricedCall::stored(&stored).price(&knowledge.catalog, overrides);
    Some(Revision {
        row_key: *row_key,
        seen: row.revised.map(|revised| revised.at),
        reading: Some(Reading {
            model,
            usage: stored.usage,
            usage_source,
            mapper: Some(uses),
            request_preview: observed.request_preview,
            response_preview: observed.response_preview,
        }),
        cost: priced.cost,
        cost_status: priced.status.as_str().to_owned(),
        revised,
    })
}

/// Whether nobody but a mapping can say what a call's model is, or did.
pub(super) fn is_model_mapped(row: &LogRow) -> bool {
    let told = [&row.model_override, &row.response_model, &row.request_model];
    let is_told = told.into_iter().flatten().any(|model| !model.is_empty());
    row.model.is_empty() || (row.mapper.is_some() && !is_told)
}
