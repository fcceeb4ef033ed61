//! Queries: their clauses, what they select, and how many rows they give.

use sqlparser::ast::{
    Cte, Distinct, Expr, GroupByExpr, Ident, LimitClause, NamedWindowExpr, Offset, OrderBy, OrderByExpr,
    OrderByKind, OrderByOptions, OrderBySort, Query, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier, Value, ValueWithSpan,
    WildcardAdditionalOptions, With,
};

use super::expression::shortened;
use super::{ALL, Refused, Writer, absent, not_allowed};

impl Writer {
    /// Writes the whole question, with a limit in any case.
    pub(super) fn outermost(&mut self, query: &Query) -> Result<(), Refused> {
        let (limit, offset) = limits(query)?;
        let most = u64::from(self.setting.max_rows);
        let rows = limit.unwrap_or(self.setting.default_rows.into()).min(most);
        self.scoped(query, |writer| {
            writer.push(&format!(" LIMIT {rows}"));
            writer.offset(offset);
        })
    }

    /// Writes a query within the question.
    pub(super) fn subquery(&mut self, query: &Query) -> Result<(), Refused> {
        let (limit, offset) = limits(query)?;
        self.nested(|writer| {
            writer.push("(");
            writer.scoped(query, |writer| {
                if let Some(limit) = limit {
                    writer.push(&format!(" LIMIT {limit}"));
                }
                writer.offset(offset);
            })?;
            writer.push(")");
            Ok(())
        })
    }

    fn offset(&mut self, offset: Option<u64>) {
        if let Some(offset) = offset {
            self.push(&format!(" OFFSET {offset}"));
        }
    }

    fn scoped(&mut self, query: &Query, limit: impl FnOnce(&mut Self)) -> Result<(), Refused> {
        let Query {
            with,
            body,
            order_by,
            limit_clause: _,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        absent(fetch.is_none(), "`FETCH`, for which there is `LIMIT`,")?;
        absent(locks.is_empty(), "`FOR UPDATE` or `FOR SHARE`")?;
        absent(for_clause.is_none(), "`FOR`")?;
        absent(settings.is_none(), "`SETTINGS`")?;
        absent(format_clause.is_none(), "`FORMAT`")?;
        absent(pipe_operators.is_empty(), "`|>`")?;
        self.scopes.push(Default::default());
        if let Some(with) = with {
            self.with(with)?;
        }
        self.body(body)?;
        if let Some(order_by) = order_by {
            self.order_by(order_by)?;
        }
        limit(self);
        self.scopes.pop();
        Ok(())
    }

    fn with(&mut self, with: &With) -> Result<(), Refused> {
        let With { with_token: _, recursive, cte_tables } = with;
        absent(!recursive, "`WITH RECURSIVE`")?;
        self.push("WITH ");
        self.list(cte_tables, Self::common_table)?;
        self.push(" ");
        Ok(())
    }

    /// Writes a common table expression under a name that no table has; what comes after it can name it.
    fn common_table(&mut self, cte: &Cte) -> Result<(), Refused> {
        let Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
        absent(from.is_none() && materialized.is_none(), "`MATERIALIZED` or `FROM` behind a name in `WITH`")?;
        let name = alias.name.value.to_lowercase();
        if super::TABLES.iter().any(|table| table.name == name) {
            return Err(Refused(format!("`{name}` is the name of a table and can't be given in `WITH`")));
        }
        self.made += 1;
        let made = format!("gatehouse_with_{}", self.made);
        self.name(&made);
        self.columns(alias)?;
        self.push(" AS ");
        self.subquery(query)?;
        if let Some(scope) = self.scopes.last_mut()
            && scope.insert(name.clone(), made).is_some()
        {
            return Err(Refused(format!("`{name}` is given twice in `WITH`")));
        }
        Ok(())
    }

    fn body(&mut self, body: &SetExpr) -> Result<(), Refused> {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::Query(query) => self.subquery(query),
            SetExpr::SetOperation { left, op, set_quantifier, right } => self.nested(|writer| {
                writer.operand(left)?;
                writer.push(match op {
                    SetOperator::Union => " UNION",
                    SetOperator::Except | SetOperator::Minus => " EXCEPT",
                    SetOperator::Intersect => " INTERSECT",
                });
                writer.push(match set_quantifier {
                    SetQuantifier::All => " ALL ",
                    SetQuantifier::Distinct | SetQuantifier::None => " ",
                    SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => {
                        return Err(not_allowed("`BY NAME`"));
                    }
                });
                writer.operand(right)
            }),
            SetExpr::Values(_) => Err(not_allowed("`VALUES`")),
            SetExpr::Table(_) => Err(not_allowed("`TABLE`, for which there is `SELECT * FROM`,")),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(not_allowed("anything but `SELECT`"))
            }
        }
    }

    /// Writes a side of a set operation, in parentheses, so that it stays what the tree says.
    fn operand(&mut self, side: &SetExpr) -> Result<(), Refused> {
        if let SetExpr::Query(query) = side {
            return self.subquery(query);
        }
        self.push("(");
        self.body(side)?;
        self.push(")");
        Ok(())
    }

    fn select(&mut self, select: &Select) -> Result<(), Refused> {
        nothing_unknown(select)?;
        self.push("SELECT ");
        match &select.distinct {
            None | Some(Distinct::All) => {}
            Some(Distinct::Distinct) => self.push("DISTINCT "),
            Some(Distinct::On(keys)) => {
                self.push("DISTINCT ON (");
                self.list(keys, Self::expression)?;
                self.push(") ");
            }
        }
        if select.projection.is_empty() {
            return Err(Refused("nothing is selected".to_owned()));
        }
        self.list(&select.projection, Self::item)?;
        if !select.from.is_empty() {
            self.push(" FROM ");
            self.list(&select.from, Self::joined)?;
        }
        self.clause(" WHERE ", select.selection.as_ref())?;
        self.group_by(&select.group_by)?;
        self.clause(" HAVING ", select.having.as_ref())?;
        self.windows(select)?;
        self.clause(" QUALIFY ", select.qualify.as_ref())
    }

    fn clause(&mut self, word: &str, condition: Option<&Expr>) -> Result<(), Refused> {
        let Some(condition) = condition else { return Ok(()) };
        self.push(word);
        self.expression(condition)
    }

    fn windows(&mut self, select: &Select) -> Result<(), Refused> {
        if select.named_window.is_empty() {
            return Ok(());
        }
        self.push(" WINDOW ");
        self.list(&select.named_window, |writer, window| {
            writer.name(&window.0.value);
            writer.push(" AS ");
            match &window.1 {
                NamedWindowExpr::WindowSpec(window) => writer.window(window),
                NamedWindowExpr::NamedWindow(_) => Err(not_allowed("a window that is another one's name")),
            }
        })
    }

    fn item(&mut self, item: &SelectItem) -> Result<(), Refused> {
        match item {
            SelectItem::UnnamedExpr(expression) => {
                let parts = self.parts;
                self.expression(expression)?;
                // What guards parts of texts is nothing for the head of a column.
                if self.parts > parts {
                    self.push(" AS ");
                    self.name(&shortened(&expression.to_string()));
                }
                Ok(())
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                self.expression(expr)?;
                self.push(" AS ");
                self.name(&alias.value);
                Ok(())
            }
            SelectItem::Wildcard(options) => {
                plain(options)?;
                self.names.insert(ALL.to_owned());
                self.push("*");
                Ok(())
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                plain(options)?;
                let table = super::relation::single(name)?;
                self.names.insert(ALL.to_owned());
                self.name(&table.value);
                self.push(".*");
                Ok(())
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(_), _) => {
                Err(not_allowed("`.*` behind an expression"))
            }
            SelectItem::ExprWithAliases { .. } => Err(not_allowed("several names for one column")),
        }
    }

    fn group_by(&mut self, group_by: &GroupByExpr) -> Result<(), Refused> {
        match group_by {
            GroupByExpr::All(modifiers) => {
                absent(modifiers.is_empty(), "`WITH` behind `GROUP BY`")?;
                self.push(" GROUP BY ALL");
            }
            GroupByExpr::Expressions(keys, modifiers) => {
                absent(modifiers.is_empty(), "`WITH` behind `GROUP BY`")?;
                if !keys.is_empty() {
                    self.push(" GROUP BY ");
                    self.list(keys, Self::group)?;
                }
            }
        }
        Ok(())
    }

    /// Writes a key of a group, or one of the forms that stand for several.
    fn group(&mut self, key: &Expr) -> Result<(), Refused> {
        let (word, sets) = match key {
            Expr::Rollup(sets) => ("ROLLUP (", sets),
            Expr::Cube(sets) => ("CUBE (", sets),
            Expr::GroupingSets(sets) => ("GROUPING SETS (", sets),
            _ => return self.expression(key),
        };
        self.push(word);
        self.list(sets, |writer, set| {
            writer.push("(");
            writer.list(set, Self::expression)?;
            writer.push(")");
            Ok(())
        })?;
        self.push(")");
        Ok(())
    }

    fn order_by(&mut self, order_by: &OrderBy) -> Result<(), Refused> {
        absent(order_by.interpolate.is_none(), "`INTERPOLATE`")?;
        self.push(" ORDER BY ");
        match &order_by.kind {
            OrderByKind::Expressions(keys) => self.list(keys, Self::order),
            OrderByKind::All(options) => {
                self.push("ALL");
                self.direction(options)
            }
        }
    }

    pub(super) fn order(&mut self, key: &OrderByExpr) -> Result<(), Refused> {
        absent(key.with_fill.is_none(), "`WITH FILL`")?;
        self.expression(&key.expr)?;
        self.direction(&key.options)
    }

    fn direction(&mut self, options: &OrderByOptions) -> Result<(), Refused> {
        match &options.sort {
            None => {}
            Some(OrderBySort::Asc) => self.push(" ASC"),
            Some(OrderBySort::Desc) => self.push(" DESC"),
            Some(_) => return Err(not_allowed("`USING` in `ORDER BY`")),
        }
        // As ClickHouse does it: what is not known comes last, whichever way.
        self.push(if options.nulls_first == Some(true) { " NULLS FIRST" } else { " NULLS LAST" });
        Ok(())
    }

    /// Writes the names that an alias gives to columns.
    pub(super) fn columns(&mut self, alias: &sqlparser::ast::TableAlias) -> Result<(), Refused> {
        absent(alias.at.is_none(), "`AT` behind a table")?;
        if alias.columns.is_empty() {
            return Ok(());
        }
        self.push(" (");
        self.list(&alias.columns, |writer, column| {
            absent(column.data_type.is_none(), "a type in a list of columns")?;
            writer.name(&column.name.value);
            Ok(())
        })?;
        self.push(")");
        Ok(())
    }
}

/// Refuses the clauses that only other databases have.
fn nothing_unknown(select: &Select) -> Result<(), Refused> {
    let Select {
        select_token: _,
        optimizer_hints,
        distinct: _,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection: _,
        exclude,
        into,
        from: _,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by: _,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window: _,
        qualify: _,
        window_before_qualify: _,
        value_table_mode,
        flavor,
    } = select;
    absent(into.is_none(), "`INTO`")?;
    absent(matches!(flavor, SelectFlavor::Standard), "`FROM` before `SELECT`")?;
    absent(top.is_none(), "`TOP`, for which there is `LIMIT`,")?;
    absent(exclude.is_none(), "`EXCLUDE`")?;
    absent(lateral_views.is_empty(), "`LATERAL VIEW`")?;
    absent(prewhere.is_none(), "`PREWHERE`, for which there is `WHERE`,")?;
    absent(connect_by.is_empty(), "`CONNECT BY`")?;
    absent(optimizer_hints.is_empty() && select_modifiers.is_none(), "a hint")?;
    absent(
        cluster_by.is_empty() && distribute_by.is_empty() && sort_by.is_empty(),
        "`CLUSTER BY`, `DISTRIBUTE BY` or `SORT BY`",
    )?;
    absent(value_table_mode.is_none(), "`AS VALUE` or `AS STRUCT`")
}

fn plain(options: &WildcardAdditionalOptions) -> Result<(), Refused> {
    let WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let is_plain = opt_ilike.is_none()
        && opt_exclude.is_none()
        && opt_except.is_none()
        && opt_replace.is_none()
        && opt_rename.is_none()
        && opt_alias.is_none();
    absent(is_plain, "`EXCEPT`, `EXCLUDE`, `REPLACE`, `RENAME` or `ILIKE` behind `*`")
}

/// Returns the limit and the offset of a query, which must be numbers.
fn limits(query: &Query) -> Result<(Option<u64>, Option<u64>), Refused> {
    let number = |what: &str, expression: &Expr| {
        let number = match expression {
            Expr::Value(ValueWithSpan { value: Value::Number(digits, false), .. }) => digits.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| Refused(format!("`{what}` must be a whole number")))
    };
    match &query.limit_clause {
        None => Ok((None, None)),
        Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
            absent(limit_by.is_empty(), "`LIMIT … BY`")?;
            let limit = match limit {
                // `LIMIT ALL`.
                Some(Expr::Identifier(Ident { value, quote_style: None, .. }))
                    if value.eq_ignore_ascii_case("all") =>
                {
                    None
                }
                limit => limit.as_ref().map(|limit| number("LIMIT", limit)).transpose()?,
            };
            let offset =
                offset.as_ref().map(|Offset { value, rows: _ }| number("OFFSET", value)).transpose()?;
            Ok((limit, offset))
        }
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
            Ok((Some(number("LIMIT", limit)?), Some(number("OFFSET", offset)?)))
        }
    }
}
