//! Rules about `graven.lock`: what was locked, what the code has, and the code or the lock that was
//! fixed.

use graven::schema::{Problem, RootSpec, Rule};
use graven::{BTreeMap, Collection, Log, StableLayout};
use graven_core::lock::{self, Lock};

use super::Case;

pub(crate) fn cases() -> Vec<Case> {
    vec![differs(), missing(), forgotten(), edited(), reused(), taken()]
}

macro_rules! types {
    ($($module:ident { $($item:item)* })*) => {$(
        #[allow(dead_code)]
        mod $module {
            $(#[derive(super::StableLayout)] $item)*
        }
    )*};
}

types! {
    first {
        #[layout(version = 1)]
        pub struct User { name: String, age: u8 }
    }
    changed {
        #[layout(version = 1)]
        pub struct User { name: String, age: u16 }
    }
    second {
        #[layout(version = 2)]
        pub struct User { name: String, #[layout(was(u8, until = 2))] age: u16 }
    }
    // Says of version 1 what it was not.
    forged {
        #[layout(version = 2)]
        pub struct User { name: String, #[layout(was(bool, until = 2))] age: u16 }
    }
    begins {
        #[layout(version = 2, oldest = 2)]
        pub struct User { name: String, age: u16 }
    }
    staff {
        #[layout(version = 1)]
        pub struct User { name: String, desk: u32 }
        #[layout(version = 1, name = "StaffUser")]
        pub struct Named { name: String, desk: u32 }
    }
}

fn compare(lock: &Lock, specs: &[RootSpec]) -> Vec<Problem> {
    lock::compare(lock, specs, &[])
}

fn update(lock: &mut Lock, specs: &[RootSpec]) -> Result<Vec<lock::Entry>, Vec<Problem>> {
    lock::update(lock, specs, &[]).map(|added| added.entries)
}

fn users<T: StableLayout>() -> RootSpec {
    <BTreeMap<u64, T> as Collection>::SPEC.named("users")
}

fn locked(specs: &[RootSpec]) -> Lock {
    let mut lock = Lock::default();
    update(&mut lock, specs).unwrap();
    assert_eq!(compare(&lock, specs), []);
    lock
}

/// Returns the case of a rule, which must be the only problem.
fn case(rule: Rule, lock: &Lock, specs: &[RootSpec]) -> Case {
    let problems = compare(lock, specs);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    Case::new(rule, problems)
}

/// After what `cargo graven lock` writes, nothing is wrong.
#[track_caller]
fn locks(mut lock: Lock, specs: &[RootSpec], added: &[&str]) {
    let entries = update(&mut lock, specs).unwrap();
    let entries: Vec<String> =
        entries.iter().map(|entry| format!("{} v{}", entry.name, entry.version)).collect();
    assert_eq!(entries, added);
    assert_eq!(compare(&lock, specs), []);
    assert_eq!(compare(&Lock::parse(&lock.to_string()).unwrap(), specs), []);
}

/// Neither code that has the problem nor anything else is added to the lock.
#[track_caller]
fn nothing_is_locked(lock: &Lock, specs: &[RootSpec]) -> Vec<Problem> {
    let mut after = lock.clone();
    let problems = update(&mut after, specs).unwrap_err();
    assert_eq!(after, *lock);
    problems
}

fn differs() -> Case {
    let lock = locked(&[users::<first::User>()]);
    let now = [users::<changed::User>()];
    nothing_is_locked(&lock, &now);
    locks(lock.clone(), &[users::<second::User>()], &["User v2"]);
    case(Rule::LockDiffers, &lock, &now)
}

fn missing() -> Case {
    let lock = locked(&[users::<first::User>()]);
    let now = [users::<second::User>()];
    locks(lock.clone(), &now, &["User v2"]);
    case(Rule::LockMissing, &lock, &now)
}

fn forgotten() -> Case {
    let lock = locked(&[users::<second::User>()]);
    locks(lock.clone(), &[users::<second::User>()], &[]);
    case(Rule::LockForgotten, &lock, &[users::<first::User>()])
}

/// The lock was made to say what the code says.
fn edited() -> Case {
    let lock = locked(&[users::<first::User>()]);
    let text = lock.to_string().replace("age: u8", "age: u16");
    let (edited, now) = (Lock::parse(&text).unwrap(), [users::<changed::User>()]);
    nothing_is_locked(&edited, &now);
    locks(lock, &[users::<second::User>()], &["User v2"]);
    case(Rule::LockEdited, &edited, &now)
}

fn log() -> RootSpec {
    <Log<u64> as Collection>::SPEC.named("log")
}

/// A release that drops `log`, then one that has another `log`.
fn reused() -> Case {
    let mut lock = locked(&[users::<first::User>(), log()]);
    lock::update(&mut lock, &[users::<first::User>()], &["log"]).unwrap();
    let now = [users::<first::User>(), log()];
    nothing_is_locked(&lock, &now);
    locks(lock.clone(), &[users::<first::User>(), log().named("events")], &[]);
    case(Rule::RootNameReused, &lock, &now)
}

#[test]
fn a_dropped_name_that_is_not_locked_is_missing() {
    let lock = locked(&[users::<first::User>()]);
    let problems = lock::compare(&lock, &[users::<first::User>()], &["log"]);
    let [Problem { rule: Rule::LockMissing, what, .. }] = &problems[..] else { panic!("{problems:#?}") };
    assert_eq!(what, "the root \"log\" was dropped, and graven.lock does not say so");
}

const fn renamed(name: &'static str, was: &'static [&'static str]) -> RootSpec {
    RootSpec { was, ..<Log<u64> as Collection>::SPEC.named(name) }
}

/// A name may be used by the root that had it, but by no other one.
#[test]
fn a_renamed_root_keeps_its_names_and_no_other_root_gets_them() {
    let mut lock = Lock::default();
    let add = |lock: &mut Lock, spec: RootSpec| {
        lock::update(lock, &[spec], &[]).unwrap();
        assert_eq!(Lock::parse(&lock.to_string()).unwrap(), *lock);
    };
    add(&mut lock, log());
    add(&mut lock, renamed("events", &["log"]));
    add(&mut lock, renamed("history", &["log", "events"]));
    add(&mut lock, renamed("history", &[]));
    assert!(
        lock.to_string()
            .ends_with("\nroot \"events\" renamed \"history\"\nroot \"log\" renamed \"events\"\n")
    );
    // The root that had the name first, and is called so again.
    assert_eq!(compare(&lock, &[renamed("log", &["history"])]).len(), 1, "the new name is not locked yet");
    add(&mut lock, renamed("log", &["history"]));
    assert_eq!(compare(&lock, &[log()]), []);
    // Others.
    for other in [renamed("events", &[]), renamed("more", &["log"])] {
        let mut lock = Lock::default();
        add(&mut lock, renamed("history", &["log", "events"]));
        let rules: Vec<Rule> = compare(&lock, &[other]).iter().map(|problem| problem.rule).collect();
        assert_eq!(rules, [Rule::RootNameReused]);
    }
}

#[test]
fn names_of_any_characters_are_locked() {
    for name in ["a b", "\" dropped", "x\" renamed \"y", "root \"log\" dropped", "\n", "é", "\u{301}", "\\"]
    {
        let (name, mut lock): (&'static str, _) = (name, Lock::default());
        lock::update(&mut lock, &[], &[name]).unwrap();
        assert_eq!(Lock::parse(&lock.to_string()).unwrap(), lock, "{name:?}");
        let rules: Vec<Rule> =
            compare(&lock, &[log().named(name)]).iter().map(|problem| problem.rule).collect();
        assert_eq!(rules, [Rule::RootNameReused], "{name:?}");
    }
}

fn taken() -> Case {
    let lock = locked(&[users::<first::User>()]);
    let staff = <BTreeMap<u64, staff::User> as Collection>::SPEC.named("staff");
    let now = [users::<first::User>(), staff];
    let named = <BTreeMap<u64, staff::Named> as Collection>::SPEC.named("staff");
    locks(lock.clone(), &[users::<first::User>(), named], &["StaffUser v1"]);
    let problems = nothing_is_locked(&lock, &now);
    assert_eq!(problems, compare(&lock, &now), "nothing is said besides");
    case(Rule::NameTaken, &lock, &now)
}

/// Of an older version the code says what it was, so the fix is not a new version.
#[test]
fn an_older_version_that_differs() {
    let lock = locked(&[users::<second::User>()]);
    let [Problem { rule: Rule::LockDiffers, what, fix, .. }] =
        &compare(&lock, &[users::<forged::User>()])[..]
    else {
        panic!("one problem")
    };
    assert_eq!(
        what,
        "`User` version 1 differs from graven.lock: field `age` was `u8` when it was locked and is `bool`"
    );
    assert_eq!(
        fix,
        "let the attributes say what graven.lock says of it, or, if `cargo graven check --image` finds no page of it, \
         begin later: `oldest = 2`"
    );
    locks(lock, &[users::<begins::User>()], &[]);
}

/// A type that is gone altogether.
#[test]
fn a_type_that_no_root_holds() {
    let lock = locked(&[users::<first::User>()]);
    let problems = compare(&lock, &[users::<u64>()]);
    let [Problem { rule: Rule::LockForgotten, what, fix, .. }] = &problems[..] else {
        panic!("{problems:#?}")
    };
    assert_eq!(what, "`User` version 1 is in graven.lock; no root of the code holds a `User`");
    assert_eq!(
        fix,
        "declare it again, give the type that it is now its name (`#[layout(name = \"User\")]`), or delete its entries \
         from graven.lock once no canister holds any of it"
    );
}
