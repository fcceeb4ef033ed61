//! Providers of the operator's own: tables in the form of the program's table of providers.

use std::collections::BTreeSet;

use gatehouse_wire::{FieldKind, Provider, ROW_FIELDS};

use crate::nearest::nearest;
use crate::raw::{Entry, Node, Raw, shown_text};
use crate::slot::Complaint;

/// Reads all providers, or complains about everything that is wrong with any of them.
pub(crate) fn read(items: &[Node]) -> Result<Vec<Provider>, Vec<Complaint>> {
    let (mut providers, mut complaints) = (Vec::new(), Vec::new());
    let mut taken = BTreeSet::new();
    for (item, number) in items.iter().zip(1..) {
        let complain =
            |(offset, message)| Complaint { offset, message: format!("entry {number}: {message}") };
        match read_row(item) {
            Ok(provider) => {
                let twice = claims(&provider).into_iter().filter(|claim| !taken.insert(claim.clone()));
                let problem = |claim| (item.offset, format!("{claim} is taken already; expected it once"));
                complaints.extend(twice.map(problem).map(complain));
                providers.push(provider);
            }
            Err(problems) => complaints.extend(problems.into_iter().map(complain)),
        }
    }
    if complaints.is_empty() { Ok(providers) } else { Err(complaints) }
}

/// Writes providers as the right side of an assignment.
pub(crate) fn written(providers: &[Provider]) -> String {
    let rows = providers.iter().map(|provider| {
        // A provider is made of strings, lists of strings and flags: all of it can be written.
        let table = toml::Table::try_from(provider).unwrap_or_default();
        let fields = ROW_FIELDS.iter().filter_map(|field| Some((field.name, table.get(field.name)?)));
        let fields: Vec<_> = fields.map(|(name, value)| format!("{name} = {value}")).collect();
        format!("{{ {} }}", fields.join(", "))
    });
    format!("[{}]", rows.collect::<Vec<_>>().join(", "))
}

/// What no two entries may have, as a message names it.
fn claims(provider: &Provider) -> Vec<String> {
    let label = provider.dedicated.iter().map(|dedicated| format!("label `{}`", dedicated.label));
    label.chain(provider.hosts.iter().map(|host| format!("host `{host}`"))).collect()
}

/// Reads one provider, or returns the place and text of every problem.
fn read_row(node: &Node) -> Result<Provider, Vec<(usize, String)>> {
    let Raw::Table(entries) = &node.raw else {
        let message = format!("{} is not a table; expected one with `name` and `hosts`", node.raw.shown());
        return Err(vec![(node.offset, message)]);
    };
    let mut problems: Vec<_> = entries.iter().filter_map(problem_of_field).collect();
    let is_missing = |name| entries.iter().all(|entry| entry.key != name);
    let missing = ROW_FIELDS.iter().filter(|field| field.is_required && is_missing(field.name));
    problems.extend(missing.map(|field| {
        (node.offset, format!("`{}` is missing; expected {}", field.name, field.kind.expected()))
    }));
    if !problems.is_empty() {
        return Err(problems);
    }
    let table = entries.iter().filter_map(|entry| Some((entry.key.clone(), value(&entry.value.raw)?)));
    toml::Value::Table(table.collect()).try_into().map_err(|error: toml::de::Error| {
        let message = error.message().to_owned();
        let blamed = entries.iter().find(|entry| message.starts_with(&format!("`{}`", entry.key)));
        vec![(blamed.map_or(node.offset, |entry| entry.value.offset), message)]
    })
}

/// Returns what is wrong with a field's name or type.
fn problem_of_field(Entry { offset, key, value }: &Entry) -> Option<(usize, String)> {
    let Some(field) = ROW_FIELDS.iter().find(|field| field.name == key) else {
        let names = ROW_FIELDS.iter().map(|field| field.name);
        let remedy = match nearest(key, names.clone()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!(
                "the fields are {}",
                names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
        };
        return Some((*offset, format!("unknown field {}; {remedy}", shown_text(key))));
    };
    let wrong = match (field.kind, &value.raw) {
        (FieldKind::Text, Raw::Text(_)) | (FieldKind::Flag, Raw::Flag(_)) => None,
        (FieldKind::Choice(names), Raw::Text(text)) if names.contains(&text.as_str()) => None,
        (FieldKind::Texts, Raw::List(items)) => {
            items.iter().find(|item| !matches!(item.raw, Raw::Text(_))).map(|item| (item, "contains"))
        }
        _ => Some((value, "is")),
    };
    let (node, verb) = wrong?;
    let message = format!("`{key}` {verb} {}; expected {}", node.raw.shown(), field.kind.expected());
    Some((node.offset, message))
}

/// The value of a field whose type is right.
fn value(raw: &Raw) -> Option<toml::Value> {
    match raw {
        Raw::Text(text) => Some(text.as_str().into()),
        Raw::Flag(flag) => Some((*flag).into()),
        Raw::List(items) => {
            items.iter().map(|item| value(&item.raw)).collect::<Option<Vec<_>>>().map(toml::Value::Array)
        }
        Raw::Integer(_) | Raw::Table(_) | Raw::Other(_) => None,
    }
}
