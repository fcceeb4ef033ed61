//! Every stage of a call, in order.

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;

use crate::cache::Looked;
use crate::reject::Rejection;
use crate::reply::ReplyBody;
use crate::route::Route;
use crate::worker::Worker;
use crate::{accept, admit, cache, forward, guard, identify, limit, local, prepare, reject, relay, route};

/// Takes a call through its life and returns the answer, whose body lives on in [`relay`].
///
/// Whatever the end, exactly one record is made of it: by the `Recording` that is opened once the caller is
/// known, or by [`reject`] for calls that were refused before that. What goes to no provider makes none.
pub(crate) async fn serve(worker: Arc<Worker>, request: Request<Incoming>) -> Response<ReplyBody> {
    let accepted = accept::accept(&worker, request);
    match live(&worker, accepted).await {
        Ok(answer) => answer,
        Err(rejection) => reject::answer(&worker, *rejection).await,
    }
}

async fn live(
    worker: &Arc<Worker>,
    accepted: accept::Accepted,
) -> Result<Response<ReplyBody>, Box<Rejection>> {
    let routed = match route::route(worker, accepted)? {
        Route::Provider(routed) => routed,
        Route::Api(accepted) => return Ok(local::ask_api(worker, accepted).await),
        Route::Here(answer) => return Ok(answer.into_response()),
    };
    let identified = identify::identify(worker, routed)?;
    let admitted = admit::admit(worker, identified)?;
    let prepared = prepare::prepare(worker, admitted).await?;
    let uncached = match cache::look_up(worker, prepared).await? {
        Looked::Answered(answer) => return Ok(answer),
        Looked::Uncached(uncached) => uncached,
    };
    let limited = limit::limit(worker, uncached).await?;
    let guarded = guard::guard(worker, limited).await?;
    let forwarded = forward::forward(worker, guarded).await?;
    relay::relay(worker, forwarded).await
}
