//! How people come to an account, sign in and out, and what becomes of their sessions.

use anyhow::{Context, Result};
use gatehouse_store::accounts::{AccountChange, PasswordLink, Role, Token};
use gatehouse_store::control::ControlStore;
use gatehouse_types::{Clock, SystemClock};
use hyper::header::{RETRY_AFTER, SET_COOKIE};
use serde_json::{Value, json};

use crate::client::{Call, TestApi};
use crate::installation::{ADMIN_KEY, BOTH_KEY, READ_KEY, ours, theirs};
use crate::people::{PASSWORD, Person};

const ANOTHER: &str = "staple battery horse";

/// Returns the account of somebody, or why there is none.
async fn account(api: &TestApi, person: &Person) -> Result<(u16, Value)> {
    let answer = api.send(Call::get("/v1/account").header("cookie", person.cookie())).await?;
    Ok((answer.status.as_u16(), answer.json()?))
}

async fn is_signed_in(api: &TestApi, person: &Person) -> Result<bool> {
    let (status, body) = account(api, person).await?;
    let code = body.pointer("/error/code").and_then(Value::as_str);
    anyhow::ensure!(status == 200 || code == Some("session_ended"), "{status} {body}");
    Ok(status == 200)
}

/// Makes a call as a page of somebody's and returns the `data` of its answer.
async fn made(api: &TestApi, person: &Person, call: &str, body: Value) -> Result<Value> {
    let (method, path) = call.split_once(' ').context("a method and a path")?;
    let answer = api.send(Call::post(path, body.to_string()).method(method).person(person)).await?;
    anyhow::ensure!(answer.status.is_success(), "{call}: {} {}", answer.status, answer.text());
    answer.json()?.get("data").cloned().context("data")
}

#[tokio::test]
async fn the_link_of_the_first_visit_makes_one_account_once() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let options = async || {
        Ok::<_, anyhow::Error>(api.send(Call::get("/v1/account/options")).await?.json()?["data"].clone())
    };
    assert_eq!(options().await?, json!({"has_users": false, "is_signed_in": false, "single_sign_on": null}));
    let (old, token) = (Token::generate()?, Token::generate()?);
    api.installation.store.default_organization().await?;
    gatehouse_store::accounts::AccountStore::set_first_visit(&*api.installation.store, old.hash()).await?;
    gatehouse_store::accounts::AccountStore::set_first_visit(&*api.installation.store, token.hash()).await?;
    let visit = |token: &str, password: &str| json!({"token": token, "name": "Ada", "email": "Ada@Example.com", "password": password});
    let refused = async |body: Value, status: u16, code: &str| -> Result<()> {
        let answer = api.post_page("/v1/account/first", body).await?;
        assert_eq!(answer.outcome()?, (status, code.to_owned()));
        assert_eq!(answer.header(SET_COOKIE), "");
        Ok(())
    };
    refused(visit(old.expose(), PASSWORD), 404, "link_used").await?;
    refused(visit("", PASSWORD), 404, "link_used").await?;
    refused(visit(token.expose(), "too short"), 400, "invalid_field").await?;
    let ada = api.post_page("/v1/account/first", visit(token.expose(), PASSWORD)).await?.signed_in()?;
    refused(visit(token.expose(), PASSWORD), 404, "link_used").await?;
    let (_, body) = account(&api, &ada).await?;
    assert_eq!(body["data"]["user"]["email"], "ada@example.com");
    assert_eq!(
        (&body["data"]["role"], &body["data"]["user"]["is_installation_admin"]),
        (&json!("owner"), &json!(true))
    );
    assert_eq!(options().await?, json!({"has_users": true, "is_signed_in": false, "single_sign_on": null}));
    api.sign_in("ADA@example.com", PASSWORD).await?.signed_in()?;
    Ok(())
}

#[tokio::test]
async fn a_session_is_a_new_token_each_time_in_a_cookie_that_no_script_reads() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let ada = api.person(ours(), Role::Owner, false).await?;
    let answer = api.sign_in(&ada.email, PASSWORD).await?;
    let first = answer.signed_in()?;
    let expected =
        format!("gatehouse_session={}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax", first.token);
    assert_eq!(answer.header(SET_COOKIE), expected);
    // A token that the browser brings is never taken over, known or not.
    for brought in ["0".repeat(64), first.token.clone()] {
        let body = json!({"email": ada.email, "password": PASSWORD}).to_string();
        let call = Call::post("/v1/account/sign-in", body).page();
        let call = call.header("cookie", format!("gatehouse_session={brought}"));
        let second = api.send(call).await?.signed_in()?;
        assert_ne!(second.token, brought);
        assert!(is_signed_in(&api, &second).await?);
    }
    let planted = Person { token: "0".repeat(64), ..first.clone() };
    assert!(!is_signed_in(&api, &planted).await?);
    assert!(!is_signed_in(&api, &first).await?, "the session that the browser had is over");
    Ok(())
}

#[tokio::test]
async fn who_signs_in_leaves_the_session_that_the_browser_had() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let (ada, bob) =
        (api.person(ours(), Role::Owner, false).await?, api.person(theirs(), Role::Viewer, false).await?);
    let first = api.sign_in(&ada.email, PASSWORD).await?.signed_in()?;
    let body = |email: &str, password: &str| json!({"email": email, "password": password}).to_string();
    let sign_in = async |body: String| {
        api.send(Call::post("/v1/account/sign-in", body).page().header("cookie", first.cookie())).await
    };
    assert_eq!(sign_in(body(&bob.email, ANOTHER)).await?.status, 401);
    assert!(is_signed_in(&api, &first).await?, "nobody signed in");
    let second = sign_in(body(&bob.email, PASSWORD)).await?.signed_in()?;
    assert!(is_signed_in(&api, &second).await?);
    assert!(!is_signed_in(&api, &first).await?);
    assert!(is_signed_in(&api, &ada).await? && is_signed_in(&api, &bob).await?, "other browsers stay");
    Ok(())
}

#[tokio::test]
async fn who_signs_out_has_no_session_and_no_cookie() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let ada = api.person(ours(), Role::Owner, false).await?;
    let first = api.sign_in(&ada.email, PASSWORD).await?.signed_in()?;
    let out = api.send(Call::post("/v1/account/sign-out", "").person(&first)).await?;
    assert_eq!(out.header(SET_COOKIE), "gatehouse_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    assert!(!is_signed_in(&api, &first).await?);
    Ok(())
}

#[tokio::test]
async fn wrong_passwords_and_unknown_addresses_are_told_the_same_and_wait_alike() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let ada = api.person(ours(), Role::Owner, false).await?;
    let mut told = Vec::new();
    for email in [ada.email.as_str(), "nobody@example.com"] {
        for _ in 0..5 {
            let answer = api.sign_in(email, ANOTHER).await?;
            assert_eq!(answer.header(SET_COOKIE), "");
            told.push((answer.outcome()?, answer.message()?));
        }
        // Even the right password has to wait now.
        let waits = api.sign_in(email, PASSWORD).await?;
        assert_eq!(waits.outcome()?, (429, "too_many_attempts".to_owned()), "{email}");
        assert_eq!(waits.header(RETRY_AFTER), "1");
    }
    told.dedup();
    let wrong = ((401, "wrong_credentials".to_owned()), "the address or the password is wrong".to_owned());
    assert_eq!(told, [wrong]);
    let other = api.person(ours(), Role::Viewer, false).await?;
    api.sign_in(&other.email, PASSWORD).await?.signed_in()?;
    let entries = api.data(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?;
    let refused: Vec<_> = entries
        .as_array()
        .context("a list")?
        .iter()
        .filter(|entry| entry["action"] == "sign_in_refused")
        .collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0]["detail"], ada.email);
    Ok(())
}

#[tokio::test]
async fn another_password_ends_every_other_session() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let ada = api.person(ours(), Role::Member, false).await?;
    let elsewhere = api.sign_in(&ada.email, PASSWORD).await?.signed_in()?;
    let change = |current: &str| {
        let body = json!({"current_password": current, "password": ANOTHER}).to_string();
        Call::post("/v1/account/password", body).person(&ada)
    };
    assert_eq!(api.send(change("wrong password")).await?.outcome()?, (403, "forbidden".to_owned()));
    assert!(is_signed_in(&api, &elsewhere).await?);
    let changed = api.send(change(PASSWORD)).await?.signed_in()?;
    assert_ne!(changed.token, ada.token);
    assert!(is_signed_in(&api, &changed).await?);
    assert!(!is_signed_in(&api, &elsewhere).await? && !is_signed_in(&api, &ada).await?);
    assert_eq!(api.sign_in(&ada.email, PASSWORD).await?.status, 401);
    api.sign_in(&ada.email, ANOTHER).await?.signed_in()?;
    Ok(())
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_with_its_role() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let owner = api.person(ours(), Role::Owner, false).await?;
    let invite = json!({"email": "Grace@example.com", "role": "viewer"});
    let created = made(&api, &owner, "POST /v1/organization/invitations", invite).await?;
    let path = created["path"].as_str().context("a path")?;
    let token = path.strip_prefix("/invitation#").context("a token")?.to_owned();
    let listed = made_get(&api, &owner, "/v1/organization/invitations").await?;
    assert_eq!((listed[0]["email"].as_str(), listed[0].get("path")), (Some("grace@example.com"), None));
    assert!(!listed.to_string().contains(&token));
    let read = api.post_page("/v1/account/invitation/read", json!({"token": token})).await?;
    let expected =
        json!({"organization": "Ours", "email": "grace@example.com", "role": "viewer", "has_account": false});
    assert_eq!(read.json()?["data"], expected);
    let accept = json!({"token": token, "name": "Grace", "password": PASSWORD});
    let grace = api.post_page("/v1/account/invitation", accept.clone()).await?.signed_in()?;
    let (_, body) = account(&api, &grace).await?;
    assert_eq!(
        (&body["data"]["role"], &body["data"]["organization"]["name"]),
        (&json!("viewer"), &json!("Ours"))
    );
    let again = api.post_page("/v1/account/invitation", accept).await?;
    assert_eq!(again.outcome()?, (404, "link_used".to_owned()));
    let twice = Call::post("/v1/organization/invitations", json!({"email": "grace@example.com"}).to_string());
    assert_eq!(api.send(twice.person(&owner)).await?.outcome()?, (409, "already_exists".to_owned()));
    Ok(())
}

async fn made_get(api: &TestApi, person: &Person, path: &str) -> Result<Value> {
    let answer = api.send(Call::get(path).header("cookie", person.cookie())).await?;
    anyhow::ensure!(answer.status == 200, "{path}: {}", answer.text());
    answer.json()?.get("data").cloned().context("data")
}

#[tokio::test]
async fn somebody_with_an_account_joins_another_organization_by_its_password_and_switches() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let (ada, owner) =
        (api.person(ours(), Role::Admin, false).await?, api.person(theirs(), Role::Owner, false).await?);
    let invite = json!({"email": ada.email});
    let created = made(&api, &owner, "POST /v1/organization/invitations", invite).await?;
    let token =
        created["path"].as_str().and_then(|path| path.split_once('#')).context("a token")?.1.to_owned();
    let accept = |password: &str| json!({"token": token, "password": password});
    let wrong = api.post_page("/v1/account/invitation", accept(ANOTHER)).await?;
    assert_eq!(wrong.outcome()?, (401, "wrong_credentials".to_owned()));
    let there = api.post_page("/v1/account/invitation", accept(PASSWORD)).await?.signed_in()?;
    let organization = made_get(&api, &there, "/v1/organization").await?;
    assert_eq!((&organization["name"], &organization["role"]), (&json!("Theirs"), &json!("member")));
    assert_eq!((&organization["permissions"], &organization["may_manage"]), (&json!("rw"), &json!(false)));
    assert_eq!((&organization["key"], &organization["user"]["email"]), (&Value::Null, &json!(ada.email)));

    let switch = |id: String| {
        Call::post("/v1/account/organization", json!({"organization_id": id}).to_string()).person(&there)
    };
    let nowhere = api.send(switch("00000000-0000-0000-0000-00000000dead".to_owned())).await?;
    assert_eq!(nowhere.outcome()?, (404, "not_found".to_owned()));
    let back = api.send(switch(ours().to_string())).await?.signed_in()?;
    assert_ne!(back.token, there.token);
    assert!(!is_signed_in(&api, &there).await?, "the session goes on under another token");
    assert_eq!(made_get(&api, &back, "/v1/organization").await?["role"], "admin");
    Ok(())
}

#[tokio::test]
async fn an_organization_keeps_its_last_owner_and_roles_change_at_once() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let owner = api.person(ours(), Role::Owner, false).await?;
    let other = api.person(ours(), Role::Viewer, false).await?;
    let path = |person: &Person| format!("/v1/organization/members/{}", person.id);
    let role = |person: &Person, role: &str| {
        Call::post(&path(person), json!({"role": role}).to_string()).method("PATCH").person(&owner)
    };
    assert_eq!(api.send(role(&owner, "admin")).await?.outcome()?, (409, "last_owner".to_owned()));
    let removal = Call::new("DELETE", &path(&owner)).person(&owner);
    assert_eq!(api.send(removal).await?.outcome()?, (409, "last_owner".to_owned()));
    assert_eq!(api.send(role(&other, "king")).await?.outcome()?, (400, "invalid_field".to_owned()));
    assert_eq!(api.send(role(&other, "admin")).await?.status, 200);
    assert!(!is_signed_in(&api, &other).await?, "another role ends the session");
    let other = api.sign_in(&other.email, PASSWORD).await?.signed_in()?;
    let members = made_get(&api, &other, "/v1/organization/members").await?;
    assert_eq!(members.as_array().map(Vec::len), Some(2));
    assert_eq!(members[1]["role"], "admin");
    assert_eq!(api.send(Call::new("DELETE", &path(&other)).person(&owner)).await?.status, 200);
    assert!(!is_signed_in(&api, &other).await?);
    let out = api.sign_in(&other.email, PASSWORD).await?;
    assert_eq!(out.outcome()?, (403, "forbidden".to_owned()), "belongs nowhere");
    // An administrator's key can put things right; an organisation's own key can't.
    let keyed =
        async |key: &str| api.ask(key, "PATCH", "/v1/organization", json!({"name": "Ours anew"})).await;
    assert_eq!(keyed(BOTH_KEY).await?.outcome()?, (403, "forbidden".to_owned()));
    assert_eq!(keyed(ADMIN_KEY).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_only() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let (ada, bob) =
        (api.person(ours(), Role::Viewer, false).await?, api.person(ours(), Role::Viewer, false).await?);
    let second = api.sign_in(&ada.email, PASSWORD).await?.signed_in()?;
    let sessions = made_get(&api, &ada, "/v1/account/sessions").await?;
    let sessions = sessions.as_array().context("a list")?;
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|session| session["is_current"] == true).count(), 1);
    let id =
        made_get(&api, &second, "/v1/account").await?["session_id"].as_str().context("an id")?.to_owned();
    let end = |person: &Person| Call::new("DELETE", &format!("/v1/account/sessions/{id}")).person(person);
    assert_eq!(api.send(end(&bob)).await?.outcome()?, (404, "not_found".to_owned()));
    assert_eq!(api.send(end(&ada)).await?.status, 200);
    assert!(!is_signed_in(&api, &second).await? && is_signed_in(&api, &ada).await?);
    let third = api.sign_in(&ada.email, PASSWORD).await?.signed_in()?;
    for _ in 0..2 {
        assert_eq!(api.send(Call::new("DELETE", "/v1/account/sessions").person(&ada)).await?.status, 200);
    }
    assert!(!is_signed_in(&api, &third).await?);
    assert!(is_signed_in(&api, &ada).await? && is_signed_in(&api, &bob).await?);
    Ok(())
}

#[tokio::test]
async fn a_link_sets_a_password_once() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let ada = api.person(ours(), Role::Viewer, false).await?;
    let token = Token::generate()?;
    let expires_at = SystemClock.now().plus(std::time::Duration::from_hours(1));
    let link = PasswordLink { hash: token.hash(), user_id: ada.id, expires_at };
    api.account(ours(), AccountChange::AddPasswordLink(link)).await?;
    let body = json!({"token": token.expose(), "password": ANOTHER});
    let changed = api.post_page("/v1/account/new-password", body.clone()).await?.signed_in()?;
    assert!(is_signed_in(&api, &changed).await? && !is_signed_in(&api, &ada).await?);
    assert_eq!(
        api.post_page("/v1/account/new-password", body).await?.outcome()?,
        (404, "link_used".to_owned())
    );
    api.sign_in(&ada.email, ANOTHER).await?.signed_in()?;
    Ok(())
}

#[tokio::test]
async fn the_audit_log_says_which_person_did_what() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let owner = api.person(ours(), Role::Owner, false).await?;
    made(&api, &owner, "POST /v1/host-rules", json!({"pattern": "x.example", "effect": "deny"})).await?;
    made(&api, &owner, "PATCH /v1/account", json!({"name": "Ada King"})).await?;
    api.sign_in(&owner.email, PASSWORD).await?.signed_in()?;
    let entries = made_get(&api, &owner, "/v1/audit").await?;
    let entries = entries.as_array().context("a list")?;
    let told: Vec<_> =
        entries.iter().take(3).map(|entry| entry["action"].as_str().unwrap_or_default()).collect();
    assert_eq!(told, ["signed_in", "user_renamed", "host_rule_added"]);
    for entry in entries.iter().take(3) {
        assert_eq!(
            (&entry["actor"]["type"], &entry["actor"]["user_email"]),
            (&json!("user"), &json!(owner.email))
        );
    }
    assert_eq!(api.get("/v1/organization").await?.json()?["data"]["user"], Value::Null);
    assert_eq!(
        api.ask(READ_KEY, "GET", "/v1/account", Value::Null).await?.outcome()?,
        (403, "forbidden".to_owned())
    );
    Ok(())
}
