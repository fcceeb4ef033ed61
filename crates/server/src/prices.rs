//! The prices that calls are told by: those that are built in, and the operator's own.

use std::fs;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use gatehouse_catalog::{Catalog, PriceList};
use gatehouse_config::Config;

/// Returns every price.
///
/// # Errors
/// Fails when the operator's file can't be read or a row of it is wrong, and names file, row and field.
pub(crate) fn catalog(config: &Config) -> Result<Arc<Catalog>> {
    let Some(path) = &config.prices.file else { return Ok(Arc::new(Catalog::builtin())) };
    let text =
        fs::read_to_string(path).with_context(|| format!("can't read `prices.file`, {}", path.display()))?;
    let file = PriceList::parse_toml(&text)
        .with_context(|| format!("can't use the prices of `prices.file`, {}", path.display()))?;
    Ok(Arc::new(Catalog::builtin().with_file(file)))
}
