//! Which answer a request gets: a script, or what the provider of that path says, damaged as asked.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::Value;

use super::answer::{Answer, Content};
use super::directive::Directives;
use super::plan::Plan;
use super::provider::Provider;
use super::record::{Received, Recorder};
use super::script::{Release, Script, Scripts};
use super::{guard, openai, provider};
use crate::hosts::name_of;

/// State that all connections of a double share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) recorder: Arc<Recorder>,
    pub(super) scripts: Scripts,
    pub(super) release: Release,
    connections: AtomicU64,
    answers: AtomicU64,
    /// How often calls with one and the same `x-double` came that asked for it to be counted.
    counted: Mutex<HashMap<String, usize>>,
}

/// A request as the answers see it.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The name in the field `Host`, or in the TLS handshake if there is no such field.
    pub(super) host: String,
    /// The target without its query.
    pub(super) path: String,
    /// The query without its question mark.
    pub(super) query: String,
    pub(super) directives: Directives,
    pub(super) body_sha256: String,
    pub(super) body_bytes: u64,
    pub(super) received: Received,
}

/// What is sent back.
#[derive(Debug)]
pub(super) enum Reply {
    /// Planned by the double.
    Plan(Plan),
    /// Written by a test.
    Script(Arc<Script>),
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
            counted: Mutex::default(),
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

    /// Counts a call; returns whether what its directives say is over.
    fn is_over(&self, text: &str, directives: &Directives) -> bool {
        let Some(first) = directives.first else { return false };
        let mut counted = self.counted.lock();
        let count = counted.entry(text.to_owned()).or_default();
        *count += 1;
        *count > first
    }

    /// Chooses the reply to a request that was read to its end.
    pub(super) fn reply(&self, received: Received) -> Reply {
        let text = received.headers.text("x-double").unwrap_or_default();
        let directives = match Directives::parse(&text) {
            Ok(directives) => directives,
            Err(message) => return plain_error(&message),
        };
        let is_over = self.is_over(&text, &directives);
        let directives = if is_over { Directives::default() } else { directives };
        if let Some(id) = received.headers.text("x-double-script").filter(|_| !is_over) {
            let missing = || plain_error(&format!("x-double-script: there is no script `{id}`"));
            return self.scripts.get(&id).map_or_else(missing, Reply::Script);
        }
        let host = received.headers.text("host").or_else(|| received.headers.text(":authority"));
        let host = host.or_else(|| received.sni.clone()).unwrap_or_default();
        let (path, query) = received.target.split_once('?').unwrap_or((&received.target, ""));
        let mut request = Request {
            method: received.method.clone(),
            host: name_of(&host),
            path: path.to_owned(),
            query: query.to_owned(),
            directives,
            body_sha256: received.body_sha256.clone(),
            body_bytes: received.body_bytes,
            received,
        };
        if guard::knows(&request.path) {
            match guard::directives(&request) {
                Ok(directives) => request.directives = directives,
                Err(message) => return plain_error(&message),
            }
        }
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

    /// Returns the first 24 hexadecimal digits of the body's hash: an id for what is made of the body.
    pub(super) fn digest(&self) -> String {
        self.body_sha256.chars().take(24).collect()
    }

    /// Returns the model that the path names: Azure's deployment, or the engine of OpenAI's first API.
    pub(super) fn path_model(&self) -> Option<&str> {
        let named = |label: &str| self.path.split_once(label).and_then(|(_, rest)| rest.split('/').next());
        named("/deployments/").or_else(|| named("/engines/"))
    }

    /// Returns the key: the value of the first of `fields` that is there, or a bearer token.
    pub(super) fn key(&self, fields: &[&str]) -> Option<String> {
        let headers = &self.received.headers;
        let authorization = headers.text("authorization").unwrap_or_default();
        let bearer = authorization.strip_prefix("Bearer ").map(str::to_owned);
        let own = fields.iter().find_map(|name| headers.text(name));
        own.or(bearer).filter(|key| !key.is_empty())
    }

    fn answer(&self, number: u64) -> Answer {
        let provider = provider::of(&self.host, &self.path);
        let mut answer = self.content(provider);
        if let Content::Events(events) = &mut answer.content {
            self.end_early(provider, events);
        }
        answer.push("Date", date());
        provider.add_usual_fields(&mut answer, number);
        if let Some(seconds) = &self.directives.retry_after {
            answer.push("Retry-After", seconds.clone());
        }
        if let Some(millis) = &self.directives.retry_after_ms {
            answer.push("retry-after-ms", millis.clone());
        }
        if let Some(should_retry) = &self.directives.should_retry {
            answer.push("x-should-retry", should_retry.clone());
        }
        answer
    }

    fn end_early(&self, provider: &dyn Provider, events: &mut Vec<Bytes>) {
        if let Some(count) = self.directives.end_after {
            events.truncate(count);
        }
        if let Some(count) = self.directives.error_after {
            events.truncate(count);
            events.push(provider.error_event(self, events.is_empty()));
        }
    }

    fn content(&self, provider: &dyn Provider) -> Answer {
        if let Some(status) = self.directives.status {
            return provider.error_of_status(self, status);
        }
        if let Some(bytes) = self.directives.bytes {
            return Answer::new(200, "application/octet-stream", Content::Generated(bytes));
        }
        provider.refusal(self).unwrap_or_else(|| provider.answer(self))
    }
}

/// Returns the present time as the field `Date` has it.
fn date() -> String {
    jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
