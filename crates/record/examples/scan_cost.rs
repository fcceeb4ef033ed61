//! What it costs to read answers that are made to cost: time, and the most memory that is held.
//!
//! `cargo run -p gatehouse-record --example scan_cost`. Each is sent in parts of 16 KiB, which are made as they are
//! sent; the peak is that of the process so far, as Linux counts it.

use std::error::Error;
use std::io::{self, Write};
use std::time::Instant;

use gatehouse_types::Dialect;
use gatehouse_wire::AnswerScanner;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const PART_BYTES: usize = 16 << 10;
const USAGE: &str = "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}";

/// An answer: its name, its type, how it begins, what it repeats, and how it ends.
type Answer = (&'static str, &'static str, &'static str, &'static str, &'static str);

const ANSWERS: [Answer; 11] = [
    ("one picture", JSON, "{\"data\":[{\"b64_json\":\"", "iVBORw0KGgoAAAANSUhE", "\"}],"),
    ("escaped quotes", JSON, "{\"a\":\"", "\\\"", "\","),
    ("one embedding", JSON, "{\"data\":[{\"embedding\":[1", ",-0.0123456789", "]}],"),
    ("tiny members", JSON, "{\"a\":{\"k\":1", ",\"k\":1", "},"),
    ("arrays in arrays", JSON, "{\"a\":", "[", ","),
    ("objects in objects", JSON, "{\"a\":", "{\"a\":", ","),
    ("white space", JSON, "{\"a\":1,", " \n", ""),
    ("a line that never ends", EVENTS, "data: {\"a\":\"", "abc ", "\"}\n\ndata: {"),
    ("tiny data lines", EVENTS, "", "data: x\n", "\n\ndata: {"),
    ("tiny events", EVENTS, "", "data: x\n\n", "data: {"),
    (
        "a chat",
        EVENTS,
        "",
        "data: {\"id\":\"chatcmpl-0123456789\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\
         \"delta\":{\"content\":\" word\"},\"finish_reason\":null}]}\n\n",
        "data: {\"choices\":[],",
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for (name, content_type, begin, unit, end) in ANSWERS {
        for megabytes in [10, 50, 100] {
            let part = unit.repeat(PART_BYTES / unit.len() + 1);
            let mut scanner = AnswerScanner::new(Dialect::OpenAi, Some(content_type), None);
            let started = Instant::now();
            scanner.push(begin.as_bytes());
            for _ in 0..megabytes * 1_000_000 / part.len() {
                scanner.push(part.as_bytes());
            }
            scanner.push(end.as_bytes());
            scanner.push(USAGE.as_bytes());
            drop(scanner.finish(true));
            let took = started.elapsed().as_millis();
            writeln!(out, "{name:24} {megabytes:4} MB  {took:6} ms  peak {}", peak()?)?;
        }
    }
    Ok(())
}

/// Returns the most memory that this process has held.
fn peak() -> io::Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(peak.unwrap_or_default().trim().to_owned())
}
