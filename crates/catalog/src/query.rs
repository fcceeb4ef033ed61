//! What is asked of the prices, and what they answer.

use gatehouse_types::{NanoUsd, Timestamp, Usage};
use serde::{Serialize, Serializer};

/// What is to be priced.
#[derive(Clone, Copy, Debug)]
pub struct PriceQuery<'a> {
    /// The provider's name in Helicone's spelling, or the host of an unknown one.
    pub provider: &'a str,
    /// The provider's region, where the host that was asked stands for one.
    pub region: Option<&'a str>,
    /// The model that answered; empty when it is not known.
    pub model: &'a str,
    /// The service tier that the provider billed, when it said so.
    pub service_tier: Option<&'a str>,
    /// Which variant of a product was made, such as the quality and size of an image.
    pub variant: Option<&'a str>,
    /// What was counted, when anything was.
    pub usage: Option<&'a Usage>,
    /// What the provider says that the call cost. It is taken, unless an override names the model: then the
    /// override decides alone, as whoever wrote it pays another price than the one that is declared.
    pub declared_cost: Option<NanoUsd>,
    /// Whether the call is charged for more than what is counted.
    pub extra_charges: bool,
    /// The HTTP status, or a synthetic one below 0.
    pub status: i32,
    /// When the call was made.
    pub at: Timestamp,
}

/// A call that is still to be made.
#[derive(Clone, Copy, Debug)]
pub struct EstimateQuery<'a> {
    /// The provider's name in Helicone's spelling, or the host of an unknown one.
    pub provider: &'a str,
    /// The provider's region, where the host that is asked stands for one.
    pub region: Option<&'a str>,
    /// The model that is asked for.
    pub model: &'a str,
    /// How many tokens the input is thought to have.
    pub input_tokens: u64,
    /// How many tokens the output may have.
    pub output_tokens: u64,
    /// When the call is made.
    pub at: Timestamp,
}

/// Why a call has the cost it has, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CostStatus {
    /// Everything that was used has a price.
    Priced,
    /// The cost is what the provider itself says.
    Declared,
    /// The provider did not say how much was used.
    NoUsage,
    /// The provider refused or failed, and did not say that anything was used.
    ErrorStatus,
    /// Nobody said which model it was.
    NoModel,
    /// The call is charged for more than what is counted, such as a tool that the provider ran: the fee is not
    /// known.
    ExtraCharges,
    /// No price of this model, tier, region or length of input is known.
    NoPrice,
    /// Something that was used has no known price.
    PartialPrice,
}

impl CostStatus {
    /// Every status, for metrics and documentation.
    pub const ALL: [Self; 8] = [
        Self::Priced,
        Self::Declared,
        Self::NoUsage,
        Self::ErrorStatus,
        Self::NoModel,
        Self::ExtraCharges,
        Self::NoPrice,
        Self::PartialPrice,
    ];

    /// Returns the name used in rows, metrics and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Priced => "priced",
            Self::Declared => "declared",
            Self::NoUsage => "no_usage",
            Self::ErrorStatus => "error_status",
            Self::NoModel => "no_model",
            Self::ExtraCharges => "extra_charges",
            Self::NoPrice => "no_price",
            Self::PartialPrice => "partial_price",
        }
    }
}

impl Serialize for CostStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The answer to a [`PriceQuery`].
///
/// # Invariants
/// `cost` is there exactly when `status` is [`CostStatus::Priced`] or [`CostStatus::Declared`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
    /// The cost.
    pub cost: Option<NanoUsd>,
    /// Why it is what it is.
    pub status: CostStatus,
}
