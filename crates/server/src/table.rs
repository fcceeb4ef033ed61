//! Rows in columns, for people.

use serde_json::{Map, Value};

/// What stands between two columns.
const GAP: &str = "  ";

/// Returns a line of headings and one for each row; a column is as wide as its longest text.
pub(crate) fn format(columns: &[&str], rows: &[Map<String, Value>]) -> String {
    let heading = columns.iter().map(|column| column.replace('_', " ").to_uppercase()).collect();
    let cells = rows.iter().map(|row| columns.iter().map(|column| cell(row.get(*column))).collect());
    let lines: Vec<Vec<String>> = std::iter::once(heading).chain(cells).collect();
    let width = |column: usize| {
        let texts = lines.iter().filter_map(|line| line.get(column));
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |texts: &Vec<String>| {
        let padded = texts.iter().zip(&widths).map(|(text, width)| format!("{text:width$}"));
        padded.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        // What callers sent moves no cursor and sets no title.
        Some(Value::String(text)) => text.replace(char::is_control, " "),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_longest_text() {
        let rows = [json!({"id": 1, "name": "größer", "is_new": true}), json!({"id": 22, "is_new": null})];
        let rows: Vec<_> = rows.iter().filter_map(Value::as_object).cloned().collect();
        let text = format(&["id", "name", "is_new"], &rows);
        assert_eq!(text, "ID  NAME    IS NEW\n1   größer  yes\n22  -       -");
        assert_eq!(format(&["id"], &[]), "ID");
        let hostile = json!({"id": "a\u{1b}]0;x\u{7}\nb\u{9b}2J"});
        let hostile: Vec<_> = hostile.as_object().cloned().into_iter().collect();
        assert_eq!(format(&["id"], &hostile), "ID\na ]0;x  b 2J");
    }
}
