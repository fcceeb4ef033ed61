//! What every store of people must do.

use std::time::Duration;

use gatehouse_types::{InvitationId, OrganizationId, Redacted, SessionId, Timestamp, UserId};
use uuid::Uuid;

use super::log::Outcome;
use crate::StoreError;
use crate::accounts::{
    AccountChange, Accounts, Admission, Invitation, MAX_SESSIONS, Membership, PasswordLink, Role,
    StoredSession, User,
};
use crate::audit::{Action, Actor, AuditEntry, AuditQuery};
use crate::control::{Change, Changed, ControlStore, Organization};

const HOUR: Duration = Duration::from_hours(1);

fn at(hours: u32) -> Timestamp {
    Timestamp::from_unix_micros(1_000_000_000_000).plus(HOUR * hours)
}

fn person(name: &str, number: u32) -> User {
    User {
        id: UserId::generate(),
        email: format!("{name}@example.com"),
        name: name.to_owned(),
        password_hash: Some(Redacted::new(format!("hash of {name}"))),
        outside_id: None,
        is_installation_admin: false,
        created_at: at(number),
    }
}

fn member(organization_id: OrganizationId, user: &User, role: Role) -> Membership {
    Membership { organization_id, user_id: user.id, role, created_at: user.created_at }
}

fn session(organization_id: OrganizationId, user: &User, number: u8) -> StoredSession {
    StoredSession {
        id: SessionId::generate(),
        user_id: user.id,
        organization_id,
        hash: [number; 32],
        user_agent: "Browser '1'; --".to_owned(),
        address: "203.0.113.9".to_owned(),
        created_at: at(u32::from(number)),
        expires_at: at(1000),
        last_used_at: at(u32::from(number)),
    }
}

async fn add_organization(store: &dyn ControlStore, number: u128) -> Result<OrganizationId, StoreError> {
    let id = OrganizationId::from_uuid(Uuid::from_u128(number));
    let added = Organization { id, name: format!("organisation {number}"), created_at: at(0) };
    let audit = AuditEntry::new(id, at(0), Actor::CommandLine, Action::OrganizationCreated, id, "");
    assert_eq!(store.change(Change::AddOrganization(added), audit).await?, Changed::Done);
    Ok(id)
}

async fn change(
    store: &dyn ControlStore,
    organization_id: OrganizationId,
    made: AccountChange,
    hours: u32,
) -> Result<Changed, StoreError> {
    let audit = AuditEntry::new(organization_id, at(hours), Actor::Server, Action::UserAdded, "test", "test");
    store.change(Change::Account(Box::new(made)), audit).await
}

async fn add(
    store: &dyn ControlStore,
    organization_id: OrganizationId,
    user: &User,
    role: Role,
) -> Result<(), StoreError> {
    let made = AccountChange::AddUser(user.clone(), member(organization_id, user, role), Admission::Operator);
    assert_eq!(change(store, organization_id, made, 0).await?, Changed::Done);
    Ok(())
}

async fn open(
    store: &dyn ControlStore,
    session: &StoredSession,
    replaced: Option<SessionId>,
) -> Result<Changed, StoreError> {
    let made = AccountChange::AddSession(session.clone(), replaced);
    change(store, session.organization_id, made, 0).await
}

async fn session_ids(store: &dyn ControlStore) -> Result<Vec<SessionId>, StoreError> {
    Ok(store.accounts().await?.sessions.into_iter().map(|session| session.id).collect())
}

/// The link of the first visit lets one person in, once; a later one takes its place.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn lets_the_first_person_in_once(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    assert_eq!(store.accounts().await?, Accounts::default());
    store.set_first_visit([1; 32]).await?;
    store.set_first_visit([2; 32]).await?;
    assert_eq!(store.accounts().await?.first_visit, Some([2; 32]));
    let (ada, bob) = (person("ada", 1), person("bob", 2));
    let first = |user: &User, hash| {
        AccountChange::AddUser(user.clone(), member(tenant, user, Role::Owner), Admission::FirstVisit(hash))
    };
    assert_eq!(
        change(store, tenant, first(&ada, [1; 32]), 0).await?,
        Changed::Exists,
        "the link was replaced"
    );
    assert_eq!(change(store, tenant, first(&ada, [2; 32]), 0).await?, Changed::Done);
    let accounts = store.accounts().await?;
    assert_eq!((accounts.users, accounts.first_visit), (vec![ada.clone()], None));
    assert_eq!(accounts.memberships, [member(tenant, &ada, Role::Owner)]);
    store.set_first_visit([3; 32]).await?;
    assert_eq!(change(store, tenant, first(&bob, [3; 32]), 0).await?, Changed::Exists, "there is somebody");
    assert_eq!(store.accounts().await?.users, [ada]);
    Ok(())
}

/// People have addresses and outside ids unlike anybody else's, and names and passwords that change.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_people(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let (mut ada, mut bob) = (person("ada", 1), person("bob", 2));
    add(store, tenant, &ada, Role::Owner).await?;
    add(store, tenant, &bob, Role::Viewer).await?;
    let double = User { email: ada.email.clone(), ..person("eve", 3) };
    let made =
        AccountChange::AddUser(double.clone(), member(tenant, &double, Role::Owner), Admission::Operator);
    assert_eq!(change(store, tenant, made, 0).await?, Changed::Exists);
    let made = AccountChange::RenameUser(ada.id, "Ada's \"other\" name".to_owned());
    assert_eq!(change(store, tenant, made, 0).await?, Changed::Done);
    ada.name = "Ada's \"other\" name".to_owned();
    let outside = |user: &User| AccountChange::SetOutsideId(user.id, Some("https://id.example 7".to_owned()));
    assert_eq!(change(store, tenant, outside(&bob), 0).await?, Changed::Done);
    assert_eq!(change(store, tenant, outside(&bob), 0).await?, Changed::Done, "the same again");
    assert_eq!(change(store, tenant, outside(&ada), 0).await?, Changed::NotFound, "somebody else's");
    bob.outside_id = Some("https://id.example 7".to_owned());
    assert_eq!(store.accounts().await?.users, [ada.clone(), bob.clone()]);
    for user in [&ada, &bob] {
        let forgotten = AccountChange::SetOutsideId(user.id, None);
        assert_eq!(change(store, tenant, forgotten, 0).await?, Changed::Done);
    }
    bob.outside_id = None;
    assert_eq!(store.accounts().await?.users, [ada, bob]);
    let nobody = AccountChange::RenameUser(UserId::generate(), String::new());
    assert_eq!(change(store, tenant, nobody, 0).await?, Changed::NotFound);
    Ok(())
}

/// An invitation admits once, to its organisation and role, until it expires; a second one replaces the first.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn invitations_admit_once(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let invitation = |number: u8, organization_id| Invitation {
        id: InvitationId::generate(),
        organization_id,
        email: "eve@example.com".to_owned(),
        role: Role::Member,
        hash: [number; 32],
        created_at: at(u32::from(number)),
        expires_at: at(10),
    };
    let (replaced, kept, other) = (invitation(1, ours), invitation(2, ours), invitation(3, theirs));
    for added in [&replaced, &kept, &other] {
        let made = AccountChange::AddInvitation(added.clone());
        assert_eq!(change(store, added.organization_id, made, 0).await?, Changed::Done);
    }
    assert_eq!(store.accounts().await?.invitations, [kept.clone(), other.clone()]);
    let eve = person("eve", 1);
    let join = |invitation: &Invitation, organization_id, role| {
        let membership = member(organization_id, &eve, role);
        AccountChange::AddUser(eve.clone(), membership, Admission::Invitation(invitation.id))
    };
    assert_eq!(change(store, ours, join(&replaced, ours, Role::Member), 1).await?, Changed::Exists);
    assert_eq!(
        change(store, ours, join(&kept, ours, Role::Owner), 1).await?,
        Changed::Exists,
        "another role"
    );
    assert_eq!(change(store, theirs, join(&kept, theirs, Role::Member), 1).await?, Changed::Exists);
    assert_eq!(change(store, ours, join(&kept, ours, Role::Member), 10).await?, Changed::Exists, "expired");
    assert_eq!(store.accounts().await?.invitations.len(), 2, "nothing was used up");
    assert_eq!(change(store, ours, join(&kept, ours, Role::Member), 1).await?, Changed::Done);
    let also =
        AccountChange::AddMembership(member(theirs, &eve, Role::Member), Admission::Invitation(other.id));
    assert_eq!(change(store, theirs, also.clone(), 1).await?, Changed::Done);
    assert_eq!(change(store, theirs, also, 1).await?, Changed::Exists, "used up");
    let accounts = store.accounts().await?;
    assert_eq!((accounts.invitations.len(), accounts.memberships.len()), (0, 2));
    let taken_back = invitation(4, ours);
    change(store, ours, AccountChange::AddInvitation(taken_back.clone()), 0).await?;
    let foreign = AccountChange::RemoveInvitation(theirs, taken_back.id);
    assert_eq!(change(store, theirs, foreign, 0).await?, Changed::NotFound);
    let own = AccountChange::RemoveInvitation(ours, taken_back.id);
    assert_eq!(change(store, ours, own, 0).await?, Changed::Done);
    Ok(())
}

/// An organisation keeps an owner; who gets another role or leaves is signed out of it, and of nothing else.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_an_owner(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (ada, bob) = (person("ada", 1), person("bob", 2));
    add(store, ours, &ada, Role::Owner).await?;
    add(store, ours, &bob, Role::Admin).await?;
    let made = AccountChange::AddMembership(member(theirs, &bob, Role::Owner), Admission::Operator);
    assert_eq!(change(store, theirs, made, 0).await?, Changed::Done);
    let (of_ada, of_bob_there) = (session(ours, &ada, 1), session(theirs, &bob, 3));
    for opened in [&of_ada, &session(ours, &bob, 2), &of_bob_there] {
        assert_eq!(open(store, opened, None).await?, Changed::Done);
    }
    let set = |user: &User, role| AccountChange::SetRole(ours, user.id, role);
    for last in [set(&ada, Role::Admin), AccountChange::RemoveMember(ours, ada.id)] {
        assert_eq!(change(store, ours, last, 0).await?, Changed::NotFound);
    }
    assert_eq!(session_ids(store).await?.len(), 3);
    assert_eq!(change(store, ours, set(&bob, Role::Owner), 0).await?, Changed::Done);
    assert_eq!(session_ids(store).await?, [of_ada.id, of_bob_there.id], "another role");
    assert_eq!(
        change(store, ours, set(&ada, Role::Viewer), 0).await?,
        Changed::Done,
        "there is another owner"
    );
    assert_eq!(change(store, ours, AccountChange::RemoveMember(ours, ada.id), 0).await?, Changed::Done);
    assert_eq!(session_ids(store).await?, [of_bob_there.id]);
    assert_eq!(change(store, ours, AccountChange::RemoveMember(ours, ada.id), 0).await?, Changed::NotFound);
    let accounts = store.accounts().await?;
    assert!(accounts.user(ada.id).is_some() && accounts.membership(ours, ada.id).is_none());
    let stranger = session(ours, &ada, 9);
    assert_eq!(open(store, &stranger, None).await?, Changed::NotFound, "no member");
    Ok(())
}

/// Another password ends every session and uses links up.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn another_password_ends_what_the_former_let_in(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let (ada, bob) = (person("ada", 1), person("bob", 2));
    add(store, tenant, &ada, Role::Owner).await?;
    add(store, tenant, &bob, Role::Owner).await?;
    let of_bob = session(tenant, &bob, 1);
    open(store, &of_bob, None).await?;
    open(store, &session(tenant, &ada, 2), None).await?;
    let link =
        |user: &User, number: u8| PasswordLink { hash: [number; 32], user_id: user.id, expires_at: at(10) };
    for added in [link(&ada, 1), link(&ada, 2), link(&bob, 3)] {
        let made = AccountChange::AddPasswordLink(added);
        assert_eq!(change(store, tenant, made, 0).await?, Changed::Done);
    }
    assert_eq!(store.accounts().await?.password_links, [link(&ada, 2), link(&bob, 3)]);
    let set = |number: u8| {
        AccountChange::SetPassword(ada.id, Redacted::new("another".to_owned()), Some([number; 32]))
    };
    assert_eq!(change(store, tenant, set(1), 0).await?, Changed::NotFound, "replaced");
    assert_eq!(change(store, tenant, set(3), 0).await?, Changed::NotFound, "somebody else's");
    assert_eq!(change(store, tenant, set(2), 10).await?, Changed::NotFound, "expired");
    assert_eq!(change(store, tenant, set(2), 9).await?, Changed::Done);
    assert_eq!(change(store, tenant, set(2), 9).await?, Changed::NotFound, "used");
    let accounts = store.accounts().await?;
    assert_eq!(accounts.password_links, [link(&bob, 3)]);
    assert_eq!(accounts.sessions, [of_bob]);
    let changed = accounts.user(ada.id).and_then(|user| user.password_hash.clone());
    assert_eq!(changed, Some(Redacted::new("another".to_owned())));
    let nobody = PasswordLink { user_id: UserId::generate(), ..link(&ada, 9) };
    assert_eq!(change(store, tenant, AccountChange::AddPasswordLink(nobody), 0).await?, Changed::NotFound);
    Ok(())
}

/// Sessions end one by one, all others at once, by their time, and when there are too many.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_sessions(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let (ada, bob) = (person("ada", 1), person("bob", 2));
    add(store, tenant, &ada, Role::Owner).await?;
    add(store, tenant, &bob, Role::Owner).await?;
    let (first, second, third) =
        (session(tenant, &ada, 1), session(tenant, &ada, 2), session(tenant, &bob, 3));
    open(store, &first, None).await?;
    open(store, &second, Some(first.id)).await?;
    open(store, &third, Some(second.id)).await?;
    assert_eq!(session_ids(store).await?, [third.id], "whosever it was");
    open(store, &second, None).await?;
    assert_eq!(store.accounts().await?.sessions, [second.clone(), third.clone()]);
    let foreign = AccountChange::EndSession(ada.id, third.id);
    assert_eq!(change(store, tenant, foreign, 0).await?, Changed::NotFound);
    store.note_session_uses(vec![(second.id, at(7)), (SessionId::generate(), at(7))]).await?;
    store.note_session_uses(vec![(second.id, at(6))]).await?;
    let used = StoredSession { last_used_at: at(7), ..second.clone() };
    assert_eq!(store.accounts().await?.sessions, [used, third.clone()]);
    let alone = AccountChange::EndOtherSessions(ada.id, second.id);
    assert_eq!(change(store, tenant, alone.clone(), 0).await?, Changed::NotFound);
    open(store, &first, None).await?;
    assert_eq!(change(store, tenant, alone, 0).await?, Changed::Done);
    assert_eq!(session_ids(store).await?, [second.id, third.id]);
    for number in 10..10 + u8::try_from(MAX_SESSIONS).unwrap_or(u8::MAX) {
        assert_eq!(open(store, &session(tenant, &ada, number), None).await?, Changed::Done);
    }
    let ids = session_ids(store).await?;
    assert_eq!(ids.len(), MAX_SESSIONS + 1, "those of one person are bounded");
    assert!(!ids.contains(&second.id) && ids.contains(&third.id));
    let over = StoredSession { expires_at: at(1), ..session(tenant, &bob, 50) };
    open(store, &over, None).await?;
    let made = AccountChange::AddSession(session(tenant, &bob, 51), None);
    assert_eq!(change(store, tenant, made, 2).await?, Changed::Done);
    assert!(!session_ids(store).await?.contains(&over.id), "what is over is forgotten");
    Ok(())
}

/// An organisation's name is unlike any other's; a change and its audit entry are made together, by a person too.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn writes_what_people_did(store: &dyn ControlStore) -> Outcome {
    let (ours, _theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let rename = |name: &str| AccountChange::RenameOrganization(ours, name.to_owned());
    assert_eq!(change(store, ours, rename("organisation 2"), 0).await?, Changed::NotFound);
    let audit =
        AuditEntry::new(ours, at(5), Actor::User(UserId::generate()), Action::OrganizationRenamed, "x", "y");
    let made = Change::Account(Box::new(rename("Research")));
    assert_eq!(store.change(made, audit.clone()).await?, Changed::Done);
    let names: Vec<_> = store.organizations().await?.into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["Research", "organisation 2"]);
    let entries = store.audit(AuditQuery { organization_id: ours, before: None, limit: 10 }).await?;
    assert_eq!((entries.len(), entries.first()), (2, Some(&audit)));
    let version = store.version().await?;
    store.set_first_visit([1; 32]).await?;
    assert_ne!(store.version().await?, version);
    Ok(())
}
