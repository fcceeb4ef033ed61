//! Helicone's routes about figures, as data: what each is called, and what it answers.

use gatehouse_store::filter::TextColumn;
use gatehouse_store::log::{Dimension, Measure, Quantity};

use super::names::{THREATS, USER};

/// A route that answers figures.
pub(crate) struct Route {
    /// Its path.
    pub(crate) path: &'static str,
    /// What the document calls it.
    pub(super) operation_id: &'static str,
    /// What it answers, in a sentence.
    pub(super) summary: &'static str,
    /// The form of its answer.
    pub(super) answer: Answer,
}

/// The form of an answer.
pub(super) enum Answer {
    /// One number.
    Number(Measure),
    /// An object of numbers.
    Numbers(&'static [Field]),
    /// Numbers by piece of time, with zeros where there were no calls.
    Series(Series),
    /// The quantiles of one quantity, that the body names, by piece of time.
    Quantiles,
    /// The groups with the most calls.
    Ranking(Ranking),
}

/// A number in an answer: its name, what it is, and whether it is a whole one.
pub(super) type Field = (&'static str, Measure);

/// Numbers by piece of time.
pub(super) struct Series {
    /// What the beginning of the piece is called.
    pub(super) time: &'static str,
    /// What else calls are grouped by.
    pub(super) split: Split,
    /// The numbers.
    pub(super) fields: &'static [Field],
}

/// What the points of a series are split by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Split {
    /// Nothing: one row for each piece of time.
    None,
    /// The status.
    Status,
    /// The name of a score.
    Score,
    /// The value of the property that the body's `propertyKey` names.
    Property,
}

impl Split {
    /// Returns what it is called in rows.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Status => "status",
            Self::Score => "score_key",
            Self::Property => "property",
        }
    }
}

/// Groups in the order of how many calls they have.
pub(super) struct Ranking {
    /// What the group is called.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) group: Dimension,
    /// The numbers, of which the first says the order.
    pub(super) fields: &'static [Field],
}

/// What the beginning of a piece of time is called, but for the older routes.
const TIME: &str = "time";
/// What the older routes call it.
const TRUNCATED: &str = "created_at_trunc";

const fn series(fields: &'static [Field]) -> Answer {
    Answer::Series(Series { time: TIME, split: Split::None, fields })
}

const REQUESTS: &[Field] = &[("count", Measure::Requests)];
const ATTACKS: &[Field] = &[("count", THREATS)];

/// The quantiles that the route about them answers.
pub(super) const QUANTILES: [(&str, f64); 4] = [("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];

/// What the quantiles can be of, by the name in the body.
pub(super) const METRICS: [(&str, Quantity); 9] = [
    ("latency", Quantity::Latency),
    ("time_to_first_token", Quantity::TimeToFirstToken),
    ("cost", Quantity::Cost),
    ("prompt_tokens", Quantity::PromptTokens),
    ("completion_tokens", Quantity::CompletionTokens),
    ("total_tokens", Quantity::TotalTokens),
    ("reasoning_tokens", Quantity::ReasoningTokens),
    ("prompt_cache_read_tokens", Quantity::PromptCacheReadTokens),
    ("prompt_cache_write_tokens", Quantity::PromptCacheWriteTokens),
];

/// Every such route.
pub(crate) static ROUTES: [Route; 23] = [
    Route {
        path: "/v1/metrics/totalRequests",
        operation_id: "queryMetricTotalRequests",
        summary: "Returns how many calls there were.",
        answer: Answer::Number(Measure::Requests),
    },
    Route {
        path: "/v1/metrics/totalCost",
        operation_id: "queryMetricTotalCost",
        summary: "Returns what the calls cost, in US dollars, as far as it is known.",
        answer: Answer::Number(Measure::Sum(Quantity::Cost)),
    },
    Route {
        path: "/v1/metrics/averageLatency",
        operation_id: "queryMetricAverageLatency",
        summary: "Returns how long the calls took on average, in ms.",
        answer: Answer::Number(Measure::Average(Quantity::Latency)),
    },
    Route {
        path: "/v1/metrics/averageTimeToFirstToken",
        operation_id: "queryMetricAverageTimeToFirstToken",
        summary: "Returns the average time to the first token, in ms, of the calls that have one.",
        answer: Answer::Number(Measure::Average(Quantity::TimeToFirstToken)),
    },
    Route {
        path: "/v1/metrics/averageTokensPerRequest",
        operation_id: "queryMetricAverageTokensPerRequest",
        summary: "Returns how many tokens a call has on average, of the calls where they are known.",
        answer: Answer::Numbers(&[
            ("average_prompt_tokens_per_response", Measure::Average(Quantity::PromptTokens)),
            ("average_completion_tokens_per_response", Measure::Average(Quantity::CompletionTokens)),
            ("average_total_tokens_per_response", Measure::Average(Quantity::TotalTokens)),
        ]),
    },
    Route {
        path: "/v1/metrics/totalThreats",
        operation_id: "queryMetricTotalThreats",
        summary: "Returns in how many calls a guard found an attack.",
        answer: Answer::Number(THREATS),
    },
    Route {
        path: "/v1/metrics/activeUsers",
        operation_id: "queryMetricActiveUsers",
        summary: "Returns how many users made calls.",
        answer: Answer::Number(Measure::Distinct(USER)),
    },
    Route {
        path: "/v1/metrics/requestCount",
        operation_id: "queryMetricRequestCount",
        summary: "Returns how many calls there were; with `isCached` only those that a cache answered, or did not.",
        answer: Answer::Number(Measure::Requests),
    },
    Route {
        path: "/v1/metrics/requestOverTime",
        operation_id: "queryMetricRequestOverTime",
        summary: "Returns how many calls there were by piece of time.",
        answer: series(REQUESTS),
    },
    Route {
        path: "/v1/metrics/requestStatusOverTime",
        operation_id: "queryMetricRequestStatusOverTime",
        summary: "Returns how many calls there were by piece of time and status.",
        answer: Answer::Series(Series { time: TIME, split: Split::Status, fields: REQUESTS }),
    },
    Route {
        path: "/v1/metrics/errorOverTime",
        operation_id: "queryMetricErrorOverTime",
        summary: "Returns how many calls failed by piece of time.",
        answer: series(&[("count", Measure::Errors)]),
    },
    Route {
        path: "/v1/metrics/usersOverTime",
        operation_id: "queryMetricUsersOverTime",
        summary: "Returns how many users made calls by piece of time.",
        answer: series(&[("count", Measure::Distinct(USER))]),
    },
    Route {
        path: "/v1/metrics/threatsOverTime",
        operation_id: "queryMetricThreatsOverTime",
        summary: "Returns in how many calls a guard found an attack, by piece of time.",
        answer: series(ATTACKS),
    },
    Route {
        path: "/v1/metrics/costOverTime",
        operation_id: "queryMetricCostOverTime",
        summary: "Returns what the calls cost by piece of time, in US dollars, as far as it is known.",
        answer: series(&[("cost", Measure::Sum(Quantity::Cost))]),
    },
    Route {
        path: "/v1/metrics/tokensOverTime",
        operation_id: "queryMetricTokensOverTime",
        summary: "Returns how many tokens the calls had by piece of time, as far as they are known.",
        answer: series(&[
            ("prompt_tokens", Measure::Sum(Quantity::PromptTokens)),
            ("completion_tokens", Measure::Sum(Quantity::CompletionTokens)),
        ]),
    },
    Route {
        path: "/v1/metrics/latencyOverTime",
        operation_id: "queryMetricLatencyOverTime",
        summary: "Returns how long the calls took on average by piece of time, in ms.",
        answer: series(&[("duration", Measure::Average(Quantity::Latency))]),
    },
    Route {
        path: "/v1/metrics/timeToFirstToken",
        operation_id: "queryMetricTimeToFirstToken",
        summary: "Returns the average time to the first token by piece of time, in ms.",
        answer: series(&[("ttft", Measure::Average(Quantity::TimeToFirstToken))]),
    },
    Route {
        path: "/v1/metrics/quantiles",
        operation_id: "queryMetricQuantiles",
        summary: "Returns quantiles of what `metric` names, by piece of time.",
        answer: Answer::Quantiles,
    },
    Route {
        path: "/v1/metrics/models",
        operation_id: "queryMetricModels",
        summary: "Returns the models, the most called first.",
        answer: Answer::Ranking(Ranking {
            name: "model",
            group: Dimension::Text(TextColumn::Model),
            fields: &[
                ("total_requests", Measure::Requests),
                ("total_completion_tokens", Measure::Sum(Quantity::CompletionTokens)),
                // As Helicone spells it.
                ("total_prompt_token", Measure::Sum(Quantity::PromptTokens)),
                ("total_tokens", Measure::Sum(Quantity::TotalTokens)),
                ("cost", Measure::Sum(Quantity::Cost)),
            ],
        }),
    },
    Route {
        path: "/v1/metrics/country",
        operation_id: "queryMetricCountry",
        summary: "Returns the countries that calls came from, the one with the most calls first.",
        answer: Answer::Ranking(Ranking {
            name: "country",
            group: Dimension::Text(TextColumn::CountryCode),
            fields: &[("total_requests", Measure::Requests)],
        }),
    },
    Route {
        path: "/v1/providers",
        operation_id: "queryMetricProviders",
        summary: "Returns the providers, the most called first.",
        answer: Answer::Ranking(Ranking {
            name: "provider",
            group: Dimension::Text(TextColumn::Provider),
            fields: &[("total_requests", Measure::Requests)],
        }),
    },
    Route {
        path: "/v1/dashboard/scores/query",
        operation_id: "queryMetricScores",
        summary: "Returns the sums of scores by piece of time and name; true counts 1, false 0.",
        answer: Answer::Series(Series {
            time: TRUNCATED,
            split: Split::Score,
            fields: &[("score_sum", Measure::ScoreSum)],
        }),
    },
    Route {
        path: "/v1/property/properties/over-time",
        operation_id: "queryMetricPropertyOverTime",
        summary: "Returns how many calls there were, and what they cost, by piece of time and value of a property.",
        answer: Answer::Series(Series {
            time: TRUNCATED,
            split: Split::Property,
            fields: &[("request_count", Measure::Requests), ("total_cost", Measure::Sum(Quantity::Cost))],
        }),
    },
];
