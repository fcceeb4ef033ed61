//! The format of headers and records.

use super::*;

const HEADER: Header = Header {
    key: 7,
    base: Position::from_u64(4096),
    previous_end: Position::from_u64(4000),
    span: 64 << 20,
    first_sequence: 12,
};

#[test]
fn header_survives_any_single_damaged_byte() {
    let encoded = HEADER.encode();
    assert_eq!(encoded.len() as u64, HEADER_BYTES);
    for index in 0..encoded.len() {
        let mut damaged = encoded.clone();
        damaged[index] ^= 0x10;
        assert_eq!(Header::decode(&damaged), Ok(HEADER), "byte {index}");
    }
}

#[test]
fn header_with_both_copies_damaged_or_cut_is_refused() {
    let mut damaged = HEADER.encode();
    damaged[20] ^= 1;
    damaged[COPY_BYTES + 20] ^= 1;
    assert_eq!(Header::decode(&damaged), Err(HeaderError::Damaged));
    assert_eq!(Header::decode(&HEADER.encode()[..COPY_BYTES - 1]), Err(HeaderError::Damaged));
}

#[test]
fn header_of_a_newer_version_is_told_from_damage() {
    let mut newer = HEADER.encode()[..COPY_BYTES].to_vec();
    newer[8] = 2;
    let checksum = crc32c::crc32c(&newer[..COPY_BYTES - 8]).to_le_bytes();
    newer[COPY_BYTES - 8..COPY_BYTES - 4].copy_from_slice(&checksum);
    assert_eq!(Header::decode(&newer.repeat(2)), Err(HeaderError::Version(2)));
}

#[test]
fn frame_belongs_to_its_position_key_and_payload() {
    let parts = [Bytes::from_static(b"he"), Bytes::from_static(b"llo")];
    let position = Position::from_u64(99);
    let bytes = frame(7, position, 5, &parts);
    let parsed = Frame::parse(7, position, &bytes).unwrap();
    assert_eq!((parsed.length, parsed.record_bytes()), (5, FRAME_BYTES + 5));
    assert!(parsed.fits(b"hello") && !parsed.fits(b"hellO"));
    assert_eq!(Frame::parse(8, position, &bytes), None);
    assert_eq!(Frame::parse(7, position.plus(1), &bytes), None);
    assert_eq!(Frame::parse(7, position, &bytes[..FRAME_BYTES - 1]), None);
    assert_eq!(find_record(&[b"noise".as_slice(), &bytes].concat()), Some(5));
}

#[test]
fn file_names_sort_like_positions_and_parse_back() {
    let base = Position::from_u64(4096);
    assert_eq!(file_name(base), "00000000000000004096.seg");
    assert_eq!(base_of(&file_name(base)), Some(base));
    for other in ["4096.seg", "00000000000000004096.seg.tmp", "+0000000000000004096.seg", "x.cursor"] {
        assert_eq!(base_of(other), None, "{other}");
    }
}
