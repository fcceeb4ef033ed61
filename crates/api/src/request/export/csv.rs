//! An export as CSV (RFC 4180): a heading, a line a row, unknown values empty.

use super::columns::{COLUMNS, Record};

/// Appends the heading.
pub(super) fn heading(out: &mut Vec<u8>) {
    line(COLUMNS.iter().map(|(name, _)| Some((*name).to_owned())), out);
}

/// Appends the line of a row.
pub(super) fn row(record: &Record, out: &mut Vec<u8>) {
    line(COLUMNS.iter().map(|(name, _)| record.text(name)), out);
}

fn line(values: impl Iterator<Item = Option<String>>, out: &mut Vec<u8>) {
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if let Some(text) = value {
            field(&text, out);
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a value; an empty text has quotes, so that it is not taken for an unknown one.
fn field(text: &str, out: &mut Vec<u8>) {
    let is_plain = !text.is_empty()
        && !text.contains([',', '"', '\r', '\n'])
        && !text.starts_with(' ')
        && !text.ends_with(' ');
    if is_plain {
        return out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_would_not_be_read_back() {
        let check = |values: &[Option<&str>], expected: &str| {
            let mut out = Vec::new();
            line(values.iter().map(|value| value.map(str::to_owned)), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        };
        check(&[Some("a"), None, Some("")], "a,,\"\"\r\n");
        check(
            &[Some("a,b"), Some("say \"no\""), Some("two\nlines")],
            "\"a,b\",\"say \"\"no\"\"\",\"two\nlines\"\r\n",
        );
        check(&[Some(" x"), Some("=1+1")], "\" x\",=1+1\r\n");
    }
}
