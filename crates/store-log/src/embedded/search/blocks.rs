//! Going through the blocks of bodies of a tenant: the newest first, by several threads, as long as somebody waits.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use duckdb::{Connection, params};
use gatehouse_types::OrganizationId;
use parking_lot::Mutex;

use super::super::bodies::{Packed, Unpacker};
use super::super::engine::Error;
use crate::sql;

/// How many threads go through blocks at most.
const THREADS: usize = 4;
/// How many bytes of compressed blocks a thread takes at once, about.
const TAKE_BYTES: usize = 8 << 20;
/// How many blocks a thread takes at once, at first and at most.
const FIRST_TAKE: usize = 8;
const MAX_TAKE: usize = 256;

/// What is wanted of blocks.
pub(in crate::embedded) struct Scan<'a> {
    /// Whose.
    pub(in crate::embedded) organization_id: OrganizationId,
    /// Of which rows.
    pub(in crate::embedded) keys: Range<u64>,
    /// Whether nobody waits for it any more.
    pub(in crate::embedded) is_abandoned: &'a (dyn Fn() -> bool + Sync),
}

/// Nobody waited to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::embedded) struct Abandoned;

impl Scan<'_> {
    /// Calls `look` with each block that may have bodies of the wanted rows, and gathers what it finds.
    pub(in crate::embedded) fn run<T: Send>(
        &self,
        connection: &Connection,
        look: impl Fn(&Packed<'_>, &mut Vec<T>) + Sync,
    ) -> Result<Result<Vec<T>, Abandoned>, Error> {
        let blocks = self.blocks(connection)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS);
        let shared =
            Shared { next: AtomicUsize::new(0), is_over: AtomicBool::new(false), found: Mutex::default() };
        if blocks.len() <= FIRST_TAKE || threads == 1 {
            self.work(connection, &blocks, &shared, &look)?;
        } else {
            let connections: Vec<Connection> =
                (0..threads).map(|_| connection.try_clone()).collect::<Result<_, _>>()?;
            let work = |connection: Connection| {
                let done = self.work(&connection, &blocks, &shared, &look);
                if done.is_err() {
                    shared.is_over.store(true, Ordering::Relaxed);
                }
                done
            };
            let work = &work;
            std::thread::scope(|scope| {
                let running: Vec<_> =
                    connections.into_iter().map(|connection| scope.spawn(move || work(connection))).collect();
                let panicked = |_| Err(Error::Value { column: "content" });
                running.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(panicked))
            })?;
        }
        let is_over = shared.is_over.into_inner();
        Ok(if is_over { Err(Abandoned) } else { Ok(shared.found.into_inner()) })
    }

    /// Returns the first keys of the blocks, the last ones first.
    fn blocks(&self, connection: &Connection) -> Result<Vec<u64>, Error> {
        let mut prepared = connection.prepare(sql::BODY_BLOCKS)?;
        let params = params![self.organization_id.to_string(), self.keys.start, self.keys.end];
        let keys = prepared.query_map(params, |row| row.get(0))?;
        Ok(keys.collect::<duckdb::Result<_>>()?)
    }

    fn work<T>(
        &self,
        connection: &Connection,
        blocks: &[u64],
        shared: &Shared<T>,
        look: &(impl Fn(&Packed<'_>, &mut Vec<T>) + Sync),
    ) -> Result<(), Error> {
        let mut prepared = connection.prepare(sql::BODY_BLOCKS_BETWEEN)?;
        let mut unpacker = Unpacker::new()?;
        let (mut found, mut take) = (Vec::new(), FIRST_TAKE);
        loop {
            if (self.is_abandoned)() {
                shared.is_over.store(true, Ordering::Relaxed);
            }
            let start = shared.next.fetch_add(take, Ordering::Relaxed);
            let taken = blocks.get(start..(start + take).min(blocks.len())).unwrap_or_default();
            let (Some(last), Some(first)) = (taken.first(), taken.last()) else { break };
            if shared.is_over.load(Ordering::Relaxed) {
                break;
            }
            let mut rows = prepared.query(params![self.organization_id.to_string(), first, last])?;
            let mut bytes = 0;
            while let Some(row) = rows.next()? {
                let content = row.get_ref(0)?.as_blob().map_err(|_| Error::Value { column: "content" })?;
                bytes += content.len();
                look(&unpacker.unpack(content)?, &mut found);
            }
            take = (TAKE_BYTES / (bytes / taken.len() + 1)).clamp(1, MAX_TAKE);
        }
        shared.found.lock().append(&mut found);
        Ok(())
    }
}

/// What the threads have in common.
struct Shared<T> {
    /// The index of the next block that no thread took.
    next: AtomicUsize,
    /// Whether to stop: nobody waits, or a thread failed.
    is_over: AtomicBool,
    found: Mutex<Vec<T>>,
}
