//! The REST API behind the gateway's listener.

use std::future::Future;
use std::pin::Pin;

use gatehouse_api::LocalService;
use gatehouse_gateway::{LocalApi, LocalBody};
use hyper::body::Incoming;
use hyper::{Request, Response};

/// Lets the gateway ask the API.
pub(crate) struct ApiBehindGateway(pub(crate) LocalService);

impl LocalApi for ApiBehindGateway {
    fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<LocalBody>> + Send>> {
        let service = self.0.clone();
        Box::pin(async move { service.answer(request).await })
    }
}
