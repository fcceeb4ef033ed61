//! The field a key fills: how a written value gets in, how the field is written back, what it takes.
//!
//! A row of the table of keys names its field by a `Slot`, so that type, bounds and field cannot disagree.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use gatehouse_wire::Provider;
use ipnet::IpNet;

use crate::guards::{self, Guard};
use crate::providers;
use crate::raw::{Entry, Node, Raw};
use crate::text::{Refusal, TextValue, host_name};
use crate::units;
use crate::values::HostPort;

/// A field of the configuration with the values it takes.
pub(crate) enum Slot<'a> {
    Flag(&'a mut bool),
    Count(&'a mut dyn CountValue, RangeInclusive<u64>),
    Bytes(&'a mut u64, RangeInclusive<u64>),
    Time(&'a mut Duration, RangeInclusive<Duration>),
    Text(&'a mut dyn TextValue),
    Domains(&'a mut Vec<String>),
    Networks(&'a mut Vec<IpNet>),
    Pins(&'a mut BTreeMap<HostPort, SocketAddr>),
    Providers(&'a mut Vec<Provider>),
    Guards(&'a mut Vec<Guard>),
}

/// A whole number of things, of whatever width its field has.
pub(crate) trait CountValue {
    /// Takes the value; `None` when it does not fit, which leaves the field as it is.
    fn read(&mut self, count: u64) -> Option<()>;

    /// Returns the digits.
    fn written(&self) -> String;
}

impl<T: TryFrom<u64> + ToString> CountValue for T {
    fn read(&mut self, count: u64) -> Option<()> {
        *self = T::try_from(count).ok()?;
        Some(())
    }

    fn written(&self) -> String {
        self.to_string()
    }
}

/// What is wrong with a written value, to follow the name of its key.
#[derive(Debug)]
pub(crate) struct Complaint {
    /// Byte at which the wrong part starts.
    pub(crate) offset: usize,
    /// As in "is `5`; expected a string".
    pub(crate) message: String,
}

type Outcome = Result<(), Vec<Complaint>>;

impl Slot<'_> {
    /// Says which values the field takes, to follow "expected".
    pub(crate) fn expected(&self) -> String {
        match self {
            Self::Flag(_) => "`true` or `false`".to_owned(),
            Self::Count(_, range) => format!("an integer from {} to {}", range.start(), range.end()),
            Self::Bytes(_, range) => format!(
                "a size from {} to {}, as bytes or such as \"64MiB\" or \"20MB\"",
                units::write_bytes(*range.start()),
                units::write_bytes(*range.end())
            ),
            Self::Time(_, range) => format!(
                "a duration from {} to {}, such as \"250ms\", \"30s\", \"10m\" or \"1h\"",
                units::write_duration(*range.start()),
                units::write_duration(*range.end())
            ),
            Self::Text(value) => value.expected().to_owned(),
            Self::Domains(_) => "a list of domain names such as [\"helicone.ai\", \"localhost\"]".to_owned(),
            Self::Networks(_) => "a list of networks such as [\"127.0.0.0/8\", \"fd00::/8\"]".to_owned(),
            Self::Pins(_) => {
                "a table of addresses such as { \"api.openai.com:443\" = \"127.0.0.1:9443\" }".to_owned()
            }
            Self::Providers(_) => {
                "a list of providers such as [{ name = \"ACME\", hosts = [\"llm.acme.example\"] }]".to_owned()
            }
            Self::Guards(_) => "a list of guards such as [{ name = \"acme\", when = \"security\", \
                                url = \"https://guard.example/check\" }]"
                .to_owned(),
        }
    }

    /// Fills the field from a written value; a wrong one leaves it as it is.
    pub(crate) fn set(&mut self, node: &Node) -> Outcome {
        let expected = self.expected();
        let wrong = || vec![refuse(node, &expected)];
        match (self, &node.raw) {
            (Self::Flag(slot), Raw::Flag(flag)) => **slot = *flag,
            (Self::Count(slot, range), Raw::Integer(integer)) => {
                let count = integer.and_then(|integer| u64::try_from(integer).ok());
                let count = count.filter(|count| range.contains(count)).ok_or_else(wrong)?;
                slot.read(count).ok_or_else(wrong)?;
            }
            (Self::Bytes(slot, range), raw) => {
                let bytes = match raw {
                    Raw::Integer(integer) => integer.and_then(|integer| u64::try_from(integer).ok()),
                    Raw::Text(text) => units::read_bytes(text),
                    _ => None,
                };
                **slot = bytes.filter(|bytes| range.contains(bytes)).ok_or_else(wrong)?;
            }
            (Self::Time(slot, range), Raw::Text(text)) => {
                let time = units::read_duration(text);
                **slot = time.filter(|time| range.contains(time)).ok_or_else(wrong)?;
            }
            (Self::Text(slot), raw) => {
                set_text(*slot, raw).map_err(|message| vec![Complaint { offset: node.offset, message }])?
            }
            (Self::Domains(slot), Raw::List(items)) => {
                **slot = read_list(items, &expected, host_name)?;
            }
            (Self::Networks(slot), Raw::List(items)) => {
                **slot =
                    read_list(items, &expected, |text| text.parse::<IpNet>().ok().map(|net| net.trunc()))?;
            }
            (Self::Pins(slot), Raw::Table(entries)) => **slot = read_pins(entries)?,
            (Self::Providers(slot), Raw::List(items)) => **slot = providers::read(items)?,
            (Self::Guards(slot), Raw::List(items)) => **slot = guards::read(items)?,
            _ => return Err(wrong()),
        }
        Ok(())
    }

    /// Fills the field from the text of a variable: plain where that is enough, TOML for lists and tables.
    pub(crate) fn set_plain(&mut self, text: &str) -> Outcome {
        let text = text.trim();
        let raw = match self {
            Self::Flag(_) => text.parse().map_or_else(|_| Raw::Text(text.to_owned()), Raw::Flag),
            Self::Count(..) | Self::Bytes(..) => text
                .parse()
                .map_or_else(|_| Raw::Text(text.to_owned()), |integer| Raw::Integer(Some(integer))),
            Self::Domains(_) | Self::Networks(_) if !text.starts_with('[') => Raw::List(split(text)),
            Self::Pins(_) if text.is_empty() => Raw::Table(Vec::new()),
            Self::Providers(_) | Self::Guards(_) if text.is_empty() => Raw::List(Vec::new()),
            Self::Domains(_) | Self::Networks(_) | Self::Pins(_) | Self::Providers(_) | Self::Guards(_) => {
                match Node::parse(text) {
                    Ok(node) => node.raw,
                    Err(error) => {
                        let message = format!("is not valid TOML: {error}; expected {}", self.expected());
                        return Err(vec![Complaint { offset: 0, message }]);
                    }
                }
            }
            Self::Time(..) | Self::Text(_) => Raw::Text(text.to_owned()),
        };
        self.set(&Node::detached(raw))
    }

    /// Writes the field as the right side of a TOML assignment, secrets included.
    pub(crate) fn written(&self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Count(count, _) => count.written(),
            Self::Bytes(bytes, _) => match units::write_bytes(**bytes) {
                text if text.ends_with("iB") => quote(&text),
                _ => bytes.to_string(),
            },
            Self::Time(time, _) => quote(&units::write_duration(**time)),
            Self::Text(value) => quote(&value.written()),
            Self::Domains(domains) => list(domains.iter()),
            Self::Networks(networks) => list(networks.iter()),
            Self::Providers(list) => providers::written(list),
            Self::Guards(list) => guards::written(list),
            Self::Pins(pins) if pins.is_empty() => "{}".to_owned(),
            Self::Pins(pins) => {
                let entries = pins
                    .iter()
                    .map(|(host, address)| format!("\"{host}\" = \"{address}\""))
                    .collect::<Vec<_>>();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// Returns whether the field holds a secret that messages and listings leave out.
    pub(crate) fn holds_secret(&self) -> bool {
        match self {
            Self::Text(value) => value.secret() && !value.written().is_empty(),
            Self::Guards(list) => guards::hold_secret(list),
            _ => false,
        }
    }
}

fn refuse(node: &Node, expected: &str) -> Complaint {
    Complaint { offset: node.offset, message: format!("is {}; expected {expected}", node.raw.shown()) }
}

fn set_text(slot: &mut dyn TextValue, raw: &Raw) -> Result<(), String> {
    let expected = slot.expected();
    let Raw::Text(text) = raw else {
        return Err(format!("is {}; expected {expected}", raw.kind()));
    };
    slot.read(text).map_err(|refusal| match refusal {
        Refusal::Because(reason) => format!("{reason}; expected {expected}"),
        Refusal::Shape if !slot.repeatable() => format!("does not have the right form; expected {expected}"),
        Refusal::Shape if text.is_empty() => format!("is empty; expected {expected}"),
        Refusal::Shape => format!("is {}; expected {expected}", raw.shown()),
    })
}

/// Reads every item, or complains about every item that cannot be read.
fn read_list<T>(
    items: &[Node],
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Vec<Complaint>> {
    let (mut values, mut complaints) = (Vec::new(), Vec::new());
    for item in items {
        let value = if let Raw::Text(text) = &item.raw { read(text) } else { None };
        match value {
            Some(value) => values.push(value),
            None => complaints.push(contains(item.offset, &item.raw.shown(), expected)),
        }
    }
    if complaints.is_empty() { Ok(values) } else { Err(complaints) }
}

fn read_pins(entries: &[Entry]) -> Result<BTreeMap<HostPort, SocketAddr>, Vec<Complaint>> {
    let (mut pins, mut complaints) = (BTreeMap::new(), Vec::new());
    for Entry { offset, key, value: node } in entries {
        let shown_key = Raw::Text(key.clone()).shown();
        let Some(host) = HostPort::read(key) else {
            complaints.push(contains(*offset, &shown_key, "a host and port such as \"api.openai.com:443\""));
            continue;
        };
        let address = match &node.raw {
            Raw::Text(text) => text.parse::<SocketAddr>().ok().filter(|address| address.port() != 0),
            _ => None,
        };
        let Some(address) = address else {
            let found = format!("{} for {shown_key}", node.raw.shown());
            let expected = "an IP address and port such as \"127.0.0.1:9443\"";
            complaints.push(contains(node.offset, &found, expected));
            continue;
        };
        if pins.insert(host, address).is_some() {
            complaints.push(contains(*offset, &format!("{shown_key} twice"), "each host and port once"));
        }
    }
    if complaints.is_empty() { Ok(pins) } else { Err(complaints) }
}

fn contains(offset: usize, found: &str, expected: &str) -> Complaint {
    Complaint { offset, message: format!("contains {found}; expected {expected}") }
}

fn split(text: &str) -> Vec<Node> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| Node::detached(Raw::Text(item.to_owned()))).collect()
}

fn list<T: ToString>(items: impl Iterator<Item = T>) -> String {
    format!("[{}]", items.map(|item| quote(&item.to_string())).collect::<Vec<_>>().join(", "))
}

fn quote(text: &str) -> String {
    toml::Value::from(text).to_string()
}
