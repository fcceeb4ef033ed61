//! AWS's event streams, as they are and around payloads that the fuzzer makes: damaged frames are left out, whole
//! ones are read wherever the stream is split.
#![no_main]

use gatehouse_fuzz::{Input, frame, pieces, view};
use gatehouse_types::{Dialect, Observed};
use gatehouse_wire::{AnswerScanner, ObserveInput, TerminalWatch, each_frame, observe_scanned};
use libfuzzer_sys::fuzz_target;

const FRAMES: &str = "application/vnd.amazon.eventstream";

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let (choices, path) = (input.byte(), input.path());
    let mut made = Vec::new();
    let stream = if choices.is_multiple_of(2) {
        input.rest()
    } else {
        while !input.is_empty() {
            made.extend(frame("chunk", input.text()));
        }
        made.as_slice()
    };
    let mut said = 0;
    each_frame(stream, &mut |event| said += event.len());
    assert!(said <= stream.len());

    let request = view(b"{}", Some("application/json"));
    let call = ObserveInput { dialect: Dialect::Bedrock, path, request, response: view(&[], Some(FRAMES)) };
    let scanned = |parts: &mut dyn Iterator<Item = &[u8]>| -> Observed {
        let mut scanner = AnswerScanner::new(Dialect::Bedrock, Some(FRAMES), None);
        parts.for_each(|part| scanner.push(part));
        observe_scanned(call, None, scanner.finish(true))
    };
    assert_eq!(scanned(&mut std::iter::once(stream)), scanned(&mut pieces(stream, choices)));

    let [mut whole, mut split] = [(); 2].map(|()| TerminalWatch::new(Dialect::Bedrock));
    whole.push(stream);
    pieces(stream, choices).for_each(|piece| split.push(piece));
    assert_eq!(whole.is_terminal(), split.is_terminal());
});
