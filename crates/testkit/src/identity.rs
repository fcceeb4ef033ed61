//! A provider of identities (OpenID Connect): TLS on a free port, lets in whom it is told to, and insists on what the
//! standard asks of clients: the registered redirect, a code that is good once, PKCE, and the client's secret.

mod keys;
mod serve;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::TestCa;

pub use keys::Signing;

use keys::Keys;

/// What the double calls its only client.
pub const CLIENT_ID: &str = "gatehouse at home";
/// What proves that it is that client; with characters that have to be encoded.
pub const CLIENT_SECRET: &str = "s3cret:/+ %&\u{e9}";

/// A running provider; it stops when it is dropped.
#[derive(Debug)]
pub struct IdentityDouble {
    shared: Arc<Shared>,
    address: SocketAddr,
    _stop: DropGuard,
}

/// How the double breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It answers with a status.
    Status(u16),
    /// It never answers.
    Silence,
    /// Its answer is far longer than any has to be.
    Flood,
}

#[derive(Debug)]
struct Shared {
    issuer: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    keys: Keys,
    signing: Signing,
    /// What tokens say besides what they have to.
    claims: Map<String, Value>,
    /// What is told of somebody apart from the token.
    details: Map<String, Value>,
    /// What the description of the provider says otherwise.
    description: Map<String, Value>,
    /// Why nobody gets a code.
    denial: Option<String>,
    /// By path.
    troubles: HashMap<String, Trouble>,
    codes: HashMap<String, Asked>,
    /// How often each path was called.
    calls: HashMap<String, usize>,
}

/// What a code was given for.
#[derive(Debug, Clone)]
struct Asked {
    redirect: String,
    nonce: String,
    challenge: String,
}

impl IdentityDouble {
    /// Starts one whose certificate `ca` has signed, and which lets in Ada, `ada@example.com`.
    ///
    /// # Errors
    /// When there is no free port, or no certificate or key can be made.
    pub async fn start(ca: &TestCa) -> Result<Self> {
        let leaf = ca.leaf(&[])?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("choose TLS versions")?
            .with_no_client_auth()
            .with_single_cert(leaf.chain, leaf.key)
            .context("use the leaf")?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("listen")?;
        let address = listener.local_addr().context("read the listener's address")?;
        let state = State {
            keys: Keys::new()?,
            signing: Signing::Rs256,
            claims: Map::new(),
            details: Map::new(),
            description: Map::new(),
            denial: None,
            troubles: HashMap::new(),
            codes: HashMap::new(),
            calls: HashMap::new(),
        };
        let issuer = format!("https://localhost:{}", address.port());
        let shared = Arc::new(Shared { issuer, state: Mutex::new(state) });
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let serving = serve::serve(listener, acceptor, Arc::clone(&shared), tasks.clone());
        let stopped = stop.clone();
        tasks.spawn(async move {
            tokio::select! { () = serving => {}, () = stopped.cancelled() => {} }
        });
        let double = Self { shared, address, _stop: stop.drop_guard() };
        double.let_in("ada", "ada@example.com");
        Ok(double)
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns who it is.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// Lets in somebody from now on, whose address it vouches for.
    pub fn let_in(&self, subject: &str, email: &str) {
        let claims =
            json!({"sub": subject, "email": email, "email_verified": true, "name": format!("The {subject}")});
        self.shared.state.lock().claims = claims.as_object().cloned().unwrap_or_default();
    }

    /// Says something else in tokens from now on; null says nothing.
    pub fn claim(&self, name: &str, value: Value) {
        self.shared.state.lock().claims.insert(name.to_owned(), value);
    }

    /// Says an address apart from the token from now on, of the person with a subject.
    pub fn tell_apart(&self, subject: &str, email: &str, is_verified: Value) {
        let details = json!({"sub": subject, "email": email, "email_verified": is_verified});
        let mut state = self.shared.state.lock();
        state.details = details.as_object().cloned().unwrap_or_default();
        for name in ["email", "email_verified"] {
            state.claims.insert(name.to_owned(), Value::Null);
        }
    }

    /// Signs like this from now on.
    pub fn sign(&self, signing: Signing) {
        self.shared.state.lock().signing = signing;
    }

    /// Replaces the key on a curve: what was published of it is no longer.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&self) -> Result<()> {
        self.shared.state.lock().keys.rotate()
    }

    /// Describes itself otherwise from now on; null leaves a member out.
    pub fn describe(&self, name: &str, value: Value) {
        self.shared.state.lock().description.insert(name.to_owned(), value);
    }

    /// Lets nobody in from now on, or somebody again.
    pub fn deny(&self, error: Option<&str>) {
        self.shared.state.lock().denial = error.map(str::to_owned);
    }

    /// Breaks at a path, or no longer.
    pub fn trouble(&self, path: &str, trouble: Option<Trouble>) {
        let troubles = &mut self.shared.state.lock().troubles;
        match trouble {
            Some(trouble) => drop(troubles.insert(path.to_owned(), trouble)),
            None => drop(troubles.remove(path)),
        }
    }

    /// Returns how often a path was called.
    pub fn calls(&self, path: &str) -> usize {
        self.shared.state.lock().calls.get(path).copied().unwrap_or_default()
    }
}
