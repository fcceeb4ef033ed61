//! What a call is charged for besides its tokens.
//!
//! Tools that the provider runs itself are paid per use. Searches of the web are counted; of all others (file search,
//! containers, images in between) no count in the answer says what they cost, and it is only noted that they are due.

use gatehouse_types::NanoUsd;
use serde::de::MapAccess;

use crate::counts::{Count, dollars, ticks};
use crate::json::{Scalar, Shape, Shaped, skip};

/// The ends of the names of items that ask for something to be run.
const CALL: &str = "_call";
/// Calls that the caller runs itself, and those of servers that somebody else is paid for.
const WITHOUT_FEE: [&str; 6] = [
    "function_call",
    "custom_tool_call",
    "local_shell_call",
    "apply_patch_call",
    "computer_call",
    "mcp_call",
];
/// What a search of the web is called among the items.
const WEB_SEARCH: &str = "web_search_call";
/// What the older search of the web is called, whose price is that of its model.
const PREVIEW: &str = "web_search_preview";
/// Parts of the names of models that search the web in every call.
const SEARCH_MODELS: [&str; 2] = ["-search-preview", "-search-api"];
/// Part of the names of models that don't reason. Of these the newer search costs less than the older one, whose
/// price they have, and some are billed a block of tokens for it that the usage leaves out.
const WITHOUT_REASONING: &str = "gpt-4";

/// Returns whether `model` searches the web in every call, which is charged per search.
pub(crate) fn is_search_model(model: &str) -> bool {
    SEARCH_MODELS.iter().any(|part| model.contains(part))
}

/// Returns whether the newer search costs something else than a search of `model` does.
pub(crate) fn has_two_prices(model: &str) -> bool {
    model.contains(WITHOUT_REASONING)
}

/// Returns whether a tool of type `kind` is the older search.
pub(crate) fn is_preview_search(kind: &str) -> bool {
    kind.starts_with(PREVIEW)
}

/// What an item of the output is charged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    /// Nothing but its tokens.
    None,
    /// One search of the web.
    Search,
    /// Something whose price is not known.
    Other,
}

impl Charge {
    /// Returns what an item of type `kind` is charged for that did `action` and got as far as `status`.
    ///
    /// A kind of call that is not known is charged for: a cost without its fee would be too low.
    pub(crate) fn of(kind: &str, action: Option<&str>, status: Option<&str>) -> Self {
        match kind {
            // Looking at a page that was found is part of the search that found it.
            WEB_SEARCH if matches!(action, Some("open_page" | "find_in_page" | "find")) => Self::None,
            WEB_SEARCH if status == Some("failed") => Self::Other,
            WEB_SEARCH => Self::Search,
            kind if kind.ends_with(CALL) && !WITHOUT_FEE.contains(&kind) => Self::Other,
            _ => Self::None,
        }
    }
}

/// What a provider counts besides tokens: searches, sources, runs of tools.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fees {
    /// Searches of the web.
    pub(crate) web_searches: Count,
    is_due: bool,
}

impl Fees {
    /// Returns whether anything was counted that has no class.
    pub(crate) fn is_due(self) -> bool {
        self.is_due
    }

    /// Takes a count of something that has no class.
    pub(crate) fn note(&mut self, count: &Scalar<'_>) {
        self.is_due |= Count::from(count.clone()).is_some_use();
    }

    /// Takes further counts.
    pub(crate) fn merge(&mut self, further: Self) {
        self.web_searches.replace(further.web_searches);
        self.is_due |= further.is_due;
    }
}

impl<'de> Shape<'de> for Fees {
    /// Takes a count of something; a kind that is not known is charged for: a cost without its fee would be too low.
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "web_search_requests" => self.web_searches = map.next_value::<Scalar<'de>>()?.into(),
            "web_fetch_requests" | "tool_search_requests" => skip(map)?,
            _ => self.note(&map.next_value()?),
        }
        Ok(())
    }
}

/// What a provider says that a call cost: in dollars, or in xAI's ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Money {
    own: Option<NanoUsd>,
    /// What the provider behind the one that was called takes.
    upstream: Option<NanoUsd>,
    /// Whether that is paid by a key of the caller's own, beside what the provider takes.
    is_own_key: bool,
}

impl Money {
    /// Takes a member of `usage` if it is about money; returns whether it was.
    pub(crate) fn member<'de, A: MapAccess<'de>>(
        &mut self,
        key: &str,
        map: &mut A,
    ) -> Result<bool, A::Error> {
        match key {
            "cost" => self.own = map.next_value::<Shaped<Sum>>()?.0.0,
            "estimated_cost" => self.own = dollars(&map.next_value()?),
            "cost_in_usd_ticks" => self.own = ticks(&map.next_value()?),
            "cost_details" => self.upstream = map.next_value::<Shaped<Upstream>>()?.0.0,
            "is_byok" => self.is_own_key = map.next_value::<Scalar<'de>>()?.bool() == Some(true),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Returns the whole of it.
    pub(crate) fn total(self) -> Option<NanoUsd> {
        if !self.is_own_key {
            return self.own;
        }
        self.own?.get().checked_add(self.upstream?.get()).map(NanoUsd::new)
    }
}

/// A sum, or the object that has it as its total.
#[derive(Debug, Default)]
pub(crate) struct Sum(pub(crate) Option<NanoUsd>);

impl<'de> Shape<'de> for Sum {
    fn number(&mut self, number: &Scalar<'de>) {
        self.0 = dollars(number);
    }

    fn text(&mut self, text: std::borrow::Cow<'de, str>) {
        self.0 = dollars(&Scalar::Text(text));
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "total_cost" => self.0 = dollars(&map.next_value()?),
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// An object of which only `upstream_inference_cost` matters.
#[derive(Debug, Default)]
struct Upstream(Option<NanoUsd>);

impl<'de> Shape<'de> for Upstream {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "upstream_inference_cost" => self.0 = dollars(&map.next_value()?),
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// What Vercel's gateway says beside an answer: `{"gateway":{"cost":"0.0045405"}}`.
#[derive(Debug, Default)]
pub(crate) struct Routed(pub(crate) Option<NanoUsd>);

impl<'de> Shape<'de> for Routed {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "gateway" => self.0 = map.next_value::<Shaped<Self>>()?.0.0,
            "cost" => self.0 = dollars(&map.next_value()?),
            _ => skip(map)?,
        }
        Ok(())
    }
}
