//! Damaged answers break exactly as asked.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;
use gatehouse_testkit::double::Progress;
use gatehouse_testkit::http1::{Broken, Field, Piece};

use crate::support::{chat, chat_body, chat_request, connect, double, events, post};

#[tokio::test]
async fn gzip_stream_can_be_read_event_by_event() -> Result<()> {
    let answer = chat("gzip,events=3", true).await?;
    assert_eq!(answer.head.headers.text("content-encoding").as_deref(), Some("gzip"));
    let mut decoder = flate2::write::GzDecoder::new(Vec::new());
    let mut text = Vec::new();
    let [compressed @ .., end] = answer.chunks.as_slice() else { panic!("no chunks") };
    for chunk in compressed {
        decoder.write_all(chunk)?;
        decoder.flush()?;
        let event = std::mem::take(decoder.get_mut());
        assert!(event.starts_with(b"data: ") && event.ends_with(b"\n\n"), "{event:?}");
        text.extend(event);
    }
    decoder.write_all(end)?;
    assert!(decoder.finish()?.is_empty());
    assert_eq!(text, chat("events=3", true).await?.body);
    Ok(())
}

#[tokio::test]
async fn gzip_body_is_one_member() -> Result<()> {
    let answer = chat("gzip", false).await?;
    let mut decoder = flate2::write::GzDecoder::new(Vec::new());
    decoder.write_all(&answer.body)?;
    assert_eq!(decoder.finish()?, chat("", false).await?.body);
    Ok(())
}

#[tokio::test]
async fn cut_closes_after_whole_events() -> Result<()> {
    let answer = chat("cut-after=2", true).await?;
    assert_eq!(answer.chunks.len(), 2);
    assert_eq!(answer.end, Err(Broken::Closed));
    let plain = chat("cut-after=10", false).await?;
    assert_eq!(plain.body.len(), 10);
    assert_eq!(plain.end, Err(Broken::Closed));
    Ok(())
}

#[tokio::test]
async fn streams_end_early_or_with_an_error_event() -> Result<()> {
    let early = chat("end-after=2", true).await?;
    assert_eq!((early.chunks.len(), early.end), (2, Ok(())));
    let failed = chat("error-after=2", true).await?;
    assert_eq!((failed.chunks.len(), failed.end), (3, Ok(())));
    assert!(failed.body.ends_with(b"\n\n") && failed.chunks[2].starts_with(b"data: {\"error\":"));
    Ok(())
}

#[tokio::test]
async fn reset_resets() -> Result<()> {
    let answer = chat("reset-after=2", true).await?;
    assert_eq!(answer.chunks.len(), 2);
    assert_eq!(answer.end, Err(Broken::Reset));
    Ok(())
}

#[tokio::test]
async fn malformed_chunk_breaks_the_framing() -> Result<()> {
    for stream in [true, false] {
        let answer = chat("malformed-chunk", stream).await?;
        assert_eq!(answer.chunks.len(), 1);
        assert!(matches!(answer.end, Err(Broken::Malformed(_))), "{:?}", answer.end);
    }
    Ok(())
}

#[tokio::test]
async fn trailers_follow_the_body() -> Result<()> {
    for stream in [true, false] {
        let answer = chat("trailers", stream).await?;
        assert_eq!(answer.end, Ok(()));
        assert_eq!(answer.trailers.0, [Field::new("x-double-trailer", "end")]);
    }
    Ok(())
}

#[tokio::test]
async fn delays_delay() -> Result<()> {
    let start = Instant::now();
    let answer = chat("first-byte-delay-ms=20,gap-ms=5,delay-end-ms=30,events=2", true).await?;
    // Two content events make five events in all, with four gaps between them; and the usage event a fifth.
    assert!(start.elapsed() >= Duration::from_millis(20 + 5 * 5 + 30));
    assert_eq!(events(&answer.body)?.len(), 5);
    Ok(())
}

#[tokio::test]
async fn hold_stays_open_until_released() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    client.send(chat_request("hold,events=1", &chat_body(true))).await?;
    let head = client.read_head().await?;
    let mut body = client.body(&head, false)?;
    assert!(matches!(client.read_piece(&mut body).await?, Piece::Data { ends_chunk: true, .. }));
    assert_eq!(double.requests()[0].progress(), Progress::Answering);
    double.release();
    let mut rest = 0;
    while let Piece::Data { .. } = client.read_piece(&mut body).await? {
        rest += 1;
    }
    assert_eq!(rest, 4);
    assert_eq!(double.requests()[0].ended().await, Progress::Answered);
    Ok(())
}

#[tokio::test]
async fn a_client_that_goes_away_is_noticed_at_once() -> Result<()> {
    for resets in [false, true] {
        let double = double().await?;
        let mut client = connect(&double).await?;
        client.send(chat_request("hold", &chat_body(true))).await?;
        client.read_head().await?;
        let received = double.wait_for(1).await?.remove(0);
        assert_eq!(received.aborted(), None);
        if resets {
            client.reset()
        } else {
            drop(client)
        }
        let ended = tokio::time::timeout(Duration::from_secs(5), received.ended()).await?;
        assert!(matches!(ended, Progress::Aborted(_)));
        assert!(received.aborted().is_some());
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_breaks_off_its_upload_is_recorded() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    client.send(b"POST /v1/files HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc").await?;
    gatehouse_testkit::eventually(Duration::from_secs(5), async || {
        Ok((!double.requests().is_empty()).then_some(()))
    })
    .await?;
    drop(client);
    let received = double.requests().remove(0);
    let ended = tokio::time::timeout(Duration::from_secs(5), received.ended()).await?;
    assert!(matches!(ended, Progress::Aborted(_)));
    Ok(())
}

#[tokio::test]
async fn download_is_generated_in_any_length() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    let answer = client.exchange(post("/any/path", "bytes=3000001", b"")).await?;
    assert_eq!(answer.end, Ok(()));
    assert_eq!(answer.body.len(), 3_000_001);
    assert!(answer.body.iter().zip(0_u32..).all(|(byte, at)| u32::from(*byte) == at % 251));
    let chunked = client.exchange(post("/any/path", "bytes=100000,chunked", b"")).await?;
    assert_eq!((chunked.body.len(), chunked.chunks.len()), (100_000, 2));
    let cut = client.exchange(post("/any/path", "bytes=100000,cut-after=99999", b"")).await?;
    assert_eq!((cut.body.len(), cut.end), (99_999, Err(Broken::Closed)));
    Ok(())
}

#[tokio::test]
async fn large_upload_is_counted_and_hashed_but_not_kept() -> Result<()> {
    let double = double().await?;
    let body = vec![b'x'; 9 << 20];
    let answer = connect(&double).await?.exchange(post("/v1/files", "", &body)).await?.json()?;
    assert_eq!(answer["bytes"], 9 << 20);
    let received = double.wait_for(1).await?.remove(0);
    assert_eq!(received.body_bytes, 9 << 20);
    assert_eq!(received.body.len(), 8 << 20);
    assert_eq!(answer["sha256"], received.body_sha256);
    Ok(())
}
