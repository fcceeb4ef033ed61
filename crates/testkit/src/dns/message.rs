//! DNS messages: one question in, its answer out.

use std::net::IpAddr;

use super::Record;

/// The longest reply over UDP without EDNS.
pub(super) const LONGEST_UDP: usize = 512;
/// Response code: fine.
pub(super) const NO_ERROR: u16 = 0;
/// Response code: the server failed.
pub(super) const SERVER_FAILURE: u16 = 2;
/// Response code: the name does not exist.
pub(super) const NO_SUCH_NAME: u16 = 3;

const TYPE_A: u16 = 1;
const TYPE_CNAME: u16 = 5;
const TYPE_TXT: u16 = 16;
const TYPE_AAAA: u16 = 28;
const CLASS_IN: u16 = 1;
/// This is a reply, of an authority, and recursion is there: what stub resolvers like to see.
const FLAGS: u16 = 0x8480;
const FLAG_TRUNCATED: u16 = 0x0200;
const FLAG_RECURSION_DESIRED: u16 = 0x0100;
/// Seconds for which an answer may be kept: none, so that every look-up comes to the server.
const TTL: u32 = 0;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    id: u16,
    flags: u16,
    /// The name in the case in which it was asked.
    pub(super) name: String,
    /// The record type.
    pub(super) kind: u16,
    /// The question as it came, to be repeated in the reply.
    question: Vec<u8>,
}

impl Query {
    /// Reads the first question; `None` when the bytes are not a query.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (id, flags, questions) = (number(bytes, 0)?, number(bytes, 2)?, number(bytes, 4)?);
        if flags & 0x8000 != 0 || questions == 0 {
            return None;
        }
        let mut labels = Vec::new();
        let mut at = 12;
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            labels.push(String::from_utf8_lossy(bytes.get(at..at + length)?).into_owned());
            at += length;
        }
        let kind = number(bytes, at)?;
        let question = bytes.get(12..at + 4)?.to_vec();
        Some(Self { id, flags, name: labels.join("."), kind, question })
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// Formats the reply: records of the asked type and aliases; a reply longer than `most` is cut and says so.
pub(super) fn encode(query: &Query, code: u16, records: &[(String, Record)], most: usize) -> Vec<u8> {
    let records: Vec<Vec<u8>> =
        records.iter().filter_map(|(owner, record)| encode_record(query.kind, owner, record)).collect();
    let length = 12 + query.question.len() + records.iter().map(Vec::len).sum::<usize>();
    let (records, truncated) = if length > most { (Vec::new(), FLAG_TRUNCATED) } else { (records, 0) };
    let flags = FLAGS | truncated | (query.flags & FLAG_RECURSION_DESIRED) | code;
    let count = u16::try_from(records.len()).unwrap_or(u16::MAX);
    let mut reply = Vec::with_capacity(length);
    for word in [query.id, flags, 1, count, 0, 0] {
        reply.extend(word.to_be_bytes());
    }
    reply.extend_from_slice(&query.question);
    reply.extend(records.concat());
    reply
}

fn encode_record(asked: u16, owner: &str, record: &Record) -> Option<Vec<u8>> {
    let (kind, data) = match record {
        Record::Address(IpAddr::V4(address)) => (TYPE_A, address.octets().to_vec()),
        Record::Address(IpAddr::V6(address)) => (TYPE_AAAA, address.octets().to_vec()),
        Record::Alias(name) => (TYPE_CNAME, encode_name(name)),
        Record::Text(text) => {
            let strings = text.as_bytes().chunks(255).flat_map(|part| {
                std::iter::once(u8::try_from(part.len()).unwrap_or(u8::MAX)).chain(part.iter().copied())
            });
            (TYPE_TXT, strings.collect())
        }
    };
    if kind != asked && kind != TYPE_CNAME {
        return None;
    }
    let mut bytes = encode_name(owner);
    bytes.extend(kind.to_be_bytes());
    bytes.extend(CLASS_IN.to_be_bytes());
    bytes.extend(TTL.to_be_bytes());
    bytes.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
    bytes.extend(data);
    Some(bytes)
}

fn encode_name(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let mut bytes: Vec<u8> = labels
        .flat_map(|label| {
            let label = label.as_bytes();
            std::iter::once(u8::try_from(label.len()).unwrap_or(63)).chain(label.iter().copied())
        })
        .collect();
    bytes.push(0);
    bytes
}
