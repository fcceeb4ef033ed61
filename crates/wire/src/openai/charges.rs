//! What a call is charged for besides its tokens.
//!
//! Tools that the provider runs itself (web and file search, containers, images) are paid per use, at rates that no
//! count in the answer stands for.

use serde::de::MapAccess;

use crate::counts::Count;
use crate::json::{Scalar, Shape, skip};

/// The ends of the names of items that ask for something to be run.
const CALL: &str = "_call";
/// Calls that the caller runs itself.
const RUN_BY_CALLER: [&str; 4] =
    ["function_call", "custom_tool_call", "local_shell_call", "apply_patch_call"];
/// Parts of the names of models that search the web in every call.
const SEARCH_MODELS: [&str; 2] = ["-search-preview", "-search-api"];

/// Returns whether an output item of type `kind` is a call of a tool that the provider runs.
///
/// A kind of call that is not known is one: a cost without its fee would be too low.
pub(crate) fn is_hosted_tool(kind: &str) -> bool {
    kind.ends_with(CALL) && !RUN_BY_CALLER.contains(&kind)
}

/// Returns whether `model` searches the web in every call, which is charged per search.
pub(crate) fn is_search_model(model: &str) -> bool {
    SEARCH_MODELS.iter().any(|part| model.contains(part))
}

/// What a provider counts besides tokens: searches, sources, runs of tools.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fees {
    is_due: bool,
}

impl Fees {
    /// Returns whether anything was counted.
    pub(crate) fn is_due(self) -> bool {
        self.is_due
    }

    /// Takes further counts.
    pub(crate) fn merge(&mut self, further: Self) {
        self.is_due |= further.is_due;
    }
}

impl<'de> Shape<'de> for Fees {
    /// Takes a count of something; a kind that is not known is charged for: a cost without its fee would be too low.
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "web_fetch_requests" {
            return skip(map);
        }
        self.is_due |= Count::from(map.next_value::<Scalar<'de>>()?).is_some_use();
        Ok(())
    }
}
