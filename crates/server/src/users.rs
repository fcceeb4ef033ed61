//! `gatehouse users`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use gatehouse_config::Config;
use gatehouse_store::accounts::{
    AccountChange, AccountStore as _, Accounts, Admission, Membership, PasswordLink, Token, User,
};
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed, ControlStore, Organization};
use gatehouse_types::{Clock as _, OrganizationId, SystemClock, UserId};
use serde_json::{Map, Value, json};

use crate::administration::{entry, make_and, open_and, organization, owner, print_list, time};
use crate::cli::{CreateUser, List, ResetPassword, Unlink, UsersCommand};
use crate::{banner, settings};

const COLUMNS: [&str; 6] = ["email", "name", "organization", "role", "installation_admin", "created_at"];
/// How long a link that sets a password is good.
const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// Runs a command about people.
pub(crate) fn run(command: &UsersCommand) -> Result<()> {
    match command {
        UsersCommand::Create(create) => make(create),
        UsersCommand::List(list) => show(list),
        UsersCommand::ResetPassword(reset) => reset_password(reset),
        UsersCommand::Unlink(unlinked) => unlink(unlinked),
    }
}

/// Adds a person and prints the link that sets their password alone on standard output.
fn make(create: &CreateUser) -> Result<()> {
    let link = make_and(&create.place, async |store, config| {
        let organization = owner(store, &create.owner).await?;
        let now = SystemClock.now();
        let user = User {
            id: UserId::generate(),
            email: create.email.clone(),
            name: create.name.clone(),
            password_hash: None,
            outside_id: None,
            is_installation_admin: create.installation_admin,
            created_at: now,
        };
        let id = user.id;
        let membership =
            Membership { organization_id: organization.id, user_id: id, role: create.role, created_at: now };
        let detail = format!("{} as {}", create.email, create.role.as_str());
        let audit = entry(organization.id, Action::UserAdded, id, detail);
        let change = AccountChange::AddUser(user, membership, Admission::Operator);
        match store
            .change(Change::Account(Box::new(change)), audit)
            .await
            .context("can't store the person")?
        {
            Changed::Done => {}
            Changed::Exists | Changed::NotFound => {
                bail!("there is an account for `{}` already: `gatehouse users list` shows it", create.email)
            }
        }
        make_link(store, config, (organization.id, id), &create.email).await
    })?;
    banner::print(&link)
}

/// Prints a link that sets a person's password alone on standard output.
fn reset_password(reset: &ResetPassword) -> Result<()> {
    let link = open_and(&reset.place, async |store, config| {
        let (user, organization_id) = find(store, &reset.email).await?;
        make_link(store, config, (organization_id, user.id), &user.email).await
    })?;
    banner::print(&link)
}

/// Forgets who a person is at the provider of identities.
fn unlink(unlinked: &Unlink) -> Result<()> {
    open_and(&unlinked.place, async |store, _config| {
        let (user, organization_id) = find(store, &unlinked.email).await?;
        let Some(outside_id) = &user.outside_id else {
            bail!("`{}` is nobody at a provider of identities", user.email);
        };
        let detail = format!("{} was {outside_id}", user.email);
        let audit = entry(organization_id, Action::IdentityUnlinked, user.id, detail);
        let change = AccountChange::SetOutsideId(user.id, None);
        store.change(Change::Account(Box::new(change)), audit).await.context("can't store that")?;
        Ok(())
    })
}

/// Returns the account of an address, and the organisation that it belongs to.
async fn find(store: &dyn ControlStore, email: &str) -> Result<(User, OrganizationId)> {
    let accounts = store.accounts().await.context("can't read who may sign in")?;
    let Some(user) = accounts.user_by_email(email) else {
        bail!("there is no account for `{email}`: `gatehouse users list` shows those there are");
    };
    let Some(membership) = accounts.memberships_of(user.id).next() else {
        bail!("`{email}` belongs to no organisation any more");
    };
    Ok((user.clone(), membership.organization_id))
}

async fn make_link(
    store: &dyn ControlStore,
    config: &Config,
    (organization_id, user_id): (OrganizationId, UserId),
    email: &str,
) -> Result<String> {
    let token = Token::generate().context("can't generate a token")?;
    let expires_at = SystemClock.now().plus(LINK_LIFETIME);
    let change = AccountChange::AddPasswordLink(PasswordLink { hash: token.hash(), user_id, expires_at });
    let audit = entry(organization_id, Action::PasswordLinkCreated, user_id, email);
    store.change(Change::Account(Box::new(change)), audit).await.context("can't store the link")?;
    let scheme = if config.api.tls_cert.is_some() { "https" } else { "http" };
    let dashboard = settings::dashboard_url(config, &format!("{scheme}://{}", config.api.listen));
    Ok(format!("{dashboard}/new-password#{}", token.expose()))
}

/// Lists who belongs where, the oldest member first.
fn show(list: &List) -> Result<()> {
    let rows = open_and(&list.place, async |store, _config| {
        let organizations = match &list.organization {
            Some(named) => vec![organization(store, named).await?],
            None => store.organizations().await.context("can't read the organisations")?,
        };
        let accounts = store.accounts().await.context("can't read who may sign in")?;
        let rows = accounts.memberships.iter().filter_map(|found| row(&accounts, &organizations, found));
        Ok(rows.collect::<Vec<_>>())
    })?;
    print_list(&list.form, &COLUMNS, &rows)
}

fn row(
    accounts: &Accounts,
    organizations: &[Organization],
    membership: &Membership,
) -> Option<Map<String, Value>> {
    let organization = organizations.iter().find(|found| found.id == membership.organization_id)?;
    let user = accounts.user(membership.user_id)?;
    let fields = [
        ("id", json!(user.id)),
        ("email", json!(user.email)),
        ("name", json!(user.name)),
        ("organization", json!(organization.name)),
        ("organization_id", json!(organization.id)),
        ("role", json!(membership.role.as_str())),
        ("installation_admin", json!(user.is_installation_admin)),
        ("has_password", json!(user.password_hash.is_some())),
        ("outside_id", json!(user.outside_id)),
        ("created_at", time(Some(user.created_at))),
    ];
    Some(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
