//! The OpenAPI document: what is committed is what the code says, and what the server serves.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::client::{Call, TestApi};
use crate::installation::ADMIN_KEY;

const SNAPSHOT: &str = include_str!("../../openapi.json");

#[tokio::test]
async fn the_committed_document_is_fresh() -> Result<()> {
    let fresh = gatehouse_api::openapi::openapi().to_pretty_json()?;
    assert_eq!(
        SNAPSHOT.trim_end(),
        fresh,
        "run `cargo run -p gatehouse-api --example openapi > crates/api/openapi.json`"
    );
    let api = TestApi::start(Vec::new()).await?;
    assert_eq!(api.get("/openapi.json").await?.json()?, serde_json::from_str::<Value>(SNAPSHOT)?);
    Ok(())
}

#[tokio::test]
async fn every_documented_operation_exists_and_says_whether_it_needs_a_key() -> Result<()> {
    let document: Value = serde_json::from_str(SNAPSHOT)?;
    assert_eq!(document["openapi"], "3.1.0");
    let api = TestApi::start(Vec::new()).await?;
    let paths = document["paths"].as_object().context("paths")?;
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().context("operations")? {
            let call = || {
                let call = Call::new(&method.to_uppercase(), &path.replace("{id}", "x"));
                Call::header(call, "content-type", "application/json")
            };
            let (_, code) = api.send(call().key(ADMIN_KEY)).await?.outcome_or_ready(path)?;
            assert!(code != "unknown_route" && code != "method_not_allowed", "{method} {path}: {code}");
            let tells = operation["responses"].get("413").is_some();
            assert_eq!(tells, operation.get("requestBody").is_some(), "{method} {path}: too long a body");
            let is_open = operation["security"] == serde_json::json!([{}]);
            let status = api.send(call()).await?.status;
            assert_eq!(status == 401, !is_open, "{method} {path} without a key: {status}");
        }
    }
    assert_eq!(paths.len(), 146);
    Ok(())
}
