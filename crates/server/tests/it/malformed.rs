//! Headers that say what nobody can read: each ends as documented, none as a 5xx, none in a panic.
//!
//! Every value is sent twice: as the gateway comes, where what can't be read is passed over unless that could do
//! harm, and with `gateway.strict_headers`, where it is refused with a 400 that names the header.

mod values;

use anyhow::{Context, Result, bail, ensure};
use gatehouse_testkit::client::RawResponse;
use gatehouse_testkit::eventually;
use serde_json::{Value, json};

use crate::support::{Call, DEADLINE, House, chat_body, helicone_id, refusal, text};
use values::{Case, Ends, GROUPS};

/// Headers that the gateway does not leave to providers besides its own.
const OURS: [&str; 3] = ["aws-access-key", "aws-secret-key", "aws-session-token"];

fn call(with: &[(&str, &str)], case: &Case) -> Call<'static> {
    let mut call = Call::chat(&chat_body(false));
    for (name, value) in with.iter().map(|(name, value)| (*name, value.as_bytes())).chain([(case.0, case.1)])
    {
        call = call.without(name).header(name, value);
    }
    call
}

/// Checks how one call ended, and that no header of ours went to a provider.
fn check(answer: &RawResponse, expected: Ends) -> Result<()> {
    let status = answer.head.status;
    ensure!(status < 500, "{status}: a bad value is the caller's mistake");
    match expected {
        Ends::Passes => ensure!(status == 200, "{status}: {}", answer.body.escape_ascii()),
        Ends::Told(header) => {
            ensure!(status == 200, "{status}: {}", answer.body.escape_ascii());
            ensure!(answer.head.headers.text(header).is_some_and(|text| !text.is_empty()), "no {header}");
        }
        Ends::Made(expected) => {
            ensure!(status == expected, "{status}: {}", answer.body.escape_ascii());
            ensure!(answer.head.headers.text("openai-version").is_some(), "{answer:?}");
        }
        Ends::Refused(expected_status, expected_code) => {
            let (status, code, body) = refusal(answer)?;
            ensure!((status, code.as_str()) == (expected_status, expected_code), "{status} {body}");
        }
    }
    helicone_id(&answer.head.headers).map(drop)
}

/// Sends every value to one gateway and returns how many calls have a row.
async fn all(house: &House, is_strict: bool) -> Result<usize> {
    let (mut rows, mut wrong) = (0, Vec::new());
    for (with, cases) in GROUPS {
        for case in *cases {
            let answer = house.exchange(&call(with, case)).await?;
            let expected = if is_strict { case.3 } else { case.2 };
            if let Err(error) = check(&answer, expected) {
                wrong.push(format!("{}: {}: {error}", case.0, case.1.escape_ascii()));
            }
            // Whose call it is nobody knows where the key is none.
            rows += usize::from(!matches!(expected, Ends::Refused(401, _)));
        }
    }
    if !wrong.is_empty() {
        bail!("{} of the values:\n{}", wrong.len(), wrong.join("\n"));
    }
    for request in house.double.requests() {
        let ours = request.headers.0.iter().find(|field| {
            let name = field.name.to_ascii_lowercase();
            name.starts_with("helicone-") || OURS.contains(&name.as_str())
        });
        ensure!(ours.is_none(), "{ours:?} went to a provider");
    }
    house.expect_alive().await?;
    Ok(rows + 1)
}

async fn in_both_modes(is_strict: bool) -> Result<()> {
    let house = House::with_toml(&format!("[gateway]\nstrict_headers = {is_strict}\n")).await?;
    let rows = all(&house, is_strict).await?;
    eventually(DEADLINE, async || {
        let count = house.gatehouse.post("/v1/request/count/query", &json!({"filter": "all"})).await?;
        Ok((count.get("data") == Some(&json!(rows))).then_some(()))
    })
    .await
    .with_context(|| format!("{rows} rows"))
}

// proves: Helicone-Peyeeye-Enabled, Helicone-Prompt-Mode, Helicone-Fallbacks
#[tokio::test]
async fn values_that_nobody_can_read_are_passed_over_where_that_does_no_harm() -> Result<()> {
    in_both_modes(false).await
}

#[tokio::test]
async fn values_that_nobody_can_read_are_refused_where_the_operator_is_strict() -> Result<()> {
    in_both_modes(true).await
}

#[test]
fn every_header_has_values_that_nobody_can_read() -> Result<()> {
    let cases: Vec<&Case> = GROUPS.iter().flat_map(|(_, cases)| *cases).collect();
    ensure!(cases.len() >= 80, "{} values", cases.len());
    for header in gatehouse_testkit::conformance::table()? {
        let is_request = header.direction == gatehouse_testkit::conformance::Direction::Request;
        let begin = header.name.trim_end_matches("<Name>");
        let has_one = cases.iter().any(|case| {
            case.0.eq_ignore_ascii_case(begin)
                || (begin.len() < header.name.len()
                    && case.0.len() > begin.len()
                    && case.0.starts_with(begin))
        });
        ensure!(!is_request || has_one, "no value of `{}`", header.name);
    }
    Ok(())
}

/// Values that no header has a use for.
fn nonsense() -> [Vec<u8>; 6] {
    let long = |byte| vec![byte; 20_000];
    [Vec::new(), b"\xff\x80".to_vec(), b"true, true".to_vec(), b"\t;=,\"\\".to_vec(), long(b'['), long(b'9')]
}

#[tokio::test]
async fn no_value_of_any_header_is_a_failure_of_ours() -> Result<()> {
    for is_strict in [false, true] {
        let house = House::with_toml(&format!("[gateway]\nstrict_headers = {is_strict}\n")).await?;
        let mut client = house.client().await?;
        for header in gatehouse_testkit::conformance::table()? {
            let name = header.name.replace("<Name>", "X");
            for value in nonsense() {
                let call = Call::chat(&chat_body(false)).without(&name).header(&name, value);
                let answer = client.exchange(call.bytes()).await?;
                ensure!(answer.head.status < 500 && answer.end.is_ok(), "{name}: {answer:?}");
            }
        }
        house.expect_alive().await?;
    }
    Ok(())
}

// proves: Helicone-Request-Id, Helicone-User-Id, Helicone-Property-<Name>, Helicone-Session-Id
#[tokio::test]
async fn what_is_passed_over_is_not_recorded() -> Result<()> {
    let house = House::start().await?;
    let call = Call::chat(&chat_body(false))
        .header("Helicone-Request-Id", "not-a-uuid")
        .header("Helicone-User-Id", "")
        .header("Helicone-Model-Override", "")
        .header("Helicone-Property-Bytes", b"\xff\xfe".to_vec())
        .header("Helicone-Session-Id", "x".repeat(2000))
        .header("Helicone-Retry-Enabled", "maybe")
        .header("helicone-retry-num", "many");
    let answer = house.exchange(&call).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    ensure!(text(&row, "request_id") != "not-a-uuid", "{row}");
    ensure!(row.get("request_user_id").is_none_or(|user| user.is_null() || user == ""), "{row}");
    ensure!(text(&row, "response_model") == "gpt-4o-mini-2024-07-18", "{row}");
    let properties = row.get("request_properties").and_then(Value::as_object).context("no properties")?;
    ensure!(properties.get("bytes") == Some(&json!("\u{ff}\u{fe}")), "{row}");
    ensure!(properties.get("Helicone-Session-Id") == Some(&json!("x".repeat(2000))), "{row}");
    Ok(())
}
