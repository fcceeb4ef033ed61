//! Look-ups at a name server of the tests, over UDP and TCP.

use std::collections::HashMap;
use std::net::IpAddr;

use gatehouse_testkit::TestDns;
use gatehouse_testkit::dns::{Answer, Record};

use super::*;
use crate::guard::AddressGuard;
use crate::resolve::Resolver;

/// The record type, as [`TestDns::all_queries`] gives it.
const TXT: u16 = 16;

async fn start() -> (TestDns, Resolver) {
    let dns = TestDns::start().await.unwrap();
    let resolver = Resolver::new(AddressGuard::default(), HashMap::new(), Some(dns.address())).unwrap();
    (dns, resolver)
}

fn text(text: &str) -> Record {
    Record::Text(text.to_owned())
}

fn strings(parts: &[&str]) -> Record {
    Record::Strings(parts.iter().copied().map(str::to_owned).collect())
}

async fn check(resolver: &Resolver, name: &str, expected: &[&str]) {
    assert_eq!(resolver.txt(name).await.unwrap(), expected, "{name}");
}

#[tokio::test]
async fn every_record_is_its_strings_joined() {
    let (dns, resolver) = start().await;
    let address = Record::Address(IpAddr::from([192, 0, 2, 1]));
    let records = vec![text("v=spf1 -all"), address, strings(&["hconeai-", "", "verification=true"])];
    dns.set("example.com", Answer::Records(records));
    check(&resolver, "example.com", &["v=spf1 -all", "hconeai-verification=true"]).await;
    check(&resolver, "Example.COM.", &["v=spf1 -all", "hconeai-verification=true"]).await;
    assert_eq!(dns.all_queries(), vec![("example.com".to_owned(), TXT); 2]);
    assert_eq!(dns.tcp_queries(), 0);
}

#[tokio::test]
async fn a_long_answer_comes_over_tcp() {
    let (dns, resolver) = start().await;
    let long = "x".repeat(700);
    dns.set("example.com", Answer::Records(vec![text(&long), text("hconeai-verification=true")]));
    check(&resolver, "example.com", &[&long, "hconeai-verification=true"]).await;
    assert_eq!((dns.queries("example.com"), dns.tcp_queries()), (2, 1));
}

#[tokio::test]
async fn aliases_are_followed_whether_the_server_follows_them_or_not() {
    let (dns, resolver) = start().await;
    let records = |record| Answer::Records(vec![record]);
    dns.set("one.test", records(Record::Alias("two.test".to_owned())));
    dns.set("two.test", records(Record::Alias("end.test".to_owned())));
    dns.set("bare.test", records(Record::BareAlias("barer.test".to_owned())));
    dns.set("barer.test", records(Record::BareAlias("end.test".to_owned())));
    dns.set("end.test", records(text("found")));
    check(&resolver, "one.test", &["found"]).await;
    check(&resolver, "bare.test", &["found"]).await;
    dns.set("dangling.test", records(Record::BareAlias("missing.test".to_owned())));
    let error = resolver.txt("dangling.test").await.unwrap_err();
    assert!(matches!(error, TxtError::NoSuchName), "{error:?}");
    dns.set("loop.test", records(Record::BareAlias("loop.test".to_owned())));
    let error = resolver.txt("loop.test").await.unwrap_err();
    assert!(error.is_permanent(), "{error:?}");
}

#[tokio::test]
async fn tells_that_there_is_none_from_that_nobody_knows() {
    let (dns, resolver) = start().await;
    dns.set("empty.test", Answer::Records(Vec::new()));
    dns.set("address.test", Answer::addresses(&[IpAddr::from([192, 0, 2, 1])]));
    dns.set("fails.test", Answer::ServerFailure);
    for (name, message, permanent) in [
        ("missing.test", "the name does not exist", true),
        ("empty.test", "there is no TXT record", true),
        ("address.test", "there is no TXT record", true),
        ("fails.test", "the name servers could not say", false),
    ] {
        let error = resolver.txt(name).await.unwrap_err();
        assert_eq!((error.to_string().as_str(), error.is_permanent()), (message, permanent), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends() {
    let (dns, resolver) = start().await;
    dns.set("mute.test", Answer::Silence);
    let error = resolver.txt("mute.test").await.unwrap_err();
    assert!(matches!(error, TxtError::Timeout) && !error.is_permanent(), "{error:?}");
    assert_eq!(error.to_string(), "the name servers did not answer in time");
}

#[tokio::test]
async fn nothing_is_kept_from_one_look_up_to_the_next() {
    let (dns, resolver) = start().await;
    dns.set_ttl_seconds(3600);
    let answers = vec![
        Answer::NoSuchName,
        Answer::Records(Vec::new()),
        Answer::Records(vec![text("first")]),
        Answer::Records(vec![text("second")]),
        Answer::NoSuchName,
    ];
    dns.set_sequence("example.com", answers);
    assert!(matches!(resolver.txt("example.com").await, Err(TxtError::NoSuchName)));
    assert!(matches!(resolver.txt("example.com").await, Err(TxtError::NoRecord)));
    check(&resolver, "example.com", &["first"]).await;
    check(&resolver, "example.com", &["second"]).await;
    assert!(matches!(resolver.txt("example.com").await, Err(TxtError::NoSuchName)));
}

#[tokio::test]
async fn names_are_made_ascii() {
    let (dns, resolver) = start().await;
    dns.set("xn--bcher-kva.example", Answer::Records(vec![text("found")]));
    dns.set("_gate.example", Answer::Records(vec![text("found")]));
    check(&resolver, "bücher.example", &["found"]).await;
    check(&resolver, "BÜCHER.EXAMPLE", &["found"]).await;
    check(&resolver, "_gate.example", &["found"]).await;
}

#[tokio::test]
async fn what_is_no_name_is_not_asked_for() {
    let (dns, resolver) = start().await;
    let long = |count| format!("{}.example", vec!["a"; count].join("."));
    let names = [&long(124), &format!("{}.example", "a".repeat(64))];
    let more = "|.|..|a..b|.a|a b|-a.example|a-.example|a/b|a:53|a@b|ex%61mple.com|127.0.0.1|0x7f.1|[::1]|a*b|a\\b|a\nb";
    for name in names.into_iter().map(String::as_str).chain(more.split('|')) {
        let error = resolver.txt(name).await.unwrap_err();
        assert!(matches!(error, TxtError::InvalidName) && error.is_permanent(), "{name:?}: {error:?}");
    }
    assert!(dns.all_queries().is_empty());
    dns.set(&long(123), Answer::Records(vec![text("found")]));
    check(&resolver, &long(123), &["found"]).await;
}
