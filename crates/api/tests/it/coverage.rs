//! The list of Helicone's operations: fresh, and with all that must be here.

use anyhow::{Result, ensure};
use gatehouse_api::coverage::ALIASES;

use crate::client::TestApi;

const PAGE: &str = include_str!("../../../../docs/api-coverage.md");

#[test]
fn the_page_is_fresh() {
    let fresh = gatehouse_api::coverage::markdown().unwrap();
    assert_eq!(PAGE, fresh, "run `cargo run -q -p gatehouse-api --example coverage > docs/api-coverage.md`");
}

#[tokio::test]
async fn aliases_are_routes() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (alias, _) in ALIASES {
        let (_, code) = api.post(alias, "{}").await?.outcome()?;
        ensure!(code != "unknown_route" && code != "method_not_allowed", "{alias}: {code}");
    }
    Ok(())
}

#[test]
fn what_people_build_on_is_here() -> Result<()> {
    let mut group = "";
    for line in PAGE.lines() {
        group = line.strip_prefix("## ").unwrap_or(group);
        let is_needed = ["B1 ", "B2 ", "B3 ", "B4 ", "B11 "].iter().any(|needed| group.starts_with(needed));
        ensure!(!(is_needed && line.contains("| no")), "{group}: {line}");
    }
    ensure!(PAGE.matches("| yes |").count() > 80, "{}", PAGE.matches("| yes |").count());
    Ok(())
}
