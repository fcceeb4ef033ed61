//! What all workers share and nobody has to wait long for, kept by this process itself.
//!
//! The contracts are those of `gatehouse-store`; an installation of one process needs nothing else.

pub mod cache;
pub mod limits;
