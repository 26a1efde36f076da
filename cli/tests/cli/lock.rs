//! `lock`, and `check` against it.

use graven::Schema;

use crate::schemas::{broken, first, forgetful, names, rival, second, third};
use crate::support::Folder;

const FIRST: &str = "\
# The layout of every version that was shipped. `cargo graven lock` adds new ones. A version in here may not
# change: the code would no longer understand what was stored. Commit this file; in a merge keep both sides.

State v1 STATE
    0 Active
    1 Paused { at: u64 }
    2 Named(String, u8)

User v1 USER
    name: String
    age: u8
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.wasm("first.wasm", first::Forum::ROOTS);
    folder.wasm("second.wasm", second::Forum::ROOTS);
    folder.wasm("third.wasm", third::Forum::ROOTS);
    folder.wasm("forgetful.wasm", forgetful::Forum::ROOTS);
    folder.wasm("broken.wasm", broken::Forum::ROOTS);
    folder
}

#[track_caller]
fn says(folder: &Folder, words: &[&str], code: i32, out: &str) {
    let said = folder.run(words);
    assert_eq!((said.code, said.out.as_str()), (code, out), "{said:?}");
}

#[track_caller]
fn finds(folder: &Folder, words: &[&str], expected: &[&str]) {
    let said = folder.run(words);
    assert_eq!(said.code, 1, "{said:?}");
    for words in expected {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
}

/// Fingerprints are tested elsewhere.
fn without_fingerprints(lock: &str) -> String {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((rest, word)) if word.len() == 32 && !line.starts_with('#') => {
            let name = rest.split(' ').next().unwrap();
            format!("{rest} {}", name.to_uppercase())
        }
        _ => line.to_owned(),
    };
    lock.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn is_written_and_grows() {
    let folder = folder();
    says(&folder, &["lock", "first.wasm"], 0, "added to graven.lock: State v1, User v1\n");
    assert_eq!(without_fingerprints(&folder.read("graven.lock")), FIRST);
    says(&folder, &["lock", "first.wasm"], 0, "graven.lock is complete\n");
    says(&folder, &["check", "first.wasm"], 0, "safe: the code keeps to graven.lock\n");
    let before = folder.read("graven.lock");
    says(&folder, &["lock", "second.wasm"], 0, "added to graven.lock: User v2\n");
    assert!(folder.read("graven.lock").starts_with(&before));
    assert!(folder.read("graven.lock").ends_with("    name: String\n    age: u8\n    karma: u64\n"));
    // Versions that a previous type reads are there under the newest name, and nothing is new but
    // the newest.
    says(&folder, &["lock", "third.wasm"], 0, "added to graven.lock: User v3\n");
    says(&folder, &["check", "third.wasm"], 0, "safe: the code keeps to graven.lock\n");
}

#[test]
fn refuses_what_changed() {
    let folder = folder();
    folder.run(&["lock", "first.wasm"]);
    let before = folder.read("graven.lock");
    let expected = [
        "`User` version 1 differs from graven.lock: field `age` was `u8` when it was locked and is `u16`",
        "because a shipped layout may not change",
        "make this version 2",
        "`State` version 1 differs from graven.lock: its variant `2 Named(String, u8)` is gone",
        "[lock-differs]",
    ];
    finds(&folder, &["lock", "broken.wasm"], &expected);
    finds(&folder, &["check", "broken.wasm"], &expected);
    assert_eq!(folder.read("graven.lock"), before);
}

#[test]
fn knows_what_is_missing_and_forgotten() {
    let folder = folder();
    folder.run(&["lock", "first.wasm"]);
    finds(&folder, &["check", "second.wasm"], &["`User` version 2 is not in graven.lock", "[lock-missing]"]);
    folder.run(&["lock", "second.wasm"]);
    // `oldest = 2` says that version 1 is forgotten on purpose.
    says(&folder, &["check", "forgetful.wasm"], 0, "safe: the code keeps to graven.lock\n");
    finds(
        &folder,
        &["check", "first.wasm"],
        &["`User` version 2 is in graven.lock; the code ends at version 1", "[lock-forgotten]"],
    );
    says(&folder, &["lock", "forgetful.wasm"], 0, "graven.lock is complete\n");
    assert!(folder.read("graven.lock").contains("User v1 "));
    folder.wasm("names.wasm", names::Generic::ROOTS);
    let expected = [
        "title=lock-forgotten::State v1: `State` version 1 is in graven.lock; no root of the code holds a `State`",
        "give the type that it is now its name (`#[layout(name = \"State\")]`)",
    ];
    finds(&folder, &["check", "names.wasm", "--format", "github"], &expected);
}

#[test]
fn notices_edits() {
    let folder = folder();
    folder.run(&["lock", "first.wasm"]);
    folder.write("graven.lock", folder.read("graven.lock").replace("age: u8", "age: u16").as_bytes());
    let edited = "`User` version 1 in graven.lock does not have its fingerprint";
    finds(&folder, &["check", "broken.wasm"], &[edited, "[lock-edited]"]);
    finds(&folder, &["lock", "broken.wasm"], &[edited]);
}

#[test]
fn a_merge_that_was_not_finished_is_named() {
    let folder = folder();
    folder.run(&["lock", "first.wasm"]);
    let lines = folder.read("graven.lock").lines().count();
    let text = folder.read("graven.lock") + "<<<<<<< ours\n";
    folder.write("graven.lock", text.as_bytes());
    let said = folder.run(&["check", "first.wasm"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains(&format!("graven.lock: line {} is the mark of a merge", lines + 1)),
        "{said:?}"
    );
    folder.write("graven.lock", b"    name: String\n");
    assert!(folder.run(&["lock", "first.wasm"]).err.contains("line 1 belongs to no version"));
}

/// Both sides of a merge, in any order and twice.
#[test]
fn merges() {
    let folder = folder();
    folder.run(&["lock", "second.wasm"]);
    let whole = folder.read("graven.lock");
    folder.write("graven.lock", format!("{}\n{whole}", &whole[whole.find("User v2").unwrap()..]).as_bytes());
    says(&folder, &["check", "second.wasm"], 0, "safe: the code keeps to graven.lock\n");
    folder.run(&["lock", "third.wasm"]);
    assert!(folder.read("graven.lock").starts_with(&whole));
}

/// Two branches made a version of the same number, and the merge kept both.
#[test]
fn a_merge_of_two_layouts_of_one_version() {
    let folder = folder();
    folder.wasm("rival.wasm", rival::Forum::ROOTS);
    folder.run(&["lock", "rival.wasm"]);
    let theirs = folder.read("graven.lock");
    folder.write("graven.lock", b"");
    folder.run(&["lock", "second.wasm"]);
    let both = folder.read("graven.lock") + &theirs;
    folder.write("graven.lock", both.as_bytes());
    let expected = [
        "graven.lock has two layouts of `User` version 2: `karma: u64` in that of the code, and `rank: u8` in the other",
        "[lock-differs]",
        "(1 problem)",
    ];
    finds(&folder, &["check", "second.wasm"], &expected);
    finds(&folder, &["lock", "second.wasm"], &expected);
    assert_eq!(folder.read("graven.lock"), both);
}

#[test]
fn names() {
    let folder = folder();
    folder.wasm("generic.wasm", names::Generic::ROOTS);
    says(&folder, &["lock", "generic.wasm"], 0, "added to graven.lock: Pair v1, Pair v1\n");
    says(&folder, &["check", "generic.wasm"], 0, "safe: the code keeps to graven.lock\n");
    folder.wasm("twice.wasm", names::Twice::ROOTS);
    finds(&folder, &["lock", "twice.wasm"], &["two types are called `User`", "[name-taken]"]);
}
