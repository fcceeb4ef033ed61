//! The prices that an organisation sets for its own calls, before those of the price file and the built-in book.

use std::collections::HashMap;

use gatehouse_catalog::{Overrides, PriceRow};
use gatehouse_types::{OrganizationId, PriceOverrideId, Timestamp};

/// A price that an organisation set.
///
/// What a change replaces is `row` and `updated_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceOverride {
    /// Its id.
    pub id: PriceOverrideId,
    /// Whose calls it prices.
    pub organization_id: OrganizationId,
    /// The price row as JSON: provider, models, conditions and a price for each unit.
    pub row: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The overrides of every organisation, in memory.
#[derive(Clone, Debug, Default)]
pub struct OrganizationPrices(HashMap<OrganizationId, Overrides>);

impl OrganizationPrices {
    /// Returns the overrides for calls of an organisation, if it has any.
    pub fn of(&self, organization_id: OrganizationId) -> Option<&Overrides> {
        self.0.get(&organization_id)
    }
}

impl FromIterator<PriceOverride> for OrganizationPrices {
    /// A row that does not read is left out: whoever stored it is newer than this program.
    fn from_iter<I: IntoIterator<Item = PriceOverride>>(overrides: I) -> Self {
        let mut rows: HashMap<_, Vec<PriceRow>> = HashMap::new();
        for set in overrides {
            match read(&set.row) {
                Some(row) => rows.entry(set.organization_id).or_default().push(row),
                None => tracing::error!(id = %set.id, "a price override is not in force: it can't be read"),
            }
        }
        let read = |(id, rows): (_, Vec<PriceRow>)| Overrides::new(&rows).ok().map(|prices| (id, prices));
        Self(rows.into_iter().filter_map(read).collect())
    }
}

/// Returns a row that would be in force.
fn read(row: &str) -> Option<PriceRow> {
    let row: PriceRow = serde_json::from_str(row).ok()?;
    Overrides::new(std::slice::from_ref(&row)).is_ok().then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(organization_id: OrganizationId, row: &str) -> PriceOverride {
        let at = Timestamp::from_unix_micros(0);
        let id = PriceOverrideId::generate();
        PriceOverride { id, organization_id, row: row.to_owned(), created_at: at, updated_at: at }
    }

    #[test]
    fn what_does_not_read_takes_nothing_else_out_of_force() {
        let [ours, theirs] = [1, 2].map(|number| OrganizationId::from_uuid(uuid::Uuid::from_u128(number)));
        let prices: OrganizationPrices = [
            set(ours, r#"{"provider":"OPENAI","models":["m"],"input":"dear"}"#),
            set(ours, r#"{"provider":"OPENAI","models":["m"],"input":"1"}"#),
            set(theirs, "{"),
        ]
        .into_iter()
        .collect();
        assert!(prices.of(ours).is_some());
        assert!(prices.of(theirs).is_none());
    }
}
