//! `[prices]`: what calls cost, besides what is built in.

use std::path::PathBuf;

use crate::definitions::Definition;
use crate::slot::Slot;

/// `[prices]`: what calls cost, besides what is built in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PricesConfig {
    /// The file of the operator's own prices; `None` for none. Not opened here.
    pub file: Option<PathBuf>,
}

pub(crate) static PRICES: [Definition; 1] = [Definition {
    path: "prices.file",
    doc: "File of your own prices, tables `[[prices]]` in TOML, which go before those that are built in: \
          where it names a model, it alone says what that costs. It is read once, at the start, and one that \
          can't be read stops it. `docs/prices.md` has the form of a row.",
    example: "\"/etc/gatehouse/prices.toml\"",
    slot: |config| Slot::Text(&mut config.prices.file),
}];
