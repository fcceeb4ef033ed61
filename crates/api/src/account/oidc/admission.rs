//! Who somebody is here whom the provider knows: whoever signed in by it before, else whoever has their address, else
//! somebody who is invited, else somebody new whose domain may have accounts.
//!
//! An account passes to somebody at the provider by its address once; from then on the provider's own name for them
//! counts, so that an address that is given to somebody else gives them no account.

use gatehouse_config::{NewcomerRole, OidcConfig};
use gatehouse_store::accounts::{
    AccountChange, Accounts, Admission, Invitation, Membership, Role, User, parse_email,
};
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::{Change, Changed};
use gatehouse_types::OrganizationId;

use super::id_token::{Claims, Verified};
use super::refusal::Refusal;
use crate::account::links::person;
use crate::account::sign_in::place_to_work;
use crate::control::Control;
use crate::fields::parse_name;

/// A provider where anybody can have an account with any address, which was theirs once.
const GOOGLE: &str = "https://accounts.google.com";
/// The addresses that it gives itself.
const GOOGLES_OWN: &str = "gmail.com";

/// Somebody whom the provider knows.
struct Visitor {
    /// Who they are at the provider, `<issuer> <subject>`.
    outside_id: String,
    /// Their address, which the provider vouches for.
    email: String,
    name: String,
    /// Whether somebody new with this address gets an account.
    is_of_allowed_domain: bool,
}

impl Visitor {
    /// Returns whether somebody was known by this name at the same provider.
    fn is_of_same_provider(&self, outside_id: &str) -> bool {
        let provider = |id: &str| id.split_once(' ').map(|(issuer, _)| issuer.to_owned());
        provider(outside_id) == provider(&self.outside_id)
    }
}

/// Returns the account of somebody whom the provider knows, and the organisation that they work in.
pub(crate) async fn admit(
    control: &Control,
    config: &OidcConfig,
    issuer: &str,
    claims: Claims,
) -> Result<(User, OrganizationId), Refusal> {
    let visitor = visitor(config, issuer, claims)?;
    // Two browsers that come at once must not both find that somebody is new.
    let _turn = control.take_turn().await;
    let accounts = control.store().accounts().await?;
    if accounts.users.is_empty() {
        return Err(Refusal::NoFirstAccount);
    }
    let known = accounts.users.iter().find(|user| user.outside_id.as_ref() == Some(&visitor.outside_id));
    match known.or_else(|| accounts.user_by_email(&visitor.email)) {
        Some(user) => enter(control, &accounts, user, &visitor).await,
        None => join(control, config, &accounts, &visitor).await,
    }
}

/// Returns what the provider says of somebody, if it is enough to let them in at all.
fn visitor(config: &OidcConfig, issuer: &str, claims: Claims) -> Result<Visitor, Refusal> {
    let is_verified = match claims.email_verified {
        Verified::Yes => true,
        Verified::No => false,
        Verified::Unsaid => config.assume_email_verified,
    };
    let email = claims.email.as_deref().and_then(parse_email).filter(|_| is_verified);
    let email = email.ok_or(Refusal::NotVerified)?;
    let domain = email.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
    if issuer == GOOGLE && domain != GOOGLES_OWN && claims.hd.is_none() {
        return Err(Refusal::NotVerified);
    }
    let is_of_allowed_domain = config.allowed_domains.iter().any(|allowed| allowed == domain);
    if !config.allowed_domains.is_empty() && !is_of_allowed_domain {
        return Err(Refusal::NotInvited);
    }
    let name = claims.name.as_deref().and_then(parse_name);
    Ok(Visitor {
        outside_id: format!("{issuer} {}", claims.sub),
        name: name.unwrap_or_else(|| email.clone()),
        email,
        is_of_allowed_domain,
    })
}

/// Lets in somebody who has an account.
async fn enter(
    control: &Control,
    accounts: &Accounts,
    user: &User,
    visitor: &Visitor,
) -> Result<(User, OrganizationId), Refusal> {
    // Who they were at a provider that is no longer the configured one is nothing to this one.
    let known = user.outside_id.as_deref().filter(|known| visitor.is_of_same_provider(known));
    if known.is_some_and(|known| known != visitor.outside_id) {
        return Err(Refusal::AnotherIdentity);
    }
    let place = match accounts.memberships_of(user.id).next() {
        Some(_) => place_to_work(accounts, user)?,
        // Who was removed everywhere comes back by an invitation only.
        None => {
            let invitation = invitation(control, accounts, visitor).ok_or(Refusal::NoOrganization)?;
            let membership = membership(control, user, invitation.organization_id, invitation.role);
            let change = AccountChange::AddMembership(membership, Admission::Invitation(invitation.id));
            add(control, user, membership, change).await?;
            invitation.organization_id
        }
    };
    if known.is_none() {
        link(control, user, place, visitor).await?;
    }
    Ok((user.clone(), place))
}

/// Notes who somebody with an account is at the provider.
async fn link(
    control: &Control,
    user: &User,
    place: OrganizationId,
    visitor: &Visitor,
) -> Result<(), Refusal> {
    let change = AccountChange::SetOutsideId(user.id, Some(visitor.outside_id.clone()));
    let detail = format!("{} is {}", user.email, visitor.outside_id);
    let audit = control.entry(place, Actor::User(user.id), Action::IdentityLinked, user.id, detail);
    match control.change(Change::Account(Box::new(change)), audit).await? {
        Changed::Done => Ok(()),
        Changed::NotFound | Changed::Exists => Err(Refusal::AnotherIdentity),
    }
}

/// Makes an account for somebody who is invited, or whose domain may have accounts.
async fn join(
    control: &Control,
    config: &OidcConfig,
    accounts: &Accounts,
    visitor: &Visitor,
) -> Result<(User, OrganizationId), Refusal> {
    let (organization_id, role, admission) = match invitation(control, accounts, visitor) {
        Some(invitation) => {
            (invitation.organization_id, invitation.role, Admission::Invitation(invitation.id))
        }
        None if visitor.is_of_allowed_domain => {
            (organization(control, config).await?, role(config.default_role), Admission::Operator)
        }
        None => return Err(Refusal::NotInvited),
    };
    let user = User {
        outside_id: Some(visitor.outside_id.clone()),
        ..person(control, visitor.email.clone(), visitor.name.clone())
    };
    let membership = membership(control, &user, organization_id, role);
    let change = AccountChange::AddUser(user.clone(), membership, admission);
    add(control, &user, membership, change).await?;
    Ok((user, organization_id))
}

async fn add(
    control: &Control,
    user: &User,
    membership: Membership,
    change: AccountChange,
) -> Result<(), Refusal> {
    let place = membership.organization_id;
    let detail = format!("{} as {}, by single sign-on", user.email, membership.role.as_str());
    let audit = control.entry(place, Actor::User(user.id), Action::UserAdded, user.id, detail);
    match control.change(Change::Account(Box::new(change)), audit).await? {
        Changed::Done => Ok(()),
        // Another process was faster, or took the invitation back.
        Changed::NotFound | Changed::Exists => Err(Refusal::Stale),
    }
}

fn membership(control: &Control, user: &User, organization_id: OrganizationId, role: Role) -> Membership {
    Membership { organization_id, user_id: user.id, role, created_at: control.now() }
}

/// Returns the newest invitation of an address that is still good.
fn invitation<'a>(control: &Control, accounts: &'a Accounts, visitor: &Visitor) -> Option<&'a Invitation> {
    let now = control.now();
    let is_good = |found: &&Invitation| found.email == visitor.email && found.expires_at > now;
    accounts.invitations.iter().rfind(is_good)
}

/// Returns the organisation that people join who are not invited.
async fn organization(control: &Control, config: &OidcConfig) -> Result<OrganizationId, Refusal> {
    let name = config.organization.as_str();
    if name.is_empty() {
        return Ok(control.store().default_organization().await?.id);
    }
    let found = control.store().organizations().await?.into_iter().find(|found| found.name == name);
    found.map(|found| found.id).ok_or_else(|| {
        tracing::error!(name, "`sign_in.oidc.organization` is the name of no organisation");
        Refusal::Misconfigured
    })
}

const fn role(role: NewcomerRole) -> Role {
    match role {
        NewcomerRole::Viewer => Role::Viewer,
        NewcomerRole::Member => Role::Member,
        NewcomerRole::Admin => Role::Admin,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn google_vouches_for_its_own_addresses_and_those_of_workspaces_only() {
        let check = |issuer: &str, email: &str, workspace: Option<&str>, expected: Option<Refusal>| {
            let claims: Value = json!({
                "sub": "7", "iss": issuer, "aud": "us", "exp": 0, "iat": 0,
                "email": email, "email_verified": true, "hd": workspace,
            });
            let found = visitor(&OidcConfig::default(), issuer, serde_json::from_value(claims).unwrap());
            assert_eq!(found.err(), expected, "{issuer} {email} {workspace:?}");
        };
        check(GOOGLE, "ada@gmail.com", None, None);
        check(GOOGLE, "ada@example.com", Some("example.com"), None);
        // Somebody may have left the company and kept the account that they made with its address.
        check(GOOGLE, "ada@example.com", None, Some(Refusal::NotVerified));
        check(GOOGLE, "ada@notgmail.com", None, Some(Refusal::NotVerified));
        check("https://id.example.com", "ada@example.com", None, None);
    }

    #[test]
    fn who_has_no_name_is_called_by_their_address() {
        let name = |name: Value| {
            let claims = json!({
                "sub": "7", "iss": "x", "aud": "us", "exp": 0, "iat": 0,
                "email": "Ada@Example.com", "email_verified": true, "name": name,
            });
            let claims = serde_json::from_value(claims).unwrap();
            visitor(&OidcConfig::default(), "x", claims).ok().map(|visitor| visitor.name)
        };
        assert_eq!(name(json!(" Ada Lovelace ")).as_deref(), Some("Ada Lovelace"));
        for none in [Value::Null, json!(""), json!("a\nb"), json!("a".repeat(201))] {
            assert_eq!(name(none).as_deref(), Some("ada@example.com"));
        }
    }
}
