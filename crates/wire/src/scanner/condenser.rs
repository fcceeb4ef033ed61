//! JSON made short while it comes in, so that what stands at the end of a huge piece can be read in little memory.
//!
//! What no reader looks at goes: the rest of long texts (pictures, sound), of lists of numbers (embeddings) and of
//! lists of texts, what is nested too deeply, and, once much has been kept, what stands in lists of lists
//! (probabilities of tokens). Everything else stays as it was written, in its order, without the white space.
//! Each byte is looked at a constant number of times, and what is kept does not depend on how the bytes are split.

use memchr::memchr2;

use super::work;

/// How much is kept of a piece; one of which more is left can't be read.
pub(crate) const MAX_CONDENSED_BYTES: usize = 2 << 20;
/// From how many kept bytes on lists inside of lists take no more entries.
const CROWDED_BYTES: usize = 256 << 10;
/// How many bytes of a text are kept as they were written: many more than a preview shows.
const MAX_TEXT_BYTES: usize = 4 << 10;
/// How many bytes a number can have.
const MAX_SCALAR_BYTES: usize = 1 << 10;
/// How many numbers of a list are kept.
const MAX_NUMBERS: u32 = 4;
/// How many texts of a list are kept.
const MAX_TEXTS: u32 = 256;
/// How deeply what is kept can be nested.
const MAX_DEPTH: usize = 64;

/// Condenses one JSON value.
#[derive(Debug, Default)]
pub(crate) struct Condenser {
    kept: Vec<u8>,
    levels: Vec<Level>,
    expected: Expected,
    token: Token,
    /// Whether the entry that is being read is left out.
    drops_entry: bool,
    /// How many arrays and objects are open that are left out.
    skipped_depth: u64,
    is_broken: bool,
}

/// An open array or object.
#[derive(Clone, Copy, Debug)]
struct Level {
    is_object: bool,
    /// How many arrays it is in, itself counted.
    lists: usize,
    has_entries: bool,
    numbers: u32,
    texts: u32,
}

/// What may come next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expected {
    #[default]
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Nothing,
}

/// What has begun and not ended.
#[derive(Clone, Copy, Debug, Default)]
enum Token {
    #[default]
    None,
    Text(Text),
    /// A number, `true`, `false` or `null`, of so many bytes so far.
    Scalar(usize),
}

/// A text.
#[derive(Clone, Copy, Debug, Default)]
struct Text {
    is_key: bool,
    escape: Escape,
    /// Whether the last thing was the first half of a character that takes two escapes.
    after_half: bool,
    kept_bytes: usize,
    /// Whether nothing more of it is kept.
    is_cut: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum Escape {
    #[default]
    None,
    Begun,
    /// So many digits were there, with this value.
    Digits(u8, u32),
}

/// The kinds of values as far as they are kept differently.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Nested,
}

impl Condenser {
    /// Takes the next bytes of the value.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(&first) = rest.first()
            && !self.is_broken
        {
            let taken = match self.token {
                Token::Text(text) => self.take_text(text, rest),
                Token::Scalar(length) => self.take_scalar(length, rest),
                Token::None if self.skipped_depth > 0 => self.skip(rest),
                Token::None => self.take_structure(first),
            };
            work::count(taken);
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// Returns whether the value can't be read, whatever follows.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Returns what is kept of the value, if that has come to its end and can be read.
    pub(crate) fn condensed(&self) -> Option<&[u8]> {
        let is_scalar = self.levels.is_empty() && matches!(self.token, Token::Scalar(1..));
        let is_whole = is_scalar || self.expected == Expected::Nothing;
        (is_whole && !self.is_broken).then_some(&self.kept)
    }

    /// Returns how much memory is held, in bytes.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> usize {
        self.kept.capacity() + self.levels.capacity() * size_of::<Level>()
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.kept.len() + bytes.len() > MAX_CONDENSED_BYTES {
            self.is_broken = true;
            self.kept = Vec::new();
            return;
        }
        self.kept.extend_from_slice(bytes);
    }

    /// Takes a byte between two tokens; returns how many bytes that was.
    fn take_structure(&mut self, byte: u8) -> usize {
        use Expected::{Colon, CommaOrEnd, Key, KeyOrEnd, Value, ValueOrEnd};
        let is_object = self.levels.last().is_some_and(|level| level.is_object);
        match (self.expected, byte) {
            (_, b' ' | b'\t' | b'\n' | b'\r') => {}
            (Key | KeyOrEnd, b'"') => {
                self.enter(Kind::Text, true);
                self.begin_text(true);
            }
            (Value | ValueOrEnd, b'"') => {
                self.enter(Kind::Text, false);
                self.begin_text(false);
            }
            (Value | ValueOrEnd, b'{' | b'[') => self.open(byte),
            (KeyOrEnd, b'}') | (ValueOrEnd, b']') => self.close(byte),
            (CommaOrEnd, b'}') if is_object => self.close(byte),
            (CommaOrEnd, b']') if !is_object => self.close(byte),
            (CommaOrEnd, b',') => self.expected = if is_object { Key } else { Value },
            (Colon, b':') => {
                if !self.drops_entry {
                    self.keep(b":");
                }
                self.expected = Value;
            }
            (Value | ValueOrEnd, b'-' | b'0'..=b'9') => {
                self.enter(Kind::Number, false);
                self.token = Token::Scalar(0);
                return 0;
            }
            (Value | ValueOrEnd, b't' | b'f' | b'n') => {
                self.enter(Kind::Text, false);
                self.token = Token::Scalar(0);
                return 0;
            }
            _ => self.is_broken = true,
        }
        1
    }

    /// Begins a member or, unless it is the value of one, an entry of an array: decides whether it is kept.
    fn enter(&mut self, kind: Kind, is_key: bool) {
        let kept_bytes = self.kept.len();
        let Some(level) = self.levels.last_mut() else { return };
        if level.is_object && !is_key {
            return;
        }
        let is_crowded = level.lists > 1 && kept_bytes > CROWDED_BYTES;
        let is_one_too_many = !level.is_object
            && match kind {
                Kind::Number => level.numbers >= MAX_NUMBERS,
                Kind::Text => level.texts >= MAX_TEXTS,
                Kind::Nested => false,
            };
        self.drops_entry = is_crowded || is_one_too_many;
        if self.drops_entry {
            return;
        }
        level.numbers += u32::from(kind == Kind::Number);
        level.texts += u32::from(kind == Kind::Text);
        if std::mem::replace(&mut level.has_entries, true) {
            self.keep(b",");
        }
    }

    fn open(&mut self, bracket: u8) {
        self.enter(Kind::Nested, false);
        let is_object = bracket == b'{';
        if self.drops_entry {
            self.skipped_depth = 1;
        } else if self.levels.len() == MAX_DEPTH {
            self.keep(if is_object { b"{}" } else { b"[]" });
            self.skipped_depth = 1;
        } else {
            let lists = self.levels.last().map_or(0, |level| level.lists) + usize::from(!is_object);
            self.levels.push(Level { is_object, lists, has_entries: false, numbers: 0, texts: 0 });
            self.keep(&[bracket]);
            self.expected = if is_object { Expected::KeyOrEnd } else { Expected::ValueOrEnd };
        }
    }

    fn close(&mut self, bracket: u8) {
        self.levels.pop();
        self.keep(&[bracket]);
        self.end_value();
    }

    fn end_value(&mut self) {
        self.drops_entry = false;
        self.expected = if self.levels.is_empty() { Expected::Nothing } else { Expected::CommaOrEnd };
    }

    /// Passes over what is nested in something that is left out.
    fn skip(&mut self, rest: &[u8]) -> usize {
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b'"' => {
                    self.token = Token::Text(Text { is_cut: true, ..Text::default() });
                    return at + 1;
                }
                b'{' | b'[' => self.skipped_depth += 1,
                b'}' | b']' => self.skipped_depth -= 1,
                _ => continue,
            }
            if self.skipped_depth == 0 {
                self.end_value();
                return at + 1;
            }
        }
        rest.len()
    }

    fn take_scalar(&mut self, length: usize, rest: &[u8]) -> usize {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let taken = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        let length = length + taken;
        if length > MAX_SCALAR_BYTES {
            self.is_broken = true;
        } else if !self.drops_entry {
            self.keep(rest.get(..taken).unwrap_or_default());
        }
        self.token = Token::Scalar(length);
        if taken < rest.len() {
            self.token = Token::None;
            self.end_value();
        }
        taken
    }

    fn begin_text(&mut self, is_key: bool) {
        self.token = Token::Text(Text { is_key, is_cut: self.drops_entry, ..Text::default() });
        if !self.drops_entry {
            self.keep(b"\"");
        }
    }

    fn take_text(&mut self, mut text: Text, bytes: &[u8]) -> usize {
        let (mut rest, mut is_end) = (bytes, false);
        while let Some(&first) = rest.first()
            && !is_end
            && !self.is_broken
        {
            let taken;
            (taken, is_end) = if matches!(text.escape, Escape::None) {
                self.take_plain(&mut text, rest)
            } else {
                self.take_escaped(&mut text, first);
                (1, false)
            };
            work::count(taken);
            rest = rest.get(taken..).unwrap_or_default();
        }
        self.token = if is_end { self.end_text(text) } else { Token::Text(text) };
        bytes.len() - rest.len()
    }

    fn take_escaped(&mut self, text: &mut Text, byte: u8) {
        let escape = after_escape(text, byte);
        self.is_broken |= escape.is_none();
        text.escape = escape.unwrap_or_default();
        self.keep_text(text, &[byte]);
    }

    /// Takes what stands before the next escape or the end; returns how much, and whether that is the end.
    fn take_plain(&mut self, text: &mut Text, rest: &[u8]) -> (usize, bool) {
        let end = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        let (plain, after) = rest.split_at(end);
        self.is_broken |= plain.iter().any(|byte| *byte < b' ');
        // A text is cut between two characters.
        let room = MAX_TEXT_BYTES.saturating_sub(text.kept_bytes);
        let begins_character = |byte: &u8| !(0x80..0xc0).contains(byte);
        let over = plain.get(room..).and_then(|over| over.iter().position(begins_character));
        let fitting = plain.get(..room + over.unwrap_or_default()).filter(|_| over.is_some());
        self.keep_text(text, fitting.unwrap_or(plain));
        text.is_cut |= over.is_some();
        text.after_half &= plain.is_empty();
        match after.first() {
            Some(b'"') => (end + 1, true),
            Some(backslash) => {
                text.is_cut |= text.kept_bytes >= MAX_TEXT_BYTES && !text.after_half;
                text.escape = Escape::Begun;
                self.keep_text(text, &[*backslash]);
                (end + 1, false)
            }
            None => (end, false),
        }
    }

    fn keep_text(&mut self, text: &mut Text, part: &[u8]) {
        if !text.is_cut {
            text.kept_bytes += part.len();
            self.keep(part);
        }
    }

    fn end_text(&mut self, text: Text) -> Token {
        if self.skipped_depth > 0 {
            return Token::None;
        }
        if !self.drops_entry {
            self.keep(b"\"");
        }
        if text.is_key {
            self.expected = Expected::Colon;
        } else {
            self.end_value();
        }
        Token::None
    }
}

/// Takes the next byte of an escape; `None` when it can't stand there.
fn after_escape(text: &mut Text, byte: u8) -> Option<Escape> {
    let Escape::Digits(digits, value) = text.escape else {
        text.after_half = false;
        return match byte {
            b'u' => Some(Escape::Digits(0, 0)),
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(Escape::None),
            _ => None,
        };
    };
    let value = value << 4 | char::from(byte).to_digit(16)?;
    if digits < 3 {
        return Some(Escape::Digits(digits + 1, value));
    }
    text.after_half = (0xd800..0xdc00).contains(&value);
    Some(Escape::None)
}

#[cfg(test)]
mod tests;
