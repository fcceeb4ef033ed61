//! What a start finds on disk and repairs.
//!
//! Only the last segment can have a torn tail: every earlier one was fsynced as a whole before its successor was
//! created. The tail is what follows the last intact record; it is cut off. Damage between intact records is kept,
//! counted, and skipped by readers.
//!
//! Records are never appended to an old segment. The next one begins behind every position that the last one can ever
//! have given out, so that a cursor that was saved somewhere else before a crash cannot point into records written
//! after it.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::Arc;

use crate::disk::{Disk, DiskFile, TEMPORARY, read_fully};
use crate::scan::Scan;
use crate::segment::{self, HEADER_BYTES, Header, HeaderError, VERSION};
use crate::state::{Cursor, Log, Segment};
use crate::{JournalError, JournalOptions, Position, cursor};

/// What a start found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// The number of segment files.
    pub segments: usize,
    /// The number of records in them.
    pub records: u64,
    /// The bytes of the torn tail that was cut off the last segment.
    pub torn_bytes: u64,
    /// The bytes that are damaged between intact records of the last segment; earlier ones are checked when read.
    pub corrupt_bytes: u64,
    /// Segments whose header is damaged; their records are found nevertheless.
    pub damaged_headers: usize,
    /// Readers whose cursor file is damaged; they begin at the oldest record.
    pub lost_cursors: usize,
}

/// The state with which a journal begins.
pub(crate) struct Recovered {
    pub(crate) key: u64,
    pub(crate) log: Log,
    pub(crate) report: Recovery,
}

pub(crate) fn recover(disk: &dyn Disk, options: &JournalOptions) -> Result<Recovered, JournalError> {
    let names = disk.list().map_err(failed("list", "the directory"))?;
    for name in names.iter().filter(|name| name.ends_with(TEMPORARY)) {
        disk.remove(name).map_err(failed("remove", name))?;
    }
    let mut report = Recovery::default();
    let files = open_segments(disk, &names)?;
    report.segments = files.len();
    report.damaged_headers = files.iter().filter(|file| file.header.is_none()).count();
    let key = match files.iter().find_map(|file| file.header.map(|header| header.key)) {
        Some(key) => key,
        None if files.is_empty() => RandomState::new().hash_one(options.dir.as_path()),
        None => return Err(JournalError::Unreadable { segments: files.len() }),
    };
    let cursors = load_cursors(disk, &names, &mut report)?;
    let mut segments = VecDeque::with_capacity(files.len());
    let mut next_generation = 0;
    for (file, next) in files.iter().zip(files.iter().skip(1)) {
        segments.push_back(Segment {
            base: file.base,
            end: file.end_before(next),
            generation: next_generation,
        });
        next_generation += 1;
    }
    let mut sequence: u64 = 0;
    let mut next_base = cursors.values().map(|cursor| cursor.position).max().unwrap_or_default();
    if let Some(last) = files.last() {
        let (end, records) = last.repair(key, &mut report)?;
        let first = files.iter().find_map(|file| file.header).map_or(0, |header| header.first_sequence);
        sequence = last.header.map_or(first, |header| header.first_sequence).saturating_add(records);
        report.records = sequence.saturating_sub(first);
        segments.push_back(Segment { base: last.base, end, generation: next_generation });
        next_generation += 1;
        let span = last.header.map_or(u64::from(u32::MAX), |header| header.span);
        next_base = next_base.max(last.base.plus(span)).max(end);
    }
    let log = Log {
        segments,
        active: None,
        next_generation,
        written: next_base,
        written_sequence: sequence,
        synced: next_base,
        synced_sequence: sequence,
        unsynced: VecDeque::new(),
        syncing: false,
        broken: false,
        finished: false,
        floor: next_base,
        cursors,
        failing: false,
        last_error: None,
    };
    Ok(Recovered { key, log, report })
}

fn failed(action: &'static str, name: &str) -> impl FnOnce(io::Error) -> JournalError {
    move |source| JournalError::Io { action, name: name.to_owned(), source }
}

struct SegmentFile {
    name: String,
    base: Position,
    /// `None` if it is damaged.
    header: Option<Header>,
    /// The end of the file.
    end: Position,
    file: Arc<dyn DiskFile>,
}

fn open_segments(disk: &dyn Disk, names: &[String]) -> Result<Vec<SegmentFile>, JournalError> {
    let mut files = Vec::new();
    for name in names {
        let Some(base) = segment::base_of(name) else { continue };
        let file = disk.open(name).map_err(failed("open", name))?;
        let mut bytes = vec![0; usize::try_from(HEADER_BYTES).unwrap_or_default()];
        read_fully(file.as_ref(), 0, &mut bytes).map_err(failed("read", name))?;
        let header = match Header::decode(&bytes) {
            Ok(header) => Some(header),
            Err(HeaderError::Damaged) => {
                tracing::error!("header of journal segment `{name}` is damaged");
                None
            }
            Err(HeaderError::Version(version)) => {
                return Err(JournalError::Version { segment: name.clone(), version, known: VERSION });
            }
        };
        let size = file.size().map_err(failed("read the size of", name))?;
        let end = base.plus(size.saturating_sub(HEADER_BYTES));
        files.push(SegmentFile { name: name.clone(), base, header, end, file });
    }
    files.sort_by_key(|file| file.base);
    Ok(files)
}

impl SegmentFile {
    /// Returns where this segment ends, given the one after it.
    fn end_before(&self, next: &Self) -> Position {
        let end = next.header.map_or(self.end, |header| header.previous_end);
        end.min(next.base).max(self.base)
    }

    /// Cuts off the torn tail of the last segment; returns its end and the number of its records.
    fn repair(&self, key: u64, report: &mut Recovery) -> Result<(Position, u64), JournalError> {
        let name = &self.name;
        let mut scan = Scan::new(Arc::clone(&self.file), key, self.base);
        let mut end = self.base;
        let mut records: u64 = 0;
        loop {
            let step = scan.next(end, self.end).map_err(failed("read", name))?;
            let Some(found) = step.found else { break };
            report.corrupt_bytes = report.corrupt_bytes.saturating_add(step.skipped);
            end = found.end;
            records = records.saturating_add(1);
        }
        report.torn_bytes = self.end.since(end);
        if report.torn_bytes > 0 {
            tracing::warn!(bytes = report.torn_bytes, "torn tail of journal segment `{name}` is cut off");
            self.file
                .set_size(HEADER_BYTES.saturating_add(end.since(self.base)))
                .map_err(failed("cut off the torn tail of", name))?;
        }
        // After a kill of the process alone, the last records may be in the page cache only.
        self.file.sync().map_err(failed("fsync", name))?;
        Ok((end, records))
    }
}

fn load_cursors(
    disk: &dyn Disk,
    names: &[String],
    report: &mut Recovery,
) -> Result<BTreeMap<String, Cursor>, JournalError> {
    let mut cursors = BTreeMap::new();
    for name in names {
        let Some(reader) = cursor::reader_of(name) else { continue };
        let position = cursor::load(disk, reader).map_err(failed("read", name))?;
        if position.is_none() {
            report.lost_cursors += 1;
            tracing::error!("journal cursor `{name}` is damaged; `{reader}` begins at the oldest record");
        }
        let position = position.unwrap_or_default();
        cursors.insert(reader.to_owned(), Cursor { position, open: false });
    }
    Ok(cursors)
}
