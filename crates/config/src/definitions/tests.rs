//! The table of keys is consistent with itself and with the structure it fills.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::raw::Node;

use super::{SECTIONS, all};

/// Returns every key's value.
fn written(config: &mut Config) -> Vec<(&'static str, String)> {
    all().map(|key| (key.path, (key.slot)(config).written())).collect()
}

#[test]
fn paths_are_unique_and_begin_with_their_section() {
    let mut paths = BTreeSet::new();
    for section in &SECTIONS {
        for key in section.keys {
            let expected = if section.name.is_empty() { String::new() } else { format!("{}.", section.name) };
            assert_eq!(format!("{expected}{}", key.name()), key.path);
            assert!(!key.name().contains('.'), "{}", key.path);
            assert!(paths.insert(key.path), "{} twice", key.path);
        }
    }
}

#[test]
fn each_key_fills_its_own_field_and_no_other() {
    let defaults = written(&mut Config::default());
    // The only store of this kind there is: its example is the default.
    let unchangeable = ["shared.url"];
    for key in all() {
        let mut config = Config::default();
        let example = Node::parse(key.example).unwrap();
        (key.slot)(&mut config).set(&example).unwrap();
        let changed = written(&mut config)
            .into_iter()
            .zip(&defaults)
            .filter(|(after, before)| after != *before)
            .map(|((path, _), _)| path)
            .collect::<Vec<_>>();
        let expected = if unchangeable.contains(&key.path) { vec![] } else { vec![key.path] };
        assert_eq!(changed, expected);
    }
}

#[test]
fn docs_are_whole_sentences() {
    for doc in SECTIONS.iter().map(|section| section.doc).chain(all().map(|key| key.doc)) {
        assert!(doc.ends_with('.') && doc.starts_with(char::is_uppercase) && !doc.contains("  "), "{doc}");
    }
}

#[test]
fn variables_are_section_and_key_joined_by_two_underscores() {
    let variables = all().map(super::Definition::variable).collect::<BTreeSet<_>>();
    assert_eq!(variables.len(), all().count());
    for name in ["GATEHOUSE_DATA_DIR", "GATEHOUSE_GATEWAY__LISTEN", "GATEHOUSE_UPSTREAM__ALLOW_PRIVATE"] {
        assert!(variables.contains(name), "{name}");
    }
}
