//! Who may use whom: the table of the crates.

use std::collections::BTreeMap;

use anyhow::Result;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::source::root;
use crate::{assert_none, source};

/// A crate's place in the house.
struct Room {
    /// The directory in `crates/`.
    name: &'static str,
    /// A crate uses crates of lower layers only.
    layer: u8,
    /// The crates of ours that it may use.
    may_use: MayUse,
    reason: &'static str,
}

enum MayUse {
    These(&'static [&'static str]),
    /// All but the test kit.
    Everything,
}
use MayUse::{Everything, These};

const fn room(name: &'static str, layer: u8, may_use: MayUse, reason: &'static str) -> Room {
    Room { name, layer, may_use, reason }
}

const PURE: &str = "pure rules over the vocabulary: no runtime, sockets, files, environment or clock";
const ADAPTER: &str = "an adapter knows its contract and the vocabulary, nothing of what it is used for";
const ROOMS: [Room; 19] = [
    room("types", 0, These(&[]), "the vocabulary that all others share"),
    room("wire", 0, These(&["types"]), PURE),
    room("catalog", 0, These(&["types"]), PURE),
    room(
        "mapper",
        0,
        These(&["types", "wire"]),
        "it reads bodies with the readers that `wire` has, and by mappings",
    ),
    room("policy", 0, These(&["types"]), PURE),
    room("seal", 0, These(&["types"]), PURE),
    room("config", 1, These(&["types", "wire", "catalog", "seal"]), "settings are made of the vocabulary"),
    room(
        "store",
        1,
        These(&["types", "wire", "catalog", "mapper", "policy", "seal"]),
        "contracts are made of the vocabulary",
    ),
    room("journal", 2, These(&["types"]), "it keeps opaque records: what is in them is not its business"),
    room("store-control", 2, These(&["types", "seal", "store"]), ADAPTER),
    room("store-log", 2, These(&["types", "store"]), ADAPTER),
    room("store-shared", 2, These(&["types", "policy", "store"]), ADAPTER),
    room("upstream", 2, These(&["types"]), ADAPTER),
    room("tls", 2, These(&[]), "certificates and TLS for our own listeners, whatever is served on them"),
    room(
        "record",
        3,
        These(&["types", "wire", "catalog", "mapper", "config", "store", "journal", "upstream"]),
        "it carries records from the journal to whatever store is configured, and to webhooks, by the one guarded \
         way to the outside",
    ),
    room(
        "gateway",
        3,
        These(&["types", "wire", "catalog", "policy", "config", "store", "journal", "upstream", "tls"]),
        "the hot path knows contracts, not stores, and nobody who reads what it writes",
    ),
    room(
        "api",
        3,
        These(&["types", "wire", "catalog", "mapper", "policy", "seal", "config", "store", "tls"]),
        "it reads by contract, so that every log store serves it",
    ),
    room("server", 4, Everything, "it ties the parts together"),
    room("testkit", 4, These(&[]), "it stands outside, so that every crate's tests can use it"),
];

/// What the crates of the lowest layer have no use for.
const NOT_PURE: [&str; 13] = [
    "tokio",
    "hyper",
    "hyper-util",
    "socket2",
    "rustix",
    "mio",
    "sqlx",
    "duckdb",
    "axum",
    "rustls",
    "tracing",
    "tokio-util",
    "hickory-resolver",
];

/// A dependency that only some crates may have, outside tests.
struct Kept {
    dependency: &'static str,
    by: &'static [&'static str],
    reason: &'static str,
}

const KEPT: [Kept; 8] = [
    Kept { dependency: "duckdb", by: &["store-log"], reason: "only `store-*` contain SQL" },
    Kept { dependency: "sqlx", by: &["store-control"], reason: "only `store-*` contain SQL" },
    Kept { dependency: "axum", by: &["api"], reason: "the gateway's hot path is bare hyper" },
    Kept { dependency: "hickory-resolver", by: &["upstream"], reason: "only `upstream` asks for addresses" },
    Kept {
        dependency: "tokio-rustls",
        by: &["upstream", "tls", "testkit"],
        reason: "only `upstream` opens provider sockets, and only `tls` secures our own listeners",
    },
    Kept { dependency: "clap", by: &["server", "testkit"], reason: "only programs have a command line" },
    Kept {
        dependency: "tracing-subscriber",
        by: &["server"],
        reason: "only the program decides where messages go",
    },
    Kept {
        dependency: "anyhow",
        by: &["server", "testkit"],
        reason: "libraries have errors that can be told apart: use thiserror",
    },
];

fn workspace() -> Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps();
    Ok(command.exec()?)
}

/// Returns the directory name of a crate.
fn name(package: &Package) -> &str {
    package.manifest_path.parent().and_then(|path| path.file_name()).unwrap_or_default()
}

/// Returns what a crate is built from, tests aside.
fn built_from(package: &Package) -> impl Iterator<Item = &cargo_metadata::Dependency> {
    package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development)
}

/// Returns the directory name of a crate of ours that is depended on.
fn own(dependency: &cargo_metadata::Dependency) -> Option<&str> {
    dependency.path.as_ref().and_then(|path| path.file_name())
}

fn rooms() -> BTreeMap<&'static str, &'static Room> {
    ROOMS.iter().map(|room| (room.name, room)).collect()
}

#[test]
fn every_crate_has_its_row_and_every_row_its_crate() -> Result<()> {
    let (metadata, mut rows) = (workspace()?, rooms());
    let mut violations = Vec::new();
    for package in &metadata.packages {
        if rows.remove(name(package)).is_none() {
            violations.push(format!("crate `{}` has no row: give it a layer and a reason", name(package)));
        }
    }
    violations.extend(rows.keys().map(|name| format!("row `{name}` has no crate")));
    assert_none(&violations);
    Ok(())
}

#[test]
fn rows_name_lower_layers_only() {
    let rows = rooms();
    let mut violations = Vec::new();
    for room in &ROOMS {
        let These(may_use) = room.may_use else { continue };
        for used in may_use {
            // The vocabularies are the ground of their own layer.
            let is_ground = matches!(*used, "types" | "wire");
            let is_lower = rows.get(used).is_some_and(|used| used.layer < room.layer) || is_ground;
            if !is_lower {
                violations.push(format!("`{}` may not be allowed `{used}`: not a lower layer", room.name));
            }
        }
    }
    assert_none(&violations);
}

#[test]
fn crates_use_only_what_the_table_allows() -> Result<()> {
    let (metadata, rows) = (workspace()?, rooms());
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let Some(room) = rows.get(name(package)) else { continue };
        for used in built_from(package).filter_map(own) {
            let allowed = match room.may_use {
                These(names) => names.contains(&used),
                Everything => used != "testkit",
            };
            if !allowed {
                violations.push(format!("`{}` may not use `{used}`: {}", room.name, room.reason));
            }
        }
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn the_lowest_layer_is_pure() -> Result<()> {
    let (metadata, rows) = (workspace()?, rooms());
    let mut violations = Vec::new();
    for package in &metadata.packages {
        if rows.get(name(package)).is_none_or(|room| room.layer > 0) {
            continue;
        }
        let impure = built_from(package).filter(|dependency| NOT_PURE.contains(&dependency.name.as_str()));
        violations.extend(
            impure.map(|dependency| format!("`{}` may not use `{}`: {PURE}", name(package), dependency.name)),
        );
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn some_dependencies_stay_in_their_crate() -> Result<()> {
    let metadata = workspace()?;
    let mut violations = Vec::new();
    for package in &metadata.packages {
        for dependency in built_from(package) {
            let kept = KEPT.iter().find(|kept| kept.dependency == dependency.name);
            if let Some(kept) = kept.filter(|kept| !kept.by.contains(&name(package))) {
                let who = name(package);
                violations.push(format!("`{who}` may not use `{}`: {}", kept.dependency, kept.reason));
            }
        }
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() -> Result<()> {
    let manifests = source::files()?;
    let manifests = manifests.iter().filter(|file| {
        file.name() == "Cargo.toml" && file.path.starts_with("crates/") && file.path.matches('/').count() == 2
    });
    let missing = manifests.filter(|file| !file.text.contains("[lints]\nworkspace = true\n"));
    let violations: Vec<String> =
        missing.map(|file| format!("{}: add `[lints]` `workspace = true`", file.path)).collect();
    assert_none(&violations);
    Ok(())
}
