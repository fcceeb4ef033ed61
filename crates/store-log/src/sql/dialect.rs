//! What differs between the engines that run our statements.

use gatehouse_store::log::{Bucket, Increment};

use super::revise::READ_COLUMNS;
use super::source::Added;
use super::{PROPERTY, Param, Statement};

/// The words of one engine.
pub(crate) trait Dialect {
    /// Returns the placeholder that takes `param`.
    fn placeholder(&self, param: &Param) -> &'static str;

    /// Writes the value of the property `key`, an added one first: null when the row has no such property.
    fn property(&self, key: &str, sql: &mut Statement);

    /// Writes the condition that a text is one of several: placeholders for each would take three times as long.
    fn is_one_of(&self, text: &Statement, values: &[String], sql: &mut Statement);

    /// Writes the condition that the row has the property `key`.
    fn has_property(&self, key: &str, sql: &mut Statement);

    /// Writes the first of the prompt's inputs with the name `name`: null when there is none.
    fn input(&self, name: &str, sql: &mut Statement);

    /// Writes the score `name` as a number: null when it is none.
    fn score_number(&self, name: &str, sql: &mut Statement);

    /// Writes the score `name` as a text: null when it is none.
    fn score_text(&self, name: &str, sql: &mut Statement);

    /// Writes the condition that the row has the score `name`.
    fn has_score(&self, name: &str, sql: &mut Statement);

    /// Writes what puts rows into an order that depends on `seed`, of an expression of their id.
    fn shuffled(&self, id: &dyn Fn(&mut Statement), seed: u64, sql: &mut Statement);

    /// Writes the aggregates that make one map of the numbers among a call's scores, and one of its texts.
    fn scores(&self, sql: &mut Statement);

    /// Writes the aggregate that makes one map of the properties among a call's annotations.
    fn added_properties(&self, sql: &mut Statement);

    /// Writes the columns of what was added to a call, for when nothing was added to any.
    fn nothing_added(&self, sql: &mut Statement);

    /// Writes the columns of `facts` with what `later` says in the place of what they say, if anything.
    fn revised(&self, sql: &mut Statement);

    /// Writes the names of a call's properties as a list without duplicates; what was added is only looked at where
    /// there is any.
    fn property_names(&self, added: Added, sql: &mut Statement);

    /// Writes the names of properties that were added to a call and that it was not sent with.
    fn only_added_names(&self, sql: &mut Statement);

    /// Writes when the piece of time began that the time in a column is in.
    fn beginning(&self, column: &str, bucket: Bucket, sql: &mut Statement);

    /// Writes when the half hour (UTC) began that the time in a column is in.
    fn half_hour(&self, column: &str, sql: &mut Statement);

    /// Writes the piece that a whole number from 0 on is in: each is 1/26 wide by its natural logarithm, and 0 is in
    /// -1.
    fn piece(&self, column: &str, sql: &mut Statement);

    /// Writes the middle of a piece.
    fn of_piece(&self, piece: &str, sql: &mut Statement);

    /// Writes the condition that a row is where the one with one of the keys is, as long as no place in the table was
    /// left out: the first key is 1.
    fn in_places(&self, keys: &[u64], sql: &mut Statement);

    /// Writes the value of an annotation that is a score as a number.
    fn score(&self, sql: &mut Statement);

    /// Writes the time between two timestamps, in ms.
    fn milliseconds(&self, from: &str, to: &str, sql: &mut Statement);

    /// Writes the aggregate that finds the quantile of a share, one of `shares`, of a whole number that may be
    /// negative.
    fn exact_quantile(&self, column: &str, shares: &[String], index: usize, sql: &mut Statement);

    /// Writes the aggregate that finds the quantile of a share, one of `shares`, of a whole number from 0 on, to
    /// within 2 %.
    fn quantile(&self, column: &str, shares: &[String], index: usize, sql: &mut Statement);

    /// Writes the aggregate that lists the different values of an expression that fulfil a condition, in order.
    fn values(&self, expression: &Statement, condition: &str, limit: u32, sql: &mut Statement);

    /// Writes the aggregate that counts the different elements of lists.
    fn count_distinct_of_lists(&self, list: &str, sql: &mut Statement);

    /// Writes `column`, a UUID, in its usual lower-case spelling as text.
    fn uuid_text(&self, column: &str, sql: &mut Statement);
}

/// DuckDB's words.
pub(crate) struct DuckDb;

/// DuckDB's words about one organisation, some of whose properties are in columns of their own.
#[derive(Debug, Default)]
pub(crate) struct OwnColumns {
    /// The names of these properties, in the order of the columns.
    pub(crate) names: Vec<String>,
    /// The first row whose columns are filled.
    pub(crate) first_row_key: u64,
    /// Whether properties may have been added to calls later, so that what was added has to be looked at.
    pub(crate) looks_at_added: bool,
}

/// What knows which properties are in columns of their own.
pub(crate) trait Columns {
    /// Returns the number of a property's column and the first row in which it is filled.
    fn column_of(&self, property: &str) -> Option<(usize, u64)>;

    /// Returns whether a property may have been added to a call later.
    fn looks_at_added(&self) -> bool;
}

impl Columns for DuckDb {
    fn column_of(&self, _: &str) -> Option<(usize, u64)> {
        None
    }

    fn looks_at_added(&self) -> bool {
        true
    }
}

impl Columns for OwnColumns {
    fn column_of(&self, property: &str) -> Option<(usize, u64)> {
        let number = self.names.iter().position(|name| name == property)?;
        Some((number, self.first_row_key))
    }

    fn looks_at_added(&self) -> bool {
        self.looks_at_added
    }
}

/// Writes the value of a property that a row was sent with.
fn sent_property(dialect: &dyn Dialect, column: Option<(usize, u64)>, key: &str, sql: &mut Statement) {
    let mut in_map = Statement::default();
    in_map.push("properties[").bind(dialect, Param::Text(key.to_owned())).word("]");
    match column {
        None => {
            sql.append(&in_map);
        }
        // Keys begin at 1.
        Some((number, 0 | 1)) => sql.word(&format!("property_{number}")),
        Some((number, first)) => {
            sql.push("CASE WHEN row_key < ").bind(dialect, Param::Unsigned(first));
            sql.push(" THEN ").append(&in_map).word(&format!(" ELSE property_{number} END"));
        }
    }
}

/// Up to how many texts are compared one by one, which is done once for each text that a column has; more are joined.
const FEW: usize = 100;
/// How many minutes a day has.
const DAY_MINUTES: i64 = 24 * 60;
/// How many microseconds a minute has.
const MINUTE: i64 = 60_000_000;
/// So many weeks before 1970 that no call is earlier, in minutes.
const LONG_BEFORE_MINUTES: i64 = 100_000 * 7 * DAY_MINUTES;

/// Writes when the piece of the calendar began that the time in a column is in.
fn calendar(dialect: &dyn Dialect, unit: &str, column: &str, offset_minutes: i32, sql: &mut Statement) {
    sql.push("CAST(date_trunc('").push(unit).push("', ").push(column);
    let offset = || Param::Integer(offset_minutes.into());
    match offset_minutes {
        0 => sql.word(") AS TIMESTAMP)"),
        _ => {
            sql.push(" + to_minutes(").bind(dialect, offset());
            sql.push(")) AS TIMESTAMP) - to_minutes(").bind(dialect, offset()).word(")");
        }
    }
}

impl<T: Columns> Dialect for T {
    fn placeholder(&self, param: &Param) -> &'static str {
        match param {
            Param::Uuid(_) => "CAST(? AS UUID)",
            _ => "?",
        }
    }

    fn property(&self, key: &str, sql: &mut Statement) {
        // Nothing in the place of a column would take as long again.
        if !self.looks_at_added() {
            return sent_property(self, self.column_of(key), key, sql);
        }
        sql.push("coalesce(added_properties[").bind(self, Param::Text(key.to_owned())).push("], ");
        sent_property(self, self.column_of(key), key, sql);
        sql.word(")");
    }

    fn is_one_of(&self, text: &Statement, values: &[String], sql: &mut Statement) {
        let list = Param::Text(serde_json::Value::from(values).to_string());
        if values.len() > FEW {
            sql.append(text).push(" IN (SELECT unnest(from_json(").bind(self, list);
            sql.word(", '[\"VARCHAR\"]')))");
        } else {
            sql.push("list_contains(from_json(").bind(self, list).push(", '[\"VARCHAR\"]'), ");
            sql.append(text).word(")");
        }
    }

    fn has_property(&self, key: &str, sql: &mut Statement) {
        sent_property(self, self.column_of(key), key, sql);
        sql.push(" IS NOT NULL OR map_contains(added_properties, ");
        sql.bind(self, Param::Text(key.to_owned())).push(")");
    }

    fn input(&self, name: &str, sql: &mut Statement) {
        sql.push("list_filter(from_json(prompt_inputs, '[[\"VARCHAR\"]]'), input -> input[1] = ");
        sql.bind(self, Param::Text(name.to_owned())).push(")[1][2]");
    }

    fn score_number(&self, name: &str, sql: &mut Statement) {
        sql.push("score_numbers[").bind(self, Param::Text(name.to_owned())).push("]");
    }

    fn score_text(&self, name: &str, sql: &mut Statement) {
        sql.push("score_texts[").bind(self, Param::Text(name.to_owned())).push("]");
    }

    fn has_score(&self, name: &str, sql: &mut Statement) {
        let name = || Param::Text(name.to_owned());
        sql.push("map_contains(score_numbers, ").bind(self, name());
        sql.push(") OR map_contains(score_texts, ").bind(self, name()).push(")");
    }

    fn shuffled(&self, id: &dyn Fn(&mut Statement), seed: u64, sql: &mut Statement) {
        sql.push("hash(");
        id(sql);
        sql.push(", ").bind(self, Param::Unsigned(seed)).push(")");
    }

    fn scores(&self, sql: &mut Statement) {
        sql.push("map_from_entries(list({'key': name, 'value': CASE value WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 ");
        sql.push("ELSE TRY_CAST(value AS DOUBLE) END}) FILTER (WHERE kind = 'feedback' AND data_type IN ");
        sql.push("('boolean', 'numerical'))) AS score_numbers, ");
        sql.push("map_from_entries(list({'key': name, 'value': value}) FILTER (WHERE kind = 'feedback' AND ");
        sql.push("data_type IN ('string', 'categorical'))) AS score_texts");
    }

    fn added_properties(&self, sql: &mut Statement) {
        sql.push("map_from_entries(list({'key': name, 'value': value}) FILTER (WHERE kind = ");
        sql.bind(self, Param::Text(PROPERTY.to_owned())).push("))");
    }

    fn nothing_added(&self, sql: &mut Statement) {
        sql.push(
            "CAST(NULL AS MAP(VARCHAR, VARCHAR)) AS added_properties, CAST(NULL AS BOOLEAN) AS rating, ",
        );
        sql.push("CAST(NULL AS TIMESTAMP) AS rated_at, FALSE AS scored, ");
        sql.push("CAST(NULL AS MAP(VARCHAR, DOUBLE)) AS score_numbers, ");
        sql.push("CAST(NULL AS MAP(VARCHAR, VARCHAR)) AS score_texts");
    }

    fn revised(&self, sql: &mut Statement) {
        sql.push(
            "facts.* REPLACE (CASE WHEN later.row_key IS NULL THEN facts.cost ELSE later.cost END AS cost",
        );
        for column in ["cost_status", "request_preview", "response_preview"] {
            sql.push(", coalesce(later.")
                .push(column)
                .push(", facts.")
                .push(column)
                .push(") AS ")
                .push(column);
        }
        for column in READ_COLUMNS {
            sql.push(", CASE WHEN later.has_reading THEN later.").push(column);
            sql.push(" ELSE facts.").push(column).push(" END AS ").push(column);
        }
        sql.push("), later.revised_at, later.reason AS revised_reason");
    }

    fn property_names(&self, added: Added, sql: &mut Statement) {
        sql.word(match added.has_properties() {
            true => "list_distinct(list_concat(map_keys(properties), map_keys(added_properties)))",
            false => "map_keys(properties)",
        });
    }

    fn only_added_names(&self, sql: &mut Statement) {
        sql.push("list_filter(map_keys(added_properties), name -> NOT list_contains(");
        sql.word("map_keys(properties), name))");
    }

    fn beginning(&self, column: &str, bucket: Bucket, sql: &mut Statement) {
        let (minutes, first) = match bucket.increment {
            Increment::Minute => (1, 0),
            Increment::Hour => (60, 0),
            Increment::Day => (DAY_MINUTES, 0),
            // The fourth day before 1970 was a Monday.
            Increment::Week => (7 * DAY_MINUTES, 3 * DAY_MINUTES),
            Increment::Month => return calendar(self, "month", column, bucket.offset_minutes, sql),
            Increment::Year => return calendar(self, "year", column, bucket.offset_minutes, sql),
        };
        // Division rounds towards 0, so that all that is divided has to be above it. Arithmetic takes a third of the
        // time of what knows the calendar.
        let moved = Param::Integer((first + LONG_BEFORE_MINUTES + i64::from(bucket.offset_minutes)) * MINUTE);
        let length = || Param::Integer(minutes * MINUTE);
        sql.push("make_timestamp((epoch_us(").push(column).push(") + ").bind(self, moved.clone());
        sql.push(") // ").bind(self, length()).push(" * ").bind(self, length()).push(" - ");
        sql.bind(self, moved).word(")");
    }

    fn in_places(&self, keys: &[u64], sql: &mut Statement) {
        let places: Vec<String> = keys.iter().map(|key| key.saturating_sub(1).to_string()).collect();
        sql.push("rowid IN (SELECT CAST(unnest(string_split(").bind(self, Param::Text(places.join(",")));
        sql.push(", ',')) AS BIGINT))");
    }

    fn score(&self, sql: &mut Statement) {
        sql.push("CASE data_type WHEN 'boolean' THEN CASE value WHEN 'true' THEN 1 ELSE 0 END ");
        sql.word("ELSE TRY_CAST(value AS DOUBLE) END");
    }

    fn milliseconds(&self, from: &str, to: &str, sql: &mut Statement) {
        sql.push("CAST(epoch_us(").push(to).push(") - epoch_us(").push(from).word(") AS DOUBLE) / 1e3");
    }

    fn exact_quantile(&self, column: &str, shares: &[String], index: usize, sql: &mut Statement) {
        sql.push("CAST(quantile_disc(").push(column).push(", [").push(&shares.join(", "));
        sql.push("])[").push(&(index + 1).to_string()).word("] AS DOUBLE)");
    }

    fn quantile(&self, column: &str, shares: &[String], index: usize, sql: &mut Statement) {
        let mut piece = Statement::default();
        piece.push("quantile_disc(");
        self.piece(column, &mut piece);
        piece.push(", [").push(&shares.join(", ")).push("])[").push(&(index + 1).to_string()).word("]");
        self.of_piece(&piece.text, sql);
    }

    fn half_hour(&self, column: &str, sql: &mut Statement) {
        sql.push("time_bucket(INTERVAL '30 minutes', ").push(column).word(")");
    }

    fn piece(&self, column: &str, sql: &mut Statement) {
        sql.push("CASE WHEN ").push(column).push(" = 0 THEN -1 ELSE CAST(floor(ln(").push(column);
        sql.word(") * 26) AS SMALLINT) END");
    }

    fn of_piece(&self, piece: &str, sql: &mut Statement) {
        sql.push("CASE WHEN ")
            .push(piece)
            .push(" < 0 THEN 0 ELSE exp((")
            .push(piece)
            .word(" + 0.5) / 26) END");
    }

    fn values(&self, expression: &Statement, condition: &str, limit: u32, sql: &mut Statement) {
        sql.push("coalesce(list_slice(list_sort(list(DISTINCT ").append(expression);
        sql.push(") FILTER (WHERE ").append(expression).push(condition).push(")), 1, ");
        sql.bind(self, Param::Integer(limit.into())).word("), [])");
    }

    fn count_distinct_of_lists(&self, list: &str, sql: &mut Statement) {
        sql.push("coalesce(len(list_distinct(flatten(list(").push(list).word(")))), 0)");
    }

    fn uuid_text(&self, column: &str, sql: &mut Statement) {
        sql.push("CAST(").push(column).push(" AS VARCHAR)");
    }
}
