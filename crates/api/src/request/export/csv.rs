//! An export as CSV: a heading, a line a row, unknown values empty.

use super::columns::{COLUMNS, Record};
use crate::csv::line;

/// Appends the heading.
pub(super) fn heading(out: &mut Vec<u8>) {
    line(COLUMNS.iter().map(|(name, _)| Some((*name).to_owned())), out);
}

/// Appends the line of a row.
pub(super) fn row(record: &Record, out: &mut Vec<u8>) {
    line(COLUMNS.iter().map(|(name, _)| record.text(name)), out);
}
