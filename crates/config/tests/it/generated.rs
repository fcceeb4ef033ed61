//! The generated documents are up to date and say what the code does.

use std::fs;
use std::path::Path;

use gatehouse_config::{Config, Secrets, example, reference};

use crate::load;

const REGENERATE: &str = "stale: run `cargo run -p gatehouse-config --example generate`";

fn committed(name: &str) -> std::io::Result<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name))
}

#[test]
fn committed_documents_are_those_the_table_of_keys_yields() {
    assert!(
        committed("docs/configuration.md").unwrap() == reference(),
        "docs/configuration.md is {REGENERATE}"
    );
    assert!(
        committed("gatehouse.example.toml").unwrap() == example(),
        "gatehouse.example.toml is {REGENERATE}"
    );
}

#[test]
fn example_file_holds_the_defaults_with_and_without_its_marks() {
    assert_eq!(load(&example(), &[]).unwrap(), Config::default());
    let unmarked = example()
        .lines()
        .map(|line| if line.starts_with("# ") { line } else { line.trim_start_matches('#') })
        .collect::<Vec<_>>()
        .join("\n");
    assert_eq!(unmarked.matches("\nlisten = ").count(), 2, "the marks are off");
    assert_eq!(load(&unmarked, &[]).unwrap(), Config::default());
}

#[test]
fn every_example_in_the_example_file_is_a_valid_value() {
    let exemplary = example()
        .lines()
        .filter_map(|line| {
            line.strip_prefix("# For example: ").or_else(|| line.strip_prefix('[').map(|_| line))
        })
        .collect::<Vec<_>>()
        .join("\n");
    let config = load(&exemplary, &[]).unwrap();
    assert_ne!(config, Config::default());
}

/// The defaults, written out.
const WRITTEN_OUT: &str = r#"data_dir = "./data"
providers = []
guards = []

[gateway]
listen = "127.0.0.1:8787"
tls_cert = ""
tls_key = ""
public_domains = ["helicone.ai", "hconeai.com", "localhost"]
require_auth = true
strict_headers = false
max_buffered_body_bytes = "20MiB"
max_captured_bytes = "1GiB"
max_header_bytes = "64KiB"
max_headers = 256
workers = 0
connect_timeout = "10s"
first_byte_timeout = "10m"
idle_timeout = "10m"
total_timeout = "1h"
keep_alive_timeout = "6m"
drain_timeout = "30s"
max_connections = 65536

[api]
listen = "127.0.0.1:8585"
tls_cert = ""
tls_key = ""

[bootstrap]
api_key = ""

[upstream]
circuit_breaker_failures = 0
circuit_breaker_pause = "30s"
allow_private = []
allow_http = false
extra_ca = ""
dns_server = ""
http2 = true
max_connections_per_origin = 16384
idle_connections_per_origin = 256
idle_connection_timeout = "1m"
resolve = {}

[domains]
mode = "limited"
requests_per_day = 10000
requests_per_second = 1
verification_parents = []
recheck_interval = "24h"

[journal]
durability = "normal"
segment_bytes = "64MiB"
max_disk_bytes = "10GiB"
max_queued_bytes = "256MiB"
commit_interval = "2ms"

[control]
url = "sqlite:"

[log]
url = "duckdb:"
max_body_bytes = "20MiB"
batch_rows = 5000
batch_interval = "200ms"

[webhooks]
attempts = 5
retry_pause = "4s"
timeout = "30s"
parallel = 4
max_waiting_bytes = "64MiB"
api_url = ""

[sign_in]
public_url = ""
idle = "168h"
lifetime = "720h"
trusted_proxies = ["127.0.0.0/8", "::1/128"]

[sign_in.oidc]
issuer = ""
client_id = ""
client_secret = ""
name = "single sign-on"
scopes = "openid email profile"
allowed_domains = []
default_role = "viewer"
organization = ""
assume_email_verified = false

[vault]
key = ""
key_file = ""
reveal = false

[prices]
file = ""

[mappers]
interval = "24h"

[cache]
memory_bytes = "64MiB"
disk_bytes = "1GiB"
max_entry_bytes = "16MiB"

[shared]
url = "memory:"

[telemetry]
level = "info"
format = "text"
"#;

#[test]
fn defaults_written_out_name_every_section_and_key() {
    assert_eq!(Config::default().to_toml(Secrets::Shown), WRITTEN_OUT);
}
