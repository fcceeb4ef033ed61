//! Room in memory for bodies that are read whole: so much for all, and so much of it for one organisation.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_types::OrganizationId;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What all bodies together may take, in [`UNIT_BYTES`].
const ALL_UNITS: u32 = 256 * 1024;
/// What the bodies of one organisation may take.
const OWN_UNITS: u32 = 64 * 1024;
const UNIT_BYTES: u32 = 1024;

/// The room, and who has how much of it.
#[derive(Debug)]
pub(crate) struct Room {
    all: Arc<Semaphore>,
    own: Mutex<HashMap<OrganizationId, Arc<Semaphore>>>,
}

/// A part of the room; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _own: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

impl Default for Room {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL_UNITS as usize)), own: Mutex::default() }
    }
}

impl Room {
    /// Waits until there is room for a body of `bytes`: in the organisation's own part first, so that whoever
    /// has used that up keeps nothing from the others.
    pub(crate) async fn take(&self, organization_id: OrganizationId, bytes: u32) -> Place {
        let units = bytes.div_ceil(UNIT_BYTES).max(1);
        let own = Arc::clone(
            self.own
                .lock()
                .entry(organization_id)
                .or_insert_with(|| Arc::new(Semaphore::new(OWN_UNITS as usize))),
        );
        // The semaphores are never closed.
        let own = own.acquire_many_owned(units).await.ok();
        let all = Arc::clone(&self.all).acquire_many_owned(units).await.ok();
        Place { _own: own, _all: all }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    const OWN_BYTES: u32 = OWN_UNITS * UNIT_BYTES;

    fn organization(number: u128) -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn who_has_used_up_its_own_part_waits_and_keeps_nobody_else() {
        let room = Room::default();
        let first = room.take(organization(1), OWN_BYTES).now_or_never();
        assert!(first.is_some());
        assert!(room.take(organization(1), 1).now_or_never().is_none());
        assert!(room.take(organization(2), OWN_BYTES).now_or_never().is_some());
        drop(first);
        assert!(room.take(organization(1), 1).now_or_never().is_some());
    }

    #[test]
    fn all_together_have_a_bound() {
        let room = Room::default();
        let places: Vec<_> = (0..u128::from(ALL_UNITS / OWN_UNITS))
            .map(|number| room.take(organization(number), OWN_BYTES).now_or_never().unwrap())
            .collect();
        assert!(room.take(organization(99), 1).now_or_never().is_none());
        drop(places);
        assert!(room.take(organization(99), 1).now_or_never().is_some());
    }
}
