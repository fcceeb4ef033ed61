//! A configuration written out reads as the same configuration, whatever is in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::config::Config;
use crate::definitions::all;
use crate::oidc::PlainText;
use crate::raw::{Node, Raw};
use crate::slot::Slot;

use super::Secrets;

/// Puts a valid value into a field, chosen by `seed`; texts are the key's example or the default.
fn fill(slot: &mut Slot<'_>, example: &str, seed: u64) {
    let rounded = |start: u64, end: u64| {
        let zeros = seed % 41;
        ((seed % (end - start + 1) + start) >> zeros << zeros).max(start)
    };
    let raw = match slot {
        Slot::Flag(_) => Raw::Flag(seed.is_multiple_of(2)),
        Slot::Count(_, range) => Raw::Integer(Some(rounded(*range.start(), *range.end()).into())),
        Slot::Bytes(_, range) => Raw::Integer(Some(rounded(*range.start(), *range.end()).into())),
        Slot::Time(time, range) => {
            let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap();
            **time = Duration::from_micros(rounded(micros(*range.start()), micros(*range.end())));
            return;
        }
        _ if seed.is_multiple_of(2) => return,
        _ => Node::parse(example).unwrap().raw,
    };
    slot.set(&Node::detached(raw)).unwrap();
}

fn load(text: &str) -> Result<Config, String> {
    let file = Some((Path::new("gatehouse.toml"), text));
    Config::load(file, &BTreeMap::new(), None).map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn written_configuration_reads_as_itself(
        seeds in vec(any::<u64>(), all().count()),
        data_dir in "[^\0]{0,20}[^\0\\s]",
    ) {
        let mut config = Config::default();
        for (key, seed) in all().zip(seeds) {
            fill(&mut (key.slot)(&mut config), key.example, seed);
        }
        config.data_dir = PathBuf::from(data_dir);
        let (journal, body) = (&mut config.journal, config.gateway.max_buffered_body_bytes);
        journal.max_disk_bytes = journal.max_disk_bytes.max(2 * journal.segment_bytes);
        journal.max_queued_bytes = journal.max_queued_bytes.max(2 * body);
        config.gateway.tls_key.clone_from(&config.gateway.tls_cert);
        config.api.tls_key.clone_from(&config.api.tls_cert);
        let (public_url, oidc) = (&config.sign_in.public_url, &mut config.sign_in.oidc);
        if public_url.is_none() || oidc.client_id.as_str().is_empty() {
            oidc.issuer = None;
        }
        if oidc.issuer.is_none() {
            oidc.client_id = PlainText::default();
        }

        let text = config.to_toml(Secrets::Shown);
        let read = load(&text).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&read, &config);
        prop_assert_eq!(read.to_toml(Secrets::Shown), text);
    }

    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in "([a-z_.\\[\\]{}\"'=#, \n0-9-]|\\PC){0,80}") {
        if let Err(message) = load(&text) {
            prop_assert!(message.lines().all(|line| line.starts_with("gatehouse.toml:")), "{}", message);
        }
    }

    #[test]
    fn any_variable_value_is_taken_or_refused(index in 0..all().count(), value in "[\\[{ ]?\\PC{0,40}") {
        let variable = all().nth(index).map(crate::definitions::Definition::variable).unwrap();
        let environment = BTreeMap::from([(variable.clone(), value)]);
        if let Err(error) = Config::load(None, &environment, None) {
            prop_assert!(error.to_string().contains(&variable));
        }
    }
}
