//! What stands around every handler: a deadline, a net for panics, security headers, a count.

use std::panic::AssertUnwindSafe;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use crate::error::{ApiError, ErrorKind};
use crate::state::ApiState;

/// What a page of ours may load: only what we serve, images and sound written into the page itself, and images that
/// somebody asks to see in a conversation, from wherever they lie but over TLS only.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' data: https:; media-src data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

/// Runs the handler under the state's deadline; a panic or a missed deadline becomes a JSON error.
pub(crate) async fn guard(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let handler = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = match tokio::time::timeout(state.request_timeout, handler).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => {
            tracing::error!(route = route.as_ref().map(MatchedPath::as_str), "a handler of the API panicked");
            ApiError::new(ErrorKind::Internal, "something went wrong inside the server").into_response()
        }
        Err(_elapsed) => {
            let seconds = state.request_timeout.as_secs_f64();
            let message = format!("the call took longer than {seconds} s");
            ApiError::new(ErrorKind::Timeout, message).into_response()
        }
    };
    harden(&mut response, state.sign_in().is_some_and(|sign_in| sign_in.is_secure));
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    state.metrics.count(route, response.status());
    response
}

/// Adds the security headers; an answer that says nothing about caching must not be kept. Browsers that reach the
/// dashboard over TLS are to do so always.
fn harden(response: &mut Response, is_secure: bool) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
