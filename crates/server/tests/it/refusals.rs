//! Bad input: each its own status and code, in the caller's dialect, without a word about what lies behind.

mod framing;

use std::ffi::OsStr;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::call_json;
use gatehouse_testkit::dns::{Answer, Record};
use gatehouse_testkit::process::{TEST_KEY, run};
use gatehouse_testkit::{DoubleOptions, ProviderDouble, TestDns, eventually};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;

use crate::support::{BINARY, Call, DEADLINE, House, chat_body, expect_end, helicone_id, refusal, text};

/// What must be in no answer and in no line of the process's own log.
const SECRETS: &[&str] = &[TEST_KEY, "ddddddd", "sk-provider-secret", "opensesame", "sk-helicone-unknown"];
/// What must be in no answer: addresses and names behind the gateway.
const INTERNALS: &[&str] =
    &["10.0.0.1", "127.0.0.1", "169.254", "203.0.113", ".hidden.test", "rustls", "os error"];

fn chat() -> Call<'static> {
    Call::chat(&chat_body(false))
}

fn to(target: &str) -> Call<'static> {
    chat().replace("Helicone-Target-Url", target)
}

/// Sends a call that must be refused like this, and returns the id of the refusal.
async fn check(house: &House, call: &Call<'_>, status: u16, code: &str) -> Result<String> {
    let answer = house.exchange(call).await?;
    let (found_status, found_code, body) = refusal(&answer).with_context(|| format!("{call:?}"))?;
    ensure!(
        (found_status, found_code.as_str()) == (status, code),
        "{found_status} {found_code} for {call:?}"
    );
    let headers = &answer.head.headers;
    ensure!(headers.get("content-type") == Some(b"application/json"), "{headers:?}");
    ensure!(headers.get("helicone-status") == Some(b"failed"), "{headers:?}");
    for word in SECRETS.iter().chain(INTERNALS) {
        ensure!(!body.contains(word), "{word} is in {body}");
    }
    helicone_id(headers)
}

/// Checks that the gateway lives on and wrote no secret to its log, nor where calls were to go.
async fn check_after(house: &House) -> Result<()> {
    house.expect_alive().await?;
    let stderr = house.gatehouse.stderr();
    for word in SECRETS.iter().chain(INTERNALS).filter(|word| **word != "127.0.0.1") {
        ensure!(!stderr.contains(word), "{word} is in the log:\n{stderr}");
    }
    Ok(())
}

// proves: Helicone-Target-Url, Helicone-Status
#[tokio::test]
async fn targets_that_are_none() -> Result<()> {
    let house = House::start().await?;
    check(&house, &chat().without("Helicone-Target-Url"), 400, "missing_target").await?;
    for target in [
        "",
        "api.openai.com",
        "api.openai.com:443",
        "not a url",
        "/v1",
        "https://",
        "https://a b",
        "https://[::1",
        "https://api.openai.com:99999",
        "ftp://api.openai.com",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "unix:/run/x.sock",
        "http://api.openai.com",
        "http://169.254.169.254/latest/meta-data",
        "https://me:opensesame@api.openai.com",
        "https://opensesame@api.openai.com",
        "https://@api.openai.com",
    ] {
        check(&house, &to(target), 400, "invalid_target")
            .await
            .with_context(|| format!("target {target:?}"))?;
    }
    let target = b"https://api.openai.com/\xff\xfe".to_vec();
    let not_utf8 = chat().replace("Helicone-Target-Url", target);
    check(&house, &not_utf8, 400, "invalid_header").await?;
    ensure!(house.double.requests().is_empty());
    check_after(&house).await
}

#[tokio::test]
async fn addresses_that_are_not_public() -> Result<()> {
    let house = House::start().await?;
    for host in [
        "169.254.169.254",
        "10.0.0.1",
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0.0.0.0",
        "192.168.1.1",
        "100.64.0.1",
        "[::1]",
        "[::]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "localhost",
        "LOCALHOST.",
        "api.localhost",
    ] {
        let id = check(&house, &to(&format!("https://{host}/v1")), 403, "forbidden_target").await;
        let id = id.with_context(|| format!("host {host}"))?;
        expect_end(&house.row(&id).await?, "refused", 403)?;
    }
    check_after(&house).await
}

/// Starts a gatehouse that asks a DNS server of the test; 127.0.0.0/8 is allowed where `allowed` says so.
async fn with_dns(allowed: &str, more: &str) -> Result<(House, TestDns)> {
    let dns = TestDns::start().await?;
    let options = DoubleOptions { extra_names: vec!["*.hidden.test".to_owned()], ..DoubleOptions::default() };
    let upstream =
        format!("[upstream]\ndns_server = \"{}\"\nallow_private = [{allowed}]\n{more}", dns.address());
    Ok((House::with_double(options, &upstream).await?, dns))
}

#[tokio::test]
async fn names_that_lead_to_private_addresses() -> Result<()> {
    let (house, dns) = with_dns("", "").await?;
    let ip = |text: &str| text.parse::<IpAddr>();
    dns.set("ten.hidden.test", Answer::addresses(&[ip("10.0.0.1")?]));
    dns.set("two.hidden.test", Answer::addresses(&[ip("10.0.0.1")?, ip("127.0.0.1")?]));
    dns.set("six.hidden.test", Answer::addresses(&[ip("fd00:ec2::254")?, ip("::ffff:10.0.0.1")?]));
    dns.set("alias.hidden.test", Answer::Records(vec![Record::Alias("ten.hidden.test".to_owned())]));
    for name in ["ten", "two", "six", "alias"] {
        let call = to(&format!("https://{name}.hidden.test"));
        check(&house, &call, 403, "forbidden_target").await.with_context(|| name.to_owned())?;
    }
    check_after(&house).await
}

#[tokio::test]
async fn a_name_whose_answer_changes_is_connected_to_where_it_was_checked() -> Result<()> {
    let (house, dns) = with_dns("\"127.0.0.0/8\"", "").await?;
    let (own, other): (IpAddr, IpAddr) = ("127.0.0.1".parse()?, "10.0.0.1".parse()?);
    let port = house.double.address().port();
    let sequence = |first, second| vec![Answer::addresses(&[first]), Answer::addresses(&[second])];
    dns.set_sequence("good-first.hidden.test", sequence(own, other));
    dns.set_sequence("bad-first.hidden.test", sequence(other, own));
    let answer = house.exchange(&to(&format!("https://good-first.hidden.test:{port}"))).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let queries = dns.all_queries();
    let asked = queries.iter().filter(|query| **query == ("good-first.hidden.test".to_owned(), 1)).count();
    ensure!(asked == 1, "the name was resolved {asked} times: {queries:?}");
    let received = house.double.wait_for(1).await?;
    let host = received.first().and_then(|request| request.headers.text("host"));
    ensure!(host == Some(format!("good-first.hidden.test:{port}")), "{host:?}");
    let call = to(&format!("https://bad-first.hidden.test:{port}"));
    check(&house, &call, 403, "forbidden_target").await?;
    check_after(&house).await
}

#[tokio::test]
async fn names_without_an_address() -> Result<()> {
    let (house, dns) = with_dns("", "").await?;
    dns.set("fails.hidden.test", Answer::ServerFailure);
    dns.set("empty.hidden.test", Answer::Records(Vec::new()));
    for name in ["missing", "fails", "empty"] {
        let call = to(&format!("https://{name}.hidden.test"));
        let id = check(&house, &call, 502, "dns_failure").await.with_context(|| name.to_owned())?;
        expect_end(&house.row(&id).await?, "failed", 502)?;
    }
    ensure!(dns.queries("missing.hidden.test") > 0);
    check_after(&house).await
}

#[tokio::test]
async fn a_name_server_that_is_silent_takes_no_longer_than_connecting_may() -> Result<()> {
    let (house, dns) = with_dns("", "[gateway]\nconnect_timeout = \"1s\"\n").await?;
    dns.set("mute.hidden.test", Answer::Silence);
    let id = check(&house, &to("https://mute.hidden.test"), 504, "connect_timeout").await?;
    expect_end(&house.row(&id).await?, "timed_out", 504)?;
    check_after(&house).await
}

#[tokio::test]
async fn targets_that_can_not_be_talked_to() -> Result<()> {
    // Bound and never listened on: the port stays ours, and nobody answers there.
    let closed = TcpSocket::new_v4()?;
    closed.bind("127.0.0.1:0".parse()?)?;
    let stranger = ProviderDouble::start(DoubleOptions::default()).await?;
    let double = ProviderDouble::start(DoubleOptions::default()).await?;
    let (plain, _tasks) = plain_server().await?;
    let pin = |name: &str, address: SocketAddr| format!("\"{name}.hidden.test:443\" = \"{address}\"\n");
    let pins = [
        pin("closed", closed.local_addr()?),
        pin("untrusted", stranger.address()),
        pin("misnamed", double.address()),
        pin("plain", plain),
    ];
    let house = House::with_toml(&format!("[upstream.resolve]\n{}", pins.concat())).await?;
    for (name, code) in [
        ("closed", "connect_failed"),
        ("untrusted", "tls_failure"),
        ("misnamed", "tls_failure"),
        ("plain", "tls_failure"),
    ] {
        let id = check(&house, &to(&format!("https://{name}.hidden.test")), 502, code).await?;
        let row = house.row(&id).await?;
        expect_end(&row, "failed", 502)?;
        ensure!(text(&row, "error_type") == code, "{row}");
    }
    ensure!(stranger.requests().is_empty());
    check_after(&house).await
}

/// Starts a server that knows nothing of TLS.
async fn plain_server() -> Result<(SocketAddr, JoinSet<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await);
        }
    });
    Ok((address, tasks))
}

// proves: Helicone-Auth
#[tokio::test]
async fn keys_that_open_nothing() -> Result<()> {
    let house = House::start().await?;
    check(&house, &chat().without("Helicone-Auth"), 401, "missing_api_key").await?;
    for key in [
        "Bearer sk-helicone-unknown-key",
        "Bearer ",
        "Bearer",
        "",
        "Basic c2VjcmV0",
        "Bearer sk-helicone-aaaaaaa-bbbbbbb-ccccccc-dddddd",
        "Bearer sk-helicone-aaaaaaa-bbbbbbb-ccccccc-dddddddd",
    ] {
        check(&house, &chat().replace("Helicone-Auth", key), 401, "malformed_api_key")
            .await
            .with_context(|| format!("key {key:?}"))?;
    }
    let not_text = b"Bearer \xff\xfe".to_vec();
    check(&house, &chat().replace("Helicone-Auth", not_text), 401, "malformed_api_key").await?;
    // A provider's own key does not open the gateway.
    let provider_only = chat().without("Helicone-Auth").header("x-api-key", TEST_KEY);
    check(&house, &provider_only, 401, "missing_api_key").await?;
    ensure!(house.double.requests().is_empty());
    check_after(&house).await
}

/// Makes a key on the data directory of the running gatehouse.
async fn make_key(house: &House, permissions: &str) -> Result<String> {
    let config = house.gatehouse.config_path();
    let arguments = ["keys", "create", "--name", "test", "--permissions", permissions, "--config"];
    let mut arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    arguments.push(config.as_os_str());
    let finished = run(Path::new(BINARY), &arguments, &[], DEADLINE).await?;
    ensure!(finished.status.success(), "{finished:?}");
    Ok(finished.stdout.trim().to_owned())
}

#[tokio::test]
async fn keys_open_only_what_they_are_for() -> Result<()> {
    let house = House::start().await?;
    let (reads, writes) = (make_key(&house, "r").await?, make_key(&house, "w").await?);
    let with = |key: &str| chat().replace("Helicone-Auth", format!("Bearer {key}"));
    // A running server knows a new key within a second.
    eventually(DEADLINE, async || {
        let answer = house.exchange(&with(&writes)).await?;
        Ok((answer.head.status == 200).then_some(()))
    })
    .await?;
    check(&house, &with(&reads), 403, "insufficient_permissions").await?;
    let api = house.gatehouse.api();
    let path = "/v1/request/0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20";
    let (status, _) = call_json(api, "GET", path, &writes, None).await?;
    ensure!(status == 403, "a write key read: {status}");
    let (status, _) = call_json(api, "GET", path, &reads, None).await?;
    ensure!(status == 404, "a read key was answered {status}");
    let stderr = house.gatehouse.stderr();
    ensure!(!stderr.contains(&reads) && !stderr.contains(&writes), "{stderr}");
    check_after(&house).await
}

#[tokio::test]
async fn refusals_are_in_the_dialect_of_the_path() -> Result<()> {
    let house = House::start().await?;
    let refused = async |path: &'static str| {
        let call = Call::new("POST", path).without("Helicone-Target-Url").with_body("{}");
        let answer = house.exchange(&call).await?;
        ensure!(answer.head.status == 400, "{answer:?}");
        answer.json()
    };
    let at = |json: &Value, place: &str| json.pointer(place).cloned().unwrap_or_default();
    for path in ["/v1/chat/completions", "/openai/deployments/x/chat/completions?api-version=1", "/other"] {
        let json = refused(path).await?;
        ensure!(at(&json, "/error/code") == "missing_target", "{json}");
        ensure!(at(&json, "/error/type") == "invalid_request_error", "{json}");
        ensure!(at(&json, "/error/message").is_string() && json.get("type").is_none(), "{json}");
    }
    let json = refused("/v1/messages").await?;
    ensure!(at(&json, "/type") == "error" && at(&json, "/error/type") == "invalid_request_error", "{json}");
    ensure!(at(&json, "/error/message").is_string(), "{json}");
    for path in
        ["/v1beta/models/gemini-2.5-pro:generateContent", "/v1beta/models/x:streamGenerateContent?alt=sse"]
    {
        let json = refused(path).await?;
        ensure!(
            at(&json, "/error/code") == 400 && at(&json, "/error/status") == "INVALID_ARGUMENT",
            "{json}"
        );
        ensure!(at(&json, "/error/details/0/reason") == "missing_target", "{json}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_secret_is_logged_even_when_everything_is() -> Result<()> {
    let house = House::with_toml("[telemetry]\nlevel = \"trace\"\n").await?;
    check(
        &house,
        &chat().replace("Helicone-Auth", "Bearer sk-helicone-unknown-key"),
        401,
        "malformed_api_key",
    )
    .await?;
    check(&house, &to("https://me:opensesame@api.openai.com"), 400, "invalid_target").await?;
    check(&house, &to("https://10.0.0.1"), 403, "forbidden_target").await?;
    let query = Call { path: "/v1/chat/completions?key=opensesame", ..chat() };
    let answer = house.exchange(&query.double("cut-after=3")).await?;
    house.row(&helicone_id(&answer.head.headers)?).await?;
    house.expect_alive().await?;
    let stderr = house.gatehouse.stderr();
    for word in SECRETS.iter().chain(&["Say hello"]) {
        ensure!(!stderr.contains(word), "{word} is in the log:\n{stderr}");
    }
    Ok(())
}
