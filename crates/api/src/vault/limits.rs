//! The limits of a proxy key, as they are sent and told.

use std::time::Duration;

use gatehouse_store::vault::{ProxyKeyLimit, ProxyKeyQuota};
use gatehouse_types::NanoUsd;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::fields::Fields;

/// How many limits a proxy key may have.
const MAX_LIMITS: usize = 10;
/// The longest window, in seconds: a year.
const MAX_WINDOW_SECONDS: u64 = 365 * 24 * 60 * 60;
/// The greatest number of calls or tokens.
const MAX_COUNT: u64 = 1_000_000_000_000;
/// How many decimals of a dollar are kept.
const DECIMALS: usize = 9;
const EXPECTED: &str = "a list of up to 10 limits such as `{\"window_seconds\": 86400, \"cost\": \"12.50\"}`: the window \
                        from 1 second to 365 days, and one of `cost` (US dollars), `requests` (or `count`) and \
                        `tokens`, greater than 0";

/// How much may be used through a proxy key in any window of a length.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProxyKeyLimit, example = json!({
    "window_seconds": 86400, "cost": "12.500000000", "requests": null, "tokens": null
}))]
pub(super) struct LimitAnswer {
    window_seconds: u64,
    /// US dollars.
    cost: Option<String>,
    /// Calls.
    requests: Option<u64>,
    /// Tokens, of requests and answers together.
    tokens: Option<u64>,
}

impl From<&ProxyKeyLimit> for LimitAnswer {
    fn from(limit: &ProxyKeyLimit) -> Self {
        let none = Self { window_seconds: limit.window.as_secs(), cost: None, requests: None, tokens: None };
        match limit.quota {
            ProxyKeyQuota::Requests(count) => Self { requests: Some(count), ..none },
            ProxyKeyQuota::Tokens(count) => Self { tokens: Some(count), ..none },
            ProxyKeyQuota::Cost(cost) => Self { cost: Some(cost.to_string()), ..none },
        }
    }
}

/// Reads `limits`; none if it is left out.
pub(super) fn read(fields: &Fields) -> Result<Vec<ProxyKeyLimit>, ApiError> {
    let Some(value) = fields.value("limits") else { return Ok(Vec::new()) };
    let list = value.as_array().filter(|list| list.len() <= MAX_LIMITS);
    let limits = list.and_then(|list| list.iter().map(limit).collect());
    limits.ok_or_else(|| ApiError::field("limits", EXPECTED))
}

fn limit(value: &Value) -> Option<ProxyKeyLimit> {
    let field = |name: &str| value.get(name).filter(|value| !value.is_null());
    let seconds = field("window_seconds")?.as_u64();
    let window = seconds.filter(|seconds| (1..=MAX_WINDOW_SECONDS).contains(seconds))?;
    let count = |value: &Value| value.as_u64().filter(|count| (1..=MAX_COUNT).contains(count));
    let quotas = [
        field("cost").map(|cost| dollars(cost).map(ProxyKeyQuota::Cost)),
        field("requests").map(|value| count(value).map(ProxyKeyQuota::Requests)),
        field("count").map(|value| count(value).map(ProxyKeyQuota::Requests)),
        field("tokens").map(|value| count(value).map(ProxyKeyQuota::Tokens)),
    ];
    let mut quotas = quotas.into_iter().flatten();
    let (quota, other) = (quotas.next()??, quotas.next());
    other.is_none().then_some(ProxyKeyLimit { window: Duration::from_secs(window), quota })
}

/// Reads an amount of dollars, a number or its decimal text, which is greater than 0 and has up to nine decimals.
fn dollars(value: &Value) -> Option<NanoUsd> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(decimals) || decimals.len() > DECIMALS {
        return None;
    }
    let nanos: i64 = format!("{whole}{decimals:0<DECIMALS$}").parse().ok()?;
    (nanos > 0).then(|| NanoUsd::new(nanos))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_one_amount_a_limit_exactly() {
        let check = |value: Value, quota: ProxyKeyQuota| {
            let expected = ProxyKeyLimit { window: Duration::from_secs(60), quota };
            assert_eq!(limit(&value), Some(expected), "{value}");
        };
        let cost = |nanos| ProxyKeyQuota::Cost(NanoUsd::new(nanos));
        check(json!({"window_seconds": 60, "cost": "12.50"}), cost(12_500_000_000));
        check(json!({"window_seconds": 60, "cost": 0.1}), cost(100_000_000));
        check(json!({"window_seconds": 60, "cost": 5, "count": null}), cost(5_000_000_000));
        check(json!({"window_seconds": 60, "cost": "0.000000001"}), cost(1));
        check(json!({"window_seconds": 60, "requests": 5}), ProxyKeyQuota::Requests(5));
        check(json!({"window_seconds": 60, "count": 5}), ProxyKeyQuota::Requests(5));
        check(json!({"window_seconds": 60, "tokens": 5}), ProxyKeyQuota::Tokens(5));
    }

    #[test]
    fn refuses_what_is_no_limit() {
        for value in [
            json!({}),
            json!(7),
            json!({"window_seconds": 60}),
            json!({"cost": 5}),
            json!({"window_seconds": 0, "cost": 5}),
            json!({"window_seconds": -1, "cost": 5}),
            json!({"window_seconds": 1.5, "cost": 5}),
            json!({"window_seconds": "60", "cost": 5}),
            json!({"window_seconds": MAX_WINDOW_SECONDS + 1, "cost": 5}),
            json!({"window_seconds": 60, "cost": 5, "requests": 5}),
            json!({"window_seconds": 60, "requests": 5, "count": 5}),
            json!({"window_seconds": 60, "cost": 0}),
            json!({"window_seconds": 60, "cost": -5}),
            json!({"window_seconds": 60, "cost": "1e3"}),
            json!({"window_seconds": 60, "cost": "1."}),
            json!({"window_seconds": 60, "cost": ".5"}),
            json!({"window_seconds": 60, "cost": "0.0000000001"}),
            json!({"window_seconds": 60, "cost": "99999999999"}),
            json!({"window_seconds": 60, "cost": "five"}),
            json!({"window_seconds": 60, "cost": [5]}),
            json!({"window_seconds": 60, "requests": 0}),
            json!({"window_seconds": 60, "requests": "5"}),
            json!({"window_seconds": 60, "tokens": MAX_COUNT + 1}),
        ] {
            assert_eq!(limit(&value), None, "{value}");
        }
    }
}
