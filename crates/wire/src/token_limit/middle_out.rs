//! Leaving out the middle of a text.

use super::passages::{New, Request};

/// The longest piece that is left out or kept as one, in characters.
const MOST_CHUNK_CHARS: usize = 1_000;
/// Where a piece ends rather than somewhere else, the best place first.
const SEPARATORS: [&str; 4] = ["\n\n", "\n", ".", " "];

/// A piece of a passage.
struct Chunk<'a> {
    passage: usize,
    text: &'a str,
}

/// Returns what becomes of each passage so that at most `most_chars` are left; `None` when that can't be had
/// without leaving out everything.
pub(super) fn without_middle(request: &Request<'_>, most_chars: u64) -> Option<Vec<New>> {
    let room = most_chars.checked_sub(request.fixed_chars())?;
    let passages = request.passages.iter().enumerate();
    let chunks: Vec<Chunk<'_>> = passages
        .flat_map(|(passage, at)| chunks(&at.text).into_iter().map(move |text| Chunk { passage, text }))
        .collect();
    let lengths: Vec<u64> = chunks.iter().map(|chunk| chunk.text.chars().count() as u64).collect();
    let (start, end) = window(&lengths, room)?;
    let mut kept: Vec<Option<String>> = vec![None; request.passages.len()];
    for (at, chunk) in chunks.iter().enumerate() {
        let slot = kept.get_mut(chunk.passage).filter(|_| at < start || at >= end);
        if let Some(slot) = slot {
            slot.get_or_insert_default().push_str(chunk.text);
        }
    }
    let new = |(kept, old): (Option<String>, &str)| match kept {
        _ if old.is_empty() => New::Same,
        None => New::Gone,
        Some(text) if text == old => New::Same,
        Some(text) => New::Text(text),
    };
    let old = request.passages.iter().map(|passage| passage.text.as_str());
    Some(kept.into_iter().zip(old).map(new).collect())
}

/// Returns the shortest window around the middle without which the rest is at most `room` long; `None` when it
/// would be all of it.
fn window(lengths: &[u64], room: u64) -> Option<(usize, usize)> {
    let mut left: u64 = lengths.iter().sum();
    let (mut start, mut end) = (lengths.len() / 2, lengths.len() / 2);
    while left > room {
        // The side on which more is left gives.
        let at = if start > lengths.len() - end {
            start -= 1;
            start
        } else {
            end += 1;
            end - 1
        };
        left = left.saturating_sub(*lengths.get(at)?);
    }
    (end - start < lengths.len()).then_some((start, end))
}

/// Cuts a text into pieces that end at a separator where there is one.
fn chunks(text: &str) -> Vec<&str> {
    let mut chunks = Vec::new();
    let mut rest = text;
    while let Some((longest, _)) = rest.char_indices().nth(MOST_CHUNK_CHARS) {
        let (head, _) = rest.split_at(longest);
        let cut = SEPARATORS.iter().find_map(|separator| Some(head.rfind(separator)? + separator.len()));
        let (chunk, tail) = rest.split_at(cut.unwrap_or(longest));
        chunks.push(chunk);
        rest = tail;
    }
    if !rest.is_empty() {
        chunks.push(rest);
    }
    chunks
}
