//! What Google searched for an answer, and how often it bills that.

use serde::de::{MapAccess, SeqAccess};

use crate::json::{Scalar, Shape, Shaped, skip};

/// The beginnings of the names of models of which a whole answer with results is billed, however often they searched.
const BILLED_BY_ANSWER: [&str; 2] = ["gemini-1", "gemini-2"];
/// The beginning of the names of models of which every search is billed.
const BILLED_BY_SEARCH: &str = "gemini-3";

/// `groundingMetadata`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Searched {
    /// How many different things the web was searched for.
    queries: u64,
    /// Whether a page was found.
    has_results: bool,
    /// Whether there is anything else: maps, stores of one's own, or what nobody can tell.
    has_others: bool,
}

impl<'de> Shape<'de> for Searched {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "webSearchQueries" | "web_search_queries" => {
                self.queries = map.next_value::<Shaped<Texts>>()?.0.0;
            }
            "groundingChunks" | "grounding_chunks" => {
                let found = map.next_value::<Shaped<Found>>()?.0;
                self.has_results |= found.has_pages;
                self.has_others |= found.has_others;
            }
            "retrievalQueries" | "retrieval_queries" | "imageSearchQueries" | "image_search_queries" => {
                self.has_others |= map.next_value::<Shaped<Texts>>()?.0.0 > 0;
            }
            "googleMapsWidgetContextToken" | "google_maps_widget_context_token" => {
                self.has_others |= map.next_value::<Scalar<'de>>()?.text().is_some();
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// How many texts a list has that are not empty.
#[derive(Debug, Default)]
struct Texts(u64);

impl<'de> Shape<'de> for Texts {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(element) = seq.next_element::<Scalar<'de>>()? else { return Ok(false) };
        self.0 += u64::from(element.text().is_some_and(|text| !text.is_empty()));
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

/// What was found: `[{"web":{"uri":"…"}}]`.
#[derive(Debug, Default)]
struct Found {
    has_pages: bool,
    has_others: bool,
}

impl<'de> Shape<'de> for Found {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(found)) = seq.next_element::<Shaped<Self>>()? else { return Ok(false) };
        self.has_pages |= found.has_pages;
        self.has_others |= found.has_others;
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let is_told = map.next_value::<Scalar<'de>>()? == Scalar::Other;
        self.has_pages |= is_told && key == "web";
        self.has_others |= is_told && key != "web";
        Ok(())
    }
}

impl Searched {
    /// Adds what was searched for another candidate.
    pub(super) fn add(&mut self, other: Self) {
        self.queries += other.queries;
        self.has_results |= other.has_results;
        self.has_others |= other.has_others;
    }

    /// Takes what a later chunk says, which mostly repeats the one before.
    pub(super) fn replace(&mut self, later: Self) {
        let disagree = self.queries > 0 && later.queries > 0 && self.queries != later.queries;
        self.queries = self.queries.max(later.queries);
        self.has_results |= later.has_results;
        self.has_others |= later.has_others || disagree;
    }

    /// Returns how many searches are billed; `None` where that can't be told.
    pub(super) fn billed(self, model: &str) -> Option<u64> {
        if self.has_others {
            return None;
        }
        if self.queries == 0 {
            return (!self.has_results).then_some(0);
        }
        if model.starts_with(BILLED_BY_SEARCH) {
            return Some(self.queries);
        }
        let is_by_answer = BILLED_BY_ANSWER.iter().any(|name| model.starts_with(name));
        (is_by_answer && self.has_results).then_some(1)
    }
}
