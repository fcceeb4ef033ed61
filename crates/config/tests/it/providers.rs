//! Providers of the operator's own.

use gatehouse_config::{Config, Secrets};
use insta::assert_snapshot;

use crate::{load, problems};

const TWO: &str = r#"
data_dir = "x"
[gateway]
workers = 1
[[providers]]
name = "ACME"
title = "Acme Models"
hosts = ["LLM.acme.example", "*.acme.example:8443"]
dialect = "openai"
cost = true
auth = "x-api-key"
label = "acme"
home = "https://acme.example"

[[providers]]
name = "LOCAL"
hosts = ["localhost:11434"]
"#;

fn shown(config: &Config) -> Vec<String> {
    let text = |hosts: &[_]| hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let rows = config.providers.iter();
    rows.map(|row| format!("{} ({}) at {}", row.name, row.title, text(&row.hosts))).collect()
}

#[test]
fn tables_become_providers_in_their_order() {
    let config = load(TWO, &[]).unwrap();
    let expected =
        ["ACME (Acme Models) at llm.acme.example *.acme.example:8443", "LOCAL (LOCAL) at localhost:11434"];
    assert_eq!(shown(&config), expected);
    let dedicated = config.providers[0].dedicated.as_ref().unwrap();
    assert_eq!((dedicated.label.as_str(), dedicated.origin.as_str()), ("acme", "https://llm.acme.example"));
}

#[test]
fn listing_shows_providers_and_reads_as_the_same() {
    let config = load(TWO, &[]).unwrap();
    let listing = config.to_toml(Secrets::Hidden);
    let line = listing.lines().find(|line| line.starts_with("providers")).unwrap();
    assert_snapshot!(line, @r#"providers = [{ name = "ACME", title = "Acme Models", hosts = ["llm.acme.example", "*.acme.example:8443"], dialect = "openai", cost = true, auth = "x-api-key", label = "acme", home = "https://acme.example" }, { name = "LOCAL", title = "LOCAL", hosts = ["localhost:11434"], dialect = "unknown", cost = false, auth = "bearer" }]"#);
    assert_eq!(load(&listing, &[]).unwrap(), config);
}

#[test]
fn variable_takes_toml_and_beats_the_file() {
    let variable = ("GATEHOUSE_PROVIDERS", r#"[{ name = "OTHER", hosts = ["other.example"] }]"#);
    assert_eq!(shown(&load(TWO, &[variable]).unwrap()), ["OTHER (OTHER) at other.example"]);
    assert_eq!(shown(&load(TWO, &[("GATEHOUSE_PROVIDERS", "")]).unwrap()), [""; 0]);
    let bad = [("GATEHOUSE_PROVIDERS", r#"[{ name = "OTHER", hosts = [] }]"#)];
    assert_snapshot!(problems("", &bad), @r#"environment variable GATEHOUSE_PROVIDERS: `providers` entry 1: `hosts` is empty; expected at least one host"#);
    assert_snapshot!(problems("", &[("GATEHOUSE_PROVIDERS", "OTHER")]), @r#"environment variable GATEHOUSE_PROVIDERS: `providers` is not valid TOML: string values must be quoted, expected literal string; expected a list of providers such as [{ name = "ACME", hosts = ["llm.acme.example"] }]"#);
}

#[test]
fn problems_name_entry_field_and_line() {
    let text = r#"
[[providers]]
name = "ACME"
host = ["llm.acme.example"]
dialect = "opnai"
[[providers]]
name = 5
hosts = "llm.acme.example"
cost = "yes"
something_else = 1
[[providers]]
name = "a b"
hosts = ["a.example"]
[[providers]]
name = "A"
hosts = ["a.example",
         "https://b.example/v1"]
[[providers]]
name = "A"
hosts = ["a.example", 5]
[[providers]]
name = "A"
hosts = []
[[providers]]
name = "A"
hosts = ["a.example"]
home = "https://a.example"
[[providers]]
name = "A"
hosts = ["a.example"]
label = "gateway"
"#;
    assert_snapshot!(problems(text, &[]), @r#"
    gatehouse.toml:2:1: `providers` entry 1: `hosts` is missing; expected a list of strings
    gatehouse.toml:4:1: `providers` entry 1: unknown field `host`; did you mean `hosts`?
    gatehouse.toml:5:11: `providers` entry 1: `dialect` is `opnai`; expected "openai", "anthropic", "google", "cohere", "bedrock" or "unknown"
    gatehouse.toml:7:8: `providers` entry 2: `name` is `5`; expected a string
    gatehouse.toml:8:9: `providers` entry 2: `hosts` is `llm.acme.example`; expected a list of strings
    gatehouse.toml:9:8: `providers` entry 2: `cost` is `yes`; expected `true` or `false`
    gatehouse.toml:10:1: `providers` entry 2: unknown field `something_else`; the fields are `name`, `title`, `hosts`, `dialect`, `cost`, `auth`, `label`, `home`, `path_prefix`, `takes_base`, `target_header`, `docs`
    gatehouse.toml:12:8: `providers` entry 3: `name` is `a b`; expected 1 to 40 letters, digits, `-` or `_`
    gatehouse.toml:16:9: `providers` entry 4: `hosts`: `https://b.example/v1` is not a host such as `api.example.com`, `*.example.com` or `localhost:11434`; leave out what comes before and with `://`
    gatehouse.toml:20:23: `providers` entry 5: `hosts` contains `5`; expected a list of strings
    gatehouse.toml:23:9: `providers` entry 6: `hosts` is empty; expected at least one host
    gatehouse.toml:27:8: `providers` entry 7: `home` needs a `label`
    gatehouse.toml:31:9: `providers` entry 8: `label` is `gateway`, which is a host of the gateway's own; expected another one
    "#);
}

#[test]
fn labels_and_hosts_are_taken_once() {
    let text = r#"
[[providers]]
name = "A"
hosts = ["a.example", "A.example"]
label = "acme"
[[providers]]
name = "B"
hosts = ["*.b.example"]
label = "ACME"
[[providers]]
name = "C"
hosts = ["c.example", "*.B.example"]
"#;
    assert_snapshot!(problems(text, &[]), @r#"
    gatehouse.toml:2:1: `providers` entry 1: host `a.example` is taken already; expected it once
    gatehouse.toml:6:1: `providers` entry 2: label `acme` is taken already; expected it once
    gatehouse.toml:10:1: `providers` entry 3: host `*.b.example` is taken already; expected it once
    "#);
}

#[test]
fn other_things_than_tables_are_refused() {
    assert_snapshot!(problems("[providers]\nname = 'A'\nhosts = ['a.example']", &[]), @r#"gatehouse.toml:1:1: `providers` is a table; expected a list of providers such as [{ name = "ACME", hosts = ["llm.acme.example"] }]"#);
    assert_snapshot!(problems("providers = ['a.example']", &[]), @r#"gatehouse.toml:1:14: `providers` entry 1: `a.example` is not a table; expected one with `name` and `hosts`"#);
    assert_snapshot!(problems("[[provider]]\nname = 'A'\nhosts = ['a.example']", &[]), @"gatehouse.toml:1:3: unknown key `provider`; did you mean `providers`?");
}
