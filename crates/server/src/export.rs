//! `gatehouse export`.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use http_body_util::BodyExt as _;
use hyper::Method;
use serde_json::{Value, json};

use crate::api_client::{ApiClient, Question, ask_and};
use crate::banner;
use crate::cli::{ExportCalls, ExportFormat};
use crate::requests::filter;

/// How long the server may take for the next part.
const SILENCE: Duration = Duration::from_secs(120);
/// How often a terminal is told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// What a file is called behind its name until it is complete.
const PART: &str = "part";

/// Exports calls into a file, or to standard output.
pub(crate) fn run(export: &ExportCalls) -> Result<()> {
    let is_binary = export.format == ExportFormat::Parquet;
    let is_shown = export.out.is_none() && io::stdout().is_terminal();
    ensure!(!(is_binary && is_shown), "a terminal can't show Parquet: name a file with --out");
    let filter = filter(&export.which)?;
    let done = ask_and(&export.access, async |api| {
        let counted = json!({"filter": filter});
        let total = api.ask(post("/v1/request/count/query", &counted)).await?.as_u64();
        let wanted =
            json!({"filter": filter, "format": export.format.as_str(), "includeBodies": export.bodies});
        let progress = Progress::new(Counter::new(export.format), total);
        match &export.out {
            None => take(api, &wanted, BufWriter::new(io::stdout()), progress).await,
            Some(out) => into_file(api, &wanted, out, progress).await,
        }
    })?;
    match &export.out {
        Some(out) => banner::print(&format!("{}: {done}", out.display())),
        None => Ok(()),
    }
}

/// Writes an export beside its file, which it becomes when it is complete.
async fn into_file(api: &ApiClient, wanted: &Value, out: &Path, progress: Progress) -> Result<String> {
    let mut name = out.as_os_str().to_owned();
    name.push(format!(".{PART}"));
    let part = PathBuf::from(name);
    let file = File::create(&part).with_context(|| format!("can't make `{}`", part.display()))?;
    let done = take(api, wanted, BufWriter::new(file), progress).await;
    let done = done.with_context(|| format!("`{}` is not complete", part.display()))?;
    fs::rename(&part, out).with_context(|| format!("can't name the export `{}`", out.display()))?;
    Ok(done)
}

/// Takes an export to its end and says how much it was.
async fn take<W: Write>(
    api: &ApiClient,
    wanted: &Value,
    mut out: W,
    mut progress: Progress,
) -> Result<String> {
    let mut body = api.stream(post("/v1/request/export", wanted)).await?;
    loop {
        let frame = tokio::time::timeout(SILENCE, body.frame()).await.context("the server fell silent")?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|error| anyhow!("the server cut the export: {error}"))?;
        let Ok(data) = frame.into_data() else { continue };
        out.write_all(&data).context("can't write the export")?;
        progress.add(&data);
    }
    out.flush().context("can't write the export")?;
    Ok(progress.end())
}

fn post<'a>(path: &'a str, body: &Value) -> Question<'a> {
    Question { method: Method::POST, path, body: body.to_string().into(), is_json: true }
}

/// Counts the rows of an export by what passes.
struct Counter {
    format: ExportFormat,
    lines: u64,
    is_quoted: bool,
}

impl Counter {
    const fn new(format: ExportFormat) -> Self {
        Self { format, lines: 0, is_quoted: false }
    }

    fn add(&mut self, data: &[u8]) {
        match self.format {
            ExportFormat::Jsonl => {
                self.lines += data.iter().filter(|byte| **byte == b'\n').count() as u64;
            }
            ExportFormat::Csv => {
                for byte in data {
                    match byte {
                        b'"' => self.is_quoted = !self.is_quoted,
                        b'\n' if !self.is_quoted => self.lines += 1,
                        _ => {}
                    }
                }
            }
            ExportFormat::Parquet => {}
        }
    }

    /// Returns the number of rows; `None` where only the whole file tells it.
    const fn rows(&self) -> Option<u64> {
        match self.format {
            ExportFormat::Jsonl => Some(self.lines),
            ExportFormat::Csv => Some(self.lines.saturating_sub(1)),
            ExportFormat::Parquet => None,
        }
    }
}

/// How far an export is, on a terminal.
struct Progress {
    counter: Counter,
    total: Option<u64>,
    bytes: u64,
    begun: Instant,
    told: Option<Instant>,
    is_terminal: bool,
}

impl Progress {
    fn new(counter: Counter, total: Option<u64>) -> Self {
        let is_terminal = io::stderr().is_terminal();
        Self { counter, total, bytes: 0, begun: Instant::now(), told: None, is_terminal }
    }

    fn add(&mut self, data: &[u8]) {
        self.bytes += data.len() as u64;
        self.counter.add(data);
        if !self.is_terminal || self.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let mut terminal = io::stderr().lock();
        // A terminal that is gone needs no progress.
        drop(write!(terminal, "\r\x1b[K{}", self.line(self.begun.elapsed())));
        drop(terminal.flush());
    }

    /// Returns how far it is after so much time.
    fn line(&self, elapsed: Duration) -> String {
        let megabytes = self.bytes as f64 / 1e6;
        let Some(rows) = self.counter.rows() else { return format!("{megabytes:.1} MB") };
        let rate = rows as f64 / elapsed.as_secs_f64().max(1e-3);
        let of_total = self.total.map(|total| format!(" of {total}")).unwrap_or_default();
        let left = self.total.map(|total| total.saturating_sub(rows) as f64 / rate.max(1.0));
        let left = left.map(|seconds| format!(", {seconds:.0} s to go")).unwrap_or_default();
        format!("{rows}{of_total} calls, {megabytes:.1} MB, {rate:.0} a second{left}")
    }

    /// Ends the line and returns how much it was.
    fn end(self) -> String {
        if self.is_terminal {
            drop(write!(io::stderr().lock(), "\r\x1b[K"));
        }
        match self.counter.rows() {
            Some(rows) => format!("{rows} calls, {} bytes", self.bytes),
            None => format!("{} bytes", self.bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_as_they_pass() {
        let count = |format, pieces: &[&[u8]]| {
            let mut counter = Counter::new(format);
            pieces.iter().for_each(|piece| counter.add(piece));
            counter.rows()
        };
        assert_eq!(count(ExportFormat::Jsonl, &[b"{}\n{", b"}\n"]), Some(2));
        assert_eq!(count(ExportFormat::Csv, &[b"a,b\r\n1,\"two\nli", b"nes\"\"\"\r\n"]), Some(1));
        assert_eq!(count(ExportFormat::Csv, &[]), Some(0));
        assert_eq!(count(ExportFormat::Parquet, &[b"PAR1\n"]), None);
    }

    #[test]
    fn progress_tells_rows_rate_and_what_is_left() {
        let mut progress = Progress::new(Counter::new(ExportFormat::Jsonl), Some(30));
        progress.add(b"{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n");
        let told = progress.line(Duration::from_secs(2));
        assert_eq!(told, "10 of 30 calls, 0.0 MB, 5 a second, 4 s to go");
    }
}
