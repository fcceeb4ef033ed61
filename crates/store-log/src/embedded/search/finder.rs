//! One test of bodies, made fast: what can't pass is told by a search of bytes, and only the rest is read as text.

use std::borrow::Cow;

use gatehouse_store::filter::Test;
use gatehouse_store::filter::text::{lower, passes};
use memchr::memmem;

/// A test that null fails, ready to run over many bodies.
pub(in crate::embedded) struct Finder {
    test: Test,
    sieve: Sieve,
}

/// What every text that passes has in common.
enum Sieve {
    /// Nothing.
    None,
    /// These bytes.
    Exact(memmem::Finder<'static>),
    /// These bytes, once ASCII letters are in lower case.
    Folded(Folded),
}

struct Folded {
    part: memmem::Finder<'static>,
    /// Characters beyond ASCII whose lower case is in the part: what has one of them is not sieved.
    odd: Vec<memmem::Finder<'static>>,
    /// Whether what has the part, and no odd character, passes.
    is_enough: bool,
}

/// A stretch of bytes, and the same with ASCII letters in lower case where a finder needs that.
#[derive(Clone, Copy)]
pub(in crate::embedded) struct Bytes<'a> {
    pub(in crate::embedded) plain: &'a [u8],
    pub(in crate::embedded) folded: &'a [u8],
}

impl Finder {
    /// Returns the finder of a test, or nothing when the test is not one of texts that null fails.
    pub(in crate::embedded) fn new(test: &Test) -> Option<Self> {
        let sieve = match test {
            Test::TextEquals(text) => exact(text),
            Test::Like(pattern) => exact(longest(pattern.split(['%', '_']))),
            Test::ILike(pattern) => folded(pattern.split(['%', '_']), false),
            Test::Contains(part) => folded(std::iter::once(part.as_str()), true),
            Test::TextIn(_) | Test::IsNotNull => Sieve::None,
            _ => return None,
        };
        Some(Self { test: test.clone(), sieve })
    }

    /// Returns whether it reads [`Bytes::folded`].
    pub(in crate::embedded) const fn folds(&self) -> bool {
        matches!(self.sieve, Sieve::Folded(_))
    }

    /// Returns whether a text in these bytes may pass; they may be several texts and other things between them.
    pub(in crate::embedded) fn may_pass(&self, bytes: Bytes<'_>) -> bool {
        match &self.sieve {
            Sieve::None => true,
            Sieve::Exact(part) => part.find(bytes.plain).is_some(),
            Sieve::Folded(folded) => folded.part.find(bytes.folded).is_some() || folded.is_odd(bytes.plain),
        }
    }

    /// Returns whether a body passes.
    pub(in crate::embedded) fn passes(&self, body: Bytes<'_>) -> bool {
        if !self.may_pass(body) {
            return false;
        }
        match &self.sieve {
            _ if self.test == Test::IsNotNull => true,
            Sieve::Folded(folded) if folded.is_enough && !folded.is_odd(body.plain) => true,
            _ => passes(&self.test, Some(&text(body.plain))),
        }
    }
}

impl Folded {
    fn is_odd(&self, plain: &[u8]) -> bool {
        self.odd.iter().any(|odd| odd.find(plain).is_some())
    }
}

/// Returns a body as text.
pub(in crate::embedded) fn text(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body)
}

fn exact(text: &str) -> Sieve {
    // What is no UTF-8 reads as this character, whatever its bytes.
    if text.is_empty() || text.contains(char::REPLACEMENT_CHARACTER) {
        return Sieve::None;
    }
    Sieve::Exact(memmem::Finder::new(text).into_owned())
}

fn folded<'a>(parts: impl Iterator<Item = &'a str> + Clone, is_contained: bool) -> Sieve {
    const KELVIN: &str = "\u{212a}";
    const DOTTED_I: &str = "\u{130}";
    let part = lower(longest(parts.clone().flat_map(|part| part.split(|character| !is_plain(character)))));
    if part.is_empty() {
        return Sieve::None;
    }
    let is_whole = is_contained && parts.map(lower).eq(std::iter::once(part.clone()));
    let odd = [('k', KELVIN), ('i', DOTTED_I)].into_iter().filter(|(letter, _)| part.contains(*letter));
    Sieve::Folded(Folded {
        odd: odd.map(|(_, odd)| memmem::Finder::new(odd).into_owned()).collect(),
        part: memmem::Finder::new(&part).into_owned(),
        is_enough: is_whole,
    })
}

/// Returns whether a character has no case, or one of ASCII.
fn is_plain(character: char) -> bool {
    let is_itself = |mut others: &mut dyn Iterator<Item = char>| {
        others.next() == Some(character) && (&mut others).next().is_none()
    };
    character.is_ascii()
        || (character != char::REPLACEMENT_CHARACTER
            && is_itself(&mut character.to_lowercase())
            && is_itself(&mut character.to_uppercase()))
}

fn longest<'a>(parts: impl Iterator<Item = &'a str>) -> &'a str {
    parts.max_by_key(|part| part.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(test: &Test, body: &[u8], expected: bool) {
        let finder = Finder::new(test).expect("a test of texts");
        let folded = body.to_ascii_lowercase();
        let bytes = Bytes { plain: body, folded: &folded };
        assert_eq!(finder.passes(bytes), expected, "{test:?} of {:?}", text(body));
    }

    #[test]
    fn finds_what_the_test_says() {
        let parts = [
            "",
            "gpt",
            "GPT-4o",
            "k",
            "ik",
            "é",
            "ÉCLAIR k",
            "日本",
            "日本語K",
            "\u{fffd}",
            "a\u{fffd}b",
            "%_",
        ];
        let bodies: [&[u8]; 10] = [
            b"",
            b"{\"model\":\"gpt-4o\"}",
            "GPT-4O ÉCLAIR k".as_bytes(),
            "\u{212a} \u{130}".as_bytes(),
            "\u{130}\u{212a}".as_bytes(),
            "日本語k %_".as_bytes(),
            b"a\xffb",
            b"\xe6\x97gpt",
            "éclair K".as_bytes(),
            b"i k",
        ];
        for part in parts {
            let value = || part.to_owned();
            let (pattern, wide) = (format!("%{part}%"), format!("_%{part}"));
            for test in [
                Test::Contains(value()),
                Test::TextEquals(value()),
                Test::Like(pattern.clone()),
                Test::ILike(pattern),
                Test::ILike(wide),
                Test::TextIn(vec![value(), "i k".to_owned()]),
                Test::IsNotNull,
            ] {
                for body in bodies {
                    check(&test, body, passes(&test, Some(&text(body))));
                }
            }
        }
    }

    #[test]
    fn tests_that_null_passes_have_no_finder() {
        for test in [Test::IsNull, Test::NotContains("x".to_owned()), Test::NumberEquals(1.0)] {
            assert!(Finder::new(&test).is_none(), "{test:?}");
        }
    }
}
