//! A provider that does what it is told: answers like the real ones, or breaks in a chosen way.
//!
//! Which one it answers like is told by the field `Host`, and by the path for hosts that are nobody's.
//! A request says with the header `x-double` how its answer is to be damaged (see [`Directives`]),
//! or with `x-double-script` which exact bytes come back (see [`Script`]).
//! Everything received is recorded; nothing is ever refused for being odd.

mod admin;
mod answer;
mod anthropic;
mod bedrock;
mod bedrock_invoke;
mod cohere;
mod cohere_chat;
mod connection;
mod directive;
mod echo;
mod event_stream;
mod google;
mod google_content;
mod guard;
mod h1;
mod h2;
mod openai;
mod openai_chat;
mod openai_further;
mod openai_responses;
mod plan;
mod provider;
mod record;
mod respond;
mod script;
mod sigv4;
mod tool;
mod transport;
mod vendor;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::ca::TestCa;
use crate::hosts;

pub use directive::Directives;
pub use record::{Progress, Received};
pub use script::{Script, Step};

/// The protocols that the double offers in TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alpn {
    /// HTTP/1.1 alone.
    #[default]
    Http1,
    /// HTTP/2, and HTTP/1.1 for clients that don't offer it.
    Http2,
}

/// How a double is started; the default is TLS with HTTP/1.1 on a free port of the loopback.
#[derive(Debug, Clone)]
pub struct DoubleOptions {
    /// Where the TLS listener binds.
    pub listen: SocketAddr,
    /// Where the admin listener binds, if there is to be one.
    pub admin: Option<SocketAddr>,
    /// Whether a listener for plain HTTP is opened too, on a free port.
    pub plain: bool,
    /// The protocols offered in TLS.
    pub alpn: Alpn,
    /// Host names or addresses that the certificate names besides [`hosts::certified`].
    pub extra_names: Vec<String>,
    /// Where the certificate authority's files are, or are made; a temporary directory if `None`.
    pub directory: Option<PathBuf>,
    /// Whether requests are recorded; without it only counted answers are given (for load).
    pub record: bool,
}

impl Default for DoubleOptions {
    fn default() -> Self {
        Self {
            listen: loopback(),
            admin: None,
            plain: false,
            alpn: Alpn::Http1,
            extra_names: Vec::new(),
            directory: None,
            record: true,
        }
    }
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// A running double; it stops when it is dropped.
#[derive(Debug)]
pub struct ProviderDouble {
    shared: Arc<respond::Shared>,
    ca: TestCa,
    address: SocketAddr,
    plain: Option<SocketAddr>,
    admin: Option<SocketAddr>,
    tasks: TaskTracker,
    _stop: DropGuard,
}

impl ProviderDouble {
    /// Starts a double on the present runtime.
    ///
    /// # Errors
    /// When an address can't be bound or the certificate can't be made.
    pub async fn start(options: DoubleOptions) -> Result<Self> {
        let ca = match &options.directory {
            Some(directory) => TestCa::in_directory(directory)?,
            None => TestCa::temporary()?,
        };
        let tls = transport::acceptor(&ca, &options)?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let shared = Arc::new(respond::Shared::new(options.record));
        let house = connection::House { shared: shared.clone(), tasks: tasks.clone(), stop: stop.clone() };

        let (listener, address) = bind(options.listen).await?;
        tasks.spawn(connection::accept(house.clone(), listener, Some(tls)));
        let mut plain = None;
        if options.plain {
            let (listener, address) = bind(loopback()).await?;
            tasks.spawn(connection::accept(house.clone(), listener, None));
            plain = Some(address);
        }
        let mut admin = None;
        if let Some(wanted) = options.admin {
            let (listener, address) = bind(wanted).await?;
            tasks.spawn(admin::serve(house, listener));
            admin = Some(address);
        }
        Ok(Self { shared, ca, address, plain, admin, tasks, _stop: stop.drop_guard() })
    }

    /// Returns the address of the TLS listener.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the plain listener, if there is one.
    pub fn plain_address(&self) -> Option<SocketAddr> {
        self.plain
    }

    /// Returns the address of the admin listener, if there is one.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Returns the authority that signed the double's certificate.
    pub fn ca(&self) -> &TestCa {
        &self.ca
    }

    /// Returns the `[upstream]` section that leads every host name of [`hosts::resolved`] to this double.
    pub fn upstream_toml(&self) -> String {
        let mut text = format!("[upstream]\nextra_ca = {:?}\n\n[upstream.resolve]\n", self.ca.path());
        for host in hosts::resolved() {
            text.push_str(&format!("\"{host}:443\" = \"{}\"\n", self.address));
        }
        text
    }

    /// Sets the exact answer for requests that carry `x-double-script: id`.
    pub fn script(&self, id: &str, script: Script) {
        self.shared.scripts.set(id, script);
    }

    /// Forgets the script `id`.
    pub fn remove_script(&self, id: &str) {
        self.shared.scripts.remove(id);
    }

    /// Lets every answer that holds go on.
    pub fn release(&self) {
        self.shared.release.open();
    }

    /// Returns every recorded request in the order of arrival.
    pub fn requests(&self) -> Vec<Received> {
        self.shared.recorder.all()
    }

    /// Forgets every recorded request.
    pub fn clear(&self) {
        self.shared.recorder.clear();
    }

    /// Waits until `count` requests have been read to the end of their bodies, and returns all recorded ones.
    ///
    /// # Errors
    /// When that takes longer than 30 seconds.
    pub async fn wait_for(&self, count: usize) -> Result<Vec<Received>> {
        let wait = self.shared.recorder.wait_for(count);
        tokio::time::timeout(Duration::from_secs(30), wait)
            .await
            .with_context(|| format!("{} of {count} requests came", self.shared.recorder.received()))
    }

    /// Returns how many connections were accepted so far.
    pub fn connections(&self) -> u64 {
        self.shared.connections()
    }

    /// Stops listening, drops every connection, and waits until all tasks have ended.
    pub async fn stop(self) {
        let Self { tasks, _stop: stop, .. } = self;
        tasks.close();
        drop(stop);
        tasks.wait().await;
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))?;
    let address = listener.local_addr().context("read the listener's address")?;
    Ok((listener, address))
}
