//! `gatehouse organizations`.

use anyhow::{Context, Result, bail};
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed, ControlStore, Organization};
use gatehouse_types::{Clock as _, OrganizationId, SystemClock};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::administration::{entry, make_and, open_and, print_list, time};
use crate::banner;
use crate::cli::{CreateOrganization, ListAll, OrganizationsCommand};

/// Runs a command about organisations.
pub(crate) fn run(command: &OrganizationsCommand) -> Result<()> {
    match command {
        OrganizationsCommand::Create(create) => make(create),
        OrganizationsCommand::List(list) => show(list),
    }
}

/// Makes an organisation and prints its id alone on standard output.
fn make(create: &CreateOrganization) -> Result<()> {
    let id = OrganizationId::from_uuid(Uuid::now_v7());
    make_and(&create.place, async |store, _config| {
        let name = create.name.clone();
        let audit = entry(id, Action::OrganizationCreated, id, name.clone());
        let organization = Organization { id, name, created_at: SystemClock.now() };
        let change = Change::AddOrganization(organization);
        match store.change(change, audit).await.context("can't store the organisation")? {
            Changed::Done => Ok(()),
            Changed::Exists | Changed::NotFound => {
                bail!("there is an organisation `{}` already", create.name)
            }
        }
    })?;
    banner::print(&id.to_string())
}

/// Lists organisations, oldest first.
fn show(list: &ListAll) -> Result<()> {
    let rows = open_and(&list.place, async |store, _config| {
        let organizations = store.organizations().await.context("can't read the organisations")?;
        Ok(organizations.into_iter().map(row).collect::<Vec<_>>())
    })?;
    print_list(&list.form, &["id", "name", "created_at"], &rows)
}

fn row(organization: Organization) -> Map<String, Value> {
    let fields = [
        ("id", json!(organization.id)),
        ("name", json!(organization.name)),
        ("created_at", time(Some(organization.created_at))),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
