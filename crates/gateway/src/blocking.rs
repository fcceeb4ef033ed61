//! Work on whole bodies: where the call is, or on a blocking thread where it would hold up other calls.

/// Bodies larger than this are worked on beside the runtime.
const LARGE: usize = 256 << 10;

/// Runs `work` on `bytes` bytes; `None` while the runtime is being shut down.
pub(crate) async fn off_thread<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if bytes <= LARGE {
        return Some(work());
    }
    tokio::task::spawn_blocking(work).await.ok()
}
