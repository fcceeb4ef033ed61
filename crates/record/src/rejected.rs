//! Where records go that the store will not take: a file each, so that nothing is lost silently.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gatehouse_journal::Record;

/// Why a record was put aside; part of the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It is not an encoded exchange.
    Undecodable,
    /// The store refuses its row.
    Refused,
}

impl Reason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Undecodable => "undecodable",
            Self::Refused => "refused",
        }
    }
}

/// Writes `record` as it was in the journal to `dir` and returns once it is on disk.
///
/// The name follows from the record's position, so that a record put aside twice is one file.
pub(crate) fn put_aside(dir: &Path, record: &Record, reason: Reason) -> io::Result<PathBuf> {
    fs::create_dir_all(dir)?;
    let path = path(dir, record, reason);
    let unfinished = path.with_extension("part");
    let mut file = File::create(&unfinished)?;
    file.write_all(&record.payload)?;
    file.sync_all()?;
    fs::rename(&unfinished, &path)?;
    File::open(dir)?.sync_all()?;
    Ok(path)
}

/// Removes a record that was put aside and could be stored after all.
pub(crate) fn take_back(dir: &Path, record: &Record, reason: Reason) -> io::Result<()> {
    match fs::remove_file(path(dir, record, reason)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn path(dir: &Path, record: &Record, reason: Reason) -> PathBuf {
    dir.join(format!("{:020}-{}.exchange", record.position.as_u64(), reason.as_str()))
}
