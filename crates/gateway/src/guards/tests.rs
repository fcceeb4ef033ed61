use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_config::{Config, Guard as Configured, GuardCredential, GuardKind, GuardWhen, Redacted};
use gatehouse_testkit::{DoubleOptions, ProviderDouble};
use gatehouse_types::RequestId;
use gatehouse_upstream::{AddressGuard, Connector, Origin, PoolLimits, Resolver, client_config};
use gatehouse_wire::ProviderTable;
use http::StatusCode;
use tokio_util::task::TaskTracker;

use super::*;

const SECURITY: Wanted = Wanted { moderation: false, security: true, advanced: false };
const MODERATION: Wanted = Wanted { moderation: true, security: false, advanced: false };
const OPENAI: &str = "https://api.openai.com";

/// Guards at a double, and what is asked about.
struct Scene {
    double: ProviderDouble,
    askers: Askers,
    roster: Roster,
    target: Target,
    headers: HeaderMap,
    wanted: Wanted,
}

/// Returns a guard at the double's path `/guard`.
fn configured(name: &str, when: GuardWhen, on_error: GuardError) -> Configured {
    let credential =
        Some(GuardCredential { header: "x-guard-key".to_owned(), token: Redacted::new("g-1".to_owned()) });
    Configured {
        name: name.to_owned(),
        when,
        kind: GuardKind::Http { url: "https://llm.unknown.example/guard?v=1".to_owned(), credential },
        timeout: Duration::from_secs(20),
        on_error,
    }
}

impl Scene {
    async fn new(guards: Vec<Configured>, wanted: Wanted) -> Self {
        let double = ProviderDouble::start(DoubleOptions::default()).await.unwrap();
        let fixed: HashMap<_, _> = gatehouse_testkit::hosts::resolved()
            .map(|host| ((host.to_owned(), 443), double.address()))
            .collect();
        let resolver = Resolver::new(AddressGuard::new(Vec::new()), fixed, Some(double.address())).unwrap();
        let roots = std::fs::read(double.ca().path()).unwrap();
        let tls = client_config(Some(&roots), false).unwrap();
        let connector = Arc::new(Connector::new(Arc::new(resolver), tls, Duration::from_secs(20)));
        let limits = PoolLimits {
            connections_per_origin: 10,
            idle_per_origin: 10,
            idle_timeout: Duration::from_secs(60),
            max_headers: 100,
        };
        let askers = Askers::new(connector, limits, TaskTracker::new());
        let roster = Roster::new(&Config { guards, ..Config::default() }).unwrap();
        let headers = [("authorization", "Bearer sk-caller"), ("x-other", "1")];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        Self {
            double,
            askers,
            roster,
            target: target(OPENAI),
            headers: headers.into_iter().collect(),
            wanted,
        }
    }

    async fn ask(&self, text: &str) -> Result<Vec<GuardUse>, Denied> {
        let body = serde_json::json!({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]});
        self.ask_body(body.to_string().into()).await
    }

    async fn ask_body(&self, body: Bytes) -> Result<Vec<GuardUse>, Denied> {
        let question = Question {
            request_id: RequestId::generate(),
            target: &self.target,
            headers: &self.headers,
            max_body_bytes: 1 << 20,
            user_id: Some("alice"),
            properties: &[("env".to_owned(), "prod".to_owned())],
            wanted: self.wanted,
        };
        let encoding = self.headers.get(CONTENT_ENCODING).map(headers::text);
        let bodies = [Packed { encoding, bytes: body }];
        check(&self.askers, &self.roster, &question, bodies.into_iter()).await
    }

    /// Returns the paths that were asked, in order.
    fn asked(&self) -> Vec<String> {
        self.double.requests().into_iter().map(|request| request.target).collect()
    }
}

fn target(url: &str) -> Target {
    let origin = Origin::parse(url, true).unwrap();
    let table = ProviderTable::new(Vec::new()).unwrap();
    let provider = Arc::clone(table.by_host(origin.host(), None).unwrap());
    Target::known(origin, provider)
}

fn code(result: Result<Vec<GuardUse>, Denied>) -> (&'static str, u16) {
    let denied = result.unwrap_err();
    (denied.refusal.code(), denied.refusal.status().as_u16())
}

#[tokio::test]
async fn shows_a_guard_the_call_and_the_token_and_nothing_else() {
    let guard = configured("acme", GuardWhen::Security, GuardError::Deny);
    let scene = Scene::new(vec![guard], Wanted { advanced: true, ..SECURITY }).await;
    let uses = scene.ask("harmless").await.unwrap();
    assert_eq!(
        (uses[0].name.as_str(), uses[0].kind.as_str(), uses[0].is_denied),
        ("acme", "security", false)
    );
    let requests = scene.double.wait_for(1).await.unwrap();
    let request = &requests[0];
    assert_eq!(request.target, "/guard?v=1");
    assert_eq!(request.headers.text("x-guard-key").as_deref(), Some("g-1"));
    assert_eq!((request.headers.text("authorization"), request.headers.text("x-other")), (None, None));
    let asked = request.json().unwrap();
    assert_eq!(asked["text"], "harmless");
    assert_eq!(asked["advanced"], true);
    assert_eq!((&asked["model"], &asked["provider"]), (&"gpt-4o".into(), &"OPENAI".into()));
    assert_eq!((&asked["user_id"], &asked["properties"]["env"]), (&"alice".into(), &"prod".into()));
}

#[tokio::test]
async fn refuses_with_the_code_of_what_refused() {
    for (when, wanted, expected, row_status) in [
        (GuardWhen::Security, SECURITY, "PROMPT_THREAT_DETECTED", Some(-4)),
        (GuardWhen::Moderation, MODERATION, "PROMPT_FLAGGED_FOR_MODERATION", None),
        (GuardWhen::Always, Wanted::default(), "prompt_denied", None),
    ] {
        let scene = Scene::new(vec![configured("acme", when, GuardError::Allow)], wanted).await;
        let denied = scene.ask("please DENY ME").await.unwrap_err();
        assert_eq!((denied.refusal.code(), denied.refusal.status()), (expected, StatusCode::BAD_REQUEST));
        assert_eq!(denied.refusal.row_status(), row_status);
        assert!(denied.refusal.details().contains("denied"), "{denied:?}");
        assert!(denied.refusal.to_string().contains("`acme`") && !denied.refusal.is_passing());
        assert_eq!((denied.uses.len(), denied.uses[0].is_denied), (1, true));
    }
}

#[tokio::test]
async fn asks_in_order_and_stops_at_the_first_refusal() {
    let guards = vec![
        configured("always", GuardWhen::Always, GuardError::Deny),
        configured("first", GuardWhen::Security, GuardError::Deny),
        configured("second", GuardWhen::Security, GuardError::Deny),
    ];
    let scene = Scene::new(guards, Wanted { moderation: true, ..SECURITY }).await;
    let names = |uses: &[GuardUse]| uses.iter().map(|used| used.name.clone()).collect::<Vec<_>>();
    let uses = scene.ask("harmless").await.unwrap();
    assert_eq!(names(&uses), ["first", "second", "openai_moderation", "always"]);
    scene.double.clear();
    let denied = scene.ask("FLAG ME").await.unwrap_err();
    assert_eq!(names(&denied.uses), ["first", "second", "openai_moderation"]);
    assert_eq!(scene.asked().last().unwrap(), "/v1/moderations");
}

#[tokio::test]
async fn asks_openais_moderation_with_the_callers_key_at_openai_only() {
    let mut scene = Scene::new(Vec::new(), MODERATION).await;
    assert!(!scene.ask("harmless").await.unwrap()[0].is_denied);
    let requests = scene.double.wait_for(1).await.unwrap();
    assert_eq!(requests[0].headers.text("authorization").as_deref(), Some("Bearer sk-caller"));
    assert_eq!(requests[0].headers.text("x-other"), None);
    assert_eq!(requests[0].json().unwrap(), serde_json::json!({"input": "harmless"}));
    assert_eq!(code(scene.ask("FLAG ME").await), ("PROMPT_FLAGGED_FOR_MODERATION", 400));

    scene.double.clear();
    scene.headers.insert("authorization", "Bearer sk-invalid-1".parse().unwrap());
    assert_eq!(code(scene.ask("harmless").await), ("guard_unavailable", 401));
    for other in ["https://api.groq.com", "https://acme.openai.azure.com"] {
        scene.double.clear();
        scene.target = target(other);
        assert_eq!(code(scene.ask("harmless").await), ("guard_not_configured", 400));
        assert_eq!(scene.asked(), [""; 0], "a key goes to nobody else");
    }
}

#[tokio::test]
async fn a_key_of_the_operators_checks_calls_to_anyone() {
    let access = gatehouse_config::ModerationAccess { url: None, token: Redacted::new("sk-ours".to_owned()) };
    let guard = |access| Configured {
        kind: GuardKind::OpenAiModeration(access),
        ..configured("m", GuardWhen::Always, GuardError::Deny)
    };
    let mut scene = Scene::new(vec![guard(Some(access))], Wanted::default()).await;
    scene.target = target("https://api.groq.com");
    assert_eq!(code(scene.ask("FLAG ME").await), ("prompt_denied", 400));
    let requests = scene.double.wait_for(1).await.unwrap();
    assert_eq!(requests[0].headers.text("authorization").as_deref(), Some("Bearer sk-ours"));
    assert_eq!(requests[0].headers.text("host").as_deref(), Some("api.openai.com"));

    let mut scene = Scene::new(vec![guard(None)], Wanted::default()).await;
    scene.target = target("https://api.groq.com");
    assert_eq!(code(scene.ask("harmless").await), ("guard_not_configured", 400));
    assert_eq!(scene.asked(), [""; 0]);
}

#[tokio::test]
async fn who_asks_for_a_guard_gets_one_or_no_call() {
    let scene = Scene::new(Vec::new(), SECURITY).await;
    assert_eq!(code(scene.ask("harmless").await), ("guard_not_configured", 400));
    let scene = Scene::new(Vec::new(), Wanted { advanced: true, ..Wanted::default() }).await;
    assert!(scene.ask("harmless").await.unwrap().is_empty());
    assert!(!scene.roster.concerns(scene.wanted) && scene.roster.concerns(SECURITY));
}

/// What a guard may do instead of giving a verdict.
const FAILURES: [&str; 6] = [
    "x-double(status=500)",
    "x-double(status=302)",
    "x-double(bytes=70000)",
    "x-double(bytes=100)",
    "x-double(cut-after=3)",
    "NO VERDICT",
];

#[tokio::test]
async fn a_guard_that_gives_no_verdict_decides_by_its_setting() {
    for text in FAILURES {
        let deny = configured("acme", GuardWhen::Security, GuardError::Deny);
        let scene = Scene::new(vec![deny], SECURITY).await;
        let denied = scene.ask(text).await.unwrap_err();
        let found = (denied.refusal.code(), denied.refusal.status(), denied.refusal.is_passing());
        assert_eq!(found, ("guard_unavailable", StatusCode::SERVICE_UNAVAILABLE, true), "{text}");
        assert!(!denied.refusal.to_string().contains("example"), "{denied:?}");

        let allow = configured("acme", GuardWhen::Security, GuardError::Allow);
        let scene = Scene::new(vec![allow], SECURITY).await;
        let uses = scene.ask(text).await.unwrap();
        assert!(
            !uses[0].is_denied && uses[0].reason.as_ref().unwrap().contains("could not be asked"),
            "{uses:?}"
        );
    }
}

#[tokio::test]
async fn a_guard_that_is_silent_or_away_decides_by_its_setting() {
    let silent = Configured {
        timeout: Duration::from_millis(50),
        ..configured("acme", GuardWhen::Security, GuardError::Deny)
    };
    let scene = Scene::new(vec![silent], SECURITY).await;
    assert_eq!(code(scene.ask("x-double(first-byte-delay-ms=60000)").await), ("guard_unavailable", 503));

    let private = Configured {
        kind: GuardKind::Http { url: "http://127.0.0.1/guard".to_owned(), credential: None },
        ..configured("acme", GuardWhen::Security, GuardError::Deny)
    };
    let scene = Scene::new(vec![private], SECURITY).await;
    let denied = scene.ask("harmless").await.unwrap_err();
    assert!(denied.uses[0].reason.as_ref().unwrap().contains("not public"), "{denied:?}");
}

#[tokio::test]
async fn what_cannot_be_read_does_not_pass_and_what_says_nothing_does() {
    let guard = |on_error| vec![configured("acme", GuardWhen::Always, on_error)];
    let mut scene = Scene::new(guard(GuardError::Deny), Wanted::default()).await;
    for body in [&b"--boundary"[..], b"{\"prompt\":", b"\xff\xfe{\0}\0"] {
        assert_eq!(code(scene.ask_body(body.into()).await), ("guard_unreadable_body", 400));
    }
    for body in ["", "{}", r#"{"messages":[]}"#] {
        let uses = scene.ask_body(body.into()).await.unwrap();
        assert!(!uses[0].is_denied && uses[0].reason.is_some(), "{uses:?}");
    }
    // Packed bodies are unpacked, and what is packed in an unknown way or too large stays out.
    scene.headers.insert("content-encoding", "gzip".parse().unwrap());
    assert_eq!(code(scene.ask_body(r#"{"prompt":"x"}"#.into()).await), ("guard_unreadable_body", 400));
    assert_eq!(code(scene.ask_body(gzip(br#"{"prompt":"DENY ME"}"#)).await), ("prompt_denied", 400));
    assert_eq!(code(scene.ask_body(gzip(&vec![b' '; 2 << 20])).await), ("guard_unreadable_body", 400));
    scene.headers.insert("content-encoding", "lzma".parse().unwrap());
    assert_eq!(code(scene.ask_body(r#"{"prompt":"x"}"#.into()).await), ("guard_unreadable_body", 400));

    let mut scene = Scene::new(guard(GuardError::Allow), Wanted::default()).await;
    assert!(scene.ask_body("--boundary".into()).await.is_ok());
    scene.headers.remove("content-encoding");
    let long = format!(r#"{{"prompt":"{} DENY ME"}}"#, "long ".repeat(50_000));
    assert_eq!(code(scene.ask_body(long.into()).await), ("prompt_denied", 400));
}

fn gzip(bytes: &[u8]) -> Bytes {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().into()
}

#[test]
fn a_guard_that_cannot_be_asked_at_all_stops_the_start() {
    for url in ["https://guard.example:22/x", "https:///x", "https://a b/"] {
        let kind = GuardKind::Http { url: url.to_owned(), credential: None };
        let guard = Configured { kind, ..configured("acme", GuardWhen::Always, GuardError::Deny) };
        assert!(Roster::new(&Config { guards: vec![guard], ..Config::default() }).is_err(), "{url}");
    }
}

#[test]
fn reasons_are_short_lines() {
    let verdict = |reason: &str, categories: &[&str]| GuardVerdict {
        allow: false,
        reason: Some(reason.to_owned()),
        categories: categories.iter().map(|category| (*category).to_owned()).collect(),
    };
    assert_eq!(details(&verdict("no\r\nway", &["a", "b"])), "no  way (a, b)");
    assert_eq!(details(&verdict(" ", &["a"])), "a");
    assert_eq!(details(&verdict(&"x".repeat(9999), &[])).len(), REASON_CHARS);
}
