//! The admin listener: records and releases for tests that are not in this process.
//!
//! `GET /requests`, `DELETE /requests`, `POST /release`, `GET /healthz`, all JSON.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::connection::House;
use super::respond::Shared;

/// Serves the admin listener until the double stops.
pub(super) async fn serve(house: House, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = house.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((tcp, _)) = accepted else { continue };
        let (shared, stop) = (house.shared.clone(), house.stop.clone());
        house.tasks.spawn(async move {
            let service = hyper::service::service_fn(|request| answer(shared.clone(), request));
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(tcp), service);
            // A client that breaks off has no one to tell.
            drop(stop.run_until_cancelled(connection).await);
        });
    }
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/healthz") => (StatusCode::OK, json!({"status": "ok"})),
        (&Method::GET, "/requests") => {
            let requests = shared.recorder.all();
            let requests: Vec<Value> = requests.iter().map(|received| received.to_json()).collect();
            (StatusCode::OK, json!({ "requests": requests }))
        }
        (&Method::DELETE, "/requests") => {
            shared.recorder.clear();
            (StatusCode::OK, json!({"status": "cleared"}))
        }
        (&Method::POST, "/release") => {
            shared.release.open();
            (StatusCode::OK, json!({"status": "released"}))
        }
        _ => (StatusCode::NOT_FOUND, json!({"error": "no such admin path"})),
    };
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
    Ok(response)
}
