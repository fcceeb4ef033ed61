//! Turns of organisations: what all of them wait for in one queue, each asks for one at a time.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_types::OrganizationId;
use parking_lot::Mutex;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// The turns of every organisation that ever took one.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<OrganizationId, Arc<Turn<()>>>>);

impl Turns {
    /// Waits until nobody else of the organisation has its turn, which lasts as long as what is returned.
    pub(crate) async fn take(&self, organization_id: OrganizationId) -> OwnedMutexGuard<()> {
        let turn = Arc::clone(self.0.lock().entry(organization_id).or_default());
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_organisation_waits_for_itself_and_for_no_other() {
        let turns = Turns::default();
        let [ours, theirs] = [1, 2].map(|number| OrganizationId::from_uuid(Uuid::from_u128(number)));
        let first = turns.take(ours).now_or_never();
        assert!(first.is_some());
        assert!(turns.take(ours).now_or_never().is_none());
        assert!(turns.take(theirs).now_or_never().is_some());
        drop(first);
        assert!(turns.take(ours).now_or_never().is_some());
    }
}
