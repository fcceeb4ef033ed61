//! Where a key may stand, what each key opens, and that none of them goes any further.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::process::TEST_KEY;

use crate::support::{Call, House, OPENAI, helicone_id, refusal, text};

const PROVIDER: &str = "Bearer sk-provider-secret";

/// A call without a key of ours.
fn bare(path: &'static str) -> Call<'static> {
    Call::new("POST", path).without("Helicone-Auth").with_body("{}")
}

/// Checks that a call is the key's, and what the provider gets of it.
async fn check(house: &House, call: Call<'_>, target: &str, authorization: Option<&str>) -> Result<()> {
    let described = format!("{call:?}");
    let before = house.double.requests().len();
    let answer = house.exchange(&call).await?;
    let received =
        house.double.wait_for(before + 1).await.with_context(|| format!("{described}\n{answer:?}"))?;
    let request = received.last().context("nothing arrived")?;
    ensure!(request.target == target, "{described}\narrived as {}", request.target);
    ensure!(request.headers.text("authorization").as_deref() == authorization, "{described}\n{request:?}");
    ensure!(!format!("{request:?}").contains("helicone"), "{described}\n{request:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await.with_context(|| described.clone())?;
    ensure!(!row.to_string().contains("sk-helicone"), "{row}");
    ensure!(text(&row, "target_url") == format!("{OPENAI}{target}"), "{row}");
    Ok(())
}

// proves: Helicone-Auth, Authorization
#[tokio::test]
async fn a_key_is_taken_wherever_helicone_takes_one() -> Result<()> {
    let house = House::start().await?;
    let bearer = format!("Bearer {TEST_KEY}");
    let own = bare("/v1/x").header("Helicone-Auth", bearer.as_str());
    check(&house, own, "/v1/x", Some(PROVIDER)).await?;
    let plain = bare("/v1/x").header("Helicone-Auth", TEST_KEY);
    check(&house, plain, "/v1/x", Some(PROVIDER)).await?;
    for (path, target) in [
        (format!("/{TEST_KEY}/v1/x?a=%2F"), "/v1/x?a=%2F"),
        (format!("/v1/{TEST_KEY}/x//y?a"), "/v1/x//y?a"),
        (format!("/{TEST_KEY}"), "/"),
    ] {
        check(&house, bare(path.leak()), target, Some(PROVIDER)).await?;
    }
    let alone = bare("/v1/x").replace("Authorization", bearer.as_str());
    check(&house, alone.header("x-api-key", "sk-ant"), "/v1/x", None).await?;
    for both in [format!("{PROVIDER}, {bearer}"), format!("{bearer}, {PROVIDER}")] {
        check(&house, bare("/v1/x").replace("Authorization", both), "/v1/x", Some(PROVIDER)).await?;
    }
    let two_lines = bare("/v1/x").header("authorization", bearer.as_str());
    check(&house, two_lines, "/v1/x", Some(PROVIDER)).await?;
    let stderr = house.gatehouse.stderr();
    ensure!(!stderr.contains(TEST_KEY), "{stderr}");
    Ok(())
}

#[tokio::test]
async fn the_old_form_of_a_key_is_one_only_where_it_is_known() -> Result<()> {
    const OLD: &str = "Bearer sk-aaaaaaa-bbbbbbb-ccccccc-ddddddd";
    let config = "[bootstrap]\napi_key = \"sk-aaaaaaa-bbbbbbb-ccccccc-ddddddd\"\n";
    let house = House::with_toml(config).await?;
    let answer = house.exchange(&bare("/v1/x").replace("Authorization", OLD)).await?;
    // The provider misses its own key: what it got has none.
    ensure!(answer.json()?.pointer("/error/code").is_some_and(serde_json::Value::is_null), "{answer:?}");
    let received = house.double.wait_for(1).await?;
    ensure!(received.iter().all(|request| request.headers.text("authorization").is_none()), "{received:?}");
    let other = bare("/v1/x").replace("Authorization", "Bearer sk-0000000-bbbbbbb-ccccccc-ddddddd");
    let (status, code, _) = refusal(&house.exchange(&other).await?)?;
    ensure!((status, code.as_str()) == (401, "missing_api_key"), "{status} {code}");
    Ok(())
}

// proves: Helicone-Auth, Authorization
#[tokio::test]
async fn a_refused_key_is_told_where_it_stood_and_why() -> Result<()> {
    let house = House::start().await?;
    let unknown = "sk-helicone-0000000-bbbbbbb-ccccccc-ddddddd";
    let in_path: &'static str = format!("/{unknown}/v1/x").leak();
    for (call, code, place) in [
        (
            bare("/v1/x").header("Helicone-Auth", format!("Bearer {unknown}")),
            "invalid_api_key",
            "Helicone-Auth",
        ),
        (bare(in_path), "invalid_api_key", "the path"),
        (
            bare("/v1/x").replace("Authorization", format!("Bearer {unknown}")),
            "invalid_api_key",
            "Authorization",
        ),
        (bare("/sk-helicone-short/v1/x"), "malformed_api_key", "the path"),
        (bare("/v1/x").header("Helicone-Auth", "Basic abc"), "malformed_api_key", "Helicone-Auth"),
    ] {
        let described = format!("{call:?}");
        let (status, found, body) = refusal(&house.exchange(&call).await?)?;
        ensure!((status, found.as_str()) == (401, code), "{status} {found}: {described}");
        ensure!(body.contains(place) && !body.contains(unknown), "{body}: {described}");
    }
    ensure!(house.double.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn without_required_keys_strangers_pass_and_are_not_logged() -> Result<()> {
    let house = House::with_toml("[gateway]\nrequire_auth = false\n").await?;
    let unknown = "Bearer sk-helicone-0000000-bbbbbbb-ccccccc-ddddddd";
    let calls = [
        bare("/v1/x"),
        bare("/v1/x").header("Helicone-Auth", unknown),
        bare("/v1/x").header("Helicone-Auth", "nonsense"),
        bare("/v1/x").replace("Authorization", format!("{PROVIDER}, {unknown}")),
    ];
    for call in &calls {
        let answer = house.exchange(call).await?;
        ensure!(answer.head.status != 401 && answer.head.headers.text("helicone-id").is_some(), "{answer:?}");
    }
    let received = house.double.wait_for(calls.len()).await?;
    for request in &received {
        ensure!(request.headers.text("authorization").as_deref() == Some(PROVIDER), "{request:?}");
        ensure!(!format!("{request:?}").contains("helicone"), "{request:?}");
    }
    let known = house.exchange(&Call::new("POST", "/v1/x").with_body("{}")).await?;
    house.row(&helicone_id(&known.head.headers)?).await?;
    let all = serde_json::json!({"filter": "all"});
    let rows = house.gatehouse.post("/v1/request/query-clickhouse", &all).await?;
    let rows = rows.get("data").and_then(|data| data.as_array()).context("no rows")?.len();
    ensure!(rows == 1, "{rows} rows");
    Ok(())
}
