//! Files that Helicone exported: JSON objects a line each, an array of them, or CSV with a line of names.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Row;

/// How many rows are read at once, and about how many bytes.
const MAX_ROWS: usize = 1000;
const MAX_BYTES: usize = 8 << 20;
/// The longest file that is one JSON array, which must be read whole.
const MAX_ARRAY_BYTES: u64 = 1 << 30;
/// The columns of CSV whose cells are JSON.
const JSON_COLUMNS: [&str; 7] = [
    "request_body",
    "response_body",
    "request_properties",
    "properties",
    "scores",
    "cache_enabled",
    "feedback_rating",
];
/// What begins the names of columns that have one property each.
const PROPERTY_PREFIXES: [&str; 2] = ["properties.", "request_properties."];

/// An export that is read from its beginning to its end.
pub(super) struct Export {
    path: PathBuf,
    form: Form,
    rows_read: u64,
}

enum Form {
    Lines(BufReader<File>),
    Array(std::vec::IntoIter<Value>),
    Csv { reader: csv::Reader<File>, names: csv::StringRecord },
}

impl Export {
    /// Opens a file; its name says what it is, else its first character.
    ///
    /// # Errors
    /// Fails when it can't be read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("can't read the export `{}`", path.display()))?;
        let form = form(path, file).with_context(|| format!("`{}` is no export", path.display()))?;
        Ok(Self { path: path.to_owned(), form, rows_read: 0 })
    }

    /// Passes over rows that were imported before.
    ///
    /// # Errors
    /// Fails when the file can't be read.
    pub(super) fn skip(&mut self, rows: u64) -> Result<()> {
        while self.rows_read < rows && self.next_row()?.is_some() {}
        Ok(())
    }

    /// Returns how many rows were read or passed over.
    pub(super) const fn rows_read(&self) -> u64 {
        self.rows_read
    }

    /// Returns some rows, or `None` at the end.
    ///
    /// # Errors
    /// Fails when the file can't be read, or what is there is no row.
    pub(super) fn next_rows(&mut self) -> Result<Option<Vec<Row>>> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while rows.len() < MAX_ROWS && bytes < MAX_BYTES {
            let Some((row, size)) = self.next_row()? else { break };
            bytes += size;
            rows.push(row);
        }
        Ok(Some(rows).filter(|rows| !rows.is_empty()))
    }

    /// Returns the next row and about how many bytes it takes.
    fn next_row(&mut self) -> Result<Option<(Row, usize)>> {
        let place = format!("`{}`, row {}", self.path.display(), self.rows_read + 1);
        let found = match &mut self.form {
            Form::Lines(lines) => next_line(lines),
            Form::Array(values) => values.next().map(object).transpose(),
            Form::Csv { reader, names } => next_record(reader, names),
        };
        let found = found.with_context(|| place)?;
        self.rows_read += u64::from(found.is_some());
        Ok(found)
    }
}

fn form(path: &Path, file: File) -> Result<Form> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let names = reader.headers()?.clone();
        if !names.iter().any(|name| name == "request_id") {
            bail!("its first line does not name the column `request_id`");
        }
        return Ok(Form::Csv { reader, names });
    }
    let bytes = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let first = reader.fill_buf()?.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
    if first != Some(b'[') {
        return Ok(Form::Lines(reader));
    }
    if bytes > MAX_ARRAY_BYTES {
        bail!("a JSON array of over {MAX_ARRAY_BYTES} bytes: export it as JSONL");
    }
    let mut text = String::new();
    reader.read_to_string(&mut text)?;
    let rows: Vec<Value> = serde_json::from_str(&text)?;
    Ok(Form::Array(rows.into_iter()))
}

fn next_line(lines: &mut BufReader<File>) -> Result<Option<(Row, usize)>> {
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        if !line.trim().is_empty() {
            return object(serde_json::from_str(&line)?).map(Some);
        }
        line.clear();
    }
    Ok(None)
}

fn object(value: Value) -> Result<(Row, usize)> {
    let Value::Object(row) = value else { bail!("a row must be a JSON object") };
    let size = row.values().map(|value| value.as_str().map_or(64, str::len)).sum();
    Ok((row, size))
}

fn next_record(reader: &mut csv::Reader<File>, names: &csv::StringRecord) -> Result<Option<(Row, usize)>> {
    let mut record = csv::StringRecord::new();
    if !reader.read_record(&mut record)? {
        return Ok(None);
    }
    let (mut row, mut properties) = (Row::new(), Row::new());
    for (name, cell) in names.iter().zip(&record).filter(|(_, cell)| !cell.is_empty()) {
        match PROPERTY_PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
            Some(property) => _ = properties.insert(property.to_owned(), Value::from(cell)),
            None => _ = row.insert(name.to_owned(), value(name, cell)),
        }
    }
    if let Some(Value::Object(named)) = row.get_mut("properties") {
        named.extend(properties);
    } else if !properties.is_empty() {
        row.insert("properties".to_owned(), Value::Object(properties));
    }
    Ok(Some((row, record.as_slice().len())))
}

/// Returns the value of a cell: JSON where the column has it, else the text.
fn value(name: &str, cell: &str) -> Value {
    let json = JSON_COLUMNS.contains(&name).then(|| serde_json::from_str(cell).ok());
    json.flatten().unwrap_or_else(|| Value::from(cell))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(name: &str, text: &str) -> Result<Vec<Row>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join(name);
        std::fs::write(&path, text)?;
        let mut export = Export::open(&path)?;
        let mut rows = Vec::new();
        while let Some(some) = export.next_rows()? {
            rows.extend(some);
        }
        Ok(rows)
    }

    #[test]
    fn reads_all_three_forms_alike() {
        let expected = json!([
            {"request_id": "a", "request_body": {"x": 1}, "properties": {"Env": "prod, eu"}},
            {"request_id": "b"}
        ]);
        let array = expected.to_string();
        let lines = "{\"request_id\":\"a\",\"request_body\":{\"x\":1},\"properties\":{\"Env\":\"prod, eu\"}}\n\n{\"request_id\":\"b\"}";
        let csv = "request_id,request_body,properties.Env\na,\"{\"\"x\"\":1}\",\"prod, eu\"\nb,,\n";
        for (name, text) in [("a.json", array.as_str()), ("a.jsonl", lines), ("a.csv", csv)] {
            let rows: Vec<Value> = read(name, text).unwrap().into_iter().map(Value::Object).collect();
            assert_eq!(Value::Array(rows), expected, "{name}");
        }
    }

    #[test]
    fn says_where_a_file_is_no_export() {
        let told = |name, text| format!("{:#}", read(name, text).unwrap_err());
        assert!(told("a.jsonl", "{}\n[1]\n").contains("row 2: a row must be a JSON object"));
        assert!(told("a.csv", "id,model\n1,m\n").contains("request_id"));
        assert!(told("a.json", "[{]").contains("is no export"));
    }
}
