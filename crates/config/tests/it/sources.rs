//! Where values come from, and which source wins.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gatehouse_config::{Config, ControlUrl, Durability, LogFormat, LogLevel, LogUrl, SharedUrl};

use crate::load;

#[test]
fn nothing_at_all_is_the_defaults() {
    assert_eq!(Config::load(None, &BTreeMap::new(), None).unwrap(), Config::default());
    assert_eq!(load("", &[("PATH", "/bin"), ("gatehouse_listen", "x")]).unwrap(), Config::default());
}

#[test]
fn defaults_are_those_of_the_interface() {
    let text = r#"
        data_dir = "./data"
        [gateway]
        listen = "127.0.0.1:8787"
        public_domains = ["helicone.ai", "hconeai.com", "localhost"]
        require_auth = true
        max_buffered_body_bytes = 20971520
        max_header_bytes = 65536
        max_headers = 256
        workers = 0
        connect_timeout = "10s"
        first_byte_timeout = "10m"
        idle_timeout = "10m"
        total_timeout = "60m"
        keep_alive_timeout = "6m"
        drain_timeout = "30s"
        max_connections = 65536
        [api]
        listen = "127.0.0.1:8585"
        [bootstrap]
        api_key = ""
        [upstream]
        allow_private = []
        allow_http = false
        extra_ca = ""
        dns_server = ""
        http2 = true
        max_connections_per_origin = 16384
        idle_connections_per_origin = 256
        idle_connection_timeout = "60s"
        [upstream.resolve]
        [journal]
        durability = "normal"
        segment_bytes = 67108864
        max_disk_bytes = 10737418240
        max_queued_bytes = 268435456
        commit_interval = "2ms"
        [control]
        url = "sqlite:"
        [log]
        url = "duckdb:"
        max_body_bytes = 20971520
        batch_rows = 5000
        batch_interval = "200ms"
        [shared]
        url = "memory:"
        [telemetry]
        level = "info"
        format = "text"
    "#;
    assert_eq!(load(text, &[]).unwrap(), Config::default());
}

#[test]
fn every_key_of_the_file_arrives_with_its_type() {
    let text = r#"
        data_dir = "/var/lib/gatehouse"
        gateway = { listen = "[::]:80", public_domains = ["Example.COM"], require_auth = false, workers = 0x10 }
        [bootstrap]
        api_key = "sk-helicone-eu-rl-aaaaaaa-bbbbbbb-ccccccc-1234567"
        [upstream]
        allow_private = ["10.1.2.3/8", "fd00::/8"]
        extra_ca = "ca.pem"
        dns_server = "127.0.0.1:5353"
        [upstream.resolve]
        "API.openai.com:443" = "127.0.0.1:9443"
        "10.0.0.1:80" = "[::1]:8080"
        [journal]
        durability = "strict"
        segment_bytes = "1MiB"
        max_disk_bytes = "20MB"
        commit_interval = "500us"
        [control]
        url = "sqlite:control.sqlite"
        [log]
        url = "duckdb:/mnt/log.duckdb"
        batch_rows = 1_000
        [telemetry]
        level = "trace"
        format = "json"
    "#;
    let config = load(text, &[]).unwrap();
    assert_eq!(config.data_dir, PathBuf::from("/var/lib/gatehouse"));
    assert_eq!(config.gateway.listen, "[::]:80".parse::<SocketAddr>().unwrap());
    assert_eq!(config.gateway.public_domains, ["example.com"]);
    assert!(!config.gateway.require_auth);
    assert_eq!(config.gateway.workers, 16);
    let key = config.bootstrap.api_key.as_ref().unwrap();
    assert_eq!(key.expose(), "sk-helicone-eu-rl-aaaaaaa-bbbbbbb-ccccccc-1234567");
    let networks = config.upstream.allow_private.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(networks, ["10.0.0.0/8", "fd00::/8"]);
    assert_eq!(config.upstream.extra_ca, Some(PathBuf::from("ca.pem")));
    assert_eq!(config.upstream.dns_server, Some("127.0.0.1:5353".parse().unwrap()));
    let pins =
        config.upstream.resolve.iter().map(|(host, address)| format!("{host} {address}")).collect::<Vec<_>>();
    assert_eq!(pins, ["10.0.0.1:80 [::1]:8080", "api.openai.com:443 127.0.0.1:9443"]);
    assert_eq!(config.journal.durability, Durability::Strict);
    assert_eq!((config.journal.segment_bytes, config.journal.max_disk_bytes), (1_048_576, 20_000_000));
    assert_eq!(config.journal.commit_interval, Duration::from_micros(500));
    assert_eq!(config.control.url, ControlUrl::Sqlite(Some(PathBuf::from("control.sqlite"))));
    assert_eq!(config.control_path(), PathBuf::from("/var/lib/gatehouse/control.sqlite"));
    assert_eq!(config.log.url, LogUrl::DuckDb(Some(PathBuf::from("/mnt/log.duckdb"))));
    assert_eq!(config.log_path(), PathBuf::from("/mnt/log.duckdb"));
    assert_eq!(config.log.batch_rows, 1000);
    assert_eq!(config.shared.url, SharedUrl::Memory);
    assert_eq!((config.telemetry.level, config.telemetry.format), (LogLevel::Trace, LogFormat::Json));
}

#[test]
fn environment_beats_file_and_argument_beats_environment() {
    let text = "data_dir = 'file'\n[gateway]\nmax_headers = 100\nconnect_timeout = '1s'\n";
    let variables = [("GATEHOUSE_DATA_DIR", "variable"), ("GATEHOUSE_GATEWAY__MAX_HEADERS", "200")];
    let config = load(text, &variables).unwrap();
    assert_eq!(config.data_dir, PathBuf::from("variable"));
    assert_eq!(config.gateway.max_headers, 200);
    assert_eq!(config.gateway.connect_timeout, Duration::from_secs(1));

    let environment = BTreeMap::from([("GATEHOUSE_DATA_DIR".to_owned(), "variable".to_owned())]);
    let config = Config::load(None, &environment, Some(Path::new("argument"))).unwrap();
    assert_eq!(config.data_dir, PathBuf::from("argument"));
    assert_eq!(config.log_path(), PathBuf::from("argument/gatehouse.duckdb"));
    assert_eq!(config.control_path(), PathBuf::from("argument/gatehouse.sqlite"));
}

#[test]
fn variables_carry_every_kind_of_value() {
    let config = load(
        "",
        &[
            ("GATEHOUSE_GATEWAY__REQUIRE_AUTH", "false"),
            ("GATEHOUSE_GATEWAY__WORKERS", " 3\n"),
            ("GATEHOUSE_GATEWAY__IDLE_TIMEOUT", "90s"),
            ("GATEHOUSE_GATEWAY__MAX_HEADER_BYTES", "128KiB"),
            ("GATEHOUSE_LOG__MAX_BODY_BYTES", "1024"),
            ("GATEHOUSE_GATEWAY__PUBLIC_DOMAINS", "a.example, b.example,"),
            ("GATEHOUSE_UPSTREAM__ALLOW_PRIVATE", r#"["127.0.0.0/8"]"#),
            ("GATEHOUSE_UPSTREAM__RESOLVE", r#"{ "api.openai.com:443" = "127.0.0.1:9443" }"#),
            ("GATEHOUSE_BOOTSTRAP__API_KEY", "sk-aaaaaaa-bbbbbbb-ccccccc-ddddddd\n"),
            ("GATEHOUSE_JOURNAL__DURABILITY", "strict"),
        ],
    )
    .unwrap();
    assert!(!config.gateway.require_auth);
    assert_eq!(config.gateway.workers, 3);
    assert_eq!(config.gateway.idle_timeout, Duration::from_secs(90));
    assert_eq!((config.gateway.max_header_bytes, config.log.max_body_bytes), (131_072, 1024));
    assert_eq!(config.gateway.public_domains, ["a.example", "b.example"]);
    assert_eq!(config.upstream.allow_private.len(), 1);
    assert_eq!(config.upstream.resolve.len(), 1);
    assert!(config.bootstrap.api_key.is_some());
    assert_eq!(config.journal.durability, Durability::Strict);
}

#[test]
fn empty_variables_empty_what_may_be_empty() {
    let text =
        "[upstream]\nextra_ca = 'ca.pem'\nallow_private = ['10.0.0.0/8']\nresolve = { 'a:1' = '1.1.1.1:1' }";
    let variables = ["EXTRA_CA", "ALLOW_PRIVATE", "RESOLVE"].map(|key| format!("GATEHOUSE_UPSTREAM__{key}"));
    let variables = variables.each_ref().map(|name| (name.as_str(), ""));
    assert_eq!(load(text, &variables).unwrap(), Config::default());
}

#[test]
fn an_empty_argument_is_refused_by_its_name() {
    let error = Config::load(None, &BTreeMap::new(), Some(Path::new(""))).unwrap_err();
    assert_eq!(error.to_string(), "argument --data-dir: `data_dir` is empty; expected a path");
}
