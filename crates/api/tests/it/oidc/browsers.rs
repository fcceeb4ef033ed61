//! What a browser may bring, and where it is led.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::identity::CLIENT_SECRET;
use hyper::header::{LOCATION, SET_COOKIE};
use serde_json::json;

use super::{House, OPEN, START, is_refused, session};
use crate::client::Call;

/// Returns a parameter of a query.
fn parameter<'a>(query: &'a str, name: &str) -> Result<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value).with_context(|| format!("{name} in {query}"))
}

#[tokio::test]
async fn only_the_browser_that_began_comes_back_and_once() -> Result<()> {
    let house = House::open(OPEN).await?;
    let (trip, other) = (house.start("").await?, house.start("").await?);
    let query = house.visit(&trip.location).await?;
    let stale = async |cookie: &str, query: &str| -> Result<()> {
        let answer = house.come_back(cookie, query).await?;
        is_refused(&answer, "stale").with_context(|| format!("{cookie} {query}"))
    };
    let state = parameter(&query, "state")?;
    let (name, value) = trip.cookie.split_once('=').context("a cookie")?;
    stale("", &query).await?;
    stale(&format!("{name}=x"), &query).await?;
    stale(&format!("{name}={}", value.to_uppercase()), &query).await?;
    stale(&other.cookie, &query).await?;
    stale(&format!("{}; {}", trip.cookie, other.cookie), &query).await?;
    stale(&trip.cookie, &query.replace(state, "another")).await?;
    stale(&trip.cookie, &format!("{query}&state={state}")).await?;
    stale(&trip.cookie, parameter(&query, "code")?).await?;
    let answer = house.come_back(&trip.cookie, &query).await?;
    house.account_of(&answer).await?;
    stale(&trip.cookie, &query).await?;
    Ok(())
}

#[tokio::test]
async fn a_code_of_another_sign_in_gets_nobody_in() -> Result<()> {
    let house = House::open(OPEN).await?;
    let used = house.start("").await?;
    let query = house.visit(&used.location).await?;
    house.account_of(&house.come_back(&used.cookie, &query).await?).await?;
    let unused = house.visit(&house.start("").await?.location).await?;
    for theirs in [query, unused] {
        // Somebody puts a code that they have into the sign-in of somebody else.
        let trip = house.start("").await?;
        let own = house.visit(&trip.location).await?;
        let mixed = own.replace(parameter(&own, "code")?, parameter(&theirs, "code")?);
        is_refused(&house.come_back(&trip.cookie, &mixed).await?, "untrustworthy")?;
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_of_another_provider_gets_nobody_in() -> Result<()> {
    let house = House::open(OPEN).await?;
    let trip = house.start("").await?;
    let query = house.visit(&trip.location).await?;
    let issuer = parameter(&query, "iss")?;
    let other = query.replace(issuer, "https%3A%2F%2Fevil.example");
    is_refused(&house.come_back(&trip.cookie, &other).await?, "stale")?;

    // Where it says that it always tells who it is, leaving that out does not help.
    let house = House::open(OPEN).await?;
    house.double.describe("authorization_response_iss_parameter_supported", json!(true));
    let trip = house.start("").await?;
    let query = house.visit(&trip.location).await?;
    let without = query.replace(&format!("iss={}", parameter(&query, "iss")?), "a=b");
    is_refused(&house.come_back(&trip.cookie, &without).await?, "stale")?;
    house.account().await?;
    Ok(())
}

#[tokio::test]
async fn who_is_not_let_in_there_is_told_so_here() -> Result<()> {
    let house = House::open(OPEN).await?;
    for (error, problem) in [
        ("access_denied", "denied"),
        ("temporarily_unavailable", "unreachable"),
        ("invalid_scope", "misconfigured"),
        ("<script>", "misconfigured"),
    ] {
        house.double.deny(Some(error));
        house.refused(problem).await?;
    }
    let trip = house.start("").await?;
    let query = house.visit(&trip.location).await?;
    is_refused(&house.come_back("", &query).await?, "stale")?;
    house.double.deny(None);
    house.account().await?;
    Ok(())
}

#[tokio::test]
async fn nobody_is_led_to_another_place() -> Result<()> {
    let house = House::open(OPEN).await?;
    for hostile in [
        "//evil.example",
        "/%5Cevil.example",
        "https://evil.example",
        "%09//evil.example",
        "/%09/evil.example",
        "/%0D%0ASet-Cookie:%20a=b",
        "javascript:alert(1)",
        "/v1/account/oidc/start",
        "",
    ] {
        let trip = house.start(&format!("?next={hostile}")).await?;
        let query = house.visit(&trip.location).await?;
        let answer = house.come_back(&trip.cookie, &query).await?;
        ensure!(answer.header(LOCATION) == "/", "{hostile}: {}", answer.header(LOCATION));
    }
    Ok(())
}

#[tokio::test]
async fn the_way_there_tells_nothing_that_has_to_stay_here() -> Result<()> {
    let house = House::open(OPEN).await?;
    // Whoever calls by another name is still sent back to the configured one.
    let answer = house.api.send(Call::get(START).header("x-forwarded-host", "evil.example")).await?;
    let (location, cookie) = (answer.header(LOCATION), answer.header(SET_COOKIE));
    assert_eq!(answer.header(hyper::header::CACHE_CONTROL), "no-store");
    let (value, attributes) = cookie.split_once("; ").context("attributes")?;
    assert_eq!(attributes, "Path=/; Max-Age=600; HttpOnly; SameSite=Lax");
    let (page, query) = location.split_once('?').context("a query")?;
    assert_eq!(page, format!("{}/authorize", house.double.issuer()));
    assert_eq!(
        parameter(query, "redirect_uri")?,
        "http%3A%2F%2Fgatehouse.test%2Fv1%2Faccount%2Foidc%2Fcallback"
    );
    assert_eq!(
        (parameter(query, "code_challenge_method")?, parameter(query, "code_challenge")?.len()),
        ("S256", 43)
    );
    assert_eq!(parameter(query, "scope")?, "openid+email+profile");
    let (state, nonce) = (parameter(query, "state")?, parameter(query, "nonce")?);
    assert!(state.len() == 64 && nonce.len() == 64 && state != nonce);
    for (place, secrets) in [(value, [state, nonce]), (location, [CLIENT_SECRET, "verifier"])] {
        assert!(secrets.iter().all(|secret| !place.contains(secret)), "{place}");
    }
    Ok(())
}

#[tokio::test]
async fn a_session_that_a_browser_brings_is_never_taken_over() -> Result<()> {
    let house = House::open(OPEN).await?;
    let planted = "0".repeat(64);
    let trip = house.start("").await?;
    let query = house.visit(&trip.location).await?;
    let cookies = format!("gatehouse_session={planted}; {}", trip.cookie);
    let answer = house.come_back(&cookies, &query).await?;
    assert_ne!(session(&answer)?, planted);
    house.account_of(&answer).await?;
    let call = Call::get("/v1/account").header("cookie", format!("gatehouse_session={planted}"));
    assert_eq!(house.api.send(call).await?.outcome()?, (401, "session_ended".to_owned()));
    Ok(())
}
