use super::*;
use crate::mapping::infer::counts::of_whole;
use crate::mapping::infer::table::Table;
use crate::mapping::tree::Node;

/// Answers with counts made by `body` from the tokens of input and output; the lengths are four times those.
fn found(body: fn(u64, u64, u64) -> String) -> Vec<UsageCandidate> {
    let others = [0, 7, 0, 11].into_iter().cycle();
    let tokens: Vec<(u64, u64, u64)> =
        (0..12_u64).zip(others).map(|(at, other)| (20 + at * 13 % 47, 15 + at * 29 % 61, other)).collect();
    let bodies: Vec<Node> = tokens
        .iter()
        .map(|(input, output, other)| Node::parse(body(*input, *output, *other).as_bytes()).unwrap())
        .collect();
    let table = Table::of(&bodies.iter().collect::<Vec<_>>());
    let output = tokens.iter().map(|(_, output, _)| Some(output * 4)).collect::<Vec<_>>();
    let lengths = Lengths {
        said: tokens.iter().map(|(input, ..)| input * 4).collect(),
        text: output.clone(),
        with_reasoning: output,
        ..Lengths::default()
    };
    let mut sticks = Yardsticks::default();
    sticks.add_table(&table, bodies.len(), &|row| row);
    candidates(&of_whole(&table), &sticks, &lengths)
}

fn place(path: &Option<Path>) -> String {
    path.as_ref().map(ToString::to_string).unwrap_or_default()
}

#[track_caller]
fn check(body: fn(u64, u64, u64) -> String, input: &str, output: &str) -> UsageMapping {
    let found = found(body);
    let best = found.first().expect("something");
    assert_eq!(best.doubt, None, "{:?}", best.reasons);
    assert_eq!(
        (place(&best.mapping.input), place(&best.mapping.output)),
        (input.to_owned(), output.to_owned())
    );
    best.mapping.clone()
}

#[track_caller]
fn check_doubt(body: fn(u64, u64, u64) -> String) {
    let found = found(body);
    assert!(found.first().is_none_or(|best| best.doubt.is_some()), "{:?}", found.first());
}

#[test]
fn what_adds_up_is_found_under_any_name() {
    let usage =
        check(|i, o, _| format!("{{\"u\":{{\"qq\":{i},\"zz\":{o},\"xx\":{}}}}}", i + o), "/u/qq", "/u/zz");
    assert_eq!(usage.identity, Some(Identity::InputOutput));
    check(|i, o, _| format!("{{\"u\":{{\"a\":{o},\"b\":{},\"c\":{i}}}}}", i + o), "/u/c", "/u/a");
}

#[test]
fn what_is_in_another_count_is_only_told_where_something_proves_it() {
    let usage = check(
        |i, o, k| format!("{{\"input\":{i},\"output\":{o},\"total\":{},\"cached\":{k}}}", i + o),
        "/input",
        "/output",
    );
    assert!(usage.input_includes_cached && usage.cached.is_some());
    let usage = check(
        |i, o, k| format!("{{\"input\":{i},\"output\":{o},\"total\":{},\"cached\":{k}}}", i + o + k),
        "/input",
        "/output",
    );
    assert_eq!((usage.identity, usage.input_includes_cached), (Some(Identity::InputCachedOutput), false));
    let usage = check(
        |i, o, k| {
            format!("{{\"u\":{{\"input\":{i},\"output\":{o},\"total\":{},\"thinking\":{k}}}}}", i + o + k)
        },
        "/u/input",
        "/u/output",
    );
    assert_eq!(usage.identity, Some(Identity::InputOutputReasoning));
    check_doubt(|i, o, k| {
        format!("{{\"u\":{{\"input_tokens\":{i},\"output_tokens\":{o},\"cached_tokens\":{k}}}}}")
    });
    check_doubt(|i, o, k| {
        format!("{{\"u\":{{\"input\":{i},\"output\":{o},\"total\":{},\"qq\":{k}}}}}", i + o)
    });
}

#[test]
fn a_pair_with_something_now_and_then_beside_it_is_doubtful() {
    check_doubt(|i, o, k| {
        format!("{{\"u\":{{\"input_tokens\":{i},\"output_tokens\":{o},\"qq\":{}}}}}", k * 9)
    });
}

#[test]
fn counts_that_were_nothing_so_far_must_stay_so() {
    let usage = check(
        |i, o, _| format!("{{\"u\":{{\"input\":{i},\"output\":{o},\"total\":{},\"cached\":0}}}}", i + o),
        "/u/input",
        "/u/output",
    );
    assert_eq!(usage.zero.iter().map(ToString::to_string).collect::<Vec<_>>(), ["/u/cached"]);
}

#[test]
fn times_prices_and_letters_are_no_tokens() {
    check_doubt(|i, o, _| format!("{{\"timings\":{{\"input\":{i},\"output\":{o},\"total\":{}}}}}", i + o));
    check_doubt(|i, o, _| {
        format!("{{\"u\":{{\"in\":{i},\"out\":{o},\"sum\":{},\"unit\":\"characters\"}}}}", i + o)
    });
    check_doubt(|i, o, _| format!("{{\"session\":{{\"input\":{i},\"output\":{o},\"total\":{}}}}}", i + o));
    // Without a name that says so: a price of output is several times that of input.
    check_doubt(|i, o, _| format!("{{\"u\":{{\"q\":{},\"z\":{},\"x\":{}}}}}", i, o * 6, i + o * 6));
}

#[test]
fn a_pair_needs_names_and_lengths() {
    check(
        |i, o, _| format!("{{\"u\":{{\"input_tokens\":{i},\"output_tokens\":{o}}}}}"),
        "/u/input_tokens",
        "/u/output_tokens",
    );
    check_doubt(|i, o, _| format!("{{\"u\":{{\"qq\":{i},\"zz\":{o}}}}}"));
    check_doubt(|i, o, _| format!("{{\"u\":{{\"input_tokens\":{o},\"output_tokens\":{i}}}}}"));
}

#[test]
fn one_count_or_a_difference_is_enough_where_nothing_else_could_be_meant() {
    check(|_, o, _| format!("{{\"generated_tokens\":{o}}}"), "", "/generated_tokens");
    let usage =
        check(|i, o, _| format!("{{\"input_tokens\":{i},\"total_tokens\":{}}}", i + o), "/input_tokens", "");
    assert_eq!(place(&usage.total), "/total_tokens");
    check_doubt(|i, o, _| format!("{{\"generated_tokens\":{o},\"qq\":{i}}}"));
}
