//! The generated page of providers is up to date and has every provider.

use std::fs;
use std::path::Path;

use gatehouse_wire::ProviderTable;
use gatehouse_wire::providers::reference;

#[test]
fn committed_page_is_the_one_that_the_table_yields() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers.md");
    assert!(
        fs::read_to_string(page).unwrap() == reference().unwrap(),
        "stale: run `cargo run -q -p gatehouse-wire --example providers > docs/providers.md`"
    );
}

#[test]
fn page_has_a_line_for_every_provider_with_all_its_hosts() {
    let page = reference().unwrap();
    for provider in ProviderTable::new(Vec::new()).unwrap().rows() {
        let start = format!("| {} | `{}` |", provider.title, provider.name);
        let line = page.lines().find(|line| line.starts_with(&start)).unwrap();
        let hosts = provider.hosts.iter().map(ToString::to_string);
        let dedicated = provider.dedicated.iter().flat_map(|dedicated| {
            ["helicone.ai", "hconeai.com", "localhost:8787"]
                .map(|domain| format!("{}.{domain}", dedicated.label))
        });
        for host in hosts.chain(dedicated) {
            assert!(line.contains(&format!("`{host}`")), "{host} in {line}");
        }
        assert_eq!(line.matches(" | ").count(), 7, "{line}");
    }
}
