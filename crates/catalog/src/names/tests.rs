//! Names as providers write them, and what is left of them.

use super::*;

/// Checks that a model may be listed under this other name.
fn check(provider: &str, model: &str, listed: &str) {
    let names = other_names(provider, model);
    assert!(names.iter().any(|name| name == listed), "{model}: {names:?} has no {listed}");
}

/// Checks all other names of a model.
fn check_all(provider: &str, model: &str, listed: &[&str]) {
    assert_eq!(other_names(provider, model), listed, "{model}");
}

#[test]
fn takes_dates_of_all_kinds_away() {
    for (model, listed) in [
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("claude-3-5-haiku-20241022", "claude-3-5-haiku"),
        ("gpt-4-0613", "gpt-4"),
        ("mistral-large-2407", "mistral-large"),
        ("command-r-08-2024", "command-r"),
        ("gemini-2.5-flash-preview-04-17", "gemini-2.5-flash-preview"),
        ("gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash-preview"),
        ("claude-3-5-haiku@20241022", "claude-3-5-haiku"),
        ("claude-sonnet-4-5@default", "claude-sonnet-4-5"),
        ("mistral-small-latest", "mistral-small"),
    ] {
        check_all("MISTRAL", model, &[listed]);
    }
}

#[test]
fn takes_nothing_else_away() {
    for model in [
        "gpt-4o",
        "gpt-4o-2024",
        "gpt-4o-2024-08",
        "gpt-4o-2024-13-06",
        "gpt-4-1356",
        "text-embedding-3",
        "llama-3.1-8b",
        "model-1999",
        "o3-2",
        "-2024-07-18",
        "-0613",
        "@20240101x",
        "",
        "世界のモデルです",
        "ft",
    ] {
        check_all("OPENAI", model, &[]);
    }
    check_all("OPENAI", &"x".repeat(600), &[]);
}

#[test]
fn a_fine_tuned_model_stays_one() {
    check_all("OPENAI", "ft:gpt-4o-2024-08-06:acme::abc123", &["ft:gpt-4o-2024-08-06", "ft:gpt-4o"]);
    let names = other_names("OPENAI", "ft:gpt-4o-mini:acme:2024:x-2024-01-01");
    assert!(names.iter().all(|name| name.starts_with("ft:")), "{names:?}");
}

#[test]
fn reads_the_names_of_bedrock() {
    let claude = "anthropic.claude-3-haiku-20240307-v1:0";
    for model in [
        "us.anthropic.claude-3-haiku-20240307-v1:0",
        "eu.anthropic.claude-3-haiku-20240307-v1%3A0",
        "global.anthropic.claude-3-haiku-20240307-v1:0",
        "anthropic.claude-3-haiku-20240307-v1%3a0",
        "anthropic.claude-3-haiku-20240307-v1:0:200k",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0",
    ] {
        check("AWS", model, claude);
        check("AWS", model, "anthropic.claude-3-haiku");
    }
    check("AWS", "amazon.nova-lite-v1:0", "amazon.nova-lite");
    // What a region charges for a newer Claude is a tenth more.
    check("AWS", "global.anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6");
    check("AWS", "us.anthropic.claude-sonnet-4-20250514-v1:0", "anthropic.claude-sonnet-4-20250514-v1:0");
    check_all("AWS", "ca.anthropic.claude-sonnet-4-6", &[]);
    check_all("AWS", "ca.amazon.nova-9-lite", &["amazon.nova-9-lite"]);
    let other = other_names("AWS", "us-gov.anthropic.claude-3-haiku-20240307-v1:0");
    assert!(other.iter().all(|name| name.starts_with("us-gov.")), "{other:?}");
    // What has a name of its own is no model that anybody lists.
    let profile = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/ab12cd34ef56";
    check_all("AWS", profile, &["ab12cd34ef56"]);
}

#[test]
fn reads_the_names_of_google() {
    for model in [
        "models/gemini-2.0-flash",
        "models/gemini-2.0-flash-001",
        "publishers/google/models/gemini-2.0-flash",
        "projects/p/locations/us-central1/publishers/google/models/gemini-2.0-flash-001",
        "google/gemini-2.0-flash",
    ] {
        check("GOOGLE", model, "gemini-2.0-flash");
    }
    check("GOOGLE", "claude-3-5-haiku-20241022", "claude-3-5-haiku@20241022");
    check("GOOGLE", "claude-3-5-haiku@20241022", "claude-3-5-haiku-20241022");
}

#[test]
fn leaves_the_names_of_aggregators_alone() {
    for provider in ["OPENROUTER", "VERCEL"] {
        for model in ["openai/gpt-4o-2024-08-06", "google/gemini-2.5-pro", "meta-llama/llama-3:free"] {
            check_all(provider, model, &[]);
        }
    }
    check_all("OPENROUTER", "openai%2Fgpt-4o", &["openai/gpt-4o"]);
}

#[test]
fn decodes_what_is_encoded_only() {
    assert_eq!(percent_decoded("a%3Ab%2fc"), "a:b/c");
    for text in ["100%", "%", "%4", "%zz", "%+1", "%ff"] {
        assert_eq!(percent_decoded(text), text, "{text}");
    }
}
