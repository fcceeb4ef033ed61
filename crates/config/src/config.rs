//! The checked configuration: one struct for each section, one field for each key, defaults in `Default`.
//!
//! A new key is a field here, its default below it, and a row in `definitions`.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use gatehouse_types::Redacted;
use gatehouse_wire::Provider;

use crate::cache::CacheConfig;
use crate::guards::Guard;
use crate::mappers::MappersConfig;
use crate::prices::PricesConfig;
use crate::sign_in::SignInConfig;
use crate::values::{
    ControlUrl, DomainMode, Durability, HostPort, LogFormat, LogLevel, LogUrl, SharedUrl, data_file,
};
use crate::vault::VaultConfig;
use crate::webhooks::WebhooksConfig;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;

/// One immutable configuration, shared by everything that serves under it.
pub type Snapshot = Arc<Config>;

/// The whole configuration of one process.
///
/// # Invariants
/// A value returned by [`Config::load`] has passed the checks of every key and those across keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Directory of everything that is kept; a relative path is left relative.
    pub data_dir: PathBuf,
    /// Providers of the operator's own, which go before those that are built in.
    pub providers: Vec<Provider>,
    /// Who is asked whether a call may be made, in the order of asking.
    pub guards: Vec<Guard>,
    /// The listener that carries proxied traffic, and its limits.
    pub gateway: GatewayConfig,
    /// The listener of the REST API and the dashboard.
    pub api: ApiConfig,
    /// What the first start creates.
    pub bootstrap: BootstrapConfig,
    /// How providers are reached.
    pub upstream: UpstreamConfig,
    /// Targets that are neither known providers nor approved.
    pub domains: DomainsConfig,
    /// The durable log of finished exchanges on local disk.
    pub journal: JournalConfig,
    /// The store of keys, organisations and policies.
    pub control: ControlConfig,
    /// The store of logged requests.
    pub log: LogConfig,
    /// How webhooks are told of calls.
    pub webhooks: WebhooksConfig,
    /// Where providers' keys are kept, sealed.
    pub vault: VaultConfig,
    /// How people sign in to the dashboard.
    pub sign_in: SignInConfig,
    /// What calls cost, besides what is built in.
    pub prices: PricesConfig,
    /// How mappings of APIs are made that no reader knows.
    pub mappers: MappersConfig,
    /// How large the cache of answers may be.
    pub cache: CacheConfig,
    /// Counters and cache.
    pub shared: SharedConfig,
    /// What the process says about itself.
    pub telemetry: TelemetryConfig,
}

/// `[gateway]`: the listener that carries proxied traffic, and its limits.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayConfig {
    /// Address of the proxy listener; port 0 takes a free port.
    pub listen: SocketAddr,
    /// PEM file of the listener's certificate chain, set together with `tls_key`; not opened here.
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the private key of `tls_cert`; not opened here.
    pub tls_key: Option<PathBuf>,
    /// Lower-case domains under which a label picks the provider.
    pub public_domains: Vec<String>,
    /// Whether a call without a known key is refused.
    pub require_auth: bool,
    /// Whether a call is refused whose `helicone-*` headers can't be read.
    pub strict_headers: bool,
    /// Largest body held in memory and kept for the log, in bytes.
    pub max_buffered_body_bytes: u64,
    /// Most memory that the copies of all bodies in flight may take together, in bytes.
    pub max_captured_bytes: u64,
    /// Largest header section of a message, in bytes.
    pub max_header_bytes: u64,
    /// Most header fields of a message.
    pub max_headers: usize,
    /// Runtime threads; 0 is one for each core.
    pub workers: usize,
    /// Longest wait for a connection to a provider.
    pub connect_timeout: Duration,
    /// Longest wait for the first byte of an answer.
    pub first_byte_timeout: Duration,
    /// Longest silence between two bytes of an answer.
    pub idle_timeout: Duration,
    /// Longest life of one call.
    pub total_timeout: Duration,
    /// How long an idle client connection is kept.
    pub keep_alive_timeout: Duration,
    /// How long calls in flight may run on after a stop was asked for.
    pub drain_timeout: Duration,
    /// Most client connections at once.
    pub max_connections: usize,
}

/// `[api]`: the listener of the REST API and the dashboard.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiConfig {
    /// Address of the API listener; port 0 takes a free port.
    pub listen: SocketAddr,
    /// PEM file of the listener's certificate chain, set together with `tls_key`; not opened here.
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the private key of `tls_cert`; not opened here.
    pub tls_key: Option<PathBuf>,
}

/// `[bootstrap]`: what the first start creates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BootstrapConfig {
    /// Key of the first organisation; none has one generated.
    pub api_key: Option<Redacted<String>>,
}

/// `[upstream]`: how providers are reached.
#[derive(Debug, Clone, PartialEq)]
pub struct UpstreamConfig {
    /// Failures in a row after which an origin is left alone for a while; 0 never leaves one alone.
    pub circuit_breaker_failures: usize,
    /// How long such an origin is left alone before it is tried again.
    pub circuit_breaker_pause: Duration,
    /// Networks that targets may resolve to besides public addresses.
    pub allow_private: Vec<IpNet>,
    /// Whether `http://` targets are allowed.
    pub allow_http: bool,
    /// PEM file of additional trusted roots; not opened here.
    pub extra_ca: Option<PathBuf>,
    /// Resolver to ask in place of the system's.
    pub dns_server: Option<SocketAddr>,
    /// Whether HTTP/2 is offered to providers.
    pub http2: bool,
    /// Most connections to one origin.
    pub max_connections_per_origin: usize,
    /// Most idle connections kept to one origin.
    pub idle_connections_per_origin: usize,
    /// How long an idle connection to a provider is kept.
    pub idle_connection_timeout: Duration,
    /// Fixed addresses for hosts, like curl's `--resolve`.
    pub resolve: BTreeMap<HostPort, SocketAddr>,
}

/// `[domains]`: targets that are neither known providers nor approved.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainsConfig {
    /// What becomes of calls to them.
    pub mode: DomainMode,
    /// Most calls of an organisation to one origin in a day (UTC).
    pub requests_per_day: u64,
    /// Calls of an organisation to one origin in a second, at least 1; so many may come at once.
    pub requests_per_second: u32,
    /// Lower-case domains whose TXT record approves every domain below them.
    pub verification_parents: Vec<String>,
    /// How often the TXT record of an approved domain is looked up again.
    pub recheck_interval: Duration,
}

/// `[journal]`: the durable log of finished exchanges on local disk.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalConfig {
    /// What the end of a response waits for.
    pub durability: Durability,
    /// Size at which a segment file is closed, in bytes.
    pub segment_bytes: u64,
    /// Most disk the journal may take, in bytes.
    pub max_disk_bytes: u64,
    /// Most memory of records that wait to be written, in bytes.
    pub max_queued_bytes: u64,
    /// Longest wait before waiting records are written and synced together.
    pub commit_interval: Duration,
}

/// `[control]`: the store of keys, organisations and policies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ControlConfig {
    /// Where the store is.
    pub url: ControlUrl,
}

/// `[log]`: the store of logged requests.
#[derive(Debug, Clone, PartialEq)]
pub struct LogConfig {
    /// Where the store is.
    pub url: LogUrl,
    /// Largest body stored for a request or a response, in bytes.
    pub max_body_bytes: u64,
    /// Most rows of one batch.
    pub batch_rows: usize,
    /// Longest wait before a batch is written.
    pub batch_interval: Duration,
}

/// `[shared]`: counters and cache.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SharedConfig {
    /// Where they are kept.
    pub url: SharedUrl,
}

/// `[telemetry]`: what the process says about itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TelemetryConfig {
    /// Least severe messages that are written.
    pub level: LogLevel,
    /// Form of the messages.
    pub format: LogFormat,
}

impl Config {
    /// Returns the file of the embedded control store.
    pub fn control_path(&self) -> PathBuf {
        let ControlUrl::Sqlite(path) = &self.control.url;
        data_file(&self.data_dir, path.as_deref(), "gatehouse.sqlite")
    }

    /// Returns the file of the keys that seal the vault's secrets.
    pub fn vault_key_path(&self) -> PathBuf {
        data_file(&self.data_dir, self.vault.key_file.as_deref(), "vault.key")
    }

    /// Returns the file of the embedded counters.
    pub fn counters_path(&self) -> PathBuf {
        let SharedUrl::Memory = self.shared.url;
        data_file(&self.data_dir, None, "gatehouse-counters.sqlite")
    }

    /// Returns the file of the embedded log store.
    pub fn log_path(&self) -> PathBuf {
        let LogUrl::DuckDb(path) = &self.log.url;
        data_file(&self.data_dir, path.as_deref(), "gatehouse.duckdb")
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            providers: Vec::new(),
            guards: Vec::new(),
            gateway: GatewayConfig::default(),
            api: ApiConfig::default(),
            bootstrap: BootstrapConfig::default(),
            upstream: UpstreamConfig::default(),
            domains: DomainsConfig::default(),
            journal: JournalConfig::default(),
            control: ControlConfig::default(),
            log: LogConfig::default(),
            webhooks: WebhooksConfig::default(),
            vault: VaultConfig::default(),
            sign_in: SignInConfig::default(),
            prices: PricesConfig::default(),
            mappers: MappersConfig::default(),
            cache: CacheConfig::default(),
            shared: SharedConfig::default(),
            telemetry: TelemetryConfig::default(),
        }
    }
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8787)),
            tls_cert: None,
            tls_key: None,
            public_domains: ["helicone.ai", "hconeai.com", "localhost"].map(String::from).to_vec(),
            require_auth: true,
            strict_headers: false,
            max_buffered_body_bytes: 20 * MIB,
            max_captured_bytes: GIB,
            max_header_bytes: 64 * KIB,
            max_headers: 256,
            workers: 0,
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_mins(10),
            idle_timeout: Duration::from_mins(10),
            total_timeout: Duration::from_mins(60),
            keep_alive_timeout: Duration::from_mins(6),
            drain_timeout: Duration::from_secs(30),
            max_connections: 65_536,
        }
    }
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8585)), tls_cert: None, tls_key: None }
    }
}

impl Default for UpstreamConfig {
    fn default() -> Self {
        Self {
            circuit_breaker_failures: 0,
            circuit_breaker_pause: Duration::from_secs(30),
            allow_private: Vec::new(),
            allow_http: false,
            extra_ca: None,
            dns_server: None,
            http2: true,
            max_connections_per_origin: 16_384,
            idle_connections_per_origin: 256,
            idle_connection_timeout: Duration::from_secs(60),
            resolve: BTreeMap::new(),
        }
    }
}

impl Default for DomainsConfig {
    fn default() -> Self {
        Self {
            mode: DomainMode::default(),
            requests_per_day: 10_000,
            requests_per_second: 1,
            verification_parents: Vec::new(),
            recheck_interval: Duration::from_hours(24),
        }
    }
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            segment_bytes: 64 * MIB,
            max_disk_bytes: 10 * GIB,
            max_queued_bytes: 256 * MIB,
            commit_interval: Duration::from_millis(2),
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            url: LogUrl::default(),
            max_body_bytes: 20 * MIB,
            batch_rows: 5000,
            batch_interval: Duration::from_millis(200),
        }
    }
}
