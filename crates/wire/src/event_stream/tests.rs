//! Frames that are whole, cut, damaged and not frames at all.

use proptest::prelude::*;

use super::*;

/// Makes a frame.
pub(crate) fn frame_of(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(PRELUDE_BYTES + headers.len() + payload.len() + CHECKSUM_BYTES).unwrap();
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend(u32::try_from(headers.len()).unwrap().to_be_bytes());
    frame.extend(checksum(&frame).to_be_bytes());
    frame.extend([headers, payload].concat());
    frame.extend(checksum(&frame).to_be_bytes());
    frame
}

fn payloads(body: &[u8]) -> Vec<Vec<u8>> {
    let read = |step: usize| {
        let (mut payloads, mut frames) = (Vec::new(), Frames::default());
        for part in body.chunks(step) {
            frames.push(part, &mut |payload| payloads.push(payload.to_vec()));
        }
        payloads
    };
    let whole = read(body.len().max(1));
    for step in [1, 2, 3, 7, 13] {
        assert_eq!(read(step), whole, "in steps of {step}");
    }
    whole
}

#[test]
fn reads_every_payload_and_the_event_inside() {
    let inner = format!(r#"{{"p":"abc","bytes":"{}"}}"#, STANDARD.encode("{\"a\":1}"));
    let body =
        [frame_of(b"\x01h\x07\0\x01v", b"{\"b\":2}"), frame_of(b"", b""), frame_of(b"", inner.as_bytes())];
    assert_eq!(payloads(&body.concat()), [b"{\"b\":2}".to_vec(), b"{\"a\":1}".to_vec()]);
    let not_base64 = br#"{"bytes":"*"}"#;
    assert_eq!(payloads(&frame_of(b"", not_base64)), [not_base64.to_vec()]);
}

#[test]
fn knows_aws_own_frame() {
    // The frame of AWS's documentation: no headers, no payload.
    let empty = b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff";
    let mut frames = Frames::default();
    frames.push(empty, &mut |payload| panic!("{payload:?}"));
    assert!(frames.part == Part::Prelude && frames.left == PRELUDE_BYTES);
    frames.push(b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xec", &mut |_| {});
    assert!(frames.is_over());
}

#[test]
fn leaves_out_what_is_damaged_and_ends_where_no_frame_begins() {
    let (first, second) = (frame_of(b"", b"{\"a\":1}"), frame_of(b"", b"{\"b\":2}"));
    for at in 0..first.len() {
        let mut damaged = first.clone();
        damaged[at] ^= 1;
        let read = payloads(&[damaged, second.clone()].concat());
        let in_prelude = at < PRELUDE_BYTES;
        assert_eq!(read, if in_prelude { Vec::new() } else { vec![b"{\"b\":2}".to_vec()] }, "{at}");
        assert!(payloads(&first[..at]).is_empty());
    }
    // Lengths that are too small for a frame, or headers that are longer than it.
    for (length, headers) in [(0_u32, 0_u32), (15, 0), (16, 1), (u32::MAX, 0), (16, u32::MAX)] {
        let mut frame = [length.to_be_bytes(), headers.to_be_bytes()].concat();
        frame.extend(checksum(&frame).to_be_bytes());
        frame.extend([0; 64]);
        assert!(payloads(&frame).is_empty());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(noise in prop::collection::vec(any::<u8>(), 0..200), length in 0_u32..300, headers in 0_u32..300) {
        payloads(&noise);
        let mut frame = [length.to_be_bytes(), headers.to_be_bytes()].concat();
        frame.extend(checksum(&frame).to_be_bytes());
        frame.extend(&noise);
        payloads(&frame);
    }

    #[test]
    fn every_sequence_of_frames_is_read_as_it_was_written(all in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
        let body: Vec<u8> = all.iter().flat_map(|payload| frame_of(b"\x01a\x00", payload)).collect();
        let said: Vec<Vec<u8>> = all.into_iter().filter(|payload| !payload.is_empty()).collect();
        prop_assert_eq!(payloads(&body), said);
    }
}
