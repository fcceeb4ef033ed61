//! The operator's own prices: they go before those that are built in, and a file that is wrong stops the start.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Result, ensure};
use gatehouse_testkit::process::run;

use crate::support::{BINARY, Call, DEADLINE, House, chat_body, helicone_id, text};

/// Every call to these models costs a dollar and a half.
const PRICES: &str = r#"
[[prices]]
provider = "OPENAI"
models = ["gpt-4o-mini*"]
input = "0"
cache_read = "0"
output = "0"
request = "1.5"
"#;

#[tokio::test]
async fn prices_of_the_file_go_before_the_book() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("prices.toml");
    std::fs::write(&file, PRICES)?;
    let house = House::with_toml(&format!("[prices]\nfile = {file:?}\n")).await?;
    let answer = house.exchange(&Call::chat(&chat_body(false))).await?;
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    ensure!(row.get("cost_nano_usd") == Some(&1_500_000_000_i64.into()), "{row}");
    ensure!(text(&row, "cost_status") == "priced", "{row}");
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_wrong_stops_the_start_and_is_told_by_row_and_field() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (config, file) = (folder.path().join("gatehouse.toml"), folder.path().join("prices.toml"));
    let listen = "[gateway]\nlisten = \"127.0.0.1:0\"\n[api]\nlisten = \"127.0.0.1:0\"\n";
    let data = folder.path().join("data");
    std::fs::write(&config, format!("data_dir = {data:?}\n{listen}[prices]\nfile = {file:?}\n"))?;
    let wrong = format!("{PRICES}[[prices]]\nprovider = \"X\"\nmodels = [\"grok-4\"]\ninput = \"three\"\n");
    for (text, expected) in [
        (None, "can't read `prices.file`"),
        (Some("prices = 1"), "top of the file, `prices`"),
        (Some(wrong.as_str()), "row 2 (X grok-4), `input`: `three` is not a decimal"),
    ] {
        if let Some(text) = text {
            std::fs::write(&file, text)?;
        }
        let arguments = [OsStr::new("serve"), OsStr::new("--config"), config.as_os_str()];
        let finished = run(Path::new(BINARY), &arguments, &[], DEADLINE).await?;
        ensure!(!finished.status.success(), "{finished:?}");
        let said = format!("{}{}", finished.stdout, finished.stderr);
        ensure!(said.contains(expected) && said.contains("prices.toml"), "{expected}: {said}");
    }
    Ok(())
}
