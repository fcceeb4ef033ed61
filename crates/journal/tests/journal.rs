//! The journal on real files, through its public interface only.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use gatehouse_journal::{Durability, Journal, JournalError, JournalOptions, Position, Reader, Record};

const PATIENCE: Duration = Duration::from_secs(20);

fn payload(number: usize) -> Vec<u8> {
    format!("record {number} {}", "x".repeat(number % 97)).into_bytes()
}

fn append(journal: &Journal, number: usize) -> Result<gatehouse_journal::Ack> {
    let payload = Bytes::from(payload(number));
    let middle = payload.len() / 2;
    Ok(journal.append(vec![payload.slice(..middle), Bytes::new(), payload.slice(middle..)])?)
}

fn block_on<T>(future: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await }).context("waited too long")
}

fn read_all(reader: &mut Reader, count: usize) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    while records.len() < count {
        let batch = reader.next_batch(100, 1 << 20)?;
        if batch.is_empty() {
            ensure!(block_on(reader.wait())?, "the journal ended after {} records", records.len());
        }
        records.extend(batch);
    }
    Ok(records)
}

fn payloads(records: &[Record]) -> Vec<Vec<u8>> {
    records.iter().map(|record| record.payload.to_vec()).collect()
}

/// Writes a journal of so many records into one segment file, and returns that.
fn written(dir: &Path, count: usize) -> Result<PathBuf> {
    let (journal, _) = Journal::open(JournalOptions::new(dir))?;
    for number in 0..count {
        append(&journal, number)?;
    }
    journal.close();
    segments(dir)?.pop().context("no segment")
}

fn segments(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "seg") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[test]
fn records_are_read_back_as_appended_in_both_modes_and_after_a_restart() -> Result<()> {
    for durability in [Durability::Normal, Durability::Strict] {
        let dir = tempfile::tempdir()?;
        let options = JournalOptions {
            durability,
            segment_bytes: 4096,
            ..JournalOptions::new(dir.path().join("journal"))
        };
        let (journal, recovery) = Journal::open(options.clone())?;
        assert_eq!((recovery.segments, recovery.records), (0, 0));
        let expected: Vec<_> = (0..500).map(payload).collect();
        let mut last = None;
        for number in 0..500 {
            last = Some(append(&journal, number)?);
        }
        let mut reader = journal.reader("log", None)?;
        let records = read_all(&mut reader, 500)?;
        assert_eq!(payloads(&records), expected);
        block_on(last.context("no ack")?.durable())??;
        assert!(records.iter().all(|record| record.position < record.end));
        reader.commit(records[299].end)?;
        let lag: u64 =
            records[300..].iter().map(|record| record.end.as_u64() - record.position.as_u64()).sum();
        assert_eq!(journal.stats().readers[0].lag_bytes, lag);
        assert_eq!(journal.stats().queued_bytes, 0);
        journal.close();
        drop((journal, reader));
        let (journal, recovery) = Journal::open(options)?;
        assert_eq!(recovery.torn_bytes, 0);
        let mut reader = journal.reader("log", None)?;
        assert_eq!(reader.position(), records[299].end);
        append(&journal, 500)?;
        let records = read_all(&mut reader, 201)?;
        assert_eq!(payloads(&records), (300..501).map(payload).collect::<Vec<_>>());
    }
    Ok(())
}

#[test]
fn torn_tail_is_dropped_and_nothing_else_at_every_offset() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let segment = written(&dir.path().join("a"), 12)?;
    let content = fs::read(&segment)?;
    let mut ends = vec![128];
    ends.extend((0..12).scan(128, |end, number| {
        *end += 16 + payload(number).len();
        Some(*end)
    }));
    assert_eq!(ends.last(), Some(&content.len()));
    let torn = dir.path().join("b");
    fs::create_dir(&torn)?;
    for cut in 128..=content.len() {
        for path in segments(&torn)? {
            fs::remove_file(path)?;
        }
        fs::write(torn.join(segment.file_name().context("no name")?), &content[..cut])?;
        let (journal, recovery) = Journal::open(JournalOptions::new(&torn))?;
        let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
        assert_eq!(recovery.records, whole as u64, "cut at {cut}");
        assert_eq!(recovery.torn_bytes, (cut - ends[whole]) as u64, "cut at {cut}");
        let mut reader = journal.reader("log", Some(Position::default()))?;
        assert_eq!(payloads(&reader.next_batch(100, 1 << 20)?), (0..whole).map(payload).collect::<Vec<_>>());
        journal.close();
    }
    Ok(())
}

#[test]
fn damaged_record_is_counted_and_skipped_wherever_the_bit_flips() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let segment = written(&dir.path().join("a"), 9)?;
    let content = fs::read(&segment)?;
    let start: usize = 128 + (0..4).map(|number| 16 + payload(number).len()).sum::<usize>();
    let damaged = dir.path().join("b");
    fs::create_dir(&damaged)?;
    let expected: Vec<_> = (0..9).filter(|number| *number != 4).map(payload).collect();
    for offset in start..start + 16 + payload(4).len() {
        for path in segments(&damaged)? {
            fs::remove_file(path)?;
        }
        let mut flipped = content.clone();
        flipped[offset] ^= 0x04;
        fs::write(damaged.join(segment.file_name().context("no name")?), &flipped)?;
        let (journal, recovery) = Journal::open(JournalOptions::new(&damaged))?;
        let bytes = 16 + payload(4).len() as u64;
        assert_eq!((recovery.records, recovery.torn_bytes, recovery.corrupt_bytes), (8, 0, bytes));
        let mut reader = journal.reader("log", Some(Position::default()))?;
        assert_eq!(payloads(&reader.next_batch(100, 1 << 20)?), expected, "flip at {offset}");
        let stats = journal.stats();
        assert_eq!((stats.corruptions, stats.corrupt_bytes), (1, bytes));
        journal.close();
    }
    Ok(())
}

#[test]
fn payload_that_imitates_a_record_is_never_taken_for_one() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let inner = fs::read(written(&dir.path().join("a"), 3)?)?;
    let options = JournalOptions::new(dir.path().join("b"));
    let (journal, _) = Journal::open(options.clone())?;
    journal.append(vec![Bytes::from(inner[128..].to_vec())])?;
    append(&journal, 7)?;
    journal.close();
    drop(journal);
    let segment = segments(&options.dir)?.pop().context("no segment")?;
    let mut content = fs::read(&segment)?;
    content[129] ^= 1;
    fs::write(&segment, content)?;
    let (journal, _) = Journal::open(options)?;
    let mut reader = journal.reader("log", None)?;
    assert_eq!(payloads(&reader.next_batch(100, 1 << 20)?), [payload(7)]);
    Ok(())
}

#[test]
fn segments_go_once_every_reader_has_passed_them() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let options = JournalOptions { segment_bytes: 2000, ..JournalOptions::new(dir.path()) };
    let (journal, _) = Journal::open(options.clone())?;
    let mut slow = journal.reader("slow", None)?;
    let mut fast = journal.reader("fast", None)?;
    assert!(matches!(journal.reader("fast", None), Err(JournalError::ReaderInUse { .. })));
    assert!(matches!(journal.reader("Fast/..", None), Err(JournalError::ReaderName { .. })));
    for number in 0..300 {
        append(&journal, number)?;
    }
    let records = read_all(&mut fast, 300)?;
    fast.commit(fast.position())?;
    let all = segments(dir.path())?.len();
    assert!(all > 5, "{all} segments");
    assert!(matches!(slow.commit(fast.position()), Err(JournalError::CommitBeyondRead { .. })));
    read_all(&mut slow, 300)?;
    slow.commit(records[150].end)?;
    let some = segments(dir.path())?.len();
    assert!(some < all && some > 1, "{some} of {all} segments");
    slow.commit(records[10].end)?;
    journal.close();
    drop((journal, slow, fast));
    let (journal, _) = Journal::open(options)?;
    let mut fast = journal.reader("fast", None)?;
    assert!(fast.next_batch(1, 1)?.is_empty());
    assert_eq!(
        segments(dir.path())?.len(),
        some + 1,
        "the cursor of `slow` keeps its segments while it is not open; a start begins one"
    );
    journal.forget_reader("slow")?;
    assert_eq!(segments(dir.path())?.len(), 1);
    Ok(())
}

#[test]
fn second_journal_of_a_directory_is_refused_until_the_first_is_closed() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let (journal, _) = Journal::open(JournalOptions::new(dir.path()))?;
    let refusal = Journal::open(JournalOptions::new(dir.path())).err().context("opened twice")?;
    assert!(matches!(refusal, JournalError::Locked { .. }), "{refusal}");
    let ack = append(&journal, 1)?;
    journal.close();
    let (_journal, recovery) = Journal::open(JournalOptions::new(dir.path()))?;
    assert_eq!(recovery.records, 1);
    block_on(ack.durable())??;
    Ok(())
}

#[test]
fn eight_threads_append_every_record_once_and_each_in_its_own_order() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let options = JournalOptions { segment_bytes: 100_000, ..JournalOptions::new(dir.path()) };
    let (journal, _) = Journal::open(options)?;
    let mut reader = journal.reader("log", None)?;
    let start = Arc::new(std::sync::Barrier::new(8));
    let threads: Vec<_> = (0_u8..8)
        .map(|thread| {
            let (journal, start) = (journal.clone(), Arc::clone(&start));
            std::thread::spawn(move || -> Result<()> {
                start.wait();
                for number in 0..2000_u32 {
                    let number = number.to_le_bytes().to_vec();
                    drop(journal.append(vec![Bytes::from(vec![thread]), Bytes::from(number)])?);
                }
                Ok(())
            })
        })
        .collect();
    let mut next = [0_u32; 8];
    for record in read_all(&mut reader, 16_000)? {
        let (thread, number) =
            (usize::from(record.payload[0]), u32::from_le_bytes(record.payload[1..].try_into()?));
        assert_eq!(number, next[thread]);
        next[thread] += 1;
    }
    assert_eq!(next, [2000; 8]);
    for thread in threads {
        thread.join().ok().context("a thread panicked")??;
    }
    journal.close();
    assert_eq!(journal.stats().appended_records, 16_000);
    Ok(())
}

#[test]
fn batches_keep_their_bounds_but_return_one_record_of_any_size() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let (journal, _) = Journal::open(JournalOptions::new(dir.path()))?;
    for size in [10, 10, 10, 3_000_000, 10, 0] {
        journal.append(vec![Bytes::from(vec![b'x'; size])])?;
    }
    journal.close();
    drop(journal);
    let (journal, _) = Journal::open(JournalOptions::new(dir.path()))?;
    let mut reader = journal.reader("log", None)?;
    let mut sizes = |records, bytes| -> Result<Vec<usize>> {
        Ok(reader.next_batch(records, bytes)?.iter().map(|record| record.payload.len()).collect())
    };
    assert_eq!(sizes(2, 1000)?, [10, 10]);
    assert_eq!(sizes(0, 1000)?, [0; 0]);
    assert_eq!(sizes(10, 1000)?, [10]);
    assert_eq!(sizes(10, 1000)?, [3_000_000]);
    assert_eq!(sizes(10, 1000)?, [10, 0]);
    assert_eq!(sizes(10, 1000)?, [0; 0]);
    Ok(())
}

#[test]
fn options_that_cannot_work_are_refused() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let small = JournalOptions { max_disk_bytes: 1 << 20, ..JournalOptions::new(dir.path()) };
    let refusal = Journal::open(small).err().context("opened")?;
    assert_eq!(refusal.to_string(), "journal option `max_disk_bytes` is 1048576, must be at least 67109136");
    Ok(())
}
