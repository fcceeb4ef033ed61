//! Taking out of a text what a model can do without.

use super::passages::{New, Request};

/// Marks that stand directly behind a word.
const MARKS: [char; 6] = [',', '.', ';', ':', '!', '?'];
/// Words that begin so name something by its id.
const ID_PREFIXES: [&str; 2] = ["id:", "uuid:"];

/// Returns what becomes of each passage.
pub(super) fn normalised(request: &Request<'_>) -> Vec<New> {
    let new = |text: &str| {
        let normalised = normalise(text);
        if normalised == text { New::Same } else { New::Text(normalised) }
    };
    request.passages.iter().map(|passage| new(&passage.text)).collect()
}

/// Takes out HTML comments, words such as `id:7f3a`, blanks before a mark that stands alone, and all blanks
/// but one between words; a line break stays one.
pub(super) fn normalise(text: &str) -> String {
    let text = without_comments(text);
    let mut normalised = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let mut breaks_line = false;
    loop {
        let word_at = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        let (blanks, tail) = rest.split_at(word_at);
        let (word, tail) = tail.split_at(tail.find(char::is_whitespace).unwrap_or(tail.len()));
        if word.is_empty() {
            return normalised;
        }
        rest = tail;
        breaks_line |= blanks.contains('\n');
        if is_id(word) {
            continue;
        }
        let is_tight = normalised.is_empty() || (!breaks_line && word.chars().all(|c| MARKS.contains(&c)));
        if !is_tight {
            normalised.push(if breaks_line { '\n' } else { ' ' });
        }
        normalised.push_str(word);
        breaks_line = false;
    }
}

fn is_id(word: &str) -> bool {
    ID_PREFIXES.iter().any(|prefix| {
        let parts = word.split_at_checked(prefix.len());
        parts.is_some_and(|(start, id)| start.eq_ignore_ascii_case(prefix) && !id.is_empty())
    })
}

fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("<!--") {
        let Some((_, after)) = comment.split_once("-->") else { break };
        kept.push_str(before);
        rest = after;
    }
    kept + rest
}
