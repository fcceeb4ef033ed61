use proptest::prelude::*;

use super::*;

const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SAME_IN_BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
/// `sk-secret`, sealed for `here` with the key of [`HEX`].
const STORED: &str = "01530543d0cc7c54529bdfd43fd27d358a967e9793e56bda028c2ff85016c5e37dc5ce9dab33367278a8d6d04983\
                      af23e60ebaecc4c8";

fn keys(text: &str) -> MasterKeys {
    MasterKeys::parse(text).unwrap()
}

fn opened(keys: &MasterKeys, sealed: &Sealed, context: &[u8]) -> Result<Vec<u8>, OpenError> {
    keys.open(sealed, context).map(|secret| secret.expose().to_vec())
}

#[test]
fn reads_both_forms_of_a_key_and_several_lines() {
    let check = |text: &str, expected: usize| assert_eq!(keys(text).ids().len(), expected, "{text:?}");
    check(HEX, 1);
    check(&format!("\n# the key\n  {HEX}  \r\n\n"), 1);
    check(&format!("{HEX}\n{OTHER}"), 2);
    assert_eq!(keys(HEX).ids(), keys(SAME_IN_BASE64).ids());
    assert_eq!(keys(HEX).ids(), keys(SAME_IN_BASE64.trim_end_matches('=')).ids());
    assert_eq!(keys(HEX).ids(), keys(&HEX.to_ascii_uppercase()).ids());
    assert_ne!(keys(HEX).ids(), keys(OTHER).ids());
    assert_eq!(keys(&format!("{OTHER}\n{HEX}")).current_id(), keys(OTHER).current_id());
}

#[test]
fn refuses_what_is_no_key_and_repeats_nothing_of_it() {
    let check = |text: &str, expected: KeyTextError| {
        let error = MasterKeys::parse(text).unwrap_err();
        assert_eq!(error, expected, "{text:?}");
        assert!(!text.lines().any(|line| line.len() > 8 && error.to_string().contains(line)));
    };
    check("", KeyTextError::Empty);
    check("# nothing\n\n", KeyTextError::Empty);
    check("secret", KeyTextError::NotAKey(1));
    check(HEX.trim_end_matches('f'), KeyTextError::NotAKey(1));
    check(&HEX.replace('0', "g"), KeyTextError::NotAKey(1));
    check(&HEX.replacen("0001", "+0+1", 1), KeyTextError::NotAKey(1));
    check(&"ä".repeat(32), KeyTextError::NotAKey(1));
    check(&format!("{HEX}\n{SAME_IN_BASE64}x"), KeyTextError::NotAKey(2));
    check(&format!("{HEX}\n\n{SAME_IN_BASE64}"), KeyTextError::Twice(3));
}

#[test]
fn writes_the_text_that_it_reads() {
    let keys = keys(&format!("{SAME_IN_BASE64}\n{OTHER}"));
    assert_eq!(keys.to_text().expose().as_str(), format!("{HEX}\n{OTHER}\n"));
    assert_eq!(MasterKeys::parse(keys.to_text().expose()).unwrap().ids(), keys.ids());
}

#[test]
fn opens_with_the_key_and_the_context_it_was_sealed_with_only() {
    let ours = keys(HEX);
    let sealed = ours.seal(b"sk-secret", b"place 1").unwrap();
    assert_eq!(opened(&ours, &sealed, b"place 1").unwrap(), b"sk-secret");
    assert_eq!(opened(&ours, &sealed, b"place 2"), Err(OpenError::Damaged));
    assert_eq!(opened(&ours, &sealed, b""), Err(OpenError::Damaged));
    let wrong = OpenError::WrongKey(ours.current_id());
    assert_eq!(opened(&keys(OTHER), &sealed, b"place 1"), Err(wrong));
    assert_eq!(opened(&ours, &Sealed::erased(), b"place 1"), Err(OpenError::Erased));
}

#[test]
fn rotation_keeps_the_former_keys_for_opening() {
    let first = keys(HEX);
    let second = first.rotated().unwrap();
    let old = first.seal(b"secret", b"").unwrap();
    let new = second.seal(b"secret", b"").unwrap();
    assert_eq!(second.ids().len(), 2);
    assert_eq!((second.needs_rotation(&old), second.needs_rotation(&new)), (true, false));
    assert!(!second.needs_rotation(&Sealed::erased()));
    assert_eq!(opened(&second, &old, b"").unwrap(), b"secret");
    let alone = second.without_former();
    assert_eq!(opened(&alone, &new, b"").unwrap(), b"secret");
    assert_eq!(opened(&alone, &old, b""), Err(OpenError::WrongKey(first.current_id())));
    assert_eq!(opened(&first, &new, b""), Err(OpenError::WrongKey(second.current_id())));
}

#[test]
fn derives_keys_that_tell_nothing_of_each_other() {
    let ours = keys(HEX);
    let all = [
        ours.derive("cache", b"one"),
        ours.derive("cache", b"two"),
        ours.derive("cach", b"eone"),
        ours.derive("", b"cacheone"),
        keys(OTHER).derive("cache", b"one"),
        ours.current.bytes.clone(),
        ours.current.sealing.clone(),
    ];
    for (index, key) in all.iter().enumerate() {
        assert!(all.iter().skip(index + 1).all(|other| other.as_slice() != key.as_slice()), "{index}");
    }
    assert_eq!(*ours.derive("cache", b"one"), *ours.derive("cache", b"one"));
}

#[test]
fn stays_what_it_was_so_that_stored_values_open_for_ever() {
    let ours = keys(HEX);
    assert_eq!(ours.current_id().to_string(), "530543d0");
    let stored = Sealed::from_bytes(hex(STORED)).unwrap();
    assert_eq!(opened(&ours, &stored, b"here").unwrap(), b"sk-secret");
}

#[test]
fn debug_shows_ids_only() {
    let ours = keys(HEX);
    let id = ours.current_id();
    assert_eq!(format!("{ours:?}"), format!("MasterKeys([{id}])"));
    let sealed = ours.seal(b"sk-secret", b"").unwrap();
    assert_eq!(format!("{sealed:?}"), format!("Sealed(54 bytes, key {id})"));
    assert_eq!(format!("{:?}", ours.open(&sealed, b"").unwrap()), "***");
}

proptest! {
    #[test]
    fn opens_what_it_sealed_and_nothing_that_was_changed(
        secret in prop::collection::vec(any::<u8>(), 0..200),
        context in prop::collection::vec(any::<u8>(), 0..50),
        place in any::<prop::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let ours = keys(HEX);
        let sealed = ours.seal(&secret, &context).unwrap();
        prop_assert_eq!(&opened(&ours, &sealed, &context).unwrap(), &secret);
        let mut bytes = sealed.as_bytes().to_vec();
        prop_assert_eq!(&Sealed::from_bytes(bytes.clone()).unwrap(), &sealed);
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let changed = Sealed::from_bytes(bytes.clone());
        prop_assert!(changed.is_err() || opened(&ours, &changed.unwrap(), &context).is_err());
        bytes.truncate(place);
        let cut = Sealed::from_bytes(bytes);
        prop_assert!(cut.is_err() || opened(&ours, &cut.unwrap(), &context).is_err());
    }
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(byte).collect()
}
