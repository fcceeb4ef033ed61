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
    fs::write(with_suffix(&path, ".new"), "half a k").unwrap();
    let second = first.rotated().unwrap();
    replace(&path, &second).unwrap();
    assert_eq!(*source.keys(), second);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, MODE);
    assert!(!with_suffix(&path, ".new").exists());
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

#[test]
fn a_start_that_was_cut_off_leaves_no_half_a_file_behind() {
    let directory = TempDir::new().unwrap();
    let config = config(&directory);
    let path = config.vault_key_path();
    // What a start leaves that ends while it writes, or finds the disk full.
    fs::write(with_suffix(&path, ".new"), "half a k").unwrap();
    let first = open(&config).unwrap().keys();
    assert_eq!(*open(&config).unwrap().keys(), *first);
    assert!(!with_suffix(&path, ".new").exists());
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.len(), 65, "the file is there as a whole");
}

#[test]
fn a_rotation_replaces_what_a_link_leads_to() {
    let (directory, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let config = config(&directory);
    let (path, real) = (config.vault_key_path(), elsewhere.path().join("vault.key"));
    let source = open(&config).unwrap();
    fs::rename(&path, &real).unwrap();
    std::os::unix::fs::symlink(&real, &path).unwrap();
    let second = source.keys().rotated().unwrap();
    replace(&path, &second).unwrap();
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(read_file(&real).unwrap(), second);
    assert_eq!(*source.keys(), second);
}

#[test]
fn only_one_rotation_works_on_a_file_at_a_time() {
    let directory = TempDir::new().unwrap();
    let path = config(&directory).vault_key_path();
    let first = lock(&path).unwrap();
    let refusal = format!("{:#}", lock(&path).unwrap_err());
    assert!(refusal.contains("another rotation"), "{refusal}");
    drop(first);
    lock(&path).unwrap();
}
