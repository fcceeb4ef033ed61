use proptest::prelude::*;

use super::*;

/// Returns what each part lets through, and what the end does.
fn pieces(parts: &[&[u8]]) -> (Vec<Vec<Bytes>>, Option<Bytes>) {
    let mut reframer = Reframer::new();
    let pushed = parts.iter().map(|part| reframer.push(Bytes::copy_from_slice(part))).collect();
    (pushed, reframer.finish())
}

fn check(parts: &[&str], expected: &[&[&str]], left: &str) {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    let (pushed, rest) = pieces(&parts);
    assert_eq!(pushed, expected, "{parts:?}");
    assert_eq!(rest.unwrap_or_default(), left, "{parts:?}");
}

#[test]
fn gives_on_whole_events() {
    check(&["data: a\n\n"], &[&["data: a\n\n"]], "");
    check(&["data: a\n\ndata: b\n\nda"], &[&["data: a\n\ndata: b\n\n"]], "da");
    check(&["dat", "a: a\n", "\nda", "ta: b\n\n"], &[&[], &[], &["data: a\n\n"], &["data: b\n\n"]], "");
    check(&["da", "ta: a\n\ndata: b\n\nx"], &[&[], &["data: a\n\n", "data: b\n\n"]], "x");
    check(&["data: a\r", "\r", "data: b\r\r"], &[&[], &["data: a\r\r"], &["data: b\r\r"]], "");
    check(&["\n", "\r", "", ": c\n\n"], &[&["\n"], &["\r"], &[], &[": c\n\n"]], "");
    check(&["data: [DONE]"], &[&[]], "data: [DONE]");
}

#[test]
fn keeps_the_two_halves_of_a_line_end_together() {
    check(&["data: a\r\n\r\ndata: b\r\n\r\n"], &[&["data: a\r\n\r\ndata: b\r\n\r\n"]], "");
    check(&["data: a\r", "\n\r", "\n"], &[&[], &[], &["data: a\r\n\r\n"]], "");
    check(&["data: a\r\n\r", "data: b\r"], &[&[], &["data: a\r\n\r"]], "data: b\r");
    check(&["data: a\r\n\r", "\r"], &[&[], &["data: a\r\n\r", "\r"]], "");
    check(&["data: a\r\n\r"], &[&[]], "data: a\r\n\r");
}

#[test]
fn passes_an_event_on_that_is_too_long_to_be_held() {
    let mut reframer = Reframer::new();
    let half = Bytes::from(vec![b'x'; MOST_HELD_BYTES / 2]);
    assert_eq!(reframer.push(half.clone()), Vec::<Bytes>::new());
    assert_eq!(reframer.push(half.clone()), Vec::<Bytes>::new());
    let long = Bytes::from(vec![b'x'; MOST_HELD_BYTES + 1]);
    assert_eq!(reframer.push(Bytes::from_static(b"x")), [long]);
    assert_eq!(reframer.push(half.clone()), [half]);
    assert_eq!(reframer.push(Bytes::from_static(b"y\n\ndata")), ["y\n\n"]);
    assert_eq!(reframer.push(Bytes::from_static(b": a\n\n")), ["data: a\n\n"], "the next one is whole again");
    assert_eq!(reframer.finish(), None);
}

proptest! {
    #[test]
    fn any_split_gives_the_same_bytes_cut_between_the_same_events(
        pieces_of_text in prop::collection::vec(
            prop::sample::select(vec!["data: a", "x", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "\u{e9}"]),
            0..30,
        ),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let text = pieces_of_text.concat();
        let bytes = text.as_bytes();
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        at.extend([0, bytes.len()]);
        at.sort_unstable();
        let parts: Vec<&[u8]> = at.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let (pushed, left) = pieces(&parts);
        let given: Vec<Bytes> = pushed.into_iter().flatten().collect();

        prop_assert_eq!([given.concat(), left.clone().unwrap_or_default().to_vec()].concat(), bytes);
        let one_by_one: Vec<&[u8]> = bytes.chunks(1).collect();
        let (single, single_left) = pieces(&one_by_one);
        prop_assert_eq!(left, single_left, "as much is held as when every byte comes alone");
        let ends = |pieces: &[Bytes]| -> Vec<usize> {
            pieces.iter().scan(0, |end, piece| { *end += piece.len(); Some(*end) }).collect()
        };
        let all_ends = ends(&single.concat());
        for end in ends(&given) {
            prop_assert!(all_ends.contains(&end), "{end} is between two events");
            let before = &text.as_bytes()[..end];
            prop_assert!(matches!(before.last(), Some(b'\n' | b'\r')));
        }
    }
}
