//! Patterns of `LIKE` that DuckDB compares in time that is bounded.
//!
//! DuckDB tries every place for every `%` of a pattern: with several of them a text of some thousand characters takes
//! hours, and nothing stops it meanwhile. Such a pattern is made into a regular expression, whose time grows with the
//! text alone.

/// Returns the regular expression that matches what the pattern does, if DuckDB would go through a text for more than one
/// `%`; in it `.` must stand for every character. It stands in parentheses: DuckDB makes patterns of those that don't.
pub(crate) fn regex(pattern: &str) -> Option<String> {
    let inner = pattern.trim_end_matches('%');
    let searches = inner.split('%').skip(1).filter(|part| !part.is_empty()).count();
    (searches > 1).then(|| written(pattern))
}

fn written(pattern: &str) -> String {
    let mut regex = String::from("(^");
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '%' => {
                while characters.next_if_eq(&'%').is_some() {}
                regex.push_str(".*");
            }
            '_' => regex.push('.'),
            other => {
                if other.is_ascii_punctuation() {
                    regex.push('\\');
                }
                regex.push(other);
            }
        }
    }
    regex.push_str("$)");
    regex
}

/// Returns the longest part of a pattern that every text that matches holds as it is.
pub(crate) fn longest_part(pattern: &str) -> &str {
    pattern.split(['%', '_']).max_by_key(|part| part.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_searched_for_at_several_places_becomes_a_regular_expression() {
        for plain in ["", "%", "a", "%a", "a%", "%a%", "a%b", "%%a%%", "a_%_b", "_", "%_"] {
            assert_eq!(regex(plain), None, "{plain}");
        }
        for (pattern, expected) in [
            ("%a%b", "(^.*a.*b$)"),
            ("%a%%b%", "(^.*a.*b.*$)"),
            ("a%b%c", "(^a.*b.*c$)"),
            ("%_%.(é)\\", "(^.*..*\\.\\(é\\)\\\\$)"),
        ] {
            assert_eq!(regex(pattern).as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn the_longest_part_is_in_every_match() {
        for (pattern, expected) in [("%ab%cde_f%", "cde"), ("%_%", ""), ("abc", "abc")] {
            assert_eq!(longest_part(pattern), expected);
        }
    }
}
