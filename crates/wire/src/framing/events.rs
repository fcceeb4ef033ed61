//! Taking the data out of server-sent events while they come in, by the rules of [`crate::SseDecoder`], but with
//! no bound on an event: what is kept of it is the gatherer's to say.

use memchr::memchr2;

use crate::scanner::{Gatherer, work};

const DATA: &[u8] = b"data";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest name that matters: that of data in the first line.
const MAX_NAME_BYTES: usize = BYTE_ORDER_MARK.len() + DATA.len();

/// Where in a stream of events the next byte stands.
#[derive(Debug)]
pub(super) struct Events {
    line: Line,
    is_first_line: bool,
    /// Whether the event has data.
    has_data: bool,
    after_carriage_return: bool,
}

/// Where in a line the next byte stands.
#[derive(Clone, Copy, Debug)]
enum Line {
    /// In the name of a field.
    Name(Name),
    /// Behind the colon of `data`.
    Colon,
    /// In the data.
    Data,
    /// In something else.
    Other,
}

/// The beginning of a field's name.
#[derive(Clone, Copy, Debug, Default)]
struct Name {
    bytes: [u8; MAX_NAME_BYTES],
    length: usize,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            line: Line::Name(Name::default()),
            is_first_line: true,
            has_data: false,
            after_carriage_return: false,
        }
    }
}

impl Events {
    /// Takes all of `bytes`; returns how many.
    pub(super) fn push(&mut self, bytes: &[u8], piece: &mut Gatherer, each: &mut dyn FnMut(&[u8])) -> usize {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if std::mem::take(&mut self.after_carriage_return) && first == b'\n' {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let end = memchr2(b'\n', b'\r', rest);
            let (part, tail) = rest.split_at(end.unwrap_or(rest.len()));
            work::count(part.len());
            self.take(part, piece);
            if let Some(terminator) = tail.first() {
                self.after_carriage_return = *terminator == b'\r';
                self.end_line(piece, each);
            }
            rest = tail.get(1..).unwrap_or_default();
        }
        bytes.len()
    }

    /// Takes bytes of a line.
    fn take(&mut self, part: &[u8], piece: &mut Gatherer) {
        let mut rest = part;
        while let (Line::Name(name), Some((&byte, tail))) = (&mut self.line, rest.split_first()) {
            rest = tail;
            if byte == b':' {
                let is_data = name.of_line(self.is_first_line) == DATA;
                self.line = if is_data { self.begin_data(piece) } else { Line::Other };
            } else if !name.push(byte) {
                self.line = Line::Other;
            }
        }
        if rest.is_empty() {
            return;
        }
        if matches!(self.line, Line::Colon) {
            self.line = Line::Data;
            rest = rest.strip_prefix(b" ").unwrap_or(rest);
        }
        if matches!(self.line, Line::Data) {
            piece.push(rest);
        }
    }

    fn begin_data(&mut self, piece: &mut Gatherer) -> Line {
        if std::mem::replace(&mut self.has_data, true) {
            piece.push(b"\n");
        }
        Line::Colon
    }

    fn end_line(&mut self, piece: &mut Gatherer, each: &mut dyn FnMut(&[u8])) {
        let is_first = std::mem::take(&mut self.is_first_line);
        let line = std::mem::replace(&mut self.line, Line::Name(Name::default()));
        let Line::Name(name) = line else { return };
        match name.of_line(is_first) {
            b"" => {
                self.has_data = false;
                piece.end(each);
            }
            DATA => {
                self.begin_data(piece);
            }
            _ => {}
        }
    }
}

impl Name {
    /// Takes the next byte; returns `false` when the name is none that matters.
    fn push(&mut self, byte: u8) -> bool {
        let slot = self.bytes.get_mut(self.length);
        let fits = slot.is_some();
        slot.into_iter().for_each(|slot| *slot = byte);
        self.length += usize::from(fits);
        fits
    }

    /// Returns the name in a line, the first of which may begin with a byte order mark.
    fn of_line(&self, is_first: bool) -> &[u8] {
        let name = self.bytes.get(..self.length).unwrap_or_default();
        name.strip_prefix(BYTE_ORDER_MARK).filter(|_| is_first).unwrap_or(name)
    }
}
