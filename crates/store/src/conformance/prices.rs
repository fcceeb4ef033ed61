//! The promises of [`ControlStore`] about the prices that organisations set.

use gatehouse_types::{OrganizationId, PriceOverrideId};

use super::control::{AWKWARD, add_organization, at, change};
use super::log::Outcome;
use crate::control::{Change, Changed, ControlStore};
use crate::price_overrides::PriceOverride;

fn price(organization_id: OrganizationId, number: i64) -> PriceOverride {
    PriceOverride {
        id: PriceOverrideId::generate(),
        organization_id,
        row: format!("{{\"provider\":\"{AWKWARD}\",\"number\":{number}}}"),
        created_at: at(number),
        updated_at: at(number),
    }
}

/// Prices come back as they were added; a change replaces what may change, and nobody else's.
///
/// # Errors
/// Fails when the store does.
pub async fn keeps_price_overrides(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (first, second, other) = (price(ours, 1), price(ours, 3), price(theirs, 2));
    for added in [&second, &other, &first] {
        let done = change(store, added.organization_id, Change::AddPriceOverride(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    assert_eq!(store.price_overrides().await?, [first.clone(), other.clone(), second.clone()]);
    let again = change(store, ours, Change::AddPriceOverride(first.clone())).await?;
    assert_eq!(again, Changed::Exists);

    let changed =
        PriceOverride { row: "{}".to_owned(), updated_at: at(9), created_at: at(8), ..first.clone() };
    assert_eq!(change(store, ours, Change::UpdatePriceOverride(changed.clone())).await?, Changed::Done);
    let changed = PriceOverride { created_at: first.created_at, ..changed };
    assert_eq!(store.price_overrides().await?, [changed.clone(), other.clone(), second.clone()]);

    let claimed = PriceOverride { organization_id: ours, ..other.clone() };
    for intrusion in [Change::UpdatePriceOverride(claimed), Change::RemovePriceOverride(ours, other.id)] {
        assert_eq!(change(store, ours, intrusion).await?, Changed::NotFound);
    }
    assert_eq!(change(store, ours, Change::RemovePriceOverride(ours, second.id)).await?, Changed::Done);
    assert_eq!(change(store, ours, Change::RemovePriceOverride(ours, second.id)).await?, Changed::NotFound);
    assert_eq!(store.price_overrides().await?, [changed, other]);
    Ok(())
}
