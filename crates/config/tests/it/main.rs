//! What the crate promises to `server`: sources, problems, generated documents.

mod generated;
mod guards;
mod problems;
mod providers;
mod secrets;
mod sources;

use std::collections::BTreeMap;
use std::path::Path;

use gatehouse_config::{Config, ConfigError};

/// Loads a file's text and variables.
fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect::<BTreeMap<_, _>>();
    Config::load(Some((Path::new("gatehouse.toml"), text)), &environment, None)
}

/// Returns the problems of a file's text and variables, one a line.
fn problems(text: &str, variables: &[(&str, &str)]) -> String {
    load(text, variables).map_or_else(|error| error.to_string(), |_| "no problem".to_owned())
}
