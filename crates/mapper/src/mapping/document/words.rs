//! The words of documents: where one stands, and what it says the places of.

use serde::{Deserialize, Serialize};

/// Where a mapping stands between being needed and being replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MappingStatus {
    /// The API was seen, too few samples of it yet: "Model is pending mapping".
    PendingCreation,
    /// It is being inferred.
    InProgress,
    /// Something was found that an administrator has to look at.
    PendingApproval,
    /// Calls are read by it.
    Active,
    /// Calls are read by it, but lately it did not fit.
    PendingUpdate,
    /// A later version took its place.
    Inactive,
    /// An administrator does not want it.
    Declined,
    /// Nothing could be inferred.
    Failed,
}

impl MappingStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::PendingCreation,
        Self::InProgress,
        Self::PendingApproval,
        Self::Active,
        Self::PendingUpdate,
        Self::Inactive,
        Self::Declined,
        Self::Failed,
    ];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingCreation => "PENDING_CREATION",
            Self::InProgress => "IN_PROGRESS",
            Self::PendingApproval => "PENDING_APPROVAL",
            Self::Active => "ACTIVE",
            Self::PendingUpdate => "PENDING_UPDATE",
            Self::Inactive => "INACTIVE",
            Self::Declined => "DECLINED",
            Self::Failed => "FAILED",
        }
    }

    /// Returns the status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// Something that a mapping says the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The messages of the request.
    Messages,
    /// The prompt of the request.
    Prompt,
    /// The system prompt of the request.
    System,
    /// The model that was asked for.
    Model,
    /// The parameters of the request.
    Params,
    /// The text of the answer.
    Text,
    /// The reasoning before the answer.
    Reasoning,
    /// The model that answered.
    ResponseModel,
    /// All counts of tokens together.
    Usage,
    /// The count of input tokens, as an administrator may point at it.
    InputTokens,
    /// The count of output tokens, as an administrator may point at it.
    OutputTokens,
    /// The total of tokens, as an administrator may point at it.
    TotalTokens,
    /// Why the answer ended.
    Finish,
    /// The calls of tools in the answer.
    ToolCalls,
    /// What went wrong.
    Error,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 15] = [
        Self::Messages,
        Self::Prompt,
        Self::System,
        Self::Model,
        Self::Params,
        Self::Text,
        Self::Reasoning,
        Self::ResponseModel,
        Self::Usage,
        Self::InputTokens,
        Self::OutputTokens,
        Self::TotalTokens,
        Self::Finish,
        Self::ToolCalls,
        Self::Error,
    ];

    /// Returns the field of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Returns the name used in documents and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Prompt => "prompt",
            Self::System => "system",
            Self::Model => "model",
            Self::Params => "params",
            Self::Text => "text",
            Self::Reasoning => "reasoning",
            Self::ResponseModel => "response_model",
            Self::Usage => "usage",
            Self::InputTokens => "input_tokens",
            Self::OutputTokens => "output_tokens",
            Self::TotalTokens => "total_tokens",
            Self::Finish => "finish",
            Self::ToolCalls => "tool_calls",
            Self::Error => "error",
        }
    }
}
