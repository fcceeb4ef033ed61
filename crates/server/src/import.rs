//! `gatehouse import`: what another server logged, read there and given to a running server of ours.
//!
//! Every row keeps its id, so that what is imported twice is there once.

mod files;
mod helicone_api;
mod progress;
mod state;
mod target;

use anyhow::{Context, Result, bail};
use gatehouse_config::Config;
use gatehouse_types::Redacted;
use serde_json::{Map, Value};

use crate::api_client::{ApiClient, own_url};
use crate::banner;
use crate::cli::{ImportCommand, ImportHelicone};
use crate::settings;
use files::Export;
use helicone_api::HeliconeApi;
use progress::Progress;
use state::State;
use target::Target;

/// The variables that have the keys, unless the command line does.
const KEY_VARIABLE: &str = "HELICONE_API_KEY";
const INTO_KEY_VARIABLE: &str = "INTO_API_KEY";

/// One row, as Helicone has it.
type Row = Map<String, Value>;

/// Runs an import.
pub(crate) fn run(command: &ImportCommand) -> Result<()> {
    let ImportCommand::Helicone(import) = command;
    let config = settings::load(&import.place)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let imported = runtime.block_on(import_helicone(import, &config))?;
    banner::print(&imported.summary())
}

async fn import_helicone(import: &ImportHelicone, config: &Config) -> Result<Progress> {
    let into_key = key(import.into_key.as_ref(), INTO_KEY_VARIABLE, "--into-key", "of this server's API")?;
    let url = import.into.clone().unwrap_or_else(|| own_url(config));
    let target = Target::new(ApiClient::new(config, &url, &into_key)?);
    let mut state = State::load(import)?;
    if import.files.is_empty() {
        let key = key(import.key.as_ref(), KEY_VARIABLE, "--key", "of Helicone's API")?;
        let api = HeliconeApi::new(config, import, &key)?;
        from_api(&api, &target, &mut state).await
    } else {
        from_files(import, &target, &mut state).await
    }
}

fn key(given: Option<&String>, variable: &str, option: &str, whose: &str) -> Result<Redacted<String>> {
    let key = given.cloned().or_else(|| settings::variable(variable));
    key.map(Redacted::new)
        .with_context(|| format!("no key {whose}: give one with {option}, or in {variable}"))
}

/// Goes through the calls in the order in which they began.
async fn from_api(api: &HeliconeApi, target: &Target, state: &mut State) -> Result<Progress> {
    let mut progress = Progress::new(api.count(&state.position).await);
    let mut former = Vec::new();
    loop {
        let mut rows = api.page(&state.position).await?;
        if rows.is_empty() {
            return Ok(progress);
        }
        let page: Vec<Option<Value>> = rows.iter().map(|row| row.get("request_id").cloned()).collect();
        if page == former {
            bail!("the server gives the same calls again and again: it does not heed `offset`");
        }
        former = page;
        let next = state.position.after(&rows)?;
        progress.without_bodies += api.add_bodies(&mut rows).await?;
        progress.add(target.take(rows).await?);
        state.position = next;
        state.save()?;
    }
}

async fn from_files(import: &ImportHelicone, target: &Target, state: &mut State) -> Result<Progress> {
    let mut progress = Progress::new(None);
    for file in &import.files {
        let mut export = Export::open(file)?;
        let name = file.display().to_string();
        let done = state.files.get(&name).copied().unwrap_or(0);
        export.skip(done)?;
        while let Some(mut rows) = export.next_rows()? {
            if import.no_bodies {
                rows.iter_mut().for_each(without_bodies);
            }
            progress.add(target.take(rows).await.with_context(|| format!("`{name}`"))?);
            state.files.insert(name.clone(), export.rows_read());
            state.save()?;
        }
    }
    Ok(progress)
}

fn without_bodies(row: &mut Row) {
    row.remove("request_body");
    row.remove("response_body");
}
