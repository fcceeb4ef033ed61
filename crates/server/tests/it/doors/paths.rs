//! What our own hosts do besides leading to providers, and what names a target besides its header.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::RawResponse;

use crate::support::{Call, House, OPENAI, facts, helicone_id, refusal, text};

fn at(host: &str) -> Call<'static> {
    Call::new("POST", "/v1/chat/completions").without("Helicone-Target-Url").replace("Host", host)
}

fn get(path: &'static str, host: &str) -> Call<'static> {
    Call::new("GET", path).without("Helicone-Target-Url").replace("Host", host)
}

async fn answer(house: &House, call: Call<'_>) -> Result<RawResponse> {
    house.exchange(&call).await
}

async fn check_refused(house: &House, call: Call<'_>, status: u16, code: &str) -> Result<String> {
    let described = format!("{call:?}");
    let (found_status, found_code, body) = refusal(&answer(house, call).await?).context(described.clone())?;
    ensure!(
        (found_status, found_code.as_str()) == (status, code),
        "{found_status} {found_code}: {described}"
    );
    Ok(body)
}

/// Returns the host that a call reached, by the request that arrived last.
async fn reached(house: &House, call: Call<'_>) -> Result<String> {
    let before = house.double.requests().len();
    let described = format!("{call:?}");
    let found = answer(house, call).await?;
    let received =
        house.double.wait_for(before + 1).await.with_context(|| format!("{described}\n{found:?}"))?;
    received.last().and_then(|request| request.sni.clone()).context("no host")
}

// proves: Helicone-OpenAI-Api-Base, Helicone-Target-Url
#[tokio::test]
async fn a_base_leads_elsewhere_where_helicone_takes_one() -> Result<()> {
    let house = House::start().await?;
    let azure = "https://acme.openai.azure.com/openai/deployments/gpt";
    for host in ["oai.helicone.ai", "anthropic.hconeai.com", "gateway.helicone.ai", "127.0.0.1:8787"] {
        let call = at(host).header("Helicone-OpenAI-Api-Base", azure);
        ensure!(reached(&house, call).await? == "acme.openai.azure.com", "{host}");
    }
    let target = at("oai.helicone.ai").header("Helicone-Target-Url", "https://api.groq.com/v1/");
    ensure!(reached(&house, target.clone()).await? == "api.groq.com");
    // The base wins where both stand on a provider's host, the target everywhere else.
    let both = target.header("Helicone-OpenAI-Api-Base", azure);
    ensure!(reached(&house, both.clone()).await? == "acme.openai.azure.com");
    ensure!(reached(&house, both.replace("Host", "gateway.helicone.ai")).await? == "api.groq.com");
    // Other providers' hosts lead to them, whatever a header says.
    let groq = at("groq.helicone.ai").header("Helicone-Target-Url", OPENAI);
    ensure!(reached(&house, groq).await? == "api.groq.com");
    check_refused(
        &house,
        at("oai.helicone.ai").header("Helicone-OpenAI-Api-Base", "nonsense"),
        400,
        "invalid_target",
    )
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_path_names_a_door_where_no_host_does() -> Result<()> {
    let house = House::start().await?;
    for (path, host, arrives, target) in [
        (
            "/v1/gateway/oai/v1/chat/completions?a=%2F",
            "10.0.0.7:8787",
            "api.openai.com",
            "/v1/chat/completions?a=%2F",
        ),
        ("/v1/gateway/groq//openai/v1/x", "gateway.helicone.ai", "api.groq.com", "//openai/v1/x"),
        ("/v1/gateway/nobody/v1", "oai.helicone.ai", "api.openai.com", "/v1/gateway/nobody/v1"),
    ] {
        ensure!(reached(&house, Call { path, ..at(host) }).await? == arrives, "{path}");
        let received = house.double.requests();
        ensure!(received.last().is_some_and(|request| request.target == target), "{path}: {received:?}");
    }
    check_refused(&house, Call { path: "/v1/gateway/nobody/v1", ..at("10.0.0.7") }, 400, "missing_target")
        .await?;
    // A base is for the provider that the path names, as it is for its host.
    let based = Call { path: "/v1/gateway/oai/v1/x", ..at("10.0.0.7") };
    let based = based.header("Helicone-OpenAI-Api-Base", "https://acme.openai.azure.com/v1");
    ensure!(reached(&house, based).await? == "acme.openai.azure.com");
    let received = house.double.requests();
    ensure!(received.last().is_some_and(|request| request.target == "/v1/x"), "{received:?}");
    // Who names a target means the target's path.
    let named = Call { path: "/v1/gateway/oai/v1", ..at("10.0.0.7") }.header("Helicone-Target-Url", OPENAI);
    reached(&house, named).await?;
    let received = house.double.requests();
    ensure!(received.last().is_some_and(|request| request.target == "/v1/gateway/oai/v1"), "{received:?}");
    Ok(())
}

// proves: Upstash-Callback
#[tokio::test]
async fn a_callback_decides_where_qstash_calls_go() -> Result<()> {
    let house = House::start().await?;
    let call = |host: &str| {
        let call = Call { path: "/llm/v1/chat/completions?x=%2F", ..at(host) };
        call.header("Upstash-Callback", "https://api.together.xyz/callback")
    };
    ensure!(reached(&house, call("qstash.helicone.ai")).await? == "api.together.xyz");
    let by_header = call("gateway.helicone.ai").header("Helicone-Target-Url", "https://qstash.upstash.io");
    ensure!(reached(&house, by_header).await? == "api.together.xyz");
    let received = house.double.wait_for(2).await?;
    ensure!(
        received.iter().all(|request| request.target == "/llm/v1/chat/completions?x=%2F"),
        "{received:?}"
    );
    ensure!(
        reached(&house, call("qstash.helicone.ai").without("Upstash-Callback")).await? == "qstash.upstash.io"
    );
    let private = call("qstash.helicone.ai").replace("Upstash-Callback", "https://169.254.169.254/latest");
    check_refused(&house, private, 403, "forbidden_target").await?;
    let nonsense = call("qstash.helicone.ai").replace("Upstash-Callback", "x");
    check_refused(&house, nonsense, 400, "invalid_target").await?;
    check_refused(&house, at("qstash.helicone.ai"), 400, "wrong_path").await?;
    Ok(())
}

#[tokio::test]
async fn hosts_that_are_not_served_say_so() -> Result<()> {
    let house = House::start().await?;
    for host in ["ai-gateway.helicone.ai", "generate.hconeai.com", "eu.ai-gateway.helicone.ai"] {
        check_refused(&house, at(host), 501, "not_built").await?;
    }
    for host in ["nobody.helicone.ai", "oai.extra.helicone.ai", "openai.localhost:8787", "myoai.helicone.ai"]
    {
        let body = check_refused(&house, at(host), 400, "unknown_host").await?;
        ensure!(body.contains("anthropic") && body.contains("oai"), "{body}");
    }
    for host in
        ["helicone.ai", "gateway.helicone.ai", "eu.helicone.ai", "10.1.2.3:80", "[::1]:8787", "localhost", ""]
    {
        check_refused(&house, at(host), 400, "missing_target").await?;
    }
    // A name that an operator gave the gateway is as good as an address.
    let call = at("nobody.helicone.ai").header("Helicone-Target-Url", OPENAI);
    ensure!(reached(&house, call).await? == "api.openai.com");
    for host in ["oai.helicone.ai.evil.tld", "oai-helicone.ai", "oaihelicone.ai"] {
        check_refused(&house, at(host), 400, "missing_target").await?;
    }
    ensure!(house.double.requests().len() == 1);
    Ok(())
}

#[tokio::test]
async fn browsers_are_sent_to_the_providers_pages() -> Result<()> {
    let house = House::start().await?;
    for (host, home) in [
        ("together.helicone.ai", "https://together.xyz"),
        ("openrouter.hconeai.com", "https://openrouter.ai"),
        ("deepinfra.helicone.ai", "https://deepinfra.com"),
        ("groq.localhost:8787", "https://groq.com"),
        ("perplexity.helicone.ai", "https://api.perplexity.ai"),
        ("fireworks.helicone.ai", "https://fireworks.ai"),
        ("predibase.helicone.ai", "https://app.predibase.com"),
    ] {
        let answer = answer(&house, get("/", host).without("Helicone-Auth")).await?;
        let location = answer.head.headers.text("location");
        ensure!((answer.head.status, location.as_deref()) == (301, Some(home)), "{host}: {answer:?}");
        ensure!(answer.body.is_empty() && answer.end.is_ok(), "{answer:?}");
    }
    // The root is a path like any other where there are no pages, and for every other method.
    ensure!(reached(&house, get("/", "oai.helicone.ai")).await? == "api.openai.com");
    ensure!(reached(&house, Call { path: "/", ..at("groq.helicone.ai") }).await? == "api.groq.com");
    Ok(())
}

#[tokio::test]
async fn our_own_paths_do_not_shadow_a_providers() -> Result<()> {
    let house = House::start().await?;
    for host in ["127.0.0.1:8787", "gateway.helicone.ai", "oai.helicone.ai", "api.helicone.ai"] {
        let answer = answer(&house, get("/healthcheck", host).without("Helicone-Auth")).await?;
        ensure!(answer.head.status == 200 && answer.body.is_empty(), "{host}: {answer:?}");
        ensure!(answer.head.headers.get("content-type") == Some(b"application/json"), "{host}: {answer:?}");
    }
    for (method, path) in [("GET", "/healthcheck"), ("POST", "/v1/feedback"), ("POST", "/v1/log")] {
        // Who names a target means the target's path.
        let named = Call { method, path, ..Call::new(method, path) };
        ensure!(reached(&house, named).await? == "api.openai.com", "{path}");
    }
    for path in ["/v1/feedback", "/v1/log"] {
        for host in ["oai.helicone.ai", "gateway.helicone.ai"] {
            let call = Call { path, ..at(host) }.header("Content-Type", "application/json").with_body("{}");
            let answer = answer(&house, call).await?;
            ensure!(answer.head.status == 400, "{host}{path}: {answer:?}");
            ensure!(answer.json()?.pointer("/error/code").is_some(), "{answer:?}");
        }
    }
    ensure!(house.double.requests().len() == 3);
    Ok(())
}

#[tokio::test]
async fn the_rest_api_is_behind_its_hosts() -> Result<()> {
    let house = House::start().await?;
    let logged = answer(&house, at("oai.helicone.ai").with_body("{}")).await?;
    let id = helicone_id(&logged.head.headers)?;
    let row = house.row(&id).await?;
    let path: &'static str = format!("/v1/request/{id}?includeBody=true").leak();
    for host in ["api.helicone.ai", "api.worker.helicone.ai", "eu.api.helicone.ai", "API.hconeai.com:443"] {
        let answer = answer(&house, get(path, host).without("Authorization")).await?;
        ensure!(answer.head.status == 200, "{host}: {answer:?}");
        ensure!(answer.json()?.get("data").map(facts) == Some(facts(&row)), "{host}: {answer:?}");
    }
    // As Helicone's own clients ask: with the key as the bearer token.
    let key = format!("Bearer {}", gatehouse_testkit::process::TEST_KEY);
    let bearer = get(path, "api.helicone.ai").without("Helicone-Auth").replace("Authorization", key.as_str());
    let found = answer(&house, bearer).await?;
    ensure!(text(found.json()?.get("data").context("no row")?, "request_id") == id);
    let nobody = get(path, "api.helicone.ai").without("Helicone-Auth").without("Authorization");
    check_refused(&house, nobody, 401, "missing_api_key").await?;
    // Neither the dashboard nor what is for the operator alone.
    for path in ["/v1/nowhere", "/", "/metrics", "/readyz", "/index.html"] {
        check_refused(&house, get(path, "api.helicone.ai"), 404, "unknown_route").await?;
    }
    Ok(())
}
