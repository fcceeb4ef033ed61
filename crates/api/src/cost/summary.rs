//! What calls cost together, and how many have no known cost.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{CostGroups, CostQuery, CostSum};
use gatehouse_types::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::dollars;
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::Fields;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// How many sums a store may return at once.
pub(super) const MAX_SUMS: u32 = 20_000;
/// What calls can be grouped by, for error messages.
const GROUPS: &str = "a list of `day`, `model`, `provider` and `cost_status`";
/// How many characters of a time are its day.
const DAY_CHARACTERS: usize = "2026-11-22".len();

/// Which calls are added up, and by what; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "filter": {"request_response_rmt": {"request_created_at": {"gte": "2026-11-01T00:00:00Z"}}},
    "group_by": ["day", "model"]
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct SummarizeCosts {
    /// Which calls, as in a query of calls; all of them without it.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// By what: `day` (UTC), `model`, `provider`, `cost_status`; none for one sum.
    #[schema(required = false)]
    group_by: Option<Vec<String>>,
}

/// What calls cost together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CostSummary)]
pub(crate) struct Summary {
    /// Over all calls.
    total: Sum,
    /// Over the calls of each group, in the order of day, provider, model and cost status.
    groups: Vec<Group>,
}

/// A group of calls; what they are not grouped by is null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CostGroup)]
pub(crate) struct Group {
    #[serde(flatten)]
    key: Key,
    #[serde(flatten)]
    sum: Sum,
}

/// What the calls of a group have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = CostGroupKey)]
pub(crate) struct Key {
    /// The day (UTC) on which they began.
    #[schema(example = "2026-11-22")]
    day: Option<String>,
    /// The provider.
    provider: Option<String>,
    /// The model; empty where it is not known.
    model: Option<String>,
    /// The cost status.
    cost_status: Option<String>,
}

/// What calls cost and used; a count that is not known adds nothing.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = CostSum)]
pub(crate) struct Sum {
    /// How many calls these are.
    calls: u64,
    /// US dollars, over the calls of which the cost is known.
    #[schema(example = 12.5)]
    cost_usd: f64,
    #[serde(skip)]
    nanos: i64,
    /// Of how many calls it is not known, so that they cost more.
    calls_without_cost: u64,
    /// The same by the reason.
    without_cost: BTreeMap<String, u64>,
    /// Input tokens that were neither cached nor audio.
    prompt_tokens: u64,
    /// Output tokens without reasoning and audio.
    completion_tokens: u64,
    /// All tokens.
    total_tokens: u64,
}

/// Adds up what calls cost, and says of how many the cost is not known.
#[utoipa::path(
    post, path = "/v1/cost/summary", operation_id = "summarizeCosts", tag = "Cost", request_body = SummarizeCosts,
    responses(
        (status = 200, description = "The sums", body = Envelope<Summary>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn summarize(
    reader: Reader,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<Summary>>, ApiError> {
    let filter = match fields.value("filter") {
        Some(filter) => Filter::parse(filter)
            .map_err(|error| ApiError::new(ErrorKind::InvalidFilter, format!("`filter`: {error}")))?,
        None => Filter::All,
    };
    let Grouping { groups, by_status } = Grouping::read(fields.value("group_by"))?;
    let organization_id = reader.organization_id;
    let query = CostQuery { organization_id, filter, groups, limit: MAX_SUMS + 1 };
    let sums = bounded(state.log.cost_sums(query).await?)?;
    Ok(Envelope::json(Summary::of(sums, by_status)))
}

/// Returns sums, unless there are more than are added up.
pub(super) fn bounded(sums: Vec<CostSum>) -> Result<Vec<CostSum>, ApiError> {
    if sums.len() > MAX_SUMS as usize {
        let message = format!("these are more than {MAX_SUMS} groups: ask for fewer days, or group by less");
        return Err(ApiError::new(ErrorKind::InvalidField, message));
    }
    Ok(sums)
}

/// Returns the day of a time: `2026-11-22`.
pub(super) fn day(at: Timestamp) -> String {
    at.to_string().chars().take(DAY_CHARACTERS).collect()
}

/// By what calls are grouped.
struct Grouping {
    groups: CostGroups,
    by_status: bool,
}

impl Grouping {
    fn read(value: Option<&Value>) -> Result<Self, ApiError> {
        let mut grouping = Self { groups: CostGroups::default(), by_status: false };
        let Some(value) = value else { return Ok(grouping) };
        let wrong = || ApiError::field("group_by", GROUPS);
        for name in value.as_array().ok_or_else(wrong)? {
            let group = match name.as_str() {
                Some("day") => &mut grouping.groups.day,
                Some("model") => &mut grouping.groups.model,
                Some("provider") => &mut grouping.groups.provider,
                Some("cost_status") => &mut grouping.by_status,
                _ => return Err(wrong()),
            };
            *group = true;
        }
        Ok(grouping)
    }
}

impl Summary {
    fn of(sums: Vec<CostSum>, by_status: bool) -> Self {
        let mut total = Sum::default();
        let mut groups: BTreeMap<Key, Sum> = BTreeMap::new();
        for sum in sums {
            total.add(&sum);
            let key = Key {
                day: sum.day.map(day),
                provider: sum.provider.clone(),
                model: sum.model.clone(),
                cost_status: by_status.then(|| sum.cost_status.clone()),
            };
            groups.entry(key).or_default().add(&sum);
        }
        // Without groups there is one sum, which is the total.
        groups.retain(|key, _| *key != Key::default());
        Self { total, groups: groups.into_iter().map(|(key, sum)| Group { key, sum }).collect() }
    }
}

impl Sum {
    fn add(&mut self, sum: &CostSum) {
        self.calls += sum.calls;
        self.nanos = self.nanos.saturating_add(sum.cost);
        self.cost_usd = dollars(self.nanos);
        if sum.without_cost > 0 {
            self.calls_without_cost += sum.without_cost;
            *self.without_cost.entry(sum.cost_status.clone()).or_default() += sum.without_cost;
        }
        for (all, tokens) in [
            (&mut self.prompt_tokens, sum.prompt_tokens),
            (&mut self.completion_tokens, sum.completion_tokens),
            (&mut self.total_tokens, sum.total_tokens),
        ] {
            *all = all.saturating_add(tokens);
        }
    }
}
