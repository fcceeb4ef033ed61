//! Guards of the operator's.

use gatehouse_config::{GuardKind, Secrets};
use insta::assert_snapshot;

use crate::{load, problems};

const TWO: &str = r#"
[[guards]]
name = "acme"
when = "security"
url = "http://127.0.0.1:9000/check?x=1"
timeout = "500ms"
on_error = "allow"
header = "X-Api-Key"
token = "guard-secret-1"

[[guards]]
name = "openai"
when = "moderation"
kind = "openai_moderation"
token = "guard-secret-2"
"#;

#[test]
fn tables_become_guards_in_their_order() {
    let config = load(TWO, &[]).unwrap();
    assert_snapshot!(config.to_toml(Secrets::Shown).lines().find(|line| line.starts_with("guards")).unwrap(), @r#"guards = [{ name = "acme", when = "security", kind = "http", url = "http://127.0.0.1:9000/check?x=1", header = "x-api-key", token = "guard-secret-1", timeout = "500ms", on_error = "allow" }, { name = "openai", when = "moderation", kind = "openai_moderation", token = "guard-secret-2", timeout = "5s", on_error = "deny" }]"#);
    assert_eq!(load(&config.to_toml(Secrets::Shown), &[]).unwrap(), config);
}

#[test]
fn listings_and_debug_output_hide_tokens() {
    let config = load(TWO, &[]).unwrap();
    let (listing, debug) = (config.to_toml(Secrets::Hidden), format!("{config:?}"));
    for text in [&listing, &debug] {
        assert!(!text.contains("guard-secret"), "{text}");
    }
    assert!(listing.contains("# guards = \"***\""), "{listing}");
    let open = load("[[guards]]\nname = 'a'\nwhen = 'always'\nurl = 'https://a.example'", &[]).unwrap();
    assert!(open.to_toml(Secrets::Hidden).contains("guards = [{ name = \"a\""));
}

#[test]
fn a_token_is_a_bearers_unless_a_header_is_named() {
    let text = "[[guards]]\nname = 'a'\nwhen = 'always'\nurl = 'https://a.example'\ntoken = 't'";
    let config = load(text, &[]).unwrap();
    let GuardKind::Http { credential: Some(credential), .. } = &config.guards[0].kind else {
        panic!("{:?}", config.guards)
    };
    assert_eq!(credential.header, "authorization");
}

#[test]
fn problems_name_entry_field_and_line_but_no_token() {
    let text = r#"
[[guards]]
name = "a b"
when = "sometimes"
url = "https://user:pw@guard.example"
timeout = "1h"
on_error = "panic"
[[guards]]
name = "b"
url = "ftp://guard.example"
header = "Host"
token = "guard-secret with space"
[[guards]]
name = "c"
when = "always"
tokn = "guard-secret"
[[guards]]
name = "d"
when = "moderation"
kind = "openai_moderation"
url = "https://eu.api.openai.com/v1/moderations"
header = "x"
[[guards]]
name = "e"
when = "security"
url = "https://guard.example"
[[guards]]
name = "E"
when = "security"
url = "https://guard.example"
token = ["guard-secret"]
[[guards]]
name = "f"
when = "security"
url = "https://guard.example"
header = "x-key"
"#;
    let found = problems(text, &[]);
    assert!(!found.contains("guard-secret") && !found.contains("pw@"), "{found}");
    assert_snapshot!(found, @r#"
    gatehouse.toml:3:8: `guards` entry 1: `name` is `a b`; expected 1 to 40 letters, digits, `-` or `_`
    gatehouse.toml:4:8: `guards` entry 1: `when` is `sometimes`; expected one of "moderation", "security", "always"
    gatehouse.toml:5:7: `guards` entry 1: `url` is a text that looks like a credential; expected a URL such as "https://guard.example/check", without user name, password and fragment
    gatehouse.toml:6:11: `guards` entry 1: `timeout` is `1h`; expected a duration from 1ms to 30s, such as "500ms"
    gatehouse.toml:7:12: `guards` entry 1: `on_error` is `panic`; expected one of "deny", "allow"
    gatehouse.toml:8:1: `guards` entry 2: `when` is missing; expected "moderation", "security" or "always"
    gatehouse.toml:10:7: `guards` entry 2: `url` is `ftp://guard.example`; expected a URL such as "https://guard.example/check", without user name, password and fragment
    gatehouse.toml:11:10: `guards` entry 2: `header` is `Host`; expected the name of a header such as "x-api-key" that requests to guards don't have anyway
    gatehouse.toml:12:9: `guards` entry 2: `token` is not as it should be; expected 1 to 4096 visible ASCII characters
    gatehouse.toml:13:1: `guards` entry 3: `url` is missing; expected a URL such as "https://guard.example/check", without user name, password and fragment
    gatehouse.toml:16:1: `guards` entry 3: unknown field `tokn`; did you mean `token`?
    gatehouse.toml:21:7: `guards` entry 4: `url` needs a `token`
    gatehouse.toml:22:10: `guards` entry 4: `header` has no meaning where `kind` is "openai_moderation"
    gatehouse.toml:31:9: `guards` entry 6: `token` is a list; expected 1 to 4096 visible ASCII characters
    gatehouse.toml:36:10: `guards` entry 7: `header` needs a `token`
    "#);
    let twice = "[[guards]]\nname = 'a'\nwhen = 'always'\nurl = 'https://a.example'\n";
    let twice = format!("{twice}{}", twice.replace("'a'", "'A'"));
    assert_snapshot!(problems(&twice, &[]), @"gatehouse.toml:5:1: `guards` entry 2: name `A` is taken already; expected it once");
    assert_snapshot!(problems("guards = ['x']", &[]), @"gatehouse.toml:1:11: `guards` entry 1: `x` is not a table; expected one with `name` and `when`");
    assert_snapshot!(problems("guards = 5", &[]), @r#"gatehouse.toml:1:10: `guards` is `5`; expected a list of guards such as [{ name = "acme", when = "security", url = "https://guard.example/check" }]"#);
}

#[test]
fn variable_takes_toml() {
    let variable = ("GATEHOUSE_GUARDS", r#"[{ name = "a", when = "always", url = "https://a.example" }]"#);
    assert_eq!(load(TWO, &[variable]).unwrap().guards.len(), 1);
    assert_eq!(load(TWO, &[("GATEHOUSE_GUARDS", "")]).unwrap().guards.len(), 0);
}
