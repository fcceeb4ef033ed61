//! Rows and filters to try a store with: ordinary ones, and every awkward value that we could think of.

use std::collections::BTreeMap;

use bytes::Bytes;
use gatehouse_types::{
    Attempt, BodyState, CacheStatus, GuardUse, KeyId, LimitUse, NanoUsd, OrganizationId, Outcome, ProxyKeyId,
    RequestId, Source, Timestamp, UnitKind, Usage, UsageSource,
};
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use crate::filter::{BoolColumn, Column, Condition, Filter, NumberColumn, Test, TextColumn, TimeColumn};
use crate::log::{
    Annotation, Annotations, Billing, Bodies, Content, FeedbackValue, Handling, LogRow, MapperUse, RATING,
    Saved,
};

/// Texts that stores and filters stumble over.
const TEXTS: [&str; 15] = [
    "",
    "gpt-4o",
    "GPT-4o",
    "gpt-4o-mini",
    "100%_sure\\",
    "100%-sure",
    "'; DROP TABLE request_response_rmt; --",
    "\"quoted\" \\' ?1 $1",
    "日本語モデル",
    "ÉCLAIR я İK ΟΔΟΣ",
    "éclair Я",
    "ik οδος",
    "null",
    "line\nbreak\t",
    "a\0b",
];
/// Patterns for `like` and `ilike`.
const PATTERNS: [&str; 9] = ["", "%", "gpt%", "GPT-4_", "%語%", "_é%", "%éclair%", "100%", "%\\"];
/// Counts up to what fits.
const COUNTS: [u64; 8] =
    [0, 1, 2, 999, 2_147_483_648, 9_007_199_254_740_993, 9_223_372_036_854_775_808, u64::MAX];
/// Bounds around and far beyond the counts, and dollars around the costs.
const BOUNDS: [f64; 16] = [
    0.0,
    1.0,
    0.5,
    -0.5,
    -1.0,
    2.0,
    200.0,
    2.5,
    1e-9,
    2.500_000_000_4,
    2_147_483_648.0,
    9_007_199_254_740_992.0,
    9_223_372_036_854_775_808.0,
    18_446_744_073_709_551_616.0,
    1e300,
    -1e300,
];
/// Moments from before the epoch to the far future, in µs.
const MOMENTS: [i64; 7] = [
    -1_000_001,
    0,
    1,
    1_795_356_360_123_456,
    1_795_356_360_123_457,
    1_795_356_361_000_000,
    253_402_300_799_999_999,
];
/// Names of properties.
const NAMES: [&str; 5] = ["Env", "env", "it's", "日本", "Helicone-Session-Id"];

/// Returns an ordinary row of `organization_id`.
pub fn plain_row(organization_id: OrganizationId, request_id: RequestId) -> LogRow {
    LogRow {
        request_id,
        client_chose_id: false,
        response_id: RequestId::from_uuid(Uuid::from_u128(2)),
        organization_id,
        key_id: Some(KeyId::from_uuid(Uuid::from_u128(3))),
        request_created_at: Timestamp::from_unix_micros(1_795_356_360_123_456),
        response_created_at: Timestamp::from_unix_micros(1_795_356_361_023_457),
        outcome: Outcome::Complete,
        status: 200,
        error_kind: None,
        attempt_count: 1,
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        target_url: "https://api.openai.com/v1/chat/completions".to_owned(),
        provider: "OPENAI".to_owned(),
        model: "gpt-4o-mini-2024-07-18".to_owned(),
        request_model: Some("gpt-4o-mini".to_owned()),
        response_model: Some("gpt-4o-mini-2024-07-18".to_owned()),
        model_override: None,
        is_stream: true,
        user_id: "alice".to_owned(),
        properties: BTreeMap::from([
            ("Env".to_owned(), "prod".to_owned()),
            ("Helicone-Session-Id".to_owned(), "s-1".to_owned()),
        ]),
        usage_source: UsageSource::Provider,
        usage: Usage {
            input: Some(12),
            output: Some(7),
            cache_read: Some(0),
            reasoning: Some(3),
            total: Some(22),
            ..Usage::default()
        },
        billing: Billing { service_tier: Some("default".to_owned()), ..Billing::default() },
        mapper: None,
        cost: Some(NanoUsd::new(6_000)),
        cost_status: "priced".to_owned(),
        connect_us: Some(31_000),
        first_byte_us: Some(412_345),
        first_token_us: Some(431_999),
        total_us: 900_001,
        request_bytes: 120,
        response_bytes: 340,
        request_body_state: BodyState::Stored,
        response_body_state: BodyState::Stored,
        request_preview: Some("Say hello".to_owned()),
        response_preview: Some("Hello!".to_owned()),
        country_code: None,
        cache_reference_id: None,
        cache_enabled: false,
        prompt_id: String::new(),
        prompt_version: String::new(),
        request_referrer: String::new(),
        handling: Handling::default(),
        bodies: Bodies {
            request: Some(Bytes::from_static(b"{\"model\":\"gpt-4o-mini\"}")),
            response: Some(Bytes::from_static(b"data: [DONE]\n\n\xff\x00")),
        },
        annotations: Annotations::default(),
        revised: None,
    }
}

fn text() -> impl Strategy<Value = String> {
    select(TEXTS.as_slice()).prop_map(str::to_owned)
}

fn count() -> impl Strategy<Value = Option<u64>> {
    proptest::option::weighted(0.7, select(COUNTS.as_slice()))
}

fn moment() -> impl Strategy<Value = Timestamp> {
    select(MOMENTS.as_slice()).prop_map(Timestamp::from_unix_micros)
}

fn name() -> impl Strategy<Value = String> {
    select(NAMES.as_slice()).prop_map(str::to_owned)
}

/// Returns bodies of awkward texts, at times with what is no UTF-8 between them.
fn body() -> impl Strategy<Value = Bytes> {
    let part = prop_oneof![4 => text().prop_map(String::into_bytes), 1 => Just(b"\xff\xe6\x97".to_vec())];
    proptest::collection::vec(part, 0..3).prop_map(|parts| Bytes::from(parts.concat()))
}

/// Returns rows of `organization_id` whose filterable and sortable fields hold awkward values.
pub fn rows(organization_id: OrganizationId) -> impl Strategy<Value = LogRow> {
    let texts = proptest::collection::vec(text(), 8);
    let optional_texts = proptest::collection::vec(proptest::option::of(text()), 7);
    let counts = proptest::collection::vec(count(), 4);
    let properties = proptest::collection::btree_map(name(), text(), 0..4);
    let bodies = (proptest::option::of(body()), proptest::option::of(body()));
    let cost = proptest::option::weighted(
        0.7,
        select([0, 1, 2, 2_147_483_648, 2_500_000_000, 2_500_000_001, i64::MAX, -1].as_slice()),
    );
    let cached = proptest::option::of(any::<u128>().prop_map(|id| RequestId::from_uuid(Uuid::from_u128(id))));
    let status = select([200, 404, 500, -2, -3, i32::MAX].as_slice());
    let handled = (handling(), billed());
    let rest = (any::<u128>(), status, cost, cached, any::<bool>(), moment(), moment(), handled);
    (texts, counts, properties, optional_texts, (bodies, rest)).prop_map(
        move |(texts, counts, properties, optional_texts, ((request, response), rest))| {
            let (id, status, cost, cache_reference_id, cache_enabled, began, ended, handled) = rest;
            let (handling, (usage, usage_source, billing, mapper)) = handled;
            let mut texts = texts.into_iter();
            let mut text = || texts.next().unwrap_or_default();
            let mut counts = counts.into_iter();
            let mut count = || counts.next().flatten();
            let mut optional_texts = optional_texts.into_iter();
            let mut optional_text = || optional_texts.next().flatten();
            LogRow {
                error_kind: optional_text(),
                request_model: optional_text(),
                response_model: optional_text(),
                model_override: optional_text(),
                country_code: optional_text(),
                request_preview: optional_text(),
                response_preview: optional_text(),
                is_stream: cache_enabled,
                key_id: Some(KeyId::from_uuid(Uuid::from_u128(id & 3))).filter(|_| id & 4 == 0),
                attempt_count: if cache_enabled { u16::MAX } else { 2 },
                request_bytes: count().unwrap_or_default(),
                response_bytes: count().unwrap_or_default(),
                status,
                cost: cost.map(NanoUsd::new),
                cache_reference_id,
                cache_enabled,
                handling,
                properties,
                request_created_at: began,
                response_created_at: ended,
                model: text(),
                provider: text(),
                user_id: text(),
                target_url: text(),
                request_referrer: text(),
                prompt_id: text(),
                prompt_version: text(),
                total_us: count().unwrap_or_default(),
                first_token_us: count(),
                usage,
                usage_source,
                billing,
                mapper,
                cost_status: text(),
                bodies: Bodies { request, response },
                ..plain_row(organization_id, RequestId::from_uuid(Uuid::from_u128(id)))
            }
        },
    )
}

/// Returns what a call may have used, of every class, and how it may be billed.
fn billed() -> impl Strategy<Value = (Usage, UsageSource, Billing, Option<MapperUse>)> {
    let optional = || proptest::option::of(text());
    let usage = proptest::collection::vec(count(), UnitKind::ALL.len() + 1).prop_map(usage);
    let declared = proptest::option::of(any::<i64>());
    let billing = (optional(), optional(), declared, any::<bool>(), any::<bool>()).prop_map(
        |(service_tier, variant, declared_cost, extra_charges, is_unknown)| match is_unknown {
            true => Billing { is_unknown, extra_charges: false, ..Billing::default() },
            false => Billing {
                service_tier,
                variant,
                declared_cost: declared_cost.map(NanoUsd::new),
                extra_charges,
                is_unknown,
            },
        },
    );
    let mapper =
        (text(), select([0, 1, u32::MAX].as_slice())).prop_map(|(id, version)| MapperUse { id, version });
    (usage, select(UsageSource::ALL.as_slice()), billing, proptest::option::of(mapper))
}

/// Returns the usage with a count of each class, and the total behind them.
fn usage(counts: Vec<Option<u64>>) -> Usage {
    let mut counts = counts.into_iter();
    let mut usage = Usage::default();
    for kind in UnitKind::ALL {
        *usage.count_mut(kind) = counts.next().flatten();
    }
    Usage { total: counts.next().flatten(), ..usage }
}

/// Returns what a gateway may have done with a call, awkward texts in all of it.
fn handling() -> impl Strategy<Value = Handling> {
    let index = || proptest::option::of(select([0, 1, u16::MAX].as_slice()));
    let reason = || proptest::option::of(text());
    let attempt = (text(), index(), index(), reason(), count()).prop_map(
        |(text, fallback_index, status, error_kind, connect_us)| Attempt {
            provider: text.as_str().into(),
            origin: text,
            fallback_index,
            status,
            error_kind,
            started_us: 7,
            ended_us: u64::MAX,
            connect_us,
        },
    );
    let attempts = proptest::collection::vec(attempt, 0..3);
    let limit = (text(), any::<bool>(), reason()).prop_map(|(policy, is_refused, error)| LimitUse {
        policy,
        is_refused,
        error,
    });
    let guard = (text(), text(), any::<bool>(), reason())
        .prop_map(|(name, kind, is_denied, reason)| GuardUse { name, kind, is_denied, reason, took_us: 1 });
    let guards = proptest::collection::vec(guard, 0..3);
    let cache = (proptest::option::of(select(CacheStatus::ALL.as_slice())), index());
    let saved = (count(), count(), count(), proptest::option::of(any::<i64>()));
    let saved = saved.prop_map(|(us, prompt_tokens, completion_tokens, cost)| Saved {
        us,
        cost: cost.map(NanoUsd::new),
        prompt_tokens,
        completion_tokens,
    });
    let named = (
        select(Source::ALL.as_slice()),
        index(),
        proptest::option::of(any::<bool>()),
        proptest::option::of(select([1_u128, 2].as_slice())),
        proptest::collection::vec((text(), text()), 0..3),
    );
    let parts = (attempts, cache, saved, proptest::option::of(limit), guards, named);
    parts.prop_map(|(attempts, (cache_status, cache_bucket_index), saved, rate_limit, guards, named)| {
        let (source, fallback_index, threat, proxy_key, prompt_inputs) = named;
        Handling {
            source,
            attempts,
            fallback_index,
            cache_status,
            cache_bucket_index,
            saved,
            rate_limit,
            guards,
            threat,
            proxy_key_id: proxy_key.map(|id| ProxyKeyId::from_uuid(Uuid::from_u128(id))),
            prompt_inputs,
        }
    })
}

/// Returns annotations of awkward names and values, a rating among them at times.
pub fn annotations() -> impl Strategy<Value = Vec<Annotation>> {
    let property = text().prop_map(Content::Property);
    let feedback = prop_oneof![
        any::<bool>().prop_map(FeedbackValue::Boolean),
        select(BOUNDS.as_slice()).prop_map(FeedbackValue::Numerical),
        text().prop_map(FeedbackValue::Text),
        text().prop_map(FeedbackValue::Categorical),
    ];
    let content = prop_oneof![3 => property, 1 => feedback.prop_map(Content::Feedback)];
    let rating = any::<bool>().prop_map(|rating| Content::Feedback(FeedbackValue::Boolean(rating)));
    let rating = (Just(RATING.to_owned()), rating);
    let made = prop_oneof![3 => (name(), content), 1 => rating];
    let annotation = (made, moment())
        .prop_filter_map("an invalid one", |((name, content), at)| Annotation::new(name, content, at).ok());
    proptest::collection::vec(annotation, 1..5)
}

/// Returns filters: trees of up to a few conditions over all columns, operators and awkward values.
pub fn filters() -> impl Strategy<Value = Filter> {
    select(conditions()).prop_map(Filter::Leaf).prop_recursive(4, 12, 2, |inner| {
        (inner.clone(), inner, any::<bool>()).prop_map(|(left, right, both)| {
            let join = if both { Filter::And } else { Filter::Or };
            join(Box::new(left), Box::new(right))
        })
    })
}

/// Returns every column with every operator and every awkward value that fit together.
pub fn conditions() -> Vec<Condition> {
    let mut all = Vec::new();
    let mut add = |column: &Column, tests: &[Test]| {
        all.extend(tests.iter().map(|test| Condition { column: column.clone(), test: test.clone() }));
    };
    for column in TEXT_COLUMNS {
        add(&Column::Text(column), &text_tests());
    }
    for key in NAMES.into_iter().chain(["absent", "'];--"]) {
        add(&Column::Property(key.to_owned()), &text_tests());
        add(&Column::PropertyKey, &[Test::TextEquals(key.to_owned()), Test::TextNotEquals(key.to_owned())]);
    }
    for column in NUMBER_COLUMNS {
        add(&Column::Number(column), &number_tests());
    }
    for column in [TimeColumn::RequestCreatedAt, TimeColumn::ResponseCreatedAt, TimeColumn::RatedAt] {
        add(&Column::Time(column), &time_tests());
    }
    for name in ["Env", "it's", RATING, "absent"] {
        add(&Column::Score(name.to_owned()), &text_tests());
        add(&Column::Score(name.to_owned()), &number_tests());
    }
    for name in ["", "gpt-4o", "a\0b", "absent"] {
        add(&Column::Input(name.to_owned()), &text_tests());
    }
    for column in BOOL_COLUMNS {
        add(
            &Column::Bool(column),
            &[Test::BoolEquals(true), Test::BoolEquals(false), Test::IsNull, Test::IsNotNull],
        );
    }
    all
}

const BOOL_COLUMNS: [BoolColumn; 8] = [
    BoolColumn::CacheEnabled,
    BoolColumn::Cached,
    BoolColumn::IsStream,
    BoolColumn::RateLimited,
    BoolColumn::Threat,
    BoolColumn::Rating,
    BoolColumn::Scored,
    BoolColumn::Revised,
];

const TEXT_COLUMNS: [TextColumn; 31] = [
    TextColumn::RequestBody,
    TextColumn::ResponseBody,
    TextColumn::RequestId,
    TextColumn::ResponseId,
    TextColumn::OrganizationId,
    TextColumn::KeyId,
    TextColumn::RequestModel,
    TextColumn::ResponseModel,
    TextColumn::ModelOverride,
    TextColumn::CacheStatus,
    TextColumn::RateLimitStatus,
    TextColumn::RateLimitPolicy,
    TextColumn::Outcome,
    TextColumn::ErrorKind,
    TextColumn::Source,
    TextColumn::ServiceTier,
    TextColumn::Model,
    TextColumn::Provider,
    TextColumn::UserId,
    TextColumn::TargetUrl,
    TextColumn::CountryCode,
    TextColumn::RequestReferrer,
    TextColumn::PromptId,
    TextColumn::PromptVersion,
    TextColumn::CacheReferenceId,
    TextColumn::ProxyKeyId,
    TextColumn::CostStatus,
    TextColumn::UsageSource,
    TextColumn::MapperId,
    TextColumn::Method,
    TextColumn::Path,
];

const NUMBER_COLUMNS: [NumberColumn; 20] = [
    NumberColumn::PromptAudioTokens,
    NumberColumn::CompletionAudioTokens,
    NumberColumn::ReasoningTokens,
    NumberColumn::AttemptCount,
    NumberColumn::RequestBytes,
    NumberColumn::ResponseBytes,
    NumberColumn::SavedLatency,
    NumberColumn::SavedPromptTokens,
    NumberColumn::SavedCompletionTokens,
    NumberColumn::Hour,
    NumberColumn::Status,
    NumberColumn::Latency,
    NumberColumn::TimeToFirstToken,
    NumberColumn::PromptTokens,
    NumberColumn::CompletionTokens,
    NumberColumn::TotalTokens,
    NumberColumn::PromptCacheReadTokens,
    NumberColumn::PromptCacheWriteTokens,
    NumberColumn::MapperVersion,
    NumberColumn::Cost,
];

fn text_tests() -> Vec<Test> {
    let mut tests = vec![Test::IsNull, Test::IsNotNull];
    for value in TEXTS {
        let value = || value.to_owned();
        tests.extend([Test::TextEquals(value()), Test::TextNotEquals(value())]);
        tests.extend([Test::Contains(value()), Test::NotContains(value())]);
    }
    for several in [&TEXTS[..0], &TEXTS[1..4], &TEXTS] {
        let several: Vec<String> = several.iter().map(|text| (*text).to_owned()).collect();
        tests.extend([Test::TextIn(several.clone()), Test::TextNotIn(several)]);
    }
    for pattern in PATTERNS {
        tests.extend([Test::Like(pattern.to_owned()), Test::ILike(pattern.to_owned())]);
    }
    tests
}

fn number_tests() -> Vec<Test> {
    let mut tests = vec![Test::IsNull, Test::IsNotNull];
    for bound in BOUNDS {
        tests.extend([Test::NumberEquals(bound), Test::NumberNotEquals(bound)]);
        tests.extend([Test::NumberAtLeast(bound), Test::NumberAtMost(bound)]);
        tests.extend([Test::NumberAbove(bound), Test::NumberBelow(bound)]);
    }
    tests
}

fn time_tests() -> Vec<Test> {
    let mut tests = vec![Test::IsNull, Test::IsNotNull];
    for moment in MOMENTS.into_iter().chain([i64::MIN, i64::MAX]) {
        let at = Timestamp::from_unix_micros(moment);
        tests.extend([Test::TimeEquals(at), Test::TimeAtLeast(at), Test::TimeAtMost(at)]);
        tests.extend([Test::TimeAfter(at), Test::TimeBefore(at)]);
    }
    tests
}
