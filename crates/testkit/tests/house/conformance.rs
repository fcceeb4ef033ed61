//! Every header that means something has a test that proves it, and the page says so.

use std::collections::BTreeSet;

use anyhow::Result;
use gatehouse_testkit::conformance::{Direction, Proof, Proofs, page, table};

use crate::assert_none;
use crate::source::{self, Code, root};

const REGENERATE: &str = "cargo run -q -p gatehouse-testkit --example conformance > docs/conformance.md";

#[test]
fn every_header_is_proved_by_a_test() -> Result<()> {
    let proofs = Proofs::read()?.proofs;
    let mut violations = Vec::new();
    for header in table()? {
        let is_proved = proofs.iter().any(|proof| proof.concerns(&header));
        match (is_proved, &header.not_built) {
            (false, None) => violations.push(format!(
                "no test proves the {} header `{}`: write one, and `// proves: {}` above it",
                header.direction, header.name, header.name
            )),
            (true, Some(_)) => violations.push(format!(
                "the {} header `{}` is proved and called not built: take `not_built` out",
                header.direction, header.name
            )),
            _ => {}
        }
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn what_tests_prove_is_in_the_table() -> Result<()> {
    let (headers, found) = (table()?, Proofs::read()?);
    let mut violations: Vec<String> =
        found.stray.iter().map(|place| format!("{place}: `proves:` stands above no test")).collect();
    for Proof { file, test, headers: names } in &found.proofs {
        let one =
            |name: &String| Proof { file: file.clone(), test: test.clone(), headers: vec![name.clone()] };
        let unknown = names.iter().filter(|name| !headers.iter().any(|header| one(name).concerns(header)));
        violations.extend(unknown.map(|name| format!("{file}: `{test}` proves `{name}`, which has no row")));
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn every_header_that_the_gateway_reads_is_in_the_table() -> Result<()> {
    let headers = table()?;
    let requests = headers.iter().filter(|header| header.direction == Direction::Request);
    let known: BTreeSet<String> = requests.map(|header| header.name.to_ascii_lowercase()).collect();
    let mut violations = Vec::new();
    for name in ["features.rs", "headers.rs"] {
        let path = format!("crates/gateway/src/{name}");
        let code = Code::read(&std::fs::read_to_string(root().join(&path))?)?;
        let literals = code.literals.iter().map(|literal| literal.trim_matches('"').to_ascii_lowercase());
        // What ends with a hyphen is the beginning of many.
        let read = literals.filter(|text| text.starts_with("helicone-") && !text.ends_with('-'));
        let missing = read.filter(|name| !known.contains(name));
        violations.extend(missing.map(|name| format!("{path}: the header `{name}` has no row")));
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn the_page_is_the_one_that_table_and_tests_yield() -> Result<()> {
    let committed = source::files()?.into_iter().find(|file| file.path == "docs/conformance.md");
    let expected = page(&table()?, &Proofs::read()?.proofs);
    assert!(committed.is_some_and(|file| file.text == expected), "stale: run `{REGENERATE}`");
    Ok(())
}
