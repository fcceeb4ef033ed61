//! Everything the other crates test against: a scripted provider, a DNS server, a raw HTTP client, the real binary.
//!
//! Nothing here is linked into the product. Servers listen on port 0, files lie in temporary directories,
//! and every wait has a deadline, so tests pass in any order and beside each other.

pub mod ca;
pub mod double;
pub mod http1;
pub mod poll;

pub use ca::TestCa;
pub use double::{DoubleOptions, ProviderDouble};
pub use poll::eventually;
