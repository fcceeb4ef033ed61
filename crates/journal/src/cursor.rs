//! The file that keeps a reader's cursor: one line of text, replaced as a whole.

use std::io;

use crate::Position;
use crate::disk::{Disk, read_fully, replace};

const SUFFIX: &str = ".cursor";
const MAX_BYTES: usize = 128;

/// Says whether a reader may have this name.
pub(crate) fn is_valid_name(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

/// Returns the name of the reader whose cursor is in the file with this name, if it is one.
pub(crate) fn reader_of(file_name: &str) -> Option<&str> {
    file_name.strip_suffix(SUFFIX).filter(|name| is_valid_name(name))
}

pub(crate) fn file_name(reader: &str) -> String {
    format!("{reader}{SUFFIX}")
}

/// Makes the cursor durable.
pub(crate) fn save(disk: &dyn Disk, reader: &str, position: Position) -> io::Result<()> {
    replace(disk, &file_name(reader), encode(position).as_bytes())
}

/// Returns the saved cursor, `None` if its file is damaged.
pub(crate) fn load(disk: &dyn Disk, reader: &str) -> io::Result<Option<Position>> {
    let file = disk.open(&file_name(reader))?;
    let mut content = vec![0; MAX_BYTES];
    let bytes = read_fully(file.as_ref(), 0, &mut content)?;
    content.truncate(bytes);
    Ok(String::from_utf8(content).ok().and_then(|text| decode(&text)))
}

fn encode(position: Position) -> String {
    let body = format!("cursor 1 {position}");
    format!("{body} {:08x}\n", crc32c::crc32c(body.as_bytes()))
}

fn decode(text: &str) -> Option<Position> {
    let position = text.strip_prefix("cursor 1 ")?.split(' ').next()?.parse().ok()?;
    (encode(position) == text).then_some(position)
}
