//! Prints `docs/conformance.md`.

use std::io::Write as _;

use anyhow::Result;
use gatehouse_testkit::conformance::{Proofs, page, table};

fn main() -> Result<()> {
    let page = page(&table()?, &Proofs::read()?.proofs);
    Ok(std::io::stdout().write_all(page.as_bytes())?)
}
