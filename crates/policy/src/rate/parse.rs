//! The grammar of policies.
//!
//! ```text
//! policies  = policy *9( "," policy )
//! policy    = quota 1*3( ";" parameter )          each parameter once, in any order; `w` has to be there
//! quota     = integer, 1 to 100000000000
//! parameter = "w=" seconds                        60 to 31536000
//!           / "u=" ( "request" / "cents" / "tokens" )
//!           / "s=" ( "user" / 1*128( ALPHA / DIGIT / "_" / "-" ) )
//! ```
//!
//! Case does not matter, and blanks may stand around everything but inside of numbers and names.

use std::fmt;
use std::time::Duration;

use super::{MAX_QUOTA, MAX_WINDOW, MIN_WINDOW, Policy, Segment, Unit};

/// The most policies of one call.
const MAX_POLICIES: usize = 10;
/// The longest name of a property.
const MAX_NAME_BYTES: usize = 128;
/// How much of what can't be read an error repeats.
const MAX_FOUND_CHARS: usize = 24;

/// A list of policies as text, as in the header `Helicone-RateLimit-Policy`.
#[derive(Clone, Copy, Debug)]
pub struct Policies;

/// Why a text is no policy. Its own text is plain ASCII, whatever stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The byte at which the text stops being one, counted from 1.
    pub column: usize,
    /// What stands there, shortened and with escapes; empty at the end of the text.
    pub found: String,
    /// What should stand there.
    pub expected: &'static str,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, found, expected } = self;
        if found.is_empty() {
            write!(f, "column {column}: the text ends, expected {expected}")
        } else {
            write!(f, "column {column}: found `{found}`, expected {expected}")
        }
    }
}

impl std::error::Error for PolicyError {}

impl Policies {
    /// Reads a list of policies separated by commas; one that stands there twice counts once.
    ///
    /// # Errors
    /// Fails where the text stops being a list of policies, or has more than 10 of them.
    pub fn parse(text: &str) -> Result<Vec<Policy>, PolicyError> {
        let mut policies = Vec::new();
        for (read, part) in Part::all_of(text).split(',').enumerate() {
            if read == MAX_POLICIES {
                return Err(part.error("no more than 10 policies"));
            }
            let policy = policy(part)?;
            if !policies.contains(&policy) {
                policies.push(policy);
            }
        }
        Ok(policies)
    }
}

impl Policy {
    /// Reads one policy.
    ///
    /// # Errors
    /// Fails where the text stops being a policy.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        policy(Part::all_of(text))
    }
}

/// A part of the text.
#[derive(Clone, Copy)]
struct Part<'a> {
    whole: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Part<'a> {
    const fn all_of(whole: &'a str) -> Self {
        Self { whole, start: 0, end: whole.len() }
    }

    fn text(self) -> &'a str {
        self.whole.get(self.start..self.end).unwrap_or_default()
    }

    /// Returns the part without blanks around it.
    fn trimmed(self) -> Self {
        let text = self.text().trim_ascii_start();
        let start = self.end - text.len();
        Self { start, end: start + text.trim_ascii_end().len(), ..self }
    }

    /// Returns what begins so many bytes into the part.
    fn from(self, offset: usize) -> Self {
        Self { start: self.start + offset, ..self }
    }

    /// Returns what stands between separators, without blanks around it; always at least one part.
    fn split(self, separator: char) -> impl Iterator<Item = Self> {
        let mut start = self.start;
        self.text().split(separator).map(move |text| {
            let part = Self { start, end: start + text.len(), ..self };
            start = part.end + separator.len_utf8();
            part.trimmed()
        })
    }

    fn is(self, keyword: &str) -> bool {
        self.text().eq_ignore_ascii_case(keyword)
    }

    /// Returns the error that this part is not what was `expected`.
    fn error(self, expected: &'static str) -> PolicyError {
        // Nothing stands between two separators: what is in the way is the second.
        let there = if self.text().is_empty() { self.whole.get(self.start..) } else { Some(self.text()) };
        let there = there.unwrap_or_default();
        let found = there.chars().take(MAX_FOUND_CHARS).flat_map(char::escape_default).collect();
        PolicyError { column: self.start + 1, found, expected }
    }

    /// Returns the part if all of its characters are `allowed`.
    fn made_of(self, allowed: fn(char) -> bool, expected: &'static str) -> Result<&'a str, PolicyError> {
        match self.text().find(|character| !allowed(character)) {
            None if self.text().is_empty() => Err(self.error(expected)),
            None => Ok(self.text()),
            Some(at) => Err(self.from(at).error(expected)),
        }
    }

    /// Returns the number that the part is.
    fn number(self, least: u64, most: u64, expected: &'static str) -> Result<u64, PolicyError> {
        let digits = self.made_of(|character| character.is_ascii_digit(), expected)?;
        let number = digits.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.error(expected))
    }
}

fn policy(part: Part<'_>) -> Result<Policy, PolicyError> {
    let part = part.trimmed();
    let mut parameters = part.split(';');
    let quota = parameters.next().unwrap_or(part);
    let quota = quota.number(1, MAX_QUOTA, "a quota of 1 to 100000000000, then `;w=` and seconds")?;
    let (mut window, mut unit, mut segment) = (None, None, None);
    for parameter in parameters {
        let (name, value) = parameter.text().split_once('=').unwrap_or_default();
        let value = Part { start: parameter.end - value.len(), ..parameter }.trimmed();
        let is_new = match name.trim_ascii_end().to_ascii_lowercase().as_str() {
            "w" => window.replace(self::window(value)?).is_none(),
            "u" => unit.replace(self::unit(value)?).is_none(),
            "s" => segment.replace(self::segment(value)?).is_none(),
            _ => return Err(parameter.error("`w=`, `u=` or `s=`")),
        };
        if !is_new {
            return Err(parameter.error("each parameter once"));
        }
    }
    let window = window.ok_or_else(|| part.from(part.text().len()).error("`;w=` and seconds"))?;
    Ok(Policy { quota, window, unit: unit.unwrap_or_default(), segment: segment.unwrap_or_default() })
}

fn window(value: Part<'_>) -> Result<Duration, PolicyError> {
    let (least, most) = (MIN_WINDOW.as_secs(), MAX_WINDOW.as_secs());
    value.number(least, most, "60 to 31536000 seconds").map(Duration::from_secs)
}

fn unit(value: Part<'_>) -> Result<Unit, PolicyError> {
    let units = [("request", Unit::Request), ("cents", Unit::Cents), ("tokens", Unit::Tokens)];
    let unit = units.into_iter().find(|(name, _)| value.is(name));
    unit.map(|(_, unit)| unit).ok_or_else(|| value.error("`request`, `cents` or `tokens`"))
}

fn segment(value: Part<'_>) -> Result<Segment, PolicyError> {
    const EXPECTED: &str = "`user` or the name of a property: up to 128 letters, digits, `_` and `-`";
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || ['_', '-'].contains(&character);
    let name = value.made_of(is_allowed, EXPECTED)?;
    if name.len() > MAX_NAME_BYTES {
        return Err(value.error(EXPECTED));
    }
    Ok(if value.is("user") { Segment::User } else { Segment::Property(name.to_ascii_lowercase()) })
}

#[cfg(test)]
mod tests;
