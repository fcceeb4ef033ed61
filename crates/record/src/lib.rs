//! Readers of the journal.
