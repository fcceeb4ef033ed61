//! ClickHouse's spellings, which people who know Helicone's queries use.

use sqlparser::ast::{Expr, FunctionArgumentList, FunctionArguments};

use super::super::{Refused, Writer, not_allowed};
use super::plain_arguments;

/// What stands for a call, in which `#1` is its first argument.
const TEMPLATES: &[(&str, usize, &str)] = &[
    ("todate", 1, "TRY_CAST(#1 AS DATE)"),
    ("date", 1, "TRY_CAST(#1 AS DATE)"),
    ("todatetime", 1, "TRY_CAST(#1 AS TIMESTAMP)"),
    ("todatetime64", 2, "TRY_CAST(#1 AS TIMESTAMP)"),
    ("parsedatetimebesteffort", 1, "TRY_CAST(#1 AS TIMESTAMP)"),
    ("parsedatetime64besteffort", 1, "TRY_CAST(#1 AS TIMESTAMP)"),
    ("tostring", 1, "CAST(#1 AS VARCHAR)"),
    ("toint32", 1, "TRY_CAST(#1 AS INTEGER)"),
    ("toint64", 1, "TRY_CAST(#1 AS BIGINT)"),
    ("touint32", 1, "TRY_CAST(#1 AS UINTEGER)"),
    ("touint64", 1, "TRY_CAST(#1 AS UBIGINT)"),
    ("tofloat32", 1, "TRY_CAST(#1 AS DOUBLE)"),
    ("tofloat64", 1, "TRY_CAST(#1 AS DOUBLE)"),
    ("toint64ornull", 1, "TRY_CAST(#1 AS BIGINT)"),
    ("tofloat64ornull", 1, "TRY_CAST(#1 AS DOUBLE)"),
    ("touuid", 1, "TRY_CAST(#1 AS UUID)"),
    ("tostartofsecond", 1, "date_trunc('second', #1)"),
    ("tostartofminute", 1, "date_trunc('minute', #1)"),
    ("tostartoffiveminutes", 1, "time_bucket(to_minutes(5), #1)"),
    ("tostartoffiveminute", 1, "time_bucket(to_minutes(5), #1)"),
    ("tostartoftenminutes", 1, "time_bucket(to_minutes(10), #1)"),
    ("tostartoffifteenminutes", 1, "time_bucket(to_minutes(15), #1)"),
    ("tostartofhour", 1, "date_trunc('hour', #1)"),
    ("tostartofday", 1, "date_trunc('day', #1)"),
    ("tomonday", 1, "date_trunc('week', #1)"),
    ("tostartofweek", 1, "date_trunc('week', #1)"),
    ("tostartofmonth", 1, "date_trunc('month', #1)"),
    ("tostartofquarter", 1, "date_trunc('quarter', #1)"),
    ("tostartofyear", 1, "date_trunc('year', #1)"),
    ("tostartofinterval", 2, "time_bucket(#2, #1)"),
    ("toyyyymm", 1, "CAST(strftime(#1, '%Y%m') AS INTEGER)"),
    ("toyyyymmdd", 1, "CAST(strftime(#1, '%Y%m%d') AS INTEGER)"),
    ("toyear", 1, "year(#1)"),
    ("toquarter", 1, "quarter(#1)"),
    ("tomonth", 1, "month(#1)"),
    ("todayofmonth", 1, "day(#1)"),
    ("todayofweek", 1, "isodow(#1)"),
    ("tohour", 1, "hour(#1)"),
    ("tominute", 1, "minute(#1)"),
    ("tosecond", 1, "second(#1)"),
    ("tounixtimestamp", 1, "CAST(epoch(#1) AS BIGINT)"),
    ("tointervalminute", 1, "to_minutes(#1)"),
    ("tointervalhour", 1, "to_hours(#1)"),
    ("tointervalday", 1, "to_days(#1)"),
    ("if", 3, "CASE WHEN #1 THEN #2 ELSE #3 END"),
    ("ifnull", 2, "coalesce(#1, #2)"),
    ("isnull", 1, "(#1 IS NULL)"),
    ("isnotnull", 1, "(#1 IS NOT NULL)"),
    ("empty", 1, "(len(#1) = 0)"),
    ("notempty", 1, "(len(#1) > 0)"),
    ("lowerutf8", 1, "lower(#1)"),
    ("upperutf8", 1, "upper(#1)"),
    ("lengthutf8", 1, "length(#1)"),
    ("startswith", 2, "starts_with(#1, #2)"),
    ("endswith", 2, "suffix(#1, #2)"),
    ("mapcontains", 2, "map_contains(#1, #2)"),
    ("mapkeys", 1, "map_keys(#1)"),
    ("mapvalues", 1, "map_values(#1)"),
    ("has", 2, "list_contains(#1, #2)"),
    ("countif", 1, "count(*) FILTER (WHERE #1)"),
    ("sumif", 2, "sum(#1) FILTER (WHERE #2)"),
    ("avgif", 2, "avg(#1) FILTER (WHERE #2)"),
    ("minif", 2, "min(#1) FILTER (WHERE #2)"),
    ("maxif", 2, "max(#1) FILTER (WHERE #2)"),
    ("uniq", 1, "count(DISTINCT #1)"),
    ("uniqexact", 1, "count(DISTINCT #1)"),
    ("uniqif", 2, "count(DISTINCT #1) FILTER (WHERE #2)"),
    ("any", 1, "any_value(#1)"),
    ("anylast", 1, "last(#1)"),
    ("argmin", 2, "arg_min(#1, #2)"),
    ("argmax", 2, "arg_max(#1, #2)"),
    ("stddevpop", 1, "stddev_pop(#1)"),
    ("stddevsamp", 1, "stddev_samp(#1)"),
    ("grouparray", 1, "list(#1)"),
    ("groupuniqarray", 1, "list(DISTINCT #1)"),
];

/// Other names of functions that are let through.
const NAMES: &[(&str, &str)] =
    &[("formatdatetime", "strftime"), ("replaceall", "replace"), ("match", "regexp_matches")];

/// Returns the name here of a function that has another one in ClickHouse.
pub(super) fn name(called: &str) -> &str {
    NAMES.iter().find(|(other, _)| *other == called).map_or(called, |(_, name)| name)
}

/// Functions with a first list of arguments, `quantile(0.9)(latency)`: what stands for them, in which `#0` is that of
/// the first list.
const PARAMETRIC: &[(&str, &str)] = &[
    ("quantile", "quantile_cont(#1, #0)"),
    ("quantileexact", "quantile_cont(#1, #0)"),
    ("quantiletdigest", "approx_quantile(#1, #0)"),
];

impl Writer {
    /// Writes what stands for a function of ClickHouse, if that is what is called.
    pub(super) fn clickhouse(
        &mut self,
        called: &str,
        parameters: &FunctionArguments,
        arguments: Option<&FunctionArgumentList>,
    ) -> Option<Result<(), Refused>> {
        if let Some((_, template)) = PARAMETRIC.iter().find(|(name, _)| *name == called) {
            return Some(self.parametric(called, template, parameters, arguments));
        }
        if !matches!(parameters, FunctionArguments::None) {
            return None;
        }
        let now = match called {
            "now" | "now64" | "current_timestamp" | "localtimestamp" => Some("#now"),
            "today" | "current_date" => Some("CAST(#now AS DATE)"),
            "yesterday" => Some("CAST(#now - to_days(1) AS DATE)"),
            _ => None,
        };
        let arguments = plain_arguments(arguments)?;
        if let Some(template) = now {
            return Some(self.template(template, &[], &[]));
        }
        if let ("like" | "ilike", [text, pattern]) = (called, arguments.as_slice()) {
            return Some(self.like(text, pattern, (false, called == "ilike")));
        }
        if called == "multiif" && arguments.len() >= 3 && arguments.len() % 2 == 1 {
            return Some(self.multi_if(&arguments));
        }
        let is_meant = |(name, count, _): &&(&str, usize, &str)| *name == called && *count == arguments.len();
        let (_, _, template) = TEMPLATES.iter().find(is_meant)?;
        Some(self.template(template, &[], &arguments))
    }

    fn parametric(
        &mut self,
        called: &str,
        template: &str,
        parameters: &FunctionArguments,
        arguments: Option<&FunctionArgumentList>,
    ) -> Result<(), Refused> {
        let first = match parameters {
            FunctionArguments::List(list) => plain_arguments(Some(list)),
            FunctionArguments::None | FunctionArguments::Subquery(_) => None,
        };
        match (first.as_deref(), plain_arguments(arguments).as_deref()) {
            (Some([level]), Some([value])) => self.template(template, &[level], &[value]),
            // DuckDB's own: `quantile_cont(latency, 0.9)`.
            _ => Err(not_allowed(&format!("`{called}` in another form than `{called}(0.9)(latency)`"))),
        }
    }

    fn multi_if(&mut self, arguments: &[&Expr]) -> Result<(), Refused> {
        self.push("CASE");
        for pair in arguments.chunks(2) {
            match pair {
                [condition, result] => {
                    self.push(" WHEN ");
                    self.expression(condition)?;
                    self.push(" THEN ");
                    self.expression(result)?;
                }
                otherwise => {
                    self.push(" ELSE ");
                    otherwise.iter().try_for_each(|otherwise| self.expression(otherwise))?;
                }
            }
        }
        self.push(" END");
        Ok(())
    }

    /// Writes a template with its arguments in their places, each in parentheses.
    fn template(&mut self, template: &str, first: &[&Expr], arguments: &[&Expr]) -> Result<(), Refused> {
        let mut pieces = template.split('#');
        self.push(pieces.next().unwrap_or_default());
        for piece in pieces {
            if let Some(rest) = piece.strip_prefix("now") {
                self.instant(self.setting.now);
                self.push(rest);
                continue;
            }
            let (digit, rest) = piece.split_at_checked(1).unwrap_or_default();
            let argument = match digit.parse::<usize>() {
                Ok(0) => first.first(),
                Ok(number) => arguments.get(number - 1),
                Err(_) => None,
            };
            let argument = argument.ok_or_else(|| not_allowed("a call with so few arguments"))?;
            self.push("(");
            self.expression(argument)?;
            self.push(")");
            self.push(rest);
        }
        Ok(())
    }
}
