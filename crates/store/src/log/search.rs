//! The search for a text in the bodies of calls: step by step, the newest stored calls first.

use gatehouse_types::OrganizationId;

use super::{LogRow, RowKey};
use crate::filter::Filter;

/// How long a text may be that is searched for, in bytes.
pub const MAX_SEARCHED_BYTES: usize = 1000;
/// How many characters of a body are shown before and behind what was found.
pub const SNIPPET_CHARACTERS: usize = 80;

/// One step of a search.
#[derive(Clone, Debug)]
pub struct SearchStep {
    /// The tenant: nothing else is ever visible.
    pub organization_id: OrganizationId,
    /// In which rows.
    pub filter: Filter,
    /// The text, upper and lower case being the same; also found as it is escaped in JSON.
    pub text: String,
    /// Where the step before ended; `None` begins with the newest row.
    pub before: Option<RowKey>,
    /// How many rows at most are found in one step.
    pub limit: u32,
}

/// What a step came by.
#[derive(Clone, Debug, PartialEq)]
pub struct Searched {
    /// What was found, newest stored first; there may be nothing although there is more to come.
    pub found: Vec<FoundRow>,
    /// How many rows were looked into.
    pub searched: u64,
    /// Where to go on; `None` at the end.
    pub next: Option<RowKey>,
}

/// A call with the text in a body.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundRow {
    /// Which row.
    pub row_key: RowKey,
    /// The row with its annotations, without bodies.
    pub row: LogRow,
    /// Where the text is first.
    pub snippet: Snippet,
}

/// What stands around the first place where a text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// In which body.
    pub side: BodySide,
    /// Up to [`SNIPPET_CHARACTERS`] characters before it.
    pub before: String,
    /// What was found, as it is written there.
    pub found: String,
    /// Up to [`SNIPPET_CHARACTERS`] characters behind it.
    pub behind: String,
}

/// One of the bodies of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodySide {
    /// The request's.
    Request,
    /// The response's.
    Response,
}

impl BodySide {
    /// Returns the name used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

/// Returns the ways in which a text may be written in a body: as it is, escaped in JSON, and escaped in JSON that is ASCII.
pub fn spellings(text: &str) -> Vec<String> {
    let escaped = serde_json::to_string(text).unwrap_or_default();
    let inner = escaped.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(text);
    let mut ascii = String::with_capacity(inner.len());
    for character in inner.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    let mut all = vec![text.to_owned(), inner.to_owned(), ascii];
    all.dedup();
    all
}

/// Returns what stands around a place in a body, of which what is no UTF-8 reads as U+FFFD.
pub fn snippet(side: BodySide, body: &[u8], place: std::ops::Range<usize>) -> Snippet {
    // No character has more than four; three may be of one that is cut.
    const BYTES: usize = SNIPPET_CHARACTERS * 4 + 3;
    let part = |range| String::from_utf8_lossy(body.get(range).unwrap_or_default()).into_owned();
    let before = part(place.start.saturating_sub(BYTES)..place.start);
    let behind = part(place.end..place.end.saturating_add(BYTES).min(body.len()));
    let skipped = before.chars().count().saturating_sub(SNIPPET_CHARACTERS);
    Snippet {
        side,
        before: before.chars().skip(skipped).collect(),
        found: part(place),
        behind: behind.chars().take(SNIPPET_CHARACTERS).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_spelt_as_in_json_too() {
        assert_eq!(spellings("plain"), ["plain"]);
        assert_eq!(spellings("say \"hi\"\n"), ["say \"hi\"\n", "say \\\"hi\\\"\\n"]);
        assert_eq!(spellings("日😀"), ["日😀", "\\u65e5\\ud83d\\ude00"]);
    }

    #[test]
    fn snippets_are_cut_at_characters() {
        let body = format!("{}é needle 日{}", "x".repeat(200), "y".repeat(200));
        let start = body.find("needle").expect("there");
        let found = snippet(BodySide::Request, body.as_bytes(), start..start + 6);
        assert_eq!(found.found, "needle");
        assert_eq!(found.before, format!("{}é ", "x".repeat(78)));
        assert_eq!(found.behind, format!(" 日{}", "y".repeat(78)));
        let short = snippet(BodySide::Response, b"\xffneedle", 1..7);
        assert_eq!((short.before.as_str(), short.behind.as_str()), ("\u{fffd}", ""));
    }
}
