//! What every file looks like.

use anyhow::Result;

use crate::assert_none;
use crate::source::{self, SourceFile, root};

/// The most lines of a file that people read.
const MOST_LINES: usize = 500;

/// Files that people write, by extension or, without one, by name.
const WRITTEN: [&str; 14] =
    ["rs", "ts", "tsx", "css", "html", "py", "mjs", "sh", "sql", "toml", "md", "yml", "Makefile", "run"];

/// What may not be left behind, in code. Written in two parts, so that this file doesn't name them.
const LEFT_BEHIND: [(&str, &str); 13] = [
    (concat!("TO", "DO"), "do it, or open an issue"),
    (concat!("FIX", "ME"), "do it, or open an issue"),
    (concat!("XX", "X"), "do it, or open an issue"),
    (concat!("dbg", "!("), "messages go through `tracing`"),
    (concat!("#[ign", "ore"), "a test runs or goes"),
    (concat!("#[should", "_panic"), "assert the error itself"),
    (concat!("#[al", "low("), "use `#[expect(lint, reason = \"…\")]`: it says when it is no longer needed"),
    (concat!("#![al", "low("), "use `#![expect(lint, reason = \"…\")]`: it says when it is no longer needed"),
    (concat!("it.", "skip("), "a test runs or goes"),
    (concat!("test.", "skip("), "a test runs or goes"),
    (concat!("describe.", "skip("), "a test runs or goes"),
    (concat!(".", "only("), "all tests run"),
    (concat!("mark.", "skip"), "a test runs or goes"),
];

/// Returns the files that people write.
fn written() -> Result<Vec<SourceFile>> {
    let mut files = source::files()?;
    files.retain(|file| WRITTEN.contains(&file.extension()));
    Ok(files)
}

fn is_code(file: &SourceFile) -> bool {
    ["rs", "ts", "tsx", "py", "mjs", "sh"].contains(&file.extension())
}

/// Returns whether a tool wrote the file, and says so in its first lines.
fn is_generated(file: &SourceFile) -> bool {
    file.text.lines().take(5).any(|line| line.contains("auto-generated") || line.contains("@generated"))
}

#[test]
fn files_can_be_read_in_one_sitting() -> Result<()> {
    let mut violations = Vec::new();
    for file in written()?.iter().filter(|file| is_code(file) && !is_generated(file)) {
        let lines = file.text.lines().count();
        if lines > MOST_LINES {
            violations
                .push(format!("{}: {lines} lines, at most {MOST_LINES}: find the two files", file.path));
        }
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn rust_files_say_first_what_they_are() -> Result<()> {
    let mut violations = Vec::new();
    for file in written()?.iter().filter(|file| file.extension() == "rs") {
        // Unit tests are what their parent is.
        if !file.text.starts_with("//! ") && file.name() != "tests.rs" {
            violations.push(format!("{}: begin with `//!`", file.path));
        }
        if file.name() == "mod.rs" {
            violations.push(format!("{}: name it after the module, beside its directory", file.path));
        }
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn lines_end_where_their_text_ends() -> Result<()> {
    let mut violations = Vec::new();
    for file in written()? {
        let with_tail =
            file.text.split('\n').enumerate().filter(|(_, line)| line.ends_with([' ', '\t', '\r']));
        violations.extend(with_tail.map(|(at, _)| format!("{}:{}: trailing blanks", file.path, at + 1)));
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            violations.push(format!("{}: no line end at its end", file.path));
        }
    }
    assert_none(&violations);
    Ok(())
}

#[test]
fn nothing_is_left_behind() -> Result<()> {
    let mut violations = Vec::new();
    for file in written()?.iter().filter(|file| is_code(file) && !is_generated(file)) {
        for (at, line) in file.text.lines().enumerate() {
            let left = LEFT_BEHIND.iter().filter(|(word, _)| stands_in(line, word));
            violations
                .extend(left.map(|(word, instead)| format!("{}:{}: `{word}`: {instead}", file.path, at + 1)));
        }
    }
    assert_none(&violations);
    Ok(())
}

/// Returns whether `word` is in `line` and not a part of a longer one.
fn stands_in(line: &str, word: &str) -> bool {
    let longer = |near: Option<char>, end: Option<char>| {
        near.is_some_and(char::is_alphanumeric) && end.is_some_and(char::is_alphanumeric)
    };
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line.get(..at), line.get(at + word.len()..));
        !longer(before.and_then(|text| text.chars().next_back()), word.chars().next())
            && !longer(after.and_then(|text| text.chars().next()), word.chars().next_back())
    })
}

#[test]
fn documents_link_to_what_is_there() -> Result<()> {
    let mut violations = Vec::new();
    for file in written()?.iter().filter(|file| file.extension() == "md") {
        let directory = file.path.rsplit_once('/').map_or("", |(directory, _)| directory);
        for target in links(&file.text) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains(':') && !root().join(directory).join(path).exists() {
                violations.push(format!("{}: link to `{target}`, which is not there", file.path));
            }
        }
    }
    assert_none(&violations);
    Ok(())
}

/// Returns what the links of a Markdown text lead to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

#[test]
fn the_licence_is_there_and_ours() -> Result<()> {
    let licence = std::fs::read_to_string(root().join("LICENSE"))?;
    assert!(licence.trim_start().starts_with("Apache License"));
    assert!(licence.contains("Copyright 2026 The Gatehouse authors"));
    Ok(())
}
