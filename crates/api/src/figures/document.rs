//! How the routes of [`super::table`] are described in the OpenAPI document.

use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Content, KnownFormat, Ref, RefOr, Required, Response, ResponsesBuilder, SchemaFormat};
use utoipa::{IntoResponses, Modify, ToSchema};

use super::table::{Answer, Field, QUANTILES, ROUTES, Route, Split};
use crate::openapi::always_null;
use crate::replies::{Refusals, refusal};

/// Which calls figures are about; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "filter": "all", "timeFilter": {"start": "2026-11-22T00:00:00Z", "end": "2026-11-22T23:59:59.999Z"}
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct MetricOf {
    /// Which calls, as in a query of calls; all of them without it. `userFilter` is the same.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// When they began: `start` and `end` in ISO 8601, both included.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
    /// Only calls that a cache answered, or only those that none did.
    #[schema(required = false)]
    is_cached: Option<bool>,
}

/// Which calls figures by piece of time are about; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "filter": "all", "timeFilter": {"start": "2026-11-22T00:00:00Z", "end": "2026-11-22T23:59:59.999Z"},
    "dbIncrement": "hour", "timeZoneDifference": 0, "metric": "latency", "propertyKey": "Environment"
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct MetricOverTime {
    /// Which calls, as in a query of calls; all of them without it. `userFilter` is the same.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// When they began: `start` and `end` in ISO 8601, both included.
    #[schema(value_type = Object)]
    time_filter: Value,
    /// How long pieces of time are: `min`, `hour` (the default), `day`, `week`, `month` or `year`. There may be 10,000 of
    /// them.
    #[schema(required = false)]
    db_increment: Option<String>,
    /// Minutes from the caller's clock to UTC, as `Date.getTimezoneOffset()` tells: 480 is UTC−8. Pieces of time begin
    /// by that clock.
    #[schema(required = false)]
    time_zone_difference: Option<i32>,
    /// What quantiles are of: `latency` (the default), `time_to_first_token`, `cost`, `prompt_tokens`,
    /// `completion_tokens`, `total_tokens`, `reasoning_tokens`, `prompt_cache_read_tokens` or
    /// `prompt_cache_write_tokens`.
    #[schema(required = false)]
    metric: Option<String>,
    /// The property by whose values calls are told apart, where they are.
    #[schema(required = false)]
    property_key: Option<String>,
}

/// Which part of a ranking of which calls is wanted; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "filter": "all", "timeFilter": {"start": "2026-11-22T00:00:00Z", "end": "2026-11-22T23:59:59.999Z"},
    "offset": 0, "limit": 10
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct MetricRanking {
    /// Which calls, as in a query of calls; all of them without it. `userFilter` is the same.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// When they began: `start` and `end` in ISO 8601, both included.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
    /// How many groups to skip.
    #[schema(required = false, default = 0)]
    offset: Option<u64>,
    /// How many groups at most.
    #[schema(required = false, default = 100, maximum = 10000)]
    limit: Option<u64>,
}

/// Adds the routes to the document.
pub(crate) struct Described;

impl Modify for Described {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for route in &ROUTES {
            document.paths.add_path_operation(route.path, vec![HttpMethod::Post], operation(route));
        }
    }
}

fn operation(route: &Route) -> Operation {
    let (body, answer) = match &route.answer {
        Answer::Number(_) => ("MetricOf", number().into()),
        Answer::Numbers(fields) => ("MetricOf", object(fields, None)),
        Answer::Series(series) => {
            ("MetricOverTime", list(object(series.fields, Some(Group::Time(series.time, series.split)))))
        }
        Answer::Quantiles => (
            "MetricOverTime",
            list(described(&QUANTILES.map(|(name, _)| name), Some(Group::Time("time", Split::None)))),
        ),
        Answer::Ranking(ranking) => {
            ("MetricRanking", list(object(ranking.fields, Some(Group::Named(ranking.name)))))
        }
    };
    let envelope = ObjectBuilder::new()
        .property("data", answer)
        .required("data")
        .property("error", always_null())
        .required("error");
    let mut found = Response::new("The figures");
    found.content.insert(JSON.to_owned(), Content::new(Some(Schema::from(envelope))));
    let refused =
        Refusals::responses().into_iter().chain([refusal(("413", "The body is longer than 1 MiB"))]);
    let responses = refused
        .fold(ResponsesBuilder::new().response("200", found), |responses, (status, response)| {
            responses.response(status, response)
        });
    let body = RequestBodyBuilder::new()
        .content(JSON, Content::new(Some(Ref::from_schema_name(body))))
        .required(Some(Required::True));
    OperationBuilder::new()
        .operation_id(Some(route.operation_id))
        .tag("Metrics")
        .summary(Some(route.summary))
        .request_body(Some(body.build()))
        .responses(responses.build())
        .build()
}

const JSON: &str = "application/json";

/// What is beside the numbers of a row.
enum Group {
    /// A text of that name.
    Named(&'static str),
    /// A time of that name, and what else the series is split by.
    Time(&'static str, Split),
}

fn object(fields: &[Field], group: Option<Group>) -> RefOr<Schema> {
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    described(&names, group)
}

fn described(names: &[&'static str], group: Option<Group>) -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let mut object = ObjectBuilder::new();
    object = match group {
        None => object,
        Some(Group::Named(name)) => object.property(name, text()).required(name),
        Some(Group::Time(name, split)) => {
            let time = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
            let object = object.property(name, time).required(name);
            match split {
                Split::None => object,
                Split::Status => object.property(split.name(), number()).required(split.name()),
                Split::Score | Split::Property => {
                    object.property(split.name(), text()).required(split.name())
                }
            }
        }
    };
    let object = names.iter().fold(object, |object, name| object.property(*name, number()).required(*name));
    RefOr::T(Schema::from(object))
}

fn list(item: RefOr<Schema>) -> RefOr<Schema> {
    RefOr::T(Schema::from(ArrayBuilder::new().items(item)))
}

fn number() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Number)
}
