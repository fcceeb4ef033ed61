//! What inference makes of APIs that it was not written for: the confusion table, and what it may not exceed.
//!
//! From twenty samples of an API a mapping is inferred and applied to thirty other calls: once with what is
//! sure enough to be used at once, once with what an administrator approved. `confusion.snap` is the table;
//! `INSTA_UPDATE=always cargo nextest run -p gatehouse-mapper --test inference` brings it up to date.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where a program may not")]

mod administrator;
mod confusion;
mod shapes;

use std::fmt::Write as _;

use gatehouse_mapper::mapping::{BodyView, Inference, Mapped, MappingDocument, Sample, infer};
use gatehouse_types::Usage;

use self::confusion::{Aspect, Confusion, Reading, Tally};
use self::shapes::exchange::{Exchange, Part, Truth};
use self::shapes::random::Random;
use self::shapes::rename::Renaming;
use self::shapes::{ALL, Shape};

/// How many calls a mapping is inferred from.
const SAMPLES: u64 = 20;
/// How many calls are enough to infer a mapping.
const FEWEST: u64 = 5;
/// How many other calls it is applied to.
const FRESH: u64 = 30;
/// How many texts in a hundred have to be right after approval.
const TEXT_RIGHT: f64 = 95.0;
/// How many texts in a hundred may be wrong before anybody approved anything.
const TEXT_WRONG_UNSEEN: f64 = 2.0;
/// The same where names mean nothing or samples are few.
const TEXT_WRONG_RENAMED: f64 = 5.0;

fn sample(exchange: &Exchange) -> Sample<'_> {
    let body = |bytes, content_type| BodyView { bytes, content_type: Some(content_type), truncated: false };
    Sample {
        method: "POST",
        host: "models.example",
        path: &exchange.path,
        status: 200,
        request: body(&exchange.request, "application/json"),
        response: body(&exchange.response, exchange.content_type),
    }
}

fn inference(exchanges: &[Exchange]) -> Inference {
    infer(&exchanges.iter().map(sample).collect::<Vec<_>>())
}

/// Returns how a document reads calls that it was not made from.
fn confusion(document: &MappingDocument, fresh: &[Exchange]) -> Confusion {
    let mut confusion = Confusion::default();
    for exchange in fresh {
        confusion.add(&document.apply(&sample(exchange)), &exchange.truth);
    }
    confusion
}

/// How an API is read before and after approval.
struct Outcome {
    shape: &'static Shape,
    unseen: Confusion,
    approved: Confusion,
}

impl Outcome {
    fn of(shape: &'static Shape) -> Self {
        Self::from(shape, &shape.exchanges(0, SAMPLES), &shape.exchanges(1000, FRESH))
    }

    fn from(shape: &'static Shape, samples: &[Exchange], fresh: &[Exchange]) -> Self {
        let inference = inference(samples);
        let approved = administrator::approve(&inference, samples);
        Self { shape, unseen: confusion(&inference.document, fresh), approved: confusion(&approved, fresh) }
    }
}

/// Returns both tables, and how each API is read.
fn report(outcomes: &[Outcome], unseen: &Confusion, approved: &Confusion) -> String {
    let mut report = format!(
        "{} invented APIs, {SAMPLES} samples and {FRESH} other calls each.\n\nBefore approval:\n\n{}\nAfter approval:\n\n{}\n",
        outcomes.len(),
        unseen.table(),
        approved.table()
    );
    report.push_str("Right / wrong / missing of each API:\n\n");
    report.push_str("| API | text | text, approved | counts | counts, approved |\n|---|---|---|---|---|\n");
    let cell = |tally: Tally| match tally {
        Tally { right: 0, wrong: 0, missing: 0, .. } => "rightly absent".to_owned(),
        Tally { right, wrong, missing, .. } => format!("{right} / {wrong} / {missing}"),
    };
    for Outcome { shape, unseen, approved } in outcomes {
        let text = [unseen, approved].map(|confusion| cell(confusion.of(Aspect::Text)));
        let counts = [unseen, approved].map(|confusion| cell(confusion.usage()));
        writeln!(report, "| {} | {} | {} |", shape.name, text.join(" | "), counts.join(" | ")).unwrap();
    }
    report
}

#[test]
fn texts_are_right_and_counts_are_right_or_missing() {
    let outcomes: Vec<Outcome> = ALL.iter().map(Outcome::of).collect();
    let (mut unseen, mut approved) = (Confusion::default(), Confusion::default());
    for outcome in &outcomes {
        unseen.join(&outcome.unseen);
        approved.join(&outcome.approved);
    }
    let report = report(&outcomes, &unseen, &approved);
    println!("{report}");
    assert_eq!(unseen.usage().wrong, 0, "a wrong count is worse than none");
    assert_eq!(approved.usage().wrong, 0, "a wrong count is worse than none");
    let (text, text_unseen) = (approved.of(Aspect::Text), unseen.of(Aspect::Text));
    assert!(text.percent_right() >= TEXT_RIGHT, "{:.1} % of texts are right", text.percent_right());
    assert!(
        text_unseen.percent_wrong() <= TEXT_WRONG_UNSEEN,
        "{:.1} % are wrong",
        text_unseen.percent_wrong()
    );
    insta::with_settings!({ snapshot_path => ".", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("confusion", report);
    });
}

#[test]
fn the_order_of_samples_does_not_matter() {
    for shape in ALL {
        let mut samples = shape.exchanges(0, SAMPLES);
        let expected = inference(&samples);
        for seed in 0..2 {
            Random::new(seed).shuffle(&mut samples);
            assert_eq!(inference(&samples), expected, "{}", shape.name);
        }
    }
}

#[test]
fn invented_apis_are_many_and_their_calls_differ() {
    assert!(ALL.len() >= 30);
    for shape in ALL {
        let exchanges = shape.exchanges(0, SAMPLES + FRESH);
        let again = shape.exchanges(0, SAMPLES + FRESH);
        for (at, exchange) in exchanges.iter().enumerate() {
            assert_eq!((&exchange.request, &exchange.response), (&again[at].request, &again[at].response));
            let is_repeated = exchanges[..at].iter().any(|earlier| earlier.response == exchange.response);
            assert!(!is_repeated, "{}: two calls are the same", shape.name);
        }
        let told =
            exchanges.iter().filter(|exchange| exchange.truth.texts.iter().any(|text| !text.is_empty()));
        assert!(told.count() > exchanges.len() / 3, "{}: hardly anything is said", shape.name);
    }
}

#[test]
fn what_is_read_wrongly_is_called_wrong() {
    let exchange = ALL[0].exchange(0);
    let truth = &exchange.truth;
    let usage = |input, output, total| Some(Usage { input, output, total, ..Usage::default() });
    let right = Mapped {
        text: Some(truth.texts[0].clone()),
        usage: usage(truth.input, truth.output, truth.total),
        finish: truth.finish.as_ref().map(|(word, _)| word.clone()),
        model: truth.models.first().cloned(),
        ..Mapped::default()
    };
    let read = |mapped: &Mapped| {
        [Aspect::Text, Aspect::Input, Aspect::Output, Aspect::Total, Aspect::Model, Aspect::Finish]
            .map(|aspect| aspect.reading(mapped, truth))
    };
    assert_eq!(read(&right), [Reading::Right; 6]);
    assert_eq!(read(&Mapped::default()), [Reading::Missing; 6]);
    let wrong = Mapped {
        text: Some(truth.messages[0].1.clone()),
        usage: usage(truth.output, truth.input, truth.input),
        finish: Some("never".to_owned()),
        model: Some("models.example".to_owned()),
        ..Mapped::default()
    };
    assert_eq!(read(&wrong), [Reading::Wrong; 6]);

    // A part that is told apart lessens its whole, and only then.
    let cached =
        Truth { input: Some(100), cached: Some(Part { count: 30, is_included: true }), ..Truth::default() };
    let of = |input, cache_read| {
        let usage = Some(Usage { input: Some(input), cache_read, ..Usage::default() });
        Aspect::Input.reading(&Mapped { usage, ..Mapped::default() }, &cached)
    };
    assert_eq!([of(70, Some(30)), of(100, None)], [Reading::Right; 2]);
    assert_eq!([of(100, Some(30)), of(70, None)], [Reading::Wrong; 2]);
}

/// Half of the names and all of them are replaced by such as mean nothing, and the calls are others; sometimes they
/// are as few as inference begins with.
#[test]
fn other_calls_and_meaningless_names_make_no_count_wrong() {
    const ROUNDS: [(u64, u64, u64); 5] =
        [(1, 50, SAMPLES), (1, 100, SAMPLES), (2, 50, SAMPLES), (3, 0, FEWEST), (3, 50, FEWEST)];
    for (round, percent, count) in ROUNDS {
        let renaming = Renaming { seed: round, percent };
        let renamed = |exchanges: Vec<Exchange>| -> Vec<Exchange> {
            exchanges.iter().map(|exchange| renaming.of(exchange)).collect()
        };
        let (mut unseen, mut approved, mut faults) = (Confusion::default(), Confusion::default(), vec![]);
        for shape in ALL {
            let first = round * 2000;
            let (samples, fresh) = (shape.exchanges(first, count), shape.exchanges(first + 1000, FRESH / 2));
            let outcome = Outcome::from(shape, &renamed(samples), &renamed(fresh));
            let wrong = [outcome.unseen.usage().wrong, outcome.approved.usage().wrong];
            if wrong != [0, 0] {
                faults.push((shape.name, wrong));
            }
            if outcome.unseen.of(Aspect::Text).wrong > 0 {
                println!("wrong texts: {}", shape.name);
            }
            unseen.join(&outcome.unseen);
            approved.join(&outcome.approved);
        }
        println!("{count} samples, {percent} % of names replaced, before and after approval:\n");
        println!("{}\n{}", unseen.table(), approved.table());
        assert!(faults.is_empty(), "wrong counts, before and after approval: {faults:?}");
        let wrong = unseen.of(Aspect::Text).percent_wrong();
        assert!(wrong <= TEXT_WRONG_RENAMED, "{wrong:.1} % of texts are wrong");
    }
}
