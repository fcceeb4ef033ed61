//! Writes `docs/providers.md`, which follows from the table of providers, to standard output.

use std::error::Error;
use std::io::{self, Write};

use gatehouse_wire::providers::reference;

fn main() -> Result<(), Box<dyn Error>> {
    io::stdout().write_all(reference()?.as_bytes())?;
    Ok(())
}
