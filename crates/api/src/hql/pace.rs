//! How often an organisation may ask in SQL.

use std::collections::{HashMap, VecDeque};

use gatehouse_types::{OrganizationId, Timestamp};
use parking_lot::Mutex;

use crate::error::{ApiError, ErrorKind};

/// How many queries and how many downloads an organisation may make within [`WINDOW_MICROS`].
const MAX_QUERIES: usize = 100;
const MAX_DOWNLOADS: usize = 10;
const WINDOW_MICROS: i64 = 60_000_000;

/// When the organisations asked last; it is forgotten with the process.
#[derive(Debug, Default)]
pub(crate) struct Paces {
    queries: Mutex<Window>,
    downloads: Mutex<Window>,
}

/// The moments within the last minute, oldest first, of those who have any.
type Window = HashMap<OrganizationId, VecDeque<i64>>;

impl Paces {
    /// Counts a query, or says when the next one may be made.
    pub(crate) fn take_query(&self, organization_id: OrganizationId, now: Timestamp) -> Result<(), ApiError> {
        take(&self.queries, organization_id, now, (MAX_QUERIES, "queries"))
    }

    /// Counts a download, or says when the next one may be made.
    pub(crate) fn take_download(
        &self,
        organization_id: OrganizationId,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        take(&self.downloads, organization_id, now, (MAX_DOWNLOADS, "downloads"))
    }
}

fn take(
    window: &Mutex<Window>,
    organization_id: OrganizationId,
    now: Timestamp,
    (most, things): (usize, &str),
) -> Result<(), ApiError> {
    let now = now.as_unix_micros();
    let mut window = window.lock();
    window.retain(|_, moments| {
        while moments.front().is_some_and(|oldest| now - oldest >= WINDOW_MICROS) {
            moments.pop_front();
        }
        !moments.is_empty()
    });
    let moments = window.entry(organization_id).or_default();
    match moments.front() {
        Some(oldest) if moments.len() >= most => {
            let micros = (oldest + WINDOW_MICROS - now).max(1).unsigned_abs();
            let seconds = u32::try_from(micros.div_ceil(1_000_000)).unwrap_or(60);
            let message =
                format!("an organisation may make {most} {things} in SQL a minute; try again in {seconds} s");
            Err(ApiError::new(ErrorKind::TooManyQueries(seconds), message))
        }
        _ => {
            moments.push_back(now);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn so_many_within_a_minute_and_no_more_for_each_organisation() {
        let paces = Paces::default();
        let [ours, theirs] = [1, 2].map(|number| OrganizationId::from_uuid(Uuid::from_u128(number)));
        let at = |micros| Timestamp::from_unix_micros(micros);
        for second in 0..10 {
            assert_eq!(paces.take_download(ours, at(second * 1_000_000)), Ok(()));
        }
        let refused = paces.take_download(ours, at(10_500_000)).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::TooManyQueries(50));
        assert_eq!(paces.take_download(theirs, at(10_500_000)), Ok(()));
        assert_eq!(paces.take_query(ours, at(10_500_000)), Ok(()));
        assert_eq!(paces.take_download(ours, at(59_999_999)).unwrap_err().kind, ErrorKind::TooManyQueries(1));
        assert_eq!(paces.take_download(ours, at(60_000_000)), Ok(()));
        assert!(paces.take_download(ours, at(60_000_001)).is_err());
        for _ in 0..100 {
            assert_eq!(paces.take_query(theirs, at(0)), Ok(()));
        }
        assert!(paces.take_query(theirs, at(1)).is_err());
    }
}
