//! Upgrades that would lose data are refused: every problem at once, in these words, and nothing is
//! written.

use graven::{BTreeMap, Cell, Collection, Error, Result, StableLayout, Text, open};

type Bytes = graven::DefaultMemoryImpl;

mod old {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub name: String,
        pub age: u8,
    }

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub struct Settings {
        pub limit: u64,
    }
}

mod new {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub name: String,
        pub age: u16,
        pub email: String,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Settings {
        pub limit: u64,
    }
}

#[graven::store]
struct Old {
    users: BTreeMap<u64, old::User>,
    by_name: BTreeMap<String, u64>,
    settings: Cell<old::Settings>,
    log: BTreeMap<u64, String>,
}

#[graven::store]
struct New {
    users: BTreeMap<u32, new::User>,
    by_name: Cell<u64>,
    settings: Cell<new::Settings>,
}

fn stored() -> Bytes {
    let memory = Bytes::default();
    let mut store = Old::open(memory.clone()).unwrap();
    store.users.insert(1, old::User { name: "Eva".into(), age: 40 });
    store.by_name.insert("Eva".into(), 1);
    store.settings.set(old::Settings { limit: 10 });
    (0..3).for_each(|n| _ = store.log.insert(n, "started".into()));
    memory
}

/// The words with which opening is refused; nothing may be written.
#[track_caller]
fn refused<S>(memory: &Bytes, open: impl FnOnce(Bytes) -> Result<S>) -> String {
    let before = memory.borrow().clone();
    let error = open(memory.clone()).map(drop).expect_err("it was opened");
    assert!(*memory.borrow() == before, "it was written to");
    assert!(matches!(error, Error::Refused(_)), "{error}");
    error.to_string()
}

#[track_caller]
fn one<Was: Collection<Memory = Bytes>, Is: Collection<Memory = Bytes>>(expected: &str) {
    let memory = Bytes::default();
    open::<Was>("root", memory.clone()).unwrap();
    let text = refused(&memory, |memory| open::<Is>("root", memory));
    assert_eq!(text, expected);
    assert!(open::<Was>("root", memory).is_ok(), "the old code still opens it");
}

#[test]
fn every_problem_at_once() {
    let memory = stored();
    assert_eq!(refused(&memory, New::open), EVERYTHING);
    let store = Old::open(memory).unwrap();
    assert_eq!((store.users.get(&1).unwrap().age, store.log.len()), (40, 3), "the old code still opens it");
}

#[test]
fn a_changed_key() {
    one::<BTreeMap<u64, u64>, BTreeMap<(u64, u8), u64>>(KEY);
}

#[test]
fn another_kind() {
    one::<BTreeMap<u64, u64>, Cell<u64>>(KIND);
}

#[test]
fn a_value_without_a_version() {
    one::<BTreeMap<u64, String>, BTreeMap<u64, Text<8>>>(VALUE);
}

#[test]
fn a_version_that_the_code_does_not_have() {
    one::<Cell<old::Settings>, Cell<new::Settings>>(DOWNGRADE);
}

const KEY: &str = "\
the upgrade was refused, nothing was changed (1 problem)

  root: BTreeMap<(u64, u8), u64>
    was stored as `root: BTreeMap<u64, u64>`: its key was `u64` and is `(u64, u8)`
    because keys do not migrate in place: their bytes are the order
    fix: give the new collection another name, and copy the entries over [key-changed]
";

const KIND: &str = "\
the upgrade was refused, nothing was changed (1 problem)

  root: Cell<u64>
    was stored as `root: BTreeMap<u64, u64>`
    because each kind of collection has pages of its own
    fix: give the new collection another name, and copy the entries over [kind-changed]
";

const VALUE: &str = "\
the upgrade was refused, nothing was changed (1 problem)

  root: BTreeMap<u64, Text<8>>
    values were `String` and are `Text<8>`
    because what was stored as `String` cannot be read as `Text<8>`
    fix: only types of your own have a history: wrap the new one, as in `#[layout(version = 1, previous = String)] \
struct Value(Text<8>)`, and add `impl From<String> for Value` [text-bounded]
";

const DOWNGRADE: &str = "\
the upgrade was refused, nothing was changed (1 problem)

  root: Cell<Settings>
    `Settings` was stored in version 2; the code has version 1
    because older code cannot read what newer code wrote
    fix: deploy the newer code again, release the older behavior with version 2 of `Settings`, or load the snapshot \
from before the upgrade [version-newer]
";

const EVERYTHING: &str = "\
the upgrade was refused, nothing was changed (6 problems)

  users: BTreeMap<u32, User>
    was stored as `users: BTreeMap<u64, User>`: its key was `u64` and is `u32`
    because keys do not migrate in place: their bytes are the order
    fix: give the new collection another name, and copy the entries over [key-changed]

  users: BTreeMap<u32, User>
    at users → User v1
    field `email: String` of `User` version 1 was not there when it was stored
    because a layout that was stored (version 1, f13a…c3) may not change
    fix: make this version 2 and add `#[layout(since = 2, default = …)]` to `email` [field-added]

  users: BTreeMap<u32, User>
    at users → User v1 → age
    field `age` of `User` version 1 was `u8` and is `u16`
    because a layout that was stored (version 1, f13a…c3) may not change
    fix: make this version 2 and add `#[layout(was(u8, until = 2))]` to `age` [number-widened]

  by_name: Cell<u64>
    was stored as `by_name: BTreeMap<String, u64>`
    because each kind of collection has pages of its own
    fix: give the new collection another name, and copy the entries over [kind-changed]

  settings: Cell<Settings>
    `Settings` was stored in version 2; the code has version 1
    because older code cannot read what newer code wrote
    fix: deploy the newer code again, release the older behavior with version 2 of `Settings`, or load the snapshot \
from before the upgrade [version-newer]

  log: BTreeMap<u64, String>
    is stored (3 entries) but the code does not declare it
    because what is not declared would be lost from sight
    fix: declare `log` again, say which collection it is now (`#[store(renamed(\"log\"))]`), or let it go: `#[store(dropped(\"log\"))]` [root-undeclared]
";
