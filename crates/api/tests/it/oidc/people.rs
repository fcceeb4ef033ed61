//! Who gets in, and as whom.

use anyhow::{Context, Result};
use gatehouse_store::accounts::{AccountChange, AccountStore as _, Role};
use hyper::header::{LOCATION, SET_COOKIE};
use serde_json::{Value, json};

use super::{CALLBACK, House, OPEN, PATIENCE, START, session};
use crate::client::{Call, TestApi};
use crate::installation::{ADMIN_KEY, ours};
use crate::people::PASSWORD;

async fn users(house: &House) -> Result<usize> {
    Ok(house.api.installation.store.accounts().await?.users.len())
}

/// Invites somebody.
async fn invite(house: &House, email: &str, role: &str) -> Result<()> {
    let body = json!({"email": email, "role": role});
    house.api.data(201, ADMIN_KEY, "POST /v1/organization/invitations", body).await.map(drop)
}

#[tokio::test]
async fn somebody_of_an_allowed_domain_gets_an_account_and_comes_back_to_it() -> Result<()> {
    let house = House::open("allowed_domains = [\"example.com\"]\ndefault_role = \"member\"").await?;
    house.double.let_in("ada", "Ada@Example.com");
    let trip = house.start("?next=/requests%3Fa%3Db").await?;
    assert!(trip.location.starts_with(house.double.issuer()), "{}", trip.location);
    let query = house.visit(&trip.location).await?;
    let answer = house.come_back(&trip.cookie, &query).await?;
    assert_eq!(answer.header(LOCATION), "/requests?a=b");
    let cookies: Vec<_> =
        answer.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str()).collect::<Result<_, _>>()?;
    let token = session(&answer)?;
    assert_eq!(
        cookies,
        [
            format!("gatehouse_session={token}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax").as_str(),
            "gatehouse_oidc=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        ]
    );
    let account = house.account_of(&answer).await?;
    assert_eq!(
        (&account["user"]["email"], &account["user"]["name"]),
        (&json!("ada@example.com"), &json!("The ada"))
    );
    assert_eq!((&account["role"], &account["user"]["has_password"]), (&json!("member"), &json!(false)));
    assert_eq!(account["organization"]["name"], "Default");

    // By the provider's own name for her from now on, whatever her address is.
    house.double.let_in("ada", "ada.lovelace@example.com");
    let again = house.sign_in().await?;
    assert_ne!(session(&again)?, token);
    let same = house.account_of(&again).await?;
    assert_eq!(
        (&same["user"]["id"], &same["user"]["email"]),
        (&account["user"]["id"], &json!("ada@example.com"))
    );
    Ok(())
}

#[tokio::test]
async fn a_verified_address_leads_to_its_account_once_and_then_the_subject_does() -> Result<()> {
    let house = House::open("").await?;
    let grace = house.api.person(ours(), Role::Admin, false).await?;
    house.double.let_in("grace", &grace.email.to_uppercase());
    let account = house.account().await?;
    assert_eq!(account["user"]["id"], json!(grace.id.to_string()));
    assert_eq!((&account["role"], &account["organization"]["name"]), (&json!("admin"), &json!("Ours")));
    house.api.sign_in(&grace.email, PASSWORD).await?.signed_in()?;
    house.account().await?;
    let audit = house.audit().await?;
    let linked: Vec<_> = audit.iter().filter(|(action, _)| action == "identity_linked").collect();
    let expected = format!("{} is {} grace", grace.email, house.double.issuer());
    assert_eq!(linked, [&("identity_linked".to_owned(), expected)]);
    let is_ours = |detail: &str| detail.contains(&grace.email) && detail.contains("by single sign-on, from");
    assert_eq!(audit.iter().filter(|(action, detail)| action == "signed_in" && is_ours(detail)).count(), 2);

    // The address was given to somebody else.
    house.double.let_in("eve", &grace.email);
    house.refused("another_identity").await?;
    Ok(())
}

#[tokio::test]
async fn who_is_invited_gets_in_as_the_invitation_says_and_others_do_not() -> Result<()> {
    let house = House::open("").await?;
    house.double.let_in("grace", "grace@elsewhere.example");
    house.refused("not_invited").await?;
    assert_eq!(users(&house).await?, 1);
    invite(&house, "grace@elsewhere.example", "admin").await?;
    let account = house.account().await?;
    assert_eq!((&account["role"], &account["organization"]["name"]), (&json!("admin"), &json!("Ours")));
    let invitations = house.api.data(200, ADMIN_KEY, "GET /v1/organization/invitations", Value::Null).await?;
    assert_eq!(invitations, json!([]));
    let added = ("user_added".to_owned(), "grace@elsewhere.example as admin, by single sign-on".to_owned());
    assert!(house.audit().await?.contains(&added));
    Ok(())
}

#[tokio::test]
async fn an_address_of_another_domain_gets_nobody_in() -> Result<()> {
    let house = House::open(OPEN).await?;
    let member = house.api.person(ours(), Role::Member, false).await?;
    let before = users(&house).await?;
    for email in [
        "eve@evil.example",
        "eve@x.example.com",
        "eve@example.com.evil.example",
        "eve@example.com@evil.example",
        "eve@notexample.com",
    ] {
        house.double.let_in("eve", email);
        house.refused("not_invited").await?;
    }
    // Nor to an account that they came to before their address was another.
    house.double.let_in("member", &member.email);
    house.account().await?;
    house.double.let_in("member", "member@evil.example");
    house.refused("not_invited").await?;
    assert_eq!(users(&house).await?, before);
    Ok(())
}

#[tokio::test]
async fn an_address_that_nobody_vouches_for_gets_nobody_in() -> Result<()> {
    for (settings, lets_in_unsaid) in
        [(OPEN.to_owned(), false), (format!("{OPEN}\nassume_email_verified = true"), true)]
    {
        let house = House::open(&settings).await?;
        house.double.describe("userinfo_endpoint", Value::Null);
        for said in [json!(false), json!("false"), json!(0), json!("yes"), json!({})] {
            house.double.claim("email_verified", said);
            house.refused("not_verified").await?;
        }
        for email in [Value::Null, json!(""), json!("ada"), json!("a b@example.com")] {
            house.double.claim("email_verified", json!(true));
            house.double.claim("email", email);
            house.refused("not_verified").await?;
        }
        house.double.let_in("ada", "ada@example.com");
        house.double.claim("email_verified", Value::Null);
        if lets_in_unsaid {
            drop(house.account().await?)
        } else {
            house.refused("not_verified").await?
        }
        house.double.claim("email_verified", json!("true"));
        house.account().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_session_of_the_provider_makes_no_password_beside_it() -> Result<()> {
    let house = House::open(OPEN).await?;
    let answer = house.sign_in().await?;
    let account = house.account_of(&answer).await?;
    let proof = account["csrf_token"].as_str().context("a proof")?;
    for body in [json!({"password": PASSWORD}), json!({"password": PASSWORD, "current_password": PASSWORD})] {
        let call = Call::post("/v1/account/password", body.to_string());
        let call = call.header("cookie", format!("gatehouse_session={}", session(&answer)?));
        let answer = house.api.send(call.header("gatehouse-csrf", proof)).await?;
        assert_eq!(answer.outcome()?, (403, "forbidden".to_owned()));
        assert!(answer.message()?.contains("you have no password here"), "{}", answer.text());
    }
    let refused = house.api.sign_in("ada@example.com", PASSWORD).await?;
    assert_eq!(refused.outcome()?, (401, "wrong_credentials".to_owned()));
    Ok(())
}

#[tokio::test]
async fn an_address_that_the_token_does_not_say_is_asked_for() -> Result<()> {
    let house = House::open(OPEN).await?;
    house.double.tell_apart("eve", "ada@example.com", json!(true));
    house.refused("untrustworthy").await?;
    house.double.tell_apart("ada", "ada@example.com", json!(false));
    house.refused("not_verified").await?;
    house.double.tell_apart("ada", "ada@example.com", json!(true));
    house.account().await?;
    assert_eq!(house.double.calls("/userinfo"), 3);
    house.double.let_in("ada", "ada@example.com");
    house.account().await?;
    assert_eq!(house.double.calls("/userinfo"), 3);
    Ok(())
}

#[tokio::test]
async fn who_somebody_was_at_another_provider_is_nothing_to_this_one() -> Result<()> {
    let house = House::open(OPEN).await?;
    let grace = house.api.person(ours(), Role::Member, false).await?;
    house.double.let_in("grace", &grace.email);
    let here = |subject: &str| Some(format!("{} {subject}", house.double.issuer()));
    let elsewhere = Some("https://former.example grace".to_owned());
    for (before, gets_in) in [(elsewhere, true), (here("eve"), false), (None, true), (here("grace"), true)] {
        house.api.account(ours(), AccountChange::SetOutsideId(grace.id, before)).await?;
        house.api.installation.refresh().await?;
        if gets_in {
            assert_eq!(house.account().await?["user"]["id"], json!(grace.id.to_string()));
        } else {
            house.refused("another_identity").await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn who_was_removed_comes_back_by_an_invitation_only() -> Result<()> {
    let house = House::open(OPEN).await?;
    let first = house.sign_in().await?;
    let account = house.account_of(&first).await?;
    let store = &house.api.installation.store;
    let id = store.accounts().await?.user_by_email("ada@example.com").context("ada")?.id;
    let place = store.accounts().await?.memberships_of(id).next().context("a membership")?.organization_id;
    house.api.account(place, AccountChange::RemoveMember(place, id)).await?;
    house.api.installation.refresh().await?;
    let cookie = format!("gatehouse_session={}", session(&first)?);
    let ended = house.api.send(Call::get("/v1/account").header("cookie", cookie)).await?;
    assert_eq!(ended.outcome()?, (401, "session_ended".to_owned()));
    house.refused("no_organization").await?;
    house.refused("no_organization").await?;
    invite(&house, "ada@example.com", "viewer").await?;
    let again = house.account().await?;
    assert_eq!(
        (&again["user"]["id"], &again["organization"]["name"]),
        (&account["user"]["id"], &json!("Ours"))
    );
    Ok(())
}

#[tokio::test]
async fn nobody_gets_in_before_the_first_account_is_made() -> Result<()> {
    let house = House::empty(OPEN, PATIENCE).await?;
    let options = async || {
        let answer = house.api.send(Call::get("/v1/account/options")).await?;
        anyhow::Ok(answer.json()?["data"]["single_sign_on"].clone())
    };
    house.refused("no_first_account").await?;
    assert_eq!((users(&house).await?, options().await?), (0, Value::Null));
    house.api.person(ours(), Role::Owner, true).await?;
    let url = format!("http://gatehouse.test{START}");
    assert_eq!(options().await?, json!({"name": "single sign-on", "url": url}));
    house.account().await?;
    Ok(())
}

#[tokio::test]
async fn newcomers_join_the_organisation_that_is_configured() -> Result<()> {
    let house = House::open(&format!("{OPEN}\norganization = \"Theirs\"\nname = \"Keycloak\"")).await?;
    let account = house.account().await?;
    assert_eq!((&account["role"], &account["organization"]["name"]), (&json!("viewer"), &json!("Theirs")));
    let house = House::open(&format!("{OPEN}\norganization = \"Nowhere\"")).await?;
    house.refused("misconfigured").await?;
    assert_eq!(users(&house).await?, 1);
    Ok(())
}

#[tokio::test]
async fn without_a_provider_there_is_nothing_of_it() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    api.person(ours(), Role::Owner, true).await?;
    for path in [START, CALLBACK] {
        let answer = api.send(Call::get(path)).await?;
        assert_eq!(answer.outcome()?, (404, "no_single_sign_on".to_owned()));
        assert!(answer.message()?.contains("sign_in.oidc.issuer"), "{}", answer.text());
    }
    let answer = api.send(Call::get("/v1/account/options")).await?;
    assert_eq!(answer.json()?["data"]["single_sign_on"], Value::Null);
    Ok(())
}
