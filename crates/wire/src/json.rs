//! The building blocks of lenient one-pass readers.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::preview::beginning;

/// A value of which only the simple forms matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Scalar<'a> {
    /// `null`, or no value.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer that is not negative.
    Unsigned(u64),
    /// A number that is written with a point or an exponent.
    Fraction(f64),
    /// A string.
    Text(Cow<'a, str>),
    /// A negative integer, an array or an object.
    Other,
}

impl<'a> Scalar<'a> {
    /// Returns the string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the string if there is anything in it, as an owned value.
    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text.into_owned()),
            _ => None,
        }
    }

    /// Returns the boolean.
    pub(crate) fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Unsigned(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(value).map_or(Scalar::Other, Scalar::Unsigned))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Fraction(value))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

/// Something that is filled from the members of a JSON object, or the elements of an array.
pub(crate) trait Shape<'de>: Default {
    /// Takes the value of member `key` from `map`; a member that doesn't matter is skipped with [`skip`].
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;

    /// Takes the next element of an array; returns `false` at its end. By default arrays say nothing.
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        Ok(seq.next_element::<IgnoredAny>()?.is_some())
    }

    /// Takes what is kept of a string that stands where the object could.
    fn text(&mut self, text: Cow<'de, str>) {
        drop(text);
    }

    /// Takes a number that stands where the object could. By default numbers say nothing.
    fn number(&mut self, _: &Scalar<'de>) {}

    /// Returns what is kept of such a string: its beginning, unless the shape wants more.
    fn kept(text: &str) -> &str {
        beginning(text)
    }
}

/// Skips the value of a member.
pub(crate) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// A value read by its [`Shape`]; the shape's default for `null`, numbers and booleans.
#[derive(Debug, Default)]
pub(crate) struct Shaped<S>(pub(crate) S);

impl<'de, S: Shape<'de>> Deserialize<'de> for Shaped<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor(S::default())).map(Shaped)
    }
}

struct ShapeVisitor<S>(S);

impl<'de, S: Shape<'de>> Visitor<'de> for ShapeVisitor<S> {
    type Value = S;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<S, E> {
        Ok(self.0)
    }
    fn visit_bool<E>(self, _: bool) -> Result<S, E> {
        Ok(self.0)
    }
    fn visit_u64<E>(mut self, value: u64) -> Result<S, E> {
        self.0.number(&Scalar::Unsigned(value));
        Ok(self.0)
    }
    fn visit_i64<E>(self, _: i64) -> Result<S, E> {
        Ok(self.0)
    }
    fn visit_f64<E>(mut self, value: f64) -> Result<S, E> {
        self.0.number(&Scalar::Fraction(value));
        Ok(self.0)
    }
    fn visit_borrowed_str<E>(mut self, value: &'de str) -> Result<S, E> {
        self.0.text(Cow::Borrowed(S::kept(value)));
        Ok(self.0)
    }
    fn visit_str<E>(mut self, value: &str) -> Result<S, E> {
        self.0.text(Cow::Owned(S::kept(value).to_owned()));
        Ok(self.0)
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<S, A::Error> {
        while self.0.element(&mut seq)? {}
        Ok(self.0)
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<S, A::Error> {
        while let Some(Scalar::Text(key)) = map.next_key()? {
            self.0.member(&key, &mut map)?;
        }
        Ok(self.0)
    }
}

/// Reads a whole body as an object of shape `S`; `None` when it is not valid JSON.
pub(crate) fn read<'de, S: Shape<'de>>(body: &'de [u8]) -> Option<S> {
    serde_json::from_slice::<Shaped<S>>(body).ok().map(|shaped| shaped.0)
}
