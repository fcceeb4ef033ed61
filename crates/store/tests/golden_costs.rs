//! What the exchanges of `wire`'s golden set cost, worked out by hand, and what we say that they do.
//!
//! `crates/wire/tests/golden/README.md` tells how a case is written down; that what is observed is what the bodies
//! say, is proved in `wire`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use gatehouse_catalog::{Catalog, PriceList};
use gatehouse_store::pricing::{PricedCall, price_of};
use gatehouse_types::{ExchangeMeta, NanoUsd, Observed, OrganizationId, Outcome, RequestId, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

/// When a call was made whose case doesn't say.
const USUAL_TIME: &str = "2026-01-15T12:00:00Z";
/// How many cases there are at least.
const LEAST_CASES: usize = 310;

/// What `expected.json` says about money.
#[derive(Deserialize)]
struct Expected {
    observed: Observed,
    cost: Cost,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cost {
    provider: String,
    nano_usd: Option<i64>,
    status: String,
    arithmetic: String,
    #[serde(default)]
    http_status: Option<i32>,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    target_url: String,
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/tests/golden")
}

fn catalog() -> Result<Catalog> {
    let prices = std::fs::read_to_string(golden().join("prices.toml"))?;
    Ok(Catalog::builtin().with_book(PriceList::parse_toml(&prices)?))
}

/// Every case by its folder and its name.
fn cases() -> Result<Vec<(String, Expected)>> {
    let mut cases = Vec::new();
    for folder in std::fs::read_dir(golden())? {
        let folder = folder?.path();
        if !folder.is_dir() {
            continue;
        }
        for case in std::fs::read_dir(&folder)? {
            let path = case?.path().join("expected.json");
            let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let expected = serde_json::from_slice(&text).with_context(|| path.display().to_string())?;
            cases.push((path.display().to_string(), expected));
        }
    }
    ensure!(cases.len() >= LEAST_CASES, "there are only {} cases", cases.len());
    Ok(cases)
}

fn meta(cost: &Cost) -> Result<ExchangeMeta> {
    let at = cost.at.as_deref().unwrap_or(USUAL_TIME);
    let at = Timestamp::parse(at).context("`at` is no time")?;
    let (request, organization) = (Uuid::from_u128(1), Uuid::from_u128(2));
    Ok(ExchangeMeta {
        outcome: Outcome::Complete,
        status: cost.http_status.unwrap_or(200),
        target_url: cost.target_url.clone(),
        provider: cost.provider.as_str().into(),
        ..ExchangeMeta::new(RequestId::from_uuid(request), OrganizationId::from_uuid(organization), at)
    })
}

#[test]
fn every_exchange_costs_what_was_worked_out_by_hand() -> Result<()> {
    let catalog = catalog()?;
    let mut differences = Vec::new();
    for (name, Expected { observed, cost }) in &cases()? {
        let meta = meta(cost).with_context(|| name.clone())?;
        let priced = price_of(&catalog, None, &meta, observed);
        let got = (priced.cost.map(NanoUsd::get), priced.status.as_str());
        if got != (cost.nano_usd, cost.status.as_str()) {
            let breakdown = PricedCall::observed(&meta, observed).explain(&catalog, None);
            let breakdown = serde_json::to_string(&breakdown)?;
            differences.push(format!("{name}: {got:?}, by hand {}\n  {breakdown}", cost.arithmetic));
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
    Ok(())
}

#[test]
fn every_row_of_the_prices_says_who_publishes_it() -> Result<()> {
    let prices = std::fs::read_to_string(golden().join("prices.toml"))?;
    for row in prices.lines().filter(|line| line.contains("provider =")) {
        assert!(row.contains("}, # https://"), "{row}");
    }
    Ok(())
}
