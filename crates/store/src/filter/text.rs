//! Tests of texts, as production code outside of a database runs them.

use super::Test;

/// Returns whether a text, or null, passes `test`; a test that is not one of texts fails.
pub fn passes(test: &Test, value: Option<&str>) -> bool {
    let Some(value) = value else {
        return matches!(
            test,
            Test::IsNull | Test::TextNotEquals(_) | Test::NotContains(_) | Test::TextNotIn(_)
        );
    };
    match test {
        Test::TextEquals(wanted) => value == wanted,
        Test::TextNotEquals(wanted) => value != wanted,
        Test::TextIn(wanted) => wanted.iter().any(|wanted| wanted == value),
        Test::TextNotIn(wanted) => wanted.iter().all(|wanted| wanted != value),
        Test::Like(pattern) => like(pattern, value),
        Test::ILike(pattern) => like(&lower(pattern), &lower(value)),
        Test::Contains(part) => lower(value).contains(&lower(part)),
        Test::NotContains(part) => !lower(value).contains(&lower(part)),
        Test::IsNotNull => true,
        _ => false,
    }
}

/// Returns the text in lower case: each character has one, whatever stands beside it.
pub fn lower(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.chars().map(lower_character).collect(),
    }
}

/// Returns a character's lower case.
pub fn lower_character(character: char) -> char {
    match character.is_ascii() {
        true => character.to_ascii_lowercase(),
        false => character.to_lowercase().next().unwrap_or(character),
    }
}

/// Matches a pattern in which `%` stands for any text and `_` for one character; it takes at most the product of both
/// lengths.
pub fn like(pattern: &str, value: &str) -> bool {
    let (mut wanted, mut rest) = (pattern.chars(), value.chars());
    // Where to go on when what follows the last `%` does not match: what it stands for becomes a character longer.
    let mut again: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let (mut next_wanted, mut next_rest) = (wanted.clone(), rest.clone());
        match (next_wanted.next(), next_rest.next()) {
            (Some('%'), _) => {
                again = Some((next_wanted.clone(), rest.clone()));
                wanted = next_wanted;
                continue;
            }
            (Some(pattern), Some(character)) if pattern == '_' || pattern == character => {
                (wanted, rest) = (next_wanted, next_rest);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((after, from)) = &mut again else { return false };
        if from.next().is_none() {
            return false;
        }
        (wanted, rest) = (after.clone(), from.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        let check = |pattern: &str, value: &str, expected: bool| {
            assert_eq!(like(pattern, value), expected, "{pattern:?} and {value:?}");
        };
        for (pattern, value) in [
            ("", ""),
            ("%", ""),
            ("%%", "x"),
            ("a%c", "abbc"),
            ("a%c", "ac"),
            ("_é%", "xéy"),
            ("%b_", "aabbc"),
        ] {
            check(pattern, value, true);
        }
        for (pattern, value) in [("", "a"), ("_", ""), ("a%c", "abcd"), ("%b_", "ab"), ("a", "A")] {
            check(pattern, value, false);
        }
        check(&"%a".repeat(200), &"a".repeat(199), false);
    }

    #[test]
    fn case_is_told_character_by_character() {
        assert_eq!(lower("ΟΔΟΣ İK ÉCLAIR"), "οδοσ ik éclair");
        assert!(passes(&Test::Contains("ΔΟΣ".to_owned()), Some("οδος and οδοσ")));
        assert!(passes(&Test::NotContains("x".to_owned()), None));
        assert!(!passes(&Test::Contains(String::new()), None));
    }
}
