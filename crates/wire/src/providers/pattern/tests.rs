use proptest::prelude::*;

use super::*;

/// Patterns of two or three labels, with or without a `*` and a port.
fn pattern() -> impl Strategy<Value = HostPattern> {
    let text =
        "(\\*|[a-z0-9_-]{1,8}\\*?|\\*[a-z0-9-]{1,8})\\.([a-z0-9-]{1,8}\\.)?[a-z0-9-]{1,8}(:[1-9][0-9]{0,3})?";
    text.prop_map(|text| text.parse().unwrap())
}

proptest! {
    #[test]
    fn is_written_as_it_is_read(pattern in pattern()) {
        prop_assert_eq!(pattern.to_string().parse(), Ok(pattern));
    }

    #[test]
    fn takes_a_name_for_the_asterisk(pattern in pattern(), fill in "[a-z0-9_-]{1,12}") {
        let host = pattern.filled(&fill);
        prop_assert!(pattern.matches_host(&host));
        prop_assert!(pattern.matches_host(&host.to_ascii_uppercase()));
        let dotted = format!("{host}.");
        prop_assert!(pattern.matches_host(&dotted));
    }

    #[test]
    fn takes_nothing_behind_or_labels_before_the_host(
        pattern in pattern(),
        fill in "[a-z0-9-]{1,12}",
        more in "[a-z0-9.:@#-]{0,8}[a-z0-9:@#-]",
        label in "[a-z0-9-]{0,8}",
    ) {
        let host = pattern.filled(&fill);
        for other in [format!("{host}{more}"), format!("{host}.{more}"), format!("{label}.{host}"), format!("{host}..")] {
            prop_assert!(!pattern.matches_host(&other), "{pattern} {other}");
        }
        if pattern.after.is_none() {
            let longer = format!("x{host}");
            prop_assert!(!pattern.matches_host(&longer));
        }
    }

    #[test]
    fn takes_no_dots_or_emptiness_for_the_asterisk(pattern in pattern(), fill in "[a-z.]{0,6}") {
        let is_label = !fill.is_empty() && !fill.contains('.');
        let host = pattern.filled(&fill);
        let expected = is_label || pattern.after.is_none();
        prop_assert_eq!(pattern.matches_host(&host), expected, "{}", host);
    }

    #[test]
    fn reads_or_refuses_any_text(text in "\\PC{0,40}") {
        if let Ok(pattern) = text.parse::<HostPattern>() {
            prop_assert_eq!(pattern.to_string().parse(), Ok(pattern));
        }
    }
}

#[test]
fn says_what_is_wrong_with_a_text() {
    let host = "is not a host such as `api.example.com`, `*.example.com` or `localhost:11434`";
    for (text, expected) in [
        ("", format!("`` {host}")),
        ("https://a.example", format!("`https://a.example` {host}; leave out what comes before")),
        ("a.example/v1", format!("`a.example/v1` {host}; leave out the path")),
        ("a.example:http", format!("`a.example:http` {host}; a port is a number from 1 to 65535")),
        ("a.example:0", format!("`a.example:0` {host}; a port")),
        ("*.*.example", format!("`*.*.example` {host}; it may have one `*`")),
        ("*", format!("`*` {host}; its last part may have no `*`")),
        ("api.openai.*", format!("`api.openai.*` {host}; its last part may have no `*`")),
        ("a..example", format!("`a..example` {host}")),
        ("a b.example", format!("`a b.example` {host}")),
        ("https://me:secret@a.example", format!("a text with a user name {host}; leave out")),
    ] {
        let message = text.parse::<HostPattern>().unwrap_err().to_string();
        assert!(message.starts_with(&expected), "{text}: {message}");
    }
}

#[test]
fn heeds_the_port_where_one_is_named() {
    let local: HostPattern = "Localhost:11434".parse().unwrap();
    assert!(local.matches("localhost", 11434) && !local.matches("localhost", 80));
    let any: HostPattern = "localhost".parse().unwrap();
    assert!(any.matches("LOCALHOST.", 80) && !any.matches("localhost.evil.tld", 80));
}
