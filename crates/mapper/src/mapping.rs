//! Mappings: where the API of an unknown provider says what, as a document that is inferred from samples.
//!
//! [`infer`] makes a [`MappingDocument`] of samples, [`MappingDocument::apply`] reads an exchange by it,
//! [`Watch`] notices when it no longer fits. Nothing here keeps state, asks a clock or guesses with chance: the
//! same samples, in any order, give the same document.

pub mod document;
pub mod evaluate;
pub mod infer;
pub mod known;
pub mod path;
pub mod pieces;
pub mod shape;
pub mod tree;
pub mod watch;

pub use self::document::{DocumentError, Field, MappingDocument, MappingStatus, Scope};
pub use self::evaluate::{Mapped, MappedMessage, MappedToolCall};
pub use self::infer::choice::{Choice, ChoiceError};
pub use self::infer::{Candidate, Decision, FieldInference, Inference, infer};
pub use self::known::dialect_known;
pub use self::path::{Path, PathError};
pub use self::pieces::{ArrayIs, Framing};
pub use self::shape::{Fingerprint, Shape, answer_shape, clusters, path_template, shape_of};
pub use self::watch::{Drift, Watch};
pub use gatehouse_wire::BodyView;

/// One exchange as mappings see it: what [`infer`] learns from and what [`MappingDocument::apply`] reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample<'a> {
    /// The method of the call.
    pub method: &'a str,
    /// The provider's host.
    pub host: &'a str,
    /// The path of the call; a query may follow.
    pub path: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// What the client sent, decoded from its content encoding.
    pub request: BodyView<'a>,
    /// What came back, decoded from its content encoding.
    pub response: BodyView<'a>,
}

impl Sample<'_> {
    /// Returns whether the provider says that the call went well.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
