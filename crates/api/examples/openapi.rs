//! Prints the OpenAPI document: `cargo run -p gatehouse-api --example openapi > crates/api/openapi.json`.

use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let document = gatehouse_api::openapi::openapi().to_pretty_json()?;
    writeln!(std::io::stdout(), "{document}")?;
    Ok(())
}
