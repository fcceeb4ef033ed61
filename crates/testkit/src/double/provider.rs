//! Which provider answers a request.

use std::fmt::Debug;

use bytes::Bytes;

use super::answer::Answer;
use super::anthropic::Anthropic;
use super::bedrock::{self, Bedrock};
use super::cohere::Cohere;
use super::echo::Echo;
use super::google::{self, Google};
use super::guard::{self, Guard};
use super::openai::{self, OpenAi};
use super::respond::Request;
use super::vendor::Vendor;
use crate::hosts::{Api, api_of};

/// What a provider says to requests, and how it fails.
pub(super) trait Provider: Debug + Sync {
    /// Returns the answer to a request without a usable key; keys that begin with `sk-invalid` are wrong ones.
    fn refusal(&self, request: &Request) -> Option<Answer>;

    /// Answers a request that has a key.
    fn answer(&self, request: &Request) -> Answer;

    /// Makes the error that the provider gives with `status`.
    fn error_of_status(&self, request: &Request, status: u16) -> Answer;

    /// Makes what reports a failure inside a stream; `first` when nothing came before it.
    fn error_event(&self, request: &Request, first: bool) -> Bytes;

    /// Adds the fields that every answer of the provider has.
    fn add_usual_fields(&self, answer: &mut Answer, number: u64);
}

/// Returns the provider for a request to `path` at `host`, a value of the field `Host`.
pub(super) fn of(host: &str, path: &str) -> &'static dyn Provider {
    if guard::knows(path) {
        return &Guard;
    }
    // Anthropic's messages and OpenAI's chat are spoken at other providers' hosts too.
    if path.ends_with("/v1/messages") || path.ends_with("/v1/messages/count_tokens") {
        return &Anthropic;
    }
    let api = api_of(host);
    if path.ends_with("/chat/completions") && !matches!(api, Some(Api::Cloudflare)) {
        return openai_of(api);
    }
    match api {
        Some(Api::Anthropic) => &Anthropic,
        Some(Api::Google) if google::is_anthropics(path) => &Anthropic,
        Some(Api::Google) => &Google,
        Some(Api::Bedrock) => &Bedrock,
        Some(Api::Cohere) => &Cohere,
        Some(Api::Cloudflare) => behind_cloudflare(path),
        Some(Api::Echo) => &Echo,
        None => by_path(path),
        Some(_) => openai_of(api),
    }
}

fn openai_of(api: Option<Api>) -> &'static dyn Provider {
    match api {
        Some(Api::OpenAi) => &OpenAi(Vendor::OpenAi),
        Some(Api::Azure) => &OpenAi(Vendor::Azure),
        Some(Api::Groq) => &OpenAi(Vendor::Groq),
        Some(Api::Mistral) => &OpenAi(Vendor::Mistral),
        Some(Api::OpenRouter) => &OpenAi(Vendor::OpenRouter),
        Some(Api::DeepInfra) => &OpenAi(Vendor::DeepInfra),
        Some(Api::UsageAlways) => &OpenAi(Vendor::UsageAlways),
        Some(_) => &OpenAi(Vendor::Compatible),
        None => &OpenAi(Vendor::Local),
    }
}

/// Returns the provider that Cloudflare's gateway hands `/v1/{account}/{gateway}/{provider}/…` to.
fn behind_cloudflare(path: &str) -> &'static dyn Provider {
    match path.split('/').nth(4).unwrap_or_default() {
        "openai" | "compat" => &OpenAi(Vendor::OpenAi),
        "azure-openai" => &OpenAi(Vendor::Azure),
        "groq" => &OpenAi(Vendor::Groq),
        "mistral" => &OpenAi(Vendor::Mistral),
        "openrouter" => &OpenAi(Vendor::OpenRouter),
        "perplexity-ai" | "deepseek" => &OpenAi(Vendor::UsageAlways),
        "workers-ai" | "cerebras" | "grok" | "huggingface" => &OpenAi(Vendor::Compatible),
        "anthropic" => &Anthropic,
        "google-vertex-ai" if google::is_anthropics(path) => &Anthropic,
        "google-ai-studio" | "google-vertex-ai" => &Google,
        "aws-bedrock" => &Bedrock,
        "cohere" => &Cohere,
        _ => &OpenAi(Vendor::Cloudflare),
    }
}

/// Returns the provider whose API a path has, for a host that is nobody's.
fn by_path(path: &str) -> &'static dyn Provider {
    if google::is_anthropics(path) {
        &Anthropic
    } else if google::knows(path) {
        &Google
    } else if bedrock::knows(path) {
        &Bedrock
    } else if path.ends_with("/v2/chat") {
        &Cohere
    } else if openai::knows(path) {
        openai_of(None)
    } else {
        &Echo
    }
}
