//! What follows the control store: keys, approved domains and host rules in memory, and the uses of keys.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_store::view::ViewKeeper;

/// How often the store is asked whether something changed, maybe by another process.
const REFRESH: Duration = Duration::from_millis(250);
/// How often the uses of keys are written.
const WRITE_USES: Duration = Duration::from_secs(10);

/// Keeps what is in memory that of the store, for as long as it is awaited.
pub(crate) async fn follow(keeper: Arc<ViewKeeper>) {
    // Beside each other: a write that waits for the store must not delay a revocation.
    tokio::join!(follow_changes(&keeper), follow_uses(&keeper));
}

async fn follow_changes(keeper: &ViewKeeper) {
    let mut interval = tokio::time::interval(REFRESH);
    loop {
        interval.tick().await;
        if let Err(error) = keeper.refresh().await {
            tracing::warn!(%error, "can't refresh keys and domains; those in memory stay in force");
        }
    }
}

async fn follow_uses(keeper: &ViewKeeper) {
    let mut interval = tokio::time::interval(WRITE_USES);
    loop {
        interval.tick().await;
        write_key_uses(keeper).await;
    }
}

/// Writes down when keys were last used.
pub(crate) async fn write_key_uses(keeper: &ViewKeeper) {
    if let Err(error) = keeper.write_key_uses().await {
        tracing::warn!(%error, "can't write when keys were last used; tried again");
    }
}
