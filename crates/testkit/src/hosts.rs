//! The host names under which the provider double answers, and which API is spoken at each.

use std::net::IpAddr;

/// Whose API is spoken at a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// OpenAI's own.
    OpenAi,
    /// OpenAI's on Azure.
    Azure,
    /// OpenAI's as Groq has it.
    Groq,
    /// OpenAI's as Mistral has it.
    Mistral,
    /// OpenAI's as OpenRouter has it.
    OpenRouter,
    /// OpenAI's as DeepInfra has it.
    DeepInfra,
    /// OpenAI's, with the usage in every stream's last chunk.
    UsageAlways,
    /// OpenAI's, with nothing particular.
    Compatible,
    /// Anthropic's.
    Anthropic,
    /// Gemini's or Vertex AI's.
    Google,
    /// The runtime of AWS Bedrock.
    Bedrock,
    /// Cohere's.
    Cohere,
    /// Cloudflare's gateway, which has other providers behind it.
    Cloudflare,
    /// No API of a model: whatever comes is answered with where it came.
    Echo,
}

/// Host names with the API at each.
pub const PROVIDER_HOSTS: &[(&str, Api)] = &[
    ("api.openai.com", Api::OpenAi),
    ("us.api.openai.com", Api::OpenAi),
    ("eu.api.openai.com", Api::OpenAi),
    ("api.anthropic.com", Api::Anthropic),
    ("generativelanguage.googleapis.com", Api::Google),
    ("aiplatform.googleapis.com", Api::Google),
    ("us-central1-aiplatform.googleapis.com", Api::Google),
    ("us-east5-aiplatform.googleapis.com", Api::Google),
    ("europe-west1-aiplatform.googleapis.com", Api::Google),
    ("europe-west4-aiplatform.googleapis.com", Api::Google),
    ("asia-northeast1-aiplatform.googleapis.com", Api::Google),
    ("acme.openai.azure.com", Api::Azure),
    ("my-resource.openai.azure.com", Api::Azure),
    ("acme.cognitiveservices.azure.com", Api::Azure),
    ("acme.services.ai.azure.com", Api::Azure),
    ("acme.azure-api.net", Api::Azure),
    ("bedrock-runtime.us-east-1.amazonaws.com", Api::Bedrock),
    ("bedrock-runtime.us-east-2.amazonaws.com", Api::Bedrock),
    ("bedrock-runtime.us-west-2.amazonaws.com", Api::Bedrock),
    ("bedrock-runtime.eu-west-1.amazonaws.com", Api::Bedrock),
    ("bedrock-runtime.eu-central-1.amazonaws.com", Api::Bedrock),
    ("bedrock-runtime.ap-northeast-1.amazonaws.com", Api::Bedrock),
    ("api.cohere.ai", Api::Cohere),
    ("api.cohere.com", Api::Cohere),
    ("api.groq.com", Api::Groq),
    ("api.mistral.ai", Api::Mistral),
    ("openrouter.ai", Api::OpenRouter),
    ("api.openrouter.ai", Api::OpenRouter),
    ("api.deepinfra.com", Api::DeepInfra),
    ("api.together.xyz", Api::UsageAlways),
    ("api.together.ai", Api::UsageAlways),
    ("api-inference.together.ai", Api::UsageAlways),
    ("api.fireworks.ai", Api::UsageAlways),
    ("api.perplexity.ai", Api::UsageAlways),
    ("api.deepseek.com", Api::UsageAlways),
    ("gateway.ai.cloudflare.com", Api::Cloudflare),
    ("api.x.ai", Api::Compatible),
    ("api.llama.com", Api::Compatible),
    ("integrate.api.nvidia.com", Api::Compatible),
    ("api.tokenfactory.nebius.com", Api::Compatible),
    ("api.studio.nebius.ai", Api::Compatible),
    ("api.endpoints.anyscale.com", Api::Compatible),
    ("api.2yfv.com", Api::Compatible),
    ("api.lemonfox.ai", Api::Compatible),
    ("api.wisdominanutshell.academy", Api::Compatible),
    ("api.avian.io", Api::Compatible),
    ("api.novita.ai", Api::Compatible),
    ("api.openpipe.ai", Api::Compatible),
    ("chutes.com", Api::Compatible),
    ("llm.chutes.ai", Api::Compatible),
    ("llm.chutes.com", Api::Compatible),
    ("ai-gateway.vercel.sh", Api::Compatible),
    ("api.cerebras.ai", Api::Compatible),
    ("inference.canopywave.io", Api::Compatible),
    ("gateway.llmmapper.com", Api::Compatible),
    ("api.app.predibase.com", Api::Compatible),
    ("serving.app.predibase.com", Api::Compatible),
    ("api.hyperbolic.xyz", Api::Compatible),
    ("demo.amdbartek.dev", Api::Compatible),
    ("inference.baseten.co", Api::Compatible),
    ("qstash.upstash.io", Api::Echo),
    ("api.firecrawl.dev", Api::Echo),
];

/// Host names that are nobody's: what a gateway does not know.
pub const UNKNOWN_HOSTS: &[&str] =
    &["llm.unknown.example", "other.unknown.example", "local.test", "example.com"];

/// Families of names, and names of this machine, that the certificate covers besides.
pub const FURTHER_NAMES: &[&str] = &[
    "*.googleapis.com",
    "*.openai.azure.com",
    "*.cognitiveservices.azure.com",
    "*.services.ai.azure.com",
    "*.azure-api.net",
    "*.amdbartek.dev",
    "*.unknown.example",
    "*.local.test",
    "*.example.com",
    "localhost",
    "127.0.0.1",
];

/// Suffixes that tell the API of hosts whose first label is the customer's or a place.
const FAMILIES: &[(&str, Api)] = &[
    (".googleapis.com", Api::Google),
    (".openai.azure.com", Api::Azure),
    (".cognitiveservices.azure.com", Api::Azure),
    (".services.ai.azure.com", Api::Azure),
    (".azure-api.net", Api::Azure),
    (".amdbartek.dev", Api::Compatible),
];

/// Returns every single name that requests are led to the double for.
pub fn resolved() -> impl Iterator<Item = &'static str> {
    PROVIDER_HOSTS.iter().map(|(name, _)| *name).chain(UNKNOWN_HOSTS.iter().copied())
}

/// Returns every name on the double's certificate.
pub fn certified() -> impl Iterator<Item = &'static str> {
    resolved().chain(FURTHER_NAMES.iter().copied())
}

/// Returns the API at `host`, a value of the field `Host`; `None` if the host is nobody's.
pub fn api_of(host: &str) -> Option<Api> {
    let name = name_of(host);
    let exact = PROVIDER_HOSTS.iter().find(|(known, _)| *known == name);
    let family = || FAMILIES.iter().find(|(suffix, _)| name.ends_with(suffix));
    let bedrock = name.starts_with("bedrock-runtime.") && name.ends_with(".amazonaws.com");
    exact.or_else(family).map(|(_, api)| *api).or(bedrock.then_some(Api::Bedrock))
}

/// Returns the name in a value of the field `Host`: small letters, no port, no dot at the end.
pub fn name_of(host: &str) -> String {
    if host.parse::<IpAddr>().is_ok() {
        return host.to_owned();
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.trim_end_matches('.').to_ascii_lowercase()
}
