//! The text of every kind of problem.

use insta::assert_snapshot;

use crate::problems;

#[test]
fn unknown_names_come_with_the_nearest_valid_one() {
    let text = r#"
listen = "127.0.0.1:1"
data_dirs = "x"
"gateway.listen" = "127.0.0.1:1"
[gateway]
  lissten = "127.0.0.1:1"
durability = "strict"
nothing_like_it = 1
[gatway]
listen = 5
[elsewhere]
[upstream.resolv]
"#;
    assert_snapshot!(problems(text, &[]), @r#"
    gatehouse.toml:2:1: unknown key `listen`; did you mean `gateway.listen`?
    gatehouse.toml:3:1: unknown key `data_dirs`; did you mean `data_dir`?
    gatehouse.toml:4:1: unknown key `"gateway.listen"`; did you mean `gateway.listen`?
    gatehouse.toml:6:3: unknown key `gateway.lissten`; did you mean `gateway.listen`?
    gatehouse.toml:7:1: unknown key `gateway.durability`; did you mean `journal.durability`?
    gatehouse.toml:8:1: unknown key `gateway.nothing_like_it`; the keys of `gateway` are `listen`, `tls_cert`, `tls_key`, `public_domains`, `require_auth`, `strict_headers`, `max_buffered_body_bytes`, `max_captured_bytes`, `max_header_bytes`, `max_headers`, `workers`, `connect_timeout`, `first_byte_timeout`, `idle_timeout`, `total_timeout`, `keep_alive_timeout`, `drain_timeout`, `max_connections`
    gatehouse.toml:9:2: unknown section `gatway`; did you mean `gateway`?
    gatehouse.toml:11:2: unknown section `elsewhere`; the sections are `gateway`, `api`, `bootstrap`, `upstream`, `domains`, `journal`, `control`, `log`, `webhooks`, `sign_in`, `sign_in.oidc`, `vault`, `prices`, `mappers`, `cache`, `shared`, `telemetry`
    gatehouse.toml:12:11: unknown key `upstream.resolv`; did you mean `upstream.resolve`?
    "#);
}

#[test]
fn unknown_variables_come_with_the_nearest_valid_one() {
    let variables = [
        ("GATEHOUSE_GATEWAY_LISTEN", "127.0.0.1:1"),
        ("GATEHOUSE_DATADIR", "x"),
        ("GATEHOUSE_XYZ", "x"),
        ("GATEHOUSE_", "x"),
    ];
    assert_snapshot!(problems("", &variables), @r"
    environment variable GATEHOUSE_: unknown variable; a variable is named `GATEHOUSE_<SECTION>__<KEY>`, or `GATEHOUSE_<KEY>` for a key above all sections
    environment variable GATEHOUSE_DATADIR: unknown variable; did you mean `GATEHOUSE_DATA_DIR`?
    environment variable GATEHOUSE_GATEWAY_LISTEN: unknown variable; did you mean `GATEHOUSE_GATEWAY__LISTEN`?
    environment variable GATEHOUSE_XYZ: unknown variable; a variable is named `GATEHOUSE_<SECTION>__<KEY>`, or `GATEHOUSE_<KEY>` for a key above all sections
    ");
}

#[test]
fn variables_of_callers_are_left_alone() {
    let variables = [
        ("GATEHOUSE_API_KEY", "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd"),
        ("GATEHOUSE_PROXY_KEY", "sk-helicone-proxy-aaaaaaa"),
        ("GATEHOUSE_URL", "http://127.0.0.1:8787"),
        ("GATEHOUSE_API_KEYS", "x"),
    ];
    assert_snapshot!(problems("", &variables), @r"
    environment variable GATEHOUSE_API_KEYS: unknown variable; did you mean `GATEHOUSE_API__LISTEN`?
    ");
}

#[test]
fn values_of_the_wrong_type_name_what_is_expected() {
    let text = r#"
data_dir = 5
gateway = { listen = 8787, public_domains = "localhost", require_auth = "yes", max_headers = "many" }
[api]
listen = { host = "127.0.0.1" }
[upstream]
resolve = ["a:1"]
dns_server = 1.5
extra_ca = 2026-01-01
http2 = 1
[journal]
durability = true
commit_interval = 2
segment_bytes = []
"#;
    assert_snapshot!(problems(text, &[]), @r#"
    gatehouse.toml:2:12: `data_dir` is an integer; expected a path such as "./data"
    gatehouse.toml:3:22: `gateway.listen` is an integer; expected an IP address and port such as "127.0.0.1:8787" or "[::1]:8787"
    gatehouse.toml:3:45: `gateway.public_domains` is `localhost`; expected a list of domain names such as ["helicone.ai", "localhost"]
    gatehouse.toml:3:73: `gateway.require_auth` is `yes`; expected `true` or `false`
    gatehouse.toml:3:94: `gateway.max_headers` is `many`; expected an integer from 16 to 65535
    gatehouse.toml:5:10: `api.listen` is a table; expected an IP address and port such as "127.0.0.1:8787" or "[::1]:8787"
    gatehouse.toml:7:11: `upstream.resolve` is a list; expected a table of addresses such as { "api.openai.com:443" = "127.0.0.1:9443" }
    gatehouse.toml:8:14: `upstream.dns_server` is a float; expected an IP address and port such as "127.0.0.1:5353", or "" for none
    gatehouse.toml:9:12: `upstream.extra_ca` is a date; expected the path of a file, or "" for none
    gatehouse.toml:10:9: `upstream.http2` is `1`; expected `true` or `false`
    gatehouse.toml:12:14: `journal.durability` is a boolean; expected "normal" or "strict"
    gatehouse.toml:13:19: `journal.commit_interval` is `2`; expected a duration from 0s to 1s, such as "250ms", "30s", "10m" or "1h"
    gatehouse.toml:14:17: `journal.segment_bytes` is a list; expected a size from 4KiB to 4GiB, as bytes or such as "64MiB" or "20MB"
    "#);
}

#[test]
fn values_of_the_wrong_form_name_what_is_expected() {
    let text = r#"
data_dir = ""
[gateway]
listen = "localhost:8787"
public_domains = ["ok.example", "-bad", 5]
max_headers = 0
max_connections = 99999999999999999999999999
workers = -1
max_buffered_body_bytes = "20 megabytes"
max_header_bytes = -1
connect_timeout = "10"
idle_timeout = "2d"
total_timeout = "0s"
[upstream]
allow_private = [
    "127.0.0.0/8",
    "10.0.0.0/40",
]
extra_ca = "  "
dns_server = "127.0.0.1"
[upstream.resolve]
"api.openai.com" = "127.0.0.1:9443"
"a.example:443" = "b.example:9443"
"c.example:443" = "1.1.1.1:1"
"C.example:443" = "1.1.1.1:2"
[journal]
durability = "paranoid\u001b[31m"
[telemetry]
level = "verbose"
"#;
    assert_snapshot!(problems(text, &[]), @r#"
    gatehouse.toml:2:12: `data_dir` is empty; expected a path such as "./data"
    gatehouse.toml:4:10: `gateway.listen` is `localhost:8787`; expected an IP address and port such as "127.0.0.1:8787" or "[::1]:8787"
    gatehouse.toml:5:33: `gateway.public_domains` contains `-bad`; expected a list of domain names such as ["helicone.ai", "localhost"]
    gatehouse.toml:5:41: `gateway.public_domains` contains `5`; expected a list of domain names such as ["helicone.ai", "localhost"]
    gatehouse.toml:6:15: `gateway.max_headers` is `0`; expected an integer from 16 to 65535
    gatehouse.toml:7:19: `gateway.max_connections` is `99999999999999999999999999`; expected an integer from 1 to 10000000
    gatehouse.toml:8:11: `gateway.workers` is `-1`; expected an integer from 0 to 1024
    gatehouse.toml:9:27: `gateway.max_buffered_body_bytes` is `20 megabytes`; expected a size from 0 to 1GiB, as bytes or such as "64MiB" or "20MB"
    gatehouse.toml:10:20: `gateway.max_header_bytes` is `-1`; expected a size from 1KiB to 16MiB, as bytes or such as "64MiB" or "20MB"
    gatehouse.toml:11:19: `gateway.connect_timeout` is `10`; expected a duration from 1ms to 24h, such as "250ms", "30s", "10m" or "1h"
    gatehouse.toml:12:16: `gateway.idle_timeout` is `2d`; expected a duration from 1ms to 24h, such as "250ms", "30s", "10m" or "1h"
    gatehouse.toml:13:17: `gateway.total_timeout` is `0s`; expected a duration from 1ms to 24h, such as "250ms", "30s", "10m" or "1h"
    gatehouse.toml:17:5: `upstream.allow_private` contains `10.0.0.0/40`; expected a list of networks such as ["127.0.0.0/8", "fd00::/8"]
    gatehouse.toml:19:12: `upstream.extra_ca` is `  `; expected the path of a file, or "" for none
    gatehouse.toml:20:14: `upstream.dns_server` is `127.0.0.1`; expected an IP address and port such as "127.0.0.1:5353", or "" for none
    gatehouse.toml:22:1: `upstream.resolve` contains `api.openai.com`; expected a host and port such as "api.openai.com:443"
    gatehouse.toml:23:19: `upstream.resolve` contains `b.example:9443` for `a.example:443`; expected an IP address and port such as "127.0.0.1:9443"
    gatehouse.toml:24:1: `upstream.resolve` contains `c.example:443` twice; expected each host and port once
    gatehouse.toml:27:14: `journal.durability` is `paranoid\u{1b}[31m`; expected "normal" or "strict"
    gatehouse.toml:29:9: `telemetry.level` is `verbose`; expected "error", "warn", "info", "debug" or "trace"
    "#);
}

#[test]
fn variables_are_named_with_their_bad_values() {
    let variables = [
        ("GATEHOUSE_GATEWAY__LISTEN", ""),
        ("GATEHOUSE_GATEWAY__WORKERS", "four"),
        ("GATEHOUSE_GATEWAY__REQUIRE_AUTH", "1"),
        ("GATEHOUSE_UPSTREAM__ALLOW_PRIVATE", "127.0.0.0/8,home"),
        ("GATEHOUSE_UPSTREAM__RESOLVE", "api.openai.com:443=127.0.0.1:9443"),
        ("GATEHOUSE_GATEWAY__PUBLIC_DOMAINS", "[1"),
    ];
    assert_snapshot!(problems("", &variables), @r#"
    environment variable GATEHOUSE_GATEWAY__LISTEN: `gateway.listen` is empty; expected an IP address and port such as "127.0.0.1:8787" or "[::1]:8787"
    environment variable GATEHOUSE_GATEWAY__PUBLIC_DOMAINS: `gateway.public_domains` is not valid TOML: unclosed array, expected `]`; expected a list of domain names such as ["helicone.ai", "localhost"]
    environment variable GATEHOUSE_GATEWAY__REQUIRE_AUTH: `gateway.require_auth` is `1`; expected `true` or `false`
    environment variable GATEHOUSE_GATEWAY__WORKERS: `gateway.workers` is `four`; expected an integer from 0 to 1024
    environment variable GATEHOUSE_UPSTREAM__ALLOW_PRIVATE: `upstream.allow_private` contains `home`; expected a list of networks such as ["127.0.0.0/8", "fd00::/8"]
    environment variable GATEHOUSE_UPSTREAM__RESOLVE: `upstream.resolve` is not valid TOML: unexpected content, expected nothing; expected a table of addresses such as { "api.openai.com:443" = "127.0.0.1:9443" }
    "#);
}

#[test]
fn stores_that_are_not_built_yet_are_refused_by_name() {
    let text = "
control.url = 'postgres://db/gatehouse'
log.url = 'http://clickhouse:8123/?database=x'
shared.url = 'redis://cache'
";
    assert_snapshot!(problems(text, &[]), @r#"
    gatehouse.toml:2:15: `control.url` names PostgreSQL (postgres://…), support for which is not built yet; expected "sqlite:" or "sqlite:PATH"
    gatehouse.toml:3:11: `log.url` names ClickHouse (http://…), support for which is not built yet; expected "duckdb:" or "duckdb:PATH"
    gatehouse.toml:4:14: `shared.url` names Redis (redis://…), support for which is not built yet; expected "memory:"
    "#);
    let text = "control.url = 'sqlite:///tmp/x'\nlog.url = 'mysql:'\nshared.url = 'memory'";
    assert_snapshot!(problems(text, &[]), @r#"
    gatehouse.toml:1:15: `control.url` has slashes after `sqlite:`, which is followed by a plain path; expected "sqlite:" or "sqlite:PATH"
    gatehouse.toml:2:11: `log.url` does not have the right form; expected "duckdb:" or "duckdb:PATH"
    gatehouse.toml:3:14: `shared.url` does not have the right form; expected "memory:"
    "#);
}

#[test]
fn api_keys_of_other_forms_are_refused() {
    let good = [
        "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd",
        "pk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd",
        "sk-helicone-eu-aaaaaaa-bbbbbbb-ccccccc-ddddddd",
        "sk-helicone-rl-aaaaaaa-bbbbbbb-ccccccc-ddddddd",
        "pk-helicone-eu-rl-aaaaaaa-bbbbbbb-ccccccc-ddddddd",
        "sk-aaaaaaa-bbbbbbb-ccccccc-ddddddd",
        "",
    ];
    for key in good {
        assert_eq!(problems("", &[("GATEHOUSE_BOOTSTRAP__API_KEY", key)]), "no problem", "{key}");
    }
    let bad = [
        "sk-helicone-aaaaaaa-bbbbbbb-ccccccc",
        "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd-eeeeeee",
        "sk-helicone-rl-eu-aaaaaaa-bbbbbbb-ccccccc-ddddddd",
        "sk-helicone-AAAAAAA-bbbbbbb-ccccccc-ddddddd",
        "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-dddddd",
        "pk-aaaaaaa-bbbbbbb-ccccccc-ddddddd",
        "aaaaaaa-bbbbbbb-ccccccc-ddddddd",
        "sk-helicone-",
    ];
    for key in bad {
        assert_ne!(problems("", &[("GATEHOUSE_BOOTSTRAP__API_KEY", key)]), "no problem", "{key}");
    }
    let text = "[bootstrap]\napi_key = \"secret\"\n";
    assert_snapshot!(problems(text, &[]), @r#"gatehouse.toml:2:11: `bootstrap.api_key` does not have the right form; expected a key of the form sk-helicone-xxxxxxx-xxxxxxx-xxxxxxx-xxxxxxx, where x is a lower-case letter or a digit, or "" for none"#);
}

#[test]
fn syntax_errors_come_all_at_once_and_beside_those_of_variables() {
    let text = "[gateway\nlisten = \n[api]\nlisten = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\n";
    assert_snapshot!(problems(text, &[("GATEHOUSE_DATA_DIR", "")]), @r#"
    gatehouse.toml:1:9: not valid TOML: unclosed table, expected `]`
    gatehouse.toml:5:1: not valid TOML: duplicate key
    environment variable GATEHOUSE_DATA_DIR: `data_dir` is empty; expected a path such as "./data"
    "#);
}

#[test]
fn listeners_must_not_take_each_others_connections() {
    let overlap = |gateway: &str, api: &str| {
        problems("", &[("GATEHOUSE_GATEWAY__LISTEN", gateway), ("GATEHOUSE_API__LISTEN", api)])
            != "no problem"
    };
    assert!(overlap("127.0.0.1:80", "127.0.0.1:80"));
    assert!(overlap("0.0.0.0:80", "127.0.0.1:80"));
    assert!(overlap("127.0.0.1:80", "[::]:80"));
    assert!(!overlap("127.0.0.1:80", "127.0.0.2:80"));
    assert!(!overlap("0.0.0.0:80", "[::1]:80"));
    assert!(!overlap("127.0.0.1:0", "127.0.0.1:0"));
    assert!(!overlap("127.0.0.1:80", "127.0.0.1:81"));
    assert_snapshot!(problems("[gateway]\nlisten = '127.0.0.1:8585'", &[]), @r"gatehouse.toml:2:10: `gateway.listen` 127.0.0.1:8585 and `api.listen` 127.0.0.1:8585 overlap; expected two different ports");
}

#[test]
fn sizes_of_the_journal_must_fit_together() {
    let text =
        "journal.segment_bytes = '1GiB'\njournal.max_disk_bytes = '1GiB'\njournal.max_queued_bytes = '1MiB'";
    assert_snapshot!(problems(text, &[]), @r"
    gatehouse.toml:2:26: `journal.max_disk_bytes` is 1GiB; expected at least two segments of `journal.segment_bytes`, 1GiB each
    gatehouse.toml:3:28: `journal.max_queued_bytes` is 1MiB; expected at least two bodies of `gateway.max_buffered_body_bytes`, 20MiB each
    ");
    let text = "gateway.max_buffered_body_bytes = '200MiB'";
    assert_snapshot!(problems(text, &[]), @r"gatehouse.toml:1:35: `journal.max_queued_bytes` is 256MiB; expected at least two bodies of `gateway.max_buffered_body_bytes`, 200MiB each");
}

#[test]
fn a_certificate_and_its_key_are_set_together() {
    let text = "api.tls_cert = 'a.pem'\n[gateway]\ntls_key = 'b.pem'\n";
    assert_snapshot!(problems(text, &[]), @r"
    gatehouse.toml:3:11: `gateway.tls_key` is set and `gateway.tls_cert` is not; expected both or neither
    gatehouse.toml:1:16: `api.tls_cert` is set and `api.tls_key` is not; expected both or neither
    ");
    assert_snapshot!(problems("", &[("GATEHOUSE_API__TLS_KEY", "c.pem")]), @r"environment variable GATEHOUSE_API__TLS_KEY: `api.tls_key` is set and `api.tls_cert` is not; expected both or neither");
    let both = [("GATEHOUSE_API__TLS_KEY", "c.pem"), ("GATEHOUSE_API__TLS_CERT", "a.pem")];
    assert_eq!(problems("", &both), "no problem");
    let empty = [("GATEHOUSE_API__TLS_KEY", "")];
    assert_eq!(problems("", &empty), "no problem");
}

#[test]
fn a_provider_of_identities_knows_us_and_where_to_send_browsers_back_to() {
    let text = "[sign_in.oidc]\nissuer = 'https://id.example.com'\n";
    assert_snapshot!(problems(text, &[]), @r"
    gatehouse.toml:2:10: `sign_in.oidc.issuer` is set and `sign_in.oidc.client_id` is not; expected both or neither
    gatehouse.toml:2:10: `sign_in.oidc.issuer` is set and `sign_in.public_url` is not; expected the URL that the provider sends browsers back to
    ");
    let text = "[sign_in]\npublic_url = 'https://gate.example.com'\noidc.client_id = 'gatehouse'\n";
    assert_snapshot!(problems(text, &[]), @"gatehouse.toml:3:18: `sign_in.oidc.client_id` is set and `sign_in.oidc.issuer` is not; expected both or neither");
    let issuer = [("GATEHOUSE_SIGN_IN__OIDC__ISSUER", "https://id.example.com/")];
    assert_eq!(problems(text, &issuer), "no problem");
    let text = "sign_in.oidc = 7\n['sign_in.oidc']\nissuer = ''\n";
    assert_snapshot!(problems(text, &[]), @r#"
    gatehouse.toml:1:9: `sign_in.oidc` is an integer; expected a section `[sign_in.oidc]`
    gatehouse.toml:2:2: unknown section `"sign_in.oidc"`; did you mean `sign_in.oidc`?
    "#);
    let text = "[sign_in.odic]\nissuer = ''\n[sign_in.oidc]\nisuer = ''\nclient_secret = \"a\\nb\"";
    assert_snapshot!(problems(text, &[]), @r#"
    gatehouse.toml:1:10: unknown key `sign_in.odic`; the keys of `sign_in` are `public_url`, `idle`, `lifetime`, `trusted_proxies`
    gatehouse.toml:4:1: unknown key `sign_in.oidc.isuer`; did you mean `sign_in.oidc.issuer`?
    gatehouse.toml:5:17: `sign_in.oidc.client_secret` does not have the right form; expected the secret that the provider gave, of one line, or "" for none
    "#);
}

#[test]
fn keys_with_a_problem_of_their_own_are_not_compared_with_others() {
    let text = "journal.segment_bytes = '8GiB'\njournal.max_disk_bytes = '64MiB'";
    assert_snapshot!(problems(text, &[]), @r#"gatehouse.toml:1:25: `journal.segment_bytes` is `8GiB`; expected a size from 4KiB to 4GiB, as bytes or such as "64MiB" or "20MB""#);
}

#[test]
fn problems_of_all_sources_are_reported_together_in_order() {
    let text = "[telemetry]\nlevel = 'x'\n[gateway]\nworkers = 'x'\n";
    let variables = [("GATEHOUSE_LOG__URL", "x"), ("GATEHOUSE_API__LISTEN", "x")];
    assert_snapshot!(problems(text, &variables), @r#"
    gatehouse.toml:2:9: `telemetry.level` is `x`; expected "error", "warn", "info", "debug" or "trace"
    gatehouse.toml:4:11: `gateway.workers` is `x`; expected an integer from 0 to 1024
    environment variable GATEHOUSE_API__LISTEN: `api.listen` is `x`; expected an IP address and port such as "127.0.0.1:8787" or "[::1]:8787"
    environment variable GATEHOUSE_LOG__URL: `log.url` does not have the right form; expected "duckdb:" or "duckdb:PATH"
    "#);
}
