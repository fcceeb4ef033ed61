//! The prices that organisations set.

use super::{State, add, remove};
use crate::control::{Change, Changed};
use crate::price_overrides::PriceOverride;

impl State {
    pub(super) fn apply_to_prices(&mut self, change: Change) -> Changed {
        match change {
            Change::AddPriceOverride(added) => add(&mut self.price_overrides, added, |a, b| a.id == b.id),
            Change::UpdatePriceOverride(changed) => self.edit_price_override(changed),
            Change::RemovePriceOverride(organization_id, id) => remove(&mut self.price_overrides, |found| {
                (found.organization_id, found.id) == (organization_id, id)
            }),
            other => self.apply_to_mappers(other),
        }
    }

    fn edit_price_override(&mut self, changed: PriceOverride) -> Changed {
        let is_meant = |found: &&mut PriceOverride| {
            (found.organization_id, found.id) == (changed.organization_id, changed.id)
        };
        let Some(price) = self.price_overrides.iter_mut().find(is_meant) else { return Changed::NotFound };
        // What is not replaced stays.
        *price = PriceOverride { created_at: price.created_at, ..changed };
        Changed::Done
    }
}
