//! Proxy keys: put where the provider takes its key, within their limits, and revoked at once.

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use gatehouse_testkit::client::call_json;
use gatehouse_testkit::process::TEST_KEY;
use serde_json::{Value, json};

use crate::support::{Call, DEADLINE, House, chat_body, helicone_id, refusal, text};

const SECRET: &str = "sk-kept-in-the-vault";
/// The headers in which providers take keys.
const KEY_HEADERS: [&str; 4] = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];

async fn post(house: &House, path: &str, body: Value) -> Result<Value> {
    let (status, json) = call_json(house.gatehouse.api(), "POST", path, TEST_KEY, Some(&body)).await?;
    ensure!(status == 200, "{path} answered {status}: {json}");
    Ok(json)
}

/// A proxy key and its id.
struct Made {
    key: String,
    id: String,
}

async fn proxy_key(house: &House, provider: Value, limits: Value) -> Result<Made> {
    let stored = post(house, "/v1/api-keys/provider-key", provider).await?;
    let body = json!({"providerKeyId": stored.get("id"), "proxyKeyName": "app", "limits": limits});
    let made = post(house, "/v1/api-keys/proxy-key", body).await?;
    let of = |name: &str| made.get(name).and_then(Value::as_str).map(str::to_owned).context("a proxy key");
    Ok(Made { key: of("proxyKey")?, id: of("proxyKeyId")? })
}

async fn of_provider(house: &House, provider: &str) -> Result<Made> {
    let mut body = json!({"providerName": provider, "providerKey": SECRET});
    if let (true, Some(body)) = (provider == "azure", body.as_object_mut()) {
        // Anybody can have a host below Azure's domains.
        body.insert("hosts".to_owned(), json!(["acme.openai.azure.com"]));
    }
    proxy_key(house, body, json!([])).await
}

/// A call without any key but what it is given.
fn bare(target: &str, path: &'static str) -> Call<'static> {
    Call::new("POST", path)
        .without("Helicone-Auth")
        .without("Authorization")
        .replace("Helicone-Target-Url", target)
        .header("Content-Type", "application/json")
        .with_body(chat_body(false).to_string())
}

#[tokio::test]
async fn a_provider_gets_its_key_where_it_takes_it_and_nothing_of_ours() -> Result<()> {
    let house = House::start().await?;
    let bearer = format!("Bearer {SECRET}");
    for (provider, target, place, value) in [
        ("openai", "https://api.openai.com", "authorization", bearer.as_str()),
        ("groq", "https://api.groq.com", "authorization", &bearer),
        ("anthropic", "https://api.anthropic.com", "x-api-key", SECRET),
        ("azure", "https://acme.openai.azure.com", "api-key", SECRET),
        ("google", "https://generativelanguage.googleapis.com", "x-goog-api-key", SECRET),
    ] {
        let made = of_provider(&house, provider).await?;
        // Wherever the application's library puts the key that it was given.
        for header in KEY_HEADERS {
            let before = house.double.requests().len();
            let scheme = if header == "authorization" { "Bearer " } else { "" };
            let mut call = bare(target, "/v1/x?a=%2F").header(header, format!("{scheme}{}", made.key));
            // Keys of its own beside it are for nobody.
            for other in KEY_HEADERS.into_iter().filter(|other| *other != header) {
                call = call.header(other, "own");
            }
            let answer = house.exchange(&call).await?;
            let requests = house.double.wait_for(before + 1).await?;
            let request = requests.last().with_context(|| format!("{answer:?}"))?;
            for name in KEY_HEADERS {
                let expected = (name == place).then_some(value);
                let found = request.headers.text(name);
                ensure!(found.as_deref() == expected, "{provider} by {header}: {name}: {found:?}");
            }
            ensure!(request.target == "/v1/x?a=%2F" && !format!("{request:?}").contains("sk-helicone"));
            let row = house.row(&helicone_id(&answer.head.headers)?).await?;
            ensure!(text(&row, "proxy_key_id") == made.id && !row.to_string().contains(SECRET), "{row}");
        }
    }
    let made = of_provider(&house, "google").await?;
    // Google takes a key in the query, too; the one that the caller had before goes with it.
    let path: &'static str =
        format!("/v1beta/models/g:generateContent?key=AIza&alt=sse&key={}", made.key).leak();
    house.exchange(&bare("https://generativelanguage.googleapis.com", path)).await?;
    let requests = house.double.requests();
    let request = requests.last().context("nothing arrived")?;
    let expected = "/v1beta/models/g:generateContent?alt=sse&key=sk%2Dkept%2Din%2Dthe%2Dvault";
    ensure!(request.target == expected, "{}", request.target);
    Ok(())
}

#[tokio::test]
async fn calls_to_bedrock_are_signed_with_what_the_vault_holds() -> Result<()> {
    let house = House::start().await?;
    let provider = json!({
        "providerName": "AWS", "providerKey": "AKIDEXAMPLE",
        "providerSecretKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    });
    let made = proxy_key(&house, provider, json!([])).await?;
    let path = "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse";
    let target = "https://bedrock-runtime.us-east-1.amazonaws.com";
    let body = json!({"messages": [{"role": "user", "content": [{"text": "Say hello."}]}]});
    let call = bare(target, path).header("Authorization", format!("Bearer {}", made.key));
    // A token of the caller's own belongs to another key.
    let call = call.header("aws-session-token", "own").header("x-amz-security-token", "own");
    let answer = house.exchange(&call.with_body(body.to_string())).await?;
    // The double checks signatures.
    ensure!(answer.head.status == 200, "{answer:?}");
    let requests = house.double.requests();
    ensure!(
        requests.iter().all(|request| request.headers.get("x-amz-security-token").is_none()),
        "{requests:?}"
    );
    Ok(())
}

#[tokio::test]
async fn an_entry_of_the_fallbacks_may_have_a_proxy_key() -> Result<()> {
    let house = House::start().await?;
    let (groq, together) = (of_provider(&house, "groq").await?, of_provider(&house, "together").await?);
    let entry = |target: &str, key: &str, double: &str| {
        let headers = json!({"Authorization": format!("Bearer {key}"), "x-double": double});
        json!({"target-url": target, "headers": headers, "onCodes": [500]})
    };
    let list = |second: &str| {
        let first = entry("https://api.groq.com", &groq.key, "status=500");
        json!([first, entry("https://api.together.xyz", second, "")]).to_string()
    };
    let call = |list: String| {
        Call::chat(&chat_body(false)).without("Helicone-Target-Url").header("Helicone-Fallbacks", list)
    };
    let answer = house.exchange(&call(list(&together.key))).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let keys: Vec<_> =
        house.double.requests().iter().map(|request| request.headers.text("authorization")).collect();
    ensure!(keys == vec![Some(format!("Bearer {SECRET}")); 2], "{keys:?}");
    // A key for one provider in the entry of another one is sent to nobody, not even to the first target.
    let refused = house.exchange(&call(list(&groq.key))).await?;
    let (status, code, _) = refusal(&refused)?;
    ensure!((status, code.as_str()) == (403, "key_not_for_host"), "{refused:?}");
    ensure!(house.double.requests().len() == 2);
    Ok(())
}

#[tokio::test]
async fn a_proxy_key_lets_no_call_more_through_than_its_limits_say() -> Result<()> {
    let mut house = House::start().await?;
    let provider = json!({"providerName": "openai", "providerKey": SECRET});
    let limits = json!([{"window_seconds": 3600, "count": 25}, {"window_seconds": 86_400, "cost": "1.00"}]);
    let made = proxy_key(&house, provider, limits).await?;
    let call = || {
        Call::chat(&chat_body(false))
            .without("Helicone-Auth")
            .replace("Authorization", format!("Bearer {}", made.key))
    };
    let answers = try_join_all((0..60).map(|_| async { house.exchange(&call()).await })).await?;
    let passed = answers.iter().filter(|answer| answer.head.status == 200).count();
    ensure!(passed == 25 && house.double.requests().len() == 25, "{passed} calls passed");
    let refused = answers.iter().find(|answer| answer.head.status != 200).context("none was refused")?;
    let (status, code, _) = refusal(refused)?;
    ensure!((status, code.as_str()) == (429, "rate_limited"), "{refused:?}");
    house.gatehouse.kill9().await?;
    house.gatehouse.restart().await?;
    ensure!(house.exchange(&call()).await?.head.status == 429, "a restart made room");
    Ok(())
}

#[tokio::test]
async fn a_proxy_key_that_is_not_in_force_opens_nothing() -> Result<()> {
    let house = House::start().await?;
    let made = of_provider(&house, "openai").await?;
    let call = |key: &str| {
        Call::chat(&chat_body(false))
            .without("Helicone-Auth")
            .replace("Authorization", format!("Bearer {key}"))
    };
    ensure!(house.exchange(&call(&made.key)).await?.head.status == 200);
    let unknown = made.key.replacen("sk-helicone-proxy-", "pk-helicone-proxy-", 1);
    for (key, code) in
        [(unknown.as_str(), "invalid_proxy_key"), ("sk-helicone-proxy-x", "malformed_proxy_key")]
    {
        let answer = house.exchange(&call(key)).await?;
        let (status, found, _) = refusal(&answer)?;
        ensure!((status, found.as_str()) == (401, code), "{answer:?}");
    }
    let path = format!("/v1/api-keys/proxy-key/{}", made.id);
    let (status, json) = call_json(house.gatehouse.api(), "DELETE", &path, TEST_KEY, None).await?;
    ensure!(status == 200, "{json}");
    let gone = gatehouse_testkit::eventually(DEADLINE, async || {
        let answer = house.exchange(&call(&made.key)).await?;
        Ok((answer.head.status == 401).then_some(answer))
    });
    let (_, code, _) = refusal(&gone.await?)?;
    ensure!(code == "revoked_proxy_key", "{code}");
    // Beside a Helicone key, too, it is the proxy key that counts.
    let both = call(&made.key).header("Helicone-Auth", format!("Bearer {TEST_KEY}"));
    let answer = house.exchange(&both).await?;
    ensure!(refusal(&answer)?.1 == "revoked_proxy_key", "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_proxy_key_in_a_fallback_has_its_limits_there_too() -> Result<()> {
    let house = House::start().await?;
    let provider = json!({"providerName": "groq", "providerKey": SECRET});
    let limits = json!([{"window_seconds": 3600, "count": 1}, {"window_seconds": 3600, "cost": "1.00"}]);
    let made = proxy_key(&house, provider, limits).await?;
    let entry = |target: &str, key: &str, double: &str| {
        let headers = json!({"Authorization": format!("Bearer {key}"), "x-double": double});
        json!({"target-url": target, "headers": headers, "onCodes": [429, 500]})
    };
    let call = |entries: Value| {
        let call = Call::chat(&chat_body(false)).without("Helicone-Target-Url");
        call.header("Helicone-Fallbacks", entries.to_string())
    };
    let (groq, together) = ("https://api.groq.com", "https://api.together.xyz");
    // A key that is not asked with takes nothing from its limits.
    let spare = || call(json!([entry(together, "sk-own", ""), entry(groq, &made.key, "")]));
    ensure!(house.exchange(&spare()).await?.head.status == 200);
    let second = call(json!([entry(together, "sk-own", "status=500"), entry(groq, &made.key, "")]));
    let answer = house.exchange(&second).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    ensure!(text(&row, "proxy_key_id") == made.id, "{row}");
    let asked = house.double.requests().len();
    for entries in [
        json!([entry(groq, &made.key, "")]),
        json!([entry(together, "sk-own", "status=500"), entry(groq, &made.key, "")]),
    ] {
        let answer = house.exchange(&call(entries)).await?;
        let (status, code, _) = refusal(&answer)?;
        ensure!((status, code.as_str()) == (429, "rate_limited"), "{answer:?}");
    }
    ensure!(house.double.requests().len() == asked + 1, "a key was used beyond its limit");
    // A limit that is reached is passed over like a 429.
    let over = call(json!([entry(groq, &made.key, ""), entry(together, "sk-own", "")]));
    let answer = house.exchange(&over).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    ensure!(house.exchange(&spare()).await?.head.status == 200, "the key alone is at its limit");
    Ok(())
}

#[tokio::test]
async fn a_call_with_a_proxy_key_alone_is_recorded_even_if_it_goes_nowhere() -> Result<()> {
    let house = House::start().await?;
    let made = of_provider(&house, "openai").await?;
    let call = bare("no URL", "/v1/x").header("Authorization", format!("Bearer {}", made.key));
    let answer = house.exchange(&call).await?;
    ensure!(refusal(&answer)?.1 == "invalid_target", "{answer:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    ensure!(text(&row, "proxy_key_id") == made.id, "{row}");
    Ok(())
}
