//! Walks that are longer than a step.

use gatehouse_store::filter::{Column, Condition, Filter, NumberColumn, Test};
use uuid::Uuid;

use super::super::migrations;
use super::*;

/// More rows than two steps look at.
const ROWS: u64 = 2 * STEP + 7;

fn tenant() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(1))
}

/// Returns a store of [`ROWS`] rows of one tenant, of which every thousandth has the status 500.
fn stored() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrations::run(&mut connection).unwrap();
    let rows = format!(
        "INSERT INTO request_response_rmt (row_key, superseded, client_chose_id, organization_id, request_id,
            request_created_at, response_id, response_created_at, outcome, status, attempt_count, method, path,
            target_url, provider, model, is_stream, user_id, properties, prompt_id, prompt_version,
            request_referrer, cache_enabled, usage_source, cost_status, latency, total_us, request_bytes,
            response_bytes, request_body_state, response_body_state)
        SELECT key, false, false, '00000000-0000-0000-0000-000000000001', uuid(), now()::TIMESTAMP, NULL,
            now()::TIMESTAMP, 'complete', CASE WHEN key % 1000 = 0 THEN 500 ELSE 200 END, 1, 'POST', '/',
            'https://a.example/', 'A', 'm', false, '', MAP {{}}, '', '', '', false, 'provider', 'no_price', 1,
            1000, 1, 1, 'empty', 'empty'
        FROM range(1, {ROWS} + 1) AS keys(key);
        UPDATE journal_cursor SET next_row_key = {ROWS} + 1"
    );
    connection.execute_batch(&rows).unwrap();
    connection
}

/// Goes all the way and returns the keys it came by.
fn walked(connection: &Connection, filter: &Filter, limit: u32) -> Vec<u64> {
    let (mut keys, mut before) = (Vec::new(), None);
    loop {
        let walk = Walk { organization_id: tenant(), filter: filter.clone(), before, limit };
        let part = priced(connection, &walk).unwrap();
        keys.extend(part.rows.iter().map(|row| row.row_key.get()));
        match part.next {
            Some(next) => before = Some(next),
            None => return keys,
        }
    }
}

#[test]
fn a_long_walk_comes_by_each_row_once() {
    let connection = stored();
    for limit in [20_000, u32::MAX] {
        assert!(
            walked(&connection, &Filter::All, limit).into_iter().eq((1..=ROWS).rev()),
            "{limit} at a time"
        );
    }
    let column = Column::Number(NumberColumn::Status);
    let rare = Filter::Leaf(Condition { column, test: Test::NumberEquals(500.0) });
    let expected = (1..=ROWS).rev().filter(|key| key.is_multiple_of(1000));
    assert!(walked(&connection, &rare, 7).into_iter().eq(expected), "rows that are far apart");
}

#[test]
fn a_step_ends_where_bodies_take_too_much_memory() {
    const BODY_BYTES: usize = 20 << 20;
    let connection = stored();
    let with_bodies = ROWS - 11..=ROWS;
    for key in with_bodies.clone() {
        let head = [
            &key.to_le_bytes()[..],
            &u32::try_from(BODY_BYTES).unwrap().to_le_bytes(),
            &u32::MAX.to_le_bytes(),
        ];
        let block = [head.concat(), vec![0; BODY_BYTES]].concat();
        let content = zstd::bulk::compress(&block, 1).unwrap();
        let statement = "INSERT INTO body_blocks VALUES (CAST(? AS UUID), ?, ?, now()::TIMESTAMP, ?)";
        connection.execute(statement, params![tenant().to_string(), key, key, content]).unwrap();
    }
    let (mut keys, mut before) = (Vec::new(), None);
    while keys.len() < 20 {
        let walk = Walk { organization_id: tenant(), filter: Filter::All, before, limit: 15 };
        let part = rows(&connection, &walk).unwrap();
        let bodies = part.rows.iter().filter_map(|one| one.row.bodies.request.as_ref());
        let bytes: usize = bodies.map(bytes::Bytes::len).sum();
        assert!(bytes <= STEP_BYTES + BODY_BYTES, "{bytes} bytes at once");
        for KeyedRow { row_key, row } in &part.rows {
            assert_eq!(row.bodies.request.is_some(), with_bodies.contains(&row_key.get()));
            keys.push(row_key.get());
        }
        before = part.next;
    }
    let oldest = ROWS + 1 - keys.len() as u64;
    assert!(keys.into_iter().eq((oldest..=ROWS).rev()), "each row once");
}
