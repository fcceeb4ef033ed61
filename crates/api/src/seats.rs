//! Seats for answers that go on for long: so many for all, and so many of them for one organisation.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatehouse_types::OrganizationId;
use parking_lot::Mutex;

use crate::error::{ApiError, ErrorKind};

/// After how long without having said that it goes on an answer may lose its seat to another one: its client does not
/// read, or is gone without a word.
const IDLE: Duration = Duration::from_secs(120);

/// The seats for one kind of answers.
#[derive(Debug)]
pub(crate) struct Seats {
    /// What the answers are called where there is no seat.
    things: &'static str,
    all: usize,
    own: usize,
    taken: Mutex<Taken>,
}

/// Who has a seat, by the number of the seat.
#[derive(Debug, Default)]
struct Taken {
    seats: HashMap<u64, Holder>,
    next: u64,
}

#[derive(Debug)]
struct Holder {
    organization_id: OrganizationId,
    /// When it last said that it goes on.
    seen: Instant,
}

/// A seat; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    number: u64,
}

impl Seats {
    /// Returns `all` seats for `things`, of which one organisation may take `own`.
    pub(crate) fn new(things: &'static str, all: usize, own: usize) -> Arc<Self> {
        Arc::new(Self { things, all, own, taken: Mutex::default() })
    }

    /// Takes a seat.
    ///
    /// # Errors
    /// Fails when the organisation has its share already, or all are taken, by answers that go on.
    pub(crate) fn take(self: &Arc<Self>, organization_id: OrganizationId) -> Result<Seat, ApiError> {
        self.take_at(organization_id, Instant::now())
    }

    fn take_at(self: &Arc<Self>, organization_id: OrganizationId, now: Instant) -> Result<Seat, ApiError> {
        let mut taken = self.taken.lock();
        if taken.is_full(self, organization_id) {
            taken.seats.retain(|_, holder| now.saturating_duration_since(holder.seen) < IDLE);
        }
        if taken.is_full(self, organization_id) {
            let (own, all, things) = (self.own, self.all, self.things);
            let message = format!(
                "there are {own} {things} of this organisation, or {all} of all, and no more at once: end one first"
            );
            return Err(ApiError::new(ErrorKind::TooManyStreams, message));
        }
        let number = taken.next;
        taken.next += 1;
        taken.seats.insert(number, Holder { organization_id, seen: now });
        Ok(Seat { seats: Arc::clone(self), number })
    }
}

impl Taken {
    fn is_full(&self, seats: &Seats, organization_id: OrganizationId) -> bool {
        let own = self.seats.values().filter(|holder| holder.organization_id == organization_id);
        self.seats.len() >= seats.all || own.count() >= seats.own
    }
}

impl Seat {
    /// Says that the answer goes on; returns whether the seat is still its own.
    pub(crate) fn hold(&self) -> bool {
        self.hold_at(Instant::now())
    }

    fn hold_at(&self, now: Instant) -> bool {
        let mut taken = self.seats.taken.lock();
        taken.seats.get_mut(&self.number).map(|holder| holder.seen = now).is_some()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken.lock().seats.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn organization(number: u128) -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn seats_are_bounded_for_each_and_for_all_and_given_back() {
        let seats = Seats::new("tails", 3, 2);
        let first = seats.take(organization(1)).unwrap();
        let _second = seats.take(organization(1)).unwrap();
        let full = seats.take(organization(1)).unwrap_err();
        assert_eq!(full.kind, ErrorKind::TooManyStreams);
        let _other = seats.take(organization(2)).unwrap();
        assert!(seats.take(organization(2)).is_err(), "all are taken");
        drop(first);
        assert!(seats.take(organization(2)).is_ok());
        assert_eq!(seats.taken.lock().seats.len(), 2);
    }

    #[test]
    fn who_does_not_read_loses_its_seat_to_who_needs_one() {
        let seats = Seats::new("exports", 2, 2);
        let began = Instant::now();
        let later = |seconds| began + Duration::from_secs(seconds);
        let asleep = seats.take_at(organization(1), began).unwrap();
        let awake = seats.take_at(organization(1), began).unwrap();
        assert!(awake.hold_at(later(100)));
        assert!(seats.take_at(organization(2), later(119)).is_err());
        let other = seats.take_at(organization(2), later(120)).unwrap();
        assert!(!asleep.hold_at(later(121)), "it ends when its client reads again");
        assert!(awake.hold_at(later(121)) && other.hold_at(later(121)));
        drop(asleep);
        assert!(seats.take_at(organization(2), later(122)).is_err(), "it had no seat to give back");
        assert!(awake.hold_at(later(999)), "nobody needed it");
    }
}
