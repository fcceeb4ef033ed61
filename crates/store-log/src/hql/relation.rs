//! What is read from: tables, which become queries of one tenant's rows, and what is made of them.

use sqlparser::ast::{
    Ident, Join, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, TableAlias, TableFactor,
    TableWithJoins,
};

use super::{ALL, MAX_TABLES, Refused, TABLES, Writer, absent, not_allowed};

impl Writer {
    pub(super) fn joined(&mut self, from: &TableWithJoins) -> Result<(), Refused> {
        let TableWithJoins { relation, joins } = from;
        self.relation(relation)?;
        joins.iter().try_for_each(|join| self.join(join))
    }

    fn join(&mut self, join: &Join) -> Result<(), Refused> {
        let Join { relation, global, join_operator } = join;
        absent(!global, "`GLOBAL`")?;
        let (word, constraint) = match join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => (" JOIN ", constraint),
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
                (" LEFT JOIN ", constraint)
            }
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
                (" RIGHT JOIN ", constraint)
            }
            JoinOperator::FullOuter(constraint) => (" FULL JOIN ", constraint),
            JoinOperator::CrossJoin(constraint) => (" CROSS JOIN ", constraint),
            JoinOperator::Semi(constraint) | JoinOperator::LeftSemi(constraint) => {
                (" SEMI JOIN ", constraint)
            }
            JoinOperator::Anti(constraint) | JoinOperator::LeftAnti(constraint) => {
                (" ANTI JOIN ", constraint)
            }
            _ => return Err(not_allowed("this kind of join")),
        };
        if matches!(constraint, JoinConstraint::Natural) {
            self.push(" NATURAL");
        }
        self.push(word);
        self.relation(relation)?;
        match constraint {
            JoinConstraint::On(condition) => {
                self.push(" ON ");
                self.expression(condition)
            }
            JoinConstraint::Using(columns) => {
                self.push(" USING (");
                self.list(columns, |writer, column| {
                    let column = single(column)?;
                    writer.read(column)?;
                    writer.name(&column.value);
                    Ok(())
                })?;
                self.push(")");
                Ok(())
            }
            JoinConstraint::Natural => {
                self.names.insert(ALL.to_owned());
                Ok(())
            }
            JoinConstraint::None => Ok(()),
        }
    }

    fn relation(&mut self, relation: &TableFactor) -> Result<(), Refused> {
        match relation {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                absent(args.is_none() && !with_ordinality, "a function in the place of a table")?;
                absent(version.is_none(), "a version of a table")?;
                absent(sample.is_none(), "`SAMPLE` or `TABLESAMPLE`")?;
                let is_plain = with_hints.is_empty() && index_hints.is_empty() && partitions.is_empty();
                absent(is_plain && json_path.is_none(), "a hint or partition behind a table")?;
                self.table(name, alias.as_ref())
            }
            TableFactor::Derived { lateral, subquery, alias, sample } => {
                absent(sample.is_none(), "`SAMPLE` or `TABLESAMPLE`")?;
                if *lateral {
                    self.push("LATERAL ");
                }
                self.subquery(subquery)?;
                self.alias(alias.as_ref(), None)
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                absent(alias.is_none(), "a name behind joins in parentheses")?;
                self.nested(|writer| {
                    writer.push("(");
                    writer.joined(table_with_joins)?;
                    writer.push(")");
                    Ok(())
                })
            }
            TableFactor::TableFunction { .. } | TableFactor::Function { .. } | TableFactor::UNNEST { .. } => {
                Err(not_allowed("a function in the place of a table"))
            }
            _ => Err(not_allowed("anything but a table or a query behind `FROM`")),
        }
    }

    /// Writes a common table expression by the name that it has in the statement, or the query that stands for a
    /// table.
    fn table(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Result<(), Refused> {
        let unknown = || {
            let known: Vec<_> = TABLES.iter().map(|table| table.name).collect();
            Refused(format!("unknown table `{name}`, known are `{}`", known.join("`, `")))
        };
        let Ok(ident) = single(name) else { return Err(unknown()) };
        self.tables += 1;
        if self.tables > MAX_TABLES {
            return Err(Refused(format!("the query names tables more than {MAX_TABLES} times")));
        }
        let wanted = ident.value.to_lowercase();
        let made = self.scopes.iter().rev().find_map(|scope| scope.get(&wanted)).cloned();
        if let Some(made) = made {
            self.name(&made);
        } else if TABLES.iter().any(|table| table.name == wanted) {
            self.calls();
        } else {
            return Err(unknown());
        }
        self.alias(alias, Some(&ident.value))
    }

    fn alias(&mut self, alias: Option<&TableAlias>, otherwise: Option<&str>) -> Result<(), Refused> {
        let Some(name) = alias.map(|alias| alias.name.value.as_str()).or(otherwise) else { return Ok(()) };
        self.push(" AS ");
        self.name(name);
        self.aliases.insert(name.to_lowercase());
        alias.map_or(Ok(()), |alias| {
            // Names by position stand for columns that are not named where they are read.
            if !alias.columns.is_empty() {
                self.names.insert(ALL.to_owned());
            }
            self.columns(alias)
        })
    }
}

/// Returns the one part of a name that must not have several.
pub(super) fn single(name: &ObjectName) -> Result<&Ident, Refused> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] => Ok(ident),
        _ => Err(not_allowed(&format!("`{name}`, a name of several parts,"))),
    }
}
