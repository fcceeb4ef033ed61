//! The table of keys: the one place that says which keys there are and what each is for.
//!
//! Defaults are those of `Config::default`; types and bounds are those of the field's [`Slot`].

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::cache::CACHE;
use crate::config::Config;
use crate::mappers::MAPPERS;
use crate::oidc::OIDC;
use crate::prices::PRICES;
use crate::sign_in::SIGN_IN;
use crate::slot::Slot;
use crate::vault::VAULT;
use crate::webhooks::WEBHOOKS;

/// A table of the configuration file.
pub(crate) struct Section {
    /// Name in brackets; empty for the keys above all sections.
    pub(crate) name: &'static str,
    /// What the section is about, in one sentence.
    pub(crate) doc: &'static str,
    /// The keys, in the order of the documentation.
    pub(crate) keys: &'static [Definition],
}

/// One key.
pub(crate) struct Definition {
    /// Section and name, as in `gateway.listen`.
    pub(crate) path: &'static str,
    /// What the key does, in whole sentences.
    pub(crate) doc: &'static str,
    /// Right side of an assignment other than the default.
    pub(crate) example: &'static str,
    /// Finds the field.
    pub(crate) slot: fn(&mut Config) -> Slot<'_>,
}

impl Definition {
    /// Returns the key without its section.
    pub(crate) fn name(&self) -> &'static str {
        self.path.rsplit_once('.').map_or(self.path, |(_, name)| name)
    }

    /// Returns the name of the environment variable that overrides the key.
    pub(crate) fn variable(&self) -> String {
        format!("{VARIABLE_PREFIX}{}", self.path.replace('.', "__").to_ascii_uppercase())
    }

    /// Returns the default as the right side of an assignment.
    pub(crate) fn default(&self) -> String {
        (self.slot)(&mut Config::default()).written()
    }
}

/// What the names of all our environment variables begin with.
pub(crate) const VARIABLE_PREFIX: &str = "GATEHOUSE_";

/// Variables that begin like ours and are for those who call the gateway: the dashboard's examples and the
/// documentation use them. The server may find them in its environment, and leaves them alone.
pub(crate) const CALLERS_VARIABLES: [&str; 3] = ["GATEHOUSE_API_KEY", "GATEHOUSE_PROXY_KEY", "GATEHOUSE_URL"];

/// All keys by section.
pub(crate) static SECTIONS: [Section; 18] = [
    Section { name: "", doc: "Keys above all sections.", keys: &TOP },
    Section {
        name: "gateway",
        doc: "The listener that carries proxied traffic, and its limits.",
        keys: &GATEWAY,
    },
    Section { name: "api", doc: "The listener of the REST API and the dashboard.", keys: &API },
    Section { name: "bootstrap", doc: "What the first start creates.", keys: &BOOTSTRAP },
    Section { name: "upstream", doc: "How providers are reached.", keys: &UPSTREAM },
    Section {
        name: "domains",
        doc: "Targets that are neither known providers nor approved.",
        keys: &DOMAINS,
    },
    Section {
        name: "journal",
        doc: "The durable log of finished exchanges on local disk, from which the log store is filled.",
        keys: &JOURNAL,
    },
    Section { name: "control", doc: "The store of keys, organisations and policies.", keys: &CONTROL },
    Section { name: "log", doc: "The store of logged requests.", keys: &LOG },
    Section { name: "webhooks", doc: "How webhooks are told of calls.", keys: &WEBHOOKS },
    Section { name: "sign_in", doc: "How people sign in to the dashboard.", keys: &SIGN_IN },
    Section { name: "sign_in.oidc", doc: "Signing in at a provider of identities.", keys: &OIDC },
    Section { name: "vault", doc: "Where providers' keys are kept, sealed.", keys: &VAULT },
    Section { name: "prices", doc: "What calls cost, besides what is built in.", keys: &PRICES },
    Section { name: "mappers", doc: "How mappings of APIs are made that no reader knows.", keys: &MAPPERS },
    Section { name: "cache", doc: "How large the cache of answers may be.", keys: &CACHE },
    Section { name: "shared", doc: "Counters and cache.", keys: &SHARED },
    Section { name: "telemetry", doc: "What the process says about itself.", keys: &TELEMETRY },
];

/// Returns all keys in the order of the documentation.
pub(crate) fn all() -> impl Iterator<Item = &'static Definition> {
    SECTIONS.iter().flat_map(|section| section.keys)
}

/// Returns the key of a path.
pub(crate) fn find(path: &str) -> Option<&'static Definition> {
    all().find(|definition| definition.path == path)
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

const DAY: Duration = Duration::from_hours(24);
const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(1)..=DAY;
const BODIES: RangeInclusive<u64> = 0..=GIB;

static TOP: [Definition; 3] = [
    Definition {
        path: "data_dir",
        doc: "Directory of everything that is kept: journal, stores, keys. \
              A relative path starts at the working directory; `--data-dir` overrides it.",
        example: "\"/var/lib/gatehouse\"",
        slot: |config| Slot::Text(&mut config.data_dir),
    },
    Definition {
        path: "providers",
        doc: "Providers of your own, which go before those that are built in. \
              In the file each is better written as a table `[[providers]]`, after all sections.",
        example: "[{ name = \"ACME\", hosts = [\"llm.acme.example\"], dialect = \"openai\" }]",
        slot: |config| Slot::Providers(&mut config.providers),
    },
    Definition {
        path: "guards",
        doc: "Who is asked whether a call may be made, in the order of asking. \
              In the file each is better written as a table `[[guards]]`, after all sections.",
        example: "[{ name = \"acme\", when = \"security\", url = \"https://guard.example/check\" }]",
        slot: |config| Slot::Guards(&mut config.guards),
    },
];

static GATEWAY: [Definition; 18] = [
    Definition {
        path: "gateway.listen",
        doc: "Address of the proxy listener; port 0 takes a free port.",
        example: "\"0.0.0.0:8787\"",
        slot: |config| Slot::Text(&mut config.gateway.listen),
    },
    Definition {
        path: "gateway.tls_cert",
        doc: "PEM file of the certificate chain of this listener, its own certificate first; with \
              `gateway.tls_key` the listener speaks TLS only. Both files are read again when they change.",
        example: "\"/etc/gatehouse/tls.crt\"",
        slot: |config| Slot::Text(&mut config.gateway.tls_cert),
    },
    Definition {
        path: "gateway.tls_key",
        doc: "PEM file of the private key of `gateway.tls_cert`, not encrypted: PKCS#8, SEC1 or PKCS#1.",
        example: "\"/etc/gatehouse/tls.key\"",
        slot: |config| Slot::Text(&mut config.gateway.tls_key),
    },
    Definition {
        path: "gateway.public_domains",
        doc: "Domains under which a label picks the provider: with `localhost` here, `oai.localhost` is OpenAI.",
        example: "[\"gateway.example.com\"]",
        slot: |config| Slot::Domains(&mut config.gateway.public_domains),
    },
    Definition {
        path: "gateway.require_auth",
        doc: "Whether a call without a known key is refused; `false` proxies such calls and does not log them.",
        example: "false",
        slot: |config| Slot::Flag(&mut config.gateway.require_auth),
    },
    Definition {
        path: "gateway.strict_headers",
        doc: "Whether a call with a `helicone-*` header that can't be read is refused with a 400 that names the \
              header; `false` makes the call as if the header were not there, where that can do no harm, as \
              Helicone's proxy does.",
        example: "true",
        slot: |config| Slot::Flag(&mut config.gateway.strict_headers),
    },
    Definition {
        path: "gateway.max_buffered_body_bytes",
        doc: "Largest body held in memory for one direction of a call, and so the most that is kept of it for \
              the log; larger bodies pass through all the same.",
        example: "\"64MiB\"",
        slot: |config| Slot::Bytes(&mut config.gateway.max_buffered_body_bytes, BODIES),
    },
    Definition {
        path: "gateway.max_captured_bytes",
        doc: "Most memory that the copies of all bodies in flight may take together; beyond it a body is \
              logged truncated. Bodies that are read whole before they are sent (to be signed, looked up in the cache, \
              sent again …) may take as much again; beyond that what needs them whole is left out, or the \
              call refused where it can't be.",
        example: "\"4GiB\"",
        slot: |config| Slot::Bytes(&mut config.gateway.max_captured_bytes, MIB..=TIB),
    },
    Definition {
        path: "gateway.max_header_bytes",
        doc: "Largest header section of a message.",
        example: "\"128KiB\"",
        slot: |config| Slot::Bytes(&mut config.gateway.max_header_bytes, KIB..=16 * MIB),
    },
    Definition {
        path: "gateway.max_headers",
        doc: "Most header fields of a message; room for all of them is made for every message, which costs time.",
        example: "2000",
        slot: |config| Slot::Count(&mut config.gateway.max_headers, 16..=65_535),
    },
    Definition {
        path: "gateway.workers",
        doc: "Threads that carry traffic; 0 is one for each core.",
        example: "4",
        slot: |config| Slot::Count(&mut config.gateway.workers, 0..=1024),
    },
    Definition {
        path: "gateway.connect_timeout",
        doc: "Longest wait for a connection to a provider, TLS included.",
        example: "\"3s\"",
        slot: |config| Slot::Time(&mut config.gateway.connect_timeout, TIMEOUTS),
    },
    Definition {
        path: "gateway.first_byte_timeout",
        doc: "Longest wait for the first byte of a provider's answer.",
        example: "\"2m\"",
        slot: |config| Slot::Time(&mut config.gateway.first_byte_timeout, TIMEOUTS),
    },
    Definition {
        path: "gateway.idle_timeout",
        doc: "Longest silence between two bytes of an answer.",
        example: "\"90s\"",
        slot: |config| Slot::Time(&mut config.gateway.idle_timeout, TIMEOUTS),
    },
    Definition {
        path: "gateway.total_timeout",
        doc: "Longest life of one call, whatever the other timeouts allow.",
        example: "\"15m\"",
        slot: |config| Slot::Time(&mut config.gateway.total_timeout, TIMEOUTS),
    },
    Definition {
        path: "gateway.keep_alive_timeout",
        doc: "How long an idle client connection is kept.",
        example: "\"75s\"",
        slot: |config| Slot::Time(&mut config.gateway.keep_alive_timeout, TIMEOUTS),
    },
    Definition {
        path: "gateway.drain_timeout",
        doc: "How long calls in flight may run on after a stop was asked for.",
        example: "\"5m\"",
        slot: |config| Slot::Time(&mut config.gateway.drain_timeout, Duration::ZERO..=DAY),
    },
    Definition {
        path: "gateway.max_connections",
        doc: "Most client connections at once; further ones wait to be accepted.",
        example: "4096",
        slot: |config| Slot::Count(&mut config.gateway.max_connections, 1..=10_000_000),
    },
];

static API: [Definition; 3] = [
    Definition {
        path: "api.listen",
        doc: "Address of the API and dashboard listener; port 0 takes a free port.",
        example: "\"0.0.0.0:8585\"",
        slot: |config| Slot::Text(&mut config.api.listen),
    },
    Definition {
        path: "api.tls_cert",
        doc: "PEM file of the certificate chain of this listener, its own certificate first; with \
              `api.tls_key` the listener speaks TLS only. Both files are read again when they change.",
        example: "\"/etc/gatehouse/tls.crt\"",
        slot: |config| Slot::Text(&mut config.api.tls_cert),
    },
    Definition {
        path: "api.tls_key",
        doc: "PEM file of the private key of `api.tls_cert`, not encrypted: PKCS#8, SEC1 or PKCS#1.",
        example: "\"/etc/gatehouse/tls.key\"",
        slot: |config| Slot::Text(&mut config.api.tls_key),
    },
];

static BOOTSTRAP: [Definition; 1] = [Definition {
    path: "bootstrap.api_key",
    doc: "API key that the first start creates; without one, a key is generated and shown once.",
    example: "\"sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd\"",
    slot: |config| Slot::Text(&mut config.bootstrap.api_key),
}];

static UPSTREAM: [Definition; 11] = [
    Definition {
        path: "upstream.circuit_breaker_failures",
        doc: "Failures in a row (no connection, no answer in time, a status from 500) after which calls to an \
              origin are refused for a while with a 503, so that fallbacks take over at once; 0 is never.",
        example: "10",
        slot: |config| Slot::Count(&mut config.upstream.circuit_breaker_failures, 0..=1_000_000),
    },
    Definition {
        path: "upstream.circuit_breaker_pause",
        doc: "How long such an origin is left alone before one call tries it again.",
        example: "\"10s\"",
        slot: |config| Slot::Time(&mut config.upstream.circuit_breaker_pause, TIMEOUTS),
    },
    Definition {
        path: "upstream.allow_private",
        doc: "Networks that targets may resolve to besides public addresses.",
        example: "[\"127.0.0.0/8\"]",
        slot: |config| Slot::Networks(&mut config.upstream.allow_private),
    },
    Definition {
        path: "upstream.allow_http",
        doc: "Whether targets may be reached without TLS, by `http://`.",
        example: "true",
        slot: |config| Slot::Flag(&mut config.upstream.allow_http),
    },
    Definition {
        path: "upstream.extra_ca",
        doc: "PEM file of roots that are trusted besides the built-in ones.",
        example: "\"/etc/gatehouse/ca.pem\"",
        slot: |config| Slot::Text(&mut config.upstream.extra_ca),
    },
    Definition {
        path: "upstream.dns_server",
        doc: "Resolver to ask in place of the system's.",
        example: "\"127.0.0.1:5353\"",
        slot: |config| Slot::Text(&mut config.upstream.dns_server),
    },
    Definition {
        path: "upstream.http2",
        doc: "Whether HTTP/2 is offered to providers.",
        example: "false",
        slot: |config| Slot::Flag(&mut config.upstream.http2),
    },
    Definition {
        path: "upstream.max_connections_per_origin",
        doc: "Most connections to one origin at once.",
        example: "1024",
        slot: |config| Slot::Count(&mut config.upstream.max_connections_per_origin, 1..=10_000_000),
    },
    Definition {
        path: "upstream.idle_connections_per_origin",
        doc: "Most idle connections kept to one origin; 0 keeps none.",
        example: "64",
        slot: |config| Slot::Count(&mut config.upstream.idle_connections_per_origin, 0..=10_000_000),
    },
    Definition {
        path: "upstream.idle_connection_timeout",
        doc: "How long an idle connection to a provider is kept.",
        example: "\"30s\"",
        slot: |config| Slot::Time(&mut config.upstream.idle_connection_timeout, TIMEOUTS),
    },
    Definition {
        path: "upstream.resolve",
        doc: "Fixed addresses for hosts and ports, used in place of asking a resolver.",
        example: "{ \"api.openai.com:443\" = \"127.0.0.1:9443\" }",
        slot: |config| Slot::Pins(&mut config.upstream.resolve),
    },
];

static DOMAINS: [Definition; 5] = [
    Definition {
        path: "domains.mode",
        doc: "What becomes of calls to such targets: `open` lets all of them pass, `limited` lets them pass \
              within the limits below, `closed` refuses them.",
        example: "\"closed\"",
        slot: |config| Slot::Text(&mut config.domains.mode),
    },
    Definition {
        path: "domains.requests_per_day",
        doc: "Most calls of one organisation to one such origin in a day, which begins at midnight UTC.",
        example: "100000",
        slot: |config| Slot::Count(&mut config.domains.requests_per_day, 0..=1_000_000_000_000),
    },
    Definition {
        path: "domains.requests_per_second",
        doc: "Calls of one organisation to one such origin in a second: as many may come at once, the next ones \
              follow evenly. With 1, at least a second lies between two calls.",
        example: "20",
        slot: |config| Slot::Count(&mut config.domains.requests_per_second, 1..=1_000_000),
    },
    Definition {
        path: "domains.verification_parents",
        doc: "Domains whose TXT record `hconeai-verification=true` approves every domain below them, for \
              every organisation that asks for one; without it, a domain is approved by its own record.",
        example: "[\"llm.example.com\"]",
        slot: |config| Slot::Domains(&mut config.domains.verification_parents),
    },
    Definition {
        path: "domains.recheck_interval",
        doc: "How often the TXT record that approved a domain is looked up again; when it has gone, so has \
              the approval.",
        example: "\"1h\"",
        slot: |config| Slot::Time(&mut config.domains.recheck_interval, Duration::from_secs(1)..=30 * DAY),
    },
];

static JOURNAL: [Definition; 5] = [
    Definition {
        path: "journal.durability",
        doc: "What the end of a response waits for: `normal` nothing, so that a crash can lose the last few \
              milliseconds; `strict` its record being on disk.",
        example: "\"strict\"",
        slot: |config| Slot::Text(&mut config.journal.durability),
    },
    Definition {
        path: "journal.segment_bytes",
        doc: "Size at which a segment file is closed and the next one begun.",
        example: "\"256MiB\"",
        slot: |config| Slot::Bytes(&mut config.journal.segment_bytes, 4 * KIB..=4 * GIB),
    },
    Definition {
        path: "journal.max_disk_bytes",
        doc: "Most disk the journal may take; at least two segments.",
        example: "\"100GiB\"",
        slot: |config| Slot::Bytes(&mut config.journal.max_disk_bytes, 8 * KIB..=1024 * TIB),
    },
    Definition {
        path: "journal.max_queued_bytes",
        doc: "Most memory of records that wait to be written; at least two bodies of the largest kept size.",
        example: "\"1GiB\"",
        slot: |config| Slot::Bytes(&mut config.journal.max_queued_bytes, 64 * KIB..=TIB),
    },
    Definition {
        path: "journal.commit_interval",
        doc: "Longest wait before waiting records are written and synced together; `0s` syncs at once.",
        example: "\"5ms\"",
        slot: |config| {
            Slot::Time(&mut config.journal.commit_interval, Duration::ZERO..=Duration::from_secs(1))
        },
    },
];

static CONTROL: [Definition; 1] = [Definition {
    path: "control.url",
    doc: "Where the store is: `sqlite:` is the file `gatehouse.sqlite` in the data directory, `sqlite:PATH` a \
          file of its own; a relative path starts at the data directory.",
    example: "\"sqlite:/var/lib/gatehouse/control.sqlite\"",
    slot: |config| Slot::Text(&mut config.control.url),
}];

static LOG: [Definition; 4] = [
    Definition {
        path: "log.url",
        doc: "Where the store is: `duckdb:` is the file `gatehouse.duckdb` in the data directory, `duckdb:PATH` a \
              file of its own; a relative path starts at the data directory.",
        example: "\"duckdb:/mnt/fast/gatehouse.duckdb\"",
        slot: |config| Slot::Text(&mut config.log.url),
    },
    Definition {
        path: "log.max_body_bytes",
        doc: "Most that is stored of one body; what `gateway.max_buffered_body_bytes` cut is not there to store.",
        example: "\"1MiB\"",
        slot: |config| Slot::Bytes(&mut config.log.max_body_bytes, BODIES),
    },
    Definition {
        path: "log.batch_rows",
        doc: "Most rows written at once.",
        example: "20000",
        slot: |config| Slot::Count(&mut config.log.batch_rows, 1..=1_000_000),
    },
    Definition {
        path: "log.batch_interval",
        doc: "Longest wait of a row for others to be written with.",
        example: "\"500ms\"",
        slot: |config| {
            Slot::Time(&mut config.log.batch_interval, Duration::from_millis(1)..=Duration::from_mins(1))
        },
    },
];

static SHARED: [Definition; 1] = [Definition {
    path: "shared.url",
    doc: "Where counters and the cache are kept: `memory:` is this process.",
    example: "\"memory:\"",
    slot: |config| Slot::Text(&mut config.shared.url),
}];

static TELEMETRY: [Definition; 2] = [
    Definition {
        path: "telemetry.level",
        doc: "Least severe messages that are written.",
        example: "\"debug\"",
        slot: |config| Slot::Text(&mut config.telemetry.level),
    },
    Definition {
        path: "telemetry.format",
        doc: "Form of the messages: lines for people, or one JSON object a line.",
        example: "\"json\"",
        slot: |config| Slot::Text(&mut config.telemetry.format),
    },
];

#[cfg(test)]
mod tests;
