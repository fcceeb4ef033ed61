use serde_json::json;

use super::*;

fn read(body: serde_json::Value) -> Result<(String, Vec<String>), String> {
    let table = ProviderTable::new(Vec::new()).unwrap();
    let fields = Fields::of(body);
    let binding = Binding::read(&fields, "providerName", &table);
    binding.map(|binding| (binding.provider, binding.hosts)).map_err(|error| error.message)
}

#[test]
fn knows_providers_in_every_spelling() {
    let check = |name: &str, provider: &str, hosts: &[&str]| {
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        assert_eq!(read(json!({"providerName": name})), Ok((provider.to_owned(), hosts)), "{name}");
    };
    check("OPENAI", "OPENAI", &[]);
    check("openai", "OPENAI", &[]);
    check("OpenAI", "OPENAI", &[]);
    check("anthropic", "ANTHROPIC", &[]);
    check("xai", "X", &[]);
    check("bedrock", "AWS", &[]);
    check("together-ai", "TOGETHER", &[]);
    check("GOOGLE", "GOOGLE", &[]);
    check("google-ai-studio", "GOOGLE", &["generativelanguage.googleapis.com"]);
    check(
        "vertex",
        "GOOGLE",
        &["aiplatform.googleapis.com", "*-aiplatform.googleapis.com", "aiplatform.*.rep.googleapis.com"],
    );
}

#[test]
fn wants_hosts_where_the_provider_has_none_of_its_own() {
    let own = json!({"providerName": "own", "hosts": ["LLM.example.com", "llm.example.net:8443"]});
    let hosts = vec!["llm.example.com".to_owned(), "llm.example.net:8443".to_owned()];
    assert_eq!(read(own), Ok(("own".to_owned(), hosts)));
    let azure = json!({"providerName": "azure", "hosts": ["mine.openai.azure.com"]});
    assert_eq!(read(azure), Ok(("AZURE".to_owned(), vec!["mine.openai.azure.com".to_owned()])));
    for (name, reason) in [("own", "none that is known here"), ("azure", "anybody can have one that fits")] {
        let refused = read(json!({"providerName": name})).unwrap_err();
        assert!(refused.contains("`hosts`") && refused.contains(reason), "{refused}");
        assert!(read(json!({"providerName": name, "hosts": []})).is_err());
    }
    assert!(read(json!({})).unwrap_err().contains("`providerName`"));
}

#[test]
fn refuses_hosts_that_are_private_or_may_be_anybodys() {
    let long = vec!["llm.example.com"; MAX_HOSTS + 1];
    for hosts in [
        json!(["*.example.com"]),
        json!(["*"]),
        json!(["localhost"]),
        json!(["api.localhost"]),
        json!(["127.0.0.1"]),
        json!(["127.0.0.1:8080"]),
        json!(["0x7f.1"]),
        json!(["[::1]"]),
        json!(["[::1]:443"]),
        json!(["llm"]),
        json!(["llm.corp"]),
        json!(["llm.internal:8443"]),
        json!(["https://llm.example.com"]),
        json!(["llm.example.com/v1"]),
        json!(["user@llm.example.com"]),
        json!(["llm.example.com:0"]),
        json!(["llm.example.com:80"]),
        json!(["llm.example.com:080"]),
        json!(["llm.example.com:70000"]),
        json!(["llm.example.com:"]),
        json!([""]),
        json!([7]),
        json!("llm.example.com"),
        json!(long),
    ] {
        let refused = read(json!({"providerName": "openai", "hosts": hosts}));
        assert!(refused.as_ref().is_err_and(|message| message.contains("`hosts`")), "{hosts}: {refused:?}");
    }
}
