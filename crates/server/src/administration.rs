//! Commands that work on the control store, beside a running server or without one.

use anyhow::{Context, Result, ensure};
use gatehouse_config::Config;
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::control::{ControlStore, Organization};
use gatehouse_store_control::SqliteControlStore;
use gatehouse_types::{Clock as _, OrganizationId, SystemClock, Timestamp};
use uuid::Uuid;

use crate::cli::{Form, Owner, Place};
use crate::{banner, data_dir, settings, table};

/// Does `work` on the control store, which is made if it is missing.
pub(crate) fn make_and<T>(
    place: &Place,
    work: impl AsyncFnOnce(&SqliteControlStore, &Config) -> Result<T>,
) -> Result<T> {
    let mut config = settings::load(place)?;
    config.data_dir = data_dir::make(&config.data_dir)?;
    work_on(&config, work)
}

/// Does `work` on the control store, which must be there.
pub(crate) fn open_and<T>(
    place: &Place,
    work: impl AsyncFnOnce(&SqliteControlStore, &Config) -> Result<T>,
) -> Result<T> {
    let config = settings::load(place)?;
    let path = config.control_path();
    ensure!(
        path.exists(),
        "there is no control store `{}`: name its place with --data-dir or --config, or start the server once",
        path.display()
    );
    work_on(&config, work)
}

/// Does `work` on the control store of a configuration.
pub(crate) fn work_on<T>(
    config: &Config,
    work: impl AsyncFnOnce(&SqliteControlStore, &Config) -> Result<T>,
) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = SqliteControlStore::open(config.control_path()).await?;
        let done = work(&store, config).await;
        store.close().await;
        done
    })
}

/// Returns the organisation that was named, or else the default one.
pub(crate) async fn owner(store: &dyn ControlStore, owner: &Owner) -> Result<Organization> {
    match &owner.organization {
        Some(named) => organization(store, named).await,
        None => store.default_organization().await.context("can't read the organisation"),
    }
}

/// Returns the organisation of a name or an id.
pub(crate) async fn organization(store: &dyn ControlStore, named: &str) -> Result<Organization> {
    let id = Uuid::try_parse(named).ok().map(OrganizationId::from_uuid);
    let organizations = store.organizations().await.context("can't read the organisations")?;
    let found = organizations.into_iter().find(|one| Some(one.id) == id || one.name == named);
    found.with_context(|| {
        format!("there is no organisation `{named}`: `gatehouse organizations list` shows those there are")
    })
}

/// Returns the audit entry of what is done now.
pub(crate) fn entry(
    organization_id: OrganizationId,
    action: Action,
    subject: impl ToString,
    detail: impl Into<String>,
) -> AuditEntry {
    AuditEntry::new(organization_id, SystemClock.now(), Actor::CommandLine, action, subject, detail)
}

/// Prints rows as a table with these columns, or as JSON.
pub(crate) fn print_list(
    form: &Form,
    columns: &[&str],
    rows: &[serde_json::Map<String, serde_json::Value>],
) -> Result<()> {
    if form.json {
        return banner::print(&serde_json::to_string_pretty(rows)?);
    }
    banner::print(&table::format(columns, rows))
}

/// Returns a time as it is printed; null for none.
pub(crate) fn time(time: Option<Timestamp>) -> serde_json::Value {
    time.map(|time| time.to_string()).into()
}
