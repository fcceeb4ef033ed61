//! What bounds the job, and what a mapping may say of a stored call.

use gatehouse_store::log::{LogRow, MapperUse};
use gatehouse_types::{Body, Exchange, ExchangeMeta, RequestId, Timestamp};
use uuid::Uuid;

use super::*;
use crate::knowledge::Knowledge;

fn tenant(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(number))
}

fn scope(number: usize) -> MapperScope {
    MapperScope::of("POST", "https://a.example/", &format!("/call-{number}x"))
}

#[test]
fn one_tenants_paths_are_counted_up_to_a_bound_and_take_nothing_from_others() {
    let mut seen = Seen::default();
    for number in 0..MAX_SEEN {
        assert_eq!(seen.count(tenant(1), &scope(number)), Some(1));
    }
    assert_eq!(seen.count(tenant(1), &scope(MAX_SEEN)), None);
    assert_eq!(seen.count(tenant(1), &scope(0)), Some(2));
    assert_eq!(seen.count(tenant(2), &scope(MAX_SEEN)), Some(1));
}

#[test]
fn however_much_calls_tell_there_is_room_for_administrators() {
    let (sender, mut tasks) = mpsc::channel(MAX_WAITING);
    let queue = MapperQueue(sender);
    let told = (0..2 * MAX_WAITING).map(|number| (tenant(1), Sighting::Unmapped(scope(number))));
    queue.tell(told.collect());
    assert!(queue.infer(tenant(2), MapperId::generate()));
    assert!(queue.back_fill(tenant(2), MapperId::generate()));
    assert!(matches!(tasks.try_recv(), Ok(Task::Sighted(..))), "what was told is there too");
}

#[test]
fn a_model_that_only_a_mapping_told_is_told_anew() {
    let id = RequestId::from_uuid(Uuid::from_u128(7));
    let meta = ExchangeMeta::new(id, tenant(1), Timestamp::from_unix_micros(1));
    let exchange = Exchange { meta, request: Body::default(), response: Body::default() };
    let empty = crate::enrich(exchange, &Knowledge::builtin(), 1);
    let read = LogRow {
        model: "told".to_owned(),
        mapper: Some(MapperUse { id: "m".to_owned(), version: 1 }),
        ..empty.clone()
    };
    let asked = LogRow { request_model: Some("told".to_owned()), ..read.clone() };
    let unread = LogRow { mapper: None, ..read.clone() };
    let is_mapped = back_fill::is_model_mapped;
    assert_eq!([&empty, &read, &asked, &unread].map(is_mapped), [true, true, false, false]);
}
