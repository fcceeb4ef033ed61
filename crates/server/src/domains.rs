//! `gatehouse domains`.

use anyhow::{Context, Result, anyhow, bail, ensure};
use gatehouse_api::domains::{Decision, DomainName, MAX_DOMAINS};
use gatehouse_config::Config;
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::{Change, Changed, ControlStore, Organization};
use gatehouse_store::domains::{ApprovedBy, Domain, DomainKind};
use gatehouse_types::{Clock as _, SystemClock};
use gatehouse_wire::ProviderTable;
use serde_json::{Map, Value, json};

use crate::administration::{entry, make_and, open_and, organization, owner, print_list, time};
use crate::banner;
use crate::cli::{AddDomain, DomainsCommand, List, Subject};

const COLUMNS: [&str; 8] =
    ["id", "domain", "organization", "kind", "status", "approved_by", "created_at", "checked_at"];

/// Runs a command about domains.
pub(crate) fn run(command: &DomainsCommand) -> Result<()> {
    match command {
        DomainsCommand::List(list) => show(list),
        DomainsCommand::Approve(subject) => decide(subject, Decision::Approve, "approved"),
        DomainsCommand::Reject(reject) => {
            let decision = Decision::Reject { reason: reject.reason.clone() };
            decide(&reject.subject, decision, "rejected")
        }
        DomainsCommand::Add(add) => ask_for(add),
    }
}

/// Lists domains, oldest first.
fn show(list: &List) -> Result<()> {
    let rows = open_and(&list.place, async |store, _config| {
        let organizations = match &list.organization {
            Some(named) => vec![organization(store, named).await?],
            None => store.organizations().await.context("can't read the organisations")?,
        };
        let domains = store.domains().await.context("can't read the domains")?.into_iter();
        let owned = domains.filter_map(|domain| {
            let owner =
                organizations.iter().find(|organization| organization.id == domain.organization_id)?;
            Some(row(&domain, owner))
        });
        Ok(owned.collect::<Vec<_>>())
    })?;
    print_list(&list.form, &COLUMNS, &rows)
}

fn row(domain: &Domain, owner: &Organization) -> Map<String, Value> {
    let (kind, company) = match &domain.kind {
        DomainKind::Personal => ("personal", None),
        DomainKind::Company(name) => ("company", Some(name)),
    };
    let fields = [
        ("id", json!(domain.id)),
        ("domain", json!(domain.name)),
        ("organization", json!(owner.name)),
        ("organization_id", json!(owner.id)),
        ("kind", json!(kind)),
        ("company", json!(company)),
        ("status", json!(domain.status.as_str())),
        ("approved_by", json!(domain.approved_by.map(ApprovedBy::as_str))),
        ("reason", json!(domain.reason)),
        ("created_at", time(Some(domain.created_at))),
        ("checked_at", time(domain.checked_at)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Writes what the administrator decided.
fn decide(subject: &Subject, decision: Decision, decided: &str) -> Result<()> {
    let name = open_and(&subject.place, async |store, _config| {
        let id = subject.id;
        let absent = || anyhow!("there is no domain `{id}`: `gatehouse domains list` shows those there are");
        let domains = store.domains().await.context("can't read the domains")?;
        let domain = domains.into_iter().find(|domain| domain.id.0 == id).ok_or_else(absent)?;
        let name = domain.name.clone();
        let (change, audit) = decision.apply(domain, SystemClock.now()).change(Actor::CommandLine);
        match store.change(change, audit).await.context("can't store the decision")? {
            Changed::Done => Ok(name),
            Changed::NotFound | Changed::Exists => Err(absent()),
        }
    })?;
    banner::print(&format!("{decided} the domain {} ({name})", subject.id))
}

/// Asks for a domain and prints its id alone on standard output.
fn ask_for(add: &AddDomain) -> Result<()> {
    let name = DomainName::parse(&add.domain).map_err(|error| anyhow!("`--domain` must be {error}"))?;
    let id = make_and(&add.place, async |store, config: &Config| {
        let providers = ProviderTable::new(config.providers.clone())?;
        if let Some(provider) = providers.by_host(name.as_str(), None) {
            bail!("`{}` is {}'s and needs no approval", name.as_str(), provider.title);
        }
        let owner = owner(store, &add.owner).await?;
        let domains = store.domains().await.context("can't read the domains")?;
        let owned = domains.iter().filter(|domain| domain.organization_id == owner.id).count();
        ensure!(owned < MAX_DOMAINS, "organisation `{}` has {MAX_DOMAINS} domains already", owner.name);
        let kind = add.company.clone().map_or(DomainKind::Personal, DomainKind::Company);
        let domain = Domain::new(owner.id, name.as_str().to_owned(), kind, SystemClock.now());
        let (id, text) = (domain.id.0, domain.name.clone());
        let audit = entry(owner.id, Action::DomainRequested, id, text.clone());
        match store.change(Change::AddDomain(domain), audit).await.context("can't store the domain")? {
            Changed::Done => Ok(id),
            Changed::Exists | Changed::NotFound => {
                bail!("organisation `{}` has asked for `{text}` already", owner.name)
            }
        }
    })?;
    banner::print(&id.to_string())
}
