//! Prints the page about filters: `cargo run -q -p gatehouse-store --example filters > docs/filters.md`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(gatehouse_store::filter::reference::page().as_bytes())
}
