//! The models that seeded calls ask for, with their shares and how they behave.

/// How a model is asked, and so what its bodies look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Api {
    /// OpenAI's chat completions, which many copy.
    #[default]
    Chat,
    /// OpenAI's embeddings.
    Embeddings,
    /// Anthropic's messages.
    Messages,
    /// Google's `generateContent`.
    Generate,
}

/// One model at one provider.
#[derive(Debug)]
pub(super) struct Model {
    /// The provider's name, as rows have it.
    pub(super) provider: &'static str,
    /// How it is asked.
    pub(super) api: Api,
    /// Scheme and host.
    pub(super) origin: &'static str,
    /// Where it is asked.
    pub(super) path: &'static str,
    /// What callers ask for.
    pub(super) asked: &'static str,
    /// What the provider says that it was.
    pub(super) answered: &'static str,
    /// How many calls it gets in proportion to others.
    pub(super) share: f64,
    /// Until the first token, in ms: the median.
    pub(super) first_ms: f64,
    /// For each further token, in ms.
    pub(super) token_ms: f64,
    /// How far times spread: the deviation of their logarithm.
    pub(super) spread: f64,
    /// How often it is asked for a stream.
    pub(super) streams: f64,
    /// How often part of the prompt comes out of the provider's own cache.
    pub(super) reads_cache: f64,
    /// The median of tokens of reasoning; 0 for models that don't reason.
    pub(super) reasoning: f64,
}

const COMMON: Model = Model {
    provider: "OPENAI",
    api: Api::Chat,
    origin: "https://api.openai.com",
    path: "/v1/chat/completions",
    asked: "",
    answered: "",
    share: 0.0,
    first_ms: 420.0,
    token_ms: 11.0,
    spread: 0.45,
    streams: 0.3,
    reads_cache: 0.15,
    reasoning: 0.0,
};
const ANTHROPIC: Model = Model {
    provider: "ANTHROPIC",
    api: Api::Messages,
    origin: "https://api.anthropic.com",
    path: "/v1/messages",
    streams: 0.45,
    reads_cache: 0.3,
    first_ms: 780.0,
    token_ms: 14.0,
    ..COMMON
};
const GOOGLE: Model = Model {
    provider: "GOOGLE",
    api: Api::Generate,
    origin: "https://generativelanguage.googleapis.com",
    streams: 0.0,
    reads_cache: 0.1,
    ..COMMON
};

/// Every model, the most used first.
pub(super) const MODELS: &[Model] = &[
    Model { asked: "gpt-4o-mini", answered: "gpt-4o-mini-2024-07-18", share: 27.0, ..COMMON },
    Model { asked: "claude-sonnet-4-5", answered: "claude-sonnet-4-5-20250929", share: 14.0, ..ANTHROPIC },
    Model {
        asked: "gpt-5-mini",
        answered: "gpt-5-mini-2025-08-07",
        share: 11.0,
        first_ms: 900.0,
        reasoning: 160.0,
        ..COMMON
    },
    Model {
        asked: "gpt-4o",
        answered: "gpt-4o-2024-08-06",
        share: 9.0,
        first_ms: 560.0,
        token_ms: 15.0,
        ..COMMON
    },
    Model {
        asked: "text-embedding-3-small",
        answered: "text-embedding-3-small",
        api: Api::Embeddings,
        path: "/v1/embeddings",
        share: 8.0,
        first_ms: 95.0,
        token_ms: 0.0,
        streams: 0.0,
        reads_cache: 0.0,
        ..COMMON
    },
    Model {
        asked: "claude-haiku-4-5",
        answered: "claude-haiku-4-5-20251001",
        share: 7.0,
        first_ms: 420.0,
        token_ms: 7.0,
        ..ANTHROPIC
    },
    Model {
        asked: "gemini-2.5-flash",
        answered: "gemini-2.5-flash",
        path: "/v1beta/models/gemini-2.5-flash:generateContent",
        share: 7.0,
        first_ms: 380.0,
        token_ms: 5.0,
        ..GOOGLE
    },
    Model { asked: "gpt-4.1-mini", answered: "gpt-4.1-mini-2025-04-14", share: 5.0, ..COMMON },
    Model {
        asked: "llama-3.3-70b-versatile",
        answered: "llama-3.3-70b-versatile",
        provider: "GROQ",
        origin: "https://api.groq.com",
        path: "/openai/v1/chat/completions",
        share: 3.0,
        first_ms: 160.0,
        token_ms: 3.5,
        reads_cache: 0.0,
        ..COMMON
    },
    Model {
        asked: "gemini-2.5-pro",
        answered: "gemini-2.5-pro",
        path: "/v1beta/models/gemini-2.5-pro:generateContent",
        share: 2.5,
        first_ms: 2_400.0,
        token_ms: 12.0,
        reasoning: 420.0,
        ..GOOGLE
    },
    Model {
        asked: "o4-mini",
        answered: "o4-mini-2025-04-16",
        share: 2.0,
        first_ms: 3_100.0,
        spread: 0.7,
        reasoning: 600.0,
        streams: 0.1,
        ..COMMON
    },
    Model {
        asked: "deepseek-chat",
        answered: "deepseek-chat",
        provider: "DEEPSEEK",
        origin: "https://api.deepseek.com",
        path: "/chat/completions",
        share: 1.5,
        first_ms: 1_100.0,
        token_ms: 24.0,
        spread: 0.6,
        ..COMMON
    },
    Model {
        asked: "mistral-large-latest",
        answered: "mistral-large-latest",
        provider: "MISTRAL",
        origin: "https://api.mistral.ai",
        share: 1.2,
        reads_cache: 0.0,
        ..COMMON
    },
    Model {
        asked: "claude-opus-4-1",
        answered: "claude-opus-4-1-20250805",
        share: 0.8,
        first_ms: 1_600.0,
        token_ms: 27.0,
        ..ANTHROPIC
    },
    // Nobody knows its price: what it costs stays unknown.
    Model {
        asked: "house-llama-70b",
        answered: "house-llama-70b",
        provider: "models.northwind.example",
        origin: "https://models.northwind.example",
        share: 1.0,
        first_ms: 250.0,
        token_ms: 18.0,
        reads_cache: 0.0,
        ..COMMON
    },
];
