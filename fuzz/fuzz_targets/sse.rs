//! Server-sent events: any split of the bytes gives the same events, and no event is longer than its cap.
#![no_main]

use gatehouse_fuzz::{Input, pieces};
use gatehouse_wire::SseDecoder;
use libfuzzer_sys::fuzz_target;

/// Returns names and data of all events, and how many were left out.
fn events<'a>(pieces: impl Iterator<Item = &'a [u8]>, cap: usize) -> (Vec<(Vec<u8>, Vec<u8>)>, u64) {
    let mut events = Vec::new();
    let mut decoder = SseDecoder::new(cap);
    for piece in pieces {
        decoder.push(piece, &mut |event| events.push((event.name.to_vec(), event.data.to_vec())));
    }
    let skipped = decoder.skipped_events();
    decoder.finish(&mut |event| events.push((event.name.to_vec(), event.data.to_vec())));
    (events, skipped)
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let (seed, cap) = (input.byte(), [1 << 20, 64, 7, 0][usize::from(input.byte() % 4)]);
    let stream = input.rest();
    let whole = events(std::iter::once(stream), cap);
    assert_eq!(whole, events(pieces(stream, seed), cap));
    // No bound is below one byte more than a byte order mark.
    let cap = cap.max(4);
    assert!(whole.0.iter().all(|(name, data)| name.len() <= cap && data.len() <= cap));
});
