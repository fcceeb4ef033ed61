//! Calls that go to no provider: the REST API behind hosts of ours, and what the gateway answers by itself.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;

use crate::accept::Accepted;
use crate::credentials::{HELICONE_AUTH, Place};
use crate::reply::ReplyBody;
use crate::worker::Worker;

/// The body of an answer of the REST API.
pub type LocalBody = Pin<Box<dyn Body<Data = Bytes, Error = Box<dyn Error + Send + Sync>> + Send>>;

/// The REST API as the gateway sees it: an unmodified application reaches it under the host it always used.
pub trait LocalApi: Send + Sync {
    /// Answers a request; may be asked from any runtime.
    fn answer(&self, request: Request<Incoming>)
    -> Pin<Box<dyn Future<Output = Response<LocalBody>> + Send>>;
}

/// What the gateway answers by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LocalAnswer {
    /// It lives.
    Healthy,
    /// A browser is sent to the provider's own pages.
    MovedTo(String),
}

impl LocalAnswer {
    /// Returns the answer; Helicone's proxy gives the same.
    pub(crate) fn into_response(self) -> Response<ReplyBody> {
        let mut response = Response::new(ReplyBody::Whole(None));
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        match self {
            Self::Healthy => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            Self::MovedTo(home) => {
                if let Ok(home) = HeaderValue::try_from(home) {
                    headers.insert(LOCATION, home);
                }
                *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
            }
        }
        response
    }
}

/// Hands a call to the REST API, with the caller's key where the API looks for it.
pub(crate) async fn ask_api(worker: &Arc<Worker>, accepted: Accepted) -> Response<ReplyBody> {
    let Accepted { call, mut head, body } = accepted;
    if let Some(credential) = call.credential.filter(|credential| credential.place != Place::HeliconeAuth) {
        head.headers.insert(HELICONE_AUTH, credential.value);
    }
    let response = worker.shared.api.answer(Request::from_parts(head, body)).await;
    response.map(ReplyBody::Local)
}
