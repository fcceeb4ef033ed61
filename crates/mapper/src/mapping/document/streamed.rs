//! What a document says of streamed answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FinishMapping, UsageMapping};
use crate::mapping::path::Path;
use crate::mapping::pieces::Framing;

/// How streamed answers are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamMapping {
    /// How the pieces follow each other.
    pub framing: Framing,
    /// What stands in place of JSON in the last piece.
    pub done: Option<String>,
    /// The text.
    pub text: Option<StreamText>,
    /// The reasoning before it.
    pub reasoning: Option<StreamText>,
    /// The counts.
    pub usage: Option<StreamUsage>,
    /// Why it ended.
    pub finish: Option<FinishMapping>,
    /// The model that answered.
    pub model: Option<Path>,
    /// What went wrong.
    pub error: Option<Path>,
}

/// Which pieces of a stream are meant: those that have all of this.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Select {
    /// The name of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Strings in the piece.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<Path, String>,
}

/// How the parts of a streamed text make up the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextMode {
    /// One after the other.
    #[default]
    Concat,
    /// Each has all that came so far: the last one is the whole.
    Last,
}

/// How a streamed text is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamText {
    /// In which pieces.
    pub select: Select,
    /// Where in a piece.
    pub path: Path,
    /// How the parts make up the whole.
    pub mode: TextMode,
}

/// Which of a stream's counts are those of the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageMode {
    /// Those of the last piece that has them all.
    #[default]
    Last,
    /// The greatest of each.
    Max,
    /// The latest of each, wherever it stands.
    Merge,
}

/// How the counts of a stream are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamUsage {
    /// Where they stand in a piece.
    pub counts: UsageMapping,
    /// Which pieces count.
    pub mode: UsageMode,
}
