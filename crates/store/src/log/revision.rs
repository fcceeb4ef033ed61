//! What is found out about a stored call later: another price, or what a mapping reads in its bodies.
//!
//! The facts of a call never change. A revision lies beside them, is joined whenever rows are read, and
//! takes the place of what it revises. A row has at most one: a newer one replaces the older.

use gatehouse_types::{NanoUsd, OrganizationId, Timestamp, Usage, UsageSource};

use super::{Billing, LogRow};
use crate::filter::Filter;

/// The name of a stored row: unlike the id of a call, which a later row may take over, it names one row for good.
///
/// Rows have ascending keys in the order in which they were stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey(u64);

impl RowKey {
    /// Returns the key with that number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns its number, by which a walk can be taken up again later.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// A version of a mapping: what read the bodies of a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapperUse {
    /// The id of the mapping.
    pub id: String,
    /// Its version.
    pub version: u32,
}

/// Why a row was revised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevisionReason {
    /// It was priced anew.
    Reprice,
    /// A mapping read its bodies.
    Mapping,
}

impl RevisionReason {
    /// Every reason, for reading them back.
    pub const ALL: [Self; 2] = [Self::Reprice, Self::Mapping];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reprice => "reprice",
            Self::Mapping => "mapping",
        }
    }
}

/// When and why a row was revised last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revised {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: RevisionReason,
}

/// What takes the place of what a row says.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Which row.
    pub row_key: RowKey,
    /// When the row had been revised last as the one who revises it now has seen it; `None` for never. A row that
    /// was revised since then is left alone: whoever knows less must not overwrite what is newer.
    pub seen: Option<Timestamp>,
    /// What was read anew; `None` leaves what the row says, also by an earlier revision.
    pub reading: Option<Reading>,
    /// The cost, when it is known.
    pub cost: Option<NanoUsd>,
    /// Why the cost is what it is.
    pub cost_status: String,
    /// When and why it is revised; it has to be later than `seen`.
    pub revised: Revised,
}

/// What was read anew from the bodies of a call; it takes the place of all that the row says of the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The model that the call is filed under.
    pub model: String,
    /// What the call used; its `total` is what a list shows as all tokens.
    pub usage: Usage,
    /// Where that comes from.
    pub usage_source: UsageSource,
    /// What read it.
    pub mapper: Option<MapperUse>,
    /// First lines of what was asked; `None` leaves those of the row.
    pub request_preview: Option<String>,
    /// First lines of what came back; `None` leaves those of the row.
    pub response_preview: Option<String>,
}

/// How far a walk goes, and what it reads of each row beside its own columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The walk ends before this row: only what was stored later is come by. `None` leaves nothing out.
    pub after: Option<RowKey>,
    /// Whether bodies are read; without them a walk is many times as fast.
    pub has_bodies: bool,
}

/// A part of a walk through the rows of a tenant, from the newest stored to the oldest.
#[derive(Clone, Debug)]
pub struct Walk {
    /// The tenant: nothing else is ever visible.
    pub organization_id: OrganizationId,
    /// Which rows.
    pub filter: Filter,
    /// Where the part before ended; `None` begins with the newest row.
    pub before: Option<RowKey>,
    /// How many rows at most.
    pub limit: u32,
}

/// What a part of a walk came by.
#[derive(Clone, Debug, PartialEq)]
pub struct Walked<T> {
    /// The rows, newest stored first; there may be none although there are more to come.
    pub rows: Vec<T>,
    /// Where to go on; `None` at the end. It stays good when the store is opened again.
    pub next: Option<RowKey>,
}

/// What the price of a stored call depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct PricedRow {
    /// Which row.
    pub row_key: RowKey,
    /// When the head of the request was read.
    pub request_created_at: Timestamp,
    /// HTTP status, or a synthetic one below 0.
    pub status: i32,
    /// The provider's name.
    pub provider: String,
    /// The provider's URL.
    pub target_url: String,
    /// The model that the call is filed under.
    pub model: String,
    /// Where usage comes from.
    pub usage_source: UsageSource,
    /// What the call used.
    pub usage: Usage,
    /// What else its price depends on.
    pub billing: Billing,
    /// The cost, when it is known.
    pub cost: Option<NanoUsd>,
    /// Why the cost is what it is.
    pub cost_status: String,
    /// When and why it was revised last.
    pub revised: Option<Revised>,
}

/// A stored call with all that is kept of it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyedRow {
    /// Which row.
    pub row_key: RowKey,
    /// The row with its bodies; its annotations are left out.
    pub row: LogRow,
}

impl LogRow {
    /// Puts a revision in the place of what the row says, and returns whether that changed anything: a revision
    /// that says the same, or that has not seen the last one, is not put there.
    pub fn revise(&mut self, revision: &Revision) -> bool {
        if revision.seen != self.revised.map(|revised| revised.at) {
            return false;
        }
        let mut revised = self.clone();
        revised.put(revision);
        if revised == *self {
            return false;
        }
        *self = LogRow { revised: Some(revision.revised), ..revised };
        true
    }

    fn put(&mut self, revision: &Revision) {
        self.cost = revision.cost;
        self.cost_status.clone_from(&revision.cost_status);
        let Some(reading) = &revision.reading else { return };
        self.model.clone_from(&reading.model);
        self.usage = reading.usage;
        self.usage_source = reading.usage_source;
        self.mapper.clone_from(&reading.mapper);
        for (preview, read) in [
            (&mut self.request_preview, &reading.request_preview),
            (&mut self.response_preview, &reading.response_preview),
        ] {
            if read.is_some() {
                preview.clone_from(read);
            }
        }
    }

    /// Returns what its price depends on.
    pub fn priced(&self, row_key: RowKey) -> PricedRow {
        PricedRow {
            row_key,
            request_created_at: self.request_created_at,
            status: self.status,
            provider: self.provider.clone(),
            target_url: self.target_url.clone(),
            model: self.model.clone(),
            usage_source: self.usage_source,
            usage: self.usage,
            billing: self.billing.clone(),
            cost: self.cost,
            cost_status: self.cost_status.clone(),
            revised: self.revised,
        }
    }
}
