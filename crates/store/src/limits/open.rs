//! A reservation that is settled whatever becomes of the call.

use std::sync::Arc;

use gatehouse_policy::rate::Unit;
use gatehouse_types::Clock;

use super::{LimitStore, Outcome, Reservation, Spending};

/// A reservation on its way with a call.
///
/// Dropped, it is given back if the call was not sent, and spent as estimated if it was.
pub struct OpenReservation {
    store: Arc<dyn LimitStore>,
    clock: Arc<dyn Clock>,
    /// Absent once it is settled.
    reservation: Option<Reservation>,
    is_sent: bool,
}

impl OpenReservation {
    /// Takes charge of what was reserved in `store`.
    pub fn new(store: Arc<dyn LimitStore>, clock: Arc<dyn Clock>, reservation: Reservation) -> Self {
        Self { store, clock, reservation: Some(reservation), is_sent: false }
    }

    /// Notes that the call may reach a provider from now on.
    pub const fn sent(&mut self) {
        self.is_sent = true;
    }

    /// Returns whether cost or tokens are set aside, so that what the call used makes a difference.
    pub fn is_metered(&self) -> bool {
        let parts = self.reservation.iter().flat_map(|reservation| &reservation.parts);
        parts.into_iter().any(|part| part.unit != Unit::Request)
    }

    /// Settles it with what the call used.
    pub fn settle(mut self, spent: Spending) {
        self.is_sent = true;
        self.end(spent);
    }

    fn end(&mut self, spent: Spending) {
        let Some(reservation) = self.reservation.take() else { return };
        if reservation.parts.is_empty() {
            return;
        }
        let outcome = if self.is_sent { Outcome::Sent(spent) } else { Outcome::Unsent };
        self.store.settle(reservation, outcome, self.clock.now());
    }
}

impl Drop for OpenReservation {
    fn drop(&mut self) {
        self.end(Spending::default());
    }
}
