//! A few calls whose figures can be added up by hand.

use gatehouse_store::log::{LogRow, Saved};
use gatehouse_types::{CacheStatus, KeyId, LimitUse, NanoUsd, OrganizationId, Timestamp, Usage};
use uuid::Uuid;

use crate::installation::{ours, theirs};
use crate::memory_log::{empty_row, full_row, request_id};

/// What the model of the first three calls is called.
pub(crate) const MINI: &str = "gpt-4o-mini-2024-07-18";

/// Five calls of ours and one of theirs, which looks like the first.
///
/// | | began (22 November 2026, UTC) | model | user | session, name | ms | tokens | nano-dollars |
/// |-|-|-|-|-|-|-|-|
/// | 1 | 14:06:01 | mini | alice | s1, trip | 800 | 10 + 20 + 3 | 15,300 |
/// | 2 | 15:10:00 | mini | alice | s1 | 1,000 | 100 + 50 | 30,000 |
/// | 3 | 15:20:00 | claude | bob | s2, chat | 2,000, 500 | – | – |
/// | 4 | 01:00:00 on the 23rd | claude | bob | – | 5, 429 by a limit, an attack | – | – |
/// | 5 | 14:30:00 | mini | – | – | 10, from the cache | 0 | 0 (saved 5,000) |
pub(crate) fn rows() -> Vec<LogRow> {
    let ours = ours();
    let mut first = called(full_row(ours, 1), "2026-11-22T14:06:01Z", 800_000);
    first.key_id = Some(KeyId::from_uuid(Uuid::from_u128(0xbee)));
    set(
        &mut first,
        &[
            ("Helicone-Session-Id", "s1"),
            ("Helicone-Session-Name", "trip"),
            ("Helicone-Session-Path", "/plan"),
        ],
    );
    let mut second = called(full_row(ours, 2), "2026-11-22T15:10:00Z", 1_000_000);
    set(&mut second, &[("Helicone-Session-Id", "s1")]);
    second.first_token_us = None;
    second.usage = Usage { input: Some(100), output: Some(50), total: Some(150), ..Usage::default() };
    second.cost = Some(NanoUsd::new(30_000));
    let mut third = unknown(ours, 3, "2026-11-22T15:20:00Z", 2_000_000);
    third.status = 500;
    set(
        &mut third,
        &[("Environment", "staging"), ("Helicone-Session-Id", "s2"), ("Helicone-Session-Name", "chat")],
    );
    let mut fourth = unknown(ours, 4, "2026-11-23T01:00:00Z", 5_000);
    fourth.status = 429;
    fourth.country_code = Some("DE".to_owned());
    fourth.handling.threat = Some(true);
    let policy = "10;w=60".to_owned();
    fourth.handling.rate_limit = Some(LimitUse { policy, is_refused: true, error: None });
    let mut fifth = called(full_row(ours, 5), "2026-11-22T14:30:00Z", 10_000);
    fifth.user_id = String::new();
    fifth.first_token_us = None;
    fifth.cache_enabled = true;
    fifth.cache_reference_id = Some(request_id(1));
    fifth.handling.cache_status = Some(CacheStatus::Hit);
    fifth.handling.saved = Saved { us: Some(790_000), cost: Some(NanoUsd::new(5_000)), ..Saved::default() };
    fifth.usage = Usage { input: Some(0), output: Some(0), total: Some(0), ..Usage::default() };
    fifth.cost = Some(NanoUsd::new(0));
    let mut foreign = called(full_row(theirs(), 6), "2026-11-22T14:06:02Z", 900_000);
    set(&mut foreign, &[("Helicone-Session-Id", "theirs"), ("Secret", "theirs")]);
    foreign.user_id = "mallory".to_owned();
    vec![first, second, third, fourth, fifth, foreign]
}

/// Returns a row whose call began then and took so long.
fn called(mut row: LogRow, began: &str, total_us: u64) -> LogRow {
    row.request_created_at = Timestamp::parse(began).unwrap_or(Timestamp::from_unix_micros(0));
    row.response_created_at = row.request_created_at.plus(std::time::Duration::from_micros(total_us));
    row.total_us = total_us;
    row
}

/// Returns a call of bob's of which no usage is known.
fn unknown(organization_id: OrganizationId, number: u8, began: &str, total_us: u64) -> LogRow {
    let mut row = called(empty_row(organization_id, number), began, total_us);
    row.model = "claude".to_owned();
    row.provider = "ANTHROPIC".to_owned();
    row.user_id = "bob".to_owned();
    row
}

fn set(row: &mut LogRow, properties: &[(&str, &str)]) {
    row.properties.extend(properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
}
