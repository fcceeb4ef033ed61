//! A gatehouse in front of a provider double, and what most scenarios say to it.

pub(crate) mod http2;

use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::{RawClient, RawResponse, call_json};
use gatehouse_testkit::http1::{Fields, latin1};
use gatehouse_testkit::process::TEST_KEY;
use gatehouse_testkit::{DoubleOptions, Gatehouse, GatehouseOptions, ProviderDouble, eventually};
use serde_json::{Value, json};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_gatehouse");
/// The target of most calls.
pub(crate) const OPENAI: &str = "https://api.openai.com";
/// How long the row of a call may take on a busy machine.
const ROW_DEADLINE: Duration = Duration::from_secs(20);
/// How long most other things may take on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A gatehouse whose targets are all one double.
pub(crate) struct House {
    pub(crate) double: ProviderDouble,
    pub(crate) gatehouse: Gatehouse,
}

impl House {
    /// Starts both with the basic configuration.
    pub(crate) async fn start() -> Result<Self> {
        Self::with_toml("").await
    }

    /// Starts both with `toml` laid over the basic configuration.
    pub(crate) async fn with_toml(toml: &str) -> Result<Self> {
        Self::with_double(DoubleOptions::default(), toml).await
    }

    /// Starts a double as `options` say and a gatehouse with `toml` laid over the basic configuration.
    pub(crate) async fn with_double(options: DoubleOptions, toml: &str) -> Result<Self> {
        let double = ProviderDouble::start(options).await?;
        let options = GatehouseOptions::new(BINARY).with_double(&double).with_toml(toml);
        let gatehouse = Gatehouse::start(options).await?;
        Ok(Self { double, gatehouse })
    }

    /// Connects to the gateway.
    pub(crate) async fn client(&self) -> Result<RawClient> {
        RawClient::connect(self.gatehouse.gateway()).await
    }

    /// Sends `call` on a new connection and reads the answer.
    pub(crate) async fn exchange(&self, call: &Call<'_>) -> Result<RawResponse> {
        let mut client = self.client().await?;
        client.exchange(call.bytes()).await
    }

    /// Returns the row of the call with this id, as soon as there is one.
    pub(crate) async fn row(&self, id: &str) -> Result<Value> {
        let path = format!("/v1/request/{id}?includeBody=true");
        let api = self.gatehouse.api();
        eventually(ROW_DEADLINE, async || {
            let (status, json) = call_json(api, "GET", &path, TEST_KEY, None).await?;
            ensure!(matches!(status, 200 | 404), "{path} answered {status}: {json}");
            Ok(json.get("data").filter(|data| !data.is_null() && status == 200).cloned())
        })
        .await
        .with_context(|| format!("row {id}"))
    }

    /// Sends a plain call and checks its answer: the gateway is alive and well.
    pub(crate) async fn expect_alive(&self) -> Result<()> {
        let answer = self.exchange(&Call::chat(&chat_body(false))).await?;
        ensure!(answer.head.status == 200 && answer.end.is_ok(), "{answer:?}");
        let stderr = self.gatehouse.stderr();
        ensure!(!stderr.contains("panic"), "panic:\n{stderr}");
        Ok(())
    }
}

/// A call to the gateway, to be changed field by field before it is sent.
#[derive(Clone)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl<'a> Call<'a> {
    /// Returns an authorised call to OpenAI.
    pub(crate) fn new(method: &'a str, path: &'a str) -> Self {
        let call = Self { method, path, headers: Vec::new(), body: Vec::new() };
        call.header("Host", "gateway.test")
            .header("Helicone-Auth", format!("Bearer {TEST_KEY}"))
            .header("Helicone-Target-Url", OPENAI)
            .header("Authorization", "Bearer sk-provider-secret")
    }

    /// Returns a chat completion call.
    pub(crate) fn chat(body: &Value) -> Self {
        Self::new("POST", "/v1/chat/completions")
            .header("Content-Type", "application/json")
            .with_body(body.to_string())
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Replaces a header, in place; it must be there.
    pub(crate) fn replace(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(present, _)| present != name);
        self.header(name, value)
    }

    /// Takes a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(present, _)| present != name);
        self
    }

    /// Says how the double is to damage its answer.
    pub(crate) fn double(self, directives: &str) -> Self {
        self.header("X-Double", directives)
    }

    /// Sets the body.
    pub(crate) fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Returns the call as HTTP/1.1, with a `Content-Length` if there is a body.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.path).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if !self.body.is_empty() {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes();
        write!(formatter, "{}", bytes.get(..2000).unwrap_or(&bytes).escape_ascii())
    }
}

/// Returns the body of a chat request.
pub(crate) fn chat_body(stream: bool) -> Value {
    json!({
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Say hello."}],
        "stream": stream,
        "stream_options": {"include_usage": stream},
    })
}

/// Returns the `helicone-id` of an answer.
pub(crate) fn helicone_id(headers: &Fields) -> Result<String> {
    headers.text("helicone-id").with_context(|| format!("no helicone-id in {headers:?}"))
}

/// Returns what a row says of its call: all but the link to its bodies, which changes with the time and the host.
pub(crate) fn facts(row: &Value) -> Value {
    let mut row = row.clone();
    row.as_object_mut().and_then(|fields| fields.remove("signed_body_url"));
    row
}

/// Returns the text of `text` field `name` of a row.
pub(crate) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Checks a row's outcome and status.
pub(crate) fn expect_end(row: &Value, outcome: &str, status: i64) -> Result<()> {
    let found = (text(row, "outcome"), row.get("response_status").and_then(Value::as_i64));
    ensure!(found == (outcome, Some(status)), "expected {outcome} {status}, found {found:?} in {row}");
    Ok(())
}

/// Returns the status, the `code` and the whole body of a refusal, wherever its dialect has the code.
pub(crate) fn refusal(answer: &RawResponse) -> Result<(u16, String, String)> {
    let json = answer.json()?;
    let places = ["/error/code", "/error/details/0/reason"];
    let code = places.iter().find_map(|place| json.pointer(place)?.as_str());
    let code = code.with_context(|| format!("no code in {json}"))?.to_owned();
    Ok((answer.head.status, code, latin1(&answer.body)))
}
