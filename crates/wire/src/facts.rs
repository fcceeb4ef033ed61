//! What the pieces of an answer add up to, whatever its dialect.

use gatehouse_types::{NanoUsd, Observed, Usage};

use crate::json::Scalar;
use crate::transcript::Transcript;

/// The facts of one answer.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The model that answered.
    pub(crate) model: Option<String>,
    /// The tier that was billed.
    pub(crate) service_tier: Option<String>,
    /// What was used.
    pub(crate) usage: Option<Usage>,
    /// What the provider says that it cost.
    pub(crate) declared_cost: Option<NanoUsd>,
    /// Which variant of a product was made.
    pub(crate) variant: Option<String>,
    /// Whether there is more to pay for than what is counted.
    pub(crate) has_fees: bool,
    /// What was said.
    pub(crate) transcript: Transcript,
}

impl Facts {
    /// Writes the facts down.
    pub(crate) fn tell(self, observed: &mut Observed) {
        observed.response_model = self.model;
        observed.service_tier = self.service_tier;
        observed.usage = self.usage;
        observed.declared_cost = self.declared_cost;
        observed.variant = self.variant;
        observed.extra_charges |= self.has_fees;
        observed.response_preview = self.transcript.into_text();
    }
}

/// The reader of the answers of one dialect.
pub(crate) trait Reader: Default {
    /// Takes the next piece; one that is not valid JSON is passed over.
    fn add(&mut self, piece: &[u8]);

    /// Returns the facts. Of a stream only counts are taken that are certainly the final ones.
    fn facts(self, is_stream: bool) -> Facts;
}

/// Keeps the last value that says something; pieces mostly repeat the one before.
pub(crate) fn note(slot: &mut Option<String>, value: Scalar<'_>) {
    if value.text().is_some_and(|text| slot.as_deref() != Some(text))
        && let Some(text) = value.into_text()
    {
        *slot = Some(text);
    }
}
