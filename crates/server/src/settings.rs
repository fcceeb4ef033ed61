//! The configuration from where it lies: file, environment, command line.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use gatehouse_config::{Config, Secrets};

use crate::banner;
use crate::cli::Place;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "gatehouse.toml";

/// Reads and checks the configuration.
pub(crate) fn load(place: &Place) -> Result<Config> {
    let file = match &place.config {
        Some(path) => Some(path.as_path()),
        None => Some(Path::new(DEFAULT_FILE)).filter(|path| path.exists()),
    };
    let text = match file {
        Some(path) => Some(
            fs::read_to_string(path)
                .with_context(|| format!("can't read configuration `{}`", path.display()))?,
        ),
        None => None,
    };
    let file = file.zip(text.as_deref());
    Ok(Config::load(file, &environment(), place.data_dir.as_deref())?)
}

/// The variables of this process; those that are not text are none of ours.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Returns a variable of this process, if it is there and text.
pub(crate) fn variable(name: &str) -> Option<String> {
    environment().remove(name)
}

/// `gatehouse check-config`.
pub(crate) fn check(place: &Place) -> Result<()> {
    let config = load(place)?;
    banner::print(&format!(
        "# the configuration is valid; this is what is in force\n{}",
        config.to_toml(Secrets::Hidden)
    ))
}

/// Returns where browsers reach the dashboard: what `sign_in.public_url` says, else the API's own URL `api`, by a name
/// that leads to this machine if it listens everywhere.
pub(crate) fn dashboard_url(config: &Config, api: &str) -> String {
    match &config.sign_in.public_url {
        Some(url) => url.as_str().to_owned(),
        None => api.replace("//0.0.0.0:", "//localhost:").replace("//[::]:", "//localhost:"),
    }
}
