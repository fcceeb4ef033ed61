//! JSON as it came: members in their order, and no more values than a bound allows.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;

/// A value of JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Json {
    /// `null`, or a member that is not there.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object: its members in the order in which they were written.
    Object(Vec<(String, Json)>),
}

/// What [`Json::get`] finds where nothing is.
static NULL: Json = Json::Null;

impl Json {
    /// Reads a whole text of JSON; `None` when it is none, nests deeper than 128 levels, or has more values than
    /// `room` has left, which is less by what was read.
    pub(super) fn read(bytes: &[u8], room: &Cell<usize>) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let value = Seed(room).deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(value)
    }

    /// Returns a member of an object, the last one of that name; null if there is none.
    pub(super) fn get(&self, key: &str) -> &Self {
        let Self::Object(members) = self else { return &NULL };
        members.iter().rev().find(|(name, _)| name == key).map_or(&NULL, |(_, value)| value)
    }

    /// Returns the first of some members that is not null.
    pub(super) fn any(&self, keys: &[&str]) -> &Self {
        keys.iter().map(|key| self.get(key)).find(|value| !value.is_null()).unwrap_or(&NULL)
    }

    /// Returns whether an object has a member that is not null.
    pub(super) fn has(&self, key: &str) -> bool {
        !self.get(key).is_null()
    }

    /// Returns the elements of a list; none for anything else.
    pub(super) fn list(&self) -> &[Self] {
        if let Self::List(elements) = self { elements } else { &[] }
    }

    /// Returns the first element of a list; null if there is none.
    pub(super) fn first(&self) -> &Self {
        self.list().first().unwrap_or(&NULL)
    }

    /// Returns the members of an object; none for anything else.
    pub(super) fn members(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// Returns the text of a string.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Returns the text of a string that is not empty.
    pub(super) fn filled(&self) -> Option<&str> {
        self.text().filter(|text| !text.is_empty())
    }

    /// Returns the text of a string, owned.
    pub(super) fn owned(&self) -> Option<String> {
        self.filled().map(str::to_owned)
    }

    /// Returns a number that is whole and not negative.
    pub(super) fn count(&self) -> Option<u64> {
        if let Self::Number(number) = self { number.as_u64() } else { None }
    }

    /// Returns a number.
    pub(super) fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { number.as_f64() } else { None }
    }

    /// Returns a truth value.
    pub(super) fn bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// Returns whether nothing is in it: null, or an empty text, list or object.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(_) | Self::Number(_) => false,
            Self::Text(text) => text.is_empty(),
            Self::List(elements) => elements.is_empty(),
            Self::Object(members) => members.is_empty(),
        }
    }

    /// Returns the value in one line.
    pub(super) fn compact(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the value indented.
    pub(super) fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Returns a text as it is, and any other value in one line; `None` for null.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text.clone()),
            other => Some(other.compact()),
        }
    }

    /// Makes an object.
    pub(super) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Returns a member to be written; whatever was no object before becomes one.
    #[expect(clippy::indexing_slicing, reason = "the position was found in the list, or is its end")]
    pub(super) fn slot(&mut self, key: &str) -> &mut Self {
        if !self.is_object() {
            *self = Self::Object(Vec::new());
        }
        let Self::Object(members) = self else { return self };
        let at = members.iter().rposition(|(name, _)| name == key).unwrap_or_else(|| {
            members.push((key.to_owned(), Self::Null));
            members.len() - 1
        });
        &mut members[at].1
    }

    /// Writes a member, unless the value is null.
    pub(super) fn put(&mut self, key: &str, value: &Self) {
        if !value.is_null() {
            *self.slot(key) = value.clone();
        }
    }

    /// Adds text to the end of a text; whatever was none before becomes one.
    pub(super) fn append(&mut self, piece: &str) {
        match self {
            Self::Text(text) => text.push_str(piece),
            other => *other = Self::Text(piece.to_owned()),
        }
    }

    /// Adds an element to a list; whatever was none before becomes one.
    pub(super) fn push(&mut self, element: Self) {
        match self {
            Self::List(elements) => elements.push(element),
            other => *other = Self::List(vec![element]),
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(elements) => serializer.collect_seq(elements),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// Reads one value, as long as there is room for it.
#[derive(Clone, Copy)]
struct Seed<'r>(&'r Cell<usize>);

impl Seed<'_> {
    fn take<E: Error>(self) -> Result<(), E> {
        let left = self.0.get().checked_sub(1).ok_or_else(|| E::custom("too many values"))?;
        self.0.set(left);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        self.take()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element_seed(self)? {
            elements.push(element);
        }
        Ok(Json::List(elements))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((name, map.next_value_seed(self)?));
        }
        Ok(Json::Object(members))
    }
}
