//! Roots come, go, change their names, and are rebuilt into others.

use graven::schema::Rule;
use graven::{BTreeMap, Budget, Cell, Collection, Error, StableLayout};
use graven_tests::memory::{Bytes, image};

#[graven::store]
struct Old {
    a: BTreeMap<u64, u64>,
    doomed: BTreeMap<u64, String>,
    single: Cell<Vec<u8>>,
    users: BTreeMap<u64, String>,
}

#[graven::store]
#[store(dropped("doomed", "never_there"))]
struct New {
    added: BTreeMap<u32, u32>,
    #[store(renamed("users", "people"))]
    members: BTreeMap<u64, String>,
    #[store(renamed("single"), name = "one")]
    renamed: Cell<Vec<u8>>,
    a: BTreeMap<u64, u64>,
}

fn stored() -> Bytes {
    let memory = Bytes::default();
    let mut store = Old::open(memory.clone()).unwrap();
    (0..20_000).for_each(|n| _ = store.doomed.insert(n, format!("{n} will go")));
    (0..100).for_each(|n| _ = store.a.insert(n, n + 1));
    (0..100).for_each(|n| _ = store.users.insert(n, format!("user {n}")));
    store.single.set(vec![7; 100_000]);
    memory
}

#[track_caller]
fn check(store: &New) {
    assert!(store.a.iter().eq((0..100).map(|n| (n, n + 1))));
    assert!(store.members.iter().eq((0..100).map(|n| (n, format!("user {n}")))));
    assert_eq!(store.renamed.get(), Some(vec![7; 100_000]));
    store.a.verify().unwrap();
    store.members.verify().unwrap();
}

#[test]
fn roots_are_dropped_renamed_and_added_in_one_upgrade() {
    let memory = stored();
    let store = New::open(memory.clone()).unwrap();
    check(&store);
    let names: Vec<String> = store.stats().into_iter().map(|root| root.name).collect();
    assert_eq!(names, ["added", "members", "one", "a"]);
    drop(store);
    // What was done once is not done again, and the catalog is in order.
    let before = image(&memory);
    check(&New::open(memory.clone()).unwrap());
    assert_eq!(image(&memory), before, "opening again writes nothing");
}

#[test]
fn the_space_of_a_dropped_root_serves_others() {
    let memory = stored();
    let mut store = New::open(memory.clone()).unwrap();
    let bytes = store.usage().memory_bytes;
    (0..20_000).for_each(|n| _ = store.added.insert(n, n));
    assert_eq!(store.usage().memory_bytes, bytes, "the memory did not grow");
    check(&store);
    let usage = loop {
        let pager = store.a.root().pager().clone();
        if !pager.usage().detached {
            break pager.usage();
        }
        pager.reclaim_step().unwrap();
    };
    let registry = store.a.root().pager().heads().registry_len.get().div_ceil(4080) as u32;
    let used: u32 = store.stats().iter().map(|root| root.pages).sum();
    assert_eq!(usage.pages, 2 + registry + used + usage.free, "every page is accounted for");
}

#[test]
fn dropping_costs_the_same_at_any_size() {
    // Dropping writes a few dozen bytes, whatever there was: no page of the root is touched but its
    // top.
    let memory = stored();
    let before = image(&memory);
    drop(New::open(memory.clone()).unwrap());
    let after = image(&memory);
    let pages = before.chunks(4096).zip(after.chunks(4096)).filter(|(a, b)| a != b).count();
    assert!(pages <= 12, "{pages} pages were written");
}

mod users {
    use super::*;

    /// Its root is still there under another name that the code gives to a new collection.
    #[graven::store]
    struct Undecided {
        a: BTreeMap<u64, u64>,
        #[store(renamed("users"))]
        members: BTreeMap<u64, String>,
    }

    #[test]
    fn a_root_that_nothing_is_said_of_is_refused_and_the_fix_is_named() {
        let memory = stored();
        let before = image(&memory);
        let Err(Error::Refused(report)) = Undecided::open(memory.clone()) else { panic!("opened") };
        assert_eq!(image(&memory), before);
        let rules: Vec<Rule> = report.problems.iter().map(|problem| problem.rule).collect();
        assert_eq!(rules, [Rule::RootUndeclared, Rule::RootUndeclared]);
        assert_eq!(
            report.problems[0].fix,
            "declare `doomed` again, say which collection it is now (`#[store(renamed(\"doomed\"))]`), or let it \
             go: `#[store(dropped(\"doomed\"))]`"
        );
    }
}

#[test]
fn two_stored_roots_cannot_become_one() {
    #[graven::store]
    struct Both {
        a: BTreeMap<u64, u64>,
        b: BTreeMap<u64, u64>,
    }
    #[graven::store]
    struct One {
        #[store(renamed("a"))]
        b: BTreeMap<u64, u64>,
    }
    let memory = Bytes::default();
    drop(Both::open(memory.clone()).unwrap());
    let before = image(&memory);
    let Err(Error::Refused(report)) = One::open(memory.clone()) else { panic!("opened") };
    assert_eq!(image(&memory), before);
    let [problem] = report.problems.as_slice() else { panic!("{report}") };
    assert_eq!(problem.rule, Rule::RootRenamedTwice);
    assert_eq!(problem.what, "both `a` and `b` are stored, and both would be `b`");
    assert_eq!(
        problem.fix,
        "give the root `a` a collection of its own, or let it go: `#[store(dropped(\"a\"))]`"
    );
}

#[derive(StableLayout, Clone, Debug, PartialEq)]
#[layout(version = 1)]
struct Account {
    owner: u32,
    name: String,
}

#[graven::store]
struct Rebuilding {
    accounts: BTreeMap<u64, Account>,
    even: BTreeMap<(u32, u64), Account>,
    odd: BTreeMap<(u32, u64), Account>,
}

#[test]
fn a_root_is_split_under_other_keys_over_many_messages_and_upgrades() {
    let memory = Bytes::default();
    let mut store = Rebuilding::open(memory.clone()).unwrap();
    let account = |n: u64| Account { owner: (n % 7) as u32, name: format!("account {n}") };
    (0..5_000).for_each(|n| _ = store.accounts.insert(n, account(n)));
    let (mut messages, mut left) = (0, 5_000);
    while left > 0 {
        // Every message is another upgrade.
        store = Rebuilding::open(memory.clone()).unwrap();
        let Rebuilding { accounts, even, odd } = &mut store;
        let progress = accounts
            .rebuild_within(&mut Budget::entries(700), |id, account| {
                let into = if account.owner % 2 == 0 { &mut *even } else { &mut *odd };
                into.try_insert((account.owner, id), account).map(|_| ())
            })
            .unwrap();
        assert_eq!(progress.count, 700.min(left));
        left -= progress.count;
        assert_eq!((store.accounts.len(), progress.is_done()), (left, left == 0));
        assert_eq!(store.accounts.len() + store.even.len() + store.odd.len(), 5_000, "nothing is lost");
        messages += 1;
    }
    assert_eq!(messages, 8);
    for n in 0..5_000 {
        let into = if n % 7 % 2 == 0 { &store.even } else { &store.odd };
        assert_eq!(into.get(&((n % 7) as u32, n)), Some(account(n)));
    }
    store.even.verify().unwrap();
    store.odd.verify().unwrap();
}

#[test]
fn an_entry_that_cannot_be_put_stays_where_it_was() {
    let mut store = Rebuilding::open(Bytes::default()).unwrap();
    let account = |n: u64| Account { owner: 0, name: format!("account {n}") };
    (0..10).for_each(|n| _ = store.accounts.insert(n, account(n)));
    let error = store.accounts.rebuild_within(&mut Budget::entries(100), |id, _| {
        if id < 4 { Ok(()) } else { Err(Error::OutOfMemory { pages: 1 }) }
    });
    assert!(matches!(error, Err(Error::OutOfMemory { pages: 1 })));
    assert!(store.accounts.keys().eq(4..10));
}

/// Names are compared byte by byte: nothing folds the case, trims, or normalises.
#[test]
fn names_that_look_alike_are_different_roots() {
    #[graven::store]
    struct Alike {
        #[store(name = "users")]
        plain: Cell<u8>,
        #[store(name = "Users")]
        upper: Cell<u8>,
        #[store(name = "users ")]
        space: Cell<u8>,
        #[store(name = "us\u{e9}rs")]
        composed: Cell<u8>,
        #[store(name = "use\u{301}rs")]
        decomposed: Cell<u8>,
    }
    /// The fields in another order.
    #[graven::store]
    struct Reordered {
        #[store(name = "use\u{301}rs")]
        decomposed: Cell<u8>,
        #[store(name = "users ")]
        space: Cell<u8>,
        #[store(name = "us\u{e9}rs")]
        composed: Cell<u8>,
        #[store(name = "users")]
        plain: Cell<u8>,
        #[store(name = "Users")]
        upper: Cell<u8>,
    }
    let memory = Bytes::default();
    let mut store = Alike::open(memory.clone()).unwrap();
    store.plain.set(1);
    store.upper.set(2);
    store.space.set(3);
    store.composed.set(4);
    store.decomposed.set(5);
    drop(store);
    let before = image(&memory);
    let store = Reordered::open(memory.clone()).unwrap();
    let read = [&store.plain, &store.upper, &store.space, &store.composed, &store.decomposed].map(Cell::get);
    assert_eq!(read, [1, 2, 3, 4, 5].map(Some));
    assert!(image(&memory) == before, "the order of the declaration is not stored");
}

/// A rename and a new version in one upgrade.
#[test]
fn a_root_is_renamed_and_its_type_changes_at_once() {
    #[derive(StableLayout)]
    #[layout(version = 1, name = "Limit")]
    struct Before {
        limit: u32,
    }
    #[derive(StableLayout)]
    #[layout(version = 2, name = "Limit")]
    struct After {
        #[layout(was(u32, until = 2))]
        limit: u64,
    }
    #[graven::store]
    struct First {
        old_name: BTreeMap<u64, Before>,
    }
    #[graven::store]
    struct Second {
        #[store(renamed("old_name"))]
        new_name: BTreeMap<u64, After>,
    }
    let memory = Bytes::default();
    First::open(memory.clone()).unwrap().old_name.insert(1, Before { limit: 7 });
    let store = Second::open(memory).unwrap();
    assert_eq!(store.new_name.get(&1).map(|after| after.limit), Some(7));
}
