//! The counts of a call that have no column of their own, as one column of JSON.
//!
//! Few calls have any, and none has many: columns for all of them would make every row pay.

use gatehouse_types::{UnitKind, Usage};
use serde_json::{Map, Value};

use super::engine::Error;

/// The classes that have a column.
const COLUMNS: [UnitKind; 7] = [
    UnitKind::Input,
    UnitKind::Output,
    UnitKind::CacheRead,
    UnitKind::CacheWrite,
    UnitKind::InputAudio,
    UnitKind::OutputAudio,
    UnitKind::Reasoning,
];
const NAME: &str = "usage_details";

/// Returns the column: null when every count that is known has a column of its own.
pub(super) fn usage_details(usage: &Usage) -> Result<Option<String>, Error> {
    let rare = UnitKind::ALL.into_iter().filter(|kind| !COLUMNS.contains(kind));
    let counts = rare.filter_map(|kind| Some((kind.as_str().to_owned(), Value::from(usage.count(kind)?))));
    let counts: Map<String, Value> = counts.collect();
    if counts.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::to_string(&counts)?))
}

/// Puts the counts of the column into `usage`.
pub(super) fn read_into(usage: &mut Usage, column: Option<&str>) -> Result<(), Error> {
    let Some(text) = column else { return Ok(()) };
    let broken = || Error::Value { column: NAME };
    let counts: Map<String, Value> = serde_json::from_str(text).map_err(|_| broken())?;
    for (name, count) in &counts {
        let kind = UnitKind::parse(name).ok_or_else(broken)?;
        *usage.count_mut(kind) = Some(count.as_u64().ok_or_else(broken)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_without_a_column_comes_back() {
        let mut usage = Usage::default();
        for (number, kind) in (1..).zip(UnitKind::ALL) {
            *usage.count_mut(kind) = Some(u64::MAX - number);
        }
        let column = usage_details(&usage).unwrap();
        let mut read = Usage::default();
        read_into(&mut read, column.as_deref()).unwrap();
        for kind in UnitKind::ALL {
            let expected = if COLUMNS.contains(&kind) { None } else { usage.count(kind) };
            assert_eq!(read.count(kind), expected, "{kind:?}");
        }
    }

    #[test]
    fn a_call_of_common_classes_has_no_details() {
        let mut usage = Usage { total: Some(1), ..Usage::default() };
        for kind in COLUMNS {
            *usage.count_mut(kind) = Some(0);
        }
        assert_eq!(usage_details(&usage).unwrap(), None);
    }

    #[test]
    fn what_is_no_class_is_not_passed_over() {
        for broken in ["{\"tokens\":1}", "{\"images\":-1}", "[]", ""] {
            assert!(read_into(&mut Usage::default(), Some(broken)).is_err(), "{broken}");
        }
    }
}
