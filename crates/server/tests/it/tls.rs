//! TLS on our own listeners: what is served over it, how certificates are replaced, who gets no further.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::ca::LeafPem;
use gatehouse_testkit::client::{RawClient, call_json, connect_tls, request};
use gatehouse_testkit::http1::{Broken, Piece, latin1};
use gatehouse_testkit::process::{TEST_KEY, run};
use gatehouse_testkit::{Gatehouse, GatehouseOptions, ProviderDouble, TestCa, eventually};
use hyper::{Request, Version};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::support::http2::{self, Http2Client};
use crate::support::{BINARY, Call, DEADLINE, House, chat_body, expect_end, helicone_id};

/// The name on the certificates.
const NAME: &str = "localhost";
/// How long a client may be left in the handshake; our own limit is 10 s.
const SHORTER_THAN_A_HANDSHAKE: Duration = Duration::from_secs(8);

/// Files of a certificate that `ca` signed.
struct Certificate {
    ca: Arc<TestCa>,
    directory: TempDir,
}

impl Certificate {
    fn new() -> Result<Self> {
        let certificate = Self { ca: Arc::new(TestCa::temporary()?), directory: tempfile::tempdir()? };
        certificate.replace(&certificate.ca.issue()?)?;
        Ok(certificate)
    }

    fn chain(&self) -> PathBuf {
        self.directory.path().join("tls.crt")
    }

    fn key(&self) -> PathBuf {
        self.directory.path().join("tls.key")
    }

    /// Returns the keys of a section of the configuration.
    fn toml(&self, section: &str) -> String {
        format!("[{section}]\ntls_cert = {:?}\ntls_key = {:?}\n", self.chain(), self.key())
    }

    /// Puts other files in place, each in one step.
    fn replace(&self, leaf: &LeafPem) -> Result<()> {
        for (path, text) in [(self.chain(), &leaf.certificate), (self.key(), &leaf.key)] {
            let new = path.with_extension("new");
            fs::write(&new, text)?;
            fs::rename(&new, &path)?;
        }
        Ok(())
    }
}

/// A gatehouse whose gateway speaks TLS.
struct TlsHouse {
    house: House,
    certificate: Certificate,
}

impl TlsHouse {
    async fn start(more: &str) -> Result<Self> {
        let certificate = Certificate::new()?;
        let house = House::with_toml(&format!("{}{more}", certificate.toml("gateway"))).await?;
        Ok(Self { house, certificate })
    }

    async fn client(&self) -> Result<RawClient> {
        RawClient::connect_tls(self.house.gatehouse.gateway(), NAME, &self.certificate.ca).await
    }

    async fn http2(&self) -> Result<Http2Client> {
        Http2Client::connect_tls(self.house.gatehouse.gateway(), &self.certificate.ca).await
    }

    /// Returns the certificate that a new connection is shown, in DER.
    async fn shown(&self) -> Result<Vec<u8>> {
        let config = self.certificate.ca.client_config(&["http/1.1"])?;
        let tls = connect_tls(self.house.gatehouse.gateway(), NAME, config).await?;
        let chain = tls.get_ref().1.peer_certificates().context("no certificate")?;
        Ok(chain.first().context("an empty chain")?.to_vec())
    }

    /// Waits until new connections are shown another certificate than `before`.
    async fn shows_another(&self, before: &[u8]) -> Result<()> {
        let changed = async || Ok((self.shown().await? != before).then_some(()));
        eventually(DEADLINE, changed).await.context("the old certificate is still shown")
    }
}

#[tokio::test]
async fn calls_over_tls_are_those_without() -> Result<()> {
    let (tls, plain) = (TlsHouse::start("").await?, House::start().await?);
    let stdout = tls.house.gatehouse.stdout();
    ensure!(stdout.contains(&format!("gateway  https://{}", tls.house.gatehouse.gateway())), "{stdout}");
    ensure!(stdout.contains(&format!("api      http://{}", tls.house.gatehouse.api())), "{stdout}");
    let mut client = tls.client().await?;
    for stream in [false, true] {
        let call = Call::chat(&chat_body(stream));
        let (over, direct) = (client.exchange(call.bytes()).await?, plain.exchange(&call).await?);
        ensure!(over.head.status == 200 && over.end.is_ok(), "{over:?}");
        ensure!((&over.body, over.chunks.len()) == (&direct.body, direct.chunks.len()), "{over:?}");
        expect_end(&tls.house.row(&helicone_id(&over.head.headers)?).await?, "complete", 200)?;
    }
    Ok(())
}

#[tokio::test]
async fn logged_calls_are_not_sent_again_where_the_gateway_speaks_tls() -> Result<()> {
    let tls = TlsHouse::start("").await?;
    let answer = tls.client().await?.exchange(Call::chat(&chat_body(false)).bytes()).await?;
    let id = helicone_id(&answer.head.headers)?;
    tls.house.row(&id).await?;
    let path = format!("/v1/request/{id}/replay");
    let body = json!({"key": "sk-provider-secret"});
    let (status, told) = call_json(tls.house.gatehouse.api(), "POST", &path, TEST_KEY, Some(&body)).await?;
    let code = told.pointer("/error/code");
    ensure!((status, code) == (501, Some(&json!("no_gateway"))), "{status}: {told}");
    Ok(())
}

#[tokio::test]
async fn http2_is_spoken_to_those_who_offer_it() -> Result<()> {
    let tls = TlsHouse::start("").await?;
    let client = tls.http2().await?;
    let held = http2::call("POST", "/v1/chat/completions").header("x-double", "hold");
    let held = client.send(held, chat_body(true).to_string()).await?;
    ensure!((held.version(), held.status().as_u16()) == (Version::HTTP_2, 200), "{held:?}");
    let upload: Vec<u8> = (0..=250_u8).cycle().take(5_000_000).collect();
    let call = http2::call("POST", "/v1/x").header("x-double", "bytes=5000000");
    ensure!(http2::whole(client.send(call, upload.clone()).await?).await? == upload, "the body differs");
    tls.house.double.release();
    let id = held.headers().get("helicone-id").context("no id")?.to_str()?.to_owned();
    ensure!(http2::whole(held).await?.ends_with(b"data: [DONE]\n\n"));
    expect_end(&tls.house.row(&id).await?, "complete", 200)
}

#[tokio::test]
async fn events_of_a_stream_are_not_held_back() -> Result<()> {
    let tls = TlsHouse::start("").await?;
    let mut client = tls.client().await?;
    client.send(Call::chat(&chat_body(true)).double("hold").bytes()).await?;
    let head = client.read_head().await?;
    let mut body = client.body(&head, false)?;
    // The provider goes on only after the first event was read.
    let first = client.read_piece(&mut body).await?;
    ensure!(matches!(&first, Piece::Data { bytes, .. } if bytes.starts_with(b"data: ")), "{first:?}");
    tls.house.double.release();
    while let Piece::Data { .. } = client.read_piece(&mut body).await? {}
    Ok(())
}

#[tokio::test]
async fn a_cut_stream_is_not_closed_in_the_orderly_way() -> Result<()> {
    let tls = TlsHouse::start("").await?;
    let call = Call::chat(&chat_body(true)).double("cut-after=2").bytes();
    // That version has no chunks: an orderly end of the connection would be the end of the stream.
    let call = String::from_utf8(call)?.replacen("HTTP/1.1\r\n", "HTTP/1.0\r\n", 1);
    let answer = tls.client().await?.exchange(call).await?;
    ensure!(matches!(answer.end, Err(Broken::Truncated | Broken::Reset)), "{:?}", answer.end);
    expect_end(&tls.house.row(&helicone_id(&answer.head.headers)?).await?, "upstream_cut", 200)
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_given_up() -> Result<()> {
    let (tls, plain) = (
        TlsHouse::start("idle_timeout = \"1s\"\n").await?,
        House::with_toml("[gateway]\nidle_timeout = \"1s\"\n").await?,
    );
    let clients = [(&tls.house, tls.client().await?), (&plain, plain.client().await?)];
    for (house, mut client) in clients {
        client.send(Call::new("GET", "/v1/x").double("bytes=100000000").bytes()).await?;
        let head = client.read_head().await?;
        expect_end(&house.row(&helicone_id(&head.headers)?).await?, "client_gone", -3)?;
        // Kept until here, so that it is the gateway that ends the call.
        drop(client);
    }
    Ok(())
}

#[tokio::test]
async fn the_api_is_served_over_tls() -> Result<()> {
    let (certificate, double) = (Certificate::new()?, ProviderDouble::start(Default::default()).await?);
    let mut options = GatehouseOptions::new(BINARY).with_double(&double).with_toml(&certificate.toml("api"));
    options.api_ca = Some(Arc::clone(&certificate.ca));
    let gatehouse = Gatehouse::start(options).await?;
    let stdout = gatehouse.stdout();
    ensure!(stdout.contains(&format!("api      https://{}", gatehouse.api())), "{stdout}");
    let mut caller = RawClient::connect(gatehouse.gateway()).await?;
    let answer = caller.exchange(Call::chat(&chat_body(false)).bytes()).await?;
    let path = format!("/v1/request/{}", helicone_id(&answer.head.headers)?);

    let authorization = format!("Bearer {TEST_KEY}");
    let headers = [("Host", NAME), ("Authorization", authorization.as_str())];
    let row = eventually(DEADLINE, async || {
        let mut client = RawClient::connect_tls(gatehouse.api(), NAME, &certificate.ca).await?;
        let answer = client.exchange(request("GET", &path, &headers, b"")).await?;
        (answer.head.status == 200).then(|| answer.json()).transpose()
    });
    ensure!(row.await?.pointer("/data/response_status").and_then(Value::as_i64) == Some(200));

    let client = Http2Client::connect_tls(gatehouse.api(), &certificate.ca).await?;
    let call =
        Request::builder().uri(format!("https://{NAME}{path}")).header("authorization", &authorization);
    let answer = client.send(call, "").await?;
    ensure!((answer.version(), answer.status().as_u16()) == (Version::HTTP_2, 200), "{answer:?}");
    let mut plain = RawClient::connect(gatehouse.api()).await?;
    expect_use_https(&mut plain, &request("GET", "/", &[], b"")).await
}

async fn expect_use_https(client: &mut RawClient, request: &[u8]) -> Result<()> {
    let answer = client.exchange(request).await?;
    ensure!(answer.head.status == 400, "{answer:?}");
    ensure!(latin1(&answer.body).contains("this port speaks TLS: use https"), "{answer:?}");
    ensure!(client.wait_for_end().await == Broken::Closed, "left open");
    Ok(())
}

#[tokio::test]
async fn a_call_in_the_clear_is_told_to_use_tls() -> Result<()> {
    let tls = TlsHouse::start("").await?;
    let mut plain = tls.house.client().await?;
    expect_use_https(&mut plain, &Call::chat(&chat_body(false)).bytes()).await?;
    ensure!(tls.house.double.requests().is_empty(), "the call went on");
    let answer = tls.client().await?.exchange(Call::chat(&chat_body(false)).bytes()).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_while_open_connections_go_on() -> Result<()> {
    let tls = TlsHouse::start("").await?;
    let before = tls.shown().await?;
    let mut client = tls.client().await?;
    client.send(Call::chat(&chat_body(true)).double("hold").bytes()).await?;
    let head = client.read_head().await?;
    let mut body = client.body(&head, false)?;

    tls.certificate.replace(&tls.certificate.ca.issue()?)?;
    tls.shows_another(&before).await?;
    tls.house.double.release();
    let mut seen = Vec::new();
    while let Piece::Data { bytes, .. } = client.read_piece(&mut body).await? {
        seen.extend_from_slice(&bytes);
    }
    ensure!(seen.ends_with(b"data: [DONE]\n\n"), "{}", latin1(&seen));
    let again = client.exchange(Call::chat(&chat_body(false)).bytes()).await?;
    ensure!(again.head.status == 200, "{again:?}");
    Ok(())
}

#[tokio::test]
async fn a_broken_certificate_is_not_taken_and_said_once() -> Result<()> {
    const WARNING: &str = "is not a whole PEM file";
    let tls = TlsHouse::start("").await?;
    let before = tls.shown().await?;
    let next = tls.certificate.ca.issue()?;
    let half: String = next.certificate.chars().take(next.certificate.len() / 2).collect();
    fs::write(tls.certificate.chain(), half)?;
    let warned = async || Ok(tls.house.gatehouse.stderr().contains(WARNING).then_some(()));
    eventually(DEADLINE, warned).await.context("no warning")?;
    ensure!(tls.shown().await? == before, "another certificate is shown");
    let answer = tls.client().await?.exchange(Call::chat(&chat_body(false)).bytes()).await?;
    ensure!(answer.head.status == 200, "{answer:?}");

    tls.certificate.replace(&next)?;
    tls.shows_another(&before).await?;
    let stderr = tls.house.gatehouse.stderr();
    let mut warnings = stderr.lines().filter(|line| line.contains(WARNING));
    let file = tls.certificate.chain().display().to_string();
    ensure!(warnings.next().is_some_and(|line| line.contains(&file)), "{stderr}");
    ensure!(warnings.next().is_none(), "{stderr}");
    Ok(())
}

#[tokio::test]
async fn a_client_that_does_not_finish_the_handshake_loses_its_place() -> Result<()> {
    let tls = TlsHouse::start("max_connections = 1\n").await?;
    let start = Instant::now();
    let mut idle = RawClient::connect(tls.house.gatehouse.gateway()).await?;
    // Whoever came later gets the place when the time for the handshake is over.
    let call = async { tls.client().await?.exchange(Call::chat(&chat_body(false)).bytes()).await };
    let answer = tokio::time::timeout(DEADLINE, call).await.context("the place was never free")??;
    ensure!(answer.head.status == 200, "{answer:?}");
    ensure!(start.elapsed() > SHORTER_THAN_A_HANDSHAKE, "the place was free after {:?}", start.elapsed());
    ensure!(idle.wait_for_end().await == Broken::Closed, "the idle client was not closed");
    Ok(())
}

#[tokio::test]
async fn handshakes_do_not_hold_up_the_end() -> Result<()> {
    let certificate = Certificate::new()?;
    let both = format!("{}{}", certificate.toml("gateway"), certificate.toml("api"));
    let mut options = GatehouseOptions::new(BINARY).with_toml(&both);
    options.api_ca = Some(Arc::clone(&certificate.ca));
    let mut gatehouse = Gatehouse::start(options).await?;
    let mut begun = Vec::new();
    for listener in [gatehouse.gateway(), gatehouse.api()] {
        let silent = TcpStream::connect(listener).await?;
        let half = TcpStream::connect(listener).await?;
        half.writable().await?;
        ensure!(half.try_write(b"\x16\x03\x01\x02\x00\x01")? == 6, "not sent");
        // One that was accepted later has been served: the others are in their handshakes.
        connect_tls(listener, NAME, certificate.ca.client_config(&["h2"])?).await?;
        begun.extend([silent, half]);
    }
    let status = gatehouse.terminate(SHORTER_THAN_A_HANDSHAKE).await.context("the end was held up")?;
    ensure!(status.success(), "{status}");
    Ok(())
}

#[tokio::test]
async fn a_start_with_files_that_cannot_be_used_names_key_and_file() -> Result<()> {
    let certificate = Certificate::new()?;
    let home = tempfile::tempdir()?;
    let file = home.path().join("gatehouse.toml");
    let other = certificate.ca.issue()?;
    fs::write(certificate.key(), other.key)?;
    for section in ["gateway", "api"] {
        let data = home.path().join("data");
        let listen = "listen = \"127.0.0.1:0\"\n";
        let other = if section == "api" { "gateway" } else { "api" };
        let text = format!("data_dir = {data:?}\n[{other}]\n{listen}{}{listen}", certificate.toml(section));
        fs::write(&file, text)?;
        let arguments: Vec<&OsStr> = vec!["serve".as_ref(), "--config".as_ref(), file.as_os_str()];
        let finished = run(Path::new(BINARY), &arguments, &[], DEADLINE).await?;
        ensure!(!finished.status.success(), "it started");
        let (key, path) = (format!("`{section}.tls_key`"), certificate.key().display().to_string());
        for part in [key, path, "does not belong".to_owned()] {
            ensure!(finished.stderr.contains(&part), "no {part} in {}", finished.stderr);
        }
    }
    Ok(())
}
