//! From records of the journal to a batch of rows, within a bound of memory; runs on a blocking thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gatehouse_journal::Record;
use gatehouse_store::log::{Batch, LogRow};
use gatehouse_types::{Exchange, OrganizationId};

use crate::enrich::{Enriched, enrich_watched};
use crate::knowledge::Knowledge;
use crate::mapping::{Sighting, Watches};

/// A batch made of the first records of a range.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) batch: Batch,
    /// How many records the batch covers; at least one.
    pub(crate) taken: usize,
    /// Which of them are not exchanges.
    pub(crate) undecodable: Vec<Undecodable>,
    /// What they tell of the mappers of their organisations.
    pub(crate) sightings: Vec<(OrganizationId, Sighting)>,
}

/// What preparing needs beside the records.
#[derive(Clone)]
pub(crate) struct Preparation {
    pub(crate) knowledge: Knowledge,
    pub(crate) watches: Arc<Watches>,
    /// About how many bytes of bodies a batch holds.
    pub(crate) max_bytes: usize,
    /// The largest body that is stored.
    pub(crate) max_body_bytes: usize,
}

/// A record that is not an exchange.
#[derive(Debug)]
pub(crate) struct Undecodable {
    /// Its place in the range.
    pub(crate) index: usize,
    /// Why.
    pub(crate) reason: String,
}

impl Preparation {
    /// Enriches records in order until their bodies exceed [`Self::max_bytes`].
    pub(crate) fn prepare(&self, records: &[Record]) -> Prepared {
        let mut prepared =
            Prepared { batch: Batch::default(), taken: 0, undecodable: Vec::new(), sightings: Vec::new() };
        let mut bytes: usize = 0;
        for (index, record) in records.iter().enumerate() {
            match self.read(record) {
                Ok(Enriched { row, sighting }) => {
                    bytes = bytes.saturating_add(body_bytes(&row));
                    prepared.sightings.extend(sighting.map(|sighting| (row.organization_id, sighting)));
                    prepared.batch.rows.push(row);
                }
                Err(reason) => prepared.undecodable.push(Undecodable { index, reason }),
            }
            prepared.batch.journal_position = record.end.as_u64();
            prepared.taken = index + 1;
            if bytes >= self.max_bytes {
                break;
            }
        }
        prepared
    }

    /// The row of one record; a panic of the enrichment concerns that record alone.
    fn read(&self, record: &Record) -> Result<Enriched, String> {
        let exchange = Exchange::decode(&record.payload).map_err(|error| crate::stats::whole_text(&error))?;
        let enrich = || enrich_watched(exchange, &self.knowledge, Some(&self.watches), self.max_body_bytes);
        catch_unwind(AssertUnwindSafe(enrich)).map_err(|_| "enrichment panicked".to_owned())
    }
}

fn body_bytes(row: &LogRow) -> usize {
    [&row.bodies.request, &row.bodies.response].into_iter().flatten().map(bytes::Bytes::len).sum()
}
