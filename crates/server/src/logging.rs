//! The process's own log, on standard error.

use std::io;

use anyhow::{Context, Result};
use gatehouse_config::{LogFormat, LogLevel, TelemetryConfig};
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// Starts logging as configured; libraries only say what may become a failure.
pub(crate) fn start(config: &TelemetryConfig) -> Result<()> {
    let level = match config.level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    let ours = LevelFilter::from_level(level);
    let theirs = LevelFilter::from_level(level.min(Level::WARN));
    let filter = Targets::new().with_default(theirs).with_target("gatehouse", ours);
    let layer = match config.format {
        LogFormat::Text => fmt::layer().with_writer(io::stderr).with_filter(filter).boxed(),
        LogFormat::Json => fmt::layer().json().with_writer(io::stderr).with_filter(filter).boxed(),
    };
    tracing_subscriber::registry().with(layer).try_init().context("can't start logging")?;
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        tracing::error!(location = info.location().map(tracing::field::display), "panic");
        default(info);
    }));
    Ok(())
}
