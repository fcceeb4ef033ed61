use std::collections::BTreeSet;

use super::*;

fn table() -> ProviderTable {
    ProviderTable::new(Vec::new()).unwrap()
}

fn row(text: &str) -> Provider {
    toml::from_str(text).unwrap()
}

fn name_of(host: &str) -> Option<String> {
    table().by_host(host, None).map(|provider| provider.name.as_ref().to_owned())
}

fn check(host: &str, expected: Option<&str>) {
    assert_eq!(name_of(host).as_deref(), expected, "{host}");
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
        "-aiplatform.googleapis.com",
        "storage.googleapis.com",
        "api.openai.com:443",
    ] {
        check(host, None);
    }
}

#[test]
fn takes_another_port_for_another_service() {
    assert!(table().by_host("api.openai.com", Some(8443)).is_none());
    let local = row("name = \"LOCAL\"\nhosts = [\"localhost:11434\"]");
    let table = ProviderTable::new(vec![local]).unwrap();
    assert!(table.by_host("localhost", Some(11434)).is_some());
    assert!(table.by_host("localhost", None).is_none());
}

#[test]
fn lets_a_users_row_win() {
    let own = row("name = \"MINE\"\nhosts = [\"api.openai.com\"]\nlabel = \"OAI\"");
    let table = ProviderTable::new(vec![own]).unwrap();
    assert_eq!(table.by_host("api.openai.com", None).unwrap().name.as_ref(), "MINE");
    assert_eq!(table.by_label("oai").unwrap().0.name.as_ref(), "MINE");
    assert_eq!(table.by_host("eu.api.openai.com", None).unwrap().name.as_ref(), "OPENAI");
}

/// Title, name, one of its hosts, dedicated label: what every installation must know.
const PROMISED: [(&str, &str, &str, &str); 24] = [
    ("OpenAI", "OPENAI", "api.openai.com", "oai"),
    ("Google Gemini", "GOOGLE", "generativelanguage.googleapis.com", "google"),
    ("Google Vertex AI", "GOOGLE", "aiplatform.googleapis.com", ""),
    ("Anthropic", "ANTHROPIC", "api.anthropic.com", "anthropic"),
    ("Together AI", "TOGETHER", "api.together.xyz", "together"),
    ("OpenRouter", "OPENROUTER", "openrouter.ai", "openrouter"),
    ("Fireworks", "FIREWORKS", "api.fireworks.ai", "fireworks"),
    ("Azure", "AZURE", "acme.openai.azure.com", ""),
    ("Groq", "GROQ", "api.groq.com", "groq"),
    ("Deepinfra", "DEEPINFRA", "api.deepinfra.com", "deepinfra"),
    ("Anyscale", "ANYSCALE", "api.endpoints.anyscale.com", ""),
    ("Cloudflare", "CLOUDFLARE", "gateway.ai.cloudflare.com", ""),
    ("LemonFox", "LEMONFOX", "api.lemonfox.ai", ""),
    ("Perplexity", "PERPLEXITY", "api.perplexity.ai", "perplexity"),
    ("Mistral", "MISTRAL", "api.mistral.ai", "mistral"),
    ("DeepSeek", "DEEPSEEK", "api.deepseek.com", "deepseek"),
    ("X.AI", "X", "api.x.ai", "x"),
    ("AWS Bedrock", "AWS", "bedrock-runtime.eu-west-1.amazonaws.com", "bedrock"),
    ("Nebius", "NEBIUS", "api.tokenfactory.nebius.com", "nebius"),
    ("Novita", "NOVITA", "api.novita.ai", "novita"),
    ("Avian", "AVIAN", "api.avian.io", ""),
    ("Cohere", "COHERE", "api.cohere.ai", ""),
    ("QStash", "QSTASH", "qstash.upstash.io", "qstash"),
    ("Firecrawl", "FIRECRAWL", "api.firecrawl.dev", "firecrawl"),
];

#[test]
fn knows_every_promised_provider() {
    let table = table();
    for (title, name, host, label) in PROMISED {
        let provider = table.by_host(host, None).unwrap();
        assert_eq!((provider.title.as_str(), provider.name.as_ref()), (title, name), "{host}");
        let own = provider.dedicated.as_ref().map(|dedicated| dedicated.label.as_str());
        assert_eq!(own.unwrap_or_default(), label, "{host}");
        assert_eq!(provider.cost, !["QSTASH", "FIRECRAWL"].contains(&name), "{host}");
    }
}

#[test]
fn leads_every_label_to_its_origin() {
    let table = table();
    for (label, origin) in [
        ("oai", "https://api.openai.com"),
        ("anthropic", "https://api.anthropic.com"),
        ("vercel", "https://ai-gateway.vercel.sh"),
        ("together", "https://api.together.xyz"),
        ("llmmapper", "https://gateway.llmmapper.com"),
        ("google", "https://generativelanguage.googleapis.com"),
        ("llama", "https://api.llama.com"),
        ("nvidia", "https://integrate.api.nvidia.com"),
        ("openrouter", "https://openrouter.ai"),
        ("deepinfra", "https://api.deepinfra.com"),
        ("groq", "https://api.groq.com"),
        ("perplexity", "https://api.perplexity.ai"),
        ("hyperbolic", "https://api.hyperbolic.xyz"),
        ("cerebras", "https://api.cerebras.ai"),
        ("mistral", "https://api.mistral.ai"),
        ("bedrock", "https://bedrock-runtime.*.amazonaws.com"),
        ("fireworks", "https://api.fireworks.ai"),
        ("predibase", "https://api.app.predibase.com"),
        ("qstash", "https://qstash.upstash.io"),
        ("x", "https://api.x.ai"),
        ("deepseek", "https://api.deepseek.com"),
        ("nebius", "https://api.tokenfactory.nebius.com"),
        ("novita", "https://api.novita.ai"),
        ("firecrawl", "https://api.firecrawl.dev"),
    ] {
        let (_, dedicated) = table.by_label(&label.to_ascii_uppercase()).unwrap();
        assert_eq!(dedicated.origin, origin, "{label}");
    }
    assert!(table.by_label("").is_none());
    assert!(table.by_label("oai2").is_none());
}

#[test]
fn gives_every_host_and_label_to_one_row() {
    let table = table();
    let mut hosts = BTreeSet::new();
    let mut labels = BTreeSet::new();
    for provider in table.rows() {
        for host in &provider.hosts {
            assert!(hosts.insert(host.to_string()), "{host} twice");
            let found = table.by_host(&host.filled("any"), None).unwrap();
            assert_eq!(found, provider, "{host} belongs to two rows");
        }
        if let Some(dedicated) = &provider.dedicated {
            assert!(labels.insert(dedicated.label.clone()), "{} twice", dedicated.label);
        }
        assert_eq!(provider.name.to_ascii_uppercase(), provider.name.as_ref());
        assert!(provider.docs.iter().all(|docs| docs.starts_with("https://")));
    }
}

#[test]
fn tells_the_region_of_a_regional_host() {
    assert_eq!(region_of("eu.api.openai.com"), Some("eu"));
    for host in ["api.openai.com", "a.b.api.openai.com", ".api.openai.com", "eu.example.com", "", "世界"] {
        assert_eq!(region_of(host), None, "{host}");
    }
}

#[test]
fn lets_a_telling_path_decide_the_dialect() {
    let table = table();
    let google = table.by_host("generativelanguage.googleapis.com", None).map(AsRef::as_ref);
    let openai = table.by_host("api.openai.com", None).map(AsRef::as_ref);
    assert_eq!(dialect_of(google, "/v1beta/models/gemini-pro:generateContent?key=k"), Dialect::Google);
    assert_eq!(dialect_of(google, "/v1beta/openai/chat/completions"), Dialect::OpenAi);
    assert_eq!(dialect_of(None, "/v1/messages"), Dialect::Anthropic);
    assert_eq!(dialect_of(openai, "/v1/embeddings"), Dialect::OpenAi);
    assert_eq!(dialect_of(None, "/v1/anything"), Dialect::Unknown);
}
