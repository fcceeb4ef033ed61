//! JSON to [`Filter`]: the grammar of Helicone's API.
//!
//! Whatever is not understood is an error that says what would be: a filter that silently matched
//! everything would show wrong numbers.

use serde_json::{Map, Value};

use super::compare::{compare, meant};
use super::grammar::{self, TABLES, Table};
use super::grouped::{Figure, GroupKind};
use super::{Column, Condition, Filter, Test};

/// How deep branches may be nested.
const MAX_DEPTH: usize = 64;
/// How many comparisons a filter may have.
const MAX_CONDITIONS: usize = 1000;
/// What Helicone puts behind the name of a score that is true or false.
const BOOLEAN_SCORE: &str = "-hcone-bool";

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
    /// on figures of whole sessions or users, and on filters that are too deep or too large.
    pub fn parse(value: &Value) -> Result<Self, FilterError> {
        tree(value, None)?.into_rows().map_err(|tree| figure_of_group(&tree))
    }
}

/// A filter of calls and figures of groups.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    All,
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    /// A comparison of a call.
    Row(Condition),
    /// A comparison of a figure of a group.
    Group(GroupKind, Figure, Test),
}

/// Reads a tree with figures of one kind of group, or of any when there is none.
pub(super) fn tree(value: &Value, kind: Option<GroupKind>) -> Result<Tree, FilterError> {
    Parser { conditions: 0, kind }.node(value, 0)
}

impl Tree {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, only) | (only, Self::All) => only,
            (left, right) => Self::And(Box::new(left), Box::new(right)),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self::Or(Box::new(self), Box::new(other))
    }

    /// Returns it as a filter of calls, or as it is when it compares figures.
    pub(super) fn into_rows(self) -> Result<Filter, Self> {
        if self.has_figures() { Err(self) } else { Ok(self.rows()) }
    }

    fn has_figures(&self) -> bool {
        match self {
            Self::And(left, right) | Self::Or(left, right) => left.has_figures() || right.has_figures(),
            Self::Group(..) => true,
            Self::All | Self::Row(_) => false,
        }
    }

    pub(super) fn rows(self) -> Filter {
        match self {
            Self::And(left, right) => Filter::And(Box::new(left.rows()), Box::new(right.rows())),
            Self::Or(left, right) => Filter::Or(Box::new(left.rows()), Box::new(right.rows())),
            Self::Row(condition) => Filter::Leaf(condition),
            Self::All | Self::Group(..) => Filter::All,
        }
    }
}

impl From<Filter> for Tree {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::All => Self::All,
            Filter::And(left, right) => Self::from(*left).and(Self::from(*right)),
            Filter::Or(left, right) => Self::from(*left).or(Self::from(*right)),
            Filter::Leaf(condition) => Self::Row(condition),
        }
    }
}

/// Returns the error for a figure of a group where calls are compared.
fn figure_of_group(tree: &Tree) -> FilterError {
    let reason = match tree {
        Tree::And(left, right) | Tree::Or(left, right) => {
            return figure_of_group(if left.has_figures() { left } else { right });
        }
        Tree::Group(GroupKind::Sessions, ..) => "only lists of sessions are filtered by it",
        _ => "only lists of users are filtered by it",
    };
    FilterError::Unsupported { what: "a figure of many calls".to_owned(), reason }
}

struct Parser {
    conditions: usize,
    kind: Option<GroupKind>,
}

impl Parser {
    fn node(&mut self, value: &Value, depth: usize) -> Result<Tree, FilterError> {
        if depth > MAX_DEPTH {
            return Err(FilterError::TooDeep);
        }
        match value {
            Value::String(word) if word == "all" => Ok(Tree::All),
            Value::Object(node)
                if ["left", "right", "operator"].iter().any(|key| node.contains_key(*key)) =>
            {
                self.branch(node, depth)
            }
            Value::Object(leaf) => self.leaf(leaf),
            other => Err(wrong_type("a filter", "an object or \"all\"", other)),
        }
    }

    fn branch(&mut self, node: &Map<String, Value>, depth: usize) -> Result<Tree, FilterError> {
        let problem = |problem: String| FilterError::Branch { problem };
        if let Some(extra) = node.keys().find(|key| !matches!(key.as_str(), "left" | "right" | "operator")) {
            return Err(problem(format!("`{}` does not belong there", shorten(extra))));
        }
        let part = |key: &str| node.get(key).ok_or_else(|| problem(format!("`{key}` is missing")));
        let (left, operator, right) = (part("left")?, part("operator")?, part("right")?);
        let join = match operator.as_str() {
            Some("and") => Tree::And,
            Some("or") => Tree::Or,
            _ => return Err(problem(format!("`operator` is {}", show(operator)))),
        };
        let (left, right) = (self.node(left, depth + 1)?, self.node(right, depth + 1)?);
        Ok(join(Box::new(left), Box::new(right)))
    }

    fn leaf(&mut self, leaf: &Map<String, Value>) -> Result<Tree, FilterError> {
        let mut all = Tree::All;
        for (name, columns) in leaf {
            all = all.and(self.table(name, columns)?);
        }
        Ok(all)
    }

    fn table(&mut self, name: &str, columns: &Value) -> Result<Tree, FilterError> {
        if let Some((_, map)) = grammar::MAP_TABLES.iter().find(|(known, _)| *known == name) {
            return self.map(*map, name, columns);
        }
        if let Some((_, reason)) = grammar::REFUSED_TABLES.iter().find(|(known, _)| *known == name) {
            return Err(FilterError::Unsupported { what: format!("the table `{name}`"), reason });
        }
        let Some(table) = TABLES.iter().find(|table| table.name == name) else {
            return Err(unknown("table".to_owned(), name, grammar::table_names()));
        };
        let columns = object(columns, || format!("table `{name}`"))?;
        let mut all = Tree::All;
        for (column, tests) in columns {
            all = all.and(self.column(table, column, tests, columns)?);
        }
        Ok(match &table.implied {
            Some(implied) if !columns.is_empty() => all.and(Tree::Row(implied.clone())),
            _ => all,
        })
    }

    fn column(
        &mut self,
        table: &Table,
        name: &str,
        tests: &Value,
        beside: &Map<String, Value>,
    ) -> Result<Tree, FilterError> {
        if let Some((_, meaning)) = table.columns.iter().find(|(known, _)| *known == name) {
            return self.tests(name, meaning.operators(), tests, |operator, value| {
                meant(meaning, name, operator, value, beside)
            });
        }
        if let Some((_, map)) = table.maps.iter().find(|(known, _)| *known == name) {
            return self.map(*map, name, tests);
        }
        if let Some((_, reason)) = table.refused.iter().find(|(known, _)| *known == name) {
            return Err(FilterError::Unsupported { what: format!("`{name}` of `{}`", table.name), reason });
        }
        Err(unknown(format!("column of `{}`", table.name), name, table.column_names()))
    }

    fn map(&mut self, map: grammar::Map, name: &str, keys: &Value) -> Result<Tree, FilterError> {
        let mut all = Tree::All;
        for (key, tests) in object(keys, || format!("`{name}`"))? {
            let column = match map {
                grammar::Map::Properties => Column::Property(key.clone()),
                grammar::Map::Scores => {
                    Column::Score(key.strip_suffix(BOOLEAN_SCORE).unwrap_or(key).to_owned())
                }
                grammar::Map::Inputs => Column::Input(key.clone()),
            };
            let operators = grammar::operators(&column);
            let key_tests =
                self.tests(key, operators, tests, |operator, value| compare(&column, key, operator, value));
            all = all.and(key_tests?);
        }
        Ok(all)
    }

    /// Reads the tests of one column, each with `read`.
    fn tests(
        &mut self,
        name: &str,
        operators: &'static [&'static str],
        tests: &Value,
        read: impl Fn(&str, &Value) -> Result<Tree, FilterError>,
    ) -> Result<Tree, FilterError> {
        let tests = object(tests, || format!("`{}`", shorten(name)))?;
        if tests.is_empty() {
            return Err(FilterError::WrongType {
                what: format!("`{}`", shorten(name)),
                expected: "an object with an operator",
                found: "{}".to_owned(),
            });
        }
        let mut all = Tree::All;
        for (operator, value) in tests {
            self.conditions += 1;
            if self.conditions > MAX_CONDITIONS {
                return Err(FilterError::TooLarge);
            }
            if !operators.contains(&operator.as_str()) {
                let kind = format!("operator of `{}`", shorten(name));
                return Err(unknown(kind, operator, operators.to_vec()));
            }
            let test = read(operator, value)?;
            self.of_kind(&test, name)?;
            all = all.and(test);
        }
        Ok(all)
    }

    /// Refuses figures of another kind of group than the list's.
    fn of_kind(&self, tree: &Tree, name: &str) -> Result<(), FilterError> {
        let (Tree::Group(kind, ..), Some(wanted)) = (tree, self.kind) else { return Ok(()) };
        if *kind == wanted {
            return Ok(());
        }
        let reason = match wanted {
            GroupKind::Sessions => "lists of sessions have no figures of users",
            GroupKind::Users => "lists of users have no figures of sessions",
        };
        Err(FilterError::Unsupported { what: format!("`{name}`"), reason })
    }
}

fn object(value: &Value, what: impl FnOnce() -> String) -> Result<&Map<String, Value>, FilterError> {
    value.as_object().ok_or_else(|| wrong_type(&what(), "an object", value))
}

pub(super) fn wrong_type(what: &str, expected: &'static str, found: &Value) -> FilterError {
    FilterError::WrongType { what: what.to_owned(), expected, found: show(found) }
}

pub(super) fn unknown(kind: String, name: &str, known: Vec<&'static str>) -> FilterError {
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
pub(super) fn shorten(text: &str) -> String {
    const SHOWN_CHARACTERS: usize = 60;
    text.chars().take(SHOWN_CHARACTERS).collect()
}
