//! The vault: provider keys go in and never come out again, proxy keys stand in their place.

use anyhow::{Context, Result};
use gatehouse_seal::MasterKeys;
use gatehouse_store::control::ControlStore;
use gatehouse_store::vault::{ProxyKeyLimit, ProxyKeyQuota, ProxyKeyRefusal};
use gatehouse_types::{NanoUsd, Timestamp};
use serde_json::{Value, json};

use crate::client::TestApi;
use crate::installation::{BOTH_KEY, Installation, OTHER_KEY, READ_KEY, ours};

const SECRET: &str = "sk-proj-the-secret-itself";
const EXTRA: &str = "the-second-secret";
const NOW: Timestamp = Timestamp::from_unix_micros(1_795_356_360_123_456);

const PROVIDER_KEY: &str = "POST /v1/api-keys/provider-key";
const PROXY_KEY: &str = "POST /v1/api-keys/proxy-key";

fn id_of(answer: &Value) -> Result<String> {
    Ok(answer["id"].as_str().with_context(|| format!("no id in {answer}"))?.to_owned())
}

/// Stores the secret for a provider and returns the key's id.
async fn store(api: &TestApi, key: &str) -> Result<String> {
    let body = json!({
        "providerName": "openai", "providerKeyName": "production", "providerKey": SECRET,
        "providerSecretKey": EXTRA, "config": {"region": "eu"}, "byokEnabled": true,
    });
    id_of(&api.expect(200, key, PROVIDER_KEY, body).await?)
}

/// Makes a proxy key for a provider key and returns its id and the key.
async fn proxy(api: &TestApi, provider_key_id: &str) -> Result<(String, String)> {
    let body = json!({"providerKeyId": provider_key_id, "proxyKeyName": "app"});
    let made = api.expect(200, BOTH_KEY, PROXY_KEY, body).await?;
    let text = |field: &str| {
        made.get(field).and_then(Value::as_str).map(ToOwned::to_owned).context(field.to_owned())
    };
    Ok((text("proxyKeyId")?, text("proxyKey")?))
}

/// Returns what a proxy key leads to: the secret of the provider's key.
fn leads_to(api: &TestApi, proxy_key: &str) -> Result<String, ProxyKeyRefusal> {
    let view = api.view.load();
    view.vault.find(proxy_key.as_bytes(), NOW).map(|grant| grant.secret.expose().clone())
}

async fn actions(api: &TestApi, key: &str) -> Result<Vec<(String, String)>> {
    let audit = api.data(200, key, "GET /v1/audit?limit=100", Value::Null).await?;
    let text =
        |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let entries = audit.as_array().context("a list")?.iter();
    let made = entries.filter(|entry| text(entry, "subject") != "fixture");
    Ok(made.map(|entry| (text(entry, "action"), text(entry, "detail"))).collect())
}

#[tokio::test]
async fn a_provider_key_goes_in_and_is_not_shown_again() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let id = store(&api, BOTH_KEY).await?;
    let read = api.expect(200, BOTH_KEY, &format!("GET /v1/api-keys/provider-key/{id}"), Value::Null).await?;
    let expected = json!({
        "id": id, "org_id": ours(), "provider_name": "OPENAI", "provider_key_name": "production",
        "provider_key": null, "provider_secret_key": null, "has_secret_key": true, "hosts": [],
        "config": {"region": "eu"}, "active": true, "soft_delete": false,
        "created_at": read["created_at"], "updated_at": read["updated_at"],
    });
    assert_eq!(read, expected);
    let list = api.expect(200, BOTH_KEY, "GET /v1/api-keys/provider-keys", Value::Null).await?;
    assert_eq!(list, json!([expected]));
    assert_eq!(api.data(200, BOTH_KEY, &format!("GET /v1/vault/key/{id}"), Value::Null).await?, expected);
    assert_eq!(api.data(200, BOTH_KEY, "GET /v1/vault/keys", Value::Null).await?, json!([expected]));
    assert_eq!(actions(&api, BOTH_KEY).await?[0], ("provider_key_added".into(), "OPENAI: production".into()));

    // In the store there is nothing of it either.
    let stored = api.installation.store.provider_keys().await?.remove(0);
    let sealed = stored.secrets().map(|(_, sealed)| sealed.as_bytes().to_vec()).collect::<Vec<_>>();
    assert_eq!(sealed.len(), 2);
    for (sealed, secret) in sealed.iter().zip([SECRET, EXTRA]) {
        assert!(!sealed.windows(8).any(|part| secret.as_bytes().windows(8).any(|other| other == part)));
    }
    Ok(())
}

#[tokio::test]
async fn an_operator_may_allow_that_keys_are_shown_and_it_is_written_down() -> Result<()> {
    let mut installation = Installation::two_organizations().await?;
    installation.reveals_provider_keys = true;
    let api = TestApi::with_installation(Vec::new(), installation).await?;
    let id = store(&api, BOTH_KEY).await?;
    let read = api.data(200, BOTH_KEY, &format!("GET /v1/vault/key/{id}"), Value::Null).await?;
    assert_eq!((&read["provider_key"], &read["provider_secret_key"]), (&json!(SECRET), &json!(EXTRA)));
    let read = api.expect(200, BOTH_KEY, &format!("GET /v1/api-keys/provider-key/{id}"), Value::Null).await?;
    assert_eq!(read["provider_key"], SECRET);
    let list = api.data(200, BOTH_KEY, "GET /v1/vault/keys", Value::Null).await?;
    assert_eq!(list[0]["provider_key"], Value::Null, "a list shows none");
    let revealed = ("provider_key_revealed".to_owned(), "OPENAI: production".to_owned());
    assert_eq!(actions(&api, BOTH_KEY).await?[..2], [revealed.clone(), revealed]);
    let others = format!("GET /v1/vault/key/{id}");
    api.expect_refusal((404, "not_found"), OTHER_KEY, &others, Value::Null, "no provider key").await?;

    // What does not open is not shown, and not said to have been.
    let before = actions(&api, BOTH_KEY).await?;
    api.installation.secrets.replace(MasterKeys::generate()?);
    let unreadable = (500, "secret_unreadable");
    let about = "can't be decrypted with the current vault key";
    api.expect_refusal(unreadable, BOTH_KEY, &others, Value::Null, about).await?;
    assert_eq!(actions(&api, BOTH_KEY).await?, before);
    Ok(())
}

#[tokio::test]
async fn the_older_routes_work_on_the_same_keys() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let added = json!({"key": SECRET, "provider": "ANTHROPIC"});
    let id = id_of(&api.data(200, BOTH_KEY, "POST /v1/vault/add", added).await?)?;
    let (_, proxy_key) = proxy(&api, &id).await?;
    let path = format!("PATCH /v1/vault/update/{id}");
    let nothing = json!({"data": null, "error": null});
    let change = json!({"name": "other", "key": "sk-ant-other", "active": true});
    assert_eq!(api.expect(200, BOTH_KEY, &path, change).await?, nothing);
    let read = api.data(200, BOTH_KEY, &format!("GET /v1/vault/key/{id}"), Value::Null).await?;
    assert_eq!((&read["provider_key_name"], &read["provider_name"]), (&json!("other"), &json!("ANTHROPIC")));
    assert_eq!(leads_to(&api, &proxy_key).as_deref(), Ok("sk-ant-other"));
    api.expect(200, BOTH_KEY, &path, json!({"active": false})).await?;
    assert_eq!(leads_to(&api, &proxy_key), Err(ProxyKeyRefusal::ProviderKeyInactive));
    let changed = ("provider_key_changed".to_owned(), "ANTHROPIC: other: not active".to_owned());
    assert_eq!(actions(&api, BOTH_KEY).await?[0], changed);
    assert_eq!(api.expect(200, BOTH_KEY, &format!("DELETE /v1/vault/{id}"), Value::Null).await?, nothing);
    assert_eq!(leads_to(&api, &proxy_key), Err(ProxyKeyRefusal::ProviderKeyRemoved));
    assert_eq!(api.data(200, BOTH_KEY, "GET /v1/vault/keys", Value::Null).await?, json!([]));
    Ok(())
}

#[tokio::test]
async fn a_changed_or_removed_key_is_in_force_at_once() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let id = store(&api, BOTH_KEY).await?;
    let (_, proxy_key) = proxy(&api, &id).await?;
    assert_eq!(leads_to(&api, &proxy_key).as_deref(), Ok(SECRET));
    let one = format!("/v1/api-keys/provider-key/{id}");
    let change = json!({"providerKey": "sk-new", "hosts": ["eu.api.openai.com"], "config": {"region": "us"}});
    let changed = api.data(200, BOTH_KEY, &format!("PATCH {one}"), change).await?;
    assert_eq!(changed, json!({"id": id, "providerName": "OPENAI"}));
    assert_eq!(leads_to(&api, &proxy_key).as_deref(), Ok("sk-new"));
    let grant = api.view.load().vault.find(proxy_key.as_bytes(), NOW)?.clone();
    assert!(grant.permits("eu.api.openai.com", 443, Some("OPENAI")));
    assert!(!grant.permits("api.openai.com", 443, Some("OPENAI")));
    let removed = api.expect(200, BOTH_KEY, &format!("DELETE {one}"), Value::Null).await?;
    assert_eq!(removed, json!({"providerName": "OPENAI"}));
    assert_eq!(leads_to(&api, &proxy_key), Err(ProxyKeyRefusal::ProviderKeyRemoved));
    for method in ["GET", "DELETE"] {
        let gone = format!("{method} {one}");
        api.expect_refusal((404, "not_found"), BOTH_KEY, &gone, Value::Null, "removed").await?;
    }
    let patch = format!("PATCH {one}");
    api.expect_refusal((404, "not_found"), BOTH_KEY, &patch, json!({"active": true}), "removed").await?;
    let told: Vec<_> = actions(&api, BOTH_KEY).await?.into_iter().map(|(_, detail)| detail).collect();
    assert_eq!(told[1], "OPENAI: production: key, hosts eu.api.openai.com, config");
    assert!(!told.iter().any(|detail| detail.contains("sk-") || detail.contains("region")), "{told:?}");
    Ok(())
}

#[tokio::test]
async fn a_proxy_key_is_shown_once_limited_and_revoked() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let id = store(&api, BOTH_KEY).await?;
    let body = json!({
        "providerKeyId": id, "proxyKeyName": "batch job", "expires_at": "2100-01-01T00:00:00Z",
        "limits": [{"window_seconds": 60, "cost": 0.5}, {"window_seconds": 3600, "count": 7}],
    });
    let made = api.expect(200, BOTH_KEY, PROXY_KEY, body).await?;
    let (proxy_id, key) =
        (made["proxyKeyId"].as_str().context("an id")?, made["proxyKey"].as_str().context("a key")?);
    assert!(key.starts_with("sk-helicone-proxy-") && key.ends_with(proxy_id), "{key}");
    let seconds = std::time::Duration::from_secs;
    let grant = api.view.load().vault.find(key.as_bytes(), NOW)?.clone();
    let limits = [
        ProxyKeyLimit { window: seconds(60), quota: ProxyKeyQuota::Cost(NanoUsd::new(500_000_000)) },
        ProxyKeyLimit { window: seconds(3600), quota: ProxyKeyQuota::Requests(7) },
    ];
    assert_eq!(grant.limits, limits);

    let list = "GET /v1/api-keys/proxy-keys";
    let listed = api.data(200, BOTH_KEY, list, Value::Null).await?;
    assert_eq!(
        listed,
        json!([{
            "id": proxy_id, "proxy_key_name": "batch job", "provider_key_id": id, "soft_delete": false,
            "limits": [
                {"window_seconds": 60, "cost": "0.500000000", "requests": null, "tokens": null},
                {"window_seconds": 3600, "cost": null, "requests": 7, "tokens": null},
            ],
            "created_at": listed[0]["created_at"], "expires_at": "2100-01-01T00:00:00.000Z",
            "revoked_at": null, "last_used_at": null,
        }])
    );
    let created = ("proxy_key_created".to_owned(), "batch job for OPENAI: production".to_owned());
    assert_eq!(actions(&api, BOTH_KEY).await?[0], created);
    let revoke = format!("DELETE /v1/api-keys/proxy-key/{proxy_id}");
    api.expect(200, BOTH_KEY, &revoke, Value::Null).await?;
    assert_eq!(leads_to(&api, key), Err(ProxyKeyRefusal::Revoked));
    api.expect_refusal((404, "not_found"), BOTH_KEY, &revoke, Value::Null, "no proxy key").await?;
    assert_eq!(api.data(200, BOTH_KEY, list, Value::Null).await?[0]["soft_delete"], true);
    Ok(())
}

#[tokio::test]
async fn one_organisation_has_nothing_of_anothers_vault() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let id = store(&api, BOTH_KEY).await?;
    let (proxy_id, proxy_key) = proxy(&api, &id).await?;
    let absent = (404, "not_found");
    for call in [
        format!("GET /v1/api-keys/provider-key/{id}"),
        format!("DELETE /v1/api-keys/provider-key/{id}"),
        format!("GET /v1/vault/key/{id}"),
        format!("DELETE /v1/vault/{id}"),
        format!("DELETE /v1/api-keys/proxy-key/{proxy_id}"),
    ] {
        api.expect_refusal(absent, OTHER_KEY, &call, Value::Null, "there is no").await?;
    }
    for call in [format!("PATCH /v1/api-keys/provider-key/{id}"), format!("PATCH /v1/vault/update/{id}")] {
        api.expect_refusal(absent, OTHER_KEY, &call, json!({"active": false}), "there is no").await?;
    }
    let body = json!({"providerKeyId": id, "proxyKeyName": "theirs"});
    api.expect_refusal(absent, OTHER_KEY, PROXY_KEY, body, "there is no").await?;
    for list in ["provider-keys", "proxy-keys"] {
        let answer = api.expect(200, OTHER_KEY, &format!("GET /v1/api-keys/{list}"), Value::Null).await?;
        assert!(answer == json!([]) || answer["data"] == json!([]), "{answer}");
    }
    assert_eq!(leads_to(&api, &proxy_key).as_deref(), Ok(SECRET));
    Ok(())
}

#[tokio::test]
async fn nothing_secret_is_in_any_answer() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let id = store(&api, BOTH_KEY).await?;
    let secrets = [SECRET, EXTRA];
    let wrong = |field: &str, secret: &str| {
        let mut body = json!({"providerName": "openai", "providerKey": "sk-good"});
        body[field] = json!(format!("{secret}\nX-Injected: 1"));
        body
    };
    for (method, path, body) in [
        ("GET", "/v1/api-keys/provider-keys".to_owned(), Value::Null),
        ("GET", format!("/v1/api-keys/provider-key/{id}"), Value::Null),
        ("GET", "/v1/vault/keys".to_owned(), Value::Null),
        ("GET", format!("/v1/vault/key/{id}"), Value::Null),
        ("GET", "/v1/audit".to_owned(), Value::Null),
        ("POST", "/v1/api-keys/provider-key".to_owned(), wrong("providerKey", SECRET)),
        ("POST", "/v1/api-keys/provider-key".to_owned(), wrong("providerSecretKey", EXTRA)),
        ("POST", "/v1/vault/add".to_owned(), json!({"provider": "nobody", "key": SECRET})),
        ("PATCH", format!("/v1/vault/update/{id}"), json!({"key": [SECRET]})),
        (
            "PATCH",
            format!("/v1/api-keys/provider-key/{id}"),
            json!({"providerKey": SECRET, "config": SECRET}),
        ),
        ("DELETE", format!("/v1/api-keys/provider-key/{id}"), Value::Null),
        ("GET", "/v1/audit".to_owned(), Value::Null),
    ] {
        let answer = api.ask(BOTH_KEY, method, &path, body).await?;
        let text = answer.text();
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{method} {path}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn bad_input_is_told_by_its_field() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let id = store(&api, BOTH_KEY).await?;
    let invalid = (400, "invalid_field");
    let good = json!({"providerName": "openai", "providerKey": "sk-good"});
    for (field, value) in [
        ("providerName", json!(null)),
        ("providerName", json!(7)),
        ("providerName", json!("")),
        ("providerKeyName", json!("")),
        ("providerKeyName", json!("k".repeat(201))),
        ("providerKey", json!(null)),
        ("providerKey", json!("")),
        ("providerKey", json!("sk\r\nX: 1")),
        ("providerKey", json!("k".repeat((16 << 10) + 1))),
        ("providerSecretKey", json!({})),
        ("config", json!("{}")),
        ("config", json!({"a": "k".repeat(16 << 10)})),
        ("hosts", json!(["*.example.com"])),
        ("hosts", json!("llm.example.com")),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let about = format!("`{field}`");
        api.expect_refusal(invalid, BOTH_KEY, PROVIDER_KEY, body, &about).await?;
    }
    let unknown = json!({"providerName": "own", "providerKey": "sk-good"});
    api.expect_refusal(invalid, BOTH_KEY, PROVIDER_KEY, unknown, "`hosts`").await?;
    let path = format!("PATCH /v1/api-keys/provider-key/{id}");
    api.expect_refusal(invalid, BOTH_KEY, &path, json!({"active": "yes"}), "`active`").await?;

    let good = json!({"providerKeyId": id, "proxyKeyName": "app"});
    for (field, value) in [
        ("providerKeyId", json!(null)),
        ("providerKeyId", json!("x")),
        ("proxyKeyName", json!(null)),
        ("proxyKeyName", json!("")),
        ("limits", json!([{"window_seconds": 60}])),
        ("limits", json!({})),
        ("limits", json!(vec![json!({"window_seconds": 60, "count": 1}); 11])),
        ("expires_at", json!("2001-01-01T00:00:00Z")),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let about = format!("`{field}`");
        api.expect_refusal(invalid, BOTH_KEY, PROXY_KEY, body, &about).await?;
    }
    api.expect_refusal((403, "forbidden"), READ_KEY, PROXY_KEY, good, "`rw`").await?;
    Ok(())
}

#[tokio::test]
async fn a_service_account_is_kept_but_stands_for_nothing() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let document =
        "{\n  \"type\": \"service_account\",\n  \"private_key\": \"-----BEGIN PRIVATE KEY-----\"\n}";
    let body = json!({"providerName": "vertex", "providerKey": document});
    let id = id_of(&api.expect(200, BOTH_KEY, PROVIDER_KEY, body).await?)?;
    let (_, proxy_key) = proxy(&api, &id).await?;
    assert_eq!(leads_to(&api, &proxy_key), Err(ProxyKeyRefusal::NotPlaceable));
    Ok(())
}

#[tokio::test]
async fn a_secret_that_was_sealed_while_keys_were_rotated_is_sealed_anew() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let first = api.installation.secrets.in_force();
    let second = first.rotated()?.without_former();
    // The rotation comes between the sealing and the look at the keys afterwards.
    api.installation.secrets.replace_after_next_reading(second.clone());
    let id = store(&api, BOTH_KEY).await?;
    let stored = api.installation.store.provider_keys().await?.remove(0);
    assert_eq!(stored.secret.key_id(), Some(second.current_id()));
    let (_, proxy_key) = proxy(&api, &id).await?;
    assert_eq!(leads_to(&api, &proxy_key).as_deref(), Ok(SECRET));
    Ok(())
}

#[tokio::test]
async fn a_change_that_crosses_a_rotation_brings_no_dropped_key_back() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let secrets = &api.installation.secrets;
    let id = store(&api, BOTH_KEY).await?;
    let body = json!({"providerSecretKey": "sk-second"});
    api.expect(200, BOTH_KEY, &format!("PATCH /v1/api-keys/provider-key/{id}"), body).await?;
    let (_, proxy_key) = proxy(&api, &id).await?;
    let rename = async |name: &str| {
        let body = json!({"providerKeyName": name});
        api.expect(200, BOTH_KEY, &format!("PATCH /v1/api-keys/provider-key/{id}"), body).await
    };
    // The record is read before the rotation seals it anew, and written after the former key was dropped.
    let rotated = secrets.in_force().rotated()?;
    secrets.replace_after_next_reading(rotated.without_former());
    rename("crossed").await?;
    // The same, where the file had both keys when the record was read.
    let second = rotated.rotated()?;
    secrets.replace(second.clone());
    secrets.replace_after_next_reading(second.without_former());
    rename("crossed again").await?;
    let stored = api.installation.store.provider_keys().await?.remove(0);
    assert_eq!(stored.secret.key_id(), Some(second.current_id()));
    assert_eq!(stored.extra_secret.and_then(|extra| extra.key_id()), Some(second.current_id()));
    assert_eq!(leads_to(&api, &proxy_key).as_deref(), Ok(SECRET));
    Ok(())
}

#[tokio::test]
async fn a_key_gets_no_further_hosts_from_somebody_who_does_not_have_it() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let id = store(&api, BOTH_KEY).await?;
    let (path, older) = (format!("/v1/api-keys/provider-key/{id}"), format!("/v1/vault/update/{id}"));
    let (path, older) = (format!("PATCH {path}"), format!("PATCH {older}"));
    let invalid = (400, "invalid_field");
    let elsewhere = json!(["collector.example.com"]);
    let check = async |path: &str, body: Value, about: &str| {
        api.expect_refusal(invalid, BOTH_KEY, path, body, about).await
    };
    check(&path, json!({"hosts": elsewhere}), "`providerKey` must be").await?;
    check(&older, json!({"hosts": elsewhere}), "`key` must be").await?;
    check(&path, json!({"hosts": ["api.openai.com", "collector.example.com"]}), "`providerKey`").await?;
    check(&path, json!({"hosts": ["api.openai.com:8443"]}), "`providerKey`").await?;
    // There is a second secret, which would go there too.
    check(&path, json!({"hosts": elsewhere, "providerKey": "sk-x"}), "`providerSecretKey`").await?;
    let fewer = json!({"hosts": ["eu.api.openai.com", "api.openai.com"]});
    api.expect(200, BOTH_KEY, &path, fewer).await?;
    api.expect(200, BOTH_KEY, &path, json!({"hosts": ["api.openai.com"]})).await?;
    check(&path, json!({"hosts": ["eu.api.openai.com"]}), "`providerKey`").await?;
    api.expect(200, BOTH_KEY, &path, json!({"hosts": []})).await?;
    let whole = json!({"hosts": elsewhere, "providerKey": "sk-x", "providerSecretKey": "sk-y"});
    api.expect(200, BOTH_KEY, &path, whole).await?;

    let azure = json!({"providerName": "azure", "providerKey": SECRET, "hosts": ["mine.openai.azure.com"]});
    let id = id_of(&api.expect(200, BOTH_KEY, PROVIDER_KEY, azure).await?)?;
    let path = format!("PATCH /v1/api-keys/provider-key/{id}");
    check(&path, json!({"hosts": ["yours.openai.azure.com"]}), "`providerKey`").await?;
    check(&path, json!({"hosts": []}), "`hosts`").await
}
