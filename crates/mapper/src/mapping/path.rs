//! Where something stands in JSON: RFC 6901 pointers, extended with `*` and `[key=value]`.
//!
//! `/a/0/b` is a pointer as RFC 6901 has it. The segment `*` means every element of an array, or every member
//! of an object; `[key=value]` means every element of an array whose member `key` is the string `value`.
//! Keys that look like these are written `~2` for a lone `*`, `~3` for a leading `[` and `~4` for an `=` in the key of a selector.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::tree::{MAX_DEPTH, Node};

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A member of an object or, if it is a number, an element of an array.
    Key(String),
    /// Every element of an array, or every member of an object.
    Each,
    /// Every element of an array whose member is this string.
    Where {
        /// The name of the member.
        key: String,
        /// What it is.
        value: String,
    },
}

/// A place in JSON, or several.
///
/// # Invariants
/// It has at most [`MAX_DEPTH`] segments.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Segment>);

/// Why a text is no [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// A pointer is empty or begins with a slash.
    #[error("pointer `{0}` does not begin with `/`")]
    NoSlash(String),
    /// A tilde is followed by a digit from `0` to `4`.
    #[error("pointer `{0}` has a `~` that is not followed by a digit from 0 to 4")]
    BadEscape(String),
    /// A selector has the form `[key=value]`.
    #[error("pointer `{0}` has a selector that is not of the form `[key=value]`")]
    BadSelector(String),
    /// A pointer is longer than what is read is deep.
    #[error("pointer `{0}` has more than {MAX_DEPTH} segments")]
    TooDeep(String),
}

impl Path {
    /// Returns the path of these segments; what is below the deepest place that is read is cut.
    pub fn new(mut segments: Vec<Segment>) -> Self {
        segments.truncate(MAX_DEPTH);
        Self(segments)
    }

    /// Parses the pointer.
    ///
    /// # Errors
    /// Returns a [`PathError`] that names the pointer.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let inner = text.strip_prefix('/').ok_or_else(|| PathError::NoSlash(text.to_owned()))?;
        let segments: Vec<Segment> =
            inner.split('/').map(|part| segment(part, text)).collect::<Result<_, _>>()?;
        if segments.len() > MAX_DEPTH {
            return Err(PathError::TooDeep(text.to_owned()));
        }
        Ok(Self(segments))
    }

    /// Returns the steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Returns the path of something below this.
    pub fn joined(&self, below: &Self) -> Self {
        Self::new(self.0.iter().chain(&below.0).cloned().collect())
    }

    /// Returns the path without its last segment.
    pub fn parent(&self) -> Self {
        Self(self.0.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default())
    }

    /// Hands every node that the path leads to, in document order, to `each`.
    pub fn visit<'a>(&self, root: &'a Node, each: &mut dyn FnMut(&'a Node)) {
        visit(&self.0, root, each);
    }

    /// Returns every node that the path leads to, in document order.
    pub fn all<'a>(&self, root: &'a Node) -> Vec<&'a Node> {
        let mut found = Vec::new();
        self.visit(root, &mut |node| found.push(node));
        found
    }

    /// Returns the first node that the path leads to.
    pub fn first<'a>(&self, root: &'a Node) -> Option<&'a Node> {
        let mut found = None;
        self.visit(root, &mut |node| found = found.or(Some(node)));
        found
    }

    /// Returns the same place in JSONPath's notation.
    pub fn to_json_path(&self) -> String {
        let mut text = "$".to_owned();
        for segment in &self.0 {
            match segment {
                Segment::Each => text.push_str("[*]"),
                Segment::Key(key) if key.bytes().all(|byte| byte.is_ascii_digit()) && !key.is_empty() => {
                    text.push_str(&format!("[{key}]"));
                }
                Segment::Key(key) => text.push_str(&format!("[{}]", quoted(key))),
                Segment::Where { key, value } => {
                    text.push_str(&format!("[?(@[{}]=={})]", quoted(key), quoted(value)));
                }
            }
        }
        text
    }
}

fn visit<'a>(segments: &[Segment], node: &'a Node, each: &mut dyn FnMut(&'a Node)) {
    let Some((segment, rest)) = segments.split_first() else {
        each(node);
        return;
    };
    match (segment, node) {
        (Segment::Key(key), Node::List(elements)) => {
            if let Some(element) = key.parse::<usize>().ok().and_then(|at| elements.get(at)) {
                visit(rest, element, each);
            }
        }
        (Segment::Key(key), node) => {
            if let Some(member) = node.member(key) {
                visit(rest, member, each);
            }
        }
        (Segment::Each, Node::List(elements)) => {
            elements.iter().for_each(|element| visit(rest, element, each));
        }
        (Segment::Each, Node::Object(members)) => {
            members.iter().for_each(|(_, member)| visit(rest, member, each));
        }
        (Segment::Where { key, value }, Node::List(elements)) => elements
            .iter()
            .filter(|element| element.member(key).and_then(Node::text) == Some(value))
            .for_each(|element| visit(rest, element, each)),
        _ => {}
    }
}

fn segment(part: &str, pointer: &str) -> Result<Segment, PathError> {
    if part == "*" {
        return Ok(Segment::Each);
    }
    let Some(selector) = part.strip_prefix('[') else {
        return Ok(Segment::Key(unescaped(part, pointer)?));
    };
    let (key, value) = selector
        .strip_suffix(']')
        .and_then(|inner| inner.split_once('='))
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| PathError::BadSelector(pointer.to_owned()))?;
    Ok(Segment::Where { key: unescaped(key, pointer)?, value: unescaped(value, pointer)? })
}

fn unescaped(part: &str, pointer: &str) -> Result<String, PathError> {
    let mut text = String::with_capacity(part.len());
    let mut letters = part.chars();
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '~' => match letters.next() {
                Some('0') => '~',
                Some('1') => '/',
                Some('2') => '*',
                Some('3') => '[',
                Some('4') => '=',
                _ => return Err(PathError::BadEscape(pointer.to_owned())),
            },
            letter => letter,
        });
    }
    Ok(text)
}

fn escaped(key: &str) -> String {
    let text = key.replace('~', "~0").replace('/', "~1");
    match text.strip_prefix('[') {
        Some(rest) => format!("~3{rest}"),
        None if text == "*" => "~2".to_owned(),
        None => text,
    }
}

/// Writes a string as JSON has it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Borrow<[Segment]> for Path {
    fn borrow(&self) -> &[Segment] {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Each => f.write_str("/*"),
            Segment::Key(key) => write!(f, "/{}", escaped(key)),
            Segment::Where { key, value } => {
                write!(f, "/[{}={}]", escaped(key).replace('=', "~4"), escaped(value))
            }
        })
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
