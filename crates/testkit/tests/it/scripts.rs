//! Scripts send exactly their bytes.

use anyhow::Result;
use gatehouse_testkit::client::request;
use gatehouse_testkit::double::{Script, Step};
use gatehouse_testkit::http1::{Broken, Piece};

use crate::support::{connect, double};

fn scripted(id: &str) -> Vec<u8> {
    request("GET", "/x", &[("Host", "a"), ("x-double-script", id)], b"")
}

#[tokio::test]
async fn odd_heads_arrive_byte_for_byte() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    let head =
        b"HTTP/1.1 299 Sch\xf6n so\r\nX-B: z\xfcrich\r\nx-a: \r\nX-B:  two\t\r\nContent-Length: 2\r\n\r\n";
    double.script("odd", Script::bytes([head.as_slice(), b"ok"].concat()));
    for _ in 0..2 {
        let answer = client.exchange(scripted("odd")).await?;
        assert_eq!(answer.head.raw, head.as_slice());
        assert_eq!((answer.head.status, answer.head.reason.as_str()), (299, "Sch\u{f6}n so"));
        assert_eq!(answer.head.headers.all("x-b"), [b"z\xfcrich".as_slice(), b"two"]);
        assert_eq!(answer.body, "ok");
    }
    assert_eq!(double.connections(), 1);
    double.remove_script("odd");
    assert_eq!(client.exchange(scripted("odd")).await?.head.status, 400);
    Ok(())
}

#[tokio::test]
async fn pauses_end_one_by_one() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    let script = Script::bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .then(Step::Pause)
        .then(Step::Bytes("1\r\na\r\n".into()))
        .then(Step::Pause)
        .then(Step::Bytes("2;x=y\r\nbc\r\n0\r\nT: v\r\n\r\n".into()));
    double.script("pauses", script);
    client.send(scripted("pauses")).await?;
    let head = client.read_head().await?;
    let mut body = client.body(&head, false)?;
    double.release();
    assert_eq!(client.read_piece(&mut body).await?, Piece::Data { bytes: "a".into(), ends_chunk: true });
    double.release();
    assert_eq!(client.read_piece(&mut body).await?, Piece::Data { bytes: "bc".into(), ends_chunk: true });
    let Piece::End(trailers) = client.read_piece(&mut body).await? else { panic!("no end") };
    assert_eq!(trailers.text("t").as_deref(), Some("v"));
    Ok(())
}

#[tokio::test]
async fn each_way_to_end_is_told_apart() -> Result<()> {
    let double = double().await?;
    let head = "HTTP/1.1 200 OK\r\n\r\nuntil the end";
    let ends = [
        (Step::Close, Ok(())),
        (Step::CloseWithoutNotify, Err(Broken::Truncated)),
        (Step::Reset, Err(Broken::Reset)),
    ];
    for (step, expected) in ends {
        double.script("end", Script::bytes(head).then(step.clone()));
        let answer = connect(&double).await?.exchange(scripted("end")).await?;
        assert_eq!(answer.body, "until the end");
        assert_eq!(answer.end, expected, "{step:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_cut_at_any_byte_keeps_what_came_before() -> Result<()> {
    let double = double().await?;
    let whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let head = whole.len() - b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".len();
    let bodies = ["", "", "", "", "a", "ab", "abc", "abc", "abc", "abc", "abc", "abc", "abcd", "abcde"];
    for (at, expected) in (head..).zip(bodies) {
        double.script("cut", Script::bytes(whole[..at].to_vec()).then(Step::Close));
        let answer = connect(&double).await?.exchange(scripted("cut")).await?;
        assert_eq!((answer.body, answer.end), (expected.into(), Err(Broken::Closed)), "cut at {at}");
    }
    Ok(())
}
