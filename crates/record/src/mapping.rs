//! Reading calls that no reader knows by the mapping that their organisation has, and noticing what is missing.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_mapper::mapping::{BodyView, Drift, Mapped, Sample, Watch, dialect_known};
use gatehouse_store::log::MapperUse;
use gatehouse_store::mappers::{ActiveMapping, MapperScope};
use gatehouse_types::{Body, BodyState, ExchangeMeta, MapperId, Observed};
use gatehouse_wire::{ReadBody, ReadExchange, preview_of};
use parking_lot::Mutex;

use crate::knowledge::Knowledge;

/// How many versions of mappings are watched at once; beyond that, none is until some are forgotten.
const MAX_WATCHED: usize = 10_000;

/// What a call tells of the mappers of its organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sighting {
    /// No reader and no mapping knows the API.
    Unmapped(MapperScope),
    /// The mapping in force no longer fits.
    Drifted(MapperId, Drift),
}

/// Counters of the mappings in force, by mapper and version.
#[derive(Debug, Default)]
pub(crate) struct Watches(Mutex<HashMap<(MapperId, u32), Watch>>);

impl Watches {
    /// Counts a call; returns why the mapping no longer fits, once.
    fn count(&self, active: &ActiveMapping, sample: &Sample<'_>, mapped: &Mapped) -> Option<Drift> {
        let mut watches = self.0.lock();
        if watches.len() >= MAX_WATCHED {
            watches.clear();
        }
        let watch = watches.entry((active.mapper_id, active.version)).or_default();
        let drift = watch.count(&active.document, sample, mapped)?;
        // It is told once; from here on the counters begin anew.
        *watch = Watch::default();
        Some(drift)
    }
}

/// Reads a call by its organisation's mapping where no reader knows it.
///
/// Fills what `observed` lacks; returns the mapping that read it, and what there is to be noticed.
pub(crate) fn read_by_mapping(
    meta: &ExchangeMeta,
    read: &ReadExchange<'_>,
    observed: &mut Observed,
    knowledge: &Knowledge,
    watches: Option<&Watches>,
) -> (Option<MapperUse>, Option<Sighting>) {
    if observed.usage.is_some() || !meta.outcome.is_whole() {
        return (None, None);
    }
    let status = u16::try_from(meta.status).unwrap_or_default();
    let sample = Sample {
        method: &meta.method,
        host: "",
        path: &meta.path,
        status,
        request: view(read.request),
        response: view(read.response),
    };
    if !is_mappable(&sample) {
        return (None, None);
    }
    let scope = MapperScope::of(&meta.method, &meta.target_url, &meta.path);
    let Some(active) = knowledge.view.mappings.of(meta.organization_id, &scope) else {
        return (None, Some(Sighting::Unmapped(scope)));
    };
    let sample = Sample { host: &scope.host, ..sample };
    let mapped = active.document.apply(&sample);
    let drift = watches.and_then(|watches| watches.count(active, &sample, &mapped));
    fill(observed, mapped);
    let sighting = drift.map(|drift| Sighting::Drifted(active.mapper_id, drift));
    (Some(mapper_use(active)), sighting)
}

/// Returns how a row names a mapping.
pub(crate) fn mapper_use(active: &Arc<ActiveMapping>) -> MapperUse {
    MapperUse { id: active.mapper_id.to_string(), version: active.version }
}

/// Returns whether a call went well and is neither of a known dialect nor without JSON on both sides.
pub(crate) fn is_mappable(sample: &Sample<'_>) -> bool {
    let first = |body: &BodyView<'_>| body.bytes.trim_ascii_start().first().copied();
    let asks_in_json = first(&sample.request) == Some(b'{');
    // An array, an object, events (`data:`, `event:`, a comment) or frames of AWS.
    let answers_in_pieces = matches!(first(&sample.response), Some(b'{' | b'[' | b'd' | b'e' | b':' | 0));
    let is_whole = !sample.request.truncated && !sample.response.truncated;
    sample.is_success() && asks_in_json && answers_in_pieces && is_whole && !dialect_known(sample)
}

fn view<'a>((body, read): (&'a Body, &'a ReadBody)) -> BodyView<'a> {
    BodyView {
        bytes: read.bytes.as_deref().unwrap_or_default(),
        content_type: body.content_type.as_deref(),
        truncated: read.state == BodyState::Truncated,
    }
}

/// Puts what a mapping read where nothing is known yet.
pub(crate) fn fill(observed: &mut Observed, mapped: Mapped) {
    let asked = mapped.messages.last().map(|message| message.content.as_str()).or(mapped.prompt.as_deref());
    observed.request_preview = observed.request_preview.take().or_else(|| preview_of(asked?));
    observed.response_preview =
        observed.response_preview.take().or_else(|| preview_of(mapped.text.as_deref()?));
    if observed.response_model.is_none() && observed.request_model.is_none() {
        observed.request_model = mapped.model;
    }
    observed.usage = mapped.usage;
}
