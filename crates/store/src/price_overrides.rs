//! The prices that an organisation sets for its own calls, before those of the price file and the built-in book.

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
