//! Asking one guard: one request, one small answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use gatehouse_types::RequestId;
use gatehouse_upstream::{Connector, Origin, PoolLimits, Upstream, UpstreamError};
use gatehouse_wire::guards::{GuardQuestion, GuardVerdict, MODERATION_PATH, moderation_question};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT,
};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use tokio_util::task::TaskTracker;

use super::roster::{Credential, Place, is_openais};
use super::{Guard, GuardRefusal, How, Question};

/// The longest answer that is read.
const ANSWER_BYTES: usize = 64 << 10;
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What OpenAI wants to know of a key besides the key.
const KEY_HEADERS: [HeaderName; 3] = [
    AUTHORIZATION,
    HeaderName::from_static("openai-organization"),
    HeaderName::from_static("openai-project"),
];

/// One worker's connections to guards.
pub(crate) struct Askers {
    upstream: Upstream<Full<Bytes>>,
}

/// Why a guard said nothing that counts.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    #[error("{0}")]
    Upstream(#[from] UpstreamError),
    #[error("it did not answer in time")]
    TimedOut,
    #[error("it answered with status {0}")]
    Status(StatusCode),
    #[error("OpenAI's moderation answered the call's own key with status {0}")]
    CallersKey(StatusCode),
    #[error("its answer broke off or is longer than 64 KiB")]
    Body,
    #[error("its answer is not a verdict")]
    NoVerdict,
    #[error("it has no key for calls to other providers than OpenAI")]
    NoKey,
}

impl AskError {
    /// Returns what the caller is told if the guard lets nothing pass without having been asked.
    pub(super) fn refusal(&self, guard: &Guard) -> GuardRefusal {
        let guard = guard.name.clone();
        match self {
            Self::CallersKey(status) => GuardRefusal::CallersKey { status: *status },
            Self::NoKey => GuardRefusal::NoKey { guard },
            _ => GuardRefusal::Unavailable { guard },
        }
    }
}

impl Askers {
    /// Returns connections to nobody yet; they run as `tasks` of the current runtime.
    pub(crate) fn new(connector: Arc<Connector>, limits: PoolLimits, tasks: TaskTracker) -> Self {
        Self { upstream: Upstream::new(connector, limits, tasks) }
    }

    /// Returns the pool, to close connections that nobody uses.
    pub(crate) fn upstream(&self) -> Upstream<Full<Bytes>> {
        self.upstream.clone()
    }

    /// Asks a guard what it says to `text`.
    pub(super) async fn ask(
        &self,
        guard: &Guard,
        question: &Question<'_>,
        text: &str,
        model: Option<&str>,
    ) -> Result<GuardVerdict, AskError> {
        match &guard.how {
            How::Http { place, credential } => {
                let body = question.for_guard(guard, text, model);
                let headers = credential_headers(credential.as_ref());
                let answer = self.post(&place.origin, &place.path, headers, body).await?;
                GuardVerdict::read(&answer).ok_or(AskError::NoVerdict)
            }
            How::Moderation { place: Place { origin, path }, credential } => {
                let headers = credential_headers(Some(credential));
                let answer = self.post(origin, path, headers, moderation_question(text)).await?;
                GuardVerdict::read_moderation(&answer).ok_or(AskError::NoVerdict)
            }
            How::CallersModeration => {
                if !is_openais(question.target) {
                    return Err(AskError::NoKey);
                }
                let path = PathAndQuery::from_static(MODERATION_PATH);
                let headers = callers_headers(question.headers);
                let asked =
                    self.post(&question.target.origin, &path, headers, moderation_question(text)).await;
                let answer = asked.map_err(as_callers)?;
                GuardVerdict::read_moderation(&answer).ok_or(AskError::NoVerdict)
            }
        }
    }

    async fn post(
        &self,
        origin: &Arc<Origin>,
        path: &PathAndQuery,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Bytes, AskError> {
        let mut request = Request::new(Full::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from(path.clone());
        *request.headers_mut() = headers;
        let fixed = [
            (CONTENT_TYPE, JSON),
            (ACCEPT, JSON),
            (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
            (USER_AGENT, HeaderValue::from_static("gatehouse")),
        ];
        request.headers_mut().extend(fixed);
        let response = self.upstream.send(origin, request).await?.response;
        if !response.status().is_success() {
            return Err(AskError::Status(response.status()));
        }
        let read = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
        Ok(read.map_err(|_| AskError::Body)?.to_bytes())
    }
}

impl Question<'_> {
    fn for_guard(&self, guard: &Guard, text: &str, model: Option<&str>) -> Vec<u8> {
        let properties = self.properties.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request_id = RequestId::to_string(&self.request_id);
        let question = GuardQuestion {
            request_id: &request_id,
            guard: &guard.name,
            kind: guard.when.as_str(),
            text,
            advanced: self.wanted.advanced,
            model,
            provider: &self.target.name,
            user_id: self.user_id,
            properties: properties.collect::<BTreeMap<_, _>>(),
        };
        question.to_json()
    }
}

fn credential_headers(credential: Option<&Credential>) -> HeaderMap {
    credential.iter().map(|credential| (credential.name.clone(), credential.value.clone())).collect()
}

/// Takes over what the call's own key needs.
fn callers_headers(headers: &HeaderMap) -> HeaderMap {
    let given = KEY_HEADERS.into_iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone())));
    given.collect()
}

/// What OpenAI has against the caller's key or its rate is the caller's to hear.
fn as_callers(error: AskError) -> AskError {
    match error {
        AskError::Status(
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS),
        ) => AskError::CallersKey(status),
        other => other,
    }
}
