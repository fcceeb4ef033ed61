//! Values of DuckDB as JSON.

use duckdb::types::{TimeUnit, Value as Stored};
use gatehouse_types::Timestamp;
use serde_json::{Map, Number, Value};

/// Returns a value as JSON: an integer beyond 64 bits is a text, and so is a time.
pub(super) fn json(value: Stored) -> Value {
    match value {
        Stored::Null => Value::Null,
        Stored::Boolean(value) => value.into(),
        Stored::TinyInt(value) => value.into(),
        Stored::SmallInt(value) => value.into(),
        Stored::Int(value) => value.into(),
        Stored::BigInt(value) => value.into(),
        Stored::UTinyInt(value) => value.into(),
        Stored::USmallInt(value) => value.into(),
        Stored::UInt(value) => value.into(),
        Stored::UBigInt(value) => value.into(),
        Stored::HugeInt(value) => i64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from),
        Stored::UHugeInt(value) => {
            u64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from)
        }
        Stored::Float(value) => number(value.into()),
        Stored::Double(value) => number(value),
        Stored::Decimal(value) => {
            let text = value.to_string();
            text.parse().map_or_else(|_| text.clone().into(), number)
        }
        Stored::Text(text) | Stored::Enum(text) => text.into(),
        Stored::Timestamp(unit, count) => instant(unit, count),
        Stored::Date32(days) => {
            let text =
                Timestamp::from_unix_micros(i64::from(days).saturating_mul(86_400_000_000)).to_string();
            text.split('T').next().unwrap_or_default().into()
        }
        Stored::Time64(unit, count) => time(micros(unit, count)).into(),
        Stored::Interval { months, days, nanos } => interval(months, days, nanos).into(),
        Stored::Blob(bytes) | Stored::Geometry(bytes) => {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
        }
        Stored::List(items) | Stored::Array(items) => items.into_iter().map(json).collect(),
        Stored::Struct(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), json(value.clone())));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Stored::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (text(json(key.clone())), json(value.clone())));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Stored::Union(inner) => json(*inner),
        other => format!("{other:?}").into(),
    }
}

/// What is no number, as the quotient of two zeros, is null.
fn number(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn micros(unit: TimeUnit, count: i64) -> i64 {
    match unit {
        TimeUnit::Second => count.saturating_mul(1_000_000),
        TimeUnit::Millisecond => count.saturating_mul(1000),
        TimeUnit::Microsecond => count,
        TimeUnit::Nanosecond => count / 1000,
    }
}

fn instant(unit: TimeUnit, count: i64) -> Value {
    Timestamp::from_unix_micros(micros(unit, count)).to_string().into()
}

fn time(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let (seconds, rest) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let rest = if rest == 0 { String::new() } else { format!(".{rest:06}") };
    format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{rest}")
}

fn interval(months: i32, days: i32, nanos: i64) -> String {
    let counts = [(months, "months"), (days, "days")];
    let mut parts: Vec<_> = counts
        .into_iter()
        .filter(|(count, _)| *count != 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if nanos != 0 || parts.is_empty() {
        parts.push(time(nanos / 1000));
    }
    parts.join(" ")
}
