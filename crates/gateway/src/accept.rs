//! The first stage: a request's head is here, the clock starts.

use gatehouse_types::{RequestId, Timestamp};
use http::request::Parts;
use http::{Method, Request, Version};
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::credentials::{self, Credential};
use crate::headers::Control;
use crate::worker::Worker;

/// A call whose head has been read.
pub(crate) struct Accepted {
    pub(crate) call: Call,
    pub(crate) head: Parts,
    pub(crate) body: Incoming,
}

/// What is known of a call from its first moment.
pub(crate) struct Call {
    pub(crate) request_id: RequestId,
    pub(crate) client_chose_id: bool,
    pub(crate) started: Instant,
    pub(crate) started_at: Timestamp,
    /// Whether the client asked for the head of an answer alone.
    pub(crate) is_head: bool,
    /// Whether the client speaks HTTP/2.
    pub(crate) is_http2: bool,
    pub(crate) control: Control,
    /// The caller's key, which path and `Authorization` no longer have.
    pub(crate) credential: Option<Credential>,
    /// What stood in the place of a provider's key.
    pub(crate) proxy_key: Option<Credential>,
}

/// Reads what the head says to the gateway, and takes the caller's key out of it.
pub(crate) fn accept(worker: &Worker, request: Request<Incoming>) -> Accepted {
    let (mut head, body) = request.into_parts();
    let control = Control::read(&head.headers);
    let started_at = worker.shared.clock.now();
    let view = worker.shared.view.load();
    let found = credentials::take(&mut head, |value| view.keys.knows(value.as_bytes(), started_at));
    let call = Call {
        request_id: control.request_id.unwrap_or_else(RequestId::generate),
        client_chose_id: control.request_id.is_some(),
        started: Instant::now(),
        started_at,
        is_head: head.method == Method::HEAD,
        is_http2: head.version == Version::HTTP_2,
        control,
        credential: found.key,
        proxy_key: found.proxy_key,
    };
    Accepted { call, head, body }
}
