//! A string of a JSON text beside what it says.

use crate::edit::spans::Span;

/// A string with its escapes resolved, and where each byte of it was written.
pub(super) struct Literal {
    /// What the string says; half a surrogate pair is U+FFFD.
    pub(super) text: String,
    /// For each byte of `text`, and for its end, where what it stands for begins in the body.
    written_at: Vec<usize>,
}

impl Literal {
    /// Reads what stands between the quotes of a string, at `span` of a valid JSON `body`.
    pub(super) fn read(body: &str, span: Span) -> Self {
        let mut literal = Self { text: String::new(), written_at: Vec::new() };
        let mut rest = span.of(body);
        while !rest.is_empty() {
            let at = span.end - rest.len();
            let (c, tail) = next(rest);
            literal.written_at.resize(literal.text.len() + c.len_utf8(), at);
            literal.text.push(c);
            rest = tail;
        }
        literal.written_at.push(span.end);
        literal
    }

    /// Returns where a part of `text` is written in the body.
    pub(super) fn written(&self, part: Span) -> Span {
        let at = |byte: usize| self.written_at.get(byte).copied().unwrap_or_default();
        Span { start: at(part.start), end: at(part.end) }
    }
}

/// Reads one character, escaped or not, and returns it with what follows.
fn next(text: &str) -> (char, &str) {
    let mut chars = text.chars();
    let first = chars.next().unwrap_or_default();
    if first != '\\' {
        return (first, chars.as_str());
    }
    let c = match chars.next().unwrap_or_default() {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(chars.as_str()),
        c => c,
    };
    (c, chars.as_str())
}

/// Reads the four digits behind `\u`, with the second half of a pair where they are the first.
fn unicode(text: &str) -> (char, &str) {
    let (unit, rest) = hex(text);
    let pair = rest.strip_prefix("\\u").map(hex).and_then(|(low, rest)| {
        let decoded = char::decode_utf16([unit, low]).next()?.ok()?;
        (decoded.len_utf16() == 2).then_some((decoded, rest))
    });
    pair.unwrap_or((char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER), rest))
}

fn hex(text: &str) -> (u16, &str) {
    let (digits, rest) = text.split_at_checked(4).unwrap_or((text, ""));
    (u16::from_str_radix(digits, 16).unwrap_or_default(), rest)
}
