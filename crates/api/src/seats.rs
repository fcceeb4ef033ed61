//! Seats for answers that go on for long: so many for all, and so many of them for one organisation.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_types::OrganizationId;
use parking_lot::Mutex;

use crate::error::{ApiError, ErrorKind};

/// The seats for one kind of answers.
#[derive(Debug)]
pub(crate) struct Seats {
    /// What the answers are called where there is no seat.
    things: &'static str,
    all: usize,
    own: usize,
    taken: Mutex<HashMap<OrganizationId, usize>>,
}

/// A seat; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    organization_id: OrganizationId,
}

impl Seats {
    /// Returns `all` seats for `things`, of which one organisation may take `own`.
    pub(crate) fn new(things: &'static str, all: usize, own: usize) -> Arc<Self> {
        Arc::new(Self { things, all, own, taken: Mutex::default() })
    }

    /// Takes a seat.
    ///
    /// # Errors
    /// Fails when the organisation has its share already, or all are taken.
    pub(crate) fn take(self: &Arc<Self>, organization_id: OrganizationId) -> Result<Seat, ApiError> {
        let mut taken = self.taken.lock();
        let own = taken.get(&organization_id).copied().unwrap_or(0);
        if own >= self.own || taken.values().sum::<usize>() >= self.all {
            let (own, all, things) = (self.own, self.all, self.things);
            let message = format!(
                "there are {own} {things} of this organisation, or {all} of all, and no more at once: end one first"
            );
            return Err(ApiError::new(ErrorKind::TooManyStreams, message));
        }
        taken.insert(organization_id, own + 1);
        Ok(Seat { seats: Arc::clone(self), organization_id })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock();
        match taken.get_mut(&self.organization_id) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.remove(&self.organization_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn seats_are_bounded_for_each_and_for_all_and_given_back() {
        let seats = Seats::new("tails", 3, 2);
        let organization = |number| OrganizationId::from_uuid(Uuid::from_u128(number));
        let first = seats.take(organization(1)).unwrap();
        let _second = seats.take(organization(1)).unwrap();
        let full = seats.take(organization(1)).unwrap_err();
        assert_eq!(full.kind, ErrorKind::TooManyStreams);
        let _other = seats.take(organization(2)).unwrap();
        assert!(seats.take(organization(2)).is_err(), "all are taken");
        drop(first);
        assert!(seats.take(organization(2)).is_ok());
        assert_eq!(seats.taken.lock().len(), 2);
    }
}
