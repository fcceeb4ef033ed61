//! Contracts of the stores.
