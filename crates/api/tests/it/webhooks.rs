//! Webhooks and their dead letters: what may be said of them, who sees them, and what is told of their keys.

use anyhow::{Context, Result, ensure};
use gatehouse_api::webhooks::courier::{Addressee, Sending, WebhookCourier};
use gatehouse_store::control::ControlStore as _;
use gatehouse_store::webhooks::DeadLetter;
use gatehouse_types::{OrganizationId, RequestId, Timestamp, WebhookId};
use parking_lot::Mutex;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::TestApi;
use crate::installation::{BOTH_KEY, Installation, OTHER_KEY, READ_KEY, WRITE_KEY, ours};

const HOOK: &str = "https://example.com/hook?token=in-the-url";

/// A courier that writes down what it is given; destinations with `away` do not answer.
#[derive(Default)]
pub(crate) struct Letterbox(Mutex<Vec<Value>>);

impl Letterbox {
    pub(crate) fn sent(&self) -> Vec<Value> {
        self.0.lock().clone()
    }

    fn take(&self, addressee: Addressee<'_>, what: Value) -> Result<(), String> {
        let Addressee { destination, key } = addressee;
        if destination.contains("away") {
            return Err("the receiver answered with status 503".to_owned());
        }
        self.0.lock().push(json!({"to": destination, "key": key.expose(), "what": what}));
        Ok(())
    }
}

impl WebhookCourier for Letterbox {
    fn check(&self, destination: &str) -> Result<(), String> {
        if destination.starts_with("https://") { Ok(()) } else { Err("not https".into()) }
    }

    fn try_out<'a>(&'a self, addressee: Addressee<'a>, include_data: bool) -> Sending<'a> {
        let sent = self.take(addressee, json!({"include_data": include_data}));
        Box::pin(async { sent })
    }

    fn send<'a>(&'a self, addressee: Addressee<'a>, id: Uuid, body: String) -> Sending<'a> {
        let sent = self.take(addressee, json!({"id": id, "body": body}));
        Box::pin(async { sent })
    }
}

async fn api() -> Result<TestApi> {
    TestApi::start(Vec::new()).await
}

fn text<'a>(json: &'a Value, name: &str) -> Result<&'a str> {
    json.get(name).and_then(Value::as_str).with_context(|| format!("{name} in {json}"))
}

async fn make(api: &TestApi, body: Value) -> Result<Value> {
    api.data(200, BOTH_KEY, "POST /v1/webhooks", body).await
}

async fn add_letter(api: &TestApi, webhook: &str, number: u128) -> Result<Uuid> {
    let letter = DeadLetter {
        id: Uuid::from_u128(number),
        webhook_id: WebhookId::parse(webhook).context("an id")?,
        organization_id: ours(),
        request_id: RequestId::from_uuid(Uuid::from_u128(70 + number)),
        body: format!("{{\"number\":{number}}}"),
        error: "the receiver answered with status 500".to_owned(),
        attempts: 5,
        failed_at: Timestamp::from_unix_micros(1_795_356_360_000_000),
    };
    let id = letter.id;
    api.installation.store.add_dead_letter(letter).await?;
    Ok(id)
}

#[tokio::test]
async fn a_webhook_is_made_shown_changed_and_removed() -> Result<()> {
    let api = api().await?;
    let config = json!({"sampleRate": 12.5, "propertyFilters": [{"key": "environment", "value": "prod"}]});
    let made =
        make(&api, json!({"destination": HOOK, "config": config, "includeData": false, "extra": 1})).await?;
    let key = text(&made, "hmac_key")?.to_owned();
    ensure!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    let listed = api.data(200, READ_KEY, "GET /v1/webhooks", Value::Null).await?;
    let shown = listed.get(0).context("a webhook")?;
    ensure!(text(shown, "hmac_key")? == "***" && !listed.to_string().contains(&key), "{listed}");
    let config: Value = serde_json::from_str(text(shown, "config")?)?;
    let filters = json!([{"key": "environment", "value": "prod"}]);
    ensure!(
        config == json!({"sampleRate": 12.5, "propertyFilters": filters, "includeData": false}),
        "{config}"
    );

    let path = format!("/v1/webhooks/{}", text(&made, "id")?);
    let body = json!({"is_active": false, "config": {"sampleRate": 100}});
    let changed = api.data(200, BOTH_KEY, &format!("PATCH {path}"), body).await?;
    ensure!(changed.get("is_active") == Some(&json!(false)), "{changed}");
    let config: Value = serde_json::from_str(text(&changed, "config")?)?;
    ensure!(
        config == json!({"sampleRate": 100, "propertyFilters": filters, "includeData": false}),
        "{config}"
    );
    ensure!(text(&changed, "hmac_key")? == "***");

    api.data(200, BOTH_KEY, &format!("DELETE {path}"), Value::Null).await?;
    let about = "there is no webhook";
    api.expect_refusal((404, "not_found"), BOTH_KEY, &format!("DELETE {path}"), Value::Null, about).await?;
    let audit = api.data(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?;
    let actions: Vec<_> = (0..3).filter_map(|number| audit.pointer(&format!("/{number}/action"))).collect();
    ensure!(actions == ["webhook_removed", "webhook_changed", "webhook_added"], "{audit}");
    ensure!(audit.to_string().contains("example.com"), "{audit}");
    ensure!(!audit.to_string().contains("in-the-url") && !audit.to_string().contains(&key), "{audit}");
    Ok(())
}

#[tokio::test]
async fn keys_are_shown_again_only_where_the_operator_allows_it_and_to_whom_may_manage() -> Result<()> {
    let installation =
        Installation { reveals_provider_keys: true, ..Installation::two_organizations().await? };
    let api = TestApi::with_installation(Vec::new(), installation).await?;
    let made = make(&api, json!({"destination": HOOK})).await?;
    let shown = api.data(200, BOTH_KEY, "GET /v1/webhooks", Value::Null).await?;
    ensure!(shown.pointer("/0/hmac_key") == made.get("hmac_key"), "{shown}");
    let shown = api.data(200, READ_KEY, "GET /v1/webhooks", Value::Null).await?;
    ensure!(shown.pointer("/0/hmac_key") == Some(&json!("***")), "{shown}");
    Ok(())
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused_by_name() -> Result<()> {
    let api = api().await?;
    let check = async |body: Value, about: &str| {
        let call = "POST /v1/webhooks";
        api.expect_refusal((400, "invalid_field"), BOTH_KEY, call, body.clone(), about)
            .await
            .with_context(|| body.to_string())
    };
    check(json!({}), "destination").await?;
    check(json!({"destination": 5}), "destination").await?;
    check(json!({"destination": ""}), "destination").await?;
    check(json!({"destination": "http://example.com"}), "not https").await?;
    check(json!({"destination": format!("https://a.example/{}", "x".repeat(2048))}), "2048").await?;
    let with = |config: Value| json!({"destination": HOOK, "config": config});
    check(with(json!("x")), "config").await?;
    for rate in [json!(-1), json!(101), json!("50"), json!(0.0001), json!(true)] {
        check(with(json!({"sampleRate": rate})), "sampleRate").await?;
    }
    let filter = json!({"key": "a", "value": "b"});
    for filters in [
        json!({}),
        json!([1]),
        json!([{"key": "a"}]),
        json!([{"key": "", "value": "b"}]),
        json!([{"key": "a", "value": 1}]),
        json!([{"key": "a", "value": "x".repeat(1001)}]),
        json!(vec![filter; 21]),
    ] {
        check(with(json!({"propertyFilters": filters})), "propertyFilters").await?;
    }
    check(json!({"destination": HOOK, "includeData": "yes"}), "includeData").await?;
    check(json!({"destination": HOOK, "is_active": 1}), "is_active").await?;
    let listed = api.data(200, READ_KEY, "GET /v1/webhooks", Value::Null).await?;
    ensure!(listed == json!([]), "{listed}");
    Ok(())
}

#[tokio::test]
async fn an_organisation_has_fifty_webhooks_at_most() -> Result<()> {
    let api = api().await?;
    for _ in 0..50 {
        make(&api, json!({"destination": HOOK})).await?;
    }
    let (call, body) = ("POST /v1/webhooks", json!({"destination": HOOK}));
    api.expect_refusal((409, "limit_reached"), BOTH_KEY, call, body.clone(), "50").await?;
    api.data(200, OTHER_KEY, call, body).await?;
    Ok(())
}

#[tokio::test]
async fn a_webhook_is_tried_with_its_own_key_also_when_it_is_switched_off() -> Result<()> {
    let api = api().await?;
    let made = make(&api, json!({"destination": HOOK, "is_active": false})).await?;
    let call = format!("POST /v1/webhooks/{}/test", text(&made, "id")?);
    let tried = api.data(200, BOTH_KEY, &call, Value::Null).await?;
    ensure!(tried == json!({"success": true, "message": "the receiver took it"}), "{tried}");
    let expected = json!({"to": HOOK, "key": made.get("hmac_key"), "what": {"include_data": true}});
    ensure!(api.letterbox.sent() == [expected], "{:?}", api.letterbox.sent());
    let away = make(&api, json!({"destination": "https://away.example.com"})).await?;
    let call = format!("POST /v1/webhooks/{}/test", text(&away, "id")?);
    let tried = api.data(200, BOTH_KEY, &call, Value::Null).await?;
    let message = "the receiver answered with status 503";
    ensure!(tried == json!({"success": false, "message": message}), "{tried}");
    Ok(())
}

#[tokio::test]
async fn dead_letters_are_listed_sent_again_and_thrown_away() -> Result<()> {
    let api = api().await?;
    let webhook = make(&api, json!({"destination": HOOK})).await?;
    let id = text(&webhook, "id")?;
    let (first, second) = (add_letter(&api, id, 1).await?, add_letter(&api, id, 2).await?);
    let path = format!("/v1/webhooks/{id}/dead-letters");
    let listed = api.data(200, READ_KEY, &format!("GET {path}"), Value::Null).await?;
    let ids: Vec<_> = listed.as_array().context("a list")?.iter().map(|letter| letter.get("id")).collect();
    ensure!(ids == [Some(&json!(second)), Some(&json!(first))], "{listed}");
    ensure!(listed.pointer("/0/body_bytes") == Some(&json!(12)) && listed.pointer("/0/body").is_none());

    let retry = format!("POST {path}/{first}/retry");
    let tried = api.data(200, BOTH_KEY, &retry, Value::Null).await?;
    ensure!(tried.get("success") == Some(&json!(true)), "{tried}");
    let what = api.letterbox.sent().first().and_then(|sent| sent.get("what").cloned());
    ensure!(what == Some(json!({"id": first, "body": "{\"number\":1}"})), "{what:?}");
    api.expect_refusal((404, "not_found"), BOTH_KEY, &retry, Value::Null, "no dead letter").await?;

    let change = format!("PATCH /v1/webhooks/{id}");
    api.data(200, BOTH_KEY, &change, json!({"destination": "https://away.example.com"})).await?;
    let retry = format!("POST {path}/{second}/retry");
    let tried = api.data(200, BOTH_KEY, &retry, Value::Null).await?;
    ensure!(tried.get("success") == Some(&json!(false)), "{tried}");
    let listed = api.data(200, READ_KEY, &format!("GET {path}"), Value::Null).await?;
    ensure!(listed.as_array().map(Vec::len) == Some(1), "what was not taken stays: {listed}");

    let remove = format!("DELETE {path}/{second}");
    api.data(200, BOTH_KEY, &remove, Value::Null).await?;
    api.expect_refusal((404, "not_found"), BOTH_KEY, &remove, Value::Null, "no dead letter").await?;
    Ok(())
}

#[tokio::test]
async fn nobody_else_sees_or_touches_them() -> Result<()> {
    let api = api().await?;
    let webhook = make(&api, json!({"destination": HOOK})).await?;
    let id = text(&webhook, "id")?;
    let letter = add_letter(&api, id, 1).await?;
    let path = format!("/v1/webhooks/{id}");
    for call in [
        format!("PATCH {path}"),
        format!("DELETE {path}"),
        format!("POST {path}/test"),
        format!("GET {path}/dead-letters"),
        format!("POST {path}/dead-letters/{letter}/retry"),
        format!("DELETE {path}/dead-letters/{letter}"),
    ] {
        let body = if call.starts_with("PATCH") { json!({}) } else { Value::Null };
        api.expect_refusal((404, "not_found"), OTHER_KEY, &call, body.clone(), "there is no").await?;
        if !call.starts_with("GET") {
            api.expect_refusal((403, "forbidden"), READ_KEY, &call, body.clone(), "permissions").await?;
            api.expect_refusal((403, "forbidden"), WRITE_KEY, &call, body, "permissions").await?;
        }
    }
    let theirs = api.data(200, OTHER_KEY, "GET /v1/webhooks", Value::Null).await?;
    ensure!(theirs == json!([]) && api.letterbox.sent().is_empty(), "{theirs}");
    let owner: OrganizationId = ours();
    ensure!(api.installation.store.dead_letters(owner).await?.len() == 1);
    Ok(())
}

#[tokio::test]
async fn the_key_of_a_webhook_outlives_a_rotation_that_crosses_a_change() -> Result<()> {
    let api = api().await?;
    let secrets = &api.installation.secrets;
    let is_current = async || -> Result<bool> {
        let stored = api.installation.store.webhooks().await?.remove(0);
        Ok(stored.secret.key_id() == Some(secrets.in_force().current_id()))
    };
    secrets.replace_after_next_reading(secrets.in_force().rotated()?.without_former());
    let made = make(&api, json!({"destination": HOOK})).await?;
    ensure!(is_current().await?, "made");
    secrets.replace_after_next_reading(secrets.in_force().rotated()?.without_former());
    let path = format!("/v1/webhooks/{}", text(&made, "id")?);
    api.data(200, BOTH_KEY, &format!("PATCH {path}"), json!({"includeData": false})).await?;
    ensure!(is_current().await?, "changed");
    let tried = api.data(200, BOTH_KEY, &format!("POST {path}/test"), Value::Null).await?;
    ensure!(tried.get("success") == Some(&json!(true)), "{tried}");
    let sent = api.letterbox.sent();
    ensure!(sent.last().and_then(|sent| sent.get("key")) == made.get("hmac_key"), "{sent:?}");
    Ok(())
}
