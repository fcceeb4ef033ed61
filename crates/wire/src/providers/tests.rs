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
    // A target never names the port that is its scheme's own.
    let named = row("name = \"MINE\"\nhosts = [\"llm.example.com:443\"]");
    let table = ProviderTable::new(vec![named]).unwrap();
    assert_eq!(table.by_host("llm.example.com", None).unwrap().name.as_ref(), "MINE");
    assert!(table.by_host("llm.example.com", Some(8443)).is_none());
}

/// Returns the first row whose dedicated host has this label, which is the one that counts.
fn by_label<'t>(table: &'t ProviderTable, label: &str) -> Option<(&'t Provider, &'t Dedicated)> {
    let mut dedicated = table.rows().iter().filter_map(|row| Some((row.as_ref(), row.dedicated.as_ref()?)));
    dedicated.find(|(_, dedicated)| dedicated.label == label)
}

#[test]
fn lets_a_users_row_win() {
    let own = row("name = \"MINE\"\nhosts = [\"api.openai.com\"]\nlabel = \"OAI\"");
    let table = ProviderTable::new(vec![own]).unwrap();
    assert_eq!(table.by_host("api.openai.com", None).unwrap().name.as_ref(), "MINE");
    assert_eq!(by_label(&table, "oai").unwrap().0.name.as_ref(), "MINE");
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
        let (_, dedicated) = by_label(&table, label).unwrap();
        assert_eq!(dedicated.origin, origin, "{label}");
    }
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
    for (host, region) in [
        ("eu.api.openai.com", "eu"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "us-east-1"),
        ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("europe-west4-aiplatform.googleapis.com", "europe-west4"),
        ("aiplatform.eu.rep.googleapis.com", "eu"),
    ] {
        assert_eq!(region_of(host), Some(region), "{host}");
    }
    for host in [
        "aiplatform.googleapis.com",
        "bedrock-runtime.amazonaws.com",
        "bedrock-runtime..amazonaws.com",
        "api.openai.com",
        "a.b.api.openai.com",
        ".api.openai.com",
        "eu.example.com",
        "",
        "世界",
    ] {
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

#[test]
fn tells_the_dialects_that_share_a_host_by_the_path() {
    let table = table();
    let check = |host: &str, path: &str, expected: Dialect| {
        let provider = table.by_host(host, None).map(AsRef::as_ref);
        assert_eq!(table.dialect_of(provider, path), expected, "{host}{path}");
    };
    let vertex = "us-east5-aiplatform.googleapis.com";
    let models = "/v1/projects/p/locations/l/publishers";
    check(vertex, &format!("{models}/anthropic/models/claude@1:rawPredict"), Dialect::Anthropic);
    check(vertex, &format!("{models}/anthropic/models/claude@1:streamRawPredict?x=1"), Dialect::Anthropic);
    check(vertex, &format!("{models}/mistralai/models/m:rawPredict"), Dialect::Google);
    check(vertex, &format!("{models}/google/models/gemini:streamGenerateContent?alt=sse"), Dialect::Google);
    check("localhost", "/model/a%3A0/converse-stream", Dialect::Bedrock);
    check("localhost", "/model/a:0/invoke", Dialect::Bedrock);
    check("localhost", "/models/a/invoke", Dialect::Unknown);
    check("localhost", "/invoke", Dialect::Unknown);
    check("api.cohere.com", "/v2/chat", Dialect::Cohere);
    check("api.cohere.ai", "/v1/embed", Dialect::Cohere);
    check("api.cohere.ai", "/compatibility/v1/chat/completions", Dialect::OpenAi);
    let cloudflare = "gateway.ai.cloudflare.com";
    check(cloudflare, "/v1/a/g/openai/responses", Dialect::OpenAi);
    check(cloudflare, "/v1/a/g/anthropic/v1/messages", Dialect::Anthropic);
    check(cloudflare, "/v1/a/g/google-ai-studio/v1/models", Dialect::Google);
    check(cloudflare, "/v1/a/g/cohere/v2/chat", Dialect::Cohere);
    check(cloudflare, "/v1/a/g/aws-bedrock/bedrock-runtime/us-east-1/model/m/invoke", Dialect::Bedrock);
    check(cloudflare, "/v1/a/g/compat/chat/completions", Dialect::OpenAi);
    check(cloudflare, "/v1/a/g/workers-ai/@cf/meta/llama", Dialect::Unknown);
    check(cloudflare, "/v1/a/g", Dialect::Unknown);
}

/// A row with every field.
const FULL: &str = "name = \"ACME\"\ntitle = \"Acme\"\nhosts = [\"api.acme.example\", \"*.acme.example:8443\"]\n\
    dialect = \"openai\"\ncost = true\nauth = \"x-goog-api-key\"\nlabel = \"acme\"\nhome = \"https://acme.example\"\n\
    path_prefix = \"/v1\"\ntakes_base = true\ntarget_header = \"acme-callback\"\ndocs = \"https://docs.acme.example\"\n";

#[test]
fn writes_a_row_as_it_was_read() {
    assert_eq!(toml::to_string(&row(FULL)).unwrap(), FULL);
    let short = row("name = \"ACME\"\nhosts = [\"api.acme.example\"]");
    assert_eq!(row(&toml::to_string(&short).unwrap()), short);
    for provider in table().rows() {
        assert_eq!(row(&toml::to_string(provider.as_ref()).unwrap()), **provider);
    }
}

#[test]
fn lists_the_fields_that_a_row_has() {
    let full: toml::Table = FULL.parse().unwrap();
    assert_eq!(
        full.keys().collect::<BTreeSet<_>>(),
        ROW_FIELDS.iter().map(|field| field.name.to_owned()).collect::<Vec<_>>().iter().collect()
    );
    for field in &ROW_FIELDS {
        let mut table = full.clone();
        if let FieldKind::Choice(names) = field.kind {
            for name in names {
                table.insert(field.name.to_owned(), (*name).into());
                let written = toml::Table::try_from(table.clone().try_into::<Provider>().unwrap()).unwrap();
                assert_eq!(written[field.name].as_str(), Some(*name));
            }
        }
        table.insert(field.name.to_owned(), 5.into());
        assert!(table.clone().try_into::<Provider>().is_err(), "{} takes a number", field.name);
        table.remove(field.name);
        let needed = field.name == "label" || field.is_required;
        assert_eq!(table.try_into::<Provider>().is_err(), needed, "without {}", field.name);
    }
}

#[test]
fn says_what_is_wrong_with_a_row() {
    let refusal = |text: &str| toml::from_str::<Provider>(text).unwrap_err().message().to_owned();
    let name = refusal("name = \"a b\"\nhosts = [\"a.example\"]");
    assert_eq!(name, "`name` is `a b`; expected 1 to 40 letters, digits, `-` or `_`");
    assert_eq!(refusal("name = \"A\"\nhosts = []"), "`hosts` is empty; expected at least one host");
    assert!(refusal("name = \"A\"\nhosts = [\"a b\"]").starts_with("`hosts`: `a b` is not a host"));
    let with = |line: &str| refusal(&format!("name = \"A\"\nhosts = [\"a.example\"]\n{line}"));
    assert_eq!(with("label = \"a.b\""), "`label` is `a.b`; expected one label of a host, such as `acme`");
    for taken in ["api", "API", "gateway", "eu"] {
        let lower = taken.to_ascii_lowercase();
        let expected =
            format!("`label` is `{lower}`, which is a host of the gateway's own; expected another one");
        assert_eq!(with(&format!("label = \"{taken}\"")), expected);
    }
    let url = "a URL such as `https://example.com`";
    assert_eq!(with("label = \"a\"\nhome = \"a\\n\""), format!("`home` is `a\\n`; expected {url}"));
    assert_eq!(with("docs = \"ftp://a\""), format!("`docs` is `ftp://a`; expected {url}"));
    assert_eq!(with("path_prefix = \"v1\""), "`path_prefix` is `v1`; expected a path such as `/v1`");
    assert!(with("target_header = \"a: b\"").starts_with("`target_header` is `a: b`"));
    assert!(with("title = \"\"").starts_with("`title` is ``"));
    assert_eq!(
        refusal("name = \"A\"\nhosts = [\"a.example\"]\nhome = \"https://a.example\""),
        "`home` needs a `label`"
    );
}
