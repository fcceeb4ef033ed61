//! One step of a search for a text in bodies.

use std::collections::BTreeSet;
use std::ops::Range;

use duckdb::Connection;
use gatehouse_store::filter::Test;
use gatehouse_store::filter::text::lower_character;
use gatehouse_store::log::{
    BodySide, FoundRow, RowKey, SearchStep, Searched, Snippet, Walk, snippet, spellings,
};

use super::super::annotate;
use super::super::bodies::Packed;
use super::super::engine::Error;
use super::super::read::{beside, by_keys, keys};
use super::super::walk::{STEP, range};
use super::blocks::Scan;
use super::finder::{Bytes, Finder};
use crate::sql::{self, DuckDb};

pub(in crate::embedded) fn step(
    connection: &Connection,
    step: &SearchStep,
    is_abandoned: &(dyn Fn() -> bool + Sync),
) -> Result<Searched, Error> {
    let organization_id = step.organization_id;
    let transaction = connection.unchecked_transaction()?;
    let limit = u32::try_from(STEP).unwrap_or(u32::MAX);
    let walk = Walk { organization_id, filter: step.filter.clone(), before: step.before, limit };
    let range = range(&transaction, &walk, None)?;
    let beside = beside(&transaction, organization_id, &step.filter, None)?;
    let statement = sql::walk(&DuckDb, &walk, &["row_key"], range.clone(), beside)?;
    let wanted: BTreeSet<u64> = keys(&transaction, &statement)?.into_iter().collect();
    let mut found = match (wanted.first(), wanted.last()) {
        (Some(first), Some(last)) => {
            let scan = Scan { organization_id, keys: *first..last.saturating_add(1), is_abandoned };
            let spellings = Spelling::all(&step.text);
            let found = scan.run(&transaction, |block, found| look(block, &spellings, &wanted, found))?;
            found.map_err(|_| Error::Abandoned)?
        }
        _ => Vec::new(),
    };
    found.sort_unstable_by_key(|(row_key, _)| std::cmp::Reverse(*row_key));
    let shown = usize::try_from(step.limit).unwrap_or(usize::MAX);
    let is_full = found.len() > shown;
    found.truncate(shown);
    let last = found.last().map(|(row_key, _)| *row_key).filter(|_| is_full);
    let reached = last.unwrap_or(range.start);
    let shown: Vec<u64> = found.iter().map(|(row_key, _)| *row_key).collect();
    let mut rows = by_keys(&transaction, organization_id, &shown)?;
    annotate::join(&transaction, organization_id, rows.values_mut())?;
    let found = found.into_iter().filter_map(|(row_key, snippet)| {
        Some(FoundRow { row_key: RowKey::new(row_key), row: rows.remove(&row_key)?, snippet })
    });
    Ok(Searched {
        found: found.collect(),
        searched: wanted.range(reached..).count() as u64,
        // The first row has the key 1.
        next: (reached > 1).then_some(RowKey::new(reached)),
    })
}

/// One way in which the text may be written.
struct Spelling {
    finder: Finder,
    /// In lower case.
    characters: Vec<char>,
}

impl Spelling {
    fn all(text: &str) -> Vec<Self> {
        let spelling = |text: String| {
            let characters = text.chars().map(lower_character).collect();
            Finder::new(&Test::Contains(text)).map(|finder| Self { finder, characters })
        };
        spellings(text).into_iter().filter_map(spelling).collect()
    }

    /// Returns where a body has the text first.
    fn place(&self, body: Bytes<'_>) -> Option<Range<usize>> {
        if !self.finder.passes(body) {
            return None;
        }
        // What is no UTF-8 has other places as text than as bytes: it is found again among the bytes.
        let Some(text) = std::str::from_utf8(body.plain).ok() else {
            let lower: String = self.characters.iter().collect();
            let start = memchr::memmem::find(body.folded, lower.as_bytes()).unwrap_or_default();
            return Some(start..(start + lower.len()).min(body.plain.len()));
        };
        let mut starts = text.char_indices();
        loop {
            let mut rest = starts.clone();
            let is_here = self
                .characters
                .iter()
                .all(|wanted| rest.next().is_some_and(|(_, found)| lower_character(found) == *wanted));
            let (start, _) = starts.next()?;
            if is_here {
                return Some(start..rest.offset());
            }
        }
    }
}

/// Looks for the text in the wanted rows of a block.
fn look(block: &Packed<'_>, spellings: &[Spelling], wanted: &BTreeSet<u64>, found: &mut Vec<(u64, Snippet)>) {
    let lower = block.content.to_ascii_lowercase();
    let whole = Bytes { plain: block.content, folded: &lower };
    let hopeful: Vec<&Spelling> =
        spellings.iter().filter(|spelling| spelling.finder.may_pass(whole)).collect();
    if hopeful.is_empty() {
        return;
    }
    for entry in block.entries().filter(|entry| wanted.contains(&entry.row_key)) {
        let sides = [(BodySide::Request, entry.request), (BodySide::Response, entry.response)];
        let first = sides.into_iter().find_map(|(side, place)| {
            let place = place?;
            let plain = block.content.get(place.clone())?;
            let body = Bytes { plain, folded: lower.get(place)? };
            let at = hopeful.iter().filter_map(|spelling| spelling.place(body)).min_by_key(|at| at.start)?;
            Some(snippet(side, plain, at))
        });
        found.extend(first.map(|snippet| (entry.row_key, snippet)));
    }
}
