//! Which operations of Helicone's API there are here, as `docs/api-coverage.md` lists them.
//!
//! What is here comes from the OpenAPI document, so that the list can't claim more than there is; what is not must have
//! a reason.

use std::collections::BTreeSet;

/// Every operation of Helicone's API: group, method and path, by tabs.
const OPERATIONS: &str = include_str!("coverage/operations.tsv");

/// Why operations are not here, by how their paths begin; the first that fits counts.
const REASONS: &[(&str, &str)] = &[
    ("/v1/prompt-2025", "prompts are not managed yet"),
    ("/v2/prompt-2025", "prompts are not managed yet"),
    ("/v1/prompt", "Helicone gave them up for `/v1/prompt-2025`"),
    ("/v1/playground", "there is no playground yet"),
    ("/v1/models", "the registry of models is not served yet; `GET /v1/providers` lists providers"),
    ("/v1/public/model-registry", "the registry of models is not served yet"),
    ("/v1/public/security", "guards look at calls as they pass: see `docs/guards.md`"),
    ("/v1/test/", "the gateway is tested by calling it"),
    ("/v1/rate-limits/{ruleId}", "`PATCH` changes a rule here"),
    ("/v1/api-keys/proxy-key", "proxy keys are revoked here, so that it stays known what they were"),
    ("/v1/alert", "there are no alerts yet; `/metrics` can be watched by others"),
    ("/v1/integration", "there are no integrations; webhooks tell others of calls"),
    ("/v1/helicone-dataset", "there are no datasets yet; `POST /v1/request/export` writes calls to files"),
    ("/v1/evaluator", "evaluators run elsewhere and send scores"),
    ("/v1/evals", "evaluators run elsewhere and send scores"),
    ("/v1/log/request", "it is Helicone's own way from its workers to its server"),
    (
        "/v1/chat/completions",
        "calls go to providers in the providers' own formats; a gateway of one format is planned",
    ),
    (
        "/v1/responses",
        "calls go to providers in the providers' own formats; a gateway of one format is planned",
    ),
    ("/v1/credits", "nothing is sold here"),
    ("/v1/stripe", "nothing is sold here"),
    ("/v1/agent", "it is Helicone's support chat"),
    ("/v1/public/status", "it is a page of Helicone's company"),
    ("/v1/public/compare", "it is a page of Helicone's company"),
    ("/v1/public/pi", "it serves an application of Helicone's company"),
    ("/v1/pi", "it serves an application of Helicone's company"),
    ("/v1/wrapped", "it is a page of Helicone's company"),
    ("/v1/experiment", "Helicone gave experiments up"),
    ("/v2/experiment", "Helicone gave experiments up"),
];

/// Routes that do what a documented one does, and that one.
pub const ALIASES: [(&str, &str); 3] = [
    ("/v1/trace/custom/v1/log", "/custom/v1/log"),
    ("/v1/trace/custom/log", "/custom/v1/log"),
    ("/v1/trace/custom/log/typed", "/custom/v1/log"),
];

const HEAD: &str = "# Coverage of Helicone's API

This page is generated: `cargo run -q -p gatehouse-api --example coverage > docs/api-coverage.md`.
What is here is read from the OpenAPI document (`/openapi.json`, `/docs`), and a test keeps this page fresh.
";

/// Returns the page, or the operations that are not here and have no reason.
///
/// # Errors
/// Fails with the operations that are neither in the OpenAPI document nor among the reasons.
pub fn markdown() -> Result<String, Vec<String>> {
    let ours = ours();
    let (mut page, mut unexplained, mut group) = (String::new(), Vec::new(), "");
    let (mut here, mut all) = (0, 0);
    for operation in OPERATIONS.lines().filter_map(Operation::read) {
        if operation.group != group {
            group = operation.group;
            page.push_str(&format!("\n## {group}\n\n| operation | here |\n|---|---|\n"));
        }
        let Operation { method, path, .. } = operation;
        all += 1;
        let documented =
            ALIASES.iter().find(|(alias, _)| *alias == path).map_or(path, |(_, documented)| documented);
        let tells = if ours.contains(&(method.to_owned(), nameless(documented))) {
            here += 1;
            "yes".to_owned()
        } else if let Some((_, reason)) = REASONS.iter().find(|(beginning, _)| path.starts_with(beginning)) {
            format!("no: {reason}")
        } else {
            unexplained.push(format!("{method} {path}"));
            continue;
        };
        page.push_str(&format!("| `{method} {path}` | {tells} |\n"));
    }
    if !unexplained.is_empty() {
        return Err(unexplained);
    }
    Ok(format!("{HEAD}\n{here} of {all} operations are here.\n{page}"))
}

struct Operation<'a> {
    group: &'a str,
    method: &'a str,
    path: &'a str,
}

impl<'a> Operation<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let mut parts = line.split('\t');
        Some(Self { group: parts.next()?, method: parts.next()?, path: parts.next()? })
    }
}

/// Returns the operations of the OpenAPI document.
fn ours() -> BTreeSet<(String, String)> {
    let document = crate::openapi::openapi();
    let operations = document.paths.paths.iter().flat_map(|(path, item)| {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        let present = methods.into_iter().filter(|(_, operation)| operation.is_some());
        present.map(|(method, _)| (method.to_owned(), nameless(path)))
    });
    operations.collect()
}

/// Returns a path whose parameters have no names: they are called differently here and there.
fn nameless(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
