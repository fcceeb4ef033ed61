//! The double over HTTP/2.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use gatehouse_testkit::double::{Alpn, DoubleOptions, Progress, ProviderDouble};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::SendRequest;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{chat_body, events};

async fn connect(double: &ProviderDouble, tasks: &mut JoinSet<()>) -> Result<SendRequest<Full<Bytes>>> {
    let connector = tokio_rustls::TlsConnector::from(double.ca().client_config(&["h2", "http/1.1"])?);
    let tcp = TcpStream::connect(double.address()).await?;
    let tls = connector.connect(ServerName::try_from("api.openai.com")?, tcp).await?;
    anyhow::ensure!(tls.get_ref().1.alpn_protocol() == Some(b"h2"), "no HTTP/2");
    let io = TokioIo::new(tls);
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await?;
    tasks.spawn(async move { drop(connection.await) });
    Ok(sender)
}

async fn chat(sender: &mut SendRequest<Full<Bytes>>, directives: &str) -> Result<Response<Incoming>> {
    let request = Request::post("https://api.openai.com/v1/chat/completions?a=%20b")
        .header("authorization", "Bearer k")
        .header("x-double", directives)
        .body(Full::new(Bytes::from(chat_body(true).to_string())))?;
    Ok(sender.send_request(request).await?)
}

async fn double() -> Result<ProviderDouble> {
    ProviderDouble::start(DoubleOptions { alpn: Alpn::Http2, ..DoubleOptions::default() }).await
}

#[tokio::test]
async fn streams_answers_with_trailers_and_records() -> Result<()> {
    let (double, mut tasks) = (double().await?, JoinSet::new());
    let mut sender = connect(&double, &mut tasks).await?;
    let answer = chat(&mut sender, "trailers,events=2").await?;
    assert_eq!(answer.status(), 200);
    let collected = answer.into_body().collect().await?;
    assert_eq!(collected.trailers().unwrap()["x-double-trailer"], "end");
    assert_eq!(events(&collected.to_bytes())?.len(), 5);
    let received = double.wait_for(1).await?.remove(0);
    assert_eq!((received.version.as_str(), received.method.as_str()), ("HTTP/2", "POST"));
    assert_eq!(received.target, "/v1/chat/completions?a=%20b");
    assert_eq!(received.headers.text(":authority").as_deref(), Some("api.openai.com"));
    assert_eq!(received.ended().await, Progress::Answered);
    Ok(())
}

#[tokio::test]
async fn a_cut_is_a_stream_error() -> Result<()> {
    let (double, mut tasks) = (double().await?, JoinSet::new());
    let mut sender = connect(&double, &mut tasks).await?;
    let answer = chat(&mut sender, "cut-after=2").await?;
    assert!(answer.into_body().collect().await.is_err());
    assert_eq!(chat(&mut sender, "").await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn a_cancelled_stream_is_noticed() -> Result<()> {
    let (double, mut tasks) = (double().await?, JoinSet::new());
    let mut sender = connect(&double, &mut tasks).await?;
    let answer = chat(&mut sender, "hold").await?;
    let received = double.wait_for(1).await?.remove(0);
    drop(answer);
    let ended = tokio::time::timeout(Duration::from_secs(5), received.ended()).await?;
    assert!(matches!(ended, Progress::Aborted(_)));
    Ok(())
}

#[tokio::test]
async fn a_double_stops_while_a_stream_is_held() -> Result<()> {
    let (double, mut tasks) = (double().await?, JoinSet::new());
    let mut sender = connect(&double, &mut tasks).await?;
    let answer = chat(&mut sender, "hold").await?;
    tokio::time::timeout(Duration::from_secs(5), double.stop()).await?;
    assert!(answer.into_body().collect().await.is_err());
    Ok(())
}
