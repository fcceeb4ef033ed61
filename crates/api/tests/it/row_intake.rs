//! What takes records in these tests: it makes them rows at once.

use std::sync::Arc;

use gatehouse_record::{Knowledge, enrich};
use gatehouse_store::intake::Intake;
use gatehouse_store::log::{Batch, LogStore};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::Exchange;
use parking_lot::Mutex;

use crate::memory_log::MemoryLog;

/// Makes records rows of a log in memory.
pub(crate) struct RowIntake {
    log: Arc<MemoryLog>,
    knowledge: Knowledge,
    has_room: Mutex<bool>,
    /// The most bytes that the bodies of a record may have.
    most: Mutex<u64>,
}

impl RowIntake {
    pub(crate) fn new(log: Arc<MemoryLog>) -> Self {
        Self { log, knowledge: Knowledge::builtin(), has_room: Mutex::new(true), most: Mutex::new(u64::MAX) }
    }

    /// Says that no record may have a body from now on.
    pub(crate) fn shrink(&self) {
        *self.most.lock() = 0;
    }

    /// Says that there is no room for records any more.
    pub(crate) fn fill(&self) {
        *self.has_room.lock() = false;
    }
}

impl Intake for RowIntake {
    fn take(&self, exchange: Exchange) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            if !*self.has_room.lock() {
                return Err(StoreError::Unavailable { store: "journal", reason: "it is full".to_owned() });
            }
            if exchange.request.wire_bytes + exchange.response.wire_bytes > *self.most.lock() {
                let (store, operation) = ("journal", "take a record");
                return Err(StoreError::Failed { store, operation, source: "it is too large".into() });
            }
            let row = enrich(exchange, &self.knowledge, 32 << 20);
            self.log.insert(Batch { rows: vec![row], ..Batch::default() }).await
        })
    }
}
