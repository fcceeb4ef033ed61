//! From records of the journal to a batch of rows, within a bound of memory; runs on a blocking thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gatehouse_catalog::Catalog;
use gatehouse_journal::Record;
use gatehouse_store::log::{Batch, LogRow};
use gatehouse_types::Exchange;

use crate::enrich::enrich;

/// A batch made of the first records of a range.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) batch: Batch,
    /// How many records the batch covers; at least one.
    pub(crate) taken: usize,
    /// Which of them are not exchanges.
    pub(crate) undecodable: Vec<Undecodable>,
}

/// A record that is not an exchange.
#[derive(Debug)]
pub(crate) struct Undecodable {
    /// Its place in the range.
    pub(crate) index: usize,
    /// Why.
    pub(crate) reason: String,
}

/// Enriches records in order until their bodies exceed `max_bytes`.
pub(crate) fn prepare(
    records: &[Record],
    catalog: &Catalog,
    max_bytes: usize,
    max_body_bytes: usize,
) -> Prepared {
    let mut prepared = Prepared { batch: Batch::default(), taken: 0, undecodable: Vec::new() };
    let mut bytes: usize = 0;
    for (index, record) in records.iter().enumerate() {
        match read(record, catalog, max_body_bytes) {
            Ok(row) => {
                bytes = bytes.saturating_add(body_bytes(&row));
                prepared.batch.rows.push(row);
            }
            Err(reason) => prepared.undecodable.push(Undecodable { index, reason }),
        }
        prepared.batch.journal_position = record.end.as_u64();
        prepared.taken = index + 1;
        if bytes >= max_bytes {
            break;
        }
    }
    prepared
}

/// The row of one record; a panic of the enrichment concerns that record alone.
fn read(record: &Record, catalog: &Catalog, max_body_bytes: usize) -> Result<LogRow, String> {
    let exchange = Exchange::decode(&record.payload).map_err(|error| crate::stats::whole_text(&error))?;
    catch_unwind(AssertUnwindSafe(|| enrich(exchange, catalog, max_body_bytes)))
        .map_err(|_| "enrichment panicked".to_owned())
}

fn body_bytes(row: &LogRow) -> usize {
    [&row.bodies.request, &row.bodies.response].into_iter().flatten().map(bytes::Bytes::len).sum()
}
