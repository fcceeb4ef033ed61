//! Connections that are used again, and those that are not.

use std::convert::Infallible;
use std::net::Ipv4Addr;

use http_body_util::{BodyExt, Empty};
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::*;
use crate::guard::AddressGuard;
use crate::resolve::Resolver;
use crate::tls::client_config;

/// Makes two calls, one after the other, and returns whether the second used the first one's connection.
async fn second_call_reuses(idle_timeout: Duration) -> bool {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let tasks = TaskTracker::new();
    let connections = tasks.clone();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let empty = async |_| Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()));
            let served = server::Builder::new().serve_connection(TokioIo::new(stream), service_fn(empty));
            connections.spawn(served);
        }
    });
    let guard = AddressGuard::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let resolver = Resolver::new(guard, HashMap::new(), Some(address)).unwrap();
    let tls = client_config(None, false).unwrap();
    let connector = Arc::new(Connector::new(Arc::new(resolver), tls, Duration::from_secs(30)));
    let limits = PoolLimits { connections_per_origin: 2, idle_per_origin: 2, idle_timeout, max_headers: 100 };
    let upstream = Upstream::<Empty<Bytes>>::new(connector, limits, tasks);
    let origin = Arc::new(Origin::parse(&format!("http://{address}"), true).unwrap());
    let first = upstream.send(&origin, Request::new(Empty::new())).await.unwrap();
    assert!(first.connect_time.is_some());
    first.response.into_body().collect().await.unwrap();
    let idle = upstream.pool.origins.lock().get(&origin).unwrap().idle.len();
    assert_eq!(idle, 1, "an answer read to its end gives its connection back");
    upstream.send(&origin, Request::new(Empty::new())).await.unwrap().connect_time.is_none()
}

#[tokio::test]
async fn uses_an_idle_connection_again() {
    assert!(second_call_reuses(Duration::from_secs(3600)).await);
}

#[tokio::test]
async fn leaves_a_connection_alone_that_was_idle_for_too_long() {
    assert!(!second_call_reuses(Duration::ZERO).await, "without any sweep");
}
