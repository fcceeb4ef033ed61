//! What tests say they prove.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::root;
use super::table::{Direction, Header};

/// Where tests are, and directories among them that hold other people's.
const PLACES: [&str; 2] = ["crates", "tests/clients"];
const NOT_OURS: [&str; 6] = ["node_modules", "target", "dist", "__pycache__", ".venv", ".pytest_cache"];
/// What a line begins with that may stand between a comment and its test: attributes, decorators, comments.
const BETWEEN: [&str; 5] = ["#[", "//", "@", "# ", "#!["];
/// What ends the beginning of a line that says what is proved.
const MARK: &str = "proves:";

/// A test and the headers it proves something of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The file, from the root of the repository.
    pub file: String,
    /// The test's name.
    pub test: String,
    /// The names as they were written, each perhaps with its direction.
    pub headers: Vec<String>,
}

impl Proof {
    /// Returns whether the test proves something of a header.
    pub fn concerns(&self, header: &Header) -> bool {
        self.headers.iter().any(|name| names(name, header))
    }
}

/// Returns whether a name in a comment means a header.
pub(super) fn names(name: &str, header: &Header) -> bool {
    let directions = [("request ", Direction::Request), ("response ", Direction::Response)];
    let directed =
        directions.into_iter().find_map(|(prefix, direction)| Some((name.strip_prefix(prefix)?, direction)));
    let (name, direction) = directed.map_or((name, None), |(name, direction)| (name, Some(direction)));
    name.eq_ignore_ascii_case(&header.name) && direction.is_none_or(|direction| direction == header.direction)
}

/// Everything that tests say they prove.
#[derive(Debug, Default)]
pub struct Proofs {
    /// In the order of files and lines.
    pub proofs: Vec<Proof>,
    /// Comments that no test follows, as `file:line`.
    pub stray: Vec<String>,
}

impl Proofs {
    /// Reads all tests.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn read() -> Result<Self> {
        let mut found = Self::default();
        for place in PLACES {
            found.walk(&root().join(place), place)?;
        }
        Ok(found)
    }

    fn walk(&mut self, directory: &Path, prefix: &str) -> Result<()> {
        let entries = fs::read_dir(directory).with_context(|| format!("list {prefix}"))?;
        let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}/{name}");
            if entry.file_type()?.is_dir() {
                if !NOT_OURS.contains(&name.as_str()) {
                    self.walk(&entry.path(), &path)?;
                }
            } else if [".rs", ".py", ".js", ".mjs", ".ts"].iter().any(|end| name.ends_with(end)) {
                let text = fs::read_to_string(entry.path()).with_context(|| format!("read {path}"))?;
                self.take(&path, &text);
            }
        }
        Ok(())
    }

    /// Takes what the tests of one file say.
    pub(super) fn take(&mut self, file: &str, text: &str) {
        let mut pending: Option<(usize, Vec<String>)> = None;
        for (line, number) in text.lines().map(str::trim).zip(1..) {
            if let Some(names) = proved(line) {
                pending.get_or_insert_with(|| (number, Vec::new())).1.extend(names);
                continue;
            }
            if pending.is_none() || BETWEEN.iter().any(|begin| line.starts_with(begin)) {
                continue;
            }
            if let Some((at, headers)) = pending.take() {
                match test_name(line) {
                    Some(test) => self.proofs.push(Proof { file: file.to_owned(), test, headers }),
                    None => self.stray.push(format!("{file}:{at}")),
                }
            }
        }
        self.stray.extend(pending.map(|(at, _)| format!("{file}:{at}")));
    }
}

/// Returns the names on a line that says what is proved.
fn proved(line: &str) -> Option<Vec<String>> {
    let comment = line.strip_prefix("//").or_else(|| line.strip_prefix('#'))?;
    let names = comment.trim_start().strip_prefix(MARK)?;
    Some(names.split(',').map(|name| name.trim().to_owned()).collect())
}

/// Returns the name of the test that begins on a line.
fn test_name(line: &str) -> Option<String> {
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    if let Some(rest) = line.strip_prefix("fn ").or_else(|| line.strip_prefix("def ")) {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        return rest.get(..end).map(str::to_owned);
    }
    let rest = line.strip_prefix("test(").or_else(|| line.strip_prefix("it("))?;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    rest.get(1..)?.split(quote).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (Vec<String>, Vec<String>) {
        let mut proofs = Proofs::default();
        proofs.take("f", text);
        let shown = |proof: &Proof| format!("{}: {}", proof.test, proof.headers.join("+"));
        (proofs.proofs.iter().map(shown).collect(), proofs.stray)
    }

    #[test]
    fn reads_what_stands_above_tests_of_every_language() {
        let rust = "// proves: A, response B\n// proves: C\n// And this is why.\n#[tokio::test]\nasync fn one() {\n}\nfn two() {}";
        assert_eq!(found(rust), (vec!["one: A+response B+C".to_owned()], vec![]));
        assert_eq!(found("# proves: A\n@mark\ndef test_a(x):").0, ["test_a: A"]);
        assert_eq!(found("# proves: A\nasync def test_a():").0, ["test_a: A"]);
        assert_eq!(found("  // proves: A\n  test(\"does it\", () => {").0, ["does it: A"]);
        assert_eq!(found("  // proves: A\n  it('does it', () => {").0, ["does it: A"]);
    }

    #[test]
    fn tells_comments_that_no_test_follows() {
        assert_eq!(found("// proves: A\nlet x = 1;\nfn one() {}").1, ["f:1"]);
        assert_eq!(found("\n// proves: A").1, ["f:2"]);
        assert_eq!(found("// proves: A\n\nfn one() {}").1, ["f:1"]);
        assert_eq!(found("/// This proves: nothing\nfn one() {}"), (vec![], vec![]));
    }

    #[test]
    fn tells_directions_apart() {
        let header = |direction| Header {
            name: "Helicone-RateLimit-Policy".to_owned(),
            direction,
            value: String::new(),
            behaviour: String::new(),
            difference: None,
            not_built: None,
        };
        let (request, response) = (header(Direction::Request), header(Direction::Response));
        assert!(
            names("helicone-ratelimit-policy", &request) && names("helicone-ratelimit-policy", &response)
        );
        let directed = "response Helicone-RateLimit-Policy";
        assert!(!names(directed, &request) && names(directed, &response));
    }
}
