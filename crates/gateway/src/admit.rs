//! The fourth stage: may this call be made now?

use crate::identify::Identified;
use crate::reject::{Refusal, Rejection};
use crate::worker::Worker;

/// Lets a call pass unless its record could not be kept.
///
/// # Errors
/// In `strict` durability a call is refused while the journal has no room for its record.
pub(crate) fn admit(worker: &Worker, identified: Identified) -> Result<Identified, Box<Rejection>> {
    if worker.is_strict() && !worker.shared.journal.has_room() {
        return Err(identified.recording.refuse(Refusal::JournalFull));
    }
    Ok(identified)
}
