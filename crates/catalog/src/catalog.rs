//! From what a call used to what it cost, or to the reason why that is not known.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use gatehouse_types::{NanoUsd, Usage};

use crate::breakdown::{Breakdown, Source};
use crate::choice::Choice;
use crate::context;
use crate::list::{Found, Overrides, PriceList};
use crate::query::{CostStatus, EstimateQuery, PriceQuery, Priced};
use crate::sum::Sum;

/// What is part of the binary, read once.
static BUILTIN: LazyLock<Catalog> = LazyLock::new(builtin);

/// Every known price, and how many tokens models take.
///
/// An organisation's overrides go before the user's file, and that before the book: the first of the three that
/// names a call's model alone prices it.
#[derive(Clone, Debug)]
pub struct Catalog {
    book: Arc<PriceList>,
    file: Option<Arc<PriceList>>,
    pub(crate) context_lengths: Arc<HashMap<String, u64>>,
}

/// What is known of a call's cost.
#[derive(Debug)]
pub(crate) struct Resolved<'a> {
    pub(crate) cost: Option<NanoUsd>,
    pub(crate) status: CostStatus,
    pub(crate) found: Option<(Source, Found<'a>)>,
    pub(crate) choice: Option<Choice<'a>>,
    pub(crate) sum: Option<Sum>,
}

impl Catalog {
    /// Returns the catalogue of the prices that are part of the binary. They are read once a process.
    pub fn builtin() -> Self {
        BUILTIN.clone()
    }

    /// Returns the catalogue with another book in place of the built-in one.
    #[must_use]
    pub fn with_book(self, book: PriceList) -> Self {
        Self { book: Arc::new(book), ..self }
    }

    /// Returns the catalogue with the rows of a user's file before those of the book.
    #[must_use]
    pub fn with_file(self, file: PriceList) -> Self {
        Self { file: Some(Arc::new(file)), ..self }
    }

    /// Returns what a call cost, or why that is not known.
    pub fn price(&self, query: PriceQuery<'_>, overrides: Option<&Overrides>) -> Priced {
        let Resolved { cost, status, .. } = self.resolve(&query, overrides);
        Priced { cost, status }
    }

    /// Returns how what [`Self::price`] returns comes about.
    pub fn explain(&self, query: PriceQuery<'_>, overrides: Option<&Overrides>) -> Breakdown {
        Breakdown::of(&query, &self.resolve(&query, overrides))
    }

    /// Returns what a call of the standard tier will cost if it uses so many tokens and no cache helps; `None`
    /// when a price is not known. It is what a limit sets aside, never what is recorded.
    pub fn estimate(&self, query: EstimateQuery<'_>, overrides: Option<&Overrides>) -> Option<NanoUsd> {
        let EstimateQuery { provider, region, model, input_tokens, output_tokens, at } = query;
        let usage = Usage { input: Some(input_tokens), output: Some(output_tokens), ..Usage::default() };
        let query = PriceQuery {
            provider,
            region,
            model,
            service_tier: None,
            variant: None,
            usage: Some(&usage),
            declared_cost: None,
            extra_charges: false,
            status: 200,
            at,
        };
        self.price(query, overrides).cost
    }

    /// The lists that hold, the first one first.
    pub(crate) fn lists<'a>(
        &'a self,
        overrides: Option<&'a Overrides>,
    ) -> impl Iterator<Item = (Source, &'a PriceList)> {
        let overrides = overrides.map(|overrides| (Source::Override, &overrides.0));
        let file = self.file.as_deref().map(|file| (Source::File, file));
        overrides.into_iter().chain(file).chain([(Source::Book, &*self.book)])
    }

    fn resolve<'a>(&'a self, query: &PriceQuery<'_>, overrides: Option<&'a Overrides>) -> Resolved<'a> {
        let find = |(source, list): (Source, &'a PriceList)| {
            list.find(query.provider, query.model, query.at).map(|found| (source, found))
        };
        let found = (!query.model.is_empty()).then(|| self.lists(overrides).find_map(find)).flatten();
        let is_overridden = found.is_some_and(|(source, _)| source == Source::Override);
        let mut resolved =
            Resolved { cost: None, status: CostStatus::NoPrice, found, choice: None, sum: None };
        if let Some(declared) = query.declared_cost.filter(|cost| cost.get() >= 0 && !is_overridden) {
            resolved =
                Resolved { cost: Some(declared), status: CostStatus::Declared, found: None, ..resolved };
            return resolved;
        }
        match resolved.fill(query) {
            Ok(cost) => (resolved.cost, resolved.status) = (Some(cost), CostStatus::Priced),
            Err(status) => resolved.status = status,
        }
        resolved
    }
}

impl Resolved<'_> {
    /// Works the cost out, as far as that goes.
    fn fill(&mut self, query: &PriceQuery<'_>) -> Result<NanoUsd, CostStatus> {
        let usage = query.usage.filter(|usage| has_counts(usage));
        if usage.is_none() && query.status >= 400 {
            return Err(CostStatus::ErrorStatus);
        }
        let nothing = Usage::default();
        let counts = usage.unwrap_or(&nothing);
        self.choice = self.found.and_then(|(source, found)| Choice::among(found.rows, source, query, counts));
        // A call that is charged as such needs no counts, but it has to have been answered.
        let is_by_call =
            (200..400).contains(&query.status) && self.choice.as_ref().is_some_and(Choice::is_by_call);
        if usage.is_none() && !is_by_call {
            return Err(CostStatus::NoUsage);
        }
        if query.model.is_empty() {
            return Err(CostStatus::NoModel);
        }
        if query.extra_charges {
            return Err(CostStatus::ExtraCharges);
        }
        let choice = self.choice.as_ref().ok_or(CostStatus::NoPrice)?;
        self.sum.insert(Sum::of(counts, choice, query.provider)?).cost()
    }
}

/// Whether any class was counted; a bare total says nothing about money.
fn has_counts(usage: &Usage) -> bool {
    Usage { total: None, ..*usage } != Usage::default()
}

#[expect(clippy::expect_used, reason = "both are embedded and a test reads them")]
fn builtin() -> Catalog {
    let book = PriceList::parse_book(include_str!("../prices/book.tsv")).expect("the embedded book is valid");
    let lengths = context::builtin().expect("the embedded table of lengths is valid");
    Catalog { book: Arc::new(book), file: None, context_lengths: Arc::new(lengths) }
}

#[cfg(test)]
mod tests;
