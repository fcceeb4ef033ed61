//! The provider behind a gateway that names it in the path of a call: Cloudflare's AI Gateway.

use std::sync::Arc;

use super::{Provider, ProviderTable};

/// The gateway's name in the table.
const GATEWAY: &str = "CLOUDFLARE";

/// A provider as the gateway calls it.
struct Behind {
    /// How the path names it.
    slug: &'static str,
    /// Its name in the table.
    name: &'static str,
    /// Where the gateway calls it.
    host: &'static str,
}

const fn behind(slug: &'static str, name: &'static str, host: &'static str) -> Behind {
    Behind { slug, name, host }
}

/// From Cloudflare's list of provider endpoints: those that are in the table too.
const BEHIND: [Behind; 15] = [
    behind("openai", "OPENAI", "api.openai.com"),
    behind("anthropic", "ANTHROPIC", "api.anthropic.com"),
    behind("azure-openai", "AZURE", "any.openai.azure.com"),
    behind("google-ai-studio", "GOOGLE", "generativelanguage.googleapis.com"),
    behind("google-vertex-ai", "GOOGLE", "aiplatform.googleapis.com"),
    behind("aws-bedrock", "AWS", "bedrock-runtime.us-east-1.amazonaws.com"),
    behind("groq", "GROQ", "api.groq.com"),
    behind("mistral", "MISTRAL", "api.mistral.ai"),
    behind("cohere", "COHERE", "api.cohere.com"),
    behind("perplexity-ai", "PERPLEXITY", "api.perplexity.ai"),
    behind("openrouter", "OPENROUTER", "openrouter.ai"),
    behind("deepseek", "DEEPSEEK", "api.deepseek.com"),
    behind("grok", "X", "api.x.ai"),
    behind("cerebras", "CEREBRAS", "api.cerebras.ai"),
    behind("baseten", "BASETEN", "inference.baseten.co"),
];

/// Returns the row of the provider that really answers a call to `provider`, if the path names one.
///
/// That is so for `/v1/{account}/{gateway}/{slug}/…` of Cloudflare's AI Gateway. Of a call that names its provider
/// in the body (`compat`, the universal endpoint) the path says nothing.
pub fn provider_behind<'t>(
    table: &'t ProviderTable,
    provider: &Provider,
    path: &str,
) -> Option<&'t Arc<Provider>> {
    table.by_host(find(&provider.name, path)?.host, None)
}

/// Returns the name of the provider that really answers a call to the provider `name`, if the path names one.
///
/// As [`provider_behind`], for those who have no table.
pub fn name_behind(name: &str, path: &str) -> Option<&'static str> {
    find(name, path).map(|behind| behind.name)
}

fn find(name: &str, path: &str) -> Option<&'static Behind> {
    if name != GATEWAY {
        return None;
    }
    let path = path.split(['?', '#']).next()?;
    let mut segments = path.strip_prefix("/v1/")?.split('/');
    let (_account, _gateway, slug) = (segments.next()?, segments.next()?, segments.next()?);
    BEHIND.iter().find(|behind| behind.slug == slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Option<&str>) {
        let table = ProviderTable::new(Vec::new()).unwrap();
        let cloudflare = table.by_host("gateway.ai.cloudflare.com", None).unwrap();
        let found = provider_behind(&table, cloudflare, path);
        assert_eq!(found.map(|provider| provider.title.as_str()), expected, "{path}");
        assert_eq!(name_behind(GATEWAY, path), found.map(|provider| provider.name.as_ref()), "{path}");
        assert!(provider_behind(&table, table.by_host("api.openai.com", None).unwrap(), path).is_none());
    }

    #[test]
    fn reads_the_provider_from_the_path() {
        check("/v1/acc/gw/openai/chat/completions", Some("OpenAI"));
        check("/v1/acc/gw/anthropic/v1/messages?beta=true", Some("Anthropic"));
        check("/v1/acc/gw/azure-openai/res/dep/chat/completions?api-version=1", Some("Azure"));
        check("/v1/acc/gw/google-ai-studio/v1/models/gemini:generateContent", Some("Google Gemini"));
        check("/v1/acc/gw/google-vertex-ai/v1/projects/p/x:generateContent", Some("Google Vertex AI"));
        check("/v1/acc/gw/aws-bedrock/bedrock-runtime/us-east-1/model/m/invoke", Some("AWS Bedrock"));
        check("/v1/acc/gw/grok", Some("X.AI"));
        for path in [
            "",
            "/",
            "/v1/acc/gw",
            "/v1/acc/openai/chat/completions",
            "/v2/acc/gw/openai/chat/completions",
            "/v1/acc/gw/openai2/chat/completions",
            "/v1/acc/gw/compat/chat/completions",
            "/v1/acc/gw/workers-ai/@cf/meta/llama",
            "/v1/acc/gw?/openai/",
        ] {
            check(path, None);
        }
    }

    #[test]
    fn stands_for_rows_of_the_table() {
        let table = ProviderTable::new(Vec::new()).unwrap();
        for Behind { slug, name, host } in BEHIND {
            assert_eq!(table.by_host(host, None).unwrap().name.as_ref(), name, "{slug}");
        }
    }
}
