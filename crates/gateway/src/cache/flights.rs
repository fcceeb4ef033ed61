//! One call for many: while an answer is being fetched, those who ask the same wait for it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use gatehouse_policy::cache::BucketId;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::entry::Entry;

/// Calls that are being made for others too, of all workers.
#[derive(Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<BucketId, Flight>>>);

/// The calls that are being made for one bucket.
#[derive(Default)]
struct Flight {
    /// The slots that their answers are for.
    claimed: Vec<u8>,
    waiting: VecDeque<oneshot::Sender<Wake>>,
}

/// What a call is to do that the cache can't answer.
pub(super) enum Turn {
    /// It is made.
    Lead(Lead),
    /// It waits for one that is being made.
    Wait(oneshot::Receiver<Wake>),
}

/// What becomes of a call that waited.
pub(super) enum Wake {
    /// The one that it waited for brought nothing: it is made itself.
    Lead(Lead),
    /// This is the answer, whether or not it could be kept; it belongs to the slot.
    Answer(Arc<Entry>, u8),
    /// There is an answer in the cache, or was: it looks again.
    Again,
}

impl Flights {
    /// Gives a call its turn; one for a slot that nobody fills yet is made.
    pub(super) fn join(&self, bucket: BucketId, vacant: &[u8]) -> Turn {
        let mut flights = self.0.lock();
        let flight = flights.entry(bucket).or_default();
        if let Some(slot) = vacant.iter().find(|slot| !flight.claimed.contains(slot)).copied() {
            flight.claimed.push(slot);
            return Turn::Lead(Lead { flights: self.clone(), bucket, slot, failures: 0, is_over: false });
        }
        if flight.waiting.len().is_power_of_two() {
            flight.waiting.retain(|waiting| !waiting.is_closed());
        }
        let (wake, waiting) = oneshot::channel();
        flight.waiting.push_back(wake);
        Turn::Wait(waiting)
    }

    /// Takes those out who wait, and the claim of the call they wait for.
    fn land(&self, bucket: BucketId, slot: u8) -> VecDeque<oneshot::Sender<Wake>> {
        let mut flights = self.0.lock();
        let Some(flight) = flights.get_mut(&bucket) else { return VecDeque::new() };
        flight.release(slot);
        let waiting = std::mem::take(&mut flight.waiting);
        if flight.claimed.is_empty() {
            flights.remove(&bucket);
        }
        waiting
    }

    /// Claims a slot for the next one who waits.
    fn next(&self, bucket: BucketId, slot: u8) -> Option<oneshot::Sender<Wake>> {
        let mut flights = self.0.lock();
        let flight = flights.get_mut(&bucket)?;
        let waiting = flight.waiting.pop_front()?;
        flight.claimed.push(slot);
        Some(waiting)
    }

    fn release(&self, bucket: BucketId, slot: u8) {
        let mut flights = self.0.lock();
        let Some(flight) = flights.get_mut(&bucket) else { return };
        flight.release(slot);
        if flight.claimed.is_empty() && flight.waiting.is_empty() {
            flights.remove(&bucket);
        }
    }
}

impl Flight {
    fn release(&mut self, slot: u8) {
        if let Some(place) = self.claimed.iter().position(|claimed| *claimed == slot) {
            self.claimed.swap_remove(place);
        }
    }
}

/// The duty of a call that others wait for.
///
/// Dropped before it has landed, it goes on to one of those who wait, and from the second failure on to two:
/// so that none of a thousand waits for a thousand failures, and never do all of them ask at once.
pub(super) struct Lead {
    flights: Flights,
    bucket: BucketId,
    slot: u8,
    failures: u32,
    is_over: bool,
}

impl Lead {
    /// Returns the slot that the answer is for.
    pub(super) const fn slot(&self) -> u8 {
        self.slot
    }

    /// Gives the answer to all who wait: one copy for all of them, and no matter what became of it in the cache.
    pub(super) fn land_with(self, entry: &Arc<Entry>) {
        let slot = self.slot;
        self.wake(|| Wake::Answer(Arc::clone(entry), slot));
    }

    /// Says that the answer is in the cache: all who wait look again.
    pub(super) fn land(self) {
        self.wake(|| Wake::Again);
    }

    fn wake(mut self, wake: impl Fn() -> Wake) {
        self.is_over = true;
        for waiting in self.flights.land(self.bucket, self.slot) {
            // Whoever went away meanwhile needs nothing.
            drop(waiting.send(wake()));
        }
    }

    /// Gives the duty to the next one who still waits; returns whether there was one.
    fn hand_over(&self) -> bool {
        while let Some(waiting) = self.flights.next(self.bucket, self.slot) {
            let lead = Self {
                flights: self.flights.clone(),
                bucket: self.bucket,
                slot: self.slot,
                failures: self.failures + 1,
                is_over: false,
            };
            let Err(Wake::Lead(mut unwanted)) = waiting.send(Wake::Lead(lead)) else { return true };
            unwanted.is_over = true;
            self.flights.release(self.bucket, self.slot);
        }
        false
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let successors = if self.failures == 0 { 1 } else { 2 };
        for _ in 0..successors {
            if !self.hand_over() {
                break;
            }
        }
        self.flights.release(self.bucket, self.slot);
    }
}

#[cfg(test)]
mod tests {
    use gatehouse_policy::cache::{CacheKey, KeyParts, RequestBody};
    use gatehouse_types::OrganizationId;

    use super::*;

    fn bucket() -> BucketId {
        let parts = KeyParts {
            organization_id: OrganizationId::NOBODY,
            caller_secret: b"",
            origin: "",
            method: "",
            path: "",
            query: None,
            body: RequestBody::Bytes(b""),
            seed: b"",
            ignored_keys: &[],
            credentials: &[],
            headers: &[],
        };
        CacheKey::of(&parts).bucket()
    }

    fn lead(turn: Turn) -> Lead {
        match turn {
            Turn::Lead(lead) => lead,
            Turn::Wait(_) => panic!("waits"),
        }
    }

    fn wait(turn: Turn) -> oneshot::Receiver<Wake> {
        match turn {
            Turn::Wait(waiting) => waiting,
            Turn::Lead(_) => panic!("leads"),
        }
    }

    fn woken(waiting: &mut [oneshot::Receiver<Wake>]) -> Vec<Wake> {
        waiting.iter_mut().filter_map(|waiting| waiting.try_recv().ok()).collect()
    }

    fn waiting(flights: &Flights, count: usize) -> Vec<oneshot::Receiver<Wake>> {
        (0..count).map(|_| wait(flights.join(bucket(), &[0]))).collect()
    }

    #[test]
    fn one_leads_and_all_look_again_when_it_has_landed() {
        let flights = Flights::default();
        let leading = lead(flights.join(bucket(), &[0]));
        let mut waiting = waiting(&flights, 1000);
        leading.land();
        let woken = woken(&mut waiting);
        assert_eq!(woken.len(), 1000);
        assert!(woken.iter().all(|wake| matches!(wake, Wake::Again)));
        assert!(flights.0.lock().is_empty());
    }

    #[test]
    fn as_many_lead_as_there_are_slots_to_fill() {
        let flights = Flights::default();
        let leads: Vec<Lead> = (0..3).map(|_| lead(flights.join(bucket(), &[1, 4, 7]))).collect();
        assert_eq!(leads.iter().map(Lead::slot).collect::<Vec<_>>(), [1, 4, 7]);
        drop(wait(flights.join(bucket(), &[1, 4, 7])));
        drop(leads);
        assert!(flights.0.lock().is_empty());
    }

    #[test]
    fn a_failure_makes_one_the_next_leader_and_further_ones_two_each() {
        let flights = Flights::default();
        let leading = lead(flights.join(bucket(), &[0]));
        let mut waiting = waiting(&flights, 1000);
        drop(leading);
        let mut in_all = 0;
        for expected in [1, 2, 4, 8, 16, 32, 64, 128, 256, 489, 0] {
            let leads = woken(&mut waiting);
            assert_eq!(leads.len(), expected);
            assert!(leads.iter().all(|wake| matches!(wake, Wake::Lead(lead) if lead.slot() == 0)));
            in_all += leads.len();
        }
        assert_eq!(in_all, 1000);
        assert!(flights.0.lock().is_empty());
    }

    #[test]
    fn whoever_has_gone_is_passed_over() {
        let flights = Flights::default();
        let leading = lead(flights.join(bucket(), &[0]));
        let mut waiting = waiting(&flights, 3);
        drop(waiting.remove(0));
        drop(leading);
        // The next one is woken and goes before it takes its turn.
        drop(waiting.remove(0));
        let Some(Wake::Lead(last)) = woken(&mut waiting).pop() else { panic!("nobody leads") };
        last.land();
        assert!(flights.0.lock().is_empty());
    }
}
