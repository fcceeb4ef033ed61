//! Whether an exchange is in a dialect that has a reader of its own, told by its structure: such calls are never
//! mapped.

use super::Sample;

/// Returns whether both bodies of a call that went well are in a dialect that is read without a mapping.
pub fn dialect_known(sample: &Sample<'_>) -> bool {
    sample.is_success() && false
}
