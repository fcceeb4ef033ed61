use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::*;

fn config(directory: &TempDir) -> Config {
    Config { data_dir: directory.path().to_owned(), ..Config::default() }
}

#[test]
fn the_first_start_makes_a_file_for_its_owner_alone_and_the_next_ones_keep_it() {
    let directory = TempDir::new().unwrap();
    let config = config(&directory);
    let first = open(&config).unwrap().keys();
    let metadata = fs::metadata(config.vault_key_path()).unwrap();
    assert_eq!(metadata.mode() & 0o777, MODE);
    assert_eq!(*open(&config).unwrap().keys(), *first);
}

#[test]
fn a_configured_key_needs_no_file() {
    let directory = TempDir::new().unwrap();
    let mut config = config(&directory);
    let keys = MasterKeys::generate().unwrap();
    config.vault.key = Some(keys.clone());
    assert_eq!(*open(&config).unwrap().keys(), keys);
    assert!(!config.vault_key_path().exists());
}

#[test]
fn refuses_a_file_that_others_may_use_or_that_has_no_keys() {
    let directory = TempDir::new().unwrap();
    let config = config(&directory);
    let path = config.vault_key_path();
    let refusal = || format!("{:#}", open(&config).err().unwrap());
    open(&config).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let message = refusal();
        assert!(message.contains("chmod 600") && message.contains(&format!("{mode:03o}")), "{message}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    open(&config).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    for text in ["", "hunter2\n", "\u{fffd}\n"] {
        fs::write(&path, text).unwrap();
        let message = refusal();
        assert!(message.contains("vault.key") && !message.contains("hunter2"), "{message}");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(refusal().contains("vault.key"));
}

#[test]
fn a_replaced_file_is_in_force_at_the_next_look() {
    let directory = TempDir::new().unwrap();
    let config = config(&directory);
    let path = config.vault_key_path();
    let source = open(&config).unwrap();
    let first = source.keys();
    // What a rotation that was cut off left behind.
    fs::write(path.with_extension("new"), "half a k").unwrap();
    let second = first.rotated().unwrap();
    replace(&path, &second).unwrap();
    assert_eq!(*source.keys(), second);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, MODE);
    assert!(!path.with_extension("new").exists());
}

#[test]
fn a_file_that_went_bad_or_away_leaves_the_keys_in_force() {
    let directory = TempDir::new().unwrap();
    let config = config(&directory);
    let path = config.vault_key_path();
    let source = open(&config).unwrap();
    let first = source.keys();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(*source.keys(), *first);
    fs::remove_file(&path).unwrap();
    assert_eq!(*source.keys(), *first);
    fs::write(&path, "nothing").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(*source.keys(), *first);
    let second = MasterKeys::generate().unwrap();
    replace(&path, &second).unwrap();
    assert_eq!(*source.keys(), second);
}
