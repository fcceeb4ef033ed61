//! What signing in at a provider needs of whoever calls it: the server brings it.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use gatehouse_types::Redacted;

/// What a call ends with: an answer, or why there is none.
pub type ProviderCalling<'a> = Pin<Box<dyn Future<Output = Result<ProviderAnswer, Unreachable>> + Send + 'a>>;

/// Calls the provider of identities that the operator named, wherever it is, within a time and a size.
pub trait IdentityTransport: Send + Sync {
    /// Makes a call and reads the whole answer; redirects are not followed.
    fn call<'a>(&'a self, call: &'a ProviderCall) -> ProviderCalling<'a>;
}

/// A call to the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderCall {
    /// The absolute URL: `https`, or `http` on this machine.
    pub url: String,
    /// The value of `Authorization`.
    pub authorization: Option<Redacted<String>>,
    /// The fields of a form to be posted, encoded; without them it is a `GET`.
    pub form: Option<Redacted<String>>,
}

/// What the provider answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderAnswer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

/// There is no whole answer; the text says why, for the log, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(pub String);

impl ProviderCall {
    /// Returns a call that reads a URL.
    pub fn get(url: &str) -> Self {
        Self { url: url.to_owned(), authorization: None, form: None }
    }
}
