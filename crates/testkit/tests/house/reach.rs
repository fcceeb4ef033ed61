//! Who may reach what, read from the code itself.

use anyhow::{Context, Result};

use crate::assert_none;
use crate::source::{self, Code, SourceFile};

/// Something that only some files may do.
struct Rule {
    /// Rust code that does it.
    pattern: &'static str,
    /// Where the rule holds; paths that begin like this.
    inside: &'static [&'static str],
    /// Who may, of those; paths that begin like this.
    except: &'static [&'static str],
    reason: &'static str,
}

const EVERYWHERE: &[&str] = &["crates/"];
const PURE: &[&str] = &["crates/types/", "crates/wire/", "crates/catalog/"];
const PURE_REASON: &str = "the lowest layer knows no files, sockets, threads or clock";

const RULES: [Rule; 10] = [
    Rule {
        pattern: "std::env",
        inside: EVERYWHERE,
        except: &["crates/server/src/settings.rs"],
        reason: "only `server` reads the environment: take a value from `Config`",
    },
    Rule {
        pattern: "TcpStream::connect",
        inside: EVERYWHERE,
        except: &["crates/upstream/"],
        reason: "only `upstream` opens provider sockets: it checks where they lead",
    },
    Rule {
        pattern: "UdpSocket",
        inside: EVERYWHERE,
        except: &[],
        reason: "only `upstream` talks to the outside, and its resolver has its own sockets",
    },
    Rule {
        pattern: "journal.append",
        inside: EVERYWHERE,
        except: &["crates/gateway/src/finish/", "crates/gateway/src/intake.rs"],
        reason: "only the ends of calls and records of other calls write the journal: each makes one record",
    },
    Rule { pattern: "std::fs", inside: PURE, except: &[], reason: PURE_REASON },
    Rule { pattern: "std::net::TcpStream", inside: PURE, except: &[], reason: PURE_REASON },
    Rule { pattern: "std::thread", inside: PURE, except: &[], reason: PURE_REASON },
    Rule { pattern: "Instant::now", inside: PURE, except: &[], reason: PURE_REASON },
    Rule {
        pattern: "SystemTime::now",
        inside: EVERYWHERE,
        except: &["crates/types/src/"],
        reason: "only the clock of `types` tells the time: take a `Clock`",
    },
    Rule { pattern: "dbg!", inside: EVERYWHERE, except: &[], reason: "messages go through `tracing`" },
];

/// How SQL begins in a string; upper case, as all of ours is written.
const SQL: [&str; 9] = [
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "ALTER TABLE ",
    "PRAGMA ",
    "ORDER BY ",
    "COPY ",
];

/// Returns the product's Rust files and their code.
fn code() -> Result<Vec<(SourceFile, Code)>> {
    let files = source::files()?.into_iter().filter(SourceFile::is_product_code);
    files
        .map(|file| {
            let code = Code::read(&file.text).with_context(|| format!("read {}", file.path))?;
            Ok((file, code))
        })
        .collect()
}

fn begins_with_one_of(path: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| path.starts_with(prefix))
}

#[test]
fn code_reaches_only_what_it_may() -> Result<()> {
    let mut violations = Vec::new();
    for (file, code) in code()? {
        for rule in &RULES {
            let holds =
                begins_with_one_of(&file.path, rule.inside) && !begins_with_one_of(&file.path, rule.except);
            if holds && code.contains(rule.pattern)? {
                violations.push(format!("{}: `{}`: {}", file.path, rule.pattern, rule.reason));
            }
        }
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn only_stores_contain_sql() -> Result<()> {
    let mut violations = Vec::new();
    for (file, code) in code()? {
        if begins_with_one_of(&file.path, &["crates/store-control/", "crates/store-log/"]) {
            continue;
        }
        let literals = code.literals.iter().map(|literal| literal.trim_start_matches(['r', '#', '"', 'c']));
        let sql = literals.filter(|text| begins_with_one_of(text.trim_start(), &SQL));
        violations.extend(sql.map(|text| format!("{}: only `store-*` contain SQL: {text}", file.path)));
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn every_metric_is_documented() -> Result<()> {
    let document = std::fs::read_to_string(source::root().join("docs/operations.md"))?;
    let mut violations = Vec::new();
    for (file, code) in code()? {
        let names = code.literals.iter().map(|literal| literal.trim_matches('"'));
        let metrics = names.filter(|name| {
            name.starts_with("gatehouse_") && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        });
        let missing = metrics.filter(|name| !document.contains(&format!("`{name}`")));
        violations
            .extend(missing.map(|name| format!("{}: `{name}` is not in docs/operations.md", file.path)));
    }
    assert_none(&violations);
    Ok(())
}
