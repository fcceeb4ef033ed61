//! Usage: whatever an answer is, in whatever encoding, any split of its bytes says the same as all at once; and
//! where it can be decoded, as much as the decoded bytes say.
#![no_main]

use gatehouse_fuzz::{Input, pieces, view};
use gatehouse_types::Observed;
use gatehouse_wire::{AnswerScanner, Ending, ObserveInput, RequestScanner, decode, observe, observe_scanned};
use libfuzzer_sys::fuzz_target;

/// More than any input becomes that is worth the time.
const MAX_DECODED_BYTES: usize = 4 << 20;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let (dialect, path, content_type) = (input.dialect(), input.path(), input.content_type());
    let (encoding, choices) = (input.encoding(), input.byte());
    let is_whole = choices < 200;
    let asked = input.text();
    let request = view(asked, Some("application/json"));
    let answer = input.rest();
    let call = ObserveInput { dialect, path, request, response: view(&[], content_type) };

    let scanned = |parts: &mut dyn Iterator<Item = &[u8]>| -> Observed {
        let mut scanner = AnswerScanner::new(dialect, content_type, encoding);
        parts.for_each(|part| scanner.push(part));
        observe_scanned(call, None, scanner.finish(is_whole))
    };
    let at_once = scanned(&mut std::iter::once(answer));
    assert_eq!(at_once, scanned(&mut pieces(answer, choices)));
    let requested = |parts: &mut dyn Iterator<Item = &[u8]>| -> Observed {
        let mut scanner = RequestScanner::default();
        parts.for_each(|part| scanner.push(part));
        let answer = AnswerScanner::new(dialect, content_type, encoding).finish(true);
        observe_scanned(call, Some(scanner.finish(is_whole)), answer)
    };
    assert_eq!(requested(&mut std::iter::once(asked)), requested(&mut pieces(asked, choices)));

    let decoded = decode(encoding, answer, MAX_DECODED_BYTES);
    if decoded.ending == Ending::Whole {
        let response =
            gatehouse_wire::BodyView { truncated: !is_whole, ..view(&decoded.bytes, content_type) };
        assert_eq!(at_once, observe(ObserveInput { response, ..call }));
    }
});
