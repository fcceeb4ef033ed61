//! What the price of a call depends on beside model, usage, place and time.

use gatehouse_types::NanoUsd;

/// What a provider's answer says about how the call is billed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Billing {
    /// The service tier that the provider billed, when it said so.
    pub service_tier: Option<String>,
    /// Which variant of a product was made: quality and size of an image, or the size of a search's context.
    pub variant: Option<String>,
    /// What the provider says that the call cost, when it says so.
    pub declared_cost: Option<NanoUsd>,
    /// Whether the call is charged for more than what its usage has a class for.
    pub extra_charges: bool,
    /// Whether the row was stored before all this was kept: then nothing is known of tier, variant and declared
    /// cost, which is not the same as there being none.
    pub is_unknown: bool,
}
