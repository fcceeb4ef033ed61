//! Sessions: the calls with the same property `Helicone-Session-Id`, put together.

pub(crate) mod annotate;
pub(crate) mod list;
pub(crate) mod names;

use gatehouse_store::filter::{Column, Condition, Filter, GroupedFilter, Test};
use gatehouse_store::log::{
    AggregateQuery, Dimension, Having, MAX_GROUPS, Measure, SESSION_ID, SESSION_NAME,
};
use gatehouse_types::OrganizationId;
use serde_json::Value;

use crate::fields::Fields;

/// Returns a condition on a property of calls.
fn property(name: &str, test: Test) -> Condition {
    Condition { column: Column::Property(name.to_owned()), test }
}

/// Returns the calls that are in any session.
fn in_session() -> Filter {
    Filter::Leaf(property(SESSION_ID, Test::IsNotNull))
}

/// Returns the group that a session is.
fn by_session() -> Vec<Dimension> {
    vec![Dimension::Property(SESSION_ID.to_owned())]
}

/// Returns the sessions whose id or name is searched for; of a session whose name some calls lack, all calls count.
fn searched(fields: &Fields, having: Having) -> Having {
    let text = |name: &str| {
        let text = fields.value(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    let search = text("search").map(|part| {
        let contains = |name: &str| Having::Any(property(name, Test::Contains(part.clone())));
        Having::Or(Box::new(contains(SESSION_ID)), Box::new(contains(SESSION_NAME)))
    });
    let equals = text("nameEquals").map(|name| Having::Any(property(SESSION_NAME, Test::TextEquals(name))));
    let contains = text("nameContains").map(|part| Having::Any(property(SESSION_NAME, Test::Contains(part))));
    [search, equals, contains].into_iter().flatten().fold(having, |all, one| match all {
        Having::All => one,
        all => Having::And(Box::new(all), Box::new(one)),
    })
}

/// Returns the query for figures by session.
fn query(organization_id: OrganizationId, filter: GroupedFilter, measures: Vec<Measure>) -> AggregateQuery {
    AggregateQuery {
        organization_id,
        filter: filter.rows,
        groups: by_session(),
        measures,
        having: filter.having,
        order: Vec::new(),
        offset: 0,
        limit: MAX_GROUPS,
    }
}
