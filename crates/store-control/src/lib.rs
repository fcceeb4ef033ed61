//! The control store.
