//! What the cache did and saved, over many calls.

use gatehouse_types::CacheStatus;

use super::LogRow;

/// What the cache did over the calls that a filter names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// How many calls it answered.
    pub hits: u64,
    /// How many calls enabled it and were answered by a provider.
    pub misses: u64,
    /// Time that hits saved, in µs.
    pub saved_us: SavedTotal,
    /// Cost that hits saved, in 10⁻⁹ US dollars.
    pub saved_cost: SavedTotal,
    /// Input tokens that hits saved.
    pub saved_prompt_tokens: SavedTotal,
    /// Output tokens that hits saved.
    pub saved_completion_tokens: SavedTotal,
}

/// A sum over those hits that know their part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SavedTotal {
    /// The sum, at the bounds of its type where it is beyond them.
    pub sum: i64,
    /// How many hits don't know their part, so that more was saved.
    pub unknown: u64,
}

impl CacheStats {
    /// Adds `rows` up: the meaning of what a store's engine adds up.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a LogRow>) -> Self {
        let rows: Vec<&LogRow> = rows.into_iter().collect();
        let with = |status| rows.iter().filter(move |row| row.handling.cache_status == Some(status));
        let total = |part: fn(&LogRow) -> Option<i128>| {
            let parts = with(CacheStatus::Hit).map(|row| part(row));
            let sum: i128 = parts.clone().flatten().sum();
            let bound = if sum < 0 { i64::MIN } else { i64::MAX };
            let unknown = parts.filter(Option::is_none).count() as u64;
            SavedTotal { sum: i64::try_from(sum).unwrap_or(bound), unknown }
        };
        Self {
            hits: with(CacheStatus::Hit).count() as u64,
            misses: with(CacheStatus::Miss).count() as u64,
            saved_us: total(|row| row.handling.saved.us.map(i128::from)),
            saved_cost: total(|row| row.handling.saved.cost.map(|cost| cost.get().into())),
            saved_prompt_tokens: total(|row| row.handling.saved.prompt_tokens.map(i128::from)),
            saved_completion_tokens: total(|row| row.handling.saved.completion_tokens.map(i128::from)),
        }
    }
}
