//! `gatehouse requests`.

mod line;

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Context, Result};
use http_body_util::BodyExt as _;
use hyper::Method;
use serde_json::{Map, Value, json};

use crate::api_client::{ApiClient, Question, Refused, ask_and};
use crate::cli::{ListRequests, RequestsCommand, TailRequests, Which};
use crate::{banner, costs, table};

/// The columns of a list.
const COLUMNS: [&str; 9] =
    ["time", "status", "model", "user", "latency_ms", "tokens", "cost_usd", "id", "asked"];
/// A stream that says nothing for so long is dead: the server says every few seconds that it is there.
const SILENCE: Duration = Duration::from_secs(30);
/// The pauses between two attempts to follow: the first one, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The longest event that is read.
const MAX_EVENT_BYTES: usize = 16 << 20;

/// Runs a command about logged calls.
pub(crate) fn run(command: &RequestsCommand) -> Result<()> {
    match command {
        RequestsCommand::Tail(tail) => follow(tail),
        RequestsCommand::List(list) => show(list),
    }
}

/// Lists the last calls.
fn show(list: &ListRequests) -> Result<()> {
    let body = json!({"filter": filter(&list.which)?, "limit": list.limit, "sort": {"created_at": "desc"}});
    let question = Question {
        method: Method::POST,
        path: "/v1/request/query-clickhouse",
        body: body.to_string().into(),
        is_json: true,
    };
    let rows = ask_and(&list.access, async |api| api.ask(question).await)?;
    if list.form.json {
        return banner::print(&serde_json::to_string_pretty(&rows)?);
    }
    let rows = rows.as_array().context("the answer is no list")?;
    let cells: Vec<Map<String, Value>> = rows.iter().map(line::cells).collect();
    banner::print(&table::format(&COLUMNS, &cells))
}

/// Shows calls as they are logged.
fn follow(tail: &TailRequests) -> Result<()> {
    let filter = filter(&tail.which)?.to_string();
    let escaped: String = filter.bytes().map(costs::escaped).collect();
    let path = format!("/v1/request/tail?filter={escaped}");
    let is_coloured = io::stdout().is_terminal();
    let print = |row: &str| {
        if tail.json {
            return write(row);
        }
        match serde_json::from_str(row) {
            Ok(row) => write(&line::line(&row, is_coloured)),
            Err(error) => Err(error).context("an event is not JSON"),
        }
    };
    ask_and(&tail.access, async |api| {
        let mut pause = FIRST_PAUSE;
        let mut has_followed = false;
        loop {
            let ended = once(api, &path, &mut has_followed, &print).await;
            let why = match ended {
                Ok(ControlFlow::Break(())) => return Ok(()),
                Ok(ControlFlow::Continue(())) => "the server ended the stream".to_owned(),
                Err(error) if !has_followed || error.is::<Refused>() => return Err(error),
                Err(error) => format!("{error:#}"),
            };
            if has_followed {
                pause = FIRST_PAUSE;
                // Whoever does not read what it says is no reason to end.
                drop(writeln!(
                    io::stderr().lock(),
                    "gatehouse: {why}; following again, calls of meanwhile are not shown"
                ));
            }
            has_followed = true;
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    })
}

/// Follows one stream to its end; `Break` when nobody reads what is printed.
async fn once(
    api: &ApiClient,
    path: &str,
    has_followed: &mut bool,
    print: &impl Fn(&str) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let question = Question { method: Method::GET, path, body: hyper::body::Bytes::new(), is_json: true };
    let mut body = api.stream(question).await?;
    *has_followed = true;
    let mut events = Events::default();
    loop {
        let frame = tokio::time::timeout(SILENCE, body.frame()).await.context("the server fell silent")?;
        let Some(frame) = frame else { return Ok(ControlFlow::Continue(())) };
        let frame = frame.context("the connection was lost")?;
        let Ok(data) = frame.into_data() else { continue };
        for row in events.add(&data)? {
            if print(&row)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

/// Takes rows out of server-sent events, however they are cut into pieces.
#[derive(Default)]
struct Events {
    rest: Vec<u8>,
}

impl Events {
    /// Adds a piece and returns the rows that are complete with it.
    fn add(&mut self, piece: &[u8]) -> Result<Vec<String>> {
        self.rest.extend_from_slice(piece);
        let mut rows = Vec::new();
        while let Some(end) = self.rest.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = self.rest.drain(..end + 2).collect();
            let event = String::from_utf8(event).context("an event is not UTF-8")?;
            rows.extend(event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned));
        }
        anyhow::ensure!(
            self.rest.len() <= MAX_EVENT_BYTES,
            "an event is longer than {MAX_EVENT_BYTES} bytes"
        );
        Ok(rows)
    }
}

/// Writes a line; `Break` when its reader has gone.
fn write(text: &str) -> Result<ControlFlow<()>> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(error).context("can't write to standard output"),
    }
}

/// Returns the filter that is asked for.
pub(crate) fn filter(which: &Which) -> Result<Value> {
    let leaf = |column: &str, test: Value| json!({"request_response_rmt": {column: test}});
    let mut all = vec![costs::filter(&which.selection)?];
    all.extend(which.user.as_ref().map(|user| leaf("user_id", json!({"equals": user}))));
    if let Some(status) = which.status {
        all.push(leaf("status", json!({"gte": status.from})));
        all.extend(status.to.map(|to| leaf("status", json!({"lte": to}))));
    }
    let properties = which.properties.iter();
    all.extend(properties.map(|(name, value)| leaf("properties", json!({name: {"equals": value}}))));
    let joined = |left: Value, right: Value| match left {
        Value::String(_) => right,
        left => json!({"left": left, "operator": "and", "right": right}),
    };
    Ok(all.into_iter().reduce(joined).unwrap_or_else(|| json!("all")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::requests::StatusRange;

    #[test]
    fn rows_come_out_of_events_however_they_are_cut() {
        let stream = ": alive\n\nevent: request\ndata: {\"a\":\"ü\"}\n\nevent: request\ndata: {\"b\":2}\n\n: alive\n\n".as_bytes();
        for size in 1..stream.len() {
            let mut events = Events::default();
            let rows: Vec<String> =
                stream.chunks(size).flat_map(|piece| events.add(piece).unwrap()).collect();
            assert_eq!(rows, ["{\"a\":\"ü\"}", "{\"b\":2}"], "pieces of {size}");
        }
    }

    #[test]
    fn what_is_asked_for_becomes_one_filter() {
        assert_eq!(filter(&Which::default()).unwrap(), json!("all"));
        let which = Which {
            user: Some("alice".to_owned()),
            status: Some(StatusRange { from: 400, to: None }),
            properties: vec![("Environment".to_owned(), "production".to_owned())],
            ..Which::default()
        };
        let expected = json!({
            "left": {
                "left": {"request_response_rmt": {"user_id": {"equals": "alice"}}},
                "operator": "and",
                "right": {"request_response_rmt": {"status": {"gte": 400}}},
            },
            "operator": "and",
            "right": {"request_response_rmt": {"properties": {"Environment": {"equals": "production"}}}},
        });
        assert_eq!(filter(&which).unwrap(), expected);
    }
}
