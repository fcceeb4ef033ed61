//! Expressions.

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DateTimeField, Expr, Ident, Subscript,
    TrimWhereField, UnaryOperator,
};

use super::literal::part;
use super::{Refused, Writer, absent, not_allowed};

/// Columns that Helicone has and that are not here, and where what they hold is found.
const BODIES: [&str; 2] = ["request_body", "response_body"];

impl Writer {
    pub(super) fn expression(&mut self, expression: &Expr) -> Result<(), Refused> {
        self.nested(|writer| writer.node(expression))
    }

    fn node(&mut self, expression: &Expr) -> Result<(), Refused> {
        match expression {
            Expr::Identifier(name) => self.column(name),
            Expr::CompoundIdentifier(names) => self.qualified(names),
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain),
            Expr::Value(value) => self.value(&value.value),
            Expr::TypedString(typed) => self.typed(typed),
            Expr::Interval(interval) => self.interval(interval),
            Expr::Nested(inner) => self.parenthesised(inner),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::Function(function) => self.function(function),
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Cast { kind, expr, data_type, format } => {
                absent(format.is_none(), "`FORMAT` in a cast")?;
                self.push(match kind {
                    CastKind::Cast | CastKind::DoubleColon => "CAST(",
                    CastKind::TryCast | CastKind::SafeCast => "TRY_CAST(",
                });
                self.expression(expr)?;
                self.push(" AS ");
                self.kind(data_type)?;
                self.push(")");
                Ok(())
            }
            Expr::Subquery(query) => self.subquery(query),
            Expr::Exists { subquery, negated } => {
                self.push(if *negated { "NOT EXISTS " } else { "EXISTS " });
                self.subquery(subquery)
            }
            Expr::Tuple(items) => {
                self.push("(");
                self.list(items, Self::expression)?;
                self.push(")");
                Ok(())
            }
            other => self.test(other),
        }
    }

    /// Writes one of the forms that ask whether something is so.
    fn test(&mut self, expression: &Expr) -> Result<(), Refused> {
        match expression {
            Expr::IsNull(inner) => self.suffixed(inner, " IS NULL"),
            Expr::IsNotNull(inner) => self.suffixed(inner, " IS NOT NULL"),
            Expr::IsTrue(inner) => self.suffixed(inner, " IS TRUE"),
            Expr::IsNotTrue(inner) => self.suffixed(inner, " IS NOT TRUE"),
            Expr::IsFalse(inner) => self.suffixed(inner, " IS FALSE"),
            Expr::IsNotFalse(inner) => self.suffixed(inner, " IS NOT FALSE"),
            Expr::IsDistinctFrom(left, right) => self.infix(left, " IS DISTINCT FROM ", right),
            Expr::IsNotDistinctFrom(left, right) => self.infix(left, " IS NOT DISTINCT FROM ", right),
            Expr::InList { expr, list, negated } => {
                self.parenthesised(expr)?;
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                self.list(list, Self::expression)?;
                self.push(")");
                Ok(())
            }
            Expr::InSubquery { expr, subquery, negated } => {
                self.parenthesised(expr)?;
                self.push(if *negated { " NOT IN " } else { " IN " });
                self.subquery(subquery)
            }
            Expr::Between { expr, negated, low, high } => {
                self.parenthesised(expr)?;
                self.push(if *negated { " NOT BETWEEN " } else { " BETWEEN " });
                self.parenthesised(low)?;
                self.push(" AND ");
                self.parenthesised(high)
            }
            Expr::Like { negated, any, expr, pattern, escape_char } => {
                absent(!any && escape_char.is_none(), "`ANY` or `ESCAPE` with `LIKE`")?;
                self.like(expr, pattern, (*negated, false))
            }
            Expr::ILike { negated, any, expr, pattern, escape_char } => {
                absent(!any && escape_char.is_none(), "`ANY` or `ESCAPE` with `ILIKE`")?;
                self.like(expr, pattern, (*negated, true))
            }
            other => self.spoken(other),
        }
    }

    /// Writes one of the functions that have words between their arguments.
    fn spoken(&mut self, expression: &Expr) -> Result<(), Refused> {
        match expression {
            Expr::Extract { field, syntax: _, expr } => {
                let part = part(field).ok_or_else(|| not_allowed(&format!("`{field}` in `EXTRACT`")))?;
                self.push("date_part(");
                self.text(part);
                self.push(", ");
                self.expression(expr)?;
                self.push(")");
                Ok(())
            }
            Expr::Ceil { expr, field } => self.rounded("ceil(", expr, field),
            Expr::Floor { expr, field } => self.rounded("floor(", expr, field),
            Expr::Position { expr, r#in } => {
                self.push("strpos(");
                self.expression(r#in)?;
                self.push(", ");
                self.expression(expr)?;
                self.push(")");
                Ok(())
            }
            Expr::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                self.push("substring(");
                self.expression(expr)?;
                self.push(", ");
                match substring_from {
                    Some(from) => self.expression(from)?,
                    None => self.push("1"),
                }
                if let Some(length) = substring_for {
                    self.push(", ");
                    self.expression(length)?;
                }
                self.push(")");
                Ok(())
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                absent(trim_characters.is_none(), "a list of characters in `TRIM`")?;
                self.push(match trim_where {
                    None | Some(TrimWhereField::Both) => "trim(",
                    Some(TrimWhereField::Leading) => "ltrim(",
                    Some(TrimWhereField::Trailing) => "rtrim(",
                });
                self.expression(expr)?;
                if let Some(what) = trim_what {
                    self.push(", ");
                    self.expression(what)?;
                }
                self.push(")");
                Ok(())
            }
            _ => Err(not_allowed(&format!("`{}`", shortened(&expression.to_string())))),
        }
    }

    /// Reads a column by its own name.
    fn column(&mut self, name: &Ident) -> Result<(), Refused> {
        self.read(name)?;
        self.name(&name.value);
        Ok(())
    }

    /// Reads a column of a table.
    fn qualified(&mut self, names: &[Ident]) -> Result<(), Refused> {
        let [table, column] = names else {
            let whole: Vec<_> = names.iter().map(|name| name.value.as_str()).collect();
            return Err(not_allowed(&format!("`{}`, a name of several parts,", whole.join("."))));
        };
        self.read(column)?;
        self.name(&table.value);
        self.push(".");
        self.name(&column.value);
        Ok(())
    }

    /// Notes that a column is read.
    pub(super) fn read(&mut self, name: &Ident) -> Result<(), Refused> {
        let lower = name.value.to_lowercase();
        if BODIES.contains(&lower.as_str()) {
            let hint = "bodies can't be asked about in SQL; `request_preview` and `response_preview` have their \
                        first lines, and `POST /v1/request/query-clickhouse` filters by them and returns them";
            return Err(Refused(format!("`{lower}`: {hint}")));
        }
        self.names.insert(lower);
        Ok(())
    }

    /// Reads what a map or list holds, as in `properties['plan']`.
    fn access(&mut self, root: &Expr, chain: &[AccessExpr]) -> Result<(), Refused> {
        // `calls.properties['plan']`: a table, a column, and then what it holds.
        let rest = match (root, chain) {
            (Expr::Identifier(table), [AccessExpr::Dot(Expr::Identifier(column)), rest @ ..]) => {
                self.qualified(&[table.clone(), column.clone()])?;
                rest
            }
            _ => {
                self.parenthesised(root)?;
                chain
            }
        };
        for step in rest {
            match step {
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    self.push("[");
                    self.expression(index)?;
                    self.push("]");
                }
                AccessExpr::Subscript(Subscript::Slice { .. }) => return Err(not_allowed("`[from:to]`")),
                AccessExpr::Dot(_) => return Err(not_allowed("`.` behind an expression")),
            }
        }
        Ok(())
    }

    fn parenthesised(&mut self, inner: &Expr) -> Result<(), Refused> {
        self.push("(");
        self.expression(inner)?;
        self.push(")");
        Ok(())
    }

    fn suffixed(&mut self, inner: &Expr, suffix: &str) -> Result<(), Refused> {
        self.parenthesised(inner)?;
        self.push(suffix);
        Ok(())
    }

    pub(super) fn infix(&mut self, left: &Expr, operator: &str, right: &Expr) -> Result<(), Refused> {
        self.push("(");
        self.parenthesised(left)?;
        self.push(operator);
        self.parenthesised(right)?;
        self.push(")");
        Ok(())
    }

    fn unary(&mut self, operator: UnaryOperator, inner: &Expr) -> Result<(), Refused> {
        self.push(match operator {
            UnaryOperator::Plus => "(+",
            UnaryOperator::Minus => "(-",
            UnaryOperator::Not => "(NOT ",
            _ => return Err(not_allowed(&format!("the operator `{operator}`"))),
        });
        self.parenthesised(inner)?;
        self.push(")");
        Ok(())
    }

    fn binary(&mut self, left: &Expr, operator: &BinaryOperator, right: &Expr) -> Result<(), Refused> {
        let operator = match operator {
            BinaryOperator::Plus => " + ",
            BinaryOperator::Minus => " - ",
            BinaryOperator::Multiply => " * ",
            BinaryOperator::Divide => " / ",
            BinaryOperator::Modulo => " % ",
            BinaryOperator::DuckIntegerDivide => " // ",
            BinaryOperator::StringConcat => return self.joined_texts(left, right),
            BinaryOperator::Gt => " > ",
            BinaryOperator::Lt => " < ",
            BinaryOperator::GtEq => " >= ",
            BinaryOperator::LtEq => " <= ",
            BinaryOperator::Eq => " = ",
            BinaryOperator::NotEq => " <> ",
            BinaryOperator::And => " AND ",
            BinaryOperator::Or => " OR ",
            _ => return Err(not_allowed(&format!("the operator `{operator}`"))),
        };
        self.infix(left, operator, right)
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
    ) -> Result<(), Refused> {
        self.push("CASE");
        if let Some(operand) = operand {
            self.push(" ");
            self.parenthesised(operand)?;
        }
        for CaseWhen { condition, result } in conditions {
            self.push(" WHEN ");
            self.expression(condition)?;
            self.push(" THEN ");
            self.expression(result)?;
        }
        if let Some(otherwise) = otherwise {
            self.push(" ELSE ");
            self.expression(otherwise)?;
        }
        self.push(" END");
        Ok(())
    }

    fn rounded(&mut self, function: &str, inner: &Expr, field: &CeilFloorKind) -> Result<(), Refused> {
        let is_plain = matches!(field, CeilFloorKind::DateTimeField(DateTimeField::NoDateTime));
        absent(is_plain, "`TO` or a scale in `CEIL` or `FLOOR`")?;
        self.push(function);
        self.expression(inner)?;
        self.push(")");
        Ok(())
    }
}

/// Returns the beginning of something that is named in an error.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
