//! Which answer a request gets: a script, or what the provider of that path says, damaged as asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use serde_json::Value;

use super::answer::{Answer, Content};
use super::directive::Directives;
use super::plan::Plan;
use super::record::{Received, Recorder};
use super::script::{Release, Script, Scripts};
use super::{anthropic, openai, openai_chat};

/// State that all connections of a double share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) recorder: Arc<Recorder>,
    pub(super) scripts: Scripts,
    pub(super) release: Release,
    connections: AtomicU64,
    answers: AtomicU64,
}

/// A request as the answers see it.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The target without its query.
    pub(super) path: String,
    pub(super) directives: Directives,
    pub(super) body_sha256: String,
    pub(super) body_bytes: u64,
    received: Received,
}

/// What is sent back.
#[derive(Debug)]
pub(super) enum Reply {
    /// Planned by the double.
    Plan(Plan),
    /// Written by a test.
    Script(Arc<Script>),
}

/// Whose errors and fields an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    OpenAi,
    Anthropic,
}

impl Shared {
    /// Makes the state of a double that records requests, or does not.
    pub(super) fn new(record: bool) -> Self {
        Self {
            recorder: Recorder::new(record),
            scripts: Scripts::default(),
            release: Release::default(),
            connections: AtomicU64::new(0),
            answers: AtomicU64::new(0),
        }
    }

    /// Returns the number of the next connection.
    pub(super) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Returns how many connections came so far.
    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Chooses the reply to a request that was read to its end.
    pub(super) fn reply(&self, received: Received) -> Reply {
        if let Some(id) = received.headers.text("x-double-script") {
            let missing = || plain_error(&format!("x-double-script: there is no script `{id}`"));
            return self.scripts.get(&id).map_or_else(missing, Reply::Script);
        }
        let directives = received.headers.text("x-double").unwrap_or_default();
        let directives = match Directives::parse(&directives) {
            Ok(directives) => directives,
            Err(message) => return plain_error(&message),
        };
        let path = received.target.split('?').next().unwrap_or_default().to_owned();
        let request = Request {
            method: received.method.clone(),
            path,
            directives,
            body_sha256: received.body_sha256.clone(),
            body_bytes: received.body_bytes,
            received,
        };
        let number = self.answers.fetch_add(1, Ordering::Relaxed) + 1;
        Reply::Plan(Plan::new(request.answer(number), &request.directives, &request.method))
    }
}

/// Makes the reply to a test that asks for something that does not exist.
fn plain_error(message: &str) -> Reply {
    let answer = openai::error(400, "double_error", Some("double_error"), message);
    Reply::Plan(Plan::new(answer, &Directives::default(), "GET"))
}

impl Request {
    /// Returns the body as JSON.
    pub(super) fn json(&self) -> Option<Value> {
        self.received.json().ok()
    }

    /// Returns the deployment in a path of Azure's form.
    pub(super) fn azure_deployment(&self) -> Option<&str> {
        self.path.split_once("/deployments/")?.1.split('/').next()
    }

    fn answer(&self, number: u64) -> Answer {
        let dialect = self.dialect();
        let mut answer = self.content(dialect);
        if let Content::Events(events) = &mut answer.content {
            self.end_early(dialect, events);
        }
        answer.push("Date", date());
        match dialect {
            Dialect::OpenAi => openai::add_usual_fields(&mut answer, number),
            Dialect::Anthropic => anthropic::add_usual_fields(&mut answer, number),
        }
        answer.push("Server", "cloudflare");
        if let Some(seconds) = &self.directives.retry_after {
            answer.push("Retry-After", seconds.clone());
        }
        answer
    }

    fn end_early(&self, dialect: Dialect, events: &mut Vec<Bytes>) {
        if let Some(count) = self.directives.end_after {
            events.truncate(count);
        }
        if let Some(count) = self.directives.error_after {
            events.truncate(count);
            events.push(match dialect {
                Dialect::OpenAi => openai::error_event(),
                Dialect::Anthropic => anthropic::error_event(),
            });
        }
    }

    fn content(&self, dialect: Dialect) -> Answer {
        if let Some(status) = self.directives.status {
            return match dialect {
                Dialect::OpenAi => openai::error_of_status(status),
                Dialect::Anthropic => anthropic::error_of_status(status),
            };
        }
        if let Some(bytes) = self.directives.bytes {
            return Answer::new(200, "application/octet-stream", Content::Generated(bytes));
        }
        if let Some(refusal) = self.refusal(dialect) {
            return refusal;
        }
        match (self.method.as_str(), dialect) {
            ("POST", Dialect::Anthropic) => anthropic::messages(self),
            ("POST", _) if self.path.ends_with("/chat/completions") => openai_chat::chat(self),
            ("POST", _) if self.path.ends_with("/embeddings") => openai::embeddings(self),
            ("POST", _) if self.path.ends_with("/files") => openai::file(self),
            ("GET" | "HEAD", _) if self.path.ends_with("/models") => openai::models(None),
            ("GET" | "HEAD", _) => match self.path.split_once("/models/") {
                Some((_, id)) => openai::models(Some(id)),
                None => openai::unknown_path(self),
            },
            _ => openai::unknown_path(self),
        }
    }

    fn dialect(&self) -> Dialect {
        if self.path.ends_with("/v1/messages") { Dialect::Anthropic } else { Dialect::OpenAi }
    }

    /// Returns the answer to a request without a usable key; keys that begin with `sk-invalid` are wrong ones.
    fn refusal(&self, dialect: Dialect) -> Option<Answer> {
        let headers = &self.received.headers;
        let authorization = headers.text("authorization").unwrap_or_default();
        let bearer = authorization.strip_prefix("Bearer ").map(str::to_owned);
        let own_name = match dialect {
            Dialect::Anthropic => "x-api-key",
            Dialect::OpenAi => "api-key",
        };
        let key = headers.text(own_name).or(bearer).filter(|key| !key.is_empty());
        match (key, dialect) {
            (Some(key), _) if !key.starts_with("sk-invalid") => None,
            (_, Dialect::Anthropic) => Some(anthropic::error_of_status(401)),
            (Some(_), Dialect::OpenAi) => Some(openai::error_of_status(401)),
            (None, Dialect::OpenAi) => {
                Some(openai::error(401, "invalid_request_error", None, "You didn't provide an API key."))
            }
        }
    }
}

/// Returns the present time as the field `Date` has it.
fn date() -> String {
    jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
