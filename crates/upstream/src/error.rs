//! Why a provider could not be asked, or did not answer.

use std::net::IpAddr;

/// A failure to get the head of an answer from a provider.
///
/// Texts name the kind only: which address, certificate or byte it was stays in the source, for the log.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The name has no address.
    #[error("the target's name could not be resolved")]
    Dns(#[source] std::io::Error),
    /// Every address of the name lies in a network that targets may not be in.
    #[error("the target resolves to an address that is not public")]
    ForbiddenAddress(IpAddr),
    /// No connection within the time for it.
    #[error("connecting to the target took too long")]
    ConnectTimeout,
    /// The target refused the connection or can't be reached.
    #[error("the target could not be connected to")]
    Connect(#[source] std::io::Error),
    /// The TLS handshake failed.
    #[error("the TLS handshake with the target failed")]
    Tls(#[source] std::io::Error),
    /// As many connections to the origin as allowed are open.
    #[error("too many connections to the target are open")]
    TooManyConnections,
    /// The connection ended before the head of the answer was there.
    #[error("the target closed the connection before it answered")]
    Closed(#[source] hyper::Error),
    /// What the target sent is not HTTP.
    #[error("the target's answer is not valid HTTP")]
    Protocol(#[source] hyper::Error),
    /// The request's own body failed: the client went away or broke its framing.
    #[error("the request body could not be read to its end")]
    RequestBody(#[source] hyper::Error),
}

impl UpstreamError {
    /// Returns the stable name of the kind, for records, metrics and error codes.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Dns(_) => "dns_failure",
            Self::ForbiddenAddress(_) => "forbidden_target",
            Self::ConnectTimeout => "connect_timeout",
            Self::Connect(_) => "connect_failed",
            Self::Tls(_) => "tls_failure",
            Self::TooManyConnections => "too_many_connections",
            Self::Closed(_) => "upstream_closed",
            Self::Protocol(_) => "upstream_protocol_error",
            Self::RequestBody(_) => "request_body_failed",
        }
    }

    /// Sorts an error of the HTTP client into its kind.
    pub(crate) fn from_hyper(error: hyper::Error) -> Self {
        if error.is_parse() || error.is_parse_status() {
            Self::Protocol(error)
        } else if error.is_user() {
            Self::RequestBody(error)
        } else {
            Self::Closed(error)
        }
    }
}
