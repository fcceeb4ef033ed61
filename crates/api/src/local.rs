//! The API as a service for the gateway's listener, whose `api.` hosts lead here.

use std::error::Error;
use std::pin::Pin;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{Request, Response};
use axum::response::IntoResponse;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tower::ServiceExt;

use crate::error::{ApiError, ErrorKind};

/// The body of an answer.
pub type LocalBody = Pin<Box<dyn HttpBody<Data = Bytes, Error = Box<dyn Error + Send + Sync>> + Send>>;

/// Answers calls that came in by another listener than the API's own.
#[derive(Clone)]
pub struct LocalService {
    router: Router,
    runtime: Handle,
}

impl LocalService {
    /// Returns a service over `router`, whose handlers run on `runtime` and not on that of who asks.
    pub const fn new(router: Router, runtime: Handle) -> Self {
        Self { router, runtime }
    }

    /// Answers a request.
    ///
    /// # Cancellation
    /// Dropping the future leaves the handler to its end.
    pub async fn answer(&self, request: Request<Incoming>) -> Response<LocalBody> {
        let handled = self.runtime.spawn(self.router.clone().oneshot(request.map(Body::new)));
        let response = match handled.await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            // The runtime is going away.
            Err(_ended) => {
                ApiError::new(ErrorKind::StoreUnavailable, "the server is stopping").into_response()
            }
        };
        response.map(|body| -> LocalBody { Box::pin(body.map_err(Into::into)) })
    }
}
