//! JSON as JavaScript writes it: what `JSON.stringify(JSON.parse(text))` returns, byte for byte.
//!
//! Many receivers check a signature over what their framework has parsed and they write again, as Helicone's
//! own examples do. That works only if the body is already in the form in which JavaScript would write it.

use std::fmt::{self, Write as _};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How deep values may be nested; what is deeper stays the text that it was.
const DEEPEST: usize = 100;

/// Returns `text` as JavaScript would write it again; `None` when it is not JSON, or nested too deep.
pub(super) fn rewritten(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let value: &RawValue = serde_json::from_str(text).ok()?;
    write_value(value, DEEPEST, &mut out)?;
    Some(out)
}

/// Appends a text in quotes.
pub(super) fn write_text(text: &str, out: &mut String) {
    // Writing a text as JSON does not fail; both escape the same characters in the same way.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Appends a number in the shortest form that reads back the same (`Number.prototype.toString`); what is not
/// finite becomes `null`.
pub(super) fn write_number(value: f64, out: &mut String) {
    if !value.is_finite() {
        return out.push_str("null");
    }
    if value == 0.0 {
        return out.push('0');
    }
    if value < 0.0 {
        out.push('-');
    }
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or_default();
    write_digits(&digits, exponent.saturating_add(1), out);
}

/// Appends `0.digits × 10^point` by the rules of ECMA-262 §6.1.6.1.20.
fn write_digits(digits: &str, point: i32, out: &mut String) {
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let split = |at: i32| digits.split_at_checked(usize::try_from(at).unwrap_or_default());
    match point {
        1..=21 if count <= point => {
            out.push_str(digits);
            out.push_str(&zeros(point - count));
        }
        1..=21 => {
            let (whole, fraction) = split(point).unwrap_or((digits, ""));
            out.extend([whole, ".", fraction]);
        }
        -5..=0 => out.extend(["0.", &zeros(-point), digits]),
        _ => {
            let (first, rest) = split(1).unwrap_or((digits, ""));
            let dot = if rest.is_empty() { "" } else { "." };
            let sign = if point > 0 { "+" } else { "-" };
            out.extend([first, dot, rest, "e", sign]);
            out.push_str(&(point - 1).unsigned_abs().to_string());
        }
    }
}

fn write_value(value: &RawValue, depth: usize, out: &mut String) -> Option<()> {
    let text = value.get();
    match text.bytes().next()? {
        b'{' => write_object(text, depth.checked_sub(1)?, out)?,
        b'[' => write_array(text, depth.checked_sub(1)?, out)?,
        b'"' => write_text(&serde_json::from_str::<String>(text).ok()?, out),
        b'-' | b'0'..=b'9' => write_number(text.parse().ok()?, out),
        _ => out.push_str(text),
    }
    Some(())
}

fn write_array(text: &str, depth: usize, out: &mut String) -> Option<()> {
    let values: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    out.push('[');
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_value(value, depth, out)?;
    }
    out.push(']');
    Some(())
}

fn write_object(text: &str, depth: usize, out: &mut String) -> Option<()> {
    let Members(members) = serde_json::from_str(text).ok()?;
    out.push('{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(&name, out);
        out.push(':');
        write_value(value, depth, out)?;
    }
    out.push('}');
    Some(())
}

/// The members of an object in JavaScript's order: names that are indices by their number, then the others as
/// they first came; of members with one name the last value counts.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut places = std::collections::HashMap::new();
        let mut members: Vec<(String, &RawValue)> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            let place = *places.entry(name.clone()).or_insert(members.len());
            match members.get_mut(place) {
                Some(member) => member.1 = value,
                None => members.push((name, value)),
            }
        }
        members.sort_by_key(|(name, _)| index(name).map_or((1, 0), |index| (0, index)));
        Ok(Members(members))
    }
}

/// Returns the number of a name that is an array index: at most 2³²−2, written the plain way.
fn index(name: &str) -> Option<u32> {
    let number: u32 = name.parse().ok().filter(|number| *number < u32::MAX)?;
    let mut plain = String::new();
    write!(plain, "{number}").ok()?;
    (plain == name).then_some(number)
}

#[cfg(test)]
mod tests;
