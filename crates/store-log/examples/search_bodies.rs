//! How long it takes to look into the bodies of very many calls: `cargo run --release --example search_bodies -- FOLDER ROWS`.
//!
//! The folder keeps the store, so that a second run measures without loading.

#![expect(clippy::print_stderr, reason = "this is what the program is for")]

use std::time::Instant;

use anyhow::{Context, Result};
use bytes::Bytes;
use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{Bodies, LogRow, LogStore, RowQuery, SearchStep};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_types::{OrganizationId, RequestId, Timestamp};
use uuid::Uuid;

const BATCH: u64 = 5_000;
const WORDS: [&str; 24] = [
    "the", "quick", "invoice", "customer", "please", "answer", "kindly", "report", "model", "gateway",
    "latency", "token", "summary", "because", "however", "street", "Berlin", "database", "error", "function",
    "return", "weather", "music", "history",
];

const TENANT: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(1));

/// A generator of numbers that look random (xorshift).
struct Numbers(u64);

impl Numbers {
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 16);
        while text.len() < bytes {
            let number = self.next();
            let word = usize::try_from(number % 40).unwrap_or_default();
            match WORDS.get(word) {
                Some(word) => text.push_str(word),
                None => text.push_str(&format!("{:x}", number >> 40)),
            }
            text.push(' ');
        }
        text
    }
}

fn row(number: u64, numbers: &mut Numbers) -> LogRow {
    let request =
        format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{}"}}]}}"#, numbers.text(1000));
    let rare = if number % 100_000 == 7 { "The needle in the haystack" } else { "" };
    let response =
        format!(r#"{{"id":"{number:x}","choices":[{{"message":"{}{rare}"}}]}}"#, numbers.text(950));
    LogRow {
        request_created_at: Timestamp::from_unix_micros(
            1_795_000_000_000_000 + i64::try_from(number).unwrap_or(0) * 1_000_000,
        ),
        bodies: Bodies { request: Some(Bytes::from(request)), response: Some(Bytes::from(response)) },
        ..plain_row(TENANT, RequestId::from_uuid(Uuid::from_u128((1 << 80) + u128::from(number))))
    }
}

async fn load(store: &DuckDbLog, rows: u64) -> Result<()> {
    let started = Instant::now();
    let mut numbers = Numbers(88_172_645_463_325_252);
    for start in (0..rows).step_by(usize::try_from(BATCH)?) {
        store.load((start..start + BATCH).map(|number| row(number, &mut numbers)).collect()).await?;
    }
    eprintln!("loaded {rows} rows in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn body(column: TextColumn, test: Test) -> Filter {
    Filter::Leaf(Condition { column: Column::Text(column), test })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("which folder?")?;
    let rows: u64 = arguments.next().context("how many rows?")?.parse()?;
    let store = DuckDbLog::start(Options::at(std::path::Path::new(&folder).join("log.duckdb")))?;
    if store.count(TENANT, Filter::All).await? == 0 {
        load(&store, rows).await?;
    }
    let contains = |text: &str| Test::Contains(text.to_owned());
    for (what, filter) in [
        ("response contains a rare text", body(TextColumn::ResponseBody, contains("NEEDLE in the hay"))),
        ("the same again", body(TextColumn::ResponseBody, contains("NEEDLE in the hay"))),
        ("request contains a common word", body(TextColumn::RequestBody, contains("invoice"))),
        ("the same again", body(TextColumn::RequestBody, contains("invoice"))),
        ("request ilike", body(TextColumn::RequestBody, Test::ILike("%kindly%Berlin%zz%".to_owned()))),
        ("request contains beyond ASCII", body(TextColumn::RequestBody, contains("Straße"))),
    ] {
        let started = Instant::now();
        let count = store.count(TENANT, filter).await?;
        eprintln!("{:>9.3} s  {what}: {count}", started.elapsed().as_secs_f64());
    }
    let query = RowQuery {
        organization_id: TENANT,
        filter: body(TextColumn::ResponseBody, contains("needle")),
        sort: gatehouse_store::log::SortKey::CreatedAt,
        direction: gatehouse_store::log::Direction::Descending,
        after: None,
        offset: 0,
        limit: 25,
    };
    let started = Instant::now();
    let page = store.rows(query).await?.len();
    eprintln!("{:>9.3} s  a page of rows: {page}", started.elapsed().as_secs_f64());
    for text in ["haystack", "no such text"] {
        let (started, mut steps, mut found, mut before) = (Instant::now(), 0, 0, None);
        loop {
            let filter = Filter::All;
            let step =
                SearchStep { organization_id: TENANT, filter, text: text.to_owned(), before, limit: 100 };
            let searched = store.search(step).await?;
            found += searched.found.len();
            steps += 1;
            before = searched.next;
            if steps == 1 {
                eprintln!(
                    "{:>9.3} s  first step of the search for {text:?}",
                    started.elapsed().as_secs_f64()
                );
            }
            if before.is_none() {
                break;
            }
        }
        eprintln!(
            "{:>9.3} s  search for {text:?}: {found} in {steps} steps",
            started.elapsed().as_secs_f64()
        );
    }
    Ok(())
}
