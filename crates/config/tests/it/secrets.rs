//! Secrets stay out of messages, debug output and listings.

use gatehouse_config::{Config, Redacted, Secrets};

use crate::{load, problems};

const KEY: &str = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";

#[test]
fn debug_and_display_of_a_secret_print_stars() {
    let secret = Redacted::new(KEY.to_owned());
    assert_eq!(format!("{secret} {secret:?}"), "*** ***");
    let config = load("", &[("GATEHOUSE_BOOTSTRAP__API_KEY", KEY)]).unwrap();
    assert!(!format!("{config:?}").contains("aaaaaaa"));
}

#[test]
fn listings_show_secrets_only_when_asked_to() {
    let config = load(&format!("[bootstrap]\napi_key = '{KEY}'"), &[]).unwrap();
    assert!(config.to_toml(Secrets::Shown).contains(KEY));
    let hidden = config.to_toml(Secrets::Hidden);
    assert!(!hidden.contains("aaaaaaa"), "{hidden}");
    assert_eq!(load(&hidden, &[]).unwrap(), Config::default());
}

#[test]
fn messages_never_repeat_a_secret_wherever_it_was_put() {
    let places = [
        "[bootstrap]\napi_key = 'hunter2-SECRET'",
        "[bootstrap]\napi_key = ['hunter2-SECRET']",
        "[bootstrap]\napi_key = 'hunter2-SECRET",
        "[bootstrap]\napi_key = hunter2-SECRET",
        "[bootstrap]\napi_key = \"\\qhunter2-SECRET\"",
        "[bootstrap]\n'sk-hunter2-SECRET' = 1",
        "'sk-hunter2-SECRET' = 1",
        "['sk-hunter2-SECRET']",
        "[log]\nurl = 'https://me:hunter2-SECRET@clickhouse:8123/'",
        "[log]\nurl = 'hunter2-SECRET'",
        "[control]\nurl = 'postgres://me:hunter2-SECRET@db/'",
        "[shared]\nurl = 'redis://:hunter2-SECRET@cache/'",
        "[gateway]\nlisten = 'https://me:hunter2-SECRET@host/'",
        "[vault]\nkey = 'hunter2-SECRET'",
        "[vault]\nkey = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,hunter2-SECRET'",
        "[gateway]\npublic_domains = ['Bearer hunter2-SECRET']",
        "[sign_in.oidc]\nclient_secret = \"hunter2-SECRET\\n\"",
        "[sign_in.oidc]\nissuer = 'https://me:hunter2-SECRET@id.example'",
        "[upstream]\nresolve = { 'sk-hunter2-SECRET' = 'pk-hunter2-SECRET' }",
    ];
    for text in places {
        let found = problems(text, &[]);
        assert!(found.contains("gatehouse.toml:"), "accepted {text}");
        assert!(!found.contains("SECRET") && !found.contains("hunter2"), "{text}: {found}");
        let error = load(text, &[]).unwrap_err();
        assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    }
    let found = problems("", &[("GATEHOUSE_BOOTSTRAP__API_KEY", "SECRET")]);
    assert!(found.contains("API_KEY") && !found.contains("SECRET"), "{found}");
}

#[test]
fn keys_of_the_vault_are_read_in_both_forms_and_shown_to_nobody() {
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let base64 = "//////////////////////////////////////////8=";
    let config = load("", &[("GATEHOUSE_VAULT__KEY", &format!("{hex}, {base64}"))]).unwrap();
    assert_eq!(config.vault.key.as_ref().map(|keys| keys.ids().len()), Some(2));
    assert!(!format!("{config:?}").contains("00010203"));
    assert!(!config.to_toml(Secrets::Hidden).contains("00010203"));
    let shown = config.to_toml(Secrets::Shown);
    assert_eq!(load(&shown, &[]).unwrap(), config);
}
