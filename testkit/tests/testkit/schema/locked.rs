//! Types and stores against their lock.

use std::path::PathBuf;

use graven::{BTreeMap, Schema, StableLayout};
use graven_core::lock;
use graven_core::lock::Lock;
use graven_testkit::{assert_locked, assert_store_locked};
use tempfile::TempDir;

use super::{forgetful, panic_of, v1, v2};

#[derive(StableLayout)]
#[layout(version = 1)]
struct Note {
    author: v2::User,
    text: String,
}

#[graven::store]
struct Notes {
    notes: BTreeMap<u64, Note>,
}

/// Returns a lock as `cargo graven lock` writes it for a store; it is there as long as the folder.
fn locked<S: Schema>() -> (TempDir, PathBuf) {
    let mut lock = Lock::default();
    lock::update(&mut lock, S::ROOTS, S::DROPPED).unwrap();
    written(&lock.to_string())
}

fn written(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graven.lock");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn types_and_stores_that_are_locked() {
    let (_folder, path) = locked::<Notes>();
    assert_locked::<Note>(&path);
    assert_locked::<Vec<Option<v2::User>>>(&path);
    assert_store_locked::<Notes>(&path);
}

#[test]
fn a_type_with_another_layout_fails_with_the_fix() {
    let (_folder, path) = locked::<v1::Forum>();
    assert_locked::<v1::User>(&path);
    let expected = format!(
        "`User` is not what {} says (1 problem)\n\n  User v1\n    \
         `User` version 1 differs from graven.lock: field `karma: u64` is not in it\n    \
         because a shipped layout may not change\n    \
         fix: put it back as graven.lock has it, or make this version 2 and say what changed (`since`, `was`, \
         `renamed`, `removed`, `moved`) [lock-differs]\n",
        path.display()
    );
    assert_eq!(panic_of(|| assert_locked::<forgetful::User>(&path)), expected);
    let store = panic_of(|| assert_store_locked::<forgetful::Forum>(&path));
    assert!(store.starts_with("`Forum` is not what "), "{store}");
    assert!(
        store.contains("\n  users: BTreeMap<u64, User>\n") && store.contains("[lock-differs]"),
        "{store}"
    );
}

#[test]
fn a_version_that_is_not_locked_yet() {
    let (_folder, path) = locked::<v1::Forum>();
    let words = panic_of(|| assert_locked::<v2::User>(&path));
    assert!(words.contains("`User` version 2 is not in graven.lock"), "{words}");
    assert!(words.contains("fix: run `cargo graven lock`, and commit the file [lock-missing]"), "{words}");
}

#[test]
fn a_version_that_the_code_has_forgotten() {
    let (_folder, path) = locked::<v2::Forum>();
    let words = panic_of(|| assert_locked::<v1::User>(&path));
    assert!(words.contains("`User` version 2 is in graven.lock; the code ends at version 1"), "{words}");
    assert!(words.contains("[lock-forgotten]"), "{words}");
}

#[test]
fn of_a_type_only_what_is_in_it_has_to_agree() {
    let (_folder, path) = locked::<Notes>();
    assert_locked::<v2::User>(&path);
    let words = panic_of(|| assert_store_locked::<v2::Forum>(&path));
    assert!(
        words.contains("no root of the code holds a `Note`") && words.contains("[lock-forgotten]"),
        "{words}"
    );
}

#[test]
fn a_lock_that_is_missing_or_is_none() {
    let (folder, path) = written("User\n");
    let none = panic_of(|| assert_locked::<v1::User>(&path));
    assert!(none.contains("graven.lock: line 1 is no version"), "{none}");
    let (one, two) =
        (folder.path().join("other/graven.lock"), panic_of(|| assert_store_locked::<Notes>("nowhere")));
    let missing = panic_of(|| assert_locked::<v1::User>(&one));
    let words = format!(
        "there is no {}: run `cargo graven lock`, which writes it beside Cargo.toml, and commit the file",
        one.display()
    );
    assert_eq!(missing, words);
    // Where it was looked for is said in full.
    assert!(
        two.contains(&format!("there is no {}", std::env::current_dir().unwrap().join("nowhere").display()))
    );
}

#[test]
fn an_entry_that_was_edited_by_hand() {
    let (_folder, path) = locked::<v1::Forum>();
    let text = std::fs::read_to_string(&path).unwrap().replace("name: String", "name: Text<20>");
    let (_folder, path) = written(&text);
    let words = panic_of(|| assert_locked::<v1::User>(&path));
    assert!(words.contains("does not have its fingerprint") && words.contains("[lock-edited]"), "{words}");
}

#[test]
fn a_type_without_versions_cannot_be_locked() {
    let (_folder, path) = locked::<Notes>();
    let words = panic_of(|| assert_locked::<Vec<u64>>(&path));
    assert_eq!(words, "`Vec<u64>` has no versions, so there is nothing to lock");
}
