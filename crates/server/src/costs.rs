//! `gatehouse cost`.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Map, Value, json};

use crate::api_client::{ApiClient, Question, ask_and};
use crate::cli::{CostCommand, Form, ReconcileCosts, RepriceCalls, Selection, SummarizeCosts};
use crate::{banner, table};

/// How often a running re-pricing is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const SUMS: [&str; 5] = ["calls", "cost_usd", "calls_without_cost", "without_cost", "total_tokens"];
const SIDES: [&str; 8] =
    ["day", "model", "theirs_usd", "ours_usd", "drift_usd", "drift_percent", "calls", "calls_without_cost"];
const REPRICING: [&str; 8] =
    ["state", "dry_run", "scanned", "changed", "kept", "cost_before_usd", "cost_after_usd", "without_cost"];

/// Runs a command about costs.
pub(crate) fn run(command: &CostCommand) -> Result<()> {
    match command {
        CostCommand::Reprice(reprice) => reprice_calls(reprice),
        CostCommand::Summary(summary) => summarize(summary),
        CostCommand::Reconcile(reconcile) => lay_beside(reconcile),
    }
}

/// Has calls priced anew, waits for the end and prints what came of it.
fn reprice_calls(reprice: &RepriceCalls) -> Result<()> {
    let body = json!({"filter": filter(&reprice.selection)?, "dry_run": reprice.dry_run});
    let ended = ask_and(&reprice.access, async |api| {
        let begun = api.ask(post("/v1/cost/reprice", &body)).await?;
        let id = begun.get("id").and_then(Value::as_str).context("the answer has no id")?;
        wait(api, &format!("/v1/cost/reprice/{id}")).await
    })?;
    print(&reprice.form, &REPRICING, vec![ended.clone()], &ended)?;
    match ended.get("state").and_then(Value::as_str) {
        Some("done") => Ok(()),
        state => bail!(
            "the re-pricing was {}: {}",
            state.unwrap_or_default(),
            ended.get("problem").and_then(Value::as_str).unwrap_or("begin it again to go on")
        ),
    }
}

/// Looks at a re-pricing until it has ended; a terminal shows how far it is.
async fn wait(api: &ApiClient, path: &str) -> Result<Value> {
    let is_terminal = io::stderr().is_terminal();
    loop {
        let told = api.ask(Question { method: Method::GET, path, body: Bytes::new(), is_json: true }).await?;
        if is_terminal {
            show(&told);
        }
        if told.get("state").and_then(Value::as_str) != Some("running") {
            return Ok(told);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Writes how far a re-pricing is over the line before; the last time with a line end.
fn show(told: &Value) {
    let number = |name: &str| told.get(name).and_then(Value::as_u64).unwrap_or(0);
    let eta = told.get("eta_seconds").and_then(Value::as_f64);
    let eta = eta.map(|seconds| format!(", {seconds:.0} s to go")).unwrap_or_default();
    let (scanned, total, changed) = (number("scanned"), number("total"), number("changed"));
    let end = if told.get("finished_at").is_some_and(Value::is_string) { "\n" } else { "" };
    let mut terminal = io::stderr().lock();
    // A terminal that is gone needs no progress.
    drop(write!(terminal, "\r\x1b[K{scanned} of {total} calls, {changed} changed{eta}{end}"));
    drop(terminal.flush());
}

/// Prints what calls cost together.
fn summarize(summary: &SummarizeCosts) -> Result<()> {
    let body = json!({"filter": filter(&summary.selection)?, "group_by": summary.by});
    let told = ask_and(&summary.access, async |api| api.ask(post("/v1/cost/summary", &body)).await)?;
    let groups = told.get("groups").and_then(Value::as_array).cloned().unwrap_or_default();
    let total = told.get("total").cloned().unwrap_or_default();
    let columns: Vec<&str> = summary.by.iter().map(String::as_str).chain(SUMS).collect();
    print(&summary.form, &columns, groups.into_iter().chain([total]).collect(), &told)
}

/// Lays a provider's export beside what we computed.
fn lay_beside(reconcile: &ReconcileCosts) -> Result<()> {
    let export = fs::read(&reconcile.file)
        .with_context(|| format!("can't read the export `{}`", reconcile.file.display()))?;
    let provider: String = reconcile.provider.bytes().map(escaped).collect();
    let path = format!("/v1/cost/reconcile?provider={provider}");
    let question = Question { method: Method::POST, path: &path, body: export.into(), is_json: false };
    let told = ask_and(&reconcile.access, async |api| api.ask(question).await)?;
    let places = told.get("places").and_then(Value::as_array).cloned().unwrap_or_default();
    let total = told.get("total").cloned().unwrap_or_default();
    print(&reconcile.form, &SIDES, places.into_iter().chain([total]).collect(), &told)?;
    if reconcile.form.json {
        return Ok(());
    }
    for (field, text) in [("only_theirs", "only in the export"), ("only_ours", "only here")] {
        let models: Vec<&str> = told
            .get(field)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if !models.is_empty() {
            banner::print(&format!("{text}: {}", models.join(", ")))?;
        }
    }
    for note in told.get("notes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        banner::print(&format!("note: {note}"))?;
    }
    Ok(())
}

/// Writes a byte as a query may have it.
pub(crate) fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
        return char::from(byte).to_string();
    }
    format!("%{byte:02X}")
}

fn post<'a>(path: &'a str, body: &Value) -> Question<'a> {
    Question { method: Method::POST, path, body: body.to_string().into(), is_json: true }
}

/// Prints rows as a table with these columns, or the whole answer as JSON.
fn print(form: &Form, columns: &[&str], rows: Vec<Value>, whole: &Value) -> Result<()> {
    if form.json {
        return banner::print(&serde_json::to_string_pretty(whole)?);
    }
    let rows: Vec<Map<String, Value>> = rows.into_iter().filter_map(|row| row.as_object().cloned()).collect();
    banner::print(&table::format(columns, &rows))
}

/// Returns the filter that a selection comes to.
pub(crate) fn filter(selection: &Selection) -> Result<Value> {
    let leaf = |column: &str, test: Value| json!({"request_response_rmt": {column: test}});
    let mut all = Vec::new();
    if let Some(text) = &selection.filter {
        let text = match text.strip_prefix('@') {
            Some(path) => {
                fs::read_to_string(path).with_context(|| format!("can't read the filter `{path}`"))?
            }
            None => text.clone(),
        };
        all.push(serde_json::from_str(&text).context("`--filter` is not JSON")?);
    }
    let times = [("gte", &selection.since), ("lt", &selection.until)];
    all.extend(times.into_iter().filter_map(|(operator, at)| {
        let at = at.as_ref()?.to_string();
        Some(leaf("request_created_at", json!({operator: at})))
    }));
    let names = [("model", &selection.model), ("provider", &selection.provider)];
    all.extend(
        names.into_iter().filter_map(|(column, name)| Some(leaf(column, json!({"equals": name.as_ref()?})))),
    );
    let join = |left: Value, right: Value| json!({"left": left, "operator": "and", "right": right});
    Ok(all.into_iter().reduce(join).unwrap_or_else(|| json!("all")))
}

#[cfg(test)]
mod tests {
    use gatehouse_types::Timestamp;

    use super::*;

    #[test]
    fn a_selection_becomes_one_filter() {
        assert_eq!(filter(&Selection::default()).unwrap(), json!("all"));
        let selection = Selection {
            filter: Some("{\"request_response_rmt\":{\"status\":{\"equals\":200}}}".to_owned()),
            since: Timestamp::parse("2026-11-01"),
            model: Some("m".to_owned()),
            ..Selection::default()
        };
        let expected = json!({
            "left": {
                "left": {"request_response_rmt": {"status": {"equals": 200}}},
                "operator": "and",
                "right": {"request_response_rmt": {"request_created_at": {"gte": "2026-11-01T00:00:00.000Z"}}},
            },
            "operator": "and",
            "right": {"request_response_rmt": {"model": {"equals": "m"}}},
        });
        assert_eq!(filter(&selection).unwrap(), expected);
        let wrong = Selection { filter: Some("{".to_owned()), ..Selection::default() };
        assert!(filter(&wrong).is_err());
    }

    #[test]
    fn a_name_is_escaped_for_a_query() {
        let text: String = "api.acme.ai:80&x=é".bytes().map(escaped).collect();
        assert_eq!(text, "api.acme.ai%3A80%26x%3D%C3%A9");
    }
}
