//! Where records of calls are given that did not go through the gateway: logged by hand, or spans of a trace.

use gatehouse_types::Exchange;

use crate::StoreFuture;

/// Takes records of calls that others made; they become rows like those of the gateway's own calls.
pub trait Intake: Send + Sync {
    /// Takes the record of one call; resolves when it is on disk.
    ///
    /// # Errors
    /// [`Unavailable`](crate::StoreError::Unavailable) when there is no room for it now or the process is
    /// starting or stopping, [`Failed`](crate::StoreError::Failed) when it is larger than a record may be.
    ///
    /// # Cancellation
    /// A record whose future is dropped may be kept or not.
    fn take(&self, exchange: Exchange) -> StoreFuture<'_, ()>;
}
