//! Made-up calls are like real ones.

use std::collections::BTreeMap;

use gatehouse_store::log::SESSION_ID;
use gatehouse_types::{OrganizationId, Outcome, Timestamp, UsageSource};
use uuid::Uuid;

use super::*;

fn maker(rows: u64, seed: u64) -> Maker {
    let end = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
    let organization_id = OrganizationId::from_uuid(Uuid::from_u128(7));
    let world = World::new(organization_id, Vec::new(), seed, Timeline::new(seed, end, 30));
    let knowledge = Knowledge::builtin();
    Maker { world, knowledge, rows, keeps_bodies: true, max_body_bytes: 1 << 20 }
}

#[test]
fn the_same_seed_makes_the_same_calls() {
    assert_eq!(maker(300, 1).batch(0), maker(300, 1).batch(0));
    assert_ne!(maker(300, 1).batch(0), maker(300, 2).batch(0));
}

#[test]
fn batches_follow_each_other_in_time_and_have_every_row() {
    let maker = maker(BATCH_ROWS + 500, 1);
    let (first, second) = (maker.batch(0), maker.batch(1));
    assert_eq!((first.len() as u64, second.len()), (BATCH_ROWS, 500));
    assert!(first.is_sorted_by_key(|row| row.request_created_at));
    let median = |rows: &[LogRow]| rows[rows.len() / 2].request_created_at;
    assert!(median(&first) < second[0].request_created_at);
    assert!(second.last().unwrap().request_created_at <= Timestamp::parse("2026-11-20T12:00:00Z").unwrap());
    assert!(maker.batch(2).is_empty());
}

#[test]
fn calls_are_read_and_priced_like_real_ones() {
    let rows = maker(6_000, 1).batch(0);
    let count = |is_meant: &dyn Fn(&LogRow) -> bool| rows.iter().filter(|row| is_meant(row)).count();
    let mut models: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *models.entry(&row.model).or_default() += 1);
    assert!(models.len() >= models::MODELS.len(), "{models:?}");
    for row in rows.iter().filter(|row| row.status == 200 && row.outcome == Outcome::Complete) {
        let shown = || format!("{} {}: {:?}", row.provider, row.model, row.bodies);
        let is_known = row.provider != "models.northwind.example";
        assert!(row.usage_source != UsageSource::None, "{}", shown());
        assert_eq!(
            row.cost.is_some(),
            is_known || row.cost_status == "cached",
            "{} {}",
            row.cost_status,
            shown()
        );
        assert!(row.usage.total.unwrap_or(0) > 0 || row.cost_status == "cached", "{}", shown());
        let is_silent =
            row.path == "/v1/embeddings" || row.bodies.response.as_deref().is_some_and(calls_a_tool);
        assert!(row.response_preview.is_some() || is_silent, "{}", shown());
    }
    assert!(rows.iter().all(|row| row.request_preview.is_some()), "each call asks something");
    let errors = count(&|row| row.status >= 400);
    assert!((60..900).contains(&errors), "{errors} errors");
    assert!(count(&|row| row.handling.threat == Some(true)) > 0, "no threats");
    assert!(count(&|row| row.handling.saved.cost.is_some()) > 50, "no hits of the cache");
    assert!(count(&|row| row.status == 429 && row.outcome == Outcome::Refused) > 20, "no limited calls");
    assert!(count(&|row| !row.annotations.feedback.is_empty()) > 200, "no feedback");
    assert!(count(&|row| row.first_token_us.is_some()) > 1_000, "no streams");
    let sessions = count(&|row| row.properties.contains_key(SESSION_ID));
    assert!((1_200..3_600).contains(&sessions), "{sessions} calls of sessions");
    let bytes: u64 = rows.iter().map(|row| row.request_bytes + row.response_bytes).sum();
    let mean = bytes / rows.len() as u64;
    assert!((1_500..3_000).contains(&mean), "{mean} bytes a call");
}

fn calls_a_tool(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains("tool_calls")
}
