//! `gatehouse keys`.

use anyhow::{Context, Result};
use gatehouse_store::keys::generate_key;
use gatehouse_store_control::SqliteControlStore;

use crate::cli::CreateKey;
use crate::{banner, bootstrap, data_dir, settings};

/// Makes a key and prints it alone on standard output.
pub(crate) fn create(create: &CreateKey) -> Result<()> {
    let mut config = settings::load(&create.place)?;
    config.data_dir = data_dir::make(&config.data_dir)?;
    let key = generate_key().context("can't generate a key")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = SqliteControlStore::open(config.control_path()).await?;
        bootstrap::insert_key(&store, &create.name, &key, create.permissions).await?;
        store.close().await;
        anyhow::Ok(())
    })?;
    banner::print(key.expose())
}
