//! Everything the other crates test against: a scripted provider, a DNS server, a raw HTTP client, the real binary.
//!
//! Nothing here is linked into the product. Servers listen on port 0, files lie in temporary directories,
//! and every wait has a deadline, so tests pass in any order and beside each other.

pub mod ca;
pub mod client;
pub mod conformance;
pub mod dns;
pub mod double;
pub mod hosts;
pub mod http1;
pub mod identity;
pub mod poll;
pub mod process;
pub mod receiver;

pub use ca::TestCa;
pub use dns::TestDns;
pub use double::{DoubleOptions, ProviderDouble};
pub use identity::IdentityDouble;
pub use poll::eventually;
pub use process::{Gatehouse, GatehouseOptions};
pub use receiver::Receiver;
