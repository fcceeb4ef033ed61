//! The line and field rules, the bound, and that no split of the bytes changes the events.

use proptest::prelude::*;

use super::*;

type Owned = (String, String);

fn events(parts: &[&[u8]], max_event_bytes: usize) -> Vec<Owned> {
    let mut events = Vec::new();
    let mut each = |event: SseEvent<'_>| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        events.push((text(event.name), text(event.data)));
    };
    let mut decoder = SseDecoder::new(max_event_bytes);
    parts.iter().for_each(|part| decoder.push(part, &mut each));
    decoder.finish(&mut each);
    events
}

fn check(stream: &str, expected: &[(&str, &str)]) {
    let expected: Vec<Owned> =
        expected.iter().map(|(name, data)| ((*name).to_owned(), (*data).to_owned())).collect();
    let bytes = stream.as_bytes();
    assert_eq!(events(&[bytes], 1000), expected, "{stream:?}");
    for at in 0..=bytes.len() {
        assert_eq!(events(&[&bytes[..at], &bytes[at..]], 1000), expected, "{stream:?} split at {at}");
    }
    let each: Vec<_> = bytes.chunks(1).collect();
    assert_eq!(events(&each, 1000), expected, "{stream:?} byte by byte");
}

#[test]
fn reads_lines_and_fields_as_the_standard_says() {
    check("", &[]);
    check("\n\n\r\r\n", &[]);
    check("data: a\n\ndata:b\n\ndata:  c\n\n", &[("", "a"), ("", "b"), ("", " c")]);
    check("data: a\r\rdata: b\r\n\r\ndata: c\n\r\n", &[("", "a"), ("", "b"), ("", "c")]);
    check("event: x\ndata: a\ndata: b\n\ndata: c\n\n", &[("x", "a\nb"), ("", "c")]);
    check("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[("", "a")]);
    check(": keep-alive\n\ndata: a\n: b\nid: 7\nretry: 1\nother\n\n", &[("", "a")]);
    check("data\n\ndata:\n\n", &[("", ""), ("", "")]);
    check("event: x\n\ndata: a\n\n", &[("", "a")]);
    check("data: {\"a\":\"b: c\"}\n\n", &[("", "{\"a\":\"b: c\"}")]);
    check("data: \u{4e16}\u{754c}\n\n", &[("", "\u{4e16}\u{754c}")]);
}

#[test]
fn counts_an_event_that_the_end_leaves_open() {
    check("data: a\n", &[("", "a")]);
    check("data: a\r", &[("", "a")]);
    check("data: a", &[("", "a")]);
    check("event: x", &[]);
}

#[test]
fn counts_as_many_events_left_out_in_every_split_however_short_the_bound() {
    let skipped = |parts: &[&[u8]], max_event_bytes| {
        let mut decoder = SseDecoder::new(max_event_bytes);
        parts.iter().for_each(|part| decoder.push(part, &mut |_| {}));
        decoder.skipped_events()
    };
    for stream in [
        "data: 12345\ndata: 6\n\ndata\n\n\u{feff}\n\n",
        "\u{feff}\n\ndata: 12345\r\n\r\nx\n\n",
        "\u{feff}data: 1\ndata: 2\n\n",
    ] {
        for cap in 0..8 {
            let each: Vec<_> = stream.as_bytes().chunks(1).collect();
            assert_eq!(skipped(&each, cap), skipped(&[stream.as_bytes()], cap), "{stream:?}, {cap}");
        }
    }
}

#[test]
fn leaves_out_what_is_longer_than_the_bound_and_goes_on() {
    let long = format!("data: {}\n\n", "x".repeat(50));
    let lines = "data: 12345\ndata: 12345\ndata: 1\n\n";
    let stream = format!("data: a\n\n{long}data: b\n\n{lines}data: c\n\n");
    let expected = [("", "a"), ("", "b"), ("", "c")].map(|(n, d)| (n.to_owned(), d.to_owned()));
    let each: Vec<_> = stream.as_bytes().chunks(1).collect();
    assert_eq!(events(&each, 12), expected);
    assert_eq!(events(&[stream.as_bytes()], 12), expected);

    let mut decoder = SseDecoder::new(12);
    decoder.push(stream.as_bytes(), &mut |_| {});
    assert_eq!(decoder.skipped_events(), 2);
    assert!(decoder.line.capacity() + decoder.data.capacity() < 100);
}

proptest! {
    #[test]
    fn every_split_of_the_bytes_gives_the_same_events(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "data: a", "data:", "data", "event: e", ": c", "\n", "\r", "\r\n", "\u{feff}", "x", "\u{e9}", ":", " ",
            ]),
            0..30,
        ),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        max_event_bytes in prop::sample::select(vec![3, 6, 7, 8, 13, 1000]),
    ) {
        let text = pieces.concat();
        let bytes = text.as_bytes();
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        at.extend([0, bytes.len()]);
        at.sort_unstable();
        let parts: Vec<&[u8]> = at.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(events(&parts, max_event_bytes), events(&[bytes], max_event_bytes));
    }
}
