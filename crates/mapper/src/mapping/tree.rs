//! JSON as mappings read it: a tree of bounded depth, size and number of leaves.
//!
//! A body over one of the bounds is not read at all, so that nothing is read from half of it; only what is
//! nested too deep is left out by itself.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// How deep a body is read.
pub const MAX_DEPTH: usize = 32;
/// How many leaves a body may have.
pub const MAX_LEAVES: usize = 5_000;
/// How many bytes a body, or a piece of a stream, may have.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// How many numbers of a list of numbers are kept, and counted as leaves: nobody maps the rest of a vector.
const MAX_NUMBERS: usize = 16;

/// A value of JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Node {
    /// `null`, or what is nested too deep.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number from 0 on.
    Integer(u64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Self>),
    /// An object, its members sorted by name.
    Object(Vec<(String, Self)>),
}

impl Node {
    /// Reads a body; `None` when it is no JSON or goes beyond a bound.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_BODY_BYTES {
            return None;
        }
        let leaves = Cell::new(0);
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let node = Seed { depth: 0, leaves: &leaves }.deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(node)
    }

    /// Returns the member of that name.
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        let at = members.binary_search_by(|(key, _)| key.as_str().cmp(name)).ok()?;
        members.get(at).map(|(_, node)| node)
    }

    /// Returns the string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the count: a whole number from 0 on, also if it is written as `7.0` or `"7"`.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Integer(count) => Some(*count),
            Self::Number(number) if *number >= 0.0 && *number < 9e15 && number.fract() == 0.0 => {
                format!("{number:.0}").parse().ok()
            }
            Self::Text(text) if text.len() <= 9 && is_canonical(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Returns the elements of the array.
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// Returns the same value for whoever knows nothing of mappings.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::from(*value),
            Self::Integer(value) => Value::from(*value),
            Self::Number(value) => Value::from(*value),
            Self::Text(text) => Value::from(text.as_str()),
            Self::List(elements) => elements.iter().map(Self::to_json).collect(),
            Self::Object(members) => {
                members.iter().map(|(key, node)| (key.clone(), node.to_json())).collect()
            }
        }
    }
}

/// Whether a text is a number as it is written when it counts something: without sign and leading zeros.
fn is_canonical(text: &str) -> bool {
    text == "0"
        || (text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() && !text.starts_with('0'))
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    depth: usize,
    leaves: &'a Cell<usize>,
}

impl Seed<'_> {
    fn leaf<E: Error>(self, node: Node) -> Result<Node, E> {
        self.leaves.set(self.leaves.get() + 1);
        if self.leaves.get() > MAX_LEAVES {
            return Err(E::custom("too many leaves"));
        }
        Ok(node)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        if self.depth > MAX_DEPTH {
            return deserializer.deserialize_any(IgnoredAny).and_then(|_| self.leaf(Node::Null));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.leaf(Node::Null)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        self.leaf(Node::Bool(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        self.leaf(Node::Integer(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        #[expect(clippy::cast_precision_loss, reason = "negative numbers are only told from counts")]
        self.leaf(u64::try_from(value).map_or(Node::Number(value as f64), Node::Integer))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        self.leaf(Node::Number(value))
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        self.leaf(Node::Text(value.to_owned()))
    }
    fn visit_string<E: Error>(self, value: String) -> Result<Node, E> {
        self.leaf(Node::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut elements = Vec::new();
        let below = Seed { depth: self.depth + 1, leaves: self.leaves };
        while let Some(node) = seq.next_element_seed(below)? {
            let is_number = matches!(node, Node::Integer(_) | Node::Number(_));
            if is_number && elements.len() >= MAX_NUMBERS {
                self.leaves.set(self.leaves.get().saturating_sub(1));
                continue;
            }
            elements.push(node);
        }
        if elements.is_empty() { self.leaf(Node::List(elements)) } else { Ok(Node::List(elements)) }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members: Vec<(String, Node)> = Vec::new();
        let below = Seed { depth: self.depth + 1, leaves: self.leaves };
        while let Some(key) = map.next_key::<String>()? {
            members.push((key, map.next_value_seed(below)?));
        }
        // Of members of one name the last counts, as in most readers of JSON.
        members.reverse();
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        members.dedup_by(|later, first| later.0 == first.0);
        if members.is_empty() { self.leaf(Node::Object(members)) } else { Ok(Node::Object(members)) }
    }
}

#[cfg(test)]
mod tests;
