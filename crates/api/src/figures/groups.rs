//! What the routes about sessions and users share: filters of groups, and their order.

use std::collections::BTreeMap;

use gatehouse_store::filter::{Filter, GroupKind, GroupedFilter, parse_grouped};
use gatehouse_store::log::{Direction, Having};
use gatehouse_types::OrganizationId;
use serde_json::Value;

use super::names::listed;
use super::span::Span;
use crate::error::{ApiError, ErrorKind};
use crate::fields::Fields;
use crate::state::ApiState;

/// Returns which calls and which groups of them a body asks for.
pub(crate) async fn grouped(
    state: &ApiState,
    organization_id: OrganizationId,
    fields: &Fields,
    kind: GroupKind,
) -> Result<GroupedFilter, ApiError> {
    let name = if fields.value("filter").is_some() { "filter" } else { "userFilter" };
    let invalid = |error| ApiError::new(ErrorKind::InvalidFilter, format!("`{name}`: {error}"));
    let filter = match fields.value(name) {
        Some(filter) => parse_grouped(filter, kind).map_err(invalid)?,
        None => GroupedFilter::default(),
    };
    let rows = Span::read(fields)?.within(filter.rows);
    let tags = Tags { state, organization_id };
    Ok(GroupedFilter { rows: tags.in_filter(rows).await?, having: tags.in_having(filter.having).await? })
}

/// The tags of an organisation's sessions, read where something compares them.
pub(crate) struct Tags<'a> {
    pub(crate) state: &'a ApiState,
    pub(crate) organization_id: OrganizationId,
}

impl Tags<'_> {
    /// Returns a filter that a store of calls understands.
    pub(crate) async fn in_filter(&self, filter: Filter) -> Result<Filter, ApiError> {
        if !filter.reads_session_tags() {
            return Ok(filter);
        }
        Ok(filter.with_session_tags(&self.read().await?))
    }

    async fn in_having(&self, having: Having) -> Result<Having, ApiError> {
        if !having.reads_session_tags() {
            return Ok(having);
        }
        Ok(having.with_session_tags(&self.read().await?))
    }

    async fn read(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let tags = self.state.control()?.store().session_tags(self.organization_id).await?;
        Ok(tags.into_iter().map(|tag| (tag.session_id, tag.tag)).collect())
    }
}

/// Reads the order of a list: one of `keys` and its direction; the first key with the largest first unless said otherwise.
pub(crate) fn sort(fields: &Fields, keys: &[&str]) -> Result<(usize, Direction), ApiError> {
    let Some(sort) = fields.value("sort") else { return Ok((0, Direction::Descending)) };
    let wrong = || ApiError::field("sort", "an object with one key, as in {\"total_requests\": \"desc\"}");
    let mut sorts = sort.as_object().ok_or_else(wrong)?.iter();
    let (key, way) = match (sorts.next(), sorts.next()) {
        (None, _) => return Ok((0, Direction::Descending)),
        (Some(only), None) => only,
        _ => return Err(wrong()),
    };
    let known = keys.iter().position(|known| known == key).ok_or_else(|| {
        let known = listed(keys.iter().copied());
        let key: String = key.chars().take(super::names::SHOWN_CHARACTERS).collect();
        ApiError::new(ErrorKind::InvalidField, format!("`sort`: unknown key `{key}`, use one of {known}"))
    })?;
    let direction = match way {
        Value::String(way) if way == "asc" => Direction::Ascending,
        Value::String(way) if way == "desc" => Direction::Descending,
        _ => return Err(ApiError::field(&format!("sort.{key}"), "`asc` or `desc`")),
    };
    Ok((known, direction))
}
