//! Tables, as consoles export them: a line of names, then a line a charge.

use super::{Bill, BillError, amount, is_dollars, model_of_line, moment};

/// The names that a column may have, in lower case with `_` for what is no letter or digit; the first that is there
/// counts.
const DATES: [&str; 10] = [
    "usage_date_utc",
    "date",
    "usage_date",
    "day",
    "start_time_iso",
    "starting_at",
    "start_date",
    "start_time",
    "date_utc",
    "timestamp",
];
const MODELS: [&str; 5] = ["model", "model_name", "model_version", "line_item", "description"];
const AMOUNTS: [&str; 9] = [
    "amount_usd",
    "cost_usd",
    "amount_value",
    "total_cost_usd",
    "cost",
    "amount",
    "total_cost",
    "cost_in_usd",
    "usd",
];
const CURRENCIES: [&str; 2] = ["amount_currency", "currency"];

/// Where the columns are.
struct Columns {
    names: Vec<String>,
    date: usize,
    model: Option<usize>,
    amount: usize,
    currency: Option<usize>,
}

/// Reads a table; cells are separated by what the first line separates them by.
pub(super) fn read(text: &str) -> Result<Bill, BillError> {
    let first = text.lines().next().unwrap_or_default();
    let separators = [',', ';', '\t'];
    let separator = separators.into_iter().max_by_key(|separator| first.matches(*separator).count());
    let mut records = Records { rest: text, line: 1, separator: separator.unwrap_or(',') };
    let columns = Columns::named(records.next().map(|(_, names)| names).unwrap_or_default())?;
    let mut bill = Bill::default();
    for (line, cells) in records {
        add(&mut bill, &columns, line, &cells)?;
    }
    Ok(bill)
}

fn add(bill: &mut Bill, columns: &Columns, line: usize, cells: &[String]) -> Result<(), BillError> {
    let cell = |index: usize| cells.get(index).map_or("", |cell| cell.trim());
    let wrong = |index: usize, problem: String| BillError::Cell {
        line,
        column: columns.names.get(index).cloned().unwrap_or_default(),
        problem,
    };
    // Days without a charge have no amount, and a table may end with an empty line.
    if cell(columns.amount).is_empty() {
        return Ok(());
    }
    if let Some(index) = columns.currency.filter(|index| !is_dollars(cell(*index))) {
        let problem = format!("amounts are in `{}`: only US dollars can be compared", cell(index));
        return Err(wrong(index, problem));
    }
    let date = cell(columns.date);
    let expected = "is not a date such as `2026-11-22`";
    let at = moment(date).ok_or_else(|| wrong(columns.date, format!("`{date}` {expected}")))?;
    let text = cell(columns.amount);
    let unreadable = || wrong(columns.amount, format!("`{text}` is not an amount such as `12.34`"));
    let amount = amount::dollars(text).ok_or_else(unreadable)?;
    let model = columns.model.map_or("", |index| model_of_line(cell(index)));
    bill.add(at, model, amount);
    Ok(())
}

impl Columns {
    fn named(names: Vec<String>) -> Result<Self, BillError> {
        let plain: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let find =
            |wanted: &[&str]| wanted.iter().find_map(|wanted| plain.iter().position(|name| name == wanted));
        let needed = |what: &'static str, wanted: &[&str]| {
            find(wanted).ok_or_else(|| BillError::Column {
                what,
                expected: wanted.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
                found: names.iter().map(|name| format!("`{}`", name.trim())).collect::<Vec<_>>().join(", "),
            })
        };
        let (date, amount) = (needed("date", &DATES)?, needed("amount", &AMOUNTS)?);
        let (model, currency) = (find(&MODELS), find(&CURRENCIES));
        Ok(Self { date, amount, model, currency, names })
    }
}

/// Returns a name in lower case, with `_` for what is no letter or digit: `Cost (USD)` → `cost_usd`.
fn plain(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}

/// The records of a table, each with the line on which it begins.
struct Records<'a> {
    rest: &'a str,
    line: usize,
    separator: char,
}

impl Iterator for Records<'_> {
    type Item = (usize, Vec<String>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let (mut cells, mut cell) = (Vec::new(), String::new());
        let mut is_quoted = false;
        let mut characters = self.rest.char_indices().peekable();
        let mut end = self.rest.len();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' if is_quoted && characters.next_if(|(_, next)| *next == '"').is_some() => cell.push('"'),
                '"' => is_quoted = !is_quoted,
                '\n' => {
                    self.line += 1;
                    if !is_quoted {
                        end = at + 1;
                        break;
                    }
                    cell.push(character);
                }
                '\r' if !is_quoted => {}
                other if other == self.separator && !is_quoted => cells.push(std::mem::take(&mut cell)),
                other => cell.push(other),
            }
        }
        self.rest = self.rest.get(end..).unwrap_or_default();
        cells.push(cell);
        Some((line, cells))
    }
}
