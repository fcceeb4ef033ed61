//! File and environment to a checked, immutable configuration.
//!
//! [`Config::load`] takes the text of `gatehouse.toml` and the process's variables, both handed in by `server`,
//! and returns either a [`Config`] in which every value is typed and checked, or every problem at once.
//! The keys are rows of one table, `definitions`, from which parsing, suggestions, `docs/configuration.md`
//! and `gatehouse.example.toml` follow. This crate reads no environment, opens no file and no socket.

mod config;
mod values;

mod definitions;
mod guards;
mod mappers;
mod oidc;
mod prices;
mod providers;
mod sign_in;
mod slot;
mod text;
mod units;
mod vault;
mod webhooks;

mod cache;
mod checks;
mod generate;
mod load;
mod nearest;
mod problem;
mod raw;

pub use cache::CacheConfig;
pub use config::{
    ApiConfig, BootstrapConfig, Config, ControlConfig, DomainsConfig, GatewayConfig, JournalConfig,
    LogConfig, SharedConfig, Snapshot, TelemetryConfig, UpstreamConfig,
};
pub use gatehouse_types::Redacted;
pub use generate::{Secrets, example, reference};
pub use guards::{Guard, GuardCredential, GuardError, GuardKind, GuardWhen, ModerationAccess};
pub use mappers::MappersConfig;
pub use oidc::{ButtonName, ClientSecret, Issuer, NewcomerRole, OidcConfig, PlainText, Scopes};
pub use prices::PricesConfig;
pub use problem::{ConfigError, Place, Problem};
pub use sign_in::{PublicUrl, SignInConfig};
pub use values::{ControlUrl, DomainMode, Durability, HostPort, LogFormat, LogLevel, LogUrl, SharedUrl};
pub use vault::VaultConfig;
pub use webhooks::{ApiUrl, WebhooksConfig};
