//! Memory is bounded: idle streams are cheap, large bodies cost nothing.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::RawClient;
use gatehouse_testkit::double::{Alpn, DoubleOptions};
use gatehouse_testkit::http1::Piece;
use gatehouse_testkit::process::TEST_KEY;
use gatehouse_testkit::{Gatehouse, GatehouseOptions, ProviderDouble};
use tokio::task::JoinSet;

use crate::load::{chat, row};

const BINARY: &str = env!("CARGO_BIN_EXE_gatehouse");
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const LARGE: u64 = 500 * 1000 * 1000;

/// Opens `count` streams that stay idle after their first event and returns the memory each one takes.
async fn bytes_per_idle_stream(count: u64, alpn: Alpn) -> Result<u64> {
    let double = ProviderDouble::start(DoubleOptions { alpn, ..DoubleOptions::default() }).await?;
    let gatehouse = Gatehouse::start(GatehouseOptions::new(BINARY).with_double(&double)).await?;
    // The first calls pay for what all share.
    let mut streams = open_streams(&gatehouse, 50).await?;
    let before = gatehouse.rss_bytes()?;
    for _ in 0..count / 500 {
        streams.extend(open_streams(&gatehouse, 500).await?);
    }
    let after = gatehouse.rss_bytes()?;
    drop(streams);
    Ok(after.saturating_sub(before) / count)
}

async fn open_streams(gatehouse: &Gatehouse, count: usize) -> Result<Vec<RawClient>> {
    let mut opening = JoinSet::new();
    let gateway = gatehouse.gateway();
    for _ in 0..count {
        opening.spawn(async move {
            let mut client = RawClient::connect(gateway).await?;
            client.send(chat(true, &[("x-double", "hold")])).await?;
            let head = client.read_head().await?;
            ensure!(head.status == 200, "status {}", head.status);
            let mut body = client.body(&head, false)?;
            ensure!(matches!(client.read_piece(&mut body).await?, Piece::Data { .. }), "no first event");
            anyhow::Ok(client)
        });
    }
    opening.join_all().await.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_streams_over_http2_take_less_than_64_kib_each() -> Result<()> {
    let bytes = bytes_per_idle_stream(10_000, Alpn::Http2).await?;
    ensure!(bytes < 64 * KIB, "{bytes} bytes a stream");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_streams_over_http1_take_less_than_64_kib_each() -> Result<()> {
    let bytes = bytes_per_idle_stream(3_000, Alpn::Http1).await?;
    ensure!(bytes < 64 * KIB, "{bytes} bytes a stream");
    Ok(())
}

/// The most memory the process has ever held, from the kernel.
fn peak_bytes(gatehouse: &Gatehouse) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gatehouse.pid()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * KIB)
}

/// Makes one call of each kind first, so that the peak afterwards is the transfer's own.
async fn warmed_up(double: &ProviderDouble) -> Result<Gatehouse> {
    let gatehouse = Gatehouse::start(GatehouseOptions::new(BINARY).with_double(double)).await?;
    let mut client = RawClient::connect(gatehouse.gateway()).await?;
    let answer = client.exchange(chat(true, &[])).await?;
    answer.end?;
    row(&gatehouse, &answer.head.headers.text("helicone-id").context("no Helicone-Id")?).await?;
    Ok(gatehouse)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_of_500_mb_adds_less_than_32_mib() -> Result<()> {
    for framing in ["", ",chunked"] {
        let double = ProviderDouble::start(DoubleOptions::default()).await?;
        let gatehouse = warmed_up(&double).await?;
        let before = peak_bytes(&gatehouse)?;
        let mut client = RawClient::connect(gatehouse.gateway()).await?;
        client.send(chat(false, &[("x-double", &format!("bytes={LARGE}{framing}"))])).await?;
        let head = client.read_head().await?;
        let mut body = client.body(&head, false)?;
        let mut received = 0;
        while let Piece::Data { bytes, .. } = client.read_piece(&mut body).await? {
            received += bytes.len() as u64;
        }
        ensure!(received == LARGE, "{received} bytes");
        let row = row(&gatehouse, &head.headers.text("helicone-id").context("no Helicone-Id")?).await?;
        ensure!(row["response_bytes"] == LARGE && row["response_body_state"] == "truncated", "{row}");
        let added = peak_bytes(&gatehouse)?.saturating_sub(before);
        ensure!(added < 32 * MIB, "{} MiB added {framing}", added / MIB);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_500_mb_adds_less_than_32_mib() -> Result<()> {
    let double = ProviderDouble::start(DoubleOptions::default()).await?;
    let gatehouse = warmed_up(&double).await?;
    let before = peak_bytes(&gatehouse)?;
    let mut client = RawClient::connect(gatehouse.gateway()).await?;
    let head = format!(
        "POST /v1/files HTTP/1.1\r\nHost: gateway\r\nHelicone-Auth: Bearer {TEST_KEY}\r\nAuthorization: Bearer sk\r\n\
         Helicone-Target-Url: https://api.openai.com\r\nContent-Length: {LARGE}\r\n\r\n"
    );
    client.send(head).await?;
    let piece = vec![b'x'; 1_000_000];
    for _ in 0..LARGE / 1_000_000 {
        client.send(&piece).await?;
    }
    let answer = tokio::time::timeout(Duration::from_secs(120), client.read_response()).await??;
    ensure!(answer.head.status == 200, "status {}", answer.head.status);
    let row = row(&gatehouse, &answer.head.headers.text("helicone-id").context("no Helicone-Id")?).await?;
    ensure!(row["request_bytes"] == LARGE && row["request_body_state"] == "truncated", "{row}");
    let added = peak_bytes(&gatehouse)?.saturating_sub(before);
    ensure!(added < 32 * MIB, "{} MiB added", added / MIB);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_held_costs_its_bytes_however_small_its_pieces() -> Result<()> {
    const PIECES: usize = 500_000;
    let double = ProviderDouble::start(DoubleOptions::default()).await?;
    let gatehouse = warmed_up(&double).await?;
    let before = peak_bytes(&gatehouse)?;
    let mut client = RawClient::connect(gatehouse.gateway()).await?;
    let head = format!(
        "POST /v1/x HTTP/1.1\r\nHost: gateway\r\nHelicone-Auth: Bearer {TEST_KEY}\r\nAuthorization: Bearer sk\r\n\
         Helicone-Target-Url: https://api.openai.com\r\nHelicone-Retry-Enabled: true\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    client.send(head).await?;
    client.send("1\r\nx\r\n".repeat(PIECES)).await?;
    client.send("0\r\n\r\n").await?;
    let answer = tokio::time::timeout(Duration::from_secs(120), client.read_response()).await??;
    let requests = double.requests();
    ensure!(requests.last().is_some_and(|request| request.body == vec![b'x'; PIECES]), "{answer:?}");
    let added = peak_bytes(&gatehouse)?.saturating_sub(before);
    ensure!(added < 16 * MIB, "{} KiB added", added / KIB);
    Ok(())
}
