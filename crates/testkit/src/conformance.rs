//! Which headers do what, and which test proves it: the table behind `docs/conformance.md`.
//!
//! A test says what it proves in comment lines directly above it, `// proves: Helicone-Cache-Enabled, Age` (in
//! Python with `#`); where a request and a response header share a name, `response Age` names the one.
//! The headers are rows of `tests/house/conformance/headers.toml`.

mod page;
mod proofs;
mod table;

use std::path::{Path, PathBuf};

pub use page::page;
pub use proofs::{Proof, Proofs};
pub use table::{Direction, Header, table};

/// Returns the root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
