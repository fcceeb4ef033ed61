//! Published APIs that have no reader of their own: each is inferred from samples alone, as those of nobody.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test whose helpers go wrong fails"
)]

#[path = "known/apis.rs"]
mod apis;
#[path = "known/invented.rs"]
mod invented;
#[path = "known/streams.rs"]
mod streams;
#[path = "known/world.rs"]
mod world;

use std::collections::BTreeMap;

use gatehouse_mapper::mapping::{Decision, Field, Inference, MappingDocument, Sample, infer};

use world::{Api, Call, calls};

/// What came of one field over all calls of an API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    right: usize,
    wrong: usize,
    missing: usize,
}

impl Tally {
    fn count<T: PartialEq>(&mut self, found: Option<T>, truth: Option<T>) {
        match (found, truth) {
            (found, truth) if found == truth => self.right += 1,
            (None, _) => self.missing += 1,
            _ => self.wrong += 1,
        }
    }
}

fn samples<'a>(api: &'a Api, calls: &'a [Call]) -> Vec<Sample<'a>> {
    calls.iter().map(|call| call.sample(api)).collect()
}

/// Reads fresh calls by a document and compares text and usage with the truth.
fn compare(api: &Api, document: &MappingDocument, fresh: &[Call]) -> (Tally, Tally) {
    let (mut text, mut usage) = (Tally::default(), Tally::default());
    for call in fresh {
        let mapped = document.apply(&call.sample(api));
        text.count(mapped.text, Some(call.answer.clone()));
        usage.count(mapped.usage, (api.usage)(call));
    }
    (text, usage)
}

fn learn(api: &Api, seed: u64, count: u64) -> Inference {
    let learned = calls(api, seed, count);
    infer(&samples(api, &learned))
}

fn explained(inference: &Inference) -> String {
    let field = |field: &gatehouse_mapper::mapping::FieldInference| {
        let candidates: Vec<String> = field
            .candidates
            .iter()
            .map(|candidate| {
                format!("    {:.3} {:?} {:?}", candidate.score, candidate.mapping, candidate.reasons)
            })
            .collect();
        format!("  {:?} {:?}: {}\n{}", field.field, field.decision, field.reason, candidates.join("\n"))
    };
    inference.fields.iter().map(field).collect::<Vec<_>>().join("\n")
}

#[test]
fn text_and_usage_of_published_apis_are_right_or_missing() {
    let mut table: BTreeMap<&str, (Tally, Tally)> = BTreeMap::new();
    let mut problems = Vec::new();
    for api in apis::all().into_iter().chain(streams::all()) {
        for seed in 0..6 {
            let inference = learn(&api, seed, 20);
            let fresh = calls(&api, seed + 1000, 20);
            let (text, usage) = compare(&api, &inference.document, &fresh);
            if text.right < 20 || usage.right < 20 {
                problems.push(format!(
                    "{} (seed {seed}): text {text:?}, usage {usage:?}\n{}",
                    api.name,
                    explained(&inference)
                ));
            }
            let row = table.entry(api.name).or_default();
            for (sum, tally) in [(&mut row.0, text), (&mut row.1, usage)] {
                sum.right += tally.right;
                sum.wrong += tally.wrong;
                sum.missing += tally.missing;
            }
        }
    }
    for (name, (text, usage)) in &table {
        println!("{name:<22} text {text:?} usage {usage:?}");
    }
    let shown: Vec<&String> = problems.iter().take(12).collect();
    println!("{}", shown.into_iter().cloned().collect::<Vec<_>>().join("\n"));
    assert!(table.values().all(|(text, usage)| text.wrong == 0 && usage.wrong == 0), "something is wrong");
    assert!(
        table.values().all(|(text, usage)| text.missing == 0 && usage.missing == 0),
        "something is missing"
    );
}

#[test]
fn the_order_of_samples_does_not_matter() {
    for api in apis::all().into_iter().chain(streams::all()) {
        let learned = calls(&api, 3, 12);
        let mut ordered = samples(&api, &learned);
        let one = infer(&ordered);
        for turn in 1..4 {
            ordered.rotate_left(turn * 3);
            if turn == 2 {
                ordered.reverse();
            }
            assert_eq!(one, infer(&ordered), "{}", api.name);
        }
    }
}

#[test]
fn names_without_meaning_lead_to_nothing_wrong() {
    let mut wrong = Vec::new();
    let (mut text_sum, mut usage_sum) = (Tally::default(), Tally::default());
    for api in apis::all().into_iter().chain(streams::all()) {
        for every in [1, 2] {
            let renamed = api.clone().renamed(every);
            for seed in 0..4 {
                let inference = learn(&renamed, seed, 20);
                let fresh = calls(&renamed, seed + 1000, 20);
                let (text, usage) = compare(&renamed, &inference.document, &fresh);
                if text.wrong + usage.wrong > 0 {
                    wrong.push(format!(
                        "{} (every {every}, seed {seed}): {text:?} {usage:?}\n{}",
                        renamed.name,
                        explained(&inference)
                    ));
                }
                for (sum, tally) in [(&mut text_sum, text), (&mut usage_sum, usage)] {
                    sum.right += tally.right;
                    sum.wrong += tally.wrong;
                    sum.missing += tally.missing;
                }
            }
        }
    }
    println!("text {text_sum:?}, usage {usage_sum:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn few_samples_activate_nothing() {
    for api in apis::all() {
        let inference = learn(&api, 1, 4);
        let active: Vec<Field> = inference
            .fields
            .iter()
            .filter(|field| field.decision == Decision::Active)
            .map(|field| field.field)
            .collect();
        assert_eq!(active, [], "{}", api.name);
    }
}

/// How many APIs are put together by chance.
const INVENTED: u64 = 200;

#[test]
fn apis_by_chance_are_read_right_or_not_at_all() {
    let mut sums: BTreeMap<u64, (Tally, Tally)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for seed in 0..INVENTED {
        let layout = invented::Layout::new(seed);
        let learned: Vec<_> = (0..20).map(|at| layout.call(at)).collect();
        let inference = infer(&learned.iter().map(invented::Exchange::sample).collect::<Vec<_>>());
        let (mut text, mut usage) = (Tally::default(), Tally::default());
        for call in (100..120).map(|at| layout.call(at)) {
            let mapped = inference.document.apply(&call.sample());
            text.count(mapped.text, Some(call.text.clone()));
            usage.count(mapped.usage, call.usage);
        }
        if text.wrong + usage.wrong > 0 {
            let call = layout.call(100);
            wrong.push(format!(
                "seed {seed}: text {text:?} usage {usage:?}\n{}\n{}\n{:?}\n{}",
                String::from_utf8_lossy(&call.request),
                String::from_utf8_lossy(&call.response),
                call.usage,
                explained(&inference)
            ));
        }
        let row = sums.entry(layout.telling).or_default();
        for (sum, tally) in [(&mut row.0, text), (&mut row.1, usage)] {
            sum.right += tally.right;
            sum.wrong += tally.wrong;
            sum.missing += tally.missing;
        }
    }
    for (telling, (text, usage)) in &sums {
        println!("{telling} of ten names tell: text {text:?}, usage {usage:?}");
    }
    assert!(wrong.is_empty(), "{} APIs\n{}", wrong.len(), wrong.join("\n"));
    // What can't be told apart is missing: it must not be much where names say what they name.
    let is_mostly_right = |(tally, most): (Tally, usize)| tally.missing * 100 <= tally.right * most;
    let (text, usage) = sums[&10];
    assert!(is_mostly_right((text, 1)) && is_mostly_right((usage, 25)), "text {text:?}, usage {usage:?}");
    let (text, _) = sums[&5];
    assert!(is_mostly_right((text, 15)), "text {text:?}");
}

#[test]
fn requests_ends_and_models_of_published_apis_are_read() {
    let mut problems = Vec::new();
    for api in apis::all() {
        let inference = learn(&api, 2, 20);
        for call in calls(&api, 77, 5) {
            let mapped = inference.document.apply(&call.sample(&api));
            let said = mapped.messages.last().map(|message| message.content.clone()).or(mapped.prompt);
            if said.as_ref() != Some(&call.question) {
                problems.push(format!(
                    "{}: {said:?} is not {:?}\n{}",
                    api.name,
                    call.question,
                    explained(&inference)
                ));
            }
            let has_end = inference.field(Field::Finish, false).is_some();
            let expected = if call.is_long { "length" } else { "stop" };
            if has_end && mapped.finish.as_deref().is_some_and(|end| end != expected) {
                problems.push(format!("{}: ended {:?}, not {expected}", api.name, mapped.finish));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn what_waits_for_approval_is_read_once_approved() {
    let api = apis::all().into_iter().find(|api| api.name == "openai").unwrap().renamed(1);
    let inference = learn(&api, 5, 20);
    let pending: Vec<Field> = inference
        .fields
        .iter()
        .filter(|field| field.decision == Decision::Pending)
        .map(|field| field.field)
        .collect();
    assert!(pending.contains(&Field::Usage), "{}", explained(&inference));
    let fresh = calls(&api, 900, 10);
    let (_, before) = compare(&api, &inference.document, &fresh);
    assert_eq!((before.right, before.wrong), (0, 0));
    let usage = inference.field(Field::Usage, false).unwrap();
    assert!(usage.candidates[0].examples[0].starts_with("input "), "{:?}", usage.candidates[0].examples);
    let approved = inference.approved();
    let counted = fresh.iter().map(|call| approved.apply(&call.sample(&api)).usage.unwrap());
    assert!(counted.zip(&fresh).all(|(usage, call)| usage.output == Some(call.output)));
}
