//! Signing in at a provider of identities: OpenID Connect's code flow, with PKCE.
//!
//! `routes` leads a browser to the provider and back, `pending` is what it keeps meanwhile, `provider` asks the
//! provider itself, `id_token` checks what it says, and `admission` says who that is here.

mod admission;
mod id_token;
mod kept;
mod pending;
mod provider;
mod refusal;
pub(crate) mod routes;
mod signature;
pub(crate) mod transport;

use std::sync::Arc;

use gatehouse_config::{OidcConfig, PublicUrl};

use pending::Spent;
use provider::Provider;
use transport::IdentityTransport;

/// Where a browser begins, and where the provider sends it back to.
const START_PATH: &str = "/v1/account/oidc/start";
const CALLBACK_PATH: &str = "/v1/account/oidc/callback";

/// A provider of identities, and what signing in by it works with.
pub(crate) struct Oidc {
    pub(crate) config: OidcConfig,
    /// Where a browser begins: at the host that the provider sends it back to, which has the cookie then.
    pub(crate) start_url: String,
    provider: Provider,
    spent: Spent,
}

impl Oidc {
    /// Returns what signing in by the configured provider works with, if there is one; browsers come back to
    /// `public_url`.
    pub(crate) fn new(
        config: &OidcConfig,
        public_url: Option<&PublicUrl>,
        transport: Arc<dyn IdentityTransport>,
    ) -> Option<Self> {
        let at = |path: &str| public_url.map(|url| format!("{}{path}", url.as_str()));
        Some(Self {
            config: config.clone(),
            start_url: at(START_PATH)?,
            provider: Provider::new(config, at(CALLBACK_PATH)?, transport)?,
            spent: Spent::default(),
        })
    }
}
