//! Who says whether a domain has its TXT record.

use std::future::Future;
use std::pin::Pin;

/// Looks up the TXT records that approve domains.
pub trait DomainVerifier: Send + Sync {
    /// Looks for the record of `domain`, at the domain itself and wherever else it may stand.
    fn verify<'a>(&'a self, domain: &'a str) -> Pin<Box<dyn Future<Output = Verification> + Send + 'a>>;
}

/// What a look-up found. The explanations are for whoever asked for the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The record is there.
    Found {
        /// The name that has it.
        name: String,
    },
    /// It is known not to be there.
    Missing {
        /// What was looked for, and what was found.
        explanation: String,
    },
    /// Nobody could say.
    Unavailable {
        /// Whom was asked what.
        explanation: String,
    },
}
