//! What a person at the terminal reads: the start message on standard output, errors on standard error.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

/// Writes `text` and a line end to standard output; a reader that has seen enough, such as `head`, is no failure.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("can't write to standard output"),
    }
}

/// Says where everything is, `gateway` and `api` by URL; `new_key` is a key that was made at this start and is
/// shown this once.
pub(crate) fn started(gateway: &str, api: &str, data_dir: &Path, new_key: Option<&str>) -> Result<()> {
    let mut text = format!(
        "gatehouse {}\n  gateway  {gateway}\n  api      {api}   (dashboard at /)\n  data     {}",
        env!("CARGO_PKG_VERSION"),
        data_dir.display()
    );
    if let Some(key) = new_key {
        text.push_str(&format!(
            "\n  api key  {key}\n\nThis key is shown once: keep it. More keys: gatehouse keys create --name NAME"
        ));
    }
    print(&text)
}

/// Reports why the program ends, with every cause.
pub(crate) fn complain(error: &anyhow::Error) {
    let mut text = format!("gatehouse: {error}");
    for cause in error.chain().skip(1) {
        text.push_str(&format!("\n  because: {cause}"));
    }
    // There is nowhere left to report that standard error is gone.
    drop(writeln!(io::stderr().lock(), "{text}"));
}
