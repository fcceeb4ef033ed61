//! What is wrong with a configuration: every problem, each with its place and its remedy.
//!
//! Messages never contain a secret: values of secret keys are not repeated.

use std::fmt;
use std::path::PathBuf;

/// Everything that is wrong with a configuration, one line a problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.problems))]
pub struct ConfigError {
    /// The problems, at least one: the file's from top to bottom, then the environment's by name.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// Path of the valid key it is about, as in `gateway.listen`; none for syntax errors and unknown names.
    pub key: Option<&'static str>,
    /// What is wrong and what is expected.
    pub message: String,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The configuration file.
    File {
        /// The path as given.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// The environment variable of this name.
    Variable(String),
    /// The command-line option of this name.
    Argument(&'static str),
    /// Nowhere: it is a default.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => write!(formatter, "{}:{line}:{column}", path.display()),
            Self::Variable(name) => write!(formatter, "environment variable {name}"),
            Self::Argument(name) => write!(formatter, "argument {name}"),
            Self::Default => formatter.write_str("defaults"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}
