use proptest::prelude::*;

use super::*;

fn policy(quota: u64, window: u64, unit: Unit, segment: Segment) -> Policy {
    Policy { quota, window: Duration::from_secs(window), unit, segment }
}

fn property(name: &str) -> Segment {
    Segment::Property(name.to_owned())
}

#[test]
fn reads_what_clients_write() {
    let check = |text: &str, expected: Policy| {
        assert_eq!(Policies::parse(text), Ok(vec![expected.clone()]), "{text}");
        assert_eq!(Policy::parse(text), Ok(expected), "{text}");
    };
    let plain = policy(10, 60, Unit::Request, Segment::Global);
    check("10;w=60", plain.clone());
    check("10;w=60;u=request", plain.clone());
    check("  10;w=60\t", plain.clone());
    check("010;w=0060", plain.clone());
    check("10 ; W = 60 ; U = REQUEST", plain);
    check("1000;w=60;s=user", policy(1000, 60, Unit::Request, Segment::User));
    check("1000;w=60;s=USER", policy(1000, 60, Unit::Request, Segment::User));
    check("500;w=86400;u=cents;s=Organization", policy(500, 86_400, Unit::Cents, property("organization")));
    check("5;s=a_b-9;u=tokens;w=31536000", policy(5, 31_536_000, Unit::Tokens, property("a_b-9")));
    check("100000000000;w=60", policy(MAX_QUOTA, 60, Unit::Request, Segment::Global));
}

#[test]
fn reads_several_each_once() {
    let read = Policies::parse("10;w=60, 100;w=3600;u=cents ,10;w=60;u=request,1;w=60;s=user").unwrap();
    let texts: Vec<_> = read.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["10;w=60", "100;w=3600;u=cents", "1;w=60;s=user"]);
    assert!(Policies::parse(&["1;w=60"; 10].join(",")).is_ok());
}

#[test]
fn names_the_column_that_stops_it() {
    let quota = "a quota of 1 to 100000000000, then `;w=` and seconds";
    let seconds = "60 to 31536000 seconds";
    let name = "`user` or the name of a property: up to 128 letters, digits, `_` and `-`";
    let check = |text: &str, column: usize, found: &str, expected: &'static str| {
        let error = PolicyError { column, found: found.to_owned(), expected };
        assert_eq!(Policies::parse(text), Err(error), "{text}");
    };
    check("", 1, "", quota);
    check("   ", 4, "", quota);
    check("0;w=60", 1, "0", quota);
    check("-1;w=60", 1, "-1", quota);
    check("1.5;w=60", 2, ".5", quota);
    check("1 0;w=60", 2, " 0", quota);
    check("100000000001;w=60", 1, "100000000001", quota);
    check("99999999999999999999999999;w=60", 1, "999999999999999999999999", quota);
    check("basic-100", 1, "basic-100", quota);
    check("٣;w=60", 1, "\\u{663}", quota);
    check("10", 3, "", "`;w=` and seconds");
    check("10;u=cents, 10;w=60", 11, ", 10;w=60", "`;w=` and seconds");
    check("10;;w=60", 4, ";w=60", "`w=`, `u=` or `s=`");
    check("10;w= ;u=cents", 6, " ;u=cents", seconds);
    check("10;", 4, "", "`w=`, `u=` or `s=`");
    check("10;w", 4, "w", "`w=`, `u=` or `s=`");
    check("10;w=60;", 9, "", "`w=`, `u=` or `s=`");
    check("10;window=60", 4, "window=60", "`w=`, `u=` or `s=`");
    check("10;w=", 6, "", seconds);
    check("10;w=59", 6, "59", seconds);
    check("10;w= 31536001", 7, "31536001", seconds);
    check("10;w=60s", 8, "s", seconds);
    check("10;w=60=", 8, "=", seconds);
    check("10;w=60;u=tokenz", 11, "tokenz", "`request`, `cents` or `tokens`");
    check("10;w=60;u=", 11, "", "`request`, `cents` or `tokens`");
    check("10;w=60;s=", 11, "", name);
    check("10;w=60;s=a b", 12, " b", name);
    check("10;w=60;s=a\"", 12, "\\\"", name);
    check(&format!("10;w=60;s={}", "a".repeat(129)), 11, &"a".repeat(24), name);
    check("10;w=60;w=60", 9, "w=60", "each parameter once");
    check("10;w=60;s=user;S=user", 16, "S=user", "each parameter once");
    check("10;w=60,", 9, "", quota);
    check("10;w=60,,1;w=60", 9, ",1;w=60", quota);
    check("10;w=60, x;w=60", 10, "x", quota);
    check(&["1;w=60"; 11].join(","), 71, "1;w=60", "no more than 10 policies");
}

#[test]
fn says_in_plain_ascii_what_is_wrong() {
    let check = |text: &str, expected: &str| {
        let error = Policies::parse(text).unwrap_err().to_string();
        assert_eq!(error, expected, "{text}");
    };
    check("10;w=5", "column 6: found `5`, expected 60 to 31536000 seconds");
    check("10;w=", "column 6: the text ends, expected 60 to 31536000 seconds");
    check("10;\u{e9}\n", "column 4: found `\\u{e9}`, expected `w=`, `u=` or `s=`");
}

#[test]
fn one_policy_is_not_several() {
    assert_eq!(Policy::parse("10;w=60,1;w=60").unwrap_err().column, 8);
}

fn policies() -> impl Strategy<Value = Policy> {
    let unit = prop_oneof![Just(Unit::Request), Just(Unit::Cents), Just(Unit::Tokens)];
    let segment = prop_oneof![
        Just(Segment::Global),
        Just(Segment::User),
        "[a-z0-9_-]{1,128}"
            .prop_filter("user is no property", |name| name != "user")
            .prop_map(Segment::Property),
    ];
    (1..=MAX_QUOTA, 60..=31_536_000_u64, unit, segment)
        .prop_map(|(quota, window, unit, segment)| policy(quota, window, unit, segment))
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(written in policies()) {
        let text = written.to_string();
        prop_assert_eq!(Policy::parse(&text), Ok(written.clone()));
        prop_assert_eq!(Policies::parse(&text.to_ascii_uppercase()), Ok(vec![written]));
    }

    #[test]
    fn no_text_makes_it_panic_and_errors_point_into_it(text in "[0-9wus=;, é\\x00a-z]{0,40}|.{0,40}") {
        if let Err(error) = Policies::parse(&text) {
            prop_assert!((1..=text.len() + 1).contains(&error.column), "{:?}", error);
            prop_assert!(error.to_string().is_ascii());
        }
    }
}
