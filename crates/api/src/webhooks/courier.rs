//! What the routes about webhooks need of whoever sends: the server brings it.

use std::future::Future;
use std::pin::Pin;

use gatehouse_types::Redacted;
use uuid::Uuid;

/// What an attempt ends with: nothing, or why the receiver did not take it, for whoever owns the webhook.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// Sends deliveries now, once.
pub trait WebhookCourier: Send + Sync {
    /// Checks that deliveries may go to a URL, as far as that can be told without looking its name up.
    ///
    /// # Errors
    /// Says why not, for the caller.
    fn check(&self, destination: &str) -> Result<(), String>;

    /// Sends a made-up call.
    fn try_out<'a>(&'a self, addressee: Addressee<'a>, include_data: bool) -> Sending<'a>;

    /// Sends a body that could not be delivered before, under the same id.
    fn send<'a>(&'a self, addressee: Addressee<'a>, id: Uuid, body: String) -> Sending<'a>;
}

/// To whom something is sent.
#[derive(Clone, Copy, Debug)]
pub struct Addressee<'a> {
    /// The URL.
    pub destination: &'a str,
    /// The key of the signatures.
    pub key: &'a Redacted<String>,
}
