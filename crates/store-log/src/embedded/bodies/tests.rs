//! What is packed is found again, by its key and by no other.

use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::log::LogRow;
use gatehouse_types::RequestId;
use uuid::Uuid;

use super::*;

fn row(tenant: u128, number: u64, body_bytes: usize) -> LogRow {
    let body = Bytes::from(number.to_string().repeat(body_bytes));
    let request = (!number.is_multiple_of(3)).then(|| body.slice(..body_bytes));
    let response = (!number.is_multiple_of(5)).then(|| body.slice(..body_bytes / 2));
    LogRow {
        bodies: Bodies { request, response },
        ..plain_row(OrganizationId::from_uuid(Uuid::from_u128(tenant)), RequestId::from_uuid(Uuid::nil()))
    }
}

#[test]
fn every_row_finds_its_own_bodies_in_one_block_of_its_tenant() {
    let rows: Vec<LogRow> = (0..400).map(|number| row(u128::from(number % 2), number, 3000)).collect();
    let rows: Vec<NewRow<'_>> =
        (10..).zip(&rows).map(|(row_key, row)| NewRow { row_key, superseded: false, row }).collect();
    let blocks = Packer::new(usize::MAX).pack(&rows).unwrap();
    assert!(blocks.len() > 4, "{} blocks", blocks.len());
    for new in &rows {
        let mut holding = blocks.iter().filter(|block| {
            block.organization_id == new.row.organization_id
                && (block.first_row_key..=block.last_row_key).contains(&new.row_key)
        });
        let bodies = holding.next().map(|block| unpack(&block.content, new.row_key).unwrap());
        assert_eq!(bodies.unwrap_or_default(), new.row.bodies);
        assert!(holding.next().is_none(), "ranges of one tenant don't overlap");
    }
    let first = blocks.first().unwrap();
    assert_eq!(unpack(&first.content, 5).unwrap(), Bodies::default());
}

#[test]
fn a_broken_block_is_an_error() {
    assert!(unpack(b"not zstd", 1).is_err());
    let half = zstd::bulk::compress(&[1, 0, 0, 0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 7], 1).unwrap();
    assert!(unpack(&half, 1).is_err());
}
