//! Which tokens of the provider count.

use anyhow::Result;
use gatehouse_testkit::identity::{CLIENT_ID, Signing};
use gatehouse_types::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::{House, OPEN, is_refused};

fn now() -> i64 {
    SystemClock.now().as_unix_micros() / 1_000_000
}

#[tokio::test]
async fn a_token_has_to_be_for_us_now_and_for_this_sign_in() -> Result<()> {
    let house = House::open(OPEN).await?;
    let wrong = [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("another client")),
        ("aud", json!(["another client"])),
        ("aud", json!([])),
        ("aud", json!([CLIENT_ID, "another client"])),
        ("aud", Value::Null),
        ("azp", json!("another client")),
        ("iss", json!("https://evil.example")),
        ("iss", json!([house.double.issuer()])),
        ("iss", Value::Null),
        ("exp", json!(now() - 61)),
        ("exp", json!("never")),
        ("exp", Value::Null),
        ("iat", json!(now() + 120)),
        ("iat", Value::Null),
        ("nbf", json!(now() + 120)),
        ("sub", json!("")),
        ("sub", json!("a\nb")),
        ("sub", json!("a".repeat(256))),
        ("sub", json!(7)),
        ("sub", Value::Null),
    ];
    for (claim, value) in wrong {
        house.double.let_in("ada", "ada@example.com");
        house.double.claim(claim, value.clone());
        let answer = house.sign_in().await?;
        assert!(is_refused(&answer, "untrustworthy").is_ok(), "{claim} {value}: {answer:?}");
    }
    let right = [
        ("exp", json!(now() - 30)),
        ("iat", json!(now() + 30)),
        ("aud", json!([CLIENT_ID])),
        ("azp", json!(CLIENT_ID)),
        ("nbf", json!(now())),
    ];
    for (claim, value) in right {
        house.double.let_in("ada", "ada@example.com");
        house.double.claim(claim, value);
        house.account().await?;
    }
    house.double.claim("aud", json!(["another client", CLIENT_ID]));
    house.double.claim("azp", json!(CLIENT_ID));
    house.account().await?;
    Ok(())
}

#[tokio::test]
async fn a_token_has_to_be_signed_by_a_key_that_the_provider_publishes_for_it() -> Result<()> {
    let house = House::open(OPEN).await?;
    for signing in [Signing::None, Signing::SharedPublicKey, Signing::Forged] {
        house.double.sign(signing);
        let answer = house.sign_in().await?;
        assert!(is_refused(&answer, "untrustworthy").is_ok(), "{signing:?}: {answer:?}");
    }
    for signing in [Signing::Rs256, Signing::Ps256, Signing::Es256] {
        house.double.sign(signing);
        house.account().await?;
    }
    assert_eq!(house.double.calls("/keys"), 1);
    Ok(())
}

#[tokio::test]
async fn a_new_key_is_looked_for_but_not_often() -> Result<()> {
    let house = House::open(OPEN).await?;
    house.double.sign(Signing::Es256);
    house.account().await?;
    house.double.rotate()?;
    house.account().await?;
    assert_eq!(house.double.calls("/keys"), 2);
    house.double.rotate()?;
    house.refused("untrustworthy").await?;
    assert_eq!(house.double.calls("/keys"), 2);
    assert_eq!(house.double.calls("/.well-known/openid-configuration"), 1);
    Ok(())
}

#[tokio::test]
async fn who_brings_one_bad_token_after_the_other_has_to_wait() -> Result<()> {
    let house = House::open(OPEN).await?;
    house.double.claim("nonce", json!("another"));
    for _ in 0..30 {
        house.refused("untrustworthy").await?;
    }
    let asked = house.double.calls("/token");
    house.refused("too_many_attempts").await?;
    assert_eq!(house.double.calls("/token"), asked);
    Ok(())
}
