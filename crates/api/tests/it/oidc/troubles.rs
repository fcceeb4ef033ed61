//! A provider that is away, slow, endless, or not what it says.

use std::time::Duration;

use anyhow::{Result, ensure};
use gatehouse_store::accounts::Role;
use gatehouse_testkit::identity::Trouble;
use serde_json::json;

use super::{House, OPEN};
use crate::installation::ours;

const DISCOVERY: &str = "/.well-known/openid-configuration";
/// How long a silent provider is waited for: the others have to be done by then.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens a house whose provider is not waited for long.
async fn impatient() -> Result<House> {
    let house = House::empty(OPEN, PATIENCE).await?;
    house.api.person(ours(), Role::Owner, true).await?;
    Ok(house)
}

async fn not_begun(house: &House, problem: &str) -> Result<()> {
    let trip = house.start("").await?;
    ensure!(trip.location == format!("/sign-in?problem={problem}"), "{}", trip.location);
    ensure!(trip.cookie.is_empty(), "{}", trip.cookie);
    Ok(())
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_said_to_be_away() -> Result<()> {
    for trouble in [Trouble::Status(500), Trouble::Status(302), Trouble::Silence, Trouble::Flood] {
        let house = impatient().await?;
        house.double.trouble(DISCOVERY, Some(trouble));
        not_begun(&house, "unreachable").await?;
        // Who comes right after is not kept waiting for the same.
        house.double.trouble(DISCOVERY, None);
        not_begun(&house, "unreachable").await?;
        ensure!(house.double.calls(DISCOVERY) == 1, "{trouble:?}: {}", house.double.calls(DISCOVERY));
    }
    Ok(())
}

#[tokio::test]
async fn a_provider_that_gives_no_token_or_key_is_said_to_be_away() -> Result<()> {
    for path in ["/token", "/keys"] {
        for trouble in [Trouble::Status(500), Trouble::Silence, Trouble::Flood] {
            let house = impatient().await?;
            house.double.trouble(path, Some(trouble));
            house.refused("unreachable").await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_provider_that_is_not_who_it_should_be_is_not_gone_to() -> Result<()> {
    for (member, value) in [
        ("issuer", json!("https://evil.example")),
        ("issuer", json!("https://localhost/")),
        ("authorization_endpoint", json!("http://evil.example/authorize")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("token_endpoint", json!("http://evil.example/token")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("userinfo_endpoint", json!("http://evil.example/userinfo")),
    ] {
        let house = House::open(OPEN).await?;
        house.double.describe(member, value);
        not_begun(&house, "misconfigured").await?;
    }
    for member in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let house = House::open(OPEN).await?;
        house.double.describe(member, serde_json::Value::Null);
        not_begun(&house, "unreachable").await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_secret_is_told_as_the_provider_wants_it() -> Result<()> {
    for (methods, problem) in [
        (json!(["client_secret_post", "private_key_jwt"]), None),
        (json!(["client_secret_post", "client_secret_basic"]), None),
        (json!(["private_key_jwt"]), Some("misconfigured")),
    ] {
        let house = House::open(OPEN).await?;
        house.double.describe("token_endpoint_auth_methods_supported", methods);
        match problem {
            Some(problem) => house.refused(problem).await?,
            None => drop(house.account().await?),
        }
    }
    Ok(())
}
