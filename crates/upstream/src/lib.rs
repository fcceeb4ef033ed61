//! Talking to providers: guarded name resolution, TLS, connection pooling, deadlines for connecting.
//!
//! This is the only crate that opens provider sockets. It forwards a request as it is given: what to send
//! is decided by `gateway`. [`Upstream::send`] is the way in.

mod body;
mod connect;
mod error;
mod executor;
mod fetch;
mod guard;
mod handshake;
mod origin;
mod pool;
mod resolve;
mod sigv4;
mod streams;
mod tls;

pub use body::UpstreamBody;
pub use connect::Connector;
pub use error::UpstreamError;
pub use executor::Tracked;
pub use fetch::{FetchError, Fetched, Fetcher};
pub use guard::AddressGuard;
pub use origin::{Origin, Scheme, TargetError};
pub use pool::{Answer, PoolLimits, Upstream};
pub use resolve::{Resolver, TxtError};
pub use sigv4::{AwsCredentials, AwsRequest, SignError, sign};
pub use tls::{TlsError, client_config};
