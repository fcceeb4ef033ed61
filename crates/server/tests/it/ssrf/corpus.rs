//! The targets of `targets.txt`, which says what its lines mean.

use super::*;

const TEXT: &str = include_str!("targets.txt");

/// The file, read.
pub(super) struct Corpus {
    pub(super) lines: Vec<Line>,
    pub(super) names: Vec<(String, Vec<IpAddr>)>,
    pub(super) listened: Vec<IpAddr>,
    pub(super) unreachable: Vec<IpAddr>,
}

/// A target and what must happen.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) target: String,
    pub(super) expected: Expected,
}

/// What becomes of a call.
pub(super) enum Expected {
    /// A connection to this address, and no other.
    Reached(SocketAddr),
    /// This answer, and no connection.
    Refused { status: u16, code: String },
}

impl Corpus {
    /// Reads the file.
    pub(super) fn read() -> Result<Self> {
        let mut corpus = Self { lines: vec![], names: vec![], listened: vec![], unreachable: vec![] };
        let lines = TEXT.lines().zip(1..).filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
        for (line, number) in lines {
            corpus.add(line, number).with_context(|| format!("targets.txt:{number}: {line}"))?;
        }
        Ok(corpus)
    }

    fn add(&mut self, line: &str, number: usize) -> Result<()> {
        let (what, rest) = line.split_once(' ').context("one word")?;
        match what {
            "listener" => self.listened.push(rest.parse()?),
            "unreachable" => self.unreachable.push(rest.parse()?),
            "name" => {
                let mut words = rest.split(' ');
                let name = words.next().context("no name")?.to_owned();
                self.names.push((name, words.map(str::parse).collect::<Result<_, _>>()?));
            }
            _ => {
                let (second, target) = rest.split_once(' ').context("no target")?;
                let expected = match what {
                    "reaches" => Expected::Reached(second.parse()?),
                    status => Expected::Refused { status: status.parse()?, code: second.to_owned() },
                };
                self.lines.push(Line { number, target: unescaped(target)?, expected });
            }
        }
        Ok(())
    }
}

/// Returns a text with its escapes resolved.
fn unescaped(text: &str) -> Result<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        let (character, after) = match escape.split_at_checked(1) {
            Some(("t", after)) => ('\t', after),
            Some(("\\", after)) => ('\\', after),
            Some(("u", after)) => numbered(after)?,
            _ => bail!("unknown escape"),
        };
        plain.push(character);
        rest = after;
    }
    plain.push_str(rest);
    Ok(plain)
}

/// Reads `{ad}` at the beginning of a text; returns the character with this number and what follows.
fn numbered(text: &str) -> Result<(char, &str)> {
    let (number, after) =
        text.strip_prefix('{').and_then(|text| text.split_once('}')).context("no number")?;
    let character = char::from_u32(u32::from_str_radix(number, 16)?).context("no character")?;
    Ok((character, after))
}
