//! What callers say in headers is in the row, what must not be kept is nowhere, and what is not ours passes.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use gatehouse_testkit::double::Script;
use serde_json::{Value, json};

use crate::support::{Call, DEADLINE, House, chat_body, expect_end, helicone_id, text};

/// Ids of every UUID version, and in every spelling that a UUID may have.
const IDS: &[(&str, &str)] = &[
    ("c232ab00-9414-11ec-b3c8-9f6bdeced846", "c232ab00-9414-11ec-b3c8-9f6bdeced846"),
    ("000003e8-9414-21ec-b300-325096b39f47", "000003e8-9414-21ec-b300-325096b39f47"),
    ("5df41881-3aed-3515-88a7-2f4a814cf09e", "5df41881-3aed-3515-88a7-2f4a814cf09e"),
    ("919108f7-52d1-4320-9bac-f847db4148a8", "919108f7-52d1-4320-9bac-f847db4148a8"),
    ("2ed6657d-e927-568b-95e1-2665a8aea6a2", "2ed6657d-e927-568b-95e1-2665a8aea6a2"),
    ("1ec9414c-232a-6b00-b3c8-9f6bdeced846", "1ec9414c-232a-6b00-b3c8-9f6bdeced846"),
    ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"),
    ("2489e9ad-2ee2-8e00-8ec9-32d5f69181c0", "2489e9ad-2ee2-8e00-8ec9-32d5f69181c0"),
    ("0D9A1B5C-AAAA-4BBB-8CCC-DDDDEEEEFFFF", "0d9a1b5c-aaaa-4bbb-8ccc-ddddeeeeffff"),
];

/// What the omitted bodies say, and nothing else does.
const ASKED: &str = "xylophone-question-7351";

fn chat() -> Call<'static> {
    Call::chat(&chat_body(false))
}

/// Sends the call, which must succeed, and returns its row.
async fn row_of(house: &House, call: &Call<'_>) -> Result<Value> {
    let answer = house.exchange(call).await?;
    ensure!(answer.head.status == 200 && answer.end.is_ok(), "{answer:?}");
    house.row(&helicone_id(&answer.head.headers)?).await
}

fn at<'a>(row: &'a Value, place: &str) -> &'a Value {
    row.pointer(place).unwrap_or(&Value::Null)
}

// proves: Helicone-User-Id, Helicone-Session-Id, Helicone-Session-Path, Helicone-Session-Name
// proves: Helicone-Property-<Name>, Helicone-Model-Override
#[tokio::test]
async fn what_the_caller_says_of_a_call_is_in_its_row() -> Result<()> {
    let house = House::start().await?;
    let call = Call::chat(&chat_body(true))
        .header("Helicone-User-Id", "alice@example.com")
        .header("Helicone-Session-Id", "s-1")
        .header("Helicone-Session-Path", "/plan/step 2")
        .header("helicone-session-name", "Trip")
        .header("Helicone-Property-Env", "prod: eu; a=b, c")
        .header("HELICONE-PROPERTY-Long-Name", "")
        .header("Helicone-Property-Town", "Zürich 日本")
        .header("Helicone-Model-Override", "my-model");
    let row = row_of(&house, &call).await?;
    expect_end(&row, "complete", 200)?;
    ensure!(text(&row, "request_user_id") == "alice@example.com", "{row}");
    let expected = json!({
        "Helicone-Session-Id": "s-1",
        "Helicone-Session-Path": "/plan/step 2",
        "Helicone-Session-Name": "Trip",
        "env": "prod: eu; a=b, c",
        "long-name": "",
        "town": "Zürich 日本",
    });
    ensure!(at(&row, "/request_properties") == &expected, "{row}");
    ensure!(text(&row, "model_override") == "my-model", "{row}");
    ensure!(text(&row, "response_model") == "gpt-4o-mini-2024-07-18", "{row}");
    ensure!(text(&row, "provider") == "OPENAI" && text(&row, "method") == "POST", "{row}");
    ensure!(text(&row, "target_url") == "https://api.openai.com/v1/chat/completions", "{row}");
    ensure!(at(&row, "/is_stream") == true && at(&row, "/attempt_count") == 1, "{row}");
    for number in
        ["/prompt_tokens", "/completion_tokens", "/total_tokens", "/delay_ms", "/time_to_first_token"]
    {
        ensure!(at(&row, number).as_f64() > Some(0.0), "{number} in {row}");
    }
    ensure!(at(&row, "/request_body/messages/0/content") == "Say hello.", "{row}");
    Ok(())
}

#[tokio::test]
async fn a_priced_call_has_its_cost() -> Result<()> {
    let house = House::start().await?;
    for stream in [false, true] {
        let call = Call::chat(&chat_body(stream)).double("prompt-tokens=1000,completion-tokens=100");
        let row = row_of(&house, &call).await?;
        // gpt-4o-mini: 0.15 and 0.60 dollars a million.
        ensure!(at(&row, "/cost_nano_usd") == 1000 * 150 + 100 * 600, "{row}");
        ensure!(text(&row, "cost_status") == "priced" && text(&row, "usage_source") == "provider", "{row}");
    }
    let unknown = json!({"model": "gpt-99-unheard-of", "messages": [{"role": "user", "content": "x"}]});
    let row = row_of(&house, &Call::chat(&unknown)).await?;
    ensure!(at(&row, "/cost").is_null() && !text(&row, "cost_status").is_empty(), "{row}");
    ensure!(text(&row, "cost_status") != "priced", "{row}");
    Ok(())
}

// proves: Helicone-Request-Id, Helicone-Id
#[tokio::test]
async fn every_uuid_may_be_the_id_of_a_call() -> Result<()> {
    let house = House::start().await?;
    for (given, expected) in IDS {
        let row = row_of(&house, &chat().header("Helicone-Request-Id", *given)).await?;
        ensure!(text(&row, "request_id") == *expected, "{given}: {row}");
    }
    // What is no UUID is not taken, and the call is not refused for it.
    for given in ["", "42", "not-a-uuid", "919108f7-52d1-4320-9bac-f847db4148a8-and-more"] {
        let row = row_of(&house, &chat().header("Helicone-Request-Id", given)).await?;
        ensure!(text(&row, "request_id") != given, "{given}: {row}");
    }
    Ok(())
}

// proves: Helicone-Request-Id, Helicone-Id
#[tokio::test]
async fn an_id_may_be_sent_again() -> Result<()> {
    let house = House::start().await?;
    let (_, id) = IDS.first().context("no ids")?;
    let call = chat().header("Helicone-Request-Id", *id);
    let first = house.exchange(&call.clone().double("status=500")).await?;
    ensure!(first.head.status == 500, "{first:?}");
    expect_end(&house.row(id).await?, "complete", 500)?;
    let second = house.exchange(&call).await?;
    ensure!(second.head.status == 200 && helicone_id(&second.head.headers)? == *id, "{second:?}");
    // The later call is what the id stands for.
    gatehouse_testkit::eventually(DEADLINE, async || {
        let row = house.row(id).await?;
        Ok((at(&row, "/response_status") == 200).then_some(()))
    })
    .await?;
    let count = house.gatehouse.post("/v1/request/count/query", &json!({"filter": "all"})).await?;
    ensure!(at(&count, "/data") == 1, "{count}");
    Ok(())
}

// proves: Helicone-User-Id, Helicone-Property-<Name>
#[tokio::test]
async fn latin_1_is_read_as_text() -> Result<()> {
    let house = House::start().await?;
    let call = chat()
        .header("Helicone-User-Id", b"z\xfcrich".to_vec())
        .header("Helicone-Property-City", b"M\xfcnchen \xa7 5".to_vec())
        .header("X-Other", b"\xe9t\xe9".to_vec());
    let row = row_of(&house, &call).await?;
    ensure!(text(&row, "request_user_id") == "zürich", "{row}");
    ensure!(at(&row, "/request_properties/city") == "München § 5", "{row}");
    let received = house.double.wait_for(1).await?;
    let passed = received.first().and_then(|request| request.headers.get("x-other"));
    ensure!(passed == Some(b"\xe9t\xe9"), "{passed:?}");
    Ok(())
}

// proves: Helicone-User-Id
#[tokio::test]
async fn the_user_in_the_body_counts_where_no_header_says_otherwise() -> Result<()> {
    let house = House::start().await?;
    let mut body = chat_body(false);
    body["user"] = json!("bob");
    let row = row_of(&house, &Call::chat(&body)).await?;
    ensure!(text(&row, "request_user_id") == "bob", "{row}");
    let row = row_of(&house, &Call::chat(&body).header("Helicone-User-Id", "carol")).await?;
    ensure!(text(&row, "request_user_id") == "carol", "{row}");
    Ok(())
}

#[tokio::test]
async fn headers_of_one_connection_stay_on_it() -> Result<()> {
    let house = House::start().await?;
    let answer = "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\
                  Proxy-Authenticate: Basic\r\nHelicone-Id: forged\r\nX-Request-Id: r1\r\nContent-Length: 2\r\n\r\nok";
    house.double.script("hops", Script::bytes(answer));
    let call = chat()
        .header("Connection", "keep-alive, X-Hop, te")
        .header("X-Hop", "1")
        .header("Keep-Alive", "timeout=9")
        .header("Proxy-Authorization", "Basic c2VjcmV0")
        .header("Proxy-Connection", "keep-alive")
        .header("TE", "trailers, deflate")
        .header("Upgrade", "websocket")
        .header("X-Forwarded-For", "192.0.2.1")
        .header("X-Double-Script", "hops");
    let answer = house.exchange(&call).await?;
    ensure!(answer.body == "ok", "{answer:?}");
    for name in ["x-hop", "keep-alive", "proxy-authenticate"] {
        ensure!(answer.head.headers.get(name).is_none(), "the client got {name}: {answer:?}");
    }
    ensure!(answer.head.headers.text("x-request-id").as_deref() == Some("r1"), "{answer:?}");
    ensure!(answer.head.headers.all("helicone-id").len() == 1, "{answer:?}");
    ensure!(helicone_id(&answer.head.headers)? != "forged", "{answer:?}");
    let received = house.double.wait_for(1).await?;
    let headers = &received.first().context("nothing was received")?.headers;
    for name in [
        "connection",
        "x-hop",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "upgrade",
        "helicone-auth",
    ] {
        ensure!(headers.get(name).is_none(), "the provider got {name}: {headers:?}");
    }
    ensure!(headers.get("te") == Some(b"trailers"), "{headers:?}");
    ensure!(headers.get("x-forwarded-for") == Some(b"192.0.2.1"), "{headers:?}");
    Ok(())
}

/// Returns the files below `directory` that contain `wanted`, as it is or inside of what zstd or gzip packed.
fn files_with(directory: &Path, wanted: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).with_context(|| format!("read {directory:?}"))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_with(&path, wanted)?);
            continue;
        }
        // A file may go away while one looks.
        let bytes = std::fs::read(&path).unwrap_or_default();
        let texts = [unpacked(&bytes, ZSTD), unpacked(&bytes, GZIP), bytes];
        if texts.iter().any(|text| text.windows(wanted.len()).any(|window| window == wanted.as_bytes())) {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}

/// How a zstd frame begins.
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// How a gzip member begins.
const GZIP: &[u8] = &[0x1f, 0x8b, 0x08];

/// Returns what everything in `bytes` that begins with `magic` holds.
fn unpacked(bytes: &[u8], magic: &[u8]) -> Vec<u8> {
    let mut texts = Vec::new();
    for (at, window) in bytes.windows(magic.len()).enumerate() {
        let Some(packed) = bytes.get(at..).filter(|_| window == magic) else { continue };
        // What came out before an error counts too.
        drop(match zstd::Decoder::new(packed) {
            Ok(decoder) if magic == ZSTD => std::io::copy(&mut decoder.single_frame(), &mut texts),
            _ => std::io::copy(&mut GzDecoder::new(packed), &mut texts),
        });
    }
    texts
}

fn secret_chat(stream: bool) -> Call<'static> {
    let messages = json!([{"role": "user", "content": ASKED}]);
    Call::chat(&json!({
        "model": "gpt-4o-mini",
        "messages": messages,
        "stream": stream,
        "stream_options": {"include_usage": stream},
    }))
}

#[tokio::test]
async fn bodies_that_are_not_omitted_are_found_on_disk() -> Result<()> {
    // Shows that the search of the next test would find something.
    for directives in ["", "gzip"] {
        let house = House::start().await?;
        let row = row_of(&house, &secret_chat(false).double(directives)).await?;
        ensure!(at(&row, "/request_body/messages/0/content") == ASKED, "{row}");
        for wanted in [ASKED, "How can I help"] {
            let found = files_with(&house.gatehouse.data_dir(), wanted)?;
            ensure!(!found.is_empty(), "{wanted:?} is nowhere");
        }
    }
    Ok(())
}

// proves: Helicone-Omit-Request, Helicone-Omit-Response
#[tokio::test]
async fn omitted_bodies_are_nowhere_on_disk() -> Result<()> {
    let mut house = House::start().await?;
    let data = house.gatehouse.data_dir();
    for (stream, directives) in [(false, ""), (true, ""), (true, "gzip"), (false, "gzip")] {
        let call = secret_chat(stream)
            .double(directives)
            .header("Helicone-Omit-Request", "true")
            .header("Helicone-Omit-Response", "TRUE");
        let row = row_of(&house, &call).await?;
        expect_omitted(&row, "/request_body", "request")?;
        expect_omitted(&row, "/response_body", "response")?;
        ensure!(text(&row, "request_model") == "gpt-4o-mini", "{row}");
        ensure!(text(&row, "response_model") == "gpt-4o-mini-2024-07-18", "{row}");
        ensure!(at(&row, "/total_tokens").as_u64() > Some(0), "{row}");
        ensure!(at(&row, "/cost_nano_usd").as_i64() > Some(0), "{row}");
        ensure!(at(&row, "/response_bytes").as_u64() > Some(0), "{row}");
    }
    // A cut call, a refused one, and one whose provider can't be reached keep nothing either.
    let omitted = |directives: &str| {
        secret_chat(true)
            .double(directives)
            .header("Helicone-Omit-Request", "true")
            .header("Helicone-Omit-Response", "true")
    };
    for call in [
        omitted("cut-after=2"),
        omitted("").replace("Helicone-Target-Url", "https://10.0.0.1"),
        omitted("status=400"),
    ] {
        let answer = house.exchange(&call).await?;
        house.row(&helicone_id(&answer.head.headers)?).await?;
    }
    expect_nowhere(&data, "while it runs")?;
    let status = house.gatehouse.terminate(DEADLINE).await?;
    ensure!(status.success(), "{status}");
    expect_nowhere(&data, "after its end")
}

fn expect_omitted(row: &Value, body: &str, side: &str) -> Result<()> {
    ensure!(at(row, body).is_null(), "{row}");
    ensure!(text(row, &format!("{side}_body_state")) == "omitted", "{row}");
    ensure!(at(row, &format!("/{side}_preview")).is_null(), "{row}");
    Ok(())
}

fn expect_nowhere(data: &Path, when: &str) -> Result<()> {
    // The double's answers say "Hello! How can I help you today?", streams in pieces.
    for wanted in [ASKED, "How can I help", "\"content\":\" How\""] {
        let found = files_with(data, wanted)?;
        ensure!(found.is_empty(), "{wanted:?} is in {found:?} {when}");
    }
    Ok(())
}

// proves: Helicone-Omit-Request, Helicone-Omit-Response
#[tokio::test]
async fn one_body_may_be_omitted_and_the_other_kept() -> Result<()> {
    let house = House::start().await?;
    let row = row_of(&house, &secret_chat(false).header("Helicone-Omit-Request", "true")).await?;
    expect_omitted(&row, "/request_body", "request")?;
    ensure!(at(&row, "/response_body/object") == "chat.completion", "{row}");
    let row = row_of(&house, &chat().header("Helicone-Omit-Response", "true")).await?;
    expect_omitted(&row, "/response_body", "response")?;
    ensure!(at(&row, "/request_body/model") == "gpt-4o-mini", "{row}");
    ensure!(files_with(&house.gatehouse.data_dir(), ASKED)?.is_empty());
    Ok(())
}
