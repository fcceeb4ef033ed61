//! What is left of JSON whose end is missing, or in which half a character stands.

/// Where a value can end, and what is open there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    List,
    Object,
}

/// Returns `json` made whole: what is open is closed, a member without its value goes, a text that was cut stays as
/// far as it came, and halves of surrogate pairs become the replacement character.
pub(super) fn repaired(json: &str) -> String {
    let json = with_whole_characters(json);
    let mut scan = Scan::default();
    for (at, byte) in json.bytes().enumerate() {
        scan.step(at, byte);
        if scan.is_done {
            break;
        }
    }
    scan.closed(&json)
}

#[derive(Debug, Default)]
struct Scan {
    open: Vec<Open>,
    in_text: bool,
    escaped: bool,
    /// Whether the text that is read is the name of a member.
    is_name: bool,
    expects_name: bool,
    /// How much of the JSON is whole but for what is open.
    whole: usize,
    is_done: bool,
}

impl Scan {
    fn step(&mut self, at: usize, byte: u8) {
        if self.in_text {
            let ends = !self.escaped && byte == b'"';
            self.escaped = !self.escaped && byte == b'\\';
            if ends {
                self.in_text = false;
                if !self.is_name {
                    self.whole = at + 1;
                }
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_text = true;
                self.is_name = self.expects_name;
            }
            b'{' | b'[' => {
                self.expects_name = byte == b'{';
                self.open.push(if byte == b'{' { Open::Object } else { Open::List });
                self.whole = at + 1;
            }
            b'}' | b']' => {
                self.open.pop();
                self.expects_name = false;
                self.whole = at + 1;
                self.is_done = self.open.is_empty();
            }
            b',' => {
                self.expects_name = self.open.last() == Some(&Open::Object);
                self.whole = at;
            }
            b':' => self.expects_name = false,
            _ => {}
        }
    }

    fn closed(self, json: &str) -> String {
        let in_value = self.in_text && !self.is_name;
        let mut closed = if in_value {
            let mut text = without_begun_escape(json).to_owned();
            text.push('"');
            text
        } else {
            json.get(..self.whole).unwrap_or_default().to_owned()
        };
        closed.extend(self.open.iter().rev().map(|open| if *open == Open::Object { '}' } else { ']' }));
        closed
    }
}

/// Takes an escape that has only begun off the end of a text.
fn without_begun_escape(json: &str) -> &str {
    let from = json.len().saturating_sub("\\uD83".len());
    let tail = json.as_bytes().get(from..).unwrap_or_default();
    let Some(back) = tail.iter().rposition(|byte| *byte == b'\\').map(|at| from + at) else { return json };
    let before = json.as_bytes().get(..back).unwrap_or_default();
    let slashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
    let needed = if json.as_bytes().get(back + 1) == Some(&b'u') { "\\u0000".len() } else { 2 };
    if slashes % 2 == 0 && json.len() - back < needed {
        return json.get(..back).unwrap_or(json);
    }
    json
}

/// Replaces the escapes of surrogates that stand alone, of which no text can be made.
fn with_whole_characters(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (kept, length) = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(true), Some(false)) => (escape.get(..12), 12),
            (Some(_), _) => (Some("\\ufffd"), 6),
            (None, _) => {
                let length = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
                (escape.get(..length), length)
            }
        };
        out.push_str(kept.unwrap_or_default());
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Returns whether an escape that `text` begins with is the first half of a pair; `None` if it is no half at all.
fn surrogate(text: &str) -> Option<bool> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let unit = u32::from_str_radix(digits, 16).ok()?;
    match unit {
        0xd800..=0xdbff => Some(true),
        0xdc00..=0xdfff => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn closes_what_is_open() {
        let check = |cut: &str, expected: &str| assert_eq!(repaired(cut), expected, "{cut}");
        check(r#"{"a":[1,{"b":"he"#, r#"{"a":[1,{"b":"he"}]}"#);
        check(r#"{"a":1,"b"#, r#"{"a":1}"#);
        check(r#"{"a":1,"b":"#, r#"{"a":1}"#);
        check(r#"{"a":1,"b":tr"#, r#"{"a":1}"#);
        check(r#"{"a":[1,2"#, r#"{"a":[1]}"#);
        check(r#"{"a":"x\"#, r#"{"a":"x"}"#);
        check(r#"{"a":"x\\"#, r#"{"a":"x\\"}"#);
        check(r#"{"a":"x\ud83"#, r#"{"a":"x"}"#);
        check(r#"{"a":"\ud83d\ude00"}"#, r#"{"a":"\ud83d\ude00"}"#);
        check(r#"{"a":"\ud83d","b":"\ude00 \\ud83d"}"#, r#"{"a":"\ufffd","b":"\ufffd \\ud83d"}"#);
        check(r#"{"a":1} and more"#, r#"{"a":1}"#);
        check("", "");
    }

    proptest! {
        #[test]
        fn makes_every_beginning_of_an_object_readable(at in 1_usize..150) {
            let whole = r#"{"model":"m","stream":true,"n":[1.5,null,{"role":"user","content":"a\n\u00e9 \"q\" \ud83d\ude00"}],"x":{"y":{}}}"#;
            let cut = whole.get(..at.min(whole.len())).unwrap_or(whole);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&repaired(cut)).is_ok(), "{}", repaired(cut));
        }

        #[test]
        fn never_panics(text in ".{0,80}") {
            repaired(&text);
        }
    }
}
