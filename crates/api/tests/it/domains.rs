//! Domains: asked for, verified, decided about, removed.

use anyhow::{Context, Result};
use gatehouse_api::domains::Verification;
use hyper::header::RETRY_AFTER;
use serde_json::{Value, json};

use crate::client::{Call, TestApi};
use crate::installation::{ADMIN_KEY, BOTH_KEY, OTHER_KEY, READ_KEY, ours, theirs};

const NAME: &str = "llm.example.com";

async fn ask_for(api: &TestApi, key: &str, name: &str) -> Result<Value> {
    let body = json!({"domain": name, "kind": "personal"});
    api.data(201, key, "POST /v1/domains", body).await
}

fn id(domain: &Value) -> Result<String> {
    Ok(domain["id"].as_str().context("an id")?.to_owned())
}

/// Where a domain stands, by what and why.
fn standing(domain: &Value) -> (&str, &str, &str) {
    let text = |field: &str| domain[field].as_str().unwrap_or_default();
    (text("status"), text("approved_by"), text("reason"))
}

async fn verify(api: &TestApi, domain: &Value) -> Result<Value> {
    let call = format!("POST /v1/domains/{}/verify", id(domain)?);
    api.data(200, BOTH_KEY, &call, Value::Null).await
}

fn is_approved(api: &TestApi) -> bool {
    api.view.load().domains.contains(ours(), NAME)
}

async fn actions(api: &TestApi, count: usize) -> Result<Vec<String>> {
    let call = format!("GET /v1/audit?limit={count}");
    let audit = api.data(200, BOTH_KEY, &call, Value::Null).await?;
    let entries = audit.as_array().context("entries")?;
    Ok(entries.iter().filter_map(|entry| entry["action"].as_str().map(ToOwned::to_owned)).collect())
}

#[tokio::test]
async fn a_domain_is_shown_with_what_approves_it() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let body = json!({"domain": "LLM.Example.com.", "kind": "company", "company": "Example Ltd", "x": 1});
    let made = api.expect(201, BOTH_KEY, "POST /v1/domains", body).await?["data"].clone();
    assert_eq!(
        made,
        json!({
            "id": made["id"], "domain": NAME, "kind": "company", "company": "Example Ltd",
            "status": "pending", "approved_by": null, "reason": null,
            "created_at": made["created_at"], "updated_at": made["created_at"], "checked_at": null,
            "record": {"name": NAME, "type": "TXT", "value": "hconeai-verification=true"},
            "limits": {"requests_per_day": 10000, "requests_per_second": 1, "mode": "limited"},
        })
    );
    let one = format!("GET /v1/domains/{}", id(&made)?);
    assert_eq!(api.expect(200, READ_KEY, &one, Value::Null).await?["data"], made);
    let list = api.expect(200, READ_KEY, "GET /v1/domains", Value::Null).await?;
    assert_eq!(list["data"], json!([made]));
    assert!(!is_approved(&api));
    let absent = "GET /v1/domains/00000000-0000-0000-0000-000000000009";
    api.expect_refusal((404, "not_found"), READ_KEY, absent, Value::Null, "there is no domain").await
}

#[tokio::test]
async fn the_record_approves_and_its_absence_withdraws() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let domain = ask_for(&api, BOTH_KEY, NAME).await?;
    let checked = verify(&api, &domain).await?;
    assert_eq!(standing(&checked), ("pending", "", "`llm.example.com` has no TXT record"));
    assert_eq!(checked["updated_at"], domain["updated_at"]);
    assert!(checked["checked_at"].is_string());

    let records = &api.installation.records;
    records.set(NAME, Verification::Found { name: "example.com".to_owned() });
    let approved = verify(&api, &domain).await?;
    assert_eq!(standing(&approved), ("approved", "record", "the TXT record was found at `example.com`"));
    assert!(is_approved(&api));
    let again = verify(&api, &domain).await?;
    assert_eq!(standing(&again), standing(&approved));

    records.set(NAME, Verification::Unavailable { explanation: "the name servers are away".to_owned() });
    let path = format!("/v1/domains/{}/verify", id(&domain)?);
    let answer = api.ask(BOTH_KEY, "POST", &path, Value::Null).await?;
    assert_eq!(answer.outcome()?, (503, "dns_unavailable".to_owned()));
    assert_eq!(answer.header(RETRY_AFTER), "10");
    assert!(answer.text().contains("the name servers are away"));
    assert!(is_approved(&api));

    records.set(NAME, Verification::Missing { explanation: "it has gone".to_owned() });
    assert_eq!(standing(&verify(&api, &domain).await?), ("withdrawn", "", "it has gone"));
    assert!(!is_approved(&api));
    assert_eq!(standing(&verify(&api, &domain).await?), ("withdrawn", "", "it has gone"));
    records.set(NAME, Verification::Found { name: NAME.to_owned() });
    assert_eq!(standing(&verify(&api, &domain).await?).0, "approved");
    assert_eq!(
        actions(&api, 6).await?,
        [
            "domain_verified",
            "domain_verification_failed",
            "domain_withdrawn",
            "domain_verified",
            "domain_verification_failed",
            "domain_requested",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn an_administrators_word_outweighs_the_record() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let domain = ask_for(&api, BOTH_KEY, NAME).await?;
    let decide = async |what: &str, body: Value| {
        let call = format!("POST /v1/admin/domains/{}/{what}", id(&domain)?);
        api.data(200, ADMIN_KEY, &call, body).await
    };
    let records = &api.installation.records;
    records.set(NAME, Verification::Found { name: NAME.to_owned() });
    let rejected = decide("reject", json!({"reason": "who is this?"})).await?;
    let expected = ("rejected", "", "an administrator rejected it: who is this?");
    assert_eq!(standing(&rejected), expected);
    assert_eq!(standing(&verify(&api, &domain).await?), expected);
    assert!(!is_approved(&api));

    records.set(NAME, Verification::Missing { explanation: "nothing there".to_owned() });
    let approved = decide("approve", Value::Null).await?;
    let expected = ("approved", "administrator", "an administrator approved it");
    assert_eq!(standing(&approved), expected);
    assert_eq!(standing(&verify(&api, &domain).await?), expected);
    assert!(is_approved(&api));

    assert_eq!(standing(&decide("reject", Value::Null).await?).2, "an administrator rejected it");
    let null = Call::post(&format!("/v1/admin/domains/{}/reject", id(&domain)?), " null ").key(ADMIN_KEY);
    assert_eq!(api.send(null).await?.status, 200);
    assert!(!is_approved(&api));
    assert_eq!(actions(&api, 3).await?, ["domain_rejected", "domain_rejected", "domain_approved"]);
    let reject = format!("POST /v1/admin/domains/{}/reject", id(&domain)?);
    let invalid = (400, "invalid_field");
    api.expect_refusal(invalid, ADMIN_KEY, &reject, json!({"reason": 1}), "`reason`").await?;
    for what in ["approve", "reject"] {
        let absent = format!("POST /v1/admin/domains/00000000-0000-0000-0000-000000000009/{what}");
        api.expect_refusal((404, "not_found"), ADMIN_KEY, &absent, Value::Null, "no domain").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_rejection_is_not_shaken_off_by_asking_anew() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let id = id(&ask_for(&api, BOTH_KEY, NAME).await?)?;
    api.data(200, ADMIN_KEY, &format!("POST /v1/admin/domains/{id}/reject"), Value::Null).await?;
    let remove = format!("DELETE /v1/domains/{id}");
    let forbidden = (403, "forbidden");
    api.expect_refusal(forbidden, BOTH_KEY, &remove, Value::Null, "only an administrator").await?;
    let body = json!({"domain": NAME, "kind": "personal"});
    api.expect_refusal((409, "already_exists"), BOTH_KEY, "POST /v1/domains", body, NAME).await?;
    api.expect(200, ADMIN_KEY, &remove, Value::Null).await?;
    assert_eq!(standing(&ask_for(&api, BOTH_KEY, NAME).await?).0, "pending");
    Ok(())
}

#[tokio::test]
async fn a_decision_made_during_a_look_up_stands() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let domain = ask_for(&api, BOTH_KEY, NAME).await?;
    let records = &api.installation.records;
    records.set(NAME, Verification::Found { name: NAME.to_owned() });
    let gate = records.gate.lock().await;
    let decide = async {
        records.someone_asks().await;
        let call = format!("POST /v1/admin/domains/{}/reject", id(&domain)?);
        api.data(200, ADMIN_KEY, &call, Value::Null).await?;
        drop(gate);
        anyhow::Ok(())
    };
    let (verified, decided) = tokio::join!(verify(&api, &domain), decide);
    decided?;
    assert_eq!(standing(&verified?).0, "rejected");
    assert!(!is_approved(&api));
    Ok(())
}

#[tokio::test]
async fn a_domain_that_is_removed_during_a_look_up_is_gone() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let id = id(&ask_for(&api, BOTH_KEY, NAME).await?)?;
    let records = &api.installation.records;
    records.set(NAME, Verification::Found { name: NAME.to_owned() });
    let gate = records.gate.lock().await;
    let remove = async {
        records.someone_asks().await;
        api.expect(200, BOTH_KEY, &format!("DELETE /v1/domains/{id}"), Value::Null).await?;
        drop(gate);
        anyhow::Ok(())
    };
    let path = format!("/v1/domains/{id}/verify");
    let (verified, removed) = tokio::join!(api.ask(BOTH_KEY, "POST", &path, Value::Null), remove);
    removed?;
    assert_eq!(verified?.outcome()?, (404, "not_found".to_owned()));
    assert!(!is_approved(&api));
    Ok(())
}

#[tokio::test]
async fn administrators_see_the_domains_of_all_organizations() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let own = ask_for(&api, BOTH_KEY, NAME).await?;
    let foreign = ask_for(&api, OTHER_KEY, NAME).await?;
    let all = api.expect(200, ADMIN_KEY, "GET /v1/admin/domains", Value::Null).await?;
    let with = |domain: &Value, organization: Value, name: &str| {
        let mut domain = domain.clone();
        domain["organization_id"] = organization;
        domain["organization_name"] = json!(name);
        domain
    };
    let expected = [with(&own, json!(ours()), "Ours"), with(&foreign, json!(theirs()), "Theirs")];
    assert_eq!(all["data"], json!(expected));
    let approve = format!("POST /v1/admin/domains/{}/approve", id(&foreign)?);
    api.expect(200, ADMIN_KEY, &approve, Value::Null).await?;
    let view = api.view.load();
    assert!(view.domains.contains(theirs(), NAME) && !view.domains.contains(ours(), NAME));
    let pending = api.expect(200, ADMIN_KEY, "GET /v1/admin/domains?status=pending", Value::Null).await?;
    assert_eq!(pending["data"], json!(expected[..1]));
    let none = api.expect(200, ADMIN_KEY, "GET /v1/admin/domains?status=withdrawn", Value::Null).await?;
    assert_eq!(none["data"], json!([]));
    let invalid = (400, "invalid_field");
    for query in ["status=maybe", "status=", "status=pending&status=pending"] {
        let call = format!("GET /v1/admin/domains?{query}");
        api.expect_refusal(invalid, ADMIN_KEY, &call, Value::Null, "`status`").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_removed_domain_is_limited_again_and_can_be_asked_for_anew() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let domain = ask_for(&api, BOTH_KEY, NAME).await?;
    api.installation.records.set(NAME, Verification::Found { name: NAME.to_owned() });
    verify(&api, &domain).await?;
    let remove = format!("DELETE /v1/domains/{}", id(&domain)?);
    let answer = api.expect(200, BOTH_KEY, &remove, Value::Null).await?;
    assert_eq!(answer, json!({"data": null, "error": null}));
    assert!(!is_approved(&api));
    api.expect_refusal((404, "not_found"), BOTH_KEY, &remove, Value::Null, "there is no domain").await?;
    assert_eq!(standing(&ask_for(&api, BOTH_KEY, NAME).await?).0, "pending");
    assert_eq!(actions(&api, 2).await?, ["domain_requested", "domain_removed"]);
    Ok(())
}

#[tokio::test]
async fn what_is_no_domain_of_ones_own_is_refused_with_the_reason() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let check = async |body: Value, expected: (u16, &str), about: &str| {
        api.expect_refusal(expected, BOTH_KEY, "POST /v1/domains", body, about).await
    };
    let personal = |domain: Value| json!({"domain": domain, "kind": "personal"});
    let invalid = (400, "invalid_field");
    check(json!({"kind": "personal"}), invalid, "`domain` must be").await?;
    check(personal(json!(5)), invalid, "`domain` must be").await?;
    check(personal(json!("https://llm.example.com/v1")), invalid, "did you mean `llm.example.com`?").await?;
    check(personal(json!("llm.example.com:8443")), invalid, "did you mean `llm.example.com`?").await?;
    check(personal(json!("10.0.0.1")), invalid, "not an IP address").await?;
    check(personal(json!("localhost")), invalid, "not `localhost`").await?;
    check(personal(json!("llm")), invalid, "not a single label").await?;
    check(personal(json!("*.example.com")), invalid, "`domain` must be a host name").await?;
    check(json!({"domain": NAME}), invalid, "`kind` must be").await?;
    check(json!({"domain": NAME, "kind": "both"}), invalid, "`kind` must be").await?;
    check(json!({"domain": NAME, "kind": "company"}), invalid, "`company` must be").await?;
    let known = (409, "already_approved");
    check(personal(json!("api.openai.com")), known, "`api.openai.com` is OpenAI's").await?;
    check(personal(json!("LLM.house.example")), known, "`llm.house.example` is House's").await?;
    ask_for(&api, BOTH_KEY, NAME).await?;
    check(personal(json!(NAME)), (409, "already_exists"), NAME).await?;
    ask_for(&api, OTHER_KEY, NAME).await?;
    Ok(())
}

#[tokio::test]
async fn an_organization_has_a_thousand_domains_at_most() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for number in 0..1000 {
        ask_for(&api, BOTH_KEY, &format!("d{number}.example.com")).await?;
    }
    let body = json!({"domain": NAME, "kind": "personal"});
    let full = (409, "limit_reached");
    api.expect_refusal(full, BOTH_KEY, "POST /v1/domains", body, "1000 domains").await?;
    ask_for(&api, OTHER_KEY, NAME).await?;
    Ok(())
}
