//! Lines of CSV (RFC 4180), such as spreadsheets may open.

/// Appends a line; what is not known is empty, and an empty text has quotes.
pub(crate) fn line(values: impl Iterator<Item = Option<String>>, out: &mut Vec<u8>) {
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

fn field(text: &str, out: &mut Vec<u8>) {
    let is_plain = !text.is_empty()
        && !text.contains([',', '"', '\r', '\n'])
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !is_formula(text);
    if is_plain {
        return out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
    if is_formula(text) {
        out.push(b'\'');
    }
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// Returns whether a spreadsheet would compute a text, which anybody may have sent, instead of showing it. An apostrophe
/// before it keeps it a text.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[Option<&str>], expected: &str) {
        let mut out = Vec::new();
        line(values.iter().map(|value| value.map(str::to_owned)), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn quotes_what_would_not_be_read_back() {
        check(&[Some("a"), None, Some("")], "a,,\"\"\r\n");
        check(
            &[Some("a,b"), Some("say \"no\""), Some("two\nlines")],
            "\"a,b\",\"say \"\"no\"\"\",\"two\nlines\"\r\n",
        );
        check(&[Some(" x"), Some("x")], "\" x\",x\r\n");
    }

    #[test]
    fn leaves_nothing_for_a_spreadsheet_to_compute() {
        check(&[Some("=1+1"), Some("@SUM(A1)"), Some("x=1")], "\"'=1+1\",\"'@SUM(A1)\",x=1\r\n");
        check(&[Some("-2"), Some("+1.5e3"), Some("-x")], "-2,+1.5e3,\"'-x\"\r\n");
        check(&[Some("=HYPERLINK(\"x\")")], "\"'=HYPERLINK(\"\"x\"\")\"\r\n");
    }
}
