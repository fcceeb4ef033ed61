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
const TYPE_SOA: u16 = 6;
const TYPE_TXT: u16 = 16;
const TYPE_AAAA: u16 = 28;
const CLASS_IN: u16 = 1;
/// This is a reply, of an authority, and recursion is there: what stub resolvers like to see.
const FLAGS: u16 = 0x8480;
const FLAG_TRUNCATED: u16 = 0x0200;
const FLAG_RECURSION_DESIRED: u16 = 0x0100;

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
///
/// Resolvers may keep it for `ttl` seconds; one that says there is nothing carries a `SOA` record then.
pub(super) fn encode(
    query: &Query,
    code: u16,
    records: &[(String, Record)],
    ttl: u32,
    most: usize,
) -> Vec<u8> {
    let mut answers: Vec<Vec<u8>> = records
        .iter()
        .filter_map(|(owner, record)| {
            let (kind, data) = encode_data(query.kind, record)?;
            encode_record(owner, kind, ttl, &data)
        })
        .collect();
    let is_negative = answers.is_empty() && matches!(code, NO_ERROR | NO_SUCH_NAME);
    let mut authority = if is_negative && ttl > 0 { encode_soa(ttl) } else { None };
    let records = answers.iter().chain(&authority);
    let length = 12 + query.question.len() + records.map(Vec::len).sum::<usize>();
    let mut flags = FLAGS | (query.flags & FLAG_RECURSION_DESIRED) | code;
    if length > most {
        (answers, authority) = (Vec::new(), None);
        flags |= FLAG_TRUNCATED;
    }
    let count = u16::try_from(answers.len()).unwrap_or(u16::MAX);
    let mut reply = Vec::with_capacity(length);
    for word in [query.id, flags, 1, count, u16::from(authority.is_some()), 0] {
        reply.extend(word.to_be_bytes());
    }
    reply.extend_from_slice(&query.question);
    reply.extend(answers.concat());
    reply.extend(authority.unwrap_or_default());
    reply
}

/// Returns the type and the data of a record, if it is of the asked type or an alias.
fn encode_data(asked: u16, record: &Record) -> Option<(u16, Vec<u8>)> {
    let (kind, data) = match record {
        Record::Address(IpAddr::V4(address)) => (TYPE_A, address.octets().to_vec()),
        Record::Address(IpAddr::V6(address)) => (TYPE_AAAA, address.octets().to_vec()),
        Record::Alias(name) | Record::BareAlias(name) => (TYPE_CNAME, encode_name(name)),
        Record::Text(text) => (TYPE_TXT, text.as_bytes().chunks(255).flat_map(counted).collect()),
        Record::Strings(strings) => {
            (TYPE_TXT, strings.iter().flat_map(|text| counted(text.as_bytes())).collect())
        }
    };
    (kind == asked || kind == TYPE_CNAME).then_some((kind, data))
}

/// Returns a text after its length.
fn counted(text: &[u8]) -> Vec<u8> {
    let text = text.get(..255).unwrap_or(text);
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    [&[length], text].concat()
}

/// Returns the record of the root zone that says how long an answer of nothing may be kept.
fn encode_soa(ttl: u32) -> Option<Vec<u8>> {
    // Serial, refresh, retry, expire, minimum.
    let numbers = [1, ttl, ttl, ttl, ttl].map(u32::to_be_bytes).concat();
    let data = [encode_name("ns.test"), encode_name("admin.test"), numbers].concat();
    encode_record("", TYPE_SOA, ttl, &data)
}

fn encode_record(owner: &str, kind: u16, ttl: u32, data: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = encode_name(owner);
    bytes.extend(kind.to_be_bytes());
    bytes.extend(CLASS_IN.to_be_bytes());
    bytes.extend(ttl.to_be_bytes());
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
