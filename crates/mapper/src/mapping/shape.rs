//! The shape of bodies: which places they have and of which type, whatever stands there.

use std::collections::{BTreeMap, BTreeSet};

use gatehouse_wire::BodyView;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::pieces::{Answer, ArrayIs, answer_of};
use super::tree::Node;

/// How many members of an object, over all bodies that are looked at, still look like a schema.
const MAX_MEMBERS: usize = 32;
/// From which similarity on two shapes are of one API.
pub const SAME_API: f64 = 0.7;

/// The identity of a shape: the beginning of the SHA-256 of its places, as hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Returns the digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The type of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeafType {
    /// `null`.
    Null,
    /// A boolean.
    Bool,
    /// A number.
    Number,
    /// A string.
    Text,
    /// An array without elements.
    EmptyList,
    /// An object without members.
    EmptyObject,
}

/// The places of a body and the types of what stands there; elements of arrays are `*`, keys that are data `{}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shape(BTreeSet<(String, LeafType)>);

/// Returns the shape of a body.
pub fn shape_of(node: &Node) -> Shape {
    let mut shape = Shape::default();
    shape.add(node);
    shape
}

/// Returns the shape of an answer, all pieces of a stream together, and whether it is a stream; `None` when it
/// can't be read.
pub fn answer_shape(body: &BodyView<'_>, array_is: ArrayIs) -> Option<(Shape, bool)> {
    match answer_of(body, array_is)? {
        Answer::Whole(node) => Some((shape_of(&node), false)),
        Answer::Streamed(_, stream) => {
            let mut shape = Shape::default();
            stream.pieces.iter().for_each(|piece| shape.add(&piece.node));
            Some((shape, true))
        }
    }
}

impl Shape {
    /// Returns the places that at least half of these shapes have.
    pub fn typical(shapes: &[Self]) -> Self {
        let mut seen: BTreeMap<&(String, LeafType), usize> = BTreeMap::new();
        shapes.iter().flat_map(|shape| &shape.0).for_each(|place| *seen.entry(place).or_default() += 1);
        let usual = seen.into_iter().filter(|(_, count)| count * 2 >= shapes.len());
        Self(usual.map(|(place, _)| place.clone()).collect())
    }

    /// Adds the places of another piece of the same body.
    pub fn add(&mut self, node: &Node) {
        let mut place = String::new();
        flatten(node, &mut place, &mut self.0);
    }

    /// Returns whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the places.
    pub fn places(&self) -> impl Iterator<Item = (&str, LeafType)> {
        self.0.iter().map(|(place, kind)| (place.as_str(), *kind))
    }

    /// Returns the identity of the shape.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        for (place, kind) in &self.0 {
            hash.update(place.as_bytes());
            hash.update([0, *kind as u8, b'\n']);
        }
        let digits = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Fingerprint(digits)
    }

    /// Returns how much of two shapes is in both, of what is in either: 0 to 1. A place that may be `null` is one
    /// place.
    pub fn similarity(&self, other: &Self) -> f64 {
        let places = |shape: &Self| shape.0.iter().map(|(place, _)| place.clone()).collect::<BTreeSet<_>>();
        let (one, other) = (places(self), places(other));
        let both = one.intersection(&other).count();
        let either = one.len() + other.len() - both;
        if either == 0 { 1.0 } else { ratio(both, either) }
    }
}

/// Returns the groups of shapes that are similar enough to be of one API, each as the places of its members in
/// `shapes`; the groups are the same whatever the order of the shapes.
pub fn clusters(shapes: &[Shape]) -> Vec<Vec<usize>> {
    let mut of_shape: BTreeMap<&Shape, Vec<usize>> = BTreeMap::new();
    for (at, shape) in shapes.iter().enumerate() {
        of_shape.entry(shape).or_default().push(at);
    }
    let mut groups: Vec<(Vec<&Shape>, Vec<usize>)> = Vec::new();
    for (shape, members) in of_shape {
        let is_near = |group: &(Vec<&Shape>, Vec<usize>)| {
            group.0.iter().any(|other| shape.similarity(other) >= SAME_API)
        };
        let (near, mut far): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_near);
        let mut merged = (vec![shape], members);
        for (others, more) in near {
            merged.0.extend(others);
            merged.1.extend(more);
        }
        far.push(merged);
        groups = far;
    }
    let mut found: Vec<Vec<usize>> = groups.into_iter().map(|(_, members)| members).collect();
    found.iter_mut().for_each(|members| members.sort_unstable());
    found.sort();
    found
}

/// Returns the path of a call with `:p` for every segment that differs from call to call.
pub fn path_template(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut before = "";
    let mut template = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        template.push('/');
        template.push_str(if is_variable(before, segment) { ":p" } else { segment });
        before = segment;
    }
    if template.is_empty() { "/".to_owned() } else { template }
}

/// What is followed by the name of a model, a deployment or an account.
const NAMED: [&str; 12] = [
    "models",
    "model",
    "engines",
    "engine",
    "deployments",
    "deployment",
    "accounts",
    "projects",
    "workspaces",
    "tenants",
    "endpoints",
    "organizations",
];

fn is_variable(before: &str, segment: &str) -> bool {
    NAMED.contains(&before) || is_data(segment)
}

/// Returns whether a key or a segment is data: a number, a UUID, a long id; not a word.
pub fn is_data(key: &str) -> bool {
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits == key.len() && !key.is_empty();
    let hexadecimal = key.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_uuid = hexadecimal && key.len() >= 12 && digits >= 3;
    let body = key.rsplit(['_', '-']).next().unwrap_or_default();
    let body_digits = body.bytes().filter(u8::is_ascii_digit).count();
    let body_letters = body.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_id = body.len() >= 10
        && body_digits >= 3
        && body_letters >= 3
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_number || is_uuid || is_id
}

fn flatten(node: &Node, place: &mut String, places: &mut BTreeSet<(String, LeafType)>) {
    let kind = match node {
        Node::List(elements) if !elements.is_empty() => {
            let length = place.len();
            place.push_str("/*");
            elements.iter().for_each(|element| flatten(element, place, places));
            place.truncate(length);
            return;
        }
        Node::Object(members) if !members.is_empty() => {
            flatten_members(members, place, places);
            return;
        }
        Node::Null => LeafType::Null,
        Node::Bool(_) => LeafType::Bool,
        Node::Integer(_) | Node::Number(_) => LeafType::Number,
        Node::Text(_) => LeafType::Text,
        Node::List(_) => LeafType::EmptyList,
        Node::Object(_) => LeafType::EmptyObject,
    };
    places.insert((place.clone(), kind));
}

fn flatten_members(
    members: &[(String, Node)],
    place: &mut String,
    places: &mut BTreeSet<(String, LeafType)>,
) {
    if is_schema(members) {
        // What tools are declared like is theirs, not the API's.
        places.insert((place.clone(), LeafType::EmptyObject));
        return;
    }
    let is_table = members.len() > MAX_MEMBERS || members.iter().all(|(key, _)| is_data(key));
    for (key, node) in members {
        let length = place.len();
        place.push('/');
        place.push_str(if is_table || is_data(key) { "{}" } else { key });
        if is_arguments(key) && matches!(node, Node::Object(_)) {
            places.insert((place.clone(), LeafType::EmptyObject));
        } else {
            flatten(node, place, places);
        }
        place.truncate(length);
    }
}

/// Whether an object is a JSON schema.
fn is_schema(members: &[(String, Node)]) -> bool {
    let has = |name: &str| members.iter().find(|(key, _)| key == name).map(|(_, node)| node);
    has("type").and_then(Node::text) == Some("object") && matches!(has("properties"), Some(Node::Object(_)))
}

fn is_arguments(key: &str) -> bool {
    ["arguments", "args", "tool_input", "parameters"].contains(&key)
}

/// Returns a part of a whole, 0 of nothing.
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

#[cfg(test)]
mod tests;
