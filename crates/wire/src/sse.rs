//! An incremental decoder of server-sent events: bytes in any split go in, events come out.
//!
//! It follows the WHATWG rules for lines (CR, LF, CRLF), fields, comments and the byte order mark, with
//! one leniency that SDKs share: an event that the end of the stream leaves without its blank line
//! counts. Memory is bounded: an event with a longer line or more data is left out and counted.

use memchr::{memchr, memchr2};

/// The byte order mark that a stream may begin with.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// One event that carries data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The value of `event:`; empty when there was none.
    pub name: &'a [u8],
    /// The values of `data:`, joined by line feeds.
    pub data: &'a [u8],
}

/// Decodes a stream of server-sent events.
#[derive(Debug)]
pub struct SseDecoder {
    max_event_bytes: usize,
    /// The beginning of a line that the last chunk left open.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    oversized: bool,
    skipped_events: u64,
    first_line: bool,
    after_carriage_return: bool,
}

impl SseDecoder {
    /// Returns a decoder at the beginning of a stream that holds at most about three times
    /// `max_event_bytes`: one open line, one event's name and its data.
    ///
    /// A bound is raised to one byte more than a byte order mark, if it is below: of less of a line nobody could
    /// tell whether it is an empty one.
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            max_event_bytes: max_event_bytes.max(MARK.len() + 1),
            line: Vec::new(),
            name: Vec::new(),
            data: Vec::new(),
            has_data: false,
            oversized: false,
            skipped_events: 0,
            first_line: true,
            after_carriage_return: false,
        }
    }

    /// Takes the next bytes and hands every event that they complete to `each`.
    pub fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(SseEvent<'_>)) {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if std::mem::take(&mut self.after_carriage_return) && first == b'\n' {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let Some(end) = memchr2(b'\n', b'\r', rest) else {
                self.keep(rest);
                return;
            };
            let (line, tail) = rest.split_at(end);
            self.after_carriage_return = tail.first() == Some(&b'\r');
            rest = tail.get(1..).unwrap_or_default();
            if self.line.is_empty() {
                self.oversized |= line.len() > self.max_event_bytes;
                self.end_line(line, each);
            } else {
                self.keep(line);
                let mut kept = std::mem::take(&mut self.line);
                self.end_line(&kept, each);
                kept.clear();
                self.line = kept;
            }
        }
    }

    /// Takes the end of the stream: an event still open is handed to `each`.
    pub fn finish(mut self, each: &mut dyn FnMut(SseEvent<'_>)) {
        let last = std::mem::take(&mut self.line);
        if !last.is_empty() {
            self.end_line(&last, each);
        }
        self.dispatch(each);
    }

    /// Returns how many events were left out because they were longer than the cap.
    pub fn skipped_events(&self) -> u64 {
        self.skipped_events
    }

    fn keep(&mut self, part: &[u8]) {
        let free = self.max_event_bytes.saturating_sub(self.line.len());
        self.oversized |= part.len() > free;
        self.line.extend_from_slice(part.get(..free).unwrap_or(part));
    }

    fn end_line(&mut self, line: &[u8], each: &mut dyn FnMut(SseEvent<'_>)) {
        let without_mark = line.strip_prefix(MARK).filter(|_| self.first_line);
        self.first_line = false;
        let line = without_mark.unwrap_or(line);
        if line.is_empty() {
            self.dispatch(each);
            return;
        }
        let (field, value) = match memchr(b':', line) {
            Some(colon) => (line.get(..colon), line.get(colon + 1..)),
            None => (Some(line), None),
        };
        let value = value.unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            Some(b"data") => self.add_data(value),
            Some(b"event") => {
                self.name.clear();
                self.name.extend_from_slice(value.get(..self.max_event_bytes).unwrap_or(value));
            }
            _ => {}
        }
    }

    fn add_data(&mut self, value: &[u8]) {
        let separator: &[u8] = if self.has_data { b"\n" } else { b"" };
        self.has_data = true;
        if self.data.len() + separator.len() + value.len() > self.max_event_bytes {
            self.oversized = true;
        }
        if !self.oversized {
            self.data.extend_from_slice(separator);
            self.data.extend_from_slice(value);
        }
    }

    fn dispatch(&mut self, each: &mut dyn FnMut(SseEvent<'_>)) {
        if self.oversized {
            self.skipped_events += 1;
        } else if self.has_data {
            each(SseEvent { name: &self.name, data: &self.data });
        }
        self.name.clear();
        self.data.clear();
        self.has_data = false;
        self.oversized = false;
    }
}

#[cfg(test)]
mod tests;
