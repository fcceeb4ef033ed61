//! Waiting for a state outside the process, with a deadline.

use std::future::Future;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;

/// How long the first pause between two looks is; later ones double up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(2);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Calls `look` until it returns `Some`, and returns that value.
///
/// # Errors
/// When `deadline` has passed; an error of `look` itself is returned at once.
pub async fn eventually<T, Look, Answer>(deadline: Duration, mut look: Look) -> Result<T>
where
    Look: FnMut() -> Answer,
    Answer: Future<Output = Result<Option<T>>>,
{
    let end = Instant::now() + deadline;
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(value) = look().await? {
            return Ok(value);
        }
        if Instant::now() >= end {
            bail!("nothing came within {deadline:?}");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
