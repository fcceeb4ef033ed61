//! Reading a request while it passes that is too long to be kept: what it says stands in its short members.

use super::condenser::Condenser;

/// Reads one request, which is not in a content encoding, while it passes.
#[derive(Debug, Default)]
pub struct RequestScanner {
    condenser: Box<Condenser>,
}

/// The members of a request as far as they are short.
#[derive(Debug)]
pub struct ScannedRequest(pub(crate) Option<Vec<u8>>);

impl RequestScanner {
    /// Takes the next bytes as they came over the wire.
    pub fn push(&mut self, bytes: &[u8]) {
        self.condenser.push(bytes);
    }

    /// Returns whether nothing can be read of the request, whatever follows: it is no JSON, or not to be made short.
    pub fn is_over(&self) -> bool {
        self.condenser.is_broken()
    }

    /// Takes the end of the request, of which nothing is missing if it `is_whole`.
    pub fn finish(self, is_whole: bool) -> ScannedRequest {
        ScannedRequest(self.condenser.condensed().filter(|_| is_whole).map(<[u8]>::to_vec))
    }
}
