//! People: how they sign in, what the page they see needs to know, and where they are signed in.
//!
//! A session is a random token in a cookie that no script reads; whoever changes something proves besides that a
//! page of ours asked (`page.rs`). A new token is made at each sign-in, and a token that a client brings is never
//! taken over.

pub(crate) mod answers;
pub(crate) mod links;
pub(crate) mod oidc;
pub(crate) mod page;
pub(crate) mod passwords;
pub(crate) mod profile;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod throttle;

use std::net::SocketAddr;
use std::sync::Arc;

use gatehouse_config::SignInConfig;

use oidc::Oidc;
use oidc::transport::IdentityTransport;
use page::CookieName;
use passwords::Passwords;
use throttle::Throttle;

/// What signing in works with.
pub(crate) struct SignIn {
    pub(crate) config: SignInConfig,
    /// Whether browsers reach the dashboard over TLS.
    pub(crate) is_secure: bool,
    pub(crate) cookie: CookieName,
    /// The cookie of a browser that is at a provider of identities.
    pub(crate) oidc_cookie: CookieName,
    pub(crate) throttle: Throttle,
    pub(crate) passwords: Passwords,
    /// The provider of identities, where there is one.
    pub(crate) oidc: Option<Oidc>,
}

impl SignIn {
    /// Returns what signing in works with; `speaks_tls` says whether the API's own listener does, and `transport`
    /// calls the provider of identities.
    pub(crate) fn new(
        config: SignInConfig,
        speaks_tls: bool,
        transport: Option<Arc<dyn IdentityTransport>>,
    ) -> Self {
        let is_secure = config.public_url.as_ref().map_or(speaks_tls, |url| url.is_secure());
        let oidc = |transport| Oidc::new(&config.oidc, config.public_url.as_ref(), transport);
        Self {
            oidc: transport.and_then(oidc),
            cookie: CookieName::of_session(is_secure),
            oidc_cookie: CookieName::of_oidc(is_secure),
            throttle: Throttle::default(),
            passwords: Passwords::default(),
            is_secure,
            config,
        }
    }
}

/// Where a connection comes from; an extension of every call on the API's own listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);
