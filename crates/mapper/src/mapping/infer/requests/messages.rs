//! Messages: an array of objects that have something to read and, mostly, somebody who says it.

use std::collections::{BTreeMap, BTreeSet};

use super::{is_of_tools, sorted, texts};
use crate::mapping::document::MessagesMapping;
use crate::mapping::infer::corpus::is_binary;
use crate::mapping::infer::statistics::{number, share};
use crate::mapping::infer::table::{Column, Table};
use crate::mapping::infer::texts::{is_data, is_prose};
use crate::mapping::infer::words::lists::ROLES;
use crate::mapping::infer::words::{Concept, keys, leaf, likeness, tokens};
use crate::mapping::infer::{Candidate, Mapping};
use crate::mapping::path::{Path, Segment};

/// What a candidate needs to be shown.
const SHOWN: f64 = 0.45;

/// Below one array of objects: the columns of strings, by their place below an element.
type Members<'t, 'a> = BTreeMap<Path, &'t Column<'a>>;

/// Returns the candidates for the messages, the best first.
pub(in crate::mapping::infer) fn messages(table: &Table<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (each, members) in arrays(table) {
        candidates.extend(judge(&each, &members, table.rows).filter(|candidate| candidate.score >= SHOWN));
    }
    sorted(candidates)
}

/// Returns every array that is in no other one, with the strings of its elements.
fn arrays<'t, 'a>(table: &'t Table<'a>) -> BTreeMap<Path, Members<'t, 'a>> {
    let mut arrays: BTreeMap<Path, Members<'t, 'a>> = BTreeMap::new();
    for (path, column) in &table.columns {
        let Some(at) = path.segments().iter().position(|segment| *segment == Segment::Each) else { continue };
        let selected =
            path.segments().iter().take(at).any(|segment| matches!(segment, Segment::Where { .. }));
        let Some((each, below)) = path.segments().split_at_checked(at + 1) else { continue };
        if selected || below.is_empty() || !column.iter().any(|(_, node)| node.text().is_some()) {
            continue;
        }
        arrays.entry(Path::new(each.to_vec())).or_default().insert(Path::new(below.to_vec()), column);
    }
    arrays
}

fn judge(each: &Path, members: &Members<'_, '_>, rows: usize) -> Option<Candidate> {
    let role = role(members);
    let role_path = role.as_ref().map(|(path, _)| path.clone());
    let (content, likest) = content(members, role_path.as_ref())?;
    let all: Vec<&str> =
        content.iter().filter_map(|path| members.get(path)).flat_map(|column| texts(column)).collect();
    let present: BTreeSet<usize> = content
        .iter()
        .filter_map(|path| members.get(path))
        .flat_map(|column| column.iter().map(|(row, _)| *row))
        .collect();
    let presence = number(present.len()) / number(rows.max(1));
    let different: BTreeSet<&&str> = all.iter().collect();
    let distinct = number(different.len()) / number(all.len().max(1));
    let role_hit = role.as_ref().map_or(0.0, |(_, hit)| *hit);
    let above = each.parent();
    let array = leaf(&above);
    let mut reasons = Vec::new();
    let mut score =
        0.45 * role_hit + 0.25 * likeness(Concept::Messages, array) + 0.20 * likest + 0.10 * presence;
    if role_hit >= 0.5 {
        reasons.push("its elements say who speaks".to_owned());
    }
    let is_to_be_read = share(&all, |text| is_prose(text)) >= 0.5 && distinct >= 0.3;
    if is_to_be_read {
        score += 0.15;
        reasons.push("its elements have something to read that differs".to_owned());
    } else {
        score -= 0.20;
    }
    if is_of_tools(each) || distinct < 0.15 {
        score -= 0.40;
    }
    let mapping = MessagesMapping {
        each: each.clone(),
        roles: role_path
            .as_ref()
            .and_then(|path| members.get(path))
            .map(|column| roles(column))
            .unwrap_or_default(),
        role: role_path,
        content,
        attachments: attachments(members),
    };
    Some(Candidate {
        mapping: Mapping::Messages(mapping),
        score: score.clamp(0.0, 1.0),
        reasons,
        examples: Vec::new(),
    })
}

/// Returns who speaks, and how many of the words for that are known.
fn role(members: &Members<'_, '_>) -> Option<(Path, f64)> {
    let mut best: Option<(Path, f64)> = None;
    for (path, column) in members.iter().filter(|(path, _)| path.segments().len() == 1) {
        let values = texts(column);
        let different: BTreeSet<&&str> = values.iter().collect();
        let is_short =
            values.iter().all(|value| value.chars().count() <= 24 && !value.contains(char::is_whitespace));
        if values.is_empty() || !is_short || different.len() > 8 {
            continue;
        }
        let known = share(&values, |value| our_role(value).is_some());
        let name = likeness(Concept::Role, leaf(path));
        let hit = if known >= 0.8 { known } else { 0.5 * name };
        let is_kind = likeness(Concept::Kind, leaf(path)) >= 0.9 && name < 0.9 && known < 0.8;
        if hit > best.as_ref().map_or(0.3, |(_, hit)| *hit) && !is_kind {
            best = Some((path.clone(), hit));
        }
    }
    best
}

/// Returns our word for a role.
pub(super) fn our_role(value: &str) -> Option<&'static str> {
    let word = tokens(value).concat();
    ROLES.iter().find(|(theirs, _)| *theirs == word).map(|(_, ours)| *ours)
}

/// Returns our words for all roles that were seen; a word that is not known stands for itself.
pub(in crate::mapping::infer) fn roles(column: &Column<'_>) -> BTreeMap<String, String> {
    let words = texts(column).into_iter();
    words.map(|word| (word.to_owned(), our_role(word).unwrap_or(word).to_owned())).collect()
}

/// Returns the places of what is said, below one member, and how much its name speaks for it.
fn content(members: &Members<'_, '_>, role: Option<&Path>) -> Option<(Vec<Path>, f64)> {
    let mut groups: BTreeMap<&Segment, Vec<&Path>> = BTreeMap::new();
    for path in members.keys().filter(|path| Some(*path) != role) {
        if let Some(first) = path.segments().first() {
            groups.entry(first).or_default().push(path);
        }
    }
    let mut best: Option<(f64, Vec<Path>, f64)> = None;
    for paths in groups.values() {
        let read: Vec<Path> =
            paths.iter().filter(|path| is_read(path, members)).map(|path| (*path).clone()).collect();
        if read.is_empty() {
            continue;
        }
        let all: Vec<&str> =
            read.iter().filter_map(|path| members.get(path)).flat_map(|column| texts(column)).collect();
        let name = read.iter().flat_map(keys).map(content_name).fold(0.0, f64::max);
        let letters = all.iter().map(|text| text.chars().count()).sum::<usize>();
        let length = (number(letters) / number(all.len().max(1)) / 40.0).min(1.0);
        let rank = name + share(&all, |text| is_prose(text)) + length;
        if best.as_ref().is_none_or(|(before, ..)| rank > *before) {
            best = Some((rank, read, name));
        }
    }
    best.map(|(_, read, name)| (read, name))
}

fn content_name(key: &str) -> f64 {
    likeness(Concept::Text, key).max(likeness(Concept::Prompt, key))
}

/// Whether a place below a message has something to read: the text itself, not what kind of part it is in.
fn is_read(path: &Path, members: &Members<'_, '_>) -> bool {
    let selected = path.segments().iter().any(|segment| matches!(segment, Segment::Where { .. }));
    let of_tools = is_of_tools(path);
    let Some(column) = members.get(path).filter(|_| !selected && !of_tools) else { return false };
    let all = texts(column);
    let different: BTreeSet<&&str> = all.iter().collect();
    let is_kind = all.len() > 3 && different.len() * 3 < all.len() && all.iter().all(|text| text.len() <= 24);
    let is_file = share(&all, |text| is_data(text) || is_binary(text)) >= 0.5;
    let name = likeness(Concept::Bookkeeping, leaf(path));
    !all.is_empty() && !is_kind && !is_file && name < 1.0
}

/// Returns the places of images and files below a message.
fn attachments(members: &Members<'_, '_>) -> Vec<Path> {
    let is_file = |text: &&str| {
        let is_image =
            [".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf"].iter().any(|end| text.ends_with(end));
        is_binary(text) || (text.contains("://") && is_image)
    };
    let has_selector =
        |path: &Path| path.segments().iter().any(|segment| matches!(segment, Segment::Where { .. }));
    let files =
        members.iter().filter(|(path, column)| !has_selector(path) && share(&texts(column), is_file) >= 0.5);
    files.filter(|(_, column)| !texts(column).is_empty()).map(|(path, _)| path.clone()).collect()
}
