//! JSON to [`Filter`]: the grammar of Helicone's API.
//!
//! Whatever is not understood is an error that says what would be: a filter that silently matched
//! everything would show wrong numbers.

use gatehouse_types::Timestamp;
use serde_json::{Map, Value};

use super::grammar::{self, TABLES, Table};
use super::{Column, Condition, Filter, Test};

/// How deep branches may be nested.
const MAX_DEPTH: usize = 64;
/// How many comparisons a filter may have.
const MAX_CONDITIONS: usize = 1000;
/// The value that, compared for equality, means that there is none.
const NULL: &str = "null";
/// The value that, compared for equality, means empty text or none.
const EMPTY: &str = "__empty__";

/// Why a JSON document is not a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Something has another JSON type than it must have.
    #[error("{what} must be {expected}, not {found}")]
    WrongType {
        /// What it is.
        what: String,
        /// What it must be.
        expected: &'static str,
        /// What was given, shortened.
        found: String,
    },
    /// A branch lacks a side, or joins them by something unknown.
    #[error("a branch must have `left`, `right` and an `operator` of `and` or `or`: {problem}")]
    Branch {
        /// What is wrong with it.
        problem: String,
    },
    /// A name is not known where it stands.
    #[error("unknown {kind} `{name}`{nearest} (known are {})", .known.join(", "))]
    Unknown {
        /// What it names: a table, a column or an operator.
        kind: String,
        /// The name as given.
        name: String,
        /// The nearest known name as `, did you mean …?`, or nothing.
        nearest: String,
        /// All known names.
        known: Vec<&'static str>,
    },
    /// The name is known, but nothing can be compared with it here.
    #[error("filtering by {what} is not supported: {reason}")]
    Unsupported {
        /// The table and column.
        what: String,
        /// Why not.
        reason: &'static str,
    },
    /// Branches are nested too deeply.
    #[error("filter is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// There are too many comparisons.
    #[error("filter has more than {MAX_CONDITIONS} conditions")]
    TooLarge,
}

impl Filter {
    /// Reads a filter from its JSON form.
    ///
    /// # Errors
    /// Fails on unknown tables, columns and operators, on values of another type than their column's,
    /// and on filters that are too deep or too large.
    pub fn parse(value: &Value) -> Result<Self, FilterError> {
        Parser { conditions: 0 }.node(value, 0)
    }
}

struct Parser {
    conditions: usize,
}

impl Parser {
    fn node(&mut self, value: &Value, depth: usize) -> Result<Filter, FilterError> {
        if depth > MAX_DEPTH {
            return Err(FilterError::TooDeep);
        }
        match value {
            Value::String(word) if word == "all" => Ok(Filter::All),
            Value::Object(node)
                if ["left", "right", "operator"].iter().any(|key| node.contains_key(*key)) =>
            {
                self.branch(node, depth)
            }
            Value::Object(leaf) => self.leaf(leaf),
            other => Err(wrong_type("a filter", "an object or \"all\"", other)),
        }
    }

    fn branch(&mut self, node: &Map<String, Value>, depth: usize) -> Result<Filter, FilterError> {
        let problem = |problem: String| FilterError::Branch { problem };
        if let Some(extra) = node.keys().find(|key| !matches!(key.as_str(), "left" | "right" | "operator")) {
            return Err(problem(format!("`{}` does not belong there", shorten(extra))));
        }
        let part = |key: &str| node.get(key).ok_or_else(|| problem(format!("`{key}` is missing")));
        let (left, operator, right) = (part("left")?, part("operator")?, part("right")?);
        let join = match operator.as_str() {
            Some("and") => Filter::And,
            Some("or") => Filter::Or,
            _ => return Err(problem(format!("`operator` is {}", show(operator)))),
        };
        let (left, right) = (self.node(left, depth + 1)?, self.node(right, depth + 1)?);
        Ok(join(Box::new(left), Box::new(right)))
    }

    fn leaf(&mut self, leaf: &Map<String, Value>) -> Result<Filter, FilterError> {
        let mut all = Filter::All;
        for (name, columns) in leaf {
            all = and(all, self.table(name, columns)?);
        }
        Ok(all)
    }

    fn table(&mut self, name: &str, columns: &Value) -> Result<Filter, FilterError> {
        if name == grammar::PROPERTIES {
            return self.properties(name, columns);
        }
        if name == "values" {
            let reason = "use the values of `properties`";
            return Err(FilterError::Unsupported { what: "the table `values`".to_owned(), reason });
        }
        let Some(table) = TABLES.iter().find(|table| table.name == name) else {
            return Err(unknown("table".to_owned(), name, grammar::table_names()));
        };
        let mut all = Filter::All;
        for (column, tests) in object(columns, || format!("table `{name}`"))? {
            all = and(all, self.column(table, column, tests)?);
        }
        Ok(all)
    }

    fn column(&mut self, table: &Table, name: &str, tests: &Value) -> Result<Filter, FilterError> {
        if let Some((_, column)) = table.columns.iter().find(|(known, _)| *known == name) {
            return self.tests(column, name, tests);
        }
        if table.maps.contains(&name) {
            return self.properties(name, tests);
        }
        if table.refused.contains(&name) {
            let what = format!("`{name}` of `{}`", table.name);
            let reason = match name {
                "request_body" | "response_body" | "prompt" | "body_completion" => {
                    "bodies are stored compressed"
                }
                "organization_id" | "org_id" | "auth_hash" => "the API key decides whose rows are seen",
                _ => "this store has no such values",
            };
            return Err(FilterError::Unsupported { what, reason });
        }
        Err(unknown(format!("column of `{}`", table.name), name, table.column_names()))
    }

    fn properties(&mut self, name: &str, properties: &Value) -> Result<Filter, FilterError> {
        let mut all = Filter::All;
        for (key, tests) in object(properties, || format!("`{name}`"))? {
            all = and(all, self.tests(&Column::Property(key.clone()), key, tests)?);
        }
        Ok(all)
    }

    fn tests(&mut self, column: &Column, name: &str, tests: &Value) -> Result<Filter, FilterError> {
        let tests = object(tests, || format!("`{}`", shorten(name)))?;
        if tests.is_empty() {
            return Err(FilterError::WrongType {
                what: format!("`{}`", shorten(name)),
                expected: "an object with an operator",
                found: "{}".to_owned(),
            });
        }
        let mut all = Filter::All;
        for (operator, value) in tests {
            self.conditions += 1;
            if self.conditions > MAX_CONDITIONS {
                return Err(FilterError::TooLarge);
            }
            all = and(all, condition(column, name, operator, value)?);
        }
        Ok(all)
    }
}

/// Joins two filters; one that matches everything adds nothing.
fn and(left: Filter, right: Filter) -> Filter {
    match (left, right) {
        (Filter::All, only) | (only, Filter::All) => only,
        (left, right) => Filter::And(Box::new(left), Box::new(right)),
    }
}

fn condition(column: &Column, name: &str, operator: &str, value: &Value) -> Result<Filter, FilterError> {
    if let Some(filter) = absence(column, operator, value) {
        return Ok(filter);
    }
    let unknown_operator = || {
        let kind = format!("operator of `{}`", shorten(name));
        unknown(kind, operator, grammar::operators(column).to_vec())
    };
    if !grammar::operators(column).contains(&operator) {
        return Err(unknown_operator());
    }
    let wrong =
        |expected| wrong_type(&format!("the value of `{operator}` for `{}`", shorten(name)), expected, value);
    let test = match column {
        Column::Text(_) | Column::Property(_) | Column::PropertyKey => {
            text_test(operator, value.as_str().ok_or_else(|| wrong("a string"))?)
        }
        Column::Number(_) => number_test(operator, value.as_f64().ok_or_else(|| wrong("a number"))?),
        Column::Time(_) => {
            let at = value.as_str().and_then(Timestamp::parse);
            time_test(operator, at.ok_or_else(|| wrong("an ISO 8601 time as a string"))?)
        }
        Column::Bool(_) => Some(Test::BoolEquals(value.as_bool().ok_or_else(|| wrong("true or false"))?)),
    };
    let test = test.ok_or_else(unknown_operator)?;
    Ok(Filter::Leaf(Condition { column: column.clone(), test }))
}

/// Reads the values that stand for the absence of one: `"null"` and, for text, `"__empty__"`.
fn absence(column: &Column, operator: &str, value: &Value) -> Option<Filter> {
    let wanted = match operator {
        "equals" => true,
        "not-equals" => false,
        _ => return None,
    };
    let leaf = |test| Filter::Leaf(Condition { column: column.clone(), test });
    let none = leaf(if wanted { Test::IsNull } else { Test::IsNotNull });
    let word = if value.is_null() { NULL } else { value.as_str()? };
    match (column, word) {
        (Column::PropertyKey, _) => None,
        (_, NULL) => Some(none),
        (Column::Text(_) | Column::Property(_), EMPTY) => {
            let empty = String::new();
            Some(if wanted {
                Filter::Or(Box::new(none), Box::new(leaf(Test::TextEquals(empty))))
            } else {
                Filter::And(Box::new(none), Box::new(leaf(Test::TextNotEquals(empty))))
            })
        }
        _ => None,
    }
}

fn text_test(operator: &str, value: &str) -> Option<Test> {
    let make = match operator {
        "equals" => Test::TextEquals,
        "not-equals" => Test::TextNotEquals,
        "like" => Test::Like,
        "ilike" => Test::ILike,
        "contains" => Test::Contains,
        "not-contains" => Test::NotContains,
        _ => return None,
    };
    Some(make(value.to_owned()))
}

fn number_test(operator: &str, value: f64) -> Option<Test> {
    let make = match operator {
        "equals" => Test::NumberEquals,
        "not-equals" => Test::NumberNotEquals,
        "gte" => Test::NumberAtLeast,
        "lte" => Test::NumberAtMost,
        "gt" => Test::NumberAbove,
        "lt" => Test::NumberBelow,
        _ => return None,
    };
    Some(make(value))
}

fn time_test(operator: &str, at: Timestamp) -> Option<Test> {
    let make = match operator {
        "equals" => Test::TimeEquals,
        "gte" => Test::TimeAtLeast,
        "lte" => Test::TimeAtMost,
        "gt" => Test::TimeAfter,
        "lt" => Test::TimeBefore,
        _ => return None,
    };
    Some(make(at))
}

fn object(value: &Value, what: impl FnOnce() -> String) -> Result<&Map<String, Value>, FilterError> {
    value.as_object().ok_or_else(|| wrong_type(&what(), "an object", value))
}

fn wrong_type(what: &str, expected: &'static str, found: &Value) -> FilterError {
    FilterError::WrongType { what: what.to_owned(), expected, found: show(found) }
}

fn unknown(kind: String, name: &str, known: Vec<&'static str>) -> FilterError {
    const SIMILAR: f64 = 0.75;
    let similarity = |candidate: &str| strsim::jaro_winkler(candidate, name);
    let nearest = known
        .iter()
        .max_by(|left, right| similarity(left).total_cmp(&similarity(right)))
        .filter(|candidate| similarity(candidate) >= SIMILAR)
        .map_or_else(String::new, |candidate| format!(", did you mean `{candidate}`?"));
    FilterError::Unknown { kind, name: shorten(name), nearest, known }
}

/// Shows a JSON value in a message, without letting it fill the message.
fn show(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::String(text) => format!("\"{}\"", shorten(text)),
        other => other.to_string(),
    }
}

/// Returns the beginning of `text`.
fn shorten(text: &str) -> String {
    const SHOWN_CHARACTERS: usize = 60;
    text.chars().take(SHOWN_CHARACTERS).collect()
}
