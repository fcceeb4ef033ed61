//! Texts: what looks into them, and what makes longer ones of them.
//!
//! DuckDB works on some two thousand rows at a time. It neither counts the memory that texts take meanwhile nor stops
//! before it is through with them, so no expression may make a text much longer than a column has it, or look for
//! something in it in another time than its length says.

use gatehouse_store::filter::MAX_PATTERN_CHARACTERS;
use gatehouse_store::filter::text::lower;
use sqlparser::ast::{BinaryOperator, Expr, Value, ValueWithSpan};

use super::regex::MAX_STATES;
use super::{Refused, Writer, regex};
use crate::pattern;

/// How long a text may be that becomes part of a longer one, in bytes.
const MAX_PART_BYTES: usize = 8192;
/// How many parts all texts of a question may be made of.
const MAX_PARTS: usize = 64;

impl Writer {
    /// Writes a comparison with a pattern of `LIKE`, whatever it is called.
    pub(super) fn like(
        &mut self,
        text: &Expr,
        pattern: &Expr,
        (is_negated, folds): (bool, bool),
    ) -> Result<(), Refused> {
        let called = if folds { "ILIKE" } else { "LIKE" };
        let pattern = literal(pattern).ok_or_else(|| {
            Refused(format!(
                "what stands behind `{called}` must be a text in quotes; for others there are `contains` and `starts_with`"
            ))
        })?;
        if pattern.chars().count() > MAX_PATTERN_CHARACTERS {
            let message =
                format!("the pattern of `{called}` is longer than {MAX_PATTERN_CHARACTERS} characters");
            return Err(Refused(message));
        }
        let cased = |text: &str| if folds { lower(text) } else { text.to_owned() };
        // Without `_` DuckDB searches for one part after the other, never going back.
        let regex = pattern::regex(pattern).filter(|_| pattern.contains('_'));
        self.push(if is_negated { "(NOT " } else { "(" });
        self.push(if regex.is_some() { "regexp_matches(" } else { "(" });
        self.push(if folds { "lower(" } else { "(" });
        self.expression(text)?;
        self.push(if regex.is_some() { "), " } else { ") LIKE " });
        self.text(&cased(regex.as_deref().unwrap_or(pattern)));
        self.push(if regex.is_some() { ", 's'))" } else { "))" });
        Ok(())
    }

    /// Writes texts that are joined by `||`, in the order in which they stand.
    pub(super) fn joined_texts(&mut self, left: &Expr, right: &Expr) -> Result<(), Refused> {
        let (mut texts, mut rest) = (Vec::new(), vec![right, left]);
        while let Some(next) = rest.pop() {
            match next {
                Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => {
                    rest.extend([&**right, &**left])
                }
                text => texts.push(text),
            }
        }
        self.push("(");
        for (index, text) in texts.into_iter().enumerate() {
            if index > 0 {
                self.push(" || ");
            }
            self.part(text, 1)?;
        }
        self.push(")");
        Ok(())
    }

    /// Writes the arguments of a function of texts; what it makes of them is not too long, and not too long in coming.
    /// Returns whether the function is one.
    pub(super) fn text_arguments(&mut self, function: &str, arguments: &[&Expr]) -> Result<bool, Refused> {
        match function {
            "concat" | "concat_ws" if !arguments.is_empty() => {
                self.list(arguments, |writer, text| writer.part(text, 1))?
            }
            "replace" => {
                let [_, wanted, new] = arguments else { return Ok(false) };
                let new = quoted(function, new)?.len();
                let each = literal(wanted).map_or(1, |wanted| wanted.len().max(1));
                self.replaced(arguments, new.div_ceil(each))?;
            }
            "regexp_replace" => {
                let [_, wanted, new, ..] = arguments else { return Ok(false) };
                plain_regex(function, wanted)?;
                // It may stand between any two characters, and a part of what was found in it.
                let new = quoted(function, new)?.len();
                self.replaced(arguments, if new == 0 { 1 } else { new + 1 })?;
            }
            "regexp_matches" => {
                let [text, wanted, options @ ..] = arguments else { return Ok(false) };
                // In parentheses, as DuckDB makes patterns of `LIKE` of those that are not.
                let wanted = format!("({})", plain_regex(function, wanted)?);
                self.expression(text)?;
                self.push(", ");
                self.text(&wanted);
                options.iter().try_for_each(|option| {
                    self.push(", ");
                    self.expression(option)
                })?;
            }
            "regexp_extract" => {
                let [_, wanted, ..] = arguments else { return Ok(false) };
                plain_regex(function, wanted)?;
                return Ok(false);
            }
            "strftime" => {
                let format = arguments.iter().find_map(|argument| literal(argument));
                if format.is_none_or(|format| format.len() > MAX_FORMAT_BYTES) {
                    let message =
                        format!("`strftime` needs a format in quotes, of at most {MAX_FORMAT_BYTES} bytes");
                    return Err(Refused(message));
                }
                return Ok(false);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Writes arguments of which the first one becomes so many times as long.
    fn replaced(&mut self, arguments: &[&Expr], times: usize) -> Result<(), Refused> {
        let mut is_first = true;
        self.list(arguments, |writer, argument| {
            let is_text = std::mem::take(&mut is_first);
            if is_text && times > 1 { writer.part(argument, times) } else { writer.expression(argument) }
        })
    }

    /// Writes a text that goes into a longer one so many times.
    fn part(&mut self, text: &Expr, times: usize) -> Result<(), Refused> {
        let parts = literal(text).map_or(1, |text| text.len() / MAX_PART_BYTES);
        self.parts += parts.saturating_mul(times);
        if self.parts > MAX_PARTS {
            return Err(Refused(format!("the query makes texts of more than {MAX_PARTS} parts")));
        }
        if matches!(text, Expr::Value(_)) {
            return self.expression(text);
        }
        self.push("CASE WHEN strlen(CAST((");
        self.expression(text)?;
        self.push(&format!(
            ") AS VARCHAR)) > {MAX_PART_BYTES} THEN \
             error('a text of more than {MAX_PART_BYTES} bytes can''t become part of another one') ELSE ("
        ));
        self.expression(text)?;
        self.push(") END");
        Ok(())
    }
}

/// How long a format of a time may be, in bytes.
const MAX_FORMAT_BYTES: usize = 200;

/// Returns a text in quotes.
fn literal(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) => Some(text),
        Expr::Nested(inner) => literal(inner),
        _ => None,
    }
}

fn quoted<'a>(function: &str, new: &'a Expr) -> Result<&'a str, Refused> {
    literal(new).ok_or_else(|| Refused(format!("what `{function}` puts in must be a text in quotes")))
}

/// Returns a regular expression, which must be known and of a bounded size.
fn plain_regex<'a>(function: &str, wanted: &'a Expr) -> Result<&'a str, Refused> {
    let wanted = literal(wanted)
        .ok_or_else(|| Refused(format!("the regular expression of `{function}` must be a text in quotes")))?;
    match regex::states(wanted) {
        states if states <= MAX_STATES && wanted.len() <= MAX_PATTERN_CHARACTERS => Ok(wanted),
        _ => Err(Refused(format!("the regular expression of `{function}` is too large"))),
    }
}
