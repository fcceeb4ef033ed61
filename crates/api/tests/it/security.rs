//! What nobody gets past: every operation without authorisation, with each role, and from a page of somebody else's.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::body::Body;
use axum::http::Request;
use gatehouse_api::{ApiState, router_behind_gateway};
use gatehouse_store::accounts::Role;
use hyper::header::{CONTENT_SECURITY_POLICY, SET_COOKIE};
use serde_json::Value;
use tower::ServiceExt;

use crate::client::{Call, TestApi};
use crate::installation::{READ_KEY, ours};
use crate::memory_log::MemoryLog;
use crate::operations::Operation;
use crate::people::{PASSWORD, Person};
use crate::permissions::{Needs, needs};

const DOCUMENT: &str = include_str!("../../openapi.json");
const ROUTER: &str = include_str!("../../src/router.rs");
const ID: &str = "00000000-0000-0000-0000-000000000099";

/// What is answered without a key and without a session.
const PUBLIC: [&str; 12] = [
    "healthcheck",
    "healthz",
    "readyz",
    "getSignedBody",
    "getSignInOptions",
    "signIn",
    "makeFirstAccount",
    "readInvitation",
    "acceptInvitation",
    "setPasswordByLink",
    "startSingleSignOn",
    "finishSingleSignOn",
];

/// Other paths of an operation.
const ALIASES: [&str; 3] = ["/v1/trace/custom/log", "/v1/trace/custom/log/typed", "/v1/trace/custom/v1/log"];
/// What is in the router and not in the document: aliases, and the page about the document.
const UNDESCRIBED: [&str; 4] = [ALIASES[0], ALIASES[1], ALIASES[2], "/docs"];

/// Returns whether a role is enough for what an operation needs.
fn suffices(role: Role, is_admin: bool, needs: Needs) -> bool {
    match needs {
        Needs::Nothing | Needs::Page | Needs::Person | Needs::Read => true,
        Needs::Write => role >= Role::Member,
        Needs::Manage => role >= Role::Admin,
        Needs::Own => role == Role::Owner,
        Needs::Oversee => is_admin,
        Needs::Administrate => is_admin && role >= Role::Admin,
    }
}

#[tokio::test]
async fn no_operation_answers_without_authorization_but_those_that_are_public() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for operation in Operation::all()? {
        let answer = api.send(operation.call(ID, 0).header("content-type", "application/json")).await?;
        if PUBLIC.contains(&operation.id.as_str()) {
            let code = answer.json().ok().and_then(|body| Some(body["error"]["code"].as_str()?.to_owned()));
            assert_ne!(code.as_deref(), Some("missing_api_key"), "{operation:?}");
        } else {
            assert_eq!(answer.outcome()?, (401, "missing_api_key".to_owned()), "{operation:?}");
        }
        assert_eq!(answer.header(SET_COOKIE), "", "{operation:?}");
    }
    for alias in ALIASES {
        let answer = api.send(Call::post(alias, "{}")).await?;
        assert_eq!(answer.outcome()?, (401, "missing_api_key".to_owned()), "{alias}");
    }
    Ok(())
}

#[test]
fn every_route_of_the_router_is_in_the_document() -> Result<()> {
    let document: Value = serde_json::from_str(DOCUMENT)?;
    let paths: BTreeSet<_> =
        document["paths"].as_object().context("paths")?.keys().map(String::as_str).collect();
    let texts = ROUTER.split('"').skip(1).step_by(2);
    let routes: BTreeSet<_> =
        texts.filter(|text| text.starts_with('/') && !text.contains("{path}")).collect();
    assert!(routes.len() > 50, "the routes are found: {}", routes.len());
    let unknown: Vec<_> = routes.difference(&paths).filter(|route| !UNDESCRIBED.contains(route)).collect();
    assert_eq!(unknown, [] as [&&str; 0], "describe them in `openapi.rs`, so that these tests cover them");
    Ok(())
}

/// What ends the session that makes the call.
const ENDING: [&str; 2] = ["signOut", "changePassword"];

#[tokio::test]
async fn every_role_may_do_what_it_should_and_nothing_else() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let (operations, mut refused) = (Operation::all()?, 0);
    for (role, is_admin) in Role::ALL.into_iter().flat_map(|role| [(role, false), (role, true)]) {
        let mut person = api.person(ours(), role, is_admin).await?;
        for operation in &operations {
            let needs = needs(&operation.id).with_context(|| format!("what does {} need?", operation.id))?;
            let call = operation.call(ID, 0).header("content-type", "application/json").person(&person);
            let answer = api.send(call).await?;
            let told =
                format!("{operation:?} as {role:?}, admin {is_admin}: {} {}", answer.status, answer.text());
            if suffices(role, is_admin, needs) {
                assert!(![401, 403].contains(&answer.status.as_u16()) || needs == Needs::Page, "{told}");
            } else {
                assert_eq!(answer.outcome()?, (403, "forbidden".to_owned()), "{told}");
                refused += 1;
            }
            if ENDING.contains(&operation.id.as_str()) {
                person = api.person(ours(), role, is_admin).await?;
            }
        }
    }
    assert!(refused > operations.len(), "something was refused: {refused}");
    Ok(())
}

/// Returns the operations that somebody signed in may make, with whether they may change something.
fn operations_of_people() -> Result<Vec<(Operation, bool)>> {
    let is_of_people =
        |operation: &Operation| !matches!(needs(&operation.id), None | Some(Needs::Nothing | Needs::Page));
    let all = Operation::all()?.into_iter().filter(is_of_people);
    Ok(all.map(|operation| (operation.clone(), operation.method != "GET")).collect())
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing_and_other_sites_use_it_for_nothing() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let owner = api.person(ours(), Role::Owner, true).await?;
    let other = api.person(ours(), Role::Owner, true).await?;
    let foreign = (403, "foreign_page".to_owned());
    for (operation, changes) in operations_of_people()? {
        let call = || {
            operation.call(ID, 0).header("content-type", "application/json").header("cookie", owner.cookie())
        };
        let check = async |call: Call, what: &str| -> Result<()> {
            assert_eq!(api.send(call).await?.outcome()?, foreign, "{operation:?}: {what}");
            Ok(())
        };
        let proven = || call().header("gatehouse-csrf", owner.proof.clone());
        check(proven().header("sec-fetch-site", "cross-site"), "another site").await?;
        check(proven().header("sec-fetch-site", "same-site"), "a neighbour").await?;
        for origin in
            ["https://evil.example", "null", "http://gatehouse.test.evil.example", "http://gatehouse.test:81"]
        {
            check(proven().header("origin", origin), origin).await?;
        }
        if changes {
            check(call(), "no proof").await?;
            check(call().header("gatehouse-csrf", ""), "an empty one").await?;
            check(call().header("gatehouse-csrf", owner.token.clone()), "the token").await?;
            check(call().header("gatehouse-csrf", other.proof.clone()), "somebody else's").await?;
        }
    }
    let ours = Call::get("/v1/account").person(&owner);
    let ours = ours.header("origin", "http://gatehouse.test").header("sec-fetch-site", "same-origin");
    assert_eq!(api.send(ours).await?.status, 200, "nothing of all that was made");
    Ok(())
}

#[tokio::test]
async fn pages_of_other_sites_sign_nobody_in() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let ada = api.person(ours(), Role::Owner, false).await?;
    let body = serde_json::json!({"email": ada.email, "password": PASSWORD}).to_string();
    let all = Operation::all()?.into_iter().filter(|operation| needs(&operation.id) == Some(Needs::Page));
    for operation in all.filter(|operation| operation.method == "POST") {
        let call = || operation.call(ID, 0).body(body.clone());
        let check = async |call: Call, status: u16, code: &str| -> Result<()> {
            let answer = api.send(call).await?;
            assert_eq!(answer.outcome()?, (status, code.to_owned()), "{operation:?}");
            assert_eq!(answer.header(SET_COOKIE), "");
            Ok(())
        };
        let json = || call().header("content-type", "application/json");
        check(json().header("origin", "https://evil.example"), 403, "foreign_page").await?;
        check(json().header("sec-fetch-site", "cross-site"), 403, "foreign_page").await?;
        for form in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            check(call().header("content-type", form), 415, "unsupported_media_type").await?;
        }
        check(call(), 415, "unsupported_media_type").await?;
    }
    api.sign_in(&ada.email, PASSWORD).await?.signed_in()?;
    Ok(())
}

#[tokio::test]
async fn a_key_goes_before_a_cookie() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let viewer = api.person(ours(), Role::Viewer, false).await?;
    let read = |call: Call| api.send(call.header("cookie", viewer.cookie()));
    let by_key = read(Call::get("/v1/organization").key(READ_KEY)).await?.json()?;
    assert_eq!((by_key["data"]["user"].is_null(), by_key["data"]["key"].is_null()), (true, false));
    let wrong = read(Call::get("/v1/organization").key("sk-proj-notours")).await?;
    assert_eq!(wrong.outcome()?, (401, "malformed_api_key".to_owned()));
    Ok(())
}

#[tokio::test]
async fn cookies_count_for_nothing_behind_the_gateway() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let owner = api.person(ours(), Role::Owner, true).await?;
    let state = ApiState::new(Arc::new(MemoryLog::new(Vec::new())), api.view.clone(), api.readiness.clone())
        .with_administration(api.installation.administration()?);
    let behind = router_behind_gateway(state);
    let ask = async |method: &str, path: &str, person: &Person| -> Result<u16> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", person.cookie())
            .header("gatehouse-csrf", person.proof.clone());
        let answer = behind.clone().oneshot(request.body(Body::empty())?).await?;
        assert!(!answer.headers().contains_key(SET_COOKIE));
        Ok(answer.status().as_u16())
    };
    assert_eq!(ask("GET", "/v1/organization", &owner).await?, 401);
    assert_eq!(ask("DELETE", "/v1/host-rules/00000000-0000-0000-0000-000000000099", &owner).await?, 401);
    for (method, path) in
        [("GET", "/v1/account"), ("POST", "/v1/account/sign-in"), ("GET", "/v1/account/options")]
    {
        assert_eq!(ask(method, path, &owner).await?, 404, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn every_answer_forbids_inline_scripts_and_frames() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for path in ["/", "/first-visit", "/v1/account/options", "/v1/nothing", "/healthz"] {
        let answer = api.send(Call::get(path)).await?;
        let policy = answer.header(CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'self';"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"), "{path}: {policy}");
    }
    Ok(())
}
