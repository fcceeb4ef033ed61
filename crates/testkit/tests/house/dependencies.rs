//! What comes from others: under which licence, and pinned without naming where it was fetched.

use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;

use crate::assert_none;
use crate::source::{self, root};

/// Licences that ask for nothing but to be named.
const LICENCES: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "LLVM-exception",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

/// Returns the triple of this machine.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("run rustc")?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(host.to_owned())
}

#[test]
fn every_dependency_has_a_permissive_licence() -> Result<()> {
    // What other systems need was never fetched and can't be looked at.
    let options = ["--offline".to_owned(), "--filter-platform".to_owned(), host()?];
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).other_options(options).exec()?;
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let licence = package.license.as_deref().unwrap_or("none");
        let names = licence.split([' ', '/', '(', ')']).filter(|word| !word.is_empty());
        let is_permissive =
            names.filter(|word| !["AND", "OR", "WITH"].contains(word)).all(|name| LICENCES.contains(&name));
        if !is_permissive {
            violations.push(format!("{} {}: licence `{licence}`", package.name, package.version));
        }
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn lock_files_of_npm_name_no_registry() -> Result<()> {
    let locks = source::files()?.into_iter().filter(|file| file.name() == "package-lock.json");
    let naming = locks.filter(|file| file.text.contains("\"resolved\""));
    let violations: Vec<String> = naming
        .map(|file| format!("{}: set `omit-lockfile-registry-resolved=true` in its .npmrc", file.path))
        .collect();
    assert_none(&violations);
    Ok(())
}
