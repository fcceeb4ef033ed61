//! The files of the repository, and Rust source as its code reads: without comments, docs and unit tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Directories that hold what was built, fetched or written while running.
const NOT_OURS: [&str; 9] = [
    "target",
    "dist",
    "data",
    "web/dist",
    ".duckdb",
    ".double",
    "fuzz/target",
    "fuzz/corpus",
    "fuzz/artifacts",
];
/// The same, wherever they lie.
const NEVER_OURS: [&str; 6] =
    [".git", "node_modules", ".venv", "__pycache__", ".pytest_cache", ".ruff_cache"];

/// A file of the repository.
pub(crate) struct SourceFile {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    /// What is in it; empty when it is not text.
    pub(crate) text: String,
}

impl SourceFile {
    /// Returns what follows the last dot of the name, or the name itself.
    pub(crate) fn extension(&self) -> &str {
        let name = self.name();
        name.rsplit_once('.').map_or(name, |(_, extension)| extension)
    }

    /// Returns the last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Returns whether the file is Rust that ends up in a library or program.
    pub(crate) fn is_product_code(&self) -> bool {
        self.extension() == "rs"
            && self.path.starts_with("crates/")
            && self.path.contains("/src/")
            && !self.path.starts_with("crates/testkit/")
            && !self.path.contains("/tests/")
            && self.name() != "tests.rs"
    }
}

/// Returns the root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns every file of ours, in the order of the paths.
pub(crate) fn files() -> Result<Vec<SourceFile>> {
    let mut found = Vec::new();
    walk(&root(), "", &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(directory: &Path, prefix: &str, found: &mut Vec<SourceFile>) -> Result<()> {
    let entries = fs::read_dir(directory).with_context(|| format!("list {}", directory.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && !NOT_OURS.contains(&path.as_str()) && !NEVER_OURS.contains(&name.as_str()) {
            walk(&entry.path(), &format!("{path}/"), found)?;
        } else if kind.is_file() {
            let text = fs::read(entry.path()).with_context(|| format!("read {path}"))?;
            found.push(SourceFile { path, text: String::from_utf8(text).unwrap_or_default() });
        }
    }
    Ok(())
}

/// Rust source, token by token.
#[derive(Default)]
pub(crate) struct Code {
    /// The tokens with one blank around each, literals left out.
    pub(crate) words: String,
    /// The literals as they are written.
    pub(crate) literals: Vec<String>,
}

impl Code {
    /// Reads `text`, less comments, docs and what is `#[cfg(test)]`.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let tokens = TokenStream::from_str(text).map_err(|error| anyhow::anyhow!("{error}"))?;
        let mut code = Self { words: " ".to_owned(), literals: Vec::new() };
        code.take(tokens);
        Ok(code)
    }

    /// Returns whether `pattern`, itself Rust, occurs.
    pub(crate) fn contains(&self, pattern: &str) -> Result<bool> {
        Ok(self.words.contains(&Self::read(pattern)?.words))
    }

    fn take(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            if !is(&token, '#') {
                self.take_one(token);
                continue;
            }
            let inner = tokens.next_if(|token| is(token, '!'));
            let attribute = tokens.peek().map(|token| token.to_string().replace(' ', "")).unwrap_or_default();
            if attribute.starts_with("[doc=") {
                tokens.next();
            } else if attribute == "[cfg(test)]" {
                tokens.find(ends_item);
            } else {
                self.take_one(token);
                inner.into_iter().for_each(|token| self.take_one(token));
            }
        }
    }

    fn take_one(&mut self, token: TokenTree) {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("( ", ") "),
                    Delimiter::Brace => ("{ ", "} "),
                    Delimiter::Bracket => ("[ ", "] "),
                    Delimiter::None => ("", ""),
                };
                self.words.push_str(open);
                self.take(group.stream());
                self.words.push_str(close);
            }
            TokenTree::Literal(literal) => self.literals.push(literal.to_string()),
            word => {
                self.words.push_str(&word.to_string());
                self.words.push(' ');
            }
        }
    }
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// Returns whether an item is over with this token.
fn ends_item(token: &TokenTree) -> bool {
    is(token, ';') || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

#[test]
fn reads_code_without_comments_docs_and_tests() -> Result<()> {
    let code = Code::read(
        "//! std::env\n/// std::fs\nfn f() { g(\"std::net\"); std::thread(); } // std::io\n\
         #[cfg(test)]\nmod tests { use std::path; }\n#[cfg(test)]\nmod more;\nfn last() {}",
    )?;
    assert!(code.contains("std::thread()")?);
    assert!(code.contains("fn last()")?);
    for hidden in ["std::env", "std::fs", "std::net", "std::io", "std::path", "mod more"] {
        assert!(!code.contains(hidden)?, "{hidden} in {}", code.words);
    }
    assert_eq!(code.literals, ["\"std::net\""]);
    Ok(())
}
