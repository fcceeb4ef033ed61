//! The promises of [`ControlStore`], one suite each.

use futures_util::future::join_all;
use gatehouse_types::{KeyId, OrganizationId, Timestamp};
use gatehouse_wire::PatternError;
use uuid::Uuid;

use super::log::{Outcome, organization};
use crate::StoreError;
use crate::audit::{Action, Actor, AuditEntry, AuditQuery};
use crate::control::{Change, Changed, ControlStore, Organization, Permissions, StoredKey};
use crate::domains::{ApprovedBy, Domain, DomainId, DomainKind, DomainStatus, Effect, HostRule, HostRuleId};

/// A name that wants quoting.
pub(super) const AWKWARD: &str = "a \"name\" with 'quotes', a \\ and ünïcödé";
/// How many changes are made at once.
const PARALLEL: usize = 50;

pub(super) const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros(1_795_356_360_123_456 + seconds * 1_000_000)
}

pub(super) fn entry(organization_id: OrganizationId, subject: &str) -> AuditEntry {
    AuditEntry::new(organization_id, at(100), Actor::Server, Action::KeyCreated, subject, "test")
}

/// Makes a change that belongs to an organisation.
pub(super) async fn change(
    store: &dyn ControlStore,
    organization_id: OrganizationId,
    change: Change,
) -> Result<Changed, StoreError> {
    store.change(change, entry(organization_id, "subject")).await
}

/// Returns all entries of an organisation.
pub(super) async fn audit(
    store: &dyn ControlStore,
    organization_id: OrganizationId,
) -> Result<Vec<AuditEntry>, StoreError> {
    store.audit(AuditQuery { organization_id, before: None, limit: u32::MAX }).await
}

/// Adds an organisation of a number.
pub(super) async fn add_organization(
    store: &dyn ControlStore,
    number: u128,
) -> Result<OrganizationId, StoreError> {
    let id = organization(number);
    let added = Organization { id, name: format!("organisation {number}"), created_at: at(0) };
    assert_eq!(change(store, id, Change::AddOrganization(added)).await?, Changed::Done);
    Ok(id)
}

pub(super) fn key(organization_id: OrganizationId, number: u8) -> StoredKey {
    let name = format!("key {number}");
    let created_at = at(number.into());
    StoredKey::new(organization_id, name, [number; 32], Permissions::READ_WRITE, created_at)
}

fn domain(organization_id: OrganizationId, name: &str, seconds: i64) -> Domain {
    Domain {
        id: DomainId(Uuid::now_v7()),
        organization_id,
        name: name.to_owned(),
        kind: DomainKind::Personal,
        status: DomainStatus::Pending,
        approved_by: None,
        reason: None,
        created_at: at(seconds),
        updated_at: at(seconds),
        checked_at: None,
    }
}

fn rule(
    organization_id: OrganizationId,
    pattern: &str,
    effect: Effect,
    seconds: i64,
) -> Result<HostRule, StoreError> {
    let wrong = |error: PatternError| StoreError::Failed {
        store: "conformance suite",
        operation: "name a host",
        source: Box::new(error),
    };
    let pattern = pattern.parse().map_err(wrong)?;
    let id = HostRuleId(Uuid::now_v7());
    Ok(HostRule { id, organization_id, pattern, effect, created_at: at(seconds) })
}

/// There is one default organisation, which is made once and is one of all organisations.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn has_one_default_organization(store: &dyn ControlStore) -> Outcome {
    assert_eq!(store.organizations().await?, []);
    let default = store.default_organization().await?;
    assert_eq!(store.default_organization().await?, default);
    assert_eq!(store.organizations().await?, [default]);
    Ok(())
}

/// Organisations are listed oldest first; no two have one name.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn adds_organizations(store: &dyn ControlStore) -> Outcome {
    let made = |number, name: &str, seconds| Organization {
        id: organization(number),
        name: name.to_owned(),
        created_at: at(seconds),
    };
    let (younger, older) = (made(1, "younger", 2), made(2, AWKWARD, 1));
    for added in [&younger, &older] {
        let done = change(store, added.id, Change::AddOrganization(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    let taken = change(store, younger.id, Change::AddOrganization(made(3, AWKWARD, 3))).await?;
    assert_eq!(taken, Changed::Exists);
    assert_eq!(store.organizations().await?, [older, younger]);
    Ok(())
}

/// An organisation that has the name of the default one already becomes it.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn takes_the_organization_of_its_name_for_the_default(store: &dyn ControlStore) -> Outcome {
    let added = Organization { id: organization(1), name: "Default".to_owned(), created_at: at(0) };
    assert_eq!(change(store, added.id, Change::AddOrganization(added.clone())).await?, Changed::Done);
    assert_eq!(store.default_organization().await?, added);
    assert_eq!(store.organizations().await?, [added]);
    Ok(())
}

/// Keys come back as they were added, oldest first, revoked and expired ones included.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_keys(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let only = |text| Permissions::parse(text).unwrap_or(Permissions::READ_WRITE);
    let plain = key(ours, 1);
    let admin = StoredKey { is_admin: true, name: AWKWARD.to_owned(), ..key(theirs, 2) };
    let ended = StoredKey { expires_at: Some(at(3)), permissions: only("r"), ..key(ours, 3) };
    let revoked = StoredKey { revoked_at: Some(at(4)), permissions: only("w"), ..key(ours, 4) };
    let used = StoredKey { last_used_at: Some(at(6)), updated_at: at(7), ..key(ours, 5) };
    for added in [&used, &revoked, &plain, &ended, &admin] {
        let done = change(store, added.organization_id, Change::AddKey(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    let again = StoredKey { id: KeyId::generate(), name: "again".to_owned(), ..key(theirs, 1) };
    assert_eq!(change(store, theirs, Change::AddKey(again)).await?, Changed::Exists);
    assert_eq!(store.keys().await?, [plain, admin, ended, revoked, used], "the first of a hash stays");
    Ok(())
}

/// Nothing is added to an organisation that is not there.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn adds_nothing_to_an_unknown_organization(store: &dyn ControlStore) -> Outcome {
    let known = add_organization(store, 1).await?;
    let stranger = organization(9);
    let version = store.version().await?;
    let additions = [
        Change::AddKey(key(stranger, 1)),
        Change::AddDomain(domain(stranger, "llm.example.com", 0)),
        Change::AddHostRule(rule(stranger, "llm.example.com", Effect::Allow, 0)?),
    ];
    for addition in additions {
        let outcome = store.change(addition, entry(known, "subject")).await;
        assert!(outcome.as_ref().is_err_and(|error| !error.is_transient()), "{outcome:?}");
    }
    assert_eq!(store.version().await?, version);
    assert_eq!((store.keys().await?, store.domains().await?), (vec![], vec![]));
    assert_eq!((store.host_rules().await?, audit(store, known).await?.len()), (vec![], 1));
    Ok(())
}

/// A key is renamed until it is revoked, and revoked once, at the time of the audit entry.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn renames_and_revokes_keys(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let (first, other) = (key(tenant, 1), key(tenant, 2));
    for added in [&first, &other] {
        change(store, tenant, Change::AddKey(added.clone())).await?;
    }
    let rename = || Change::RenameKey(tenant, first.id, AWKWARD.to_owned());
    assert_eq!(change(store, tenant, rename()).await?, Changed::Done);
    let renamed = StoredKey { name: AWKWARD.to_owned(), updated_at: at(100), ..first.clone() };
    assert_eq!(store.keys().await?, [renamed.clone(), other.clone()]);

    let later = AuditEntry { at: at(200), ..entry(tenant, "subject") };
    let revoke = || Change::RevokeKey(tenant, first.id);
    assert_eq!(store.change(revoke(), later).await?, Changed::Done);
    let revoked = StoredKey { revoked_at: Some(at(200)), updated_at: at(200), ..renamed };
    for refused in [revoke(), rename(), Change::RevokeKey(tenant, KeyId::generate())] {
        assert_eq!(change(store, tenant, refused).await?, Changed::NotFound);
    }
    assert_eq!(store.keys().await?, [revoked, other]);
    Ok(())
}

/// Domains come back as they were added; a change replaces their standing and nothing else.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_domains(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let first = domain(ours, "llm.example.com", 1);
    let company = Domain {
        kind: DomainKind::Company(AWKWARD.to_owned()),
        status: DomainStatus::Rejected,
        reason: Some(AWKWARD.to_owned()),
        checked_at: Some(at(9)),
        ..domain(ours, "llm.example.org", 2)
    };
    let same_name = domain(theirs, "llm.example.com", 3);
    for added in [&same_name, &company, &first] {
        let done = change(store, added.organization_id, Change::AddDomain(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    let again = change(store, ours, Change::AddDomain(domain(ours, "llm.example.com", 4))).await?;
    assert_eq!(again, Changed::Exists);
    assert_eq!(store.domains().await?, [first.clone(), company.clone(), same_name.clone()]);

    for (status, approved_by) in [
        (DomainStatus::Approved, Some(ApprovedBy::Record)),
        (DomainStatus::Withdrawn, None),
        (DomainStatus::Pending, None),
        (DomainStatus::Rejected, None),
        (DomainStatus::Approved, Some(ApprovedBy::Administrator)),
    ] {
        let reason = approved_by.is_none().then(|| "because".to_owned());
        let (updated_at, checked_at) = (at(20), approved_by.map(|_| at(21)));
        let standing = Domain { status, approved_by, reason, updated_at, checked_at, ..first.clone() };
        let and_more = Domain {
            name: "other.example".to_owned(),
            kind: DomainKind::Company("other".to_owned()),
            created_at: at(30),
            ..standing.clone()
        };
        assert_eq!(change(store, ours, Change::UpdateDomain(and_more)).await?, Changed::Done);
        assert_eq!(store.domains().await?, [standing, company.clone(), same_name.clone()]);
    }
    let decided = store.domains().await?;
    for (status, approved_by) in
        [(DomainStatus::Approved, Some(ApprovedBy::Record)), (DomainStatus::Withdrawn, None)]
    {
        let found = Change::UpdateDomain(Domain { status, approved_by, ..first.clone() });
        assert_eq!(change(store, ours, found).await?, Changed::NotFound, "an administrator decided");
    }
    assert_eq!(store.domains().await?, decided);
    let remove = || Change::RemoveDomain(ours, first.id);
    assert_eq!(change(store, ours, remove()).await?, Changed::Done);
    assert_eq!(change(store, ours, remove()).await?, Changed::NotFound);
    assert_eq!(change(store, ours, Change::UpdateDomain(first.clone())).await?, Changed::NotFound);
    assert_eq!(store.domains().await?, [company, same_name]);
    assert_eq!(change(store, ours, Change::AddDomain(first)).await?, Changed::Done, "it may come again");
    Ok(())
}

/// Host rules come back as they were added; an organisation has one for a pattern.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_host_rules(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let kept = [
        rule(ours, "*.openai.azure.com", Effect::Allow, 1)?,
        rule(ours, "localhost:11434", Effect::Deny, 2)?,
        rule(ours, "localhost", Effect::Deny, 3)?,
        rule(theirs, "localhost", Effect::Allow, 4)?,
    ];
    for added in kept.iter().rev() {
        let done = change(store, added.organization_id, Change::AddHostRule(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    let other_effect = rule(ours, "LOCALHOST", Effect::Allow, 5)?;
    assert_eq!(change(store, ours, Change::AddHostRule(other_effect)).await?, Changed::Exists);
    assert_eq!(store.host_rules().await?, kept);

    let [azure, _, localhost, _] = &kept;
    assert_eq!(change(store, ours, Change::RemoveHostRule(ours, localhost.id)).await?, Changed::Done);
    assert_eq!(change(store, ours, Change::RemoveHostRule(ours, localhost.id)).await?, Changed::NotFound);
    let left: Vec<_> = store.host_rules().await?.into_iter().map(|rule| rule.id).collect();
    let expected: Vec<_> = kept.iter().map(|rule| rule.id).filter(|id| *id != localhost.id).collect();
    assert_eq!(left, expected);
    let again = HostRule { id: HostRuleId(Uuid::now_v7()), ..azure.clone() };
    assert_eq!(change(store, ours, Change::AddHostRule(again)).await?, Changed::Exists);
    Ok(())
}

/// A change that names what belongs to another organisation finds nothing and writes nothing.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_organizations_apart(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let their_key = key(theirs, 1);
    let their_domain = domain(theirs, "llm.example.com", 1);
    let their_rule = rule(theirs, "llm.example.com", Effect::Allow, 1)?;
    change(store, theirs, Change::AddKey(their_key.clone())).await?;
    change(store, theirs, Change::AddDomain(their_domain.clone())).await?;
    change(store, theirs, Change::AddHostRule(their_rule.clone())).await?;
    let before = (audit(store, ours).await?, audit(store, theirs).await?, store.version().await?);
    let claimed = Domain {
        organization_id: ours,
        status: DomainStatus::Approved,
        approved_by: Some(ApprovedBy::Administrator),
        ..their_domain.clone()
    };
    let intrusions = [
        Change::RenameKey(ours, their_key.id, "ours".to_owned()),
        Change::RevokeKey(ours, their_key.id),
        Change::UpdateDomain(claimed),
        Change::RemoveDomain(ours, their_domain.id),
        Change::RemoveHostRule(ours, their_rule.id),
    ];
    for intrusion in intrusions {
        let named = format!("{intrusion:?}");
        assert_eq!(change(store, ours, intrusion).await?, Changed::NotFound, "{named}");
    }
    assert_eq!(store.keys().await?, std::slice::from_ref(&their_key));
    assert_eq!(store.keys_of(their_key.organization_id).await?, [their_key]);
    assert_eq!(store.keys_of(OrganizationId::NOBODY).await?, []);
    assert_eq!(store.domains().await?, [their_domain]);
    assert_eq!(store.host_rules().await?, [their_rule]);
    let after = (audit(store, ours).await?, audit(store, theirs).await?, store.version().await?);
    assert_eq!(after, before);
    Ok(())
}

/// Last uses are noted, the latest wins, and unknown keys are ignored.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn notes_the_last_use_of_keys(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let (first, other) = (key(tenant, 1), key(tenant, 2));
    for added in [&first, &other] {
        change(store, tenant, Change::AddKey(added.clone())).await?;
    }
    store.note_key_uses(Vec::new()).await?;
    store.note_key_uses(vec![(first.id, at(5)), (KeyId::generate(), at(5))]).await?;
    store.note_key_uses(vec![(first.id, at(4)), (other.id, at(6)), (other.id, at(7))]).await?;
    let used = |key: StoredKey, seconds| StoredKey { last_used_at: Some(at(seconds)), ..key };
    assert_eq!(store.keys().await?, [used(first, 5), used(other, 7)]);
    assert_eq!(audit(store, tenant).await?.len(), 3, "a use is no change");
    Ok(())
}

/// A check that changed nothing is noted with the domain, and nothing else is.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn notes_checks_of_domains(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let (first, other) = (domain(tenant, "a.example.com", 1), domain(tenant, "b.example.com", 2));
    for added in [&first, &other] {
        change(store, tenant, Change::AddDomain(added.clone())).await?;
    }
    store.note_domain_check(first.id, at(9)).await?;
    store.note_domain_check(DomainId(Uuid::now_v7()), at(9)).await?;
    assert_eq!(store.domains().await?, [Domain { checked_at: Some(at(9)), ..first }, other]);
    assert_eq!(audit(store, tenant).await?.len(), 3, "a check is no change");
    Ok(())
}

/// Every change that was made has its audit entry, as it was given; the others have none.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn writes_one_audit_entry_for_each_change(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let actors = [Actor::Key(KeyId::generate()), Actor::CommandLine, Actor::Server];
    let mut expected = audit(store, tenant).await?;
    for (number, action) in Action::ALL.into_iter().enumerate() {
        let hash_byte = u8::try_from(number).unwrap_or_default();
        let actor = actors.get(number % actors.len()).copied().unwrap_or(Actor::Server);
        let written = AuditEntry::new(tenant, at(number as i64), actor, action, number, AWKWARD);
        let added = Change::AddKey(key(tenant, hash_byte));
        assert_eq!(store.change(added.clone(), written.clone()).await?, Changed::Done);
        expected.insert(0, written);
        let unwritten = AuditEntry::new(tenant, at(0), actor, action, "exists", "");
        assert_eq!(store.change(added, unwritten).await?, Changed::Exists);
        let unwritten = AuditEntry::new(tenant, at(0), actor, action, "not found", "");
        let missing = Change::RevokeKey(tenant, KeyId::generate());
        assert_eq!(store.change(missing, unwritten).await?, Changed::NotFound);
    }
    assert_eq!(audit(store, tenant).await?, expected);
    Ok(())
}

/// Audit entries are read a page at a time, newest first, by their organisation only.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn pages_through_audit_entries(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    for number in 0..9 {
        let tenant = if number % 2 == 0 { ours } else { theirs };
        change(store, tenant, Change::AddKey(key(tenant, number))).await?;
    }
    let all = audit(store, ours).await?;
    assert_eq!(all.len(), 6);
    assert!(all.is_sorted_by(|newer, older| newer.id > older.id));
    assert!(all.iter().all(|entry| entry.organization_id == ours));
    let (mut paged, mut before) = (Vec::new(), None);
    loop {
        let page = store.audit(AuditQuery { organization_id: ours, before, limit: 4 }).await?;
        assert!(page.len() <= 4);
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        paged.extend(page);
    }
    assert_eq!(paged, all);
    assert_eq!(store.audit(AuditQuery { organization_id: ours, before: None, limit: 0 }).await?, []);
    assert_eq!(audit(store, organization(9)).await?, []);
    Ok(())
}

/// The version changes with every change, and stays when nothing was written.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn version_tells_of_every_change(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let (added, asked) = (key(tenant, 1), domain(tenant, "llm.example.com", 1));
    let ruled = rule(tenant, "llm.example.com", Effect::Allow, 1)?;
    let changes = [
        Change::AddKey(added.clone()),
        Change::RenameKey(tenant, added.id, "other".to_owned()),
        Change::RevokeKey(tenant, added.id),
        Change::AddDomain(asked.clone()),
        Change::UpdateDomain(asked.clone()),
        Change::RemoveDomain(tenant, asked.id),
        Change::AddHostRule(ruled.clone()),
        Change::RemoveHostRule(tenant, ruled.id),
    ];
    let mut version = store.version().await?;
    for made in changes {
        let named = format!("{made:?}");
        assert_eq!(store.version().await?, version, "before {named}");
        assert_eq!(change(store, tenant, made).await?, Changed::Done, "{named}");
        let after = store.version().await?;
        assert_ne!(after, version, "{named}");
        version = after;
    }
    change(store, tenant, Change::RemoveDomain(tenant, asked.id)).await?;
    assert_eq!(change(store, tenant, Change::AddKey(added)).await?, Changed::Exists);
    assert_eq!(store.version().await?, version, "nothing was written");
    Ok(())
}

/// Of many changes at once through two handles of one store, each is made once, with one audit entry.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn makes_changes_of_many_at_once(handles: [&dyn ControlStore; 2]) -> Outcome {
    let [store, other] = handles;
    let tenant = add_organization(store, 1).await?;
    // Each domain is asked for through both handles.
    let names: Vec<_> = (0..PARALLEL / 2).map(|number| format!("{number:02}.example.com")).collect();
    let attempts = names.iter().flat_map(|name| {
        handles.map(|handle| handle.change(Change::AddDomain(domain(tenant, name, 0)), entry(tenant, name)))
    });
    let outcomes = join_all(attempts).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (name, pair) in names.iter().zip(outcomes.chunks(2)) {
        let mut pair = pair.to_vec();
        pair.sort_by_key(|changed| *changed == Changed::Exists);
        assert_eq!(pair, [Changed::Done, Changed::Exists], "{name}");
    }
    for handle in [store, other] {
        let mut kept: Vec<_> = handle.domains().await?.into_iter().map(|domain| domain.name).collect();
        kept.sort();
        assert_eq!(kept, names);
        let entries = audit(handle, tenant).await?.into_iter().map(|entry| entry.subject);
        let mut subjects: Vec<_> = entries.filter(|subject| subject.ends_with(".example.com")).collect();
        subjects.sort();
        assert_eq!(subjects, names);
    }
    Ok(())
}
