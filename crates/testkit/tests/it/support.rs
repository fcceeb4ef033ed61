//! A double with a client that is connected to it.

use anyhow::Result;
use gatehouse_testkit::client::{RawClient, RawResponse, request};
use gatehouse_testkit::{DoubleOptions, ProviderDouble};
use serde_json::{Value, json};

/// Starts a double with an admin listener.
pub(crate) async fn double() -> Result<ProviderDouble> {
    let admin = Some("127.0.0.1:0".parse()?);
    ProviderDouble::start(DoubleOptions { admin, ..DoubleOptions::default() }).await
}

/// Connects to the double under OpenAI's name.
pub(crate) async fn connect(double: &ProviderDouble) -> Result<RawClient> {
    RawClient::connect_tls(double.address(), "api.openai.com", double.ca()).await
}

/// Returns the bytes of a chat request whose `x-double` is `directives`.
pub(crate) fn chat_request(directives: &str, body: &Value) -> Vec<u8> {
    post("/v1/chat/completions", directives, body.to_string().as_bytes())
}

/// Returns the bytes of a request to `path` whose `x-double` is `directives`.
pub(crate) fn post(path: &str, directives: &str, body: &[u8]) -> Vec<u8> {
    let headers = [("Host", "api.openai.com"), ("Authorization", "Bearer sk-test"), ("X-Double", directives)];
    request("POST", path, &headers, body)
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

/// Starts a double, sends one chat request on a new connection and reads the answer.
pub(crate) async fn chat(directives: &str, stream: bool) -> Result<RawResponse> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    client.exchange(chat_request(directives, &chat_body(stream))).await
}

/// Returns the data of each event but the last, which must be `[DONE]`.
pub(crate) fn events(body: &[u8]) -> Result<Vec<Value>> {
    let text = std::str::from_utf8(body)?;
    let mut events: Vec<&str> = text.split_terminator("\n\n").collect();
    anyhow::ensure!(events.pop() == Some("data: [DONE]"), "no [DONE] in {text}");
    let data = events.iter().map(|event| event.strip_prefix("data: ").unwrap_or_default());
    data.map(|data| Ok(serde_json::from_str(data)?)).collect()
}

/// A host of the double with the key that it wants, for one request each on a new connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) double: &'a ProviderDouble,
    pub(crate) host: &'a str,
    /// Field with the key.
    pub(crate) key: (&'a str, &'a str),
}

impl Site<'_> {
    /// Posts `body` to `target` with `x-double: directives`.
    pub(crate) async fn post(&self, target: &str, directives: &str, body: &Value) -> Result<RawResponse> {
        self.send("POST", target, directives, body.to_string().as_bytes()).await
    }

    /// Sends a request with any method and body.
    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        directives: &str,
        body: &[u8],
    ) -> Result<RawResponse> {
        let headers = [("Host", self.host), self.key, ("X-Double", directives)];
        let mut client = RawClient::connect_tls(self.double.address(), self.host, self.double.ca()).await?;
        client.exchange(request(method, target, &headers, body)).await
    }
}

/// Returns the value of a field of the answer.
pub(crate) fn field(answer: &RawResponse, name: &str) -> String {
    answer.head.headers.text(name).unwrap_or_default()
}
