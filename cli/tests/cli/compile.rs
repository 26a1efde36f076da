//! The errors of the derive where a type differs from the lock of its crate: crates are made, and
//! `cargo check` is run on them. They share one target folder, so only the first one takes its
//! time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

const LOCK: &str = "\
# A comment.

Address v1 00000000000000000000000000000000
    zip: u16

Pair v1 00000000000000000000000000000000
    value: u64
    note: String

State v1 00000000000000000000000000000000
    0 Active
    1 Paused { at: u64 }
    2 Named(String, Vec<(u8, u8)>)

User v1 00000000000000000000000000000000
    name: String
    address: Address

User v2 00000000000000000000000000000000
    name: String
    address: Address
    age: u8
";

/// The source of which the lock was made.
const GOOD: &str = "\
#[derive(StableLayout)]
#[layout(version = 1)]
pub struct Address { pub zip: u16 }
type Place = Address;
#[derive(StableLayout)]
#[layout(version = 1)]
pub struct Pair<T> { pub value: T, pub note: String }
#[derive(StableLayout)]
#[layout(version = 1)]
pub enum State { Active, Paused { at: u64 }, Named(String, Vec<(u8, u8)>) }
#[derive(StableLayout)]
#[layout(version = 2)]
pub struct User { pub name: String, pub address: Place, #[layout(since = 2)] pub age: u8 }
";

struct Crate(TempDir);

impl Crate {
    fn new(source: &str, lock: &str) -> Crate {
        let folder = tempfile::tempdir().unwrap();
        // Cargo takes packages of one name in different workspaces for the same one.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let (graven, count) = (workspace(), COUNT.fetch_add(1, Ordering::Relaxed));
        let manifest = format!(
            "[package]\nname = \"locked{count}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[workspace]\n\
             [dependencies]\ngraven = {{ path = {graven:?} }}\n"
        );
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        fs::copy(graven.join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
        fs::write(folder.path().join("graven.lock"), lock).unwrap();
        fs::write(folder.path().join("src/lib.rs"), format!("use graven::StableLayout;\n{source}")).unwrap();
        Crate(folder)
    }

    /// Returns the compiler's errors, or `None` if the crate compiles.
    fn errors(&self, off: bool) -> Option<String> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["check", "--offline", "--quiet", "--color", "never"]).current_dir(self.0.path());
        cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("locked"));
        match off {
            true => cargo.env("GRAVEN_LOCK", "off"),
            false => cargo.env_remove("GRAVEN_LOCK"),
        };
        let output = cargo.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("could not find") && !said.contains("failed to"), "{said}");
        (!output.status.success()).then_some(said)
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Changes the good source, and looks for the words at the place.
#[track_caller]
fn refused(changes: &[(&str, &str)], expected: &[&str]) {
    let mut source = GOOD.to_owned();
    for (old, new) in changes {
        assert!(source.contains(old), "{old}");
        source = source.replace(old, new);
    }
    let package = Crate::new(&source, LOCK);
    let said = package.errors(false).unwrap_or_else(|| panic!("it compiles: {changes:?}"));
    for words in expected {
        assert!(said.contains(words), "{words}\n\n{said}");
    }
    assert_eq!(package.errors(true), None);
}

#[test]
fn what_is_locked_compiles() {
    assert_eq!(Crate::new(GOOD, LOCK).errors(false), None);
}

/// All of these at once: each type has an error of its own.
#[test]
fn names_order_and_tags() {
    refused(
        &[
            ("pub zip: u16", "pub zip: u16, pub city: String"),
            ("pub note: String", "pub remark: String"),
            ("Paused { at: u64 }, Named(String, Vec<(u8, u8)>)", "Named(String, Vec<(u8, u8)>)"),
            ("pub name: String, pub address: Place,", "pub address: Place, pub name: String,"),
        ],
        &[
            "field `city` of `Address` version 1 is not in graven.lock: a shipped layout may not change; make \
             this version 2 and add `since = 2`",
            "pub struct Address { pub zip: u16, pub city: String }\n  |                                        ^^^^",
            "field `remark` of `Pair` version 1 is called `note` in graven.lock: a shipped layout may not \
             change; make this version 2 and add `renamed(note, until = 2)`",
            "variant `Named` of `State` version 1 has tag 2 in graven.lock, and 1 here: add `#[layout(tag = 2)]`, \
             and put new variants behind the others",
            "variant `Paused` of `State` version 1 is in graven.lock and gone here: a shipped layout may not \
             change; make this version 2 and add `removed(Paused { at: u64 }, tag = 1, until = 2, with = …)`",
            "the fields of `User` version 1 stand in the order `name`, `address` in graven.lock",
            "make this version 3 and add `moved(name, address, age, until = 3)`",
        ],
    );
}

#[test]
fn types() {
    refused(
        &[
            ("pub zip: u16", "pub zip: u32"),
            ("Vec<(u8, u8)>", "Vec<(u8, u16)>"),
            ("pub age: u8", "pub age: i8"),
        ],
        &[
            "field `zip` of `Address` version 1 is `u16` in graven.lock: a shipped layout may not change; make \
             this version 2 and add `was(u16, until = 2)`",
            "field `1` of `State::Named` version 1 is `Vec<(u8, u8)>` in graven.lock",
            "field `age` of `User` version 2 is `u8` in graven.lock",
        ],
    );
}

/// A type that is locked under its name and only called otherwise here.
#[test]
fn aliases_and_names_are_seen_through() {
    refused(
        &[("type Place = Address;", "type Place = u64;")],
        &["field `address` of `User` version 1 is `Address` in graven.lock"],
    );
    let renamed = GOOD
        .replace("version = 1)]\npub struct Address", "version = 1, name = \"Address\")]\npub struct Home");
    assert_eq!(Crate::new(&renamed.replace("= Address;", "= Home;"), LOCK).errors(false), None);
}

/// An older version is told by attributes, which may be wrong.
#[test]
fn an_older_version() {
    refused(
        &[(
            "#[layout(since = 2)] pub age: u8",
            "#[layout(since = 2)] pub age: u8, #[layout(since = 2)] pub old: u8",
        )],
        &["field `old` of `User` version 2 is not in graven.lock"],
    );
    refused(
        &[("pub name: String, pub address", "#[layout(was(u8, until = 2))] pub name: u16, pub address")],
        &[
            "field `name` of `User` version 1 is `String` in graven.lock: a shipped layout may not change; its type \
             until then is for `was(String, until = …)` to say",
        ],
    );
}

/// Only `removed` can tell the type of a removed field.
#[test]
fn an_older_version_with_what_was_removed() {
    refused(
        &[
            (
                "version = 1)]\npub struct Address { pub zip: u16",
                "version = 2, removed(zip: u32, until = 2))]\npub struct Address {",
            ),
            (
                "version = 1)]\npub struct Pair<T> { pub value: T, pub note: String",
                "version = 2, removed(remark: String, until = 2))]\npub struct Pair<T> { pub value: T",
            ),
            (
                "version = 1)]\npub enum State",
                "version = 2, removed(Named(String, Vec<(u8, u8)>), tag = 7, until = 2, with = |_, _| State::Active))]\npub enum State",
            ),
            (", Named(String, Vec<(u8, u8)>) }", " }"),
            (
                "pub name: String, pub address",
                "#[layout(renamed(nmae, until = 2))] pub name: String, pub address",
            ),
        ],
        &[
            "field `zip` of `Address` version 1 is `u16` in graven.lock: a shipped layout may not change; let \
             `removed(…)` say that it was `u16`",
            "field `remark` of `Pair` version 1 is called `note` in graven.lock: a shipped layout may not change; let \
             `removed(…)` call it `note`",
            "variant `Named` of `State` version 1 has tag 2 in graven.lock, and 7 here: let `removed(…)` say `tag = 2`",
            "field `nmae` of `User` version 1 is called `name` in graven.lock: a shipped layout may not change; its name \
             until then is for `renamed(name, until = …)` to say",
        ],
    );
    refused(
        &[(
            "version = 1)]\npub struct Address { pub zip: u16",
            "version = 2, removed(city: String, until = 2))]\npub struct Address { pub zip: u16, #[layout(since = 2)] pub town: u8",
        )],
        &[
            "field `city` of `Address` version 1 is not in graven.lock: a shipped layout may not change; take it out of \
             `removed(…)`, or say `since = 2` there if it came later",
        ],
    );
}

/// With `previous`, only versions after that of the old type are the type's own.
#[test]
fn previous() {
    let user = "\
#[derive(StableLayout)]
#[layout(version = 1)]
pub struct UserV1 { pub anything: u8 }
#[derive(StableLayout)]
#[layout(version = 2, previous = UserV1)]
pub struct User { pub name: String, pub address: Place, pub age: u8 }
impl From<UserV1> for User {
    fn from(_: UserV1) -> Self { unimplemented!() }
}
";
    let good = GOOD.rsplit_once("#[derive(StableLayout)]\n").unwrap().0.to_owned() + user;
    assert_eq!(Crate::new(&good, LOCK).errors(false), None);
    let said = Crate::new(&good.replace("pub age: u8", "pub age: u16"), LOCK).errors(false).unwrap();
    assert!(said.contains("field `age` of `User` version 2 is `u8` in graven.lock"), "{said}");
    let third = good
        .replace("version = 2, previous", "version = 3, previous")
        .replace("pub age: u8 }", "#[layout(since = 2)] pub years: u8, #[layout(since = 3)] pub new: u8 }");
    let said = Crate::new(&third, LOCK).errors(false).unwrap();
    assert!(said.contains("field `years` of `User` version 2 is called `age` in graven.lock"), "{said}");
}

#[test]
fn a_struct_that_was_an_enum_and_an_enum_that_was_a_struct() {
    refused(
        &[
            (
                "pub enum State { Active, Paused { at: u64 }, Named(String, Vec<(u8, u8)>) }",
                "pub struct State(u8);",
            ),
            ("pub struct Address { pub zip: u16 }", "pub enum Address { Zip(u16) }"),
        ],
        &[
            "`State` version 1 is an enum in graven.lock: a shipped layout may not change; make this version 2 and keep \
             the old type for `previous = …`",
            "`Address` version 1 is a struct in graven.lock: a shipped layout may not change; make this version 2 and \
             keep the old type for `previous = …`",
        ],
    );
}

#[test]
fn fields_and_variants_that_are_gone_or_new() {
    refused(
        &[
            (", #[layout(since = 2)] pub age: u8", ""),
            ("pub enum State { Active,", "pub enum State { Running,"),
            ("Vec<(u8, u8)>) }", "Vec<(u8, u8)>), Over }"),
            ("pub value: T, pub note: String", "pub value: T"),
        ],
        &[
            "field `age: u8` of `User` version 2 is in graven.lock and gone here: a shipped layout may not change; make \
             this version 3 and add `removed(age: u8, until = 3)`",
            "variant `Running` of `State` version 1 is called `Active` in graven.lock: a shipped layout may not change; \
             make this version 2 and add `renamed(Active, until = 2)`",
            "variant `Over` of `State` version 1 is not in graven.lock: a shipped layout may not change; make this \
             version 2 and add `since = 2`",
            "field `note: String` of `Pair` version 1 is in graven.lock and gone here",
        ],
    );
}

#[test]
fn a_lock_that_makes_no_sense() {
    let merging = LOCK.replace("User v1", "<<<<<<< ours\nUser v1");
    let line = merging.lines().position(|line| line.starts_with('<')).unwrap() + 1;
    let said = Crate::new(GOOD, &merging).errors(false).unwrap();
    let mark = "of graven.lock is the mark of a merge that was not finished: keep both sides";
    assert!(said.contains(&format!("line {line} {mark}")), "{said}");
    let says = |lock: &str, words: &str| {
        let said = Crate::new(GOOD, lock).errors(false).unwrap();
        assert!(said.contains(words), "{words}\n\n{said}");
    };
    says("    zip: u16\n", "line 1 of graven.lock belongs to no version");
    says("\nAddress 1\n", "line 2 of graven.lock is no version: those read `Name v1` and a fingerprint");
    says(&LOCK.replace("    zip: u16", "    zip"), "line 4 of graven.lock is neither a field nor a variant");
    says(&LOCK.replace("0 Active", "300 Active"), "line 11 of graven.lock is neither a field nor a variant");
    says(
        &LOCK.replace("Paused { at: u64 }", "Paused("),
        "line 12 of graven.lock is neither a field nor a variant",
    );
}

/// As an editor that writes UTF-16 leaves it.
#[test]
fn a_lock_that_is_no_text() {
    let package = Crate::new(GOOD, LOCK);
    fs::write(package.0.path().join("graven.lock"), b"\xff\xfeA\0d\0d\0").unwrap();
    let said = package.errors(false).unwrap_or_else(|| panic!("it compiles"));
    assert!(said.contains("graven.lock cannot be read: "), "{said}");
    assert_eq!(package.errors(true), None);
}

/// Only what is generic has several layouts of one version.
#[test]
fn a_merge_of_two_layouts_of_one_version() {
    let entry = |ty: &str| format!("\nAddress v1 00000000000000000000000000000000\n    zip: {ty}\n");
    assert_eq!(Crate::new(GOOD, &(LOCK.to_owned() + &entry("u16"))).errors(false), None);
    let said = Crate::new(GOOD, &(LOCK.to_owned() + &entry("u32"))).errors(false).unwrap();
    let words = "graven.lock has 2 layouts of `Address` version 1: keep the one that was shipped, and give what \
                 changed in another a version of its own";
    assert!(said.contains(words), "{said}");
    let pair = "\nPair v1 00000000000000000000000000000000\n    value: u8\n    note: String\n";
    assert_eq!(Crate::new(GOOD, &(LOCK.to_owned() + pair)).errors(false), None);
}

/// Cargo notices that the lock changed.
#[test]
fn a_changed_lock_is_noticed() {
    let package = Crate::new(GOOD, LOCK);
    assert_eq!(package.errors(false), None);
    fs::write(package.0.path().join("graven.lock"), LOCK.replace("zip: u16", "zip: u64")).unwrap();
    assert!(package.errors(false).is_some_and(|said| said.contains("is `u64` in graven.lock")));
}
