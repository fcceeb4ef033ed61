//! Values that divide calls into segments, as limits know them.

/// The most characters of a value that count.
const MAX_CHARS: usize = 256;

/// Returns a user id or the value of a property as limits know it: without control characters and blanks
/// around it, with `_` for `:`, and no longer than 256 characters. `None` where nothing is left.
pub fn segment_value(raw: &str) -> Option<String> {
    let plain: String = raw.chars().filter(|character| !character.is_control()).collect();
    let plain = plain.trim().chars().map(|character| if character == ':' { '_' } else { character });
    let value: String = plain.take(MAX_CHARS).collect();
    let value = value.trim_end();
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lose_what_could_confuse() {
        let check = |raw: &str, expected: Option<&str>| {
            assert_eq!(segment_value(raw).as_deref(), expected, "{raw:?}");
        };
        check("alice", Some("alice"));
        check("  Alice B  ", Some("Alice B"));
        check("org:7:alice", Some("org_7_alice"));
        check("a\u{0}b\r\nc\u{85}", Some("abc"));
        check("\u{7} x", Some("x"));
        check("", None);
        check(" \t\n", None);
        check("ü:ß", Some("ü_ß"));
        check(&"ü".repeat(300), Some(&"ü".repeat(256)));
        check(&format!("{} b", "a".repeat(255)), Some(&"a".repeat(255)));
    }
}
