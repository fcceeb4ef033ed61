//! Domains of an organisation, from the first limited call to the approval and back, with real name servers.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::call_json;
use gatehouse_testkit::dns::{Answer, Record, TestDns};
use gatehouse_testkit::eventually;
use gatehouse_testkit::process::TEST_KEY;
use serde_json::{Value, json};

use crate::cli::printed;
use crate::support::{Call, DEADLINE, House, chat_body, refusal};

const RECORD: &str = "hconeai-verification=true";
/// A target that is nobody's, which leads to the double.
const NAME: &str = "llm.unknown.example";
/// How long a running server may take to know of another process's change: it looks four times a second.
const KNOWN: Duration = Duration::from_secs(20);

/// A gatehouse that asks name servers of the test's own.
struct Installation {
    house: House,
    dns: TestDns,
}

impl Installation {
    async fn start(domains: &str) -> Result<Self> {
        let dns = TestDns::start().await?;
        let toml = format!("[upstream]\ndns_server = \"{}\"\n[domains]\n{domains}", dns.address());
        Ok(Self { house: House::with_toml(&toml).await?, dns })
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Value)> {
        call_json(self.house.gatehouse.api(), method, path, TEST_KEY, body).await
    }

    /// Asks for a domain and returns its id.
    async fn ask_for(&self, domain: &str) -> Result<String> {
        let body = json!({"domain": domain, "kind": "personal"});
        let (status, made) = self.call("POST", "/v1/domains", Some(&body)).await?;
        ensure!(status == 201, "{status} {made}");
        Ok(made.pointer("/data/id").and_then(Value::as_str).context("an id")?.to_owned())
    }

    /// Returns the status of verifying a domain, and its standing or the error.
    async fn verify(&self, id: &str) -> Result<(u16, String, String)> {
        let (status, json) = self.call("POST", &format!("/v1/domains/{id}/verify"), None).await?;
        let text = |place: &str| json.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
        if status == 200 {
            return Ok((200, text("/data/status"), text("/data/reason")));
        }
        Ok((status, text("/error/code"), text("/error/message")))
    }

    async fn standing(&self, id: &str) -> Result<String> {
        let (_, json) = self.call("GET", &format!("/v1/domains/{id}"), None).await?;
        Ok(json.pointer("/data/status").and_then(Value::as_str).context("a status")?.to_owned())
    }

    async fn becomes(&self, id: &str, status: &str) -> Result<()> {
        let look = async || Ok((self.standing(id).await? == status).then_some(()));
        eventually(DEADLINE, look).await.with_context(|| format!("never {status}"))
    }

    /// Returns whether one of some calls to [`NAME`], one after the other, is refused for coming too soon.
    async fn is_limited(&self) -> Result<bool> {
        let call = Call::chat(&chat_body(false)).replace("Helicone-Target-Url", format!("https://{NAME}"));
        for _ in 0..4 {
            let answer = self.house.exchange(&call).await?;
            if answer.head.status != 200 {
                let (status, code, _) = refusal(&answer)?;
                ensure!((status, code.as_str()) == (429, "unapproved_domain_limit"), "{status} {code}");
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_limited_soon(&self, expected: bool) -> Result<()> {
        let look = async || Ok((self.is_limited().await? == expected).then_some(()));
        eventually(KNOWN, look).await.with_context(|| format!("limited: never {expected}"))
    }

    fn set_texts(&self, name: &str, texts: &[&str]) {
        let records = texts.iter().map(|text| Record::Text((*text).to_owned())).collect();
        self.dns.set(name, Answer::Records(records));
    }
}

#[tokio::test]
async fn a_record_lifts_the_limits_and_its_removal_brings_them_back() -> Result<()> {
    let installation = Installation::start("recheck_interval = \"1s\"").await?;
    ensure!(installation.is_limited().await?, "nobody approved it");
    let id = installation.ask_for(NAME).await?;
    ensure!(installation.is_limited().await?, "it is pending");
    let (status, standing, reason) = installation.verify(&id).await?;
    ensure!((status, standing.as_str()) == (200, "pending"), "{status} {standing}");
    ensure!(reason.contains(RECORD) && reason.contains("`llm.unknown.example`: the name does not exist"));

    installation.set_texts(NAME, &[RECORD]);
    let (_, standing, reason) = installation.verify(&id).await?;
    ensure!((standing.as_str(), reason.contains(NAME)) == ("approved", true), "{standing} {reason}");
    ensure!(!installation.is_limited().await?, "it is approved");
    // It is looked up again and again, and stays.
    let asked = installation.dns.queries(NAME);
    let look = async || Ok((installation.dns.queries(NAME) >= asked + 2).then_some(()));
    eventually(DEADLINE, look).await?;
    ensure!(installation.standing(&id).await? == "approved");

    // Name servers that fail say nothing about the record.
    installation.dns.set(NAME, Answer::ServerFailure);
    let asked = installation.dns.queries(NAME);
    let look = async || Ok((installation.dns.queries(NAME) >= asked + 3).then_some(()));
    eventually(DEADLINE, look).await?;
    ensure!(installation.standing(&id).await? == "approved");
    ensure!(!installation.is_limited().await?, "it is still approved");

    installation.dns.set(NAME, Answer::NoSuchName);
    installation.becomes(&id, "withdrawn").await?;
    ensure!(installation.is_limited().await?, "it is withdrawn");
    let audit = installation.house.gatehouse.get("/v1/audit?limit=4").await?;
    let told = |number: usize, field: &str| audit.pointer(&format!("/data/{number}/{field}")).cloned();
    let entries: Vec<_> = (0..4).map(|number| (told(number, "action"), told(number, "actor/type"))).collect();
    let expected = [
        ("domain_withdrawn", "server"),
        ("domain_verified", "key"),
        ("domain_verification_failed", "key"),
        ("domain_requested", "key"),
    ];
    ensure!(entries == expected.map(|(action, actor)| (Some(json!(action)), Some(json!(actor)))), "{audit}");
    Ok(())
}

#[tokio::test]
async fn the_record_is_found_however_name_servers_tell_it() -> Result<()> {
    let installation = Installation::start("").await?;
    let dns = &installation.dns;
    let text = |text: &str| Record::Text(text.to_owned());
    let strings = Record::Strings(vec!["hconeai-".to_owned(), "verification=".to_owned(), "true".to_owned()]);
    dns.set("strings.example.com", Answer::Records(vec![strings]));
    dns.set("several.example.com", Answer::Records(vec![text("v=spf1 -all"), text(RECORD), text("x=y")]));
    dns.set("elsewhere.example.net", Answer::Records(vec![text(RECORD)]));
    dns.set("alias.example.com", Answer::Records(vec![Record::Alias("elsewhere.example.net".to_owned())]));
    let bare = Record::BareAlias("elsewhere.example.net".to_owned());
    dns.set("bare.example.com", Answer::Records(vec![bare]));
    for name in ["strings", "several", "alias", "bare"] {
        let id = installation.ask_for(&format!("{name}.example.com")).await?;
        let found = installation.verify(&id).await?;
        ensure!((found.0, found.1.as_str()) == (200, "approved"), "{name}: {found:?}");
    }
    ensure!(dns.tcp_queries() == 0);
    let mut long: Vec<Record> = (0..20).map(|number| text(&format!("{number}{}", "x".repeat(200)))).collect();
    long.push(text(RECORD));
    dns.set("long.example.com", Answer::Records(long));
    let id = installation.ask_for("long.example.com").await?;
    let found = installation.verify(&id).await?;
    ensure!((found.1.as_str(), dns.tcp_queries() > 0) == ("approved", true), "{found:?}");
    Ok(())
}

#[tokio::test]
async fn what_is_not_the_record_does_not_approve() -> Result<()> {
    let installation = Installation::start("").await?;
    let check = async |name: &str, answer: Answer, expected: (u16, &str), about: &str| {
        installation.dns.set(name, answer);
        let id = installation.ask_for(name).await?;
        let found = installation.verify(&id).await?;
        ensure!((found.0, found.1.as_str()) == expected, "{name}: {found:?}");
        ensure!(found.2.contains(about), "{name}: {found:?}");
        ensure!(installation.standing(&id).await? == "pending", "{name}");
        anyhow::Ok(())
    };
    let texts =
        |texts: &[&str]| Answer::Records(texts.iter().map(|text| Record::Text((*text).to_owned())).collect());
    let pending = (200, "pending");
    check("a.example.com", Answer::NoSuchName, pending, "the name does not exist").await?;
    check("b.example.com", texts(&[]), pending, "there is no TXT record").await?;
    check("c.example.com", texts(&["hconeai-verification=false"]), pending, "is another one").await?;
    check("d.example.com", texts(&["x", RECORD.to_uppercase().as_str()]), pending, "2 TXT records").await?;
    let away = (503, "dns_unavailable");
    check("e.example.com", Answer::ServerFailure, away, "could not be looked up").await?;
    check("f.example.com", Answer::Silence, away, "did not answer in time").await
}

#[tokio::test]
async fn a_record_of_the_operators_domain_approves_what_is_below_it() -> Result<()> {
    let installation = Installation::start("verification_parents = [\"corp.example\"]").await?;
    installation.set_texts("corp.example", &[RECORD]);
    let below = installation.ask_for("a.b.corp.example").await?;
    let found = installation.verify(&below).await?;
    ensure!(found == (200, "approved".to_owned(), "the TXT record was found at `corp.example`".to_owned()));
    let beside = installation.ask_for("xcorp.example").await?;
    let found = installation.verify(&beside).await?;
    ensure!((found.1.as_str(), found.2.contains("`corp.example`")) == ("pending", false), "{found:?}");
    // What nobody can say about the domain itself does not matter where its parent has the record.
    installation.dns.set("c.corp.example", Answer::ServerFailure);
    let other = installation.ask_for("c.corp.example").await?;
    ensure!(installation.verify(&other).await?.1 == "approved");
    Ok(())
}

#[tokio::test]
async fn an_administrator_decides_beside_the_server() -> Result<()> {
    let installation = Installation::start("recheck_interval = \"1s\"").await?;
    let house = &installation.house;
    let id = printed(house, &["domains", "add", "--domain", NAME]).await?;
    ensure!(installation.is_limited().await?, "it is pending");
    printed(house, &["domains", "approve", &id]).await?;
    installation.is_limited_soon(false).await?;
    let found = installation.verify(&id).await?;
    ensure!(found == (200, "approved".to_owned(), "an administrator approved it".to_owned()), "{found:?}");
    ensure!(installation.dns.queries(NAME) == 0, "what an administrator decided is not looked up");
    printed(house, &["domains", "reject", &id]).await?;
    installation.is_limited_soon(true).await?;
    installation.set_texts(NAME, &[RECORD]);
    ensure!(installation.verify(&id).await?.1 == "rejected");
    let path = format!("/v1/admin/domains/{id}/approve");
    let (status, json) = installation.call("POST", &path, None).await?;
    ensure!(status == 200, "{status} {json}");
    ensure!(!installation.is_limited().await?, "the change is in force with the answer");
    Ok(())
}
