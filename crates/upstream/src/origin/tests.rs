//! Texts and what becomes of them.

use super::*;

fn check(text: &str, expected: Result<&str, TargetError>) {
    let origin = Origin::parse(text, false).map(|origin| origin.to_string());
    assert_eq!(origin, expected.map(str::to_owned), "{text}");
}

fn not_a_url(text: &str) {
    check(text, Err(TargetError::NotAUrl(text.to_owned())));
}

#[test]
fn keeps_only_the_origin() {
    check("https://api.openai.com", Ok("https://api.openai.com"));
    check(" https://API.OpenAI.com./v1/?x#y ", Ok("https://api.openai.com"));
    check("https://api.openai.com:8443/v1", Ok("https://api.openai.com:8443"));
    check("https://[2606:4700::1]:8443", Ok("https://[2606:4700::1]:8443"));
    check("https://bücher.example", Ok("https://xn--bcher-kva.example"));
    check("https://my_host.example", Ok("https://my_host.example"));
    check("https://api.openai.com/v1/@me?to=a@b#c@d", Ok("https://api.openai.com"));
    check("https://api.openai.com?@10.0.0.1", Ok("https://api.openai.com"));
    check("https://api%2eopenai.com", Ok("https://api.openai.com"));
}

#[test]
fn the_schemes_own_port_is_none() {
    let plain = Origin::parse("https://api.openai.com", false).unwrap();
    for text in ["https://api.openai.com:443/", "https://api.openai.com:0443", "https://api.openai.com:"] {
        let origin = Origin::parse(text, false).unwrap();
        assert_eq!((&origin, origin.port()), (&plain, 443), "{text}");
        assert_eq!(origin.host_header(), "api.openai.com", "{text}");
    }
    let http = Origin::parse("http://api.openai.com:80", true).unwrap();
    assert_eq!((http.port(), http.to_string().as_str()), (80, "http://api.openai.com"));
    assert_ne!(http, plain);
    check("https://api.openai.com:80", Ok("https://api.openai.com:80"));
}

#[test]
fn sees_through_disguised_addresses() {
    let disguises = "2130706433 0x7f.1 0177.0.0.1 127.0.0.1 127.1 0x7F000001 017700000001 127.0.0.1. 127.0x000001 \
                     %31%32%37.0.0.1 127%2e0.0%2E1 １２７.0.0.1 ①②⑦.⓪.⓪.① 127。0．0｡1 127.0.0.\u{ad}1 \
                     [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:FFFF:7F00:1]";
    for disguise in disguises.split_whitespace() {
        let origin = Origin::parse(&format!("https://{disguise}/v1"), false).unwrap();
        assert_eq!(origin.address(), Some("127.0.0.1".parse().unwrap()), "{disguise}");
        assert_eq!(origin.to_string(), "https://127.0.0.1", "{disguise}");
    }
    check("https://10.0.0.1#@api.openai.com", Ok("https://10.0.0.1"));
}

#[test]
fn refuses_what_is_no_target() {
    for text in [
        "api.openai.com",
        "api.openai.com:443",
        "https://",
        "https://.",
        "https:api.openai.com",
        "https:/api.openai.com",
        "https:///api.openai.com",
        "https:////api.openai.com",
        "https://api.openai.com..",
        "https://127.0.0.1..",
        "https://api..openai.com",
        "https://.api.openai.com",
        "https://api.openai.com:99999",
        "https://api.openai.com:-1",
        "https://api.openai.com:4 43",
        "https://api openai.com",
        "https://api.openai.com%20",
        "https://api.openai.com%00.evil.test",
        "https://api.openai.com%23.evil.test",
        "https://api,openai.com",
        "https://*.openai.com",
        "https://-a.example",
        "https://1.2.3.4.5",
        "https://256.0.0.1",
        "https://0x.0x100000000",
        "https://[fe80::1%25eth0]",
        "https://[::1",
        "https://[::1]a",
    ] {
        not_a_url(text);
    }
    not_a_url(&format!("https://{}.example", "a".repeat(64)));
    check("ftp://api.openai.com", Err(TargetError::Scheme("ftp".to_owned())));
    check("http://api.openai.com", Err(TargetError::PlainHttp));
}

#[test]
fn refuses_user_information_and_never_repeats_it() {
    for text in [
        "https://me:secret@api.openai.com",
        "https://me@api.openai.com",
        "https://@api.openai.com",
        "https://:@api.openai.com",
        "https:@api.openai.com",
        "https:/@api.openai.com",
        "https:///me:secret@api.openai.com",
        "https://api.openai.com:443@10.0.0.1",
        "https://api.openai.com%2f@10.0.0.1",
        "https://me:secret@",
        "ftp://me:secret@api.openai.com",
        "me:secret@api.openai.com",
        "secret@api.openai.com",
    ] {
        check(text, Err(TargetError::UserInfo));
    }
}

#[test]
fn refuses_characters_that_programs_read_differently() {
    for (text, character) in [
        ("https://api.openai.com\\@10.0.0.1", '\\'),
        ("https:\\\\10.0.0.1", '\\'),
        ("https://10.0.\t0.1", '\t'),
        ("https:/\t/@10.0.0.1", '\t'),
        ("https://10.0.0.1\n.openai.com", '\n'),
        ("https://api.openai.com\r\nX: y", '\r'),
        ("https://api.openai.com\0", '\0'),
        ("\u{7f}https://api.openai.com", '\u{7f}'),
        ("https://api.openai.com/\u{85}v1", '\u{85}'),
        ("https://api.openai.com/\u{85}", '\u{85}'),
    ] {
        check(text, Err(TargetError::Character(character)));
    }
}

#[test]
fn refuses_ports_of_other_protocols() {
    for port in [0, 1, 22, 25, 53, 6000, 6667, 10080] {
        check(&format!("https://api.openai.com:{port}"), Err(TargetError::Port(port)));
        check(&format!("https://10.0.0.1:{port}/v1"), Err(TargetError::Port(port)));
    }
}
