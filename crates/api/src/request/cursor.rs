//! Cursors: places in a list, as text that callers hand back as it is.
//!
//! The text is URL-safe base64 of: the version (1 byte), the order that it belongs to (4 bytes), what the row is sorted by,
//! its id (16 bytes) and a checksum of all that (4 bytes). Numbers are big endian.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use gatehouse_store::log::{After, Direction, LogRow, RowKey, RowQuery, SortKey, SortValue};
use gatehouse_types::RequestId;
use uuid::Uuid;

use crate::error::{ApiError, ErrorKind};
use crate::state::ApiState;

/// The header with the cursor of the next page; absent on the last one.
pub(crate) const NEXT_CURSOR: &str = "gatehouse-next-cursor";

const VERSION: u8 = 1;
/// Longer texts are looked up in the row again: a cursor goes into a header.
const MAX_TEXT_BYTES: usize = 1000;

/// What stands for the value of a row.
const UNKNOWN: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;
const OF_ROW: u8 = 3;
const SEED: u8 = 4;

/// What a cursor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    /// The place itself.
    Place(After),
    /// The place of a row, whose value is too long for a cursor.
    Row(RequestId),
    /// A place in the order of a number.
    Shuffled(u64, RequestId),
}

impl Cursor {
    /// Returns the cursor of what comes behind a row.
    pub(super) fn behind(query: &RowQuery, row: &LogRow) -> Self {
        if let SortKey::Random(seed) = query.sort {
            return Self::Shuffled(seed, row.request_id);
        }
        match After::row(&query.sort, row) {
            After { value: Some(SortValue::Text(text)), request_id } if text.len() > MAX_TEXT_BYTES => {
                Self::Row(request_id)
            }
            place => Self::Place(place),
        }
    }

    /// Returns its text.
    pub(super) fn write(&self, query: &RowQuery) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&order_of(query).to_be_bytes());
        let request_id = match self {
            Self::Place(After { value, request_id }) => {
                match value {
                    None => bytes.push(UNKNOWN),
                    Some(SortValue::Number(number)) => {
                        bytes.push(NUMBER);
                        bytes.extend_from_slice(&number.to_be_bytes());
                    }
                    Some(SortValue::Text(text)) => {
                        bytes.push(TEXT);
                        bytes.extend_from_slice(text.as_bytes());
                    }
                }
                request_id
            }
            Self::Row(request_id) => {
                bytes.push(OF_ROW);
                request_id
            }
            Self::Shuffled(seed, request_id) => {
                bytes.push(SEED);
                bytes.extend_from_slice(&seed.to_be_bytes());
                request_id
            }
        };
        bytes.extend_from_slice(request_id.as_uuid().as_bytes());
        bytes.extend_from_slice(&checksum(&bytes).to_be_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads its text.
    ///
    /// # Errors
    /// Fails when it is none, is damaged, or belongs to another order.
    pub(super) fn read(text: &str, query: &RowQuery) -> Result<Self, ApiError> {
        let damaged = || ApiError::field("cursor", "one that an answer gave, as it is");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| damaged())?;
        let (bytes, sum) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
        if checksum(bytes) != u32::from_be_bytes(*sum) {
            return Err(damaged());
        }
        let (version, bytes) = bytes.split_first().ok_or_else(damaged)?;
        let (order, bytes) = bytes.split_first_chunk::<4>().ok_or_else(damaged)?;
        if *version != VERSION {
            return Err(ApiError::field("cursor", "one of this version of the server; begin anew"));
        }
        if u32::from_be_bytes(*order) != order_of(query) {
            return Err(ApiError::field("cursor", "one of the same `sort`; begin anew"));
        }
        let (bytes, id) = bytes.split_last_chunk::<16>().ok_or_else(damaged)?;
        let request_id = RequestId::from_uuid(Uuid::from_bytes(*id));
        let (kind, value) = bytes.split_first().ok_or_else(damaged)?;
        let place = |value| Self::Place(After { value, request_id });
        let cursor = match *kind {
            UNKNOWN if value.is_empty() => Some(place(None)),
            NUMBER => {
                let number = value.try_into().ok().map(i128::from_be_bytes);
                number.map(|number| place(Some(SortValue::Number(number))))
            }
            TEXT => {
                let text = std::str::from_utf8(value).ok();
                text.map(|text| place(Some(SortValue::Text(text.to_owned()))))
            }
            OF_ROW if value.is_empty() => Some(Self::Row(request_id)),
            SEED => value.try_into().ok().map(|seed| Self::Shuffled(u64::from_be_bytes(seed), request_id)),
            _ => None,
        };
        cursor.ok_or_else(damaged)
    }

    /// Lets the query begin behind the place.
    ///
    /// # Errors
    /// Fails when the row is gone whose value is needed.
    pub(super) async fn put(self, state: &ApiState, query: &mut RowQuery) -> Result<(), ApiError> {
        query.after = Some(match self {
            Self::Place(after) => after,
            Self::Shuffled(seed, request_id) => {
                query.sort = SortKey::Random(seed);
                After { value: None, request_id }
            }
            Self::Row(request_id) => {
                let gone = || {
                    let message = "`cursor`: the call that it stands behind is gone; begin anew";
                    ApiError::new(ErrorKind::InvalidField, message)
                };
                let row = state.log.row(query.organization_id, request_id).await?.ok_or_else(gone)?;
                After::row(&query.sort, &row)
            }
        });
        Ok(())
    }
}

/// Returns the text of a place among stored rows.
pub(super) fn write_key(key: RowKey) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(&key.get().to_be_bytes());
    bytes.extend_from_slice(&checksum(&bytes).to_be_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the text of a place among stored rows.
///
/// # Errors
/// Fails when it is none or is damaged.
pub(super) fn read_key(text: &str) -> Result<RowKey, ApiError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let key = bytes.as_deref().and_then(|bytes| {
        let (bytes, sum) = bytes.split_last_chunk::<4>()?;
        let key = bytes.strip_prefix(&[VERSION])?.try_into().ok()?;
        (checksum(bytes) == u32::from_be_bytes(*sum)).then_some(RowKey::new(u64::from_be_bytes(key)))
    });
    key.ok_or_else(|| ApiError::field("cursor", "one that a search gave, as it is"))
}

/// Returns a number that tells orders apart; all random ones have the same.
fn order_of(query: &RowQuery) -> u32 {
    let (name, key) = match &query.sort {
        SortKey::CreatedAt => ("created_at", ""),
        SortKey::CacheCreatedAt => ("cache_created_at", ""),
        SortKey::Latency => ("latency", ""),
        SortKey::TimeToFirstToken => ("time_to_first_token", ""),
        SortKey::TotalTokens => ("total_tokens", ""),
        SortKey::PromptTokens => ("prompt_tokens", ""),
        SortKey::CompletionTokens => ("completion_tokens", ""),
        SortKey::UserId => ("user_id", ""),
        SortKey::Cost => ("cost", ""),
        SortKey::Model => ("body_model", ""),
        SortKey::IsCached => ("is_cached", ""),
        SortKey::RequestPreview => ("request_prompt", ""),
        SortKey::ResponsePreview => ("response_text", ""),
        SortKey::Property(name) => ("properties", name.as_str()),
        SortKey::Input(name) => ("values", name.as_str()),
        SortKey::Random(_) => ("random", ""),
    };
    let direction = match query.direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    };
    checksum(format!("{name}\0{key}\0{direction}").as_bytes())
}

/// Returns FNV-1a of 32 bits: it tells accidents, not forgeries, which would show nobody anything else.
fn checksum(bytes: &[u8]) -> u32 {
    const OFFSET: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    bytes.iter().fold(OFFSET, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use gatehouse_store::filter::Filter;
    use gatehouse_types::OrganizationId;

    use super::*;

    fn query(sort: SortKey, direction: Direction) -> RowQuery {
        let organization_id = OrganizationId::from_uuid(Uuid::nil());
        RowQuery { organization_id, filter: Filter::All, sort, direction, after: None, offset: 0, limit: 1 }
    }

    #[test]
    fn every_place_comes_back() {
        let request_id = RequestId::from_uuid(Uuid::from_u128(0x1234 << 100));
        let place = |value| Cursor::Place(After { value, request_id });
        for cursor in [
            place(None),
            place(Some(SortValue::Number(-1))),
            place(Some(SortValue::Number(u64::MAX.into()))),
            place(Some(SortValue::Text(String::new()))),
            place(Some(SortValue::Text("日本 \0".to_owned()))),
            Cursor::Row(request_id),
            Cursor::Shuffled(u64::MAX, request_id),
        ] {
            let query = query(SortKey::UserId, Direction::Ascending);
            let text = cursor.write(&query);
            assert_eq!(Cursor::read(&text, &query), Ok(cursor));
        }
    }

    #[test]
    fn places_of_searches_come_back() {
        let text = write_key(RowKey::new(u64::MAX - 1));
        assert_eq!(read_key(&text).map(RowKey::get), Ok(u64::MAX - 1));
        for damaged in ["", "AA", text.get(1..).unwrap_or_default(), &format!("{text}AAAA")] {
            assert!(read_key(damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn damaged_and_foreign_ones_are_refused() {
        let request_id = RequestId::from_uuid(Uuid::from_u128(7));
        let cursor = Cursor::Place(After { value: Some(SortValue::Number(7)), request_id });
        let ours = query(SortKey::Cost, Direction::Ascending);
        let text = cursor.write(&ours);
        let refused = |text: &str, query: &RowQuery| Cursor::read(text, query).expect_err("refused").message;
        for index in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            damaged[index] = if damaged[index] == b'x' { b'y' } else { b'x' };
            let damaged = String::from_utf8(damaged).expect("ASCII");
            assert!(refused(&damaged, &ours).contains("as it is"), "{damaged}");
            assert!(refused(text.get(..index).unwrap_or_default(), &ours).contains("as it is"));
        }
        assert!(refused("not base64!", &ours).contains("as it is"));
        for (sort, direction) in [
            (SortKey::Cost, Direction::Descending),
            (SortKey::Latency, Direction::Ascending),
            (SortKey::Property("cost".to_owned()), Direction::Ascending),
        ] {
            assert!(refused(&text, &query(sort, direction)).contains("same `sort`"));
        }
    }
}
