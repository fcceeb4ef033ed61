//! One thing that the provider says, kept for a while; who asks meanwhile waits for the one call that is under way.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::refusal::Refusal;

/// How long a failure is told to whoever asks, so that those who wait are not tried one after the other.
const FAILURE_LIFETIME: Duration = Duration::from_secs(2);

/// Something that was read, or could not be.
pub(crate) struct Kept<T> {
    lifetime: Duration,
    /// How long it is at least from one reading before its time to the next.
    patience: Duration,
    slot: Mutex<Slot<T>>,
}

struct Slot<T> {
    read: Option<(Instant, Result<Arc<T>, Refusal>)>,
    renewed_at: Option<Instant>,
}

impl<T> Kept<T> {
    /// Returns one that keeps what it reads for `lifetime`, and reads it before its time once in `patience` at most.
    pub(crate) fn new(lifetime: Duration, patience: Duration) -> Self {
        Self { lifetime, patience, slot: Mutex::new(Slot { read: None, renewed_at: None }) }
    }

    /// Returns what is kept, or what `read` finds.
    pub(crate) async fn get(
        &self,
        read: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<Arc<T>, Refusal> {
        let mut slot = self.slot.lock().await;
        if let Some((at, kept)) = &slot.read {
            let lifetime = if kept.is_ok() { self.lifetime } else { FAILURE_LIFETIME };
            if at.elapsed() < lifetime {
                return kept.clone();
            }
        }
        slot.fill(read).await
    }

    /// Returns what `read` finds, unless that was asked for lately: then what is kept.
    pub(crate) async fn renew(
        &self,
        read: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<Arc<T>, Refusal> {
        let mut slot = self.slot.lock().await;
        let is_early = slot.renewed_at.is_some_and(|at| at.elapsed() < self.patience);
        if let (true, Some((_, kept))) = (is_early, &slot.read) {
            return kept.clone();
        }
        slot.renewed_at = Some(Instant::now());
        slot.fill(read).await
    }
}

impl<T> Slot<T> {
    async fn fill(&mut self, read: impl Future<Output = Result<T, Refusal>>) -> Result<Arc<T>, Refusal> {
        let found = read.await.map(Arc::new);
        self.read = Some((Instant::now(), found.clone()));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const SOON: Duration = Duration::from_secs(10);

    async fn get(kept: &Kept<u32>, found: Result<u32, Refusal>) -> Result<u32, Refusal> {
        kept.get(async { found }).await.map(|found| *found)
    }

    async fn renew(kept: &Kept<u32>, found: u32) -> Result<u32, Refusal> {
        kept.renew(async { Ok(found) }).await.map(|found| *found)
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_what_it_read_for_its_time_and_a_failure_for_a_moment() {
        let kept = Kept::new(HOUR, SOON);
        assert_eq!(get(&kept, Err(Refusal::Unreachable)).await, Err(Refusal::Unreachable));
        assert_eq!(get(&kept, Ok(1)).await, Err(Refusal::Unreachable));
        tokio::time::advance(FAILURE_LIFETIME).await;
        assert_eq!(get(&kept, Ok(2)).await, Ok(2));
        tokio::time::advance(HOUR - SOON).await;
        assert_eq!(get(&kept, Ok(3)).await, Ok(2));
        tokio::time::advance(SOON).await;
        assert_eq!(get(&kept, Ok(4)).await, Ok(4));
    }

    #[tokio::test(start_paused = true)]
    async fn is_renewed_before_its_time_but_not_often() {
        let kept = Kept::new(HOUR, SOON);
        assert_eq!(get(&kept, Ok(1)).await, Ok(1));
        assert_eq!(renew(&kept, 2).await, Ok(2));
        assert_eq!(renew(&kept, 3).await, Ok(2));
        tokio::time::advance(SOON).await;
        assert_eq!(renew(&kept, 4).await, Ok(4));
        assert_eq!(get(&kept, Ok(5)).await, Ok(4));
    }
}
