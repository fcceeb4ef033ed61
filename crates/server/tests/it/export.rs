//! What is logged can be made up, listed and taken away, whole or recognisably not.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::Gatehouse;
use gatehouse_testkit::client::{RawClient, RawResponse, call_json, request};
use gatehouse_testkit::http1::Piece;
use gatehouse_testkit::process::{Finished, TEST_KEY, run};
use serde_json::{Value, json};

use crate::cli::command;
use crate::support::{BINARY, Call, DEADLINE, House, chat_body, helicone_id, text};

/// Stops the server, stores made-up calls, and starts it again.
async fn seed(house: &mut House, rows: u32) -> Result<()> {
    house.gatehouse.terminate(DEADLINE).await?;
    let rows = rows.to_string();
    let seeded = command(house, &["dev", "seed", "--rows", &rows, "--days", "3", "--seed", "7"]).await?;
    ensure!(seeded.status.success() && seeded.stdout.contains(&format!("stored {rows} calls")), "{seeded:?}");
    house.gatehouse.restart().await
}

/// Asks for an export and returns the answer.
async fn export(gatehouse: &Gatehouse, body: &Value) -> Result<RawResponse> {
    RawClient::connect(gatehouse.api()).await?.exchange(asking(gatehouse, body)).await
}

fn asking(gatehouse: &Gatehouse, body: &Value) -> Vec<u8> {
    let host = gatehouse.api().to_string();
    let authorization = format!("Bearer {TEST_KEY}");
    let headers = [
        ("Host", host.as_str()),
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/json"),
    ];
    request("POST", "/v1/request/export", &headers, body.to_string().as_bytes())
}

/// Runs a command that asks the server, and must succeed.
async fn told(house: &House, arguments: &[&str]) -> Result<Finished> {
    let url = format!("http://{}", house.gatehouse.api());
    let config = house.gatehouse.config_path();
    let place = ["--url", &url, "--config"].map(OsStr::new);
    let arguments = arguments.iter().map(OsStr::new).chain(place).chain([config.as_os_str()]);
    let key = [("HELICONE_API_KEY".to_owned(), TEST_KEY.to_owned())];
    let finished = run(Path::new(BINARY), &arguments.collect::<Vec<_>>(), &key, DEADLINE).await?;
    ensure!(finished.status.success() && finished.stderr.is_empty(), "{finished:?}");
    Ok(finished)
}

#[tokio::test]
async fn made_up_calls_stand_beside_real_ones_and_all_of_them_are_exported() -> Result<()> {
    let mut house = House::start().await?;
    let refused = command(&house, &["dev", "seed", "--rows", "10"]).await?;
    ensure!(
        !refused.status.success() && refused.stderr.contains("is in use by another gatehouse"),
        "{refused:?}"
    );
    let first = helicone_id(&house.exchange(&Call::chat(&chat_body(false))).await?.head.headers)?;
    house.row(&first).await?;
    seed(&mut house, 1_200).await?;
    let second = helicone_id(&house.exchange(&Call::chat(&chat_body(false))).await?.head.headers)?;
    let second_row = house.row(&second).await?;
    house.row(&first).await?;

    let answer = export(&house.gatehouse, &json!({"format": "jsonl", "includeBodies": true})).await?;
    ensure!(answer.head.status == 200 && answer.end.is_ok(), "{:?}", answer.head);
    let name = answer.head.headers.text("content-disposition").context("no name")?;
    ensure!(
        name.starts_with("attachment; filename=\"gatehouse-requests-") && name.ends_with("Z.jsonl\""),
        "{name}"
    );
    let lines = std::str::from_utf8(&answer.body)?.lines();
    let rows: Vec<Value> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    let by_id: BTreeMap<&str, &Value> = rows.iter().map(|row| (text(row, "request_id"), row)).collect();
    ensure!(rows.len() == 1_202 && by_id.len() == 1_202, "{} rows, {} ids", rows.len(), by_id.len());
    ensure!(text(&rows[0], "request_id") == second, "the newest comes first");
    let mut expected = second_row;
    expected["signed_body_url"] = Value::Null;
    ensure!(rows[0] == expected, "{} is not {expected}", rows[0]);
    ensure!(
        rows.iter().filter(|row| !row["scores"].as_object().is_some_and(serde_json::Map::is_empty)).count()
            > 20
    );

    let bare = export(&house.gatehouse, &json!({"format": "csv"})).await?;
    let mut reader = csv::Reader::from_reader(bare.body.as_ref());
    let headings = reader.headers()?.clone();
    let column = |record: &csv::StringRecord, name: &str| {
        let index = headings.iter().position(|heading| heading == name);
        index.and_then(|index| record.get(index)).unwrap_or_default().to_owned()
    };
    let mut count = 0;
    for record in reader.records() {
        let record = record?;
        let row = by_id.get(column(&record, "request_id").as_str()).context("an unknown row")?;
        let cost = row["cost_nano_usd"].as_i64().map(|nanos| nanos.to_string()).unwrap_or_default();
        ensure!(column(&record, "cost_nano_usd") == cost, "{record:?} is not {row}");
        ensure!(
            column(&record, "request_preview") == text(row, "request_preview"),
            "{record:?} is not {row}"
        );
        let properties: Value = serde_json::from_str(&column(&record, "properties"))?;
        ensure!(properties == row["properties"] && column(&record, "request_body").is_empty(), "{record:?}");
        count += 1;
    }
    ensure!(
        count == 1_202
            && bare.head.headers.text("content-type").is_some_and(|kind| kind.starts_with("text/csv"))
    );

    let table = export(&house.gatehouse, &json!({"format": "parquet", "includeBodies": true})).await?;
    ensure!(table.body.starts_with(b"PAR1") && table.body.ends_with(b"PAR1") && table.end.is_ok());
    let none =
        json!({"filter": {"request_response_rmt": {"model": {"equals": "nobody's"}}}, "format": "csv"});
    let none = export(&house.gatehouse, &none).await?;
    ensure!(std::str::from_utf8(&none.body)?.lines().count() == 1, "a heading alone");
    Ok(())
}

#[tokio::test]
async fn commands_list_and_export_what_is_asked_for() -> Result<()> {
    let mut house = House::start().await?;
    seed(&mut house, 600).await?;
    let listed = told(&house, &["requests", "list", "--status", "200", "--limit", "5", "--json"]).await?;
    let listed: Vec<Value> = serde_json::from_str(&listed.stdout)?;
    ensure!(listed.len() == 5 && listed.iter().all(|row| row["response_status"] == 200), "{listed:?}");
    let user = listed.iter().map(|row| text(row, "request_user_id")).find(|user| !user.is_empty());
    let user = user.context("a user")?;
    let table =
        told(&house, &["requests", "list", "--user", user, "--property", "Environment=production"]).await?;
    let mut lines = table.stdout.lines();
    ensure!(lines.next().is_some_and(|heading| heading.starts_with("TIME")), "{table:?}");
    ensure!(lines.all(|line| line.contains(user)), "{table:?}");

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("calls.csv");
    let name = file.to_str().context("a path")?;
    let done = told(&house, &["export", "--format", "csv", "--status", "error", "--out", name]).await?;
    let exported = csv::Reader::from_path(&file)?.records().count();
    ensure!(exported > 0 && done.stdout.contains(&format!("{exported} calls")), "{exported}: {done:?}");
    let files = std::fs::read_dir(folder.path())?.count();
    ensure!(files == 1, "{files} files are left");
    let out = told(&house, &["export", "--bodies", "--model", "gpt-4o-mini-2024-07-18"]).await?;
    let rows: Vec<Value> = out.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(
        rows.len() > 50 && rows.iter().all(|row| row["request_body"]["model"] == "gpt-4o-mini"),
        "{}",
        rows.len()
    );
    Ok(())
}

#[tokio::test]
async fn an_export_that_is_cut_does_not_end_like_a_whole_one() -> Result<()> {
    let mut house = House::start().await?;
    seed(&mut house, 4_000).await?;
    let everything = json!({"includeBodies": true});
    let mut client = RawClient::connect(house.gatehouse.api()).await?;
    client.send(asking(&house.gatehouse, &everything)).await?;
    let head = client.read_head().await?;
    let mut body = client.body(&head, false)?;
    let first = client.read_piece(&mut body).await?;
    ensure!(matches!(first, Piece::Data { .. }), "{first:?}");
    house.gatehouse.send_term()?;
    let cut = loop {
        match client.read_piece(&mut body).await {
            Ok(Piece::Data { .. }) => {}
            Ok(Piece::End(_)) => break Ok(()),
            Err(broken) => break Err(broken),
        }
    };
    ensure!(cut.is_err(), "the export ended as if it were whole");
    ensure!(house.gatehouse.wait(DEADLINE).await?.success());
    Ok(())
}

#[tokio::test]
async fn an_export_is_for_who_may_read_and_says_what_is_wrong() -> Result<()> {
    let house = House::start().await?;
    let api = house.gatehouse.api();
    let ask =
        async |key: &str, body: Value| call_json(api, "POST", "/v1/request/export", key, Some(&body)).await;
    ensure!(ask("", json!({})).await?.0 == 401);
    for (body, about) in [
        (json!({"format": "xml"}), "`jsonl`, `csv` or `parquet`"),
        (json!({"includeBodies": "yes"}), "`includeBodies`"),
        (json!({"filter": {"request_response_rmt": {"colour": {"equals": "red"}}}}), "`colour`"),
    ] {
        let (status, refused) = ask(TEST_KEY, body).await?;
        let message = refused["error"]["message"].as_str().unwrap_or_default();
        ensure!(status == 400 && message.contains(about), "{status} {refused}");
    }
    Ok(())
}
