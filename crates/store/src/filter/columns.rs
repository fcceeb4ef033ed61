//! What a filter can compare: the columns of a row, by their types.

/// What can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// A text column, by its name in the grammar.
    Text(TextColumn),
    /// A number column.
    Number(NumberColumn),
    /// A time column.
    Time(TimeColumn),
    /// A yes-or-no column.
    Bool(BoolColumn),
    /// The value of one custom property (`properties: {key: …}`).
    Property(String),
    /// The existence of a custom property (`property_key: {equals: key}`).
    PropertyKey,
    /// The value of one score or feedback (`scores: {key: …}`): a number where it is one, or true (1) or false (0); a text
    /// where it is one. A test of the other type finds nothing known.
    Score(String),
    /// The first of the prompt's inputs with that name (`values: {key: …}`).
    Input(String),
    /// The tag of the call's session, which no store of calls knows: see
    /// [`Filter::with_session_tags`](super::Filter::with_session_tags).
    SessionTag,
}

/// Text columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the row's field of the same name")]
pub enum TextColumn {
    RequestId,
    ResponseId,
    OrganizationId,
    KeyId,
    Model,
    RequestModel,
    ResponseModel,
    ModelOverride,
    Provider,
    UserId,
    TargetUrl,
    CountryCode,
    RequestReferrer,
    PromptId,
    PromptVersion,
    CacheReferenceId,
    CacheStatus,
    RateLimitStatus,
    RateLimitPolicy,
    ProxyKeyId,
    Outcome,
    ErrorKind,
    Source,
    ServiceTier,
    CostStatus,
    UsageSource,
    MapperId,
    Method,
    Path,
    /// The stored body, read as UTF-8 with U+FFFD for what is none; null where no body is kept.
    RequestBody,
    /// As [`TextColumn::RequestBody`].
    ResponseBody,
}

/// Number columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the row's field of the same name; times in ms, cost in USD")]
pub enum NumberColumn {
    Status,
    Latency,
    TimeToFirstToken,
    PromptTokens,
    CompletionTokens,
    TotalTokens,
    PromptCacheReadTokens,
    PromptCacheWriteTokens,
    PromptAudioTokens,
    CompletionAudioTokens,
    ReasoningTokens,
    AttemptCount,
    RequestBytes,
    ResponseBytes,
    MapperVersion,
    Cost,
    /// By how much an answer out of the cache was faster.
    SavedLatency,
    SavedPromptTokens,
    SavedCompletionTokens,
    /// The hour of the day (UTC) at which the call began, 0 to 23.
    Hour,
}

/// Time columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the row's field of the same name")]
pub enum TimeColumn {
    RequestCreatedAt,
    ResponseCreatedAt,
    /// When the call was rated; null without a rating.
    RatedAt,
}

/// Yes-or-no columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the row's field of the same name")]
pub enum BoolColumn {
    CacheEnabled,
    Cached,
    IsStream,
    /// Whether a limit refused the call.
    RateLimited,
    /// Whether a guard against attacks found one; null when none could tell.
    Threat,
    /// The rating that was given as feedback; null without one.
    Rating,
    /// Whether there is a score or feedback of any name.
    Scored,
    /// Whether usage, model or cost were computed anew.
    Revised,
}
