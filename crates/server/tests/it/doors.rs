//! Every provider of the table is reached through the target header and through its dedicated host, under its
//! own name, with the path and query it was called with; and every other host of ours does what it is for.

mod paths;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::hosts::resolved;
use gatehouse_testkit::{DoubleOptions, Gatehouse, GatehouseOptions, ProviderDouble};
use gatehouse_wire::{AuthScheme, Dedicated, Provider, ProviderTable};

use crate::support::{BINARY, Call, House, helicone_id, text};

/// What stands for a region or a customer in hosts.
const FILL: &str = "us-east-1";
/// A path and query in which every byte must stay as it is.
const PATH: &str = "/v1//models/a%3Ab:c/%2e./x";
const QUERY: &str = "?api-version=2024-06-01&%24alt=json%3Benum-encoding%3Dint&n=";

/// Returns one host for each pattern of a provider.
fn hosts_of(provider: &Provider) -> impl Iterator<Item = String> + '_ {
    provider.hosts.iter().map(|pattern| pattern.filled(FILL))
}

/// Starts a gatehouse whose every provider's host, and a few unknown ones, lead to one double.
async fn house(table: &ProviderTable, toml: &str) -> Result<House> {
    let known: Vec<&str> = resolved().collect();
    let hosts = table.rows().iter().flat_map(|provider| hosts_of(provider));
    let extra_names: Vec<String> = hosts.filter(|host| !known.contains(&host.as_str())).collect();
    let options = DoubleOptions { extra_names: extra_names.clone(), ..DoubleOptions::default() };
    let double = ProviderDouble::start(options).await?;
    let pins = extra_names.iter().map(|host| format!("\"{host}:443\" = \"{}\"\n", double.address()));
    let pins = format!("[upstream.resolve]\n{}", pins.collect::<String>());
    let options = GatehouseOptions::new(BINARY).with_double(&double).with_toml(&pins).with_toml(toml);
    let gatehouse = Gatehouse::start(options).await?;
    Ok(House { double, gatehouse })
}

/// The calls of a test: what each has to look like where it arrives, and the name it is logged under.
struct Calls<'a> {
    house: &'a House,
    /// By the number in the query: the host, the path and query, and the id of the call with its label.
    expected: HashMap<usize, Expected>,
}

struct Expected {
    described: String,
    host: String,
    target: String,
    id: String,
    provider: String,
}

impl<'a> Calls<'a> {
    fn new(house: &'a House) -> Self {
        Self { house, expected: HashMap::new() }
    }

    /// Sends a call of `path` and expects it at `host` under `sent_path`.
    async fn send(
        &mut self,
        call: impl Fn(Call<'static>) -> Call<'static>,
        (path, sent_path): (&str, &str),
        (host, provider): (&str, &str),
    ) -> Result<()> {
        let number = self.expected.len();
        let path: &'static str = format!("{path}{QUERY}{number}").leak();
        let call = call(Call::new("POST", path).with_body(r#"{"model":"m","x":1,}"#));
        let described = format!("{call:?}");
        let answer = self.house.exchange(&call).await?;
        let id = helicone_id(&answer.head.headers).with_context(|| format!("{described}\n{answer:?}"))?;
        let target = format!("{sent_path}{QUERY}{number}");
        let (host, provider) = (host.to_owned(), provider.to_owned());
        self.expected.insert(number, Expected { described, host, target, id, provider });
        Ok(())
    }

    /// Checks what arrived, and the rows.
    async fn check(self) -> Result<()> {
        let received = self.house.double.wait_for(self.expected.len()).await?;
        ensure!(received.len() == self.expected.len(), "{} calls arrived", received.len());
        for request in &received {
            let (_, number) = request.target.rsplit_once("n=").context("a call without its number")?;
            let expected = self.expected.get(&number.parse()?).context("an unknown call")?;
            let Expected { described, host, target, .. } = expected;
            ensure!(request.sni.as_deref() == Some(host), "{described}\narrived at {:?}", request.sni);
            ensure!(request.headers.text("host").as_ref() == Some(host), "{described}\n{request:?}");
            ensure!(request.target == *target, "{described}\narrived as {}", request.target);
            let ours = |name: &str| name.to_ascii_lowercase().starts_with("helicone-");
            ensure!(!request.headers.0.iter().any(|field| ours(&field.name)), "{request:?}");
        }
        for Expected { described, id, provider, .. } in self.expected.values() {
            let row = self.house.row(id).await?;
            ensure!(text(&row, "provider") == provider, "{described}\nis logged as {row}");
        }
        Ok(())
    }
}

/// The path to be called for a path at the provider, and what stands before it there.
fn paths_of(provider: &Provider, dedicated: &Dedicated) -> (String, String) {
    let prefix = dedicated.path_prefix.clone().unwrap_or_default();
    match provider.auth {
        AuthScheme::Sigv4 => (format!("/v1/{FILL}{PATH}"), PATH.to_owned()),
        _ => (format!("{prefix}{PATH}"), format!("{prefix}{PATH}")),
    }
}

/// Adds what the gateway makes a signature of, where the provider wants one.
fn with_credentials(call: Call<'static>, provider: &Provider) -> Call<'static> {
    match provider.auth {
        AuthScheme::Sigv4 => call.header("aws-access-key", "AKIDOTHER").header("aws-secret-key", "secret"),
        _ => call,
    }
}

// proves: Helicone-Target-Url
#[tokio::test]
async fn every_host_of_the_table_is_reached_by_the_target_header() -> Result<()> {
    let table = ProviderTable::new(Vec::new())?;
    let house = house(&table, "").await?;
    let mut calls = Calls::new(&house);
    let hosts = table.rows().iter().flat_map(|row| hosts_of(row).map(|host| (host, Arc::clone(&row.name))));
    for (host, provider) in hosts {
        for (spelled, our_host) in [
            (format!("https://{host}"), "gateway.helicone.ai"),
            (format!("https://{host}/"), "gateway.hconeai.com"),
            (format!("HTTPS://{}.:443/some/path?x#y", host.to_uppercase()), "127.0.0.1:8787"),
        ] {
            let call = |call: Call<'static>| {
                call.replace("Host", our_host).replace("Helicone-Target-Url", spelled.as_str())
            };
            calls.send(call, (PATH, PATH), (&host, &provider)).await?;
        }
    }
    calls.check().await
}

#[tokio::test]
async fn every_dedicated_host_leads_to_its_provider() -> Result<()> {
    let table = ProviderTable::new(Vec::new())?;
    let house = house(&table, "[gateway]\npublic_domains = [\"helicone.ai\", \"hconeai.com\", \"localhost\", \"llm.corp.example\"]\n").await?;
    let mut calls = Calls::new(&house);
    let mut labels = 0;
    for provider in table.rows() {
        let Some(dedicated) = &provider.dedicated else { continue };
        labels += 1;
        let label = &dedicated.label;
        let host = hosts_of(provider).next().context("a provider without a host")?;
        let (path, sent_path) = paths_of(provider, dedicated);
        for our_host in [
            format!("{label}.helicone.ai"),
            format!("{label}.hconeai.com"),
            format!("{label}.localhost:8787"),
            format!("{}.HELICONE.AI.:443", label.to_uppercase()),
            format!("eu.{label}.helicone.ai"),
            format!("{label}.eu.hconeai.com"),
            format!("{label}.llm.corp.example"),
        ] {
            let call = |call: Call<'static>| {
                let call = call.without("Helicone-Target-Url").replace("Host", our_host.as_str());
                with_credentials(call, provider)
            };
            calls.send(call, (&path, &sent_path), (&host, &provider.name)).await?;
        }
    }
    ensure!(labels >= 20, "only {labels} dedicated hosts");
    calls.check().await
}

#[tokio::test]
async fn a_configured_provider_has_its_hosts_its_name_and_its_door() -> Result<()> {
    let table = ProviderTable::new(Vec::new())?;
    let rows = r#"
        [[providers]]
        name = "ACME"
        hosts = ["llm.unknown.example", "*.local.test"]
        dialect = "anthropic"
        label = "acme"
        [[providers]]
        name = "MY-OPENAI"
        hosts = ["api.openai.com"]
        dialect = "openai"
    "#;
    let house = house(&table, rows).await?;
    let mut calls = Calls::new(&house);
    let to = |target: &'static str| move |call: Call<'static>| call.replace("Helicone-Target-Url", target);
    calls.send(to("https://llm.unknown.example"), (PATH, PATH), ("llm.unknown.example", "ACME")).await?;
    calls.send(to("https://api.openai.com"), (PATH, PATH), ("api.openai.com", "MY-OPENAI")).await?;
    let door = |call: Call<'static>| call.without("Helicone-Target-Url").replace("Host", "acme.localhost:1");
    calls.send(door, (PATH, PATH), ("llm.unknown.example", "ACME")).await?;
    // It is as good as any other: no limit of a second.
    for _ in 0..3 {
        calls.send(door, (PATH, PATH), ("llm.unknown.example", "ACME")).await?;
    }
    calls.check().await
}
