//! People of a running server: the link of the first visit, the command line, and what other processes learn.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::{RawClient, RawResponse, request};
use gatehouse_testkit::{Gatehouse, GatehouseOptions, eventually};
use serde_json::{Value, json};

use crate::cli::printed;
use crate::support::{BINARY, DEADLINE, House};

const PASSWORD: &str = "correct horse battery";

/// What the start says of the link, token and all.
fn link(gatehouse: &Gatehouse) -> Option<String> {
    let stdout = gatehouse.stdout();
    let line = stdout.lines().find_map(|line| line.trim_start().strip_prefix("sign in"))?;
    Some(line.trim().to_owned())
}

fn token(link: &str) -> Result<String> {
    Ok(link.split_once('#').context("a token")?.1.to_owned())
}

/// Calls as a page of the dashboard does; `cookie` and `proof` are those of a session.
async fn page(
    gatehouse: &Gatehouse,
    (method, path): (&str, &str),
    session: Option<&Session>,
    body: &Value,
) -> Result<RawResponse> {
    let cookie = session.map(|session| format!("gatehouse_session={}", session.token)).unwrap_or_default();
    let proof = session.map(|session| session.proof.clone()).unwrap_or_default();
    let host = gatehouse.api().to_string();
    let origin = format!("http://{host}");
    let headers = [
        ("Host", host.as_str()),
        ("Origin", &origin),
        ("Content-Type", "application/json"),
        ("Cookie", &cookie),
        ("Gatehouse-CSRF", &proof),
    ];
    let mut client = RawClient::connect(gatehouse.api()).await?;
    client.exchange(request(method, path, &headers, body.to_string().as_bytes())).await
}

/// A browser that is signed in.
struct Session {
    token: String,
    proof: String,
}

impl Session {
    fn of(answer: &RawResponse) -> Result<Self> {
        ensure!(answer.head.status == 200, "{answer:?}");
        let cookie = answer.head.headers.text("set-cookie").context("a cookie")?;
        let token = cookie.strip_prefix("gatehouse_session=").and_then(|rest| rest.split(';').next());
        let json = answer.json()?;
        let proof = json.pointer("/data/csrf_token").and_then(Value::as_str).context("a proof")?;
        Ok(Self { token: token.context("a token")?.to_owned(), proof: proof.to_owned() })
    }
}

async fn account(gatehouse: &Gatehouse, session: &Session) -> Result<u16> {
    Ok(page(gatehouse, ("GET", "/v1/account"), Some(session), &Value::Null).await?.head.status)
}

#[tokio::test]
async fn each_start_prints_another_link_until_somebody_used_one() -> Result<()> {
    let mut gatehouse = Gatehouse::start(GatehouseOptions::new(BINARY)).await?;
    let first = link(&gatehouse).context("a link")?;
    ensure!(first.starts_with(&format!("http://{}/first-visit#", gatehouse.api())), "{first}");
    gatehouse.restart().await?;
    let second = link(&gatehouse).context("another link")?;
    ensure!(first != second, "{first}");
    let body = |link: &str| -> Result<Value> {
        Ok(json!({"token": token(link)?, "name": "Ada", "email": "ada@example.com", "password": PASSWORD}))
    };
    let path = ("POST", "/v1/account/first");
    let replaced = page(&gatehouse, path, None, &body(&first)?).await?;
    ensure!(replaced.head.status == 404, "{replaced:?}");
    let session = Session::of(&page(&gatehouse, path, None, &body(&second)?).await?)?;
    ensure!(account(&gatehouse, &session).await? == 200);
    let log = gatehouse.stderr();
    for secret in [&token(&second)?, &session.token, &session.proof, PASSWORD] {
        ensure!(!log.contains(secret), "the log has a secret");
    }
    gatehouse.restart().await?;
    ensure!(link(&gatehouse).is_none(), "{}", gatehouse.stdout());
    ensure!(account(&gatehouse, &session).await? == 200, "a session outlives a restart");
    Ok(())
}

#[tokio::test]
async fn links_begin_with_the_public_url_and_cookies_are_then_secure() -> Result<()> {
    let toml = "[sign_in]\npublic_url = \"https://gatehouse.example.com\"\n";
    let gatehouse = Gatehouse::start(GatehouseOptions::new(BINARY).with_toml(toml)).await?;
    let link = link(&gatehouse).context("a link")?;
    ensure!(link.starts_with("https://gatehouse.example.com/first-visit#"), "{link}");
    let body =
        json!({"token": token(&link)?, "name": "Ada", "email": "ada@example.com", "password": PASSWORD});
    let host = gatehouse.api().to_string();
    let headers = [
        ("Host", host.as_str()),
        ("Origin", "https://gatehouse.example.com"),
        ("Content-Type", "application/json"),
    ];
    let mut client = RawClient::connect(gatehouse.api()).await?;
    let call = request("POST", "/v1/account/first", &headers, body.to_string().as_bytes());
    let answer = client.exchange(call).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let cookie = answer.head.headers.text("set-cookie").unwrap_or_default();
    ensure!(cookie.starts_with("__Host-gatehouse_session=") && cookie.ends_with("; Secure"), "{cookie}");
    let always = answer.head.headers.text("strict-transport-security");
    ensure!(always.as_deref() == Some("max-age=31536000"), "{always:?}");
    Ok(())
}

#[tokio::test]
async fn the_command_line_adds_people_and_makes_links_that_a_running_server_takes() -> Result<()> {
    let house = House::start().await?;
    let gatehouse = &house.gatehouse;
    let create = ["users", "create", "Grace@example.com", "--name", "Grace Hopper", "--role", "admin"];
    let link = printed(&house, &create).await?;
    let body = json!({"token": token(&link)?, "password": PASSWORD});
    let session = eventually(DEADLINE, async || {
        let answer = page(gatehouse, ("POST", "/v1/account/new-password"), None, &body).await?;
        Ok((answer.head.status == 200).then_some(answer))
    })
    .await?;
    let session = Session::of(&session)?;
    ensure!(account(gatehouse, &session).await? == 200);
    let listed: Value = serde_json::from_str(&printed(&house, &["users", "list", "--json"]).await?)?;
    ensure!(listed[0]["email"] == "grace@example.com" && listed[0]["role"] == "admin", "{listed}");
    ensure!(listed[0]["has_password"] == true && listed[0]["installation_admin"] == false, "{listed}");

    let link = printed(&house, &["users", "reset-password", "grace@example.com"]).await?;
    let body = json!({"token": token(&link)?, "password": "staple battery horse"});
    let answer = page(gatehouse, ("POST", "/v1/account/new-password"), None, &body).await?;
    let fresh = Session::of(&answer)?;
    ensure!(account(gatehouse, &session).await? == 401, "the old session goes on");
    ensure!(account(gatehouse, &fresh).await? == 200);
    Ok(())
}
