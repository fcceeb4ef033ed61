//! HTTP/1.1 of the double: reads requests as they come and writes answers byte by byte.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};

use super::answer::reason;
use super::connection::Origin;
use super::plan::{Frame, Framing, Plan, Stop, generated_block};
use super::record::{BodyTally, Entry, Head};
use super::respond::{Reply, Shared};
use super::script::{Gate, Script, Step};
use super::transport::Transport;
use crate::http1::{Body, Broken, Fields, Piece, Source, latin1, parse_head};

/// A client that sends more than this while it waits for its answer is not watched any further.
const READ_AHEAD: usize = 64 << 10;
/// How long the double waits for the client's close after its own.
const LINGER: Duration = Duration::from_secs(2);

/// What becomes of the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    KeepAlive,
    Close,
    CloseWithoutNotify,
    Reset,
}

impl From<Stop> for After {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Close => Self::Close,
            Stop::Reset => Self::Reset,
        }
    }
}

/// Serves one connection until it ends.
pub(super) async fn serve(shared: &Arc<Shared>, transport: Transport, origin: Origin) {
    let (reader, mut writer) = tokio::io::split(transport);
    let mut source = Source::new(reader);
    let after = loop {
        match exchange(shared, &mut source, &mut writer, &origin).await {
            Ok(After::KeepAlive) => {}
            Ok(after) => break after,
            Err(_) => break After::Close,
        }
    };
    end(source, writer, after).await;
}

async fn end(source: Source<ReadHalf<Transport>>, mut writer: WriteHalf<Transport>, after: After) {
    let mut reader = source.into_inner();
    if after == After::Close {
        // A peer that is gone needs no farewell; unread bytes would turn the close into a reset.
        drop(writer.shutdown().await);
        let mut rest = vec![0; 16 << 10];
        let drain = async { while matches!(reader.read(&mut rest).await, Ok(1..)) {} };
        drop(tokio::time::timeout(LINGER, drain).await);
        return;
    }
    let transport = reader.unsplit(writer);
    match after {
        After::Reset => transport.reset(),
        _ => transport.close_without_notify(),
    }
}

async fn exchange(
    shared: &Arc<Shared>,
    source: &mut Source<ReadHalf<Transport>>,
    writer: &mut WriteHalf<Transport>,
    origin: &Origin,
) -> Result<After, Broken> {
    let Some(head) = source.head().await? else { return Ok(After::Close) };
    let (line, headers) = parse_head(&head)?;
    let line = latin1(&line);
    let mut words = line.splitn(3, ' ').map(str::to_owned);
    let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next()) else {
        return Err(Broken::Malformed(line));
    };
    let ends = version == "HTTP/1.0" || headers.lists("connection", "close");
    let body = Body::of_request(&headers)?;
    if headers.lists("expect", "100-continue") {
        send(writer, b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let entry = shared.recorder.begin(Head {
        connection: origin.connection,
        sni: origin.sni.clone(),
        method,
        target,
        version,
        headers,
    });
    let gate = shared.release.gate();
    read_body(body, source, &entry).await?;
    let reply = shared.reply(entry.received());
    let answer = async {
        match reply {
            Reply::Plan(plan) => send_plan(writer, plan, gate).await,
            Reply::Script(script) => send_script(writer, &script, gate).await,
        }
    };
    let after = tokio::select! {
        biased;
        sent = answer => sent?,
        () = client_gone(source) => return Ok(After::Close),
    };
    entry.answered();
    Ok(if ends && after == After::KeepAlive { After::Close } else { after })
}

async fn read_body(
    mut body: Body,
    source: &mut Source<ReadHalf<Transport>>,
    entry: &Entry,
) -> Result<(), Broken> {
    let mut tally = BodyTally::default();
    loop {
        match body.next(source).await? {
            Piece::Data { bytes, ends_chunk } => tally.add(&bytes, ends_chunk),
            Piece::End(trailers) => {
                entry.body(tally, trailers);
                return Ok(());
            }
        }
    }
}

/// Waits until the client closes or resets the connection.
async fn client_gone(source: &mut Source<ReadHalf<Transport>>) {
    while source.buffered() < READ_AHEAD {
        if !matches!(source.fill().await, Ok(1..)) {
            return;
        }
    }
    std::future::pending().await
}

async fn send(writer: &mut WriteHalf<Transport>, bytes: &[u8]) -> Result<(), Broken> {
    writer.write_all(bytes).await?;
    Ok(writer.flush().await?)
}

async fn send_script(
    writer: &mut WriteHalf<Transport>,
    script: &Script,
    mut gate: Gate,
) -> Result<After, Broken> {
    for step in &script.raw {
        match step {
            Step::Bytes(bytes) => send(writer, bytes).await?,
            Step::Pause => gate.pass().await,
            Step::Close => return Ok(After::Close),
            Step::CloseWithoutNotify => return Ok(After::CloseWithoutNotify),
            Step::Reset => return Ok(After::Reset),
        }
    }
    Ok(After::KeepAlive)
}

async fn send_plan(writer: &mut WriteHalf<Transport>, plan: Plan, mut gate: Gate) -> Result<After, Broken> {
    // A sleep of nothing would still last until the timer's next tick.
    if !plan.head_delay.is_zero() {
        tokio::time::sleep(plan.head_delay).await;
    }
    let mut head = format!("HTTP/1.1 {} {}\r\n", plan.status, reason(plan.status)).into_bytes();
    put_fields(&mut head, &plan.fields);
    let mut frames = plan.frames.into_iter().peekable();
    // A head goes out together with a body that is ready, as from a real server.
    if let Some(Frame::Data(bytes)) = frames.next_if(|frame| matches!(frame, Frame::Data(_))) {
        put_data(&mut head, plan.framing, &bytes);
    }
    send(writer, &head).await?;
    for frame in frames {
        match frame {
            Frame::Data(bytes) => {
                let mut framed = Vec::with_capacity(bytes.len() + 16);
                put_data(&mut framed, plan.framing, &bytes);
                send(writer, &framed).await?;
            }
            Frame::Generated(bytes) => send_generated(writer, plan.framing, bytes).await?,
            Frame::Delay(wait) => tokio::time::sleep(wait).await,
            Frame::Hold => gate.pass().await,
            Frame::Malformed => {
                send(writer, b"zz\r\nno chunk\r\n").await?;
                return Ok(After::Close);
            }
            Frame::Stop(stop) => return Ok(stop.into()),
        }
    }
    if !plan.head_only && plan.framing == Framing::Chunked {
        let mut end = b"0\r\n".to_vec();
        put_fields(&mut end, &plan.trailers);
        send(writer, &end).await?;
    }
    Ok(After::KeepAlive)
}

async fn send_generated(
    writer: &mut WriteHalf<Transport>,
    framing: Framing,
    bytes: u64,
) -> Result<(), Broken> {
    let block = generated_block();
    let mut left = bytes;
    let mut framed = Vec::new();
    while left > 0 {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        framed.clear();
        put_data(&mut framed, framing, &block.slice(..count));
        writer.write_all(&framed).await?;
        left -= count as u64;
    }
    Ok(writer.flush().await?)
}

fn put_fields(head: &mut Vec<u8>, fields: &Fields) {
    for field in &fields.0 {
        head.extend_from_slice(field.name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(&field.value);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
}

fn put_data(out: &mut Vec<u8>, framing: Framing, bytes: &Bytes) {
    match framing {
        Framing::Length(_) => out.extend_from_slice(bytes),
        Framing::Chunked => {
            out.extend_from_slice(format!("{:x}\r\n", bytes.len()).as_bytes());
            out.extend_from_slice(bytes);
            out.extend_from_slice(b"\r\n");
        }
    }
}
