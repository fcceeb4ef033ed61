//! Questions that people write in SQL, made into statements that can't see another tenant's rows.
//!
//! A question is read into a tree, and a statement is written anew from that tree, by code that knows every kind of node
//! it lets through: what it doesn't know is refused. No text of the caller gets into a statement but names, in double
//! quotes, and literals, in their plainest form.
//! Each table is replaced where it is named by a query of that one tenant's rows; there is no other way to a table, as
//! common table expressions get names that no table has.

mod expression;
mod function;
mod literal;
mod query;
mod regex;
mod relation;
mod table;
mod text;

use std::collections::{BTreeSet, HashMap};

use gatehouse_types::Timestamp;
use sqlparser::ast::Statement;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

pub(crate) use table::TABLES;

/// How long a question may be, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// How many words and signs a question may have.
const MAX_TOKENS: usize = 10_000;
/// How deep a question may be nested.
const MAX_DEPTH: u32 = 200;
/// How often a question may name a table, or what `WITH` gives a name: what is named twice at each of many levels is
/// there so often at the end that planning it alone takes for ever.
const MAX_TABLES: u32 = 24;

/// Among the names of columns that are read: all of them.
const ALL: &str = "*";

/// What is refused, and why: for whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub(crate) String);

/// What must be known to write a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// How many rows there are at most if the question does not say.
    pub(crate) default_rows: u32,
    /// How many rows there are at most.
    pub(crate) max_rows: u32,
    /// The time.
    pub(crate) now: Timestamp,
    /// Whether the tenant has annotations.
    pub(crate) has_annotations: bool,
    /// Whether the tenant has revised rows.
    pub(crate) has_revisions: bool,
}

/// Returns the statement that answers `text`; its one parameter, `$1`, is the tenant, if it has any.
///
/// # Errors
/// Fails when the text is not one `SELECT`, or something in it is not let through.
pub(crate) fn compile(text: &str, setting: Setting) -> Result<String, Refused> {
    let tree = parse(text)?;
    // What is joined beside the facts depends on the columns that are read, which are known at the end only.
    let mut draft = Writer::new(setting, None);
    draft.statement(&tree)?;
    if !draft.aliases.is_disjoint(&draft.names) {
        // The name of a table stands for all of its columns.
        draft.names.insert(ALL.to_owned());
    }
    let mut writer = Writer::new(setting, Some(draft.names));
    writer.statement(&tree)?;
    Ok(writer.sql)
}

fn parse(text: &str) -> Result<Statement, Refused> {
    if text.len() > MAX_BYTES {
        return Err(Refused(format!("the query is longer than {MAX_BYTES} bytes")));
    }
    if text.contains('\0') {
        return Err(Refused("the query holds a character of code 0".to_owned()));
    }
    let dialect = GenericDialect {};
    let broken = |error: String| Refused(format!("the query can't be read: {error}"));
    let tokens = Tokenizer::new(&dialect, text).tokenize().map_err(|error| broken(error.to_string()))?;
    if tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).count() > MAX_TOKENS {
        return Err(Refused(format!("the query has more than {MAX_TOKENS} words and signs")));
    }
    let parser = Parser::new(&dialect).with_tokens(tokens);
    let mut statements = statements(parser).map_err(|error| broken(error.to_string()))?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        (None, _) => Err(Refused("there is no query".to_owned())),
        (Some(_), false) => Err(Refused("there must be one statement, not several".to_owned())),
    }
}

fn statements(mut parser: Parser<'_>) -> Result<Vec<Statement>, sqlparser::parser::ParserError> {
    parser.parse_statements()
}

/// What writes a statement.
struct Writer {
    setting: Setting,
    sql: String,
    /// The names of columns that were read so far, in lower case; `*` stands for all.
    names: BTreeSet<String>,
    /// What the tables are called that were named so far, in lower case.
    aliases: BTreeSet<String>,
    /// The columns of the whole question, once it was gone through.
    read: Option<BTreeSet<String>>,
    /// The common table expressions that can be named here, innermost last: names in lower case, and what they are
    /// called in the statement.
    scopes: Vec<HashMap<String, String>>,
    made: u32,
    depth: u32,
    tables: u32,
    /// Of how many parts its texts are made.
    parts: usize,
}

impl Writer {
    fn new(setting: Setting, read: Option<BTreeSet<String>>) -> Self {
        Self {
            setting,
            sql: String::new(),
            names: BTreeSet::new(),
            aliases: BTreeSet::new(),
            read,
            scopes: Vec::new(),
            made: 0,
            depth: 0,
            tables: 0,
            parts: 0,
        }
    }

    fn statement(&mut self, statement: &Statement) -> Result<(), Refused> {
        match statement {
            Statement::Query(query) => self.outermost(query),
            _ => Err(Refused("only `SELECT` is allowed".to_owned())),
        }
    }

    fn push(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    /// Writes a name, in double quotes.
    fn name(&mut self, name: &str) {
        self.sql.push('"');
        self.sql.push_str(&name.replace('"', "\"\""));
        self.sql.push('"');
    }

    /// Writes a list, its items separated by commas.
    fn list<T>(
        &mut self,
        items: &[T],
        mut write: impl FnMut(&mut Self, &T) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            write(self, item)?;
        }
        Ok(())
    }

    /// Goes one level down for as long as `write` takes.
    fn nested(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Refused>) -> Result<(), Refused> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refused(format!("the query is nested deeper than {MAX_DEPTH} levels")));
        }
        let written = write(self);
        self.depth -= 1;
        written
    }
}

/// Returns the error for something that is not let through.
fn not_allowed(what: &str) -> Refused {
    Refused(format!("{what} is not allowed"))
}

/// Refuses something that is there and must not be.
fn absent(is_absent: bool, what: &str) -> Result<(), Refused> {
    if is_absent { Ok(()) } else { Err(not_allowed(what)) }
}

#[cfg(test)]
mod tests;
