//! Writes the documents that follow from the table of keys: `docs/configuration.md` and `gatehouse.example.toml`.

use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::write(root.join("docs/configuration.md"), gatehouse_config::reference())?;
    fs::write(root.join("gatehouse.example.toml"), gatehouse_config::example())
}
