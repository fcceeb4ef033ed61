//! Literals, types and units, each in one plain form.

use gatehouse_types::Timestamp;
use sqlparser::ast::{DataType, DateTimeField, ExactNumberInfo, Expr, Interval, TypedString, Value};

use super::{Refused, Writer, absent, not_allowed};

impl Writer {
    pub(super) fn value(&mut self, value: &Value) -> Result<(), Refused> {
        match value {
            Value::Number(digits, false) => self.number(digits)?,
            Value::SingleQuotedString(text) => self.text(text),
            Value::Boolean(true) => self.push("true"),
            Value::Boolean(false) => self.push("false"),
            Value::Null => self.push("NULL"),
            Value::Placeholder(_) => return Err(not_allowed("a parameter")),
            _ => return Err(not_allowed("a text that is not in single quotes")),
        }
        Ok(())
    }

    /// Writes a text in single quotes, in which a quote is two.
    pub(super) fn text(&mut self, text: &str) {
        self.sql.push('\'');
        self.sql.push_str(&text.replace('\'', "''"));
        self.sql.push('\'');
    }

    fn number(&mut self, digits: &str) -> Result<(), Refused> {
        let is_plain = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'))
            && digits.parse::<f64>().is_ok();
        absent(is_plain, &format!("the number `{digits}`"))?;
        self.push(digits);
        Ok(())
    }

    /// Writes a text with a type before it, as in `DATE '2026-01-31'`.
    pub(super) fn typed(&mut self, typed: &TypedString) -> Result<(), Refused> {
        let TypedString { data_type, value, uses_odbc_syntax } = typed;
        absent(!uses_odbc_syntax, "`{`")?;
        self.push("CAST(");
        self.value(&value.value)?;
        self.push(" AS ");
        self.kind(data_type)?;
        self.push(")");
        Ok(())
    }

    /// Writes an interval, as in `INTERVAL 7 DAY` and `INTERVAL '7 days'`.
    pub(super) fn interval(&mut self, interval: &Interval) -> Result<(), Refused> {
        let Interval { value, leading_field, leading_precision, last_field, fractional_seconds_precision } =
            interval;
        let is_plain =
            leading_precision.is_none() && last_field.is_none() && fractional_seconds_precision.is_none();
        absent(is_plain, "`TO` or a precision in an interval")?;
        let Some(field) = leading_field else {
            let Expr::Value(text) = value.as_ref() else {
                return Err(Refused("an interval has a unit, as in `INTERVAL 7 DAY`".to_owned()));
            };
            self.push("CAST(");
            self.value(&text.value)?;
            self.push(" AS INTERVAL)");
            return Ok(());
        };
        let function = unit(field).ok_or_else(|| not_allowed(&format!("an interval in `{field}`")))?;
        self.push("to_");
        self.push(function);
        self.push("s(CAST(");
        self.expression(value)?;
        self.push(" AS INTEGER))");
        Ok(())
    }

    /// Writes a type, of those that columns and answers have.
    pub(super) fn kind(&mut self, kind: &DataType) -> Result<(), Refused> {
        let plain = match kind {
            DataType::Boolean | DataType::Bool => "BOOLEAN",
            DataType::Int(None)
            | DataType::Integer(None)
            | DataType::Int32
            | DataType::Int4(None)
            | DataType::SmallInt(None)
            | DataType::TinyInt(None) => "INTEGER",
            DataType::BigInt(None) | DataType::Int64 | DataType::Int8(None) => "BIGINT",
            DataType::Float(ExactNumberInfo::None)
            | DataType::Float64
            | DataType::Float8
            | DataType::Float4
            | DataType::Real
            | DataType::Double(ExactNumberInfo::None)
            | DataType::DoublePrecision => "DOUBLE",
            DataType::Varchar(None)
            | DataType::Text
            | DataType::String(None)
            | DataType::Char(None)
            | DataType::Character(None)
            | DataType::CharacterVarying(None) => "VARCHAR",
            DataType::Date => "DATE",
            DataType::Time(None, sqlparser::ast::TimezoneInfo::None) => "TIME",
            DataType::Timestamp(None, sqlparser::ast::TimezoneInfo::None) | DataType::Datetime(None) => {
                "TIMESTAMP"
            }
            DataType::Uuid => "UUID",
            DataType::Interval { fields: None, precision: None } => "INTERVAL",
            DataType::Decimal(info) | DataType::Numeric(info) | DataType::Dec(info) => {
                return self.decimal(info);
            }
            _ => return Err(not_allowed(&format!("the type `{kind}`"))),
        };
        self.push(plain);
        Ok(())
    }

    fn decimal(&mut self, info: &ExactNumberInfo) -> Result<(), Refused> {
        match info {
            ExactNumberInfo::None => self.push("DECIMAL(18, 3)"),
            ExactNumberInfo::Precision(precision) => self.push(&format!("DECIMAL({precision})")),
            ExactNumberInfo::PrecisionAndScale(precision, scale) => {
                self.push(&format!("DECIMAL({precision}, {scale})"));
            }
        }
        Ok(())
    }

    /// Writes an instant.
    pub(super) fn instant(&mut self, at: Timestamp) {
        self.push(&format!("make_timestamp({})", at.as_unix_micros()));
    }
}

/// Returns the unit of time that a field names, in the singular.
pub(super) fn unit(field: &DateTimeField) -> Option<&'static str> {
    Some(match field {
        DateTimeField::Year | DateTimeField::Years => "year",
        DateTimeField::Quarter => "quarter",
        DateTimeField::Month | DateTimeField::Months => "month",
        DateTimeField::Week(None) | DateTimeField::Weeks => "week",
        DateTimeField::Day | DateTimeField::Days => "day",
        DateTimeField::Hour | DateTimeField::Hours => "hour",
        DateTimeField::Minute | DateTimeField::Minutes => "minute",
        DateTimeField::Second | DateTimeField::Seconds => "second",
        DateTimeField::Millisecond | DateTimeField::Milliseconds => "millisecond",
        DateTimeField::Microsecond | DateTimeField::Microseconds => "microsecond",
        _ => return None,
    })
}

/// Returns the part of an instant that a field names, for `EXTRACT`.
pub(super) fn part(field: &DateTimeField) -> Option<&'static str> {
    Some(match field {
        DateTimeField::Dow | DateTimeField::DayOfWeek => "dow",
        DateTimeField::Isodow => "isodow",
        DateTimeField::Doy | DateTimeField::DayOfYear => "doy",
        DateTimeField::Epoch => "epoch",
        DateTimeField::Isoyear => "isoyear",
        field => return unit(field),
    })
}
