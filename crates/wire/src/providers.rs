//! The providers this gateway knows: their names, the hosts they answer at, the dialect they speak.
//!
//! A provider is a row of [`PROVIDERS`]. Hosts are compared as parsed hosts, label by label from both
//! ends, never as prefixes of a string: `api.openai.com.evil.tld` is not OpenAI.

use gatehouse_types::Dialect;

/// A company or service that answers LLM calls.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name in Helicone's spelling.
    pub name: &'static str,
    /// The shape of its API, unless the path says otherwise (see [`dialect_of`]).
    pub dialect: Dialect,
    hosts: &'static [HostRule],
}

/// Which hosts belong to a provider; both parts are lower case.
#[derive(Debug, PartialEq, Eq)]
enum HostRule {
    /// This host and no other.
    Exact(&'static str),
    /// Exactly one non-empty run of characters without a dot between the two parts.
    OneLabel(&'static str, &'static str),
}

use HostRule::{Exact, OneLabel};

const fn provider(name: &'static str, dialect: Dialect, hosts: &'static [HostRule]) -> Provider {
    Provider { name, dialect, hosts }
}

/// What follows the region in the name of OpenAI's regional hosts.
const OPENAI_REGIONAL: &str = ".api.openai.com";

/// Every known provider; no host belongs to two of them.
static PROVIDERS: &[Provider] = &[
    provider("OPENAI", Dialect::OpenAi, &[Exact("api.openai.com"), OneLabel("", OPENAI_REGIONAL)]),
    provider("ANTHROPIC", Dialect::Anthropic, &[Exact("api.anthropic.com")]),
    provider(
        "AZURE",
        Dialect::OpenAi,
        &[
            OneLabel("", ".openai.azure.com"),
            OneLabel("", ".cognitiveservices.azure.com"),
            OneLabel("", ".services.ai.azure.com"),
            OneLabel("", ".azure-api.net"),
        ],
    ),
    provider(
        "GOOGLE",
        Dialect::Google,
        &[
            Exact("generativelanguage.googleapis.com"),
            Exact("aiplatform.googleapis.com"),
            OneLabel("", "-aiplatform.googleapis.com"),
        ],
    ),
    provider("GROQ", Dialect::OpenAi, &[Exact("api.groq.com")]),
    provider("TOGETHER", Dialect::OpenAi, &[Exact("api.together.xyz"), Exact("api.together.ai")]),
    provider("OPENROUTER", Dialect::OpenAi, &[Exact("openrouter.ai"), Exact("api.openrouter.ai")]),
    provider("MISTRAL", Dialect::OpenAi, &[Exact("api.mistral.ai")]),
    provider("DEEPSEEK", Dialect::OpenAi, &[Exact("api.deepseek.com")]),
    provider("X", Dialect::OpenAi, &[Exact("api.x.ai")]),
    provider("PERPLEXITY", Dialect::OpenAi, &[Exact("api.perplexity.ai")]),
    provider("FIREWORKS", Dialect::OpenAi, &[Exact("api.fireworks.ai")]),
    provider("DEEPINFRA", Dialect::OpenAi, &[Exact("api.deepinfra.com")]),
    provider("COHERE", Dialect::Unknown, &[Exact("api.cohere.ai"), Exact("api.cohere.com")]),
    provider("ANYSCALE", Dialect::OpenAi, &[Exact("api.endpoints.anyscale.com")]),
    provider("CLOUDFLARE", Dialect::Unknown, &[Exact("gateway.ai.cloudflare.com")]),
    provider("LEMONFOX", Dialect::OpenAi, &[Exact("api.lemonfox.ai")]),
    provider("AWS", Dialect::Unknown, &[OneLabel("bedrock-runtime.", ".amazonaws.com")]),
    provider(
        "NEBIUS",
        Dialect::OpenAi,
        &[Exact("api.tokenfactory.nebius.com"), Exact("api.studio.nebius.ai")],
    ),
    provider("NOVITA", Dialect::OpenAi, &[Exact("api.novita.ai")]),
    provider("AVIAN", Dialect::OpenAi, &[Exact("api.avian.io")]),
    provider("QSTASH", Dialect::Unknown, &[Exact("qstash.upstash.io")]),
    provider("FIRECRAWL", Dialect::Unknown, &[Exact("api.firecrawl.dev")]),
    provider("NVIDIA", Dialect::OpenAi, &[Exact("integrate.api.nvidia.com")]),
    provider("LLAMA", Dialect::Unknown, &[Exact("api.llama.com")]),
    provider("CEREBRAS", Dialect::OpenAi, &[Exact("api.cerebras.ai")]),
    provider("VERCEL", Dialect::OpenAi, &[Exact("ai-gateway.vercel.sh")]),
];

/// Returns the provider that answers at `host` (a host without a port), or `None` for an unknown one.
///
/// Letter case and one trailing dot don't matter. Nothing is allocated.
pub fn provider_of(host: &str) -> Option<&'static Provider> {
    let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
    PROVIDERS.iter().find(|provider| provider.hosts.iter().any(|rule| rule.matches(host)))
}

/// Returns the region that a provider's regional host stands for (`eu` of `eu.api.openai.com`).
///
/// `host` has no port. Prices may differ by region.
pub fn region_of(host: &str) -> Option<&str> {
    let region = host.get(..host.len().checked_sub(OPENAI_REGIONAL.len())?)?;
    let rule = OneLabel("", OPENAI_REGIONAL);
    rule.matches(host.as_bytes()).then_some(region)
}

/// Returns the dialect of a call: the path decides where it is telling, else the provider.
///
/// `path` may carry a query. Many providers speak OpenAI's chat completions beside their own API, and
/// private model servers are known by their path alone.
pub fn dialect_of(provider: Option<&Provider>, path: &str) -> Dialect {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.ends_with("/chat/completions") {
        return Dialect::OpenAi;
    }
    if path.ends_with("/v1/messages") {
        return Dialect::Anthropic;
    }
    if path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent") {
        return Dialect::Google;
    }
    provider.map_or(Dialect::Unknown, |provider| provider.dialect)
}

impl HostRule {
    fn matches(&self, host: &[u8]) -> bool {
        match self {
            Exact(name) => host.eq_ignore_ascii_case(name.as_bytes()),
            OneLabel(before, after) => {
                let Some(label_bytes) = host.len().checked_sub(before.len() + after.len()) else {
                    return false;
                };
                let (head, rest) = host.split_at(before.len());
                let (label, tail) = rest.split_at(label_bytes);
                tail.eq_ignore_ascii_case(after.as_bytes())
                    && head.eq_ignore_ascii_case(before.as_bytes())
                    && !label.is_empty()
                    && memchr::memchr(b'.', label).is_none()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, expected: Option<&str>) {
        assert_eq!(provider_of(host).map(|provider| provider.name), expected, "{host}");
    }

    #[test]
    fn finds_providers_by_their_whole_host() {
        for (host, name) in [
            ("api.openai.com", "OPENAI"),
            ("API.OpenAI.com", "OPENAI"),
            ("api.openai.com.", "OPENAI"),
            ("us.api.openai.com", "OPENAI"),
            ("acme.openai.azure.com", "AZURE"),
            ("europe-west1-aiplatform.googleapis.com", "GOOGLE"),
            ("bedrock-runtime.us-east-1.amazonaws.com", "AWS"),
            ("api.cohere.com", "COHERE"),
        ] {
            check(host, Some(name));
        }
    }

    #[test]
    fn does_not_take_a_part_of_a_host_for_the_host() {
        for host in [
            "",
            ".",
            "api.openai.com..",
            "api.openai.com.evil.tld",
            "evil-api.openai.com",
            "xapi.openai.com",
            "a.b.api.openai.com",
            ".openai.azure.com",
            "a.b.openai.azure.com",
            "openai.azure.com",
            "openai.azure.com.evil.tld",
            "bedrock-runtime..amazonaws.com",
            "bedrock-runtime.a.b.amazonaws.com",
            "storage.googleapis.com",
            "api.openai.com:443",
        ] {
            check(host, None);
        }
    }

    #[test]
    fn gives_every_name_and_host_to_one_row_in_lower_case() {
        let mut names: Vec<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
        let mut hosts: Vec<String> = PROVIDERS
            .iter()
            .flat_map(|provider| provider.hosts)
            .map(|rule| match rule {
                Exact(host) => (*host).to_owned(),
                OneLabel(before, after) => format!("{before}*{after}"),
            })
            .collect();
        assert!(hosts.iter().all(|host| *host == host.to_ascii_lowercase()));
        let before = (names.len(), hosts.len());
        names.sort_unstable();
        names.dedup();
        hosts.sort_unstable();
        hosts.dedup();
        assert_eq!((names.len(), hosts.len()), before);
    }

    #[test]
    fn tells_the_region_of_a_regional_host() {
        assert_eq!(region_of("eu.api.openai.com"), Some("eu"));
        for host in ["api.openai.com", "a.b.api.openai.com", ".api.openai.com", "eu.example.com", "", "世界"]
        {
            assert_eq!(region_of(host), None, "{host}");
        }
    }

    #[test]
    fn lets_a_telling_path_decide_the_dialect() {
        let google = provider_of("generativelanguage.googleapis.com");
        assert_eq!(dialect_of(google, "/v1beta/models/gemini-pro:generateContent?key=k"), Dialect::Google);
        assert_eq!(dialect_of(google, "/v1beta/openai/chat/completions"), Dialect::OpenAi);
        assert_eq!(dialect_of(None, "/v1/messages"), Dialect::Anthropic);
        assert_eq!(dialect_of(provider_of("api.openai.com"), "/v1/embeddings"), Dialect::OpenAi);
        assert_eq!(dialect_of(None, "/v1/anything"), Dialect::Unknown);
    }
}
