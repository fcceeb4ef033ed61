//! The columns fit the tables.

use gatehouse_store::conformance::samples::plain_row;
use gatehouse_types::{OrganizationId, RequestId};
use uuid::Uuid;

use super::*;
use crate::Options;
use crate::embedded::engine::Engine;

fn columns_of(connection: &Connection, table: &str) -> Vec<String> {
    let sql =
        "SELECT column_name FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position";
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn columns_come_in_the_order_of_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::new(Options::at(folder.path().join("log.duckdb")));
    let row = plain_row(OrganizationId::from_uuid(Uuid::nil()), RequestId::from_uuid(Uuid::nil()));
    let rows = [NewRow { row_key: 1, superseded: false, row: &row }];
    let mut packer = Packer::new(1000);
    let names = |batch: RecordBatch| -> Vec<String> {
        batch.schema().fields().iter().map(|field| field.name().clone()).collect()
    };
    let facts = names(encode::facts(&rows, &packer, &Known::default()).unwrap());
    let bodies = names(encode::body_blocks(&packer.pack(&rows).unwrap()).unwrap());
    let annotations = names(encode::annotations(&[]).unwrap());
    engine
        .run("test", |connection| {
            assert_eq!(columns_of(connection, "request_response_rmt"), facts);
            assert_eq!(columns_of(connection, "body_blocks"), bodies);
            assert_eq!(columns_of(connection, "annotations"), annotations);
            Ok(())
        })
        .unwrap();
}

#[test]
fn marks_all_but_the_last_of_an_id_that_the_client_chose() {
    let row = |id: u128, client_chose_id| LogRow {
        client_chose_id,
        ..plain_row(OrganizationId::from_uuid(Uuid::nil()), RequestId::from_uuid(Uuid::from_u128(id)))
    };
    let rows = [row(1, true), row(2, false), row(1, true), row(3, true), row(1, true)];
    let marks: Vec<(u64, bool)> = number(&rows, 7).iter().map(|new| (new.row_key, new.superseded)).collect();
    assert_eq!(marks, [(7, true), (8, false), (9, true), (10, false), (11, false)]);
}
