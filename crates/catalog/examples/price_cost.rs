//! Measures what prices cost: reading the built-in book, and pricing a call under names near to and far from those
//! of the book.
//!
//! `cargo run --release -p gatehouse-catalog --example price_cost`

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use gatehouse_catalog::{Catalog, PriceList, PriceQuery};
use gatehouse_types::{Timestamp, Usage};

const BOOK: &str = include_str!("../prices/book.tsv");
const READS: u32 = 20;
const CALLS: u32 = 20_000;
const MODELS: [(&str, &str); 5] = [
    ("OPENAI", "gpt-4o-mini"),
    ("OPENAI", "gpt-4o-mini-2031-01-02"),
    ("AWS", "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1%3A0"),
    ("OPENAI", "nobody-knows-it-2024-01-01"),
    ("host.example", "nobody-knows-it"),
];

fn main() {
    let spent = time(READS, || drop(black_box(PriceList::parse_book(black_box(BOOK)))));
    println!("reading {} lines: {spent:?}", BOOK.lines().count());
    let catalog = Catalog::builtin();
    let usage = Usage { input: Some(1200), cache_read: Some(0), output: Some(300), ..Usage::default() };
    for (provider, model) in MODELS {
        let query = PriceQuery {
            provider,
            region: None,
            model,
            service_tier: None,
            variant: None,
            usage: Some(&usage),
            declared_cost: None,
            extra_charges: false,
            status: 200,
            at: Timestamp::from_unix_micros(1_780_000_000_000_000),
        };
        let status = catalog.price(query, None).status.as_str();
        let spent = time(CALLS, || _ = black_box(catalog.price(black_box(query), None)));
        println!("pricing {provider} {model} ({status}): {spent:?}");
    }
}

/// How long one of many runs takes.
fn time(runs: u32, mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..runs {
        run();
    }
    start.elapsed() / runs
}
