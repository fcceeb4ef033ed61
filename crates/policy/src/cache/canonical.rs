//! One form for all the ways that SDKs write the same JSON document.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::IgnoredAny;

/// Documents that are nested deeper are taken as they are.
const DEEPEST: usize = 128;

/// Returns a JSON document in the form that the key is made of, or `None` for what is no JSON.
///
/// Keys are sorted, white space is gone, and strings have one way to write each character, so that the same
/// call from two SDKs has the same form. Numbers keep their text: `1` and `1.0` are different, because some
/// providers tell them apart, and a call too many is better than a wrong answer. Keys that stand twice both
/// stay, in their order. `ignored` keys are left out at the top only.
pub(super) fn canonical(document: &[u8], ignored: &[String]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(document).ok()?;
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut writer = Writer { text, at: 0, out: Vec::with_capacity(text.len()) };
    writer.value(0, ignored)?;
    Some(writer.out)
}

/// A member of an object, as ranges of what is written.
struct Member {
    key: Range<usize>,
    whole: Range<usize>,
}

/// A string of a document.
struct Text<'a> {
    text: Cow<'a, str>,
    /// Whether it is what it says; half a surrogate pair says nothing, and such a string stays as written.
    is_read: bool,
}

/// Writes a document, which is known to be valid, while reading it.
struct Writer<'a> {
    text: &'a str,
    at: usize,
    out: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn value(&mut self, depth: usize, ignored: &[String]) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth, ignored),
            b'[' => self.array(depth),
            b'"' => self.string().map(|text| self.write_string(&text)),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize, ignored: &[String]) -> Option<()> {
        self.pass(b'{')?;
        self.out.push(b'{');
        let begin = self.out.len();
        let mut members = Vec::new();
        while self.peek()? != b'}' {
            if self.peek()? == b',' {
                self.pass(b',')?;
            }
            let start = self.out.len();
            let key = self.string()?;
            self.write_string(&key);
            let end_of_key = self.out.len();
            self.pass(b':')?;
            self.out.push(b':');
            self.value(depth + 1, &[])?;
            self.out.push(b',');
            if ignored.iter().any(|ignored| *ignored == *key.text) {
                self.out.truncate(start);
            } else {
                members.push(Member { key: start..end_of_key, whole: start..self.out.len() });
            }
        }
        self.pass(b'}')?;
        self.sort(begin, &mut members);
        self.out.push(b'}');
        Some(())
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.pass(b'[')?;
        self.out.push(b'[');
        while self.peek()? != b']' {
            if self.peek()? == b',' {
                self.pass(b',')?;
            }
            self.value(depth + 1, &[])?;
            self.out.push(b',');
        }
        self.pass(b']')?;
        self.out.push(b']');
        Some(())
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.out.extend_from_slice(rest.get(..length)?);
        self.at += length;
        Some(())
    }

    /// Reads a string.
    fn string(&mut self) -> Option<Text<'a>> {
        self.peek()?;
        let rest = self.text.as_bytes().get(self.at..)?;
        let mut length = 1;
        while *rest.get(length)? != b'"' {
            length += if rest.get(length) == Some(&b'\\') { 2 } else { 1 };
        }
        let written = self.text.get(self.at..=self.at + length)?;
        self.at += length + 1;
        if !written.contains('\\') {
            return Some(Text { text: Cow::Borrowed(written.trim_matches('"')), is_read: true });
        }
        Some(match serde_json::from_str::<String>(written) {
            Ok(text) => Text { text: Cow::Owned(text), is_read: true },
            Err(_) => Text { text: Cow::Borrowed(written), is_read: false },
        })
    }

    /// Writes a string behind its length: no character in it can be taken for the end.
    fn write_string(&mut self, Text { text, is_read }: &Text<'_>) {
        self.out.extend_from_slice(text.len().to_string().as_bytes());
        self.out.push(if *is_read { b'"' } else { b'\'' });
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Sorts the members that were written from `begin` on by their keys.
    fn sort(&mut self, begin: usize, members: &mut [Member]) {
        let written = &self.out;
        let key = |member: &Member| written.get(member.key.clone());
        if members.is_sorted_by_key(key) {
            return;
        }
        members.sort_by(|one, other| key(one).cmp(&key(other)));
        let mut sorted = Vec::with_capacity(self.out.len() - begin);
        for member in &*members {
            sorted.extend_from_slice(self.out.get(member.whole.clone()).unwrap_or_default());
        }
        self.out.truncate(begin);
        self.out.extend_from_slice(&sorted);
    }

    /// Returns the next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += blank;
        rest.get(blank).copied()
    }

    fn pass(&mut self, mark: u8) -> Option<()> {
        (self.peek()? == mark).then(|| self.at += 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(document: &str) -> Option<Vec<u8>> {
        canonical(document.as_bytes(), &[])
    }

    #[test]
    fn gives_the_same_document_the_same_form() {
        for (one, other) in [
            (r#"{"a":1,"b":[true,null]}"#, "{ \"b\" : [ true , null ] ,\n\t\"a\" : 1 }\r\n"),
            (r#"{"a":"zürich"}"#, r#"{"a":"z\u00fcrich"}"#),
            (r#"{"\u0061":"\/\n"}"#, r#"{"a":"/\u000a"}"#),
            (r#"{"x":{"b":1,"a":2},"a":[]}"#, r#"{"a":[],"x":{"a":2,"b":1}}"#),
            (r#"["\ud83d\ude00"]"#, r#"["😀"]"#),
        ] {
            assert_eq!(form(one).unwrap(), form(other).unwrap(), "{one} {other}");
        }
    }

    #[test]
    fn gives_different_documents_different_forms() {
        let documents = [
            "{}",
            "[]",
            "null",
            "0",
            "1",
            "1.0",
            "1e0",
            "\"1\"",
            "[1]",
            "[1,2]",
            "[12]",
            "[[1],2]",
            "[[1,2]]",
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":2,"a":1}"#,
            r#"{"a":2}"#,
            r#"{"b":1}"#,
            r#"{"a":[1]}"#,
            r#"{"a":{}}"#,
            r#"{"a":null}"#,
            r#"["a","b"]"#,
            r#"["a,1\"b"]"#,
            r#"["\ud83d"]"#,
            r#"["\\ud83d"]"#,
            r#"["\"\\ud83d\""]"#,
            r#"["a\u0000"]"#,
            r#"["a"]"#,
        ];
        for (index, one) in documents.iter().enumerate() {
            for other in &documents[..index] {
                assert_ne!(form(one).unwrap(), form(other).unwrap(), "{one} {other}");
            }
        }
    }

    #[test]
    fn leaves_ignored_keys_out_at_the_top_only() {
        let ignored = ["user".to_owned(), "n".to_owned()];
        let form = |document: &str| canonical(document.as_bytes(), &ignored).unwrap();
        assert_eq!(form(r#"{"user":{"a":1},"m":[{"user":1}],"n":2}"#), form(r#"{"m":[{"user":1}]}"#));
        assert_eq!(form(r#"{"us\u0065r":1}"#), form("{}"));
        assert_ne!(form(r#"{"m":[{"user":1}]}"#), form(r#"{"m":[{"user":2}]}"#));
        assert_eq!(form(r#"[{"user":1}]"#), super::canonical(br#"[{"user":1}]"#, &[]).unwrap());
    }

    #[test]
    fn knows_what_is_no_json() {
        for document in ["", "{", "{\"a\":1,}", "{} x", "'a'", "[1 2]", "{\"a\" 1}", "\u{feff}{}", "NaN"] {
            assert_eq!(form(document), None, "{document}");
        }
        assert_eq!(canonical(b"\"\xff\"", &[]), None);
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(form(&deep(DEEPEST)).is_some());
        assert_eq!(form(&deep(DEEPEST + 2)), None);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                proptest::collection::btree_map(".{0,4}", inner, 0..5)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn does_not_depend_on_how_a_document_is_written(value in json()) {
            let compact = serde_json::to_vec(&value).unwrap();
            let pretty = serde_json::to_vec_pretty(&value).unwrap();
            prop_assert_eq!(canonical(&compact, &[]).unwrap(), canonical(&pretty, &[]).unwrap());
        }

        #[test]
        fn never_gives_two_documents_one_form(one in json(), other in json()) {
            let form = |value| canonical(&serde_json::to_vec(value).unwrap(), &[]).unwrap();
            prop_assert_eq!(form(&one) == form(&other), one == other);
        }
    }
}
