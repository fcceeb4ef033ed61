//! Requests are recorded as they came, and can be read in process and over the admin listener.

use anyhow::Result;
use gatehouse_testkit::client::{RawClient, call_json};
use gatehouse_testkit::double::Progress;
use gatehouse_testkit::http1::Field;
use gatehouse_testkit::{DoubleOptions, ProviderDouble, TestCa};
use serde_json::json;

use crate::support::{connect, double};

const REQUEST: &[u8] =
    b"POST /v1/x%2f?%24alt=a:b HTTP/1.1\r\nHost: api.openai.com\r\nx-LOWER-Upper: z\xfcrich\r\n\
    Empty:\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
    3\r\nab\x00\r\n1\r\nc\r\n0\r\nX-Trailer: t\r\n\r\n";

#[tokio::test]
async fn everything_is_kept_as_received() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    let answer = client.exchange(REQUEST).await?;
    assert_eq!(answer.head.status, 401);
    assert_eq!(client.wait_for_end().await, gatehouse_testkit::http1::Broken::Closed);
    let received = double.wait_for(1).await?.remove(0);
    assert_eq!(received.method, "POST");
    assert_eq!(received.target, "/v1/x%2f?%24alt=a:b");
    assert_eq!(received.version, "HTTP/1.1");
    assert_eq!(received.sni.as_deref(), Some("api.openai.com"));
    assert_eq!(received.connection, 1);
    let expected = [
        Field::new("Host", "api.openai.com"),
        Field::new("x-LOWER-Upper", b"z\xfcrich".as_slice()),
        Field::new("Empty", ""),
        Field::new("Transfer-Encoding", "chunked"),
        Field::new("Connection", "close"),
    ];
    assert_eq!(received.headers.0, expected);
    assert_eq!(received.body, b"ab\x00c".as_slice());
    assert_eq!(received.chunks, [3, 1]);
    assert_eq!(received.trailers.0, [Field::new("X-Trailer", "t")]);
    assert_eq!(received.body_sha256, "6c032e631d39a14d85aff7e319546af701e26c97b57ca95fbfe9c6ba855f67bf");
    assert_eq!(received.ended().await, Progress::Answered);
    Ok(())
}

#[tokio::test]
async fn admin_listener_shows_and_forgets() -> Result<()> {
    let double = double().await?;
    let admin = double.admin_address().unwrap();
    assert_eq!(call_json(admin, "GET", "/healthz", "", None).await?.0, 200);
    connect(&double).await?.exchange(REQUEST).await?;
    double.requests()[0].ended().await;
    let (_, shown) = call_json(admin, "GET", "/requests", "", None).await?;
    let shown = &shown["requests"][0];
    assert_eq!(shown["headers"][1], json!(["x-LOWER-Upper", "z\u{fc}rich"]));
    assert_eq!(shown["body_base64"], "YWIAYw==");
    assert_eq!(shown["trailers"], json!([["X-Trailer", "t"]]));
    assert_eq!((&shown["progress"], &shown["sni"]), (&json!("answered"), &json!("api.openai.com")));
    assert_eq!(call_json(admin, "DELETE", "/requests", "", None).await?.0, 200);
    assert!(double.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn expect_is_answered_and_pipelined_requests_come_in_order() -> Result<()> {
    let double = ProviderDouble::start(DoubleOptions { plain: true, ..DoubleOptions::default() }).await?;
    let mut client = RawClient::connect(double.plain_address().unwrap()).await?;
    client.send(b"POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").await?;
    assert_eq!(client.read_head().await?.status, 100);
    client.send(b"xGET /b HTTP/1.1\r\nHost: a\r\n\r\n").await?;
    client.read_response().await?;
    client.read_response().await?;
    let targets: Vec<String> = double.requests().into_iter().map(|received| received.target).collect();
    assert_eq!(targets, ["/a", "/b"]);
    assert_eq!(double.connections(), 1);
    Ok(())
}

#[tokio::test]
async fn authority_in_a_directory_outlives_the_double() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let options = DoubleOptions { directory: Some(directory.path().to_owned()), ..DoubleOptions::default() };
    let first = ProviderDouble::start(options.clone()).await?;
    let trusted = TestCa::in_directory(directory.path())?;
    first.stop().await;
    let second = ProviderDouble::start(options).await?;
    RawClient::connect_tls(second.address(), "my-resource.openai.azure.com", &trusted).await?;
    assert!(RawClient::connect_tls(second.address(), "stranger.test", &trusted).await.is_err());
    let stranger = TestCa::temporary()?;
    assert!(RawClient::connect_tls(second.address(), "api.openai.com", &stranger).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_stopped_double_refuses_connections() -> Result<()> {
    let double = double().await?;
    let address = double.address();
    let mut client = connect(&double).await?;
    double.stop().await;
    client.wait_for_end().await;
    assert!(RawClient::connect(address).await.is_err());
    Ok(())
}
