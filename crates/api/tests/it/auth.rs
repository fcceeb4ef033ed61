//! Who gets in, where, and what everybody else is told.

use anyhow::Result;
use hyper::header::WWW_AUTHENTICATE;
use std::sync::Arc;

use crate::client::{Call, TestApi};
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY, UNKNOWN_KEY, WRITE_KEY, ours};
use crate::memory_log::full_row;

const ROW: &str = "/v1/request/00000000-0000-0000-0000-000000000001";

#[tokio::test]
async fn every_route_but_health_needs_a_key_that_may_read() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    let protected = [
        ("GET", ROW, ""),
        ("POST", "/v1/request/query", "{}"),
        ("POST", "/v1/request/query-clickhouse", "{}"),
        ("POST", "/v1/request/count/query", "{}"),
        ("GET", "/openapi.json", ""),
    ];
    for (method, path, body) in protected {
        let call = || match method {
            "GET" => Call::get(path),
            _ => Call::post(path, body),
        };
        let check = async |call: Call, status: u16, code: &str| -> Result<()> {
            let answer = api.send(call).await?;
            assert_eq!(answer.outcome()?, (status, code.to_owned()), "{method} {path}");
            let challenge = if status == 401 { "Bearer" } else { "" };
            assert_eq!(answer.header(WWW_AUTHENTICATE), challenge);
            Ok(())
        };
        check(call().key(READ_KEY), 200, "").await?;
        check(call().key(BOTH_KEY), 200, "").await?;
        check(call(), 401, "missing_api_key").await?;
        check(call().key(UNKNOWN_KEY), 401, "invalid_api_key").await?;
        check(call().key("sk-proj-notours"), 401, "malformed_api_key").await?;
        check(call().key(WRITE_KEY), 403, "forbidden").await?;
    }
    api.readiness.met("journal");
    api.readiness.met("keys");
    for open in ["/healthz", "/readyz"] {
        assert_eq!(api.send(Call::get(open)).await?.outcome()?.0, 200, "{open}");
    }
    let page = api.send(Call::get("/")).await?;
    assert_ne!(page.status, 401);
    Ok(())
}

#[tokio::test]
async fn takes_the_key_in_every_form_that_clients_send() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    let check = async |headers: &[(&'static str, &str)], status: u16| -> Result<()> {
        let call = headers.iter().fold(Call::get(ROW), |call, (name, value)| call.header(name, *value));
        assert_eq!(api.send(call).await?.status, status, "{headers:?}");
        Ok(())
    };
    check(&[("authorization", READ_KEY)], 200).await?;
    check(&[("authorization", &format!("bearer  {READ_KEY}"))], 200).await?;
    check(&[("helicone-auth", &format!("Bearer {READ_KEY}"))], 200).await?;
    check(&[("helicone-auth", READ_KEY), ("authorization", "Bearer sk-provider")], 200).await?;
    check(&[("helicone-auth", UNKNOWN_KEY), ("authorization", READ_KEY)], 401).await?;
    check(&[("authorization", &format!("Basic {READ_KEY}"))], 401).await?;
    check(&[("authorization", "Bearer ")], 401).await?;
    check(&[("authorization", &"x".repeat(8000))], 401).await?;
    Ok(())
}

#[tokio::test]
async fn tenants_never_see_each_other() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    let stranger = |call: Call| api.send(call.key(OTHER_KEY));
    assert_eq!(stranger(Call::get(ROW)).await?.outcome()?, (404, "not_found".to_owned()));
    let rows = stranger(Call::post("/v1/request/query-clickhouse", "{}")).await?;
    assert_eq!(rows.text(), r#"{"data":[],"error":null}"#);
    let count = stranger(Call::post("/v1/request/count/query", "{}")).await?;
    assert_eq!(count.text(), r#"{"data":0,"error":null}"#);
    Ok(())
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    assert_eq!(api.get(ROW).await?.status, 200);
    api.view.store(Arc::default());
    assert_eq!(api.get(ROW).await?.outcome()?, (401, "invalid_api_key".to_owned()));
    Ok(())
}
