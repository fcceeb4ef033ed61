//! What calls cost by what their providers publish: against a list of the published prices, and against the
//! built-in book.

#![expect(clippy::expect_used, reason = "a test whose own data is wrong fails")]

use gatehouse_catalog::{Catalog, CostStatus, MatchKind, PriceList, PriceQuery, Priced};
use gatehouse_types::{NanoUsd, Timestamp, Usage};
use serde::Deserialize;

const EXAMPLES: &str = include_str!("published/examples.toml");
const PRICES: &str = include_str!("published/prices.toml");
/// How many examples there are to be, and of how many providers.
const FEWEST: (usize, usize) = (45, 12);
/// How many decimals the terms of the arithmetic are added up with.
const PLACES: u32 = 24;
/// What one of these decimals is of a nano-dollar.
const PARTS_PER_NANO: u128 = 10_u128.pow(PLACES - 9);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    examples: Vec<Example>,
}

/// A call, and what it costs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    provider: String,
    model: String,
    tier: Option<String>,
    variant: Option<String>,
    region: Option<String>,
    at: String,
    usage: Usage,
    /// Terms such as `1200 x 0.15 / 1M`.
    arithmetic: Vec<String>,
    nanos: i64,
    source: String,
    seen: String,
    book: Option<Difference>,
}

/// What the book says instead.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    nanos: Option<i64>,
    status: Option<String>,
    reason: String,
}

impl Example {
    fn query(&self) -> PriceQuery<'_> {
        PriceQuery {
            provider: &self.provider,
            region: self.region.as_deref(),
            model: &self.model,
            service_tier: self.tier.as_deref(),
            variant: self.variant.as_deref(),
            usage: Some(&self.usage),
            declared_cost: None,
            extra_charges: false,
            status: 200,
            at: Timestamp::parse(&self.at).expect("a time"),
        }
    }
}

fn examples() -> Vec<Example> {
    let file: File = toml::from_str(EXAMPLES).expect("the examples are readable");
    file.examples
}

/// What a term comes to, in parts of a dollar, rounded down where it has no exact decimal.
fn term(text: &str) -> u128 {
    let (count, rest) = text.split_once(" x ").expect("count x price");
    let (price, divisor) = rest.split_once(" / ").unwrap_or((rest, "1"));
    let divisor = if divisor == "1M" { 1_000_000 } else { divisor.parse::<u128>().expect("a divisor") };
    let (whole, decimals) = price.split_once('.').unwrap_or((price, ""));
    let scale = PLACES - u32::try_from(decimals.len()).expect("few decimals");
    let price = format!("{whole}{decimals}").parse::<u128>().expect("a price") * 10_u128.pow(scale);
    count.parse::<u128>().expect("a count") * price / divisor
}

fn cost(priced: Priced) -> String {
    priced.cost.map_or_else(|| priced.status.as_str().to_owned(), |cost| cost.get().to_string())
}

#[test]
fn there_are_examples_of_every_large_provider() {
    let examples = examples();
    let mut providers = examples.iter().map(|example| example.provider.as_str()).collect::<Vec<_>>();
    providers.sort_unstable();
    providers.dedup();
    assert!(examples.len() >= FEWEST.0 && providers.len() >= FEWEST.1, "{} of {providers:?}", examples.len());
    for example in &examples {
        assert!(example.source.starts_with("https://"), "{example:?}");
        assert!(["page", "quoted", "known"].contains(&example.seen.as_str()), "{example:?}");
    }
}

#[test]
fn the_arithmetic_of_every_example_comes_to_its_cost() {
    for example in examples() {
        let sum = example.arithmetic.iter().map(|text| term(text)).sum::<u128>();
        // A term without an exact decimal is a few of its parts too small: not enough to change a digit here.
        let nanos = (sum + PARTS_PER_NANO / 2 + 1000) / PARTS_PER_NANO;
        assert_eq!(i64::try_from(nanos), Ok(example.nanos), "{example:?}");
    }
}

#[test]
fn published_prices_give_published_costs() {
    let prices = PriceList::parse_toml(PRICES).expect("the published prices are a price list");
    let catalog = Catalog::builtin().with_book(prices);
    for example in examples() {
        let priced = catalog.price(example.query(), None);
        let expected = Priced { cost: Some(NanoUsd::new(example.nanos)), status: CostStatus::Priced };
        assert_eq!(priced, expected, "{example:?}\n{:#?}", catalog.explain(example.query(), None));
    }
}

#[test]
fn the_book_agrees_wherever_it_has_the_model() {
    let catalog = Catalog::builtin();
    let mut differences = Vec::new();
    for (n, example) in examples().iter().enumerate() {
        let priced = catalog.price(example.query(), None);
        let expected = match &example.book {
            None if priced.status == CostStatus::NoPrice => continue,
            None => example.nanos.to_string(),
            Some(book) => {
                assert!(!book.reason.is_empty(), "{example:?}");
                let status = || book.status.clone().unwrap_or_default();
                book.nanos.map_or_else(status, |nanos| nanos.to_string())
            }
        };
        if cost(priced) != expected {
            let Example { provider, model, tier, variant, at, .. } = example;
            let said = cost(priced);
            differences.push(format!(
                "{n} {provider} {model} {tier:?} {variant:?} {at}: the book says {said}, expected {expected}"
            ));
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn the_book_knows_most_of_the_models() {
    let catalog = Catalog::builtin();
    let examples = examples();
    let known = examples.iter().filter(|example| {
        let row = catalog.explain(example.query(), None).row;
        row.is_some_and(|row| row.matched != MatchKind::Prefix)
    });
    let known = known.count();
    assert!(known * 4 >= examples.len() * 3, "{known} of {}", examples.len());
}
