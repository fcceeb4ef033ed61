//! Functions: those that are let through, and ClickHouse's spellings of some.
//!
//! None of them reads a file, an address, a setting, the environment or the catalogue, none is a table, and none makes a
//! long text or list of a short call.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, NullTreatment, ObjectNamePart, WindowFrame, WindowFrameBound,
    WindowFrameUnits, WindowSpec, WindowType,
};

use super::{Refused, Writer, absent, not_allowed};

mod clickhouse;

/// What a function is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Scalar,
    Aggregate,
    Window,
}

/// Functions that are written as they are.
const SCALARS: &[&str] = &[
    "abs",
    "ceil",
    "ceiling",
    "floor",
    "round",
    "trunc",
    "sign",
    "sqrt",
    "cbrt",
    "exp",
    "ln",
    "log",
    "log2",
    "log10",
    "pow",
    "power",
    "mod",
    "greatest",
    "least",
    "coalesce",
    "ifnull",
    "nullif",
    "if",
    "lower",
    "upper",
    "lcase",
    "ucase",
    "length",
    "len",
    "strlen",
    "concat",
    "concat_ws",
    "substr",
    "substring",
    "left",
    "right",
    "trim",
    "ltrim",
    "rtrim",
    "replace",
    "reverse",
    "strpos",
    "instr",
    "position",
    "contains",
    "starts_with",
    "ends_with",
    "prefix",
    "suffix",
    "split_part",
    "regexp_matches",
    "regexp_extract",
    "regexp_replace",
    "ascii",
    "md5",
    "sha256",
    "hash",
    "date_trunc",
    "date_part",
    "datepart",
    "date_diff",
    "datediff",
    "date_sub",
    "date_add",
    "time_bucket",
    "strftime",
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "dayofweek",
    "dayofmonth",
    "dayofyear",
    "isodow",
    "weekday",
    "weekofyear",
    "dayname",
    "monthname",
    "last_day",
    "epoch",
    "epoch_ms",
    "epoch_us",
    "make_date",
    "make_timestamp",
    "to_timestamp",
    "isnan",
    "isinf",
    "isfinite",
    "map_keys",
    "map_values",
    "map_contains",
    "map_extract",
    "element_at",
    "cardinality",
    "list_contains",
    "array_length",
    "jaccard",
    "width_bucket",
];

const AGGREGATES: &[&str] = &[
    "count",
    "sum",
    "avg",
    "mean",
    "min",
    "max",
    "median",
    "mode",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "variance",
    "var_pop",
    "var_samp",
    "corr",
    "covar_pop",
    "covar_samp",
    "quantile_cont",
    "quantile_disc",
    "approx_quantile",
    "approx_count_distinct",
    "any_value",
    "first",
    "last",
    "arg_min",
    "arg_max",
    "min_by",
    "max_by",
    "bool_and",
    "bool_or",
    "product",
    "skewness",
    "kurtosis",
    "entropy",
    "geomean",
    "string_agg",
    "list",
    "array_agg",
    "grouping",
];

const WINDOWS: &[&str] = &[
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
    "first_value",
    "last_value",
    "nth_value",
];

fn role(name: &str) -> Option<Role> {
    [(SCALARS, Role::Scalar), (AGGREGATES, Role::Aggregate), (WINDOWS, Role::Window)]
        .into_iter()
        .find_map(|(names, role)| names.contains(&name).then_some(role))
}

impl Writer {
    pub(super) fn function(&mut self, function: &Function) -> Result<(), Refused> {
        let Function { name, uses_odbc_syntax, parameters, args, within_group, filter, null_treatment, over } =
            function;
        absent(!uses_odbc_syntax, "`{`")?;
        absent(within_group.is_empty(), "`WITHIN GROUP`")?;
        let [ObjectNamePart::Identifier(ident)] = name.0.as_slice() else {
            return Err(not_allowed(&format!("the function `{name}`")));
        };
        let called = ident.value.to_lowercase();
        let arguments = match args {
            FunctionArguments::None => None,
            FunctionArguments::List(list) => Some(list),
            FunctionArguments::Subquery(_) => {
                return Err(not_allowed("a query as an argument without parentheses"));
            }
        };
        let is_plain = filter.is_none() && null_treatment.is_none() && over.is_none();
        if let Some(written) = self.clickhouse(&called, parameters, arguments) {
            absent(is_plain, &format!("`FILTER` or `OVER` with `{}`", ident.value))?;
            return written;
        }
        absent(matches!(parameters, FunctionArguments::None), "a function with two lists of arguments")?;
        let called = clickhouse::name(&called).to_owned();
        let role = role(&called).ok_or_else(|| not_allowed(&format!("the function `{}`", ident.value)))?;
        let empty = FunctionArgumentList { duplicate_treatment: None, args: Vec::new(), clauses: Vec::new() };
        let arguments = arguments.unwrap_or(&empty);
        absent(role != Role::Scalar || is_plain, &format!("`FILTER` or `OVER` with `{called}`"))?;
        absent(role != Role::Window || over.is_some(), &format!("`{called}` without `OVER`"))?;
        absent(
            over.is_none() || !gathers(&called, arguments),
            &format!("`OVER` with `{}`, or with `DISTINCT`", ident.value),
        )?;
        self.push(&called);
        self.push("(");
        let texts = plain_arguments(Some(arguments)).unwrap_or_default();
        if !self.text_arguments(&called, &texts)? {
            self.arguments(arguments, role)?;
        }
        if let Some(treatment) = null_treatment {
            self.push(nulls(*treatment));
        }
        self.push(")");
        if let Some(filter) = filter {
            self.push(" FILTER (WHERE ");
            self.expression(filter)?;
            self.push(")");
        }
        self.over(over.as_ref())
    }

    fn arguments(&mut self, arguments: &FunctionArgumentList, role: Role) -> Result<(), Refused> {
        let FunctionArgumentList { duplicate_treatment, args, clauses } = arguments;
        absent(role == Role::Aggregate || duplicate_treatment.is_none(), "`DISTINCT` in this function")?;
        if *duplicate_treatment == Some(DuplicateTreatment::Distinct) {
            self.push("DISTINCT ");
        }
        self.list(args, Self::argument)?;
        for clause in clauses {
            match clause {
                FunctionArgumentClause::OrderBy(keys) if role == Role::Aggregate => {
                    self.push(" ORDER BY ");
                    self.list(keys, Self::order)?;
                }
                FunctionArgumentClause::IgnoreOrRespectNulls(treatment) if role == Role::Window => {
                    self.push(nulls(*treatment));
                }
                _ => return Err(not_allowed("this clause in a function")),
            }
        }
        Ok(())
    }

    fn argument(&mut self, argument: &FunctionArg) -> Result<(), Refused> {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => self.expression(expression),
            // That is `count(*)`: it reads no column.
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => {
                self.push("*");
                Ok(())
            }
            _ => Err(not_allowed("an argument with a name, or `.*`,")),
        }
    }

    fn over(&mut self, over: Option<&WindowType>) -> Result<(), Refused> {
        match over {
            None => Ok(()),
            Some(WindowType::NamedWindow(name)) => {
                self.push(" OVER ");
                self.name(&name.value);
                Ok(())
            }
            Some(WindowType::WindowSpec(window)) => {
                self.push(" OVER ");
                self.window(window)
            }
        }
    }

    pub(super) fn window(&mut self, window: &WindowSpec) -> Result<(), Refused> {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = window;
        self.push("(");
        if let Some(name) = window_name {
            self.name(&name.value);
        }
        if !partition_by.is_empty() {
            self.push(" PARTITION BY ");
            self.list(partition_by, Self::expression)?;
        }
        if !order_by.is_empty() {
            self.push(" ORDER BY ");
            self.list(order_by, Self::order)?;
        }
        if let Some(frame) = window_frame {
            self.frame(frame)?;
        }
        self.push(")");
        Ok(())
    }

    fn frame(&mut self, frame: &WindowFrame) -> Result<(), Refused> {
        let WindowFrame { units, start_bound, end_bound } = frame;
        self.push(match units {
            WindowFrameUnits::Rows => " ROWS ",
            WindowFrameUnits::Range => " RANGE ",
            WindowFrameUnits::Groups => " GROUPS ",
        });
        let Some(end) = end_bound else { return self.bound(start_bound) };
        self.push("BETWEEN ");
        self.bound(start_bound)?;
        self.push(" AND ");
        self.bound(end)
    }

    fn bound(&mut self, bound: &WindowFrameBound) -> Result<(), Refused> {
        let (distance, word) = match bound {
            WindowFrameBound::CurrentRow => {
                self.push("CURRENT ROW");
                return Ok(());
            }
            WindowFrameBound::Preceding(distance) => (distance, " PRECEDING"),
            WindowFrameBound::Following(distance) => (distance, " FOLLOWING"),
        };
        match distance {
            None => self.push("UNBOUNDED"),
            Some(distance) => self.expression(distance)?,
        }
        self.push(word);
        Ok(())
    }
}

/// Returns whether a function has all it was given in its result, or in memory: for each row anew in a window.
fn gathers(called: &str, arguments: &FunctionArgumentList) -> bool {
    matches!(called, "list" | "array_agg" | "string_agg")
        || arguments.duplicate_treatment == Some(DuplicateTreatment::Distinct)
}

fn nulls(treatment: NullTreatment) -> &'static str {
    match treatment {
        NullTreatment::IgnoreNulls => " IGNORE NULLS",
        NullTreatment::RespectNulls => " RESPECT NULLS",
    }
}

/// Returns the arguments of a call, which must be plain expressions.
fn plain_arguments(arguments: Option<&FunctionArgumentList>) -> Option<Vec<&Expr>> {
    let Some(FunctionArgumentList { duplicate_treatment, args, clauses }) = arguments else {
        return Some(Vec::new());
    };
    if duplicate_treatment.is_some() || !clauses.is_empty() {
        return None;
    }
    let plain = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expression)) => Some(expression),
        _ => None,
    };
    args.iter().map(plain).collect()
}
