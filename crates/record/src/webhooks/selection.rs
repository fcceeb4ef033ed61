//! Which calls a webhook is told of: a sample of those that have its properties.

use std::collections::BTreeMap;

use gatehouse_types::RequestId;
use sha2::{Digest as _, Sha256};

/// The sample rate of everything, in 1/1000 percent.
pub(crate) const WHOLE: u32 = 100_000;

/// Returns whether a call belongs to a sample of `rate`, in 1/1000 percent.
///
/// The same call always does or does not, for every webhook and after every start; a smaller sample is a part of
/// every larger one.
pub(crate) fn is_sampled(request_id: RequestId, rate: u32) -> bool {
    let digest = Sha256::digest(request_id.as_uuid().as_bytes());
    let Some((first, _)) = digest.split_first_chunk::<8>() else { return false };
    u64::from_be_bytes(*first) % u64::from(WHOLE) < u64::from(rate)
}

/// Returns whether a call has every property of `filters` with its value.
///
/// Names are compared without regard to case, because HTTP gives headers in small letters; values as they are.
pub(crate) fn has_properties(properties: &BTreeMap<String, String>, filters: &[(String, String)]) -> bool {
    filters.iter().all(|(name, wanted)| {
        properties.iter().any(|(known, value)| known.eq_ignore_ascii_case(name) && value == wanted)
    })
}

#[cfg(test)]
mod tests {
    use gatehouse_types::RequestId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn samples_are_as_large_as_they_say_and_nested() {
        let ids: Vec<RequestId> =
            (0..20_000_u128).map(|number| RequestId::from_uuid(Uuid::from_u128(number))).collect();
        let sampled = |rate: u32| ids.iter().filter(|id| is_sampled(**id, rate)).count();
        assert_eq!((sampled(0), sampled(WHOLE)), (0, ids.len()));
        let (tenth, half) = (sampled(WHOLE / 10), sampled(WHOLE / 2));
        assert!((1_800..2_200).contains(&tenth), "{tenth}");
        assert!((9_700..10_300).contains(&half), "{half}");
        assert!(ids.iter().all(|id| !is_sampled(*id, WHOLE / 10) || is_sampled(*id, WHOLE / 2)));
        let again = ids.iter().filter(|id| is_sampled(**id, WHOLE / 10)).count();
        assert_eq!(again, tenth, "the same calls every time");
    }

    #[test]
    fn every_filter_has_to_fit() {
        let properties: BTreeMap<String, String> =
            [("environment", "prod"), ("team", "Search")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        let check = |filters: &[(&str, &str)], expected: bool| {
            let filters: Vec<_> = filters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            assert_eq!(has_properties(&properties, &filters), expected, "{filters:?}");
        };
        check(&[], true);
        check(&[("Environment", "prod")], true);
        check(&[("environment", "Prod")], false);
        check(&[("environment", "prod"), ("TEAM", "Search")], true);
        check(&[("environment", "prod"), ("team", "search")], false);
        check(&[("user", "prod")], false);
    }
}
