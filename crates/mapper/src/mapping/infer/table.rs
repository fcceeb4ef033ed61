//! Bodies as a table: a column for each place, with what stands there in each body.
//!
//! Elements of an array that say what they are (`{"type": "text", …}`, `{"metric": "in", …}`) have columns of
//! their own, besides those of all elements together.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{Concept, likeness};
use crate::mapping::path::{Path, Segment};
use crate::mapping::shape::{is_data, ratio};
use crate::mapping::tree::Node;

/// How many kinds of elements an array may have.
const MOST_KINDS: usize = 16;
/// How long the name of a kind may be, in bytes.
const MOST_KIND_BYTES: usize = 48;
/// How many arrays inside each other have columns for their kinds.
const MOST_SELECTORS: usize = 2;

/// What stands at one place, by body, in document order.
pub(super) type Column<'a> = Vec<(usize, &'a Node)>;

/// The columns of bodies.
#[derive(Debug, Default)]
pub(super) struct Table<'a> {
    /// How many bodies there are.
    pub(super) rows: usize,
    /// The columns.
    pub(super) columns: BTreeMap<Path, Column<'a>>,
    kinds: BTreeMap<Vec<Segment>, String>,
}

/// What is known of the strings that the elements of one array have at one name.
#[derive(Debug, Default)]
struct Names {
    seen: usize,
    values: BTreeSet<String>,
    is_unfit: bool,
}

#[derive(Debug, Default)]
struct Arrays {
    elements: BTreeMap<Vec<Segment>, usize>,
    names: BTreeMap<Vec<Segment>, BTreeMap<String, Names>>,
}

impl<'a> Table<'a> {
    pub(super) fn of(bodies: &[&'a Node]) -> Self {
        let mut arrays = Arrays::default();
        bodies.iter().for_each(|body| arrays.look(body, &mut Vec::new()));
        let mut table = Self { rows: bodies.len(), columns: BTreeMap::new(), kinds: arrays.kinds() };
        for (row, body) in bodies.iter().enumerate() {
            table.add(row, body, &mut Place::default());
        }
        table
    }

    fn add(&mut self, row: usize, node: &'a Node, place: &mut Place) {
        match node {
            Node::List(elements) if !elements.is_empty() => {
                let kind = self.kinds.get(&place.plain).cloned().filter(|_| place.selectors < MOST_SELECTORS);
                for element in elements {
                    let value = kind.as_ref().and_then(|key| Some((key, element.member(key)?.text()?)));
                    if let Some((key, value)) = value {
                        let selector = Segment::Where { key: key.clone(), value: value.to_owned() };
                        place.selectors += 1;
                        place.below(selector, Segment::Each, &mut |place| self.add(row, element, place));
                        place.selectors -= 1;
                    }
                    place.below(Segment::Each, Segment::Each, &mut |place| self.add(row, element, place));
                }
            }
            Node::Object(members) if !members.is_empty() => {
                let is_table = members.len() > 32 || members.iter().all(|(key, _)| is_data(key));
                for (key, member) in members {
                    let segment = if is_table { Segment::Each } else { Segment::Key(key.clone()) };
                    place.below(segment.clone(), segment, &mut |place| self.add(row, member, place));
                }
            }
            leaf => match self.columns.get_mut(place.at.as_slice()) {
                Some(column) => column.push((row, leaf)),
                None => drop(self.columns.insert(Path::new(place.at.clone()), vec![(row, leaf)])),
            },
        }
    }
}

/// Where a walk is: with selectors, and as if there were none.
#[derive(Debug, Default)]
struct Place {
    at: Vec<Segment>,
    plain: Vec<Segment>,
    selectors: usize,
}

impl Place {
    fn below(&mut self, segment: Segment, plain: Segment, walk: &mut dyn FnMut(&mut Self)) {
        self.at.push(segment);
        self.plain.push(plain);
        walk(self);
        self.at.pop();
        self.plain.pop();
    }
}

impl Arrays {
    fn look(&mut self, node: &Node, place: &mut Vec<Segment>) {
        match node {
            Node::List(elements) => {
                *self.elements.entry(place.clone()).or_default() += elements.len();
                for element in elements {
                    self.name(element, place);
                    place.push(Segment::Each);
                    self.look(element, place);
                    place.pop();
                }
            }
            Node::Object(members) => {
                let is_table = members.len() > 32 || members.iter().all(|(key, _)| is_data(key));
                for (key, member) in members {
                    place.push(if is_table { Segment::Each } else { Segment::Key(key.clone()) });
                    self.look(member, place);
                    place.pop();
                }
            }
            _ => {}
        }
    }

    /// Notes the strings of one element of the array at `place`.
    fn name(&mut self, element: &Node, place: &[Segment]) {
        let Node::Object(members) = element else { return };
        let names = self.names.entry(place.to_vec()).or_default();
        for (key, member) in members {
            let Some(text) = member.text() else { continue };
            let name = names.entry(key.clone()).or_default();
            name.seen += 1;
            name.is_unfit |= text.is_empty()
                || text.len() > MOST_KIND_BYTES
                || text.split_whitespace().count() > 3
                || name.values.len() > MOST_KINDS;
            if !name.is_unfit {
                name.values.insert(text.to_owned());
            }
        }
    }

    /// Returns the name by which the elements of each array are told apart, of those that have one.
    fn kinds(self) -> BTreeMap<Vec<Segment>, String> {
        let mut kinds = BTreeMap::new();
        for (place, names) in self.names {
            let elements = self.elements.get(&place).copied().unwrap_or(0);
            let fit = names.into_iter().filter_map(|(key, name)| Some((rank(&key, &name, elements)?, key)));
            // Of several the one that tells most apart, then the first in the alphabet.
            let best = fit.max_by(|(one, first), (other, second)| one.cmp(other).then(second.cmp(first)));
            kinds.extend(best.map(|(_, key)| (place, key)));
        }
        kinds
    }
}

/// Returns how well a member tells the kinds of elements apart, if it does.
fn rank(key: &str, name: &Names, elements: usize) -> Option<(bool, usize)> {
    let kinds = name.values.len();
    let is_named = likeness(Concept::Kind, key) >= 0.9;
    let is_everywhere = ratio(name.seen, elements) >= 0.9;
    let recurs = elements >= kinds * 3;
    let is_kind = !name.is_unfit && is_everywhere && recurs && kinds <= MOST_KINDS && (kinds > 1 || is_named);
    is_kind.then_some((is_named || kinds > 1, kinds))
}
