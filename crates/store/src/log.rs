//! The log store: one row a call, its bodies and what is added later beside it.

mod aggregate;
mod annotation;
mod billing;
mod cache_stats;
mod cost_sums;
mod handling;
mod page;
mod revision;
mod search;
mod sql;

use std::collections::BTreeMap;

use bytes::Bytes;
use gatehouse_types::{
    BodyState, KeyId, NanoUsd, OrganizationId, Outcome, RequestId, Timestamp, Usage, UsageSource,
};
use tokio::sync::watch;

use crate::StoreFuture;
use crate::filter::Filter;

pub use aggregate::{
    AggregateQuery, AggregateRow, Aggregated, Bucket, Dimension, Figure, Having, Increment, MAX_GROUPS,
    Measure, Order, Quantity, SESSION_ID, SESSION_NAME, SESSION_PATH,
};
pub use annotation::{
    Annotation, Annotations, Content, FeedbackValue, Given, InvalidAnnotation, MAX_ANNOTATIONS,
    MAX_NAME_CHARACTERS, MAX_VALUE_BYTES, RATING,
};
pub use billing::Billing;
pub use cache_stats::{CacheStats, SavedTotal};
pub use cost_sums::{CostGroups, CostQuery, CostSum};
pub use handling::{CACHED, Handling, LimitStatus, Saved, threat};
pub use page::{After, Direction, RowQuery, SortKey, SortValue};
pub use revision::{
    Extent, KeyedRow, MapperUse, PricedRow, Reading, Revised, Revision, RevisionReason, RowKey, Walk, Walked,
};
pub use search::{
    BodySide, FoundRow, MAX_SEARCHED_BYTES, SNIPPET_CHARACTERS, SearchStep, Searched, Snippet, snippet,
    spellings,
};
pub use sql::{SqlAnswer, SqlColumn, SqlLog, SqlQuery, SqlRefusal, SqlTable};

/// One logged call, as stored.
///
/// Counts and costs that are not known are `None`, never 0.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// The call's id; together with the organisation it names one visible row.
    pub request_id: RequestId,
    /// Whether the client chose the id: only then can an earlier row of the same id exist.
    pub client_chose_id: bool,
    /// The id of the answer.
    pub response_id: RequestId,
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The Helicone key used.
    pub key_id: Option<KeyId>,
    /// When the head of the request was read.
    pub request_created_at: Timestamp,
    /// When the call had ended.
    pub response_created_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// HTTP status, or Helicone's synthetic one (-2 timed out, -3 client gone).
    pub status: i32,
    /// For refusals and failures, the stable kind.
    pub error_kind: Option<String>,
    /// How many times a provider was asked.
    pub attempt_count: u16,
    /// The HTTP method.
    pub method: String,
    /// Path and query as the client sent them, credentials blanked.
    pub path: String,
    /// The provider's URL, credentials blanked.
    pub target_url: String,
    /// The provider's name in Helicone's spelling, or the target's host.
    pub provider: String,
    /// The model the call is filed under: override, else the provider's word, else the caller's.
    pub model: String,
    /// The model the caller asked for.
    pub request_model: Option<String>,
    /// The model the provider named.
    pub response_model: Option<String>,
    /// `Helicone-Model-Override`.
    pub model_override: Option<String>,
    /// Whether the answer was a stream.
    pub is_stream: bool,
    /// The caller's user; empty when there is none.
    pub user_id: String,
    /// Custom properties that the call was sent with; [`LogRow::property`] also knows the added ones.
    pub properties: BTreeMap<String, String>,
    /// Where usage comes from.
    pub usage_source: UsageSource,
    /// What the call used; its `total` is the provider's, else the sum of the known classes.
    pub usage: Usage,
    /// What else the price depends on.
    pub billing: Billing,
    /// The mapping that read usage, model or text from the bodies; `None` for built-in readers.
    pub mapper: Option<MapperUse>,
    /// The cost, when it is known.
    pub cost: Option<NanoUsd>,
    /// `priced`, `cached` for a cost of zero, or why there is no cost (`no_usage`, `no_price`, `extra_charges`, `error_status`, …).
    pub cost_status: String,
    /// Time for resolving, connecting and TLS, in µs; `None` when a pooled connection served.
    pub connect_us: Option<u64>,
    /// When the head of the answer was there, in µs since the start.
    pub first_byte_us: Option<u64>,
    /// When the first part of a stream was there, in µs since the start.
    pub first_token_us: Option<u64>,
    /// The whole duration, in µs.
    pub total_us: u64,
    /// Size of the request body on the wire.
    pub request_bytes: u64,
    /// Size of the response body on the wire.
    pub response_bytes: u64,
    /// What became of the request body.
    pub request_body_state: BodyState,
    /// What became of the response body.
    pub response_body_state: BodyState,
    /// First lines of what was asked, for lists.
    pub request_preview: Option<String>,
    /// First lines of what came back, for lists.
    pub response_preview: Option<String>,
    /// Country code of the caller, when an edge told it.
    pub country_code: Option<String>,
    /// The id of the call whose cached answer this was.
    pub cache_reference_id: Option<RequestId>,
    /// Whether the caller enabled caching.
    pub cache_enabled: bool,
    /// The prompt's id, when the call used one.
    pub prompt_id: String,
    /// The prompt's version.
    pub prompt_version: String,
    /// Which product sent the call (`ai-gateway`), else empty.
    pub request_referrer: String,
    /// What the gateway did with the call beside passing it on.
    pub handling: Handling,
    /// The bodies, already decoded from their content encoding; `None` where nothing is kept.
    pub bodies: Bodies,
    /// What was added later, whenever that was; an insert leaves it out.
    pub annotations: Annotations,
    /// When and why the row was revised last; an insert leaves it out.
    pub revised: Option<Revised>,
}

impl LogRow {
    /// Returns the value of a custom property: the added one, else the one the call was sent with.
    pub fn property(&self, name: &str) -> Option<&str> {
        let added = self.annotations.properties.get(name).map(|given| &given.value);
        added.or_else(|| self.properties.get(name)).map(String::as_str)
    }

    /// Returns the custom properties with the added ones, which win.
    pub fn all_properties(&self) -> BTreeMap<String, String> {
        let mut all = self.properties.clone();
        let added = self.annotations.properties.iter();
        all.extend(added.map(|(name, given)| (name.clone(), given.value.clone())));
        all
    }
}

/// The bodies of a row, decoded from their content encoding; a store compresses them by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bodies {
    /// What the client sent.
    pub request: Option<Bytes>,
    /// What came back.
    pub response: Option<Bytes>,
}

/// Rows to be inserted together with the journal position behind them.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The rows, in the journal's order.
    pub rows: Vec<LogRow>,
    /// The journal position after the last row: the store keeps it in the same transaction, so that
    /// a batch is never stored twice, whatever crashes when.
    pub journal_position: u64,
}

/// What became of annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Annotated {
    /// They are kept: on disk, and seen by whatever is read from now on.
    Kept,
    /// None is kept: the call would have more than [`MAX_ANNOTATIONS`].
    Full,
}

/// Where logged calls are kept and found.
///
/// An implementation is reached from several tasks at once; every method may be retried after a
/// [`crate::StoreError::Unavailable`], and the store comes back by itself when it can.
pub trait LogStore: Send + Sync {
    /// Stores `batch` atomically; rows whose journal position is already covered are not stored again.
    ///
    /// A row whose id the client chose hides an earlier row of the same id and organisation.
    fn insert(&self, batch: Batch) -> StoreFuture<'_, ()>;

    /// Returns the journal position behind the last stored batch; 0 for a new store.
    fn journal_position(&self) -> StoreFuture<'_, u64>;

    /// Returns one page of rows with their annotations; their `bodies` are empty.
    fn rows(&self, query: RowQuery) -> StoreFuture<'_, Vec<LogRow>>;

    /// Makes one step of a search for a text in bodies, from the newest stored row to the oldest.
    ///
    /// A step takes a bounded time, whatever the filter. It comes by every row that was stored when the search began,
    /// once, unless a later row replaces it meanwhile.
    fn search(&self, step: SearchStep) -> StoreFuture<'_, Searched>;

    /// Counts the rows of a tenant that match.
    fn count(&self, organization_id: OrganizationId, filter: Filter) -> StoreFuture<'_, u64>;

    /// Adds up what the cache did over the rows of a tenant that match.
    fn cache_stats(&self, organization_id: OrganizationId, filter: Filter) -> StoreFuture<'_, CacheStats>;

    /// Adds up what the rows of a tenant that match cost, in any order.
    fn cost_sums(&self, query: CostQuery) -> StoreFuture<'_, Vec<CostSum>>;

    /// Returns figures over the rows of a tenant that match.
    fn aggregate(&self, query: AggregateQuery) -> StoreFuture<'_, Aggregated>;

    /// Returns one row with its bodies and annotations, or `None` when the tenant has no such row.
    fn row(&self, organization_id: OrganizationId, request_id: RequestId) -> StoreFuture<'_, Option<LogRow>>;

    /// Adds `annotations` to a call of a tenant, all or none of them.
    ///
    /// The call need not be stored yet, or ever: they join whatever row of that tenant has the id, also one
    /// that replaces another. Of two with the same kind and name the later one counts, so that repeating
    /// the call changes nothing.
    fn annotate(
        &self,
        organization_id: OrganizationId,
        request_id: RequestId,
        annotations: Vec<Annotation>,
    ) -> StoreFuture<'_, Annotated>;

    /// Returns the next part of a walk, with what prices depend on and no more.
    ///
    /// A walk comes by every row that was stored when it began, once, unless a later row replaces it meanwhile.
    /// It is made for going through very many rows: each part takes a bounded time, whatever the filter.
    fn walk_priced(&self, walk: Walk) -> StoreFuture<'_, Walked<PricedRow>>;

    /// Returns the next part of a walk, as [`LogStore::walk_priced`] does, with all of each row and its bodies.
    ///
    /// A part has fewer rows than the caller's `limit` where their bodies would take too much memory.
    fn walk_rows(&self, walk: Walk) -> StoreFuture<'_, Walked<KeyedRow>>;

    /// Returns the next part of a walk, as [`LogStore::walk_rows`] does, with annotations, and as far as `extent` says.
    fn walk_shown(&self, walk: Walk, extent: Extent) -> StoreFuture<'_, Walked<KeyedRow>>;

    /// Returns the last row that is stored; key 0 when there is none.
    fn newest(&self) -> StoreFuture<'_, RowKey>;

    /// Returns what tells of the last row each time that rows were stored by [`LogStore::insert`]; key 0 before.
    ///
    /// It ends with the store. Who is told of a row finds it by [`LogStore::walk_shown`].
    fn arrivals(&self) -> watch::Receiver<RowKey>;

    /// Revises rows of a tenant and returns how many of them changed.
    ///
    /// A revision changes nothing when the row says the same already, is another tenant's, or was revised
    /// after [`Revision::seen`]; of two for one row in one call the last counts. All that change do so together.
    fn revise(&self, organization_id: OrganizationId, revisions: Vec<Revision>) -> StoreFuture<'_, u64>;
}
