//! The journal on a simulated disk: faults one by one, and all of them against a model.

mod faults;
mod model;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::disk::sim::SimDisk;
use crate::{Ack, Durability, Journal, JournalOptions, Reader, Record, Recovery};

/// No test waits this long for anything unless it fails.
const PATIENCE: Duration = Duration::from_secs(20);

fn options() -> JournalOptions {
    JournalOptions {
        segment_bytes: 2048,
        max_disk_bytes: 1 << 20,
        max_queued_bytes: 64 << 10,
        max_record_bytes: 8 << 10,
        commit_interval: Duration::from_micros(100),
        retry_interval: Duration::from_micros(200),
        ..JournalOptions::new("simulated")
    }
}

fn open(disk: &SimDisk, options: JournalOptions) -> (Journal, Recovery) {
    Journal::open_on(Arc::new(disk.clone()), None, options.checked().unwrap()).unwrap()
}

fn strict() -> JournalOptions {
    JournalOptions { durability: Durability::Strict, ..options() }
}

/// Returns a payload that says its number and has `length` bytes, at least 8.
fn payload(number: u64, length: usize) -> Vec<u8> {
    let mut payload = number.to_le_bytes().to_vec();
    payload
        .extend((0..length.saturating_sub(8)).map(|index| number.to_le_bytes()[0] ^ index.to_le_bytes()[0]));
    payload
}

fn number(payload: &[u8]) -> u64 {
    u64::from_le_bytes(payload[..8].try_into().unwrap())
}

fn append(journal: &Journal, number: u64, length: usize) -> Ack {
    journal.append(vec![Bytes::from(payload(number, length))]).unwrap()
}

/// Runs a future, which must end.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await }).unwrap()
}

/// Waits until the journal's threads have got there.
fn until(reached: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !reached() {
        assert!(Instant::now() < deadline, "waited too long");
        std::thread::yield_now();
    }
}

/// Waits for the next records.
fn read(reader: &mut Reader) -> Vec<Record> {
    loop {
        let records = reader.next_batch(usize::MAX, usize::MAX).unwrap();
        if !records.is_empty() || !wait(reader.wait()) {
            return records;
        }
    }
}

/// Reads until so many records have come; returns their numbers.
fn read_numbers(reader: &mut Reader, count: usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    while numbers.len() < count {
        let records = read(reader);
        assert!(!records.is_empty(), "the journal ended after {numbers:?}");
        numbers.extend(records.iter().map(|record| number(&record.payload)));
    }
    numbers
}
