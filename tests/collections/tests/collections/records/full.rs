//! A memory that has no more pages, or only few.

use std::collections::BTreeMap as Std;

use graven::{Budget, Collection, Error, Records, StableVec, open};
use graven_core::page::{PageNumber, Pager};

use super::{Memory, memory};

/// Rows of what is removed are added to the index, which must not need what a full memory does not
/// have.
#[test]
fn everything_can_be_removed_from_a_full_memory() {
    for (size, keys, is_forward) in [(0, 2_000, true), (1, 2_000, true), (30, 300, false), (700, 30, true)] {
        let memory = memory();
        let mut users: Records<String, String, StableVec<[u8; 40]>, Memory> =
            open("users", memory.clone()).unwrap();
        for key in 0..keys {
            let name = format!("{key:0>40}");
            users.insert(name.clone(), name.repeat(1 + key % 3));
            users.items_mut(&name).unwrap().extend((0..size).map(|_| [1; 40]));
        }
        memory.allow(0);
        let pager = users.root().pager().clone();
        while pager.allocate().is_ok() {}
        for key in 0..keys {
            let key = if is_forward { key } else { keys - 1 - key };
            let name = format!("{key:0>40}");
            assert_eq!(users.try_remove(&name).unwrap(), Some(name.repeat(1 + key % 3)), "{size}");
            if key % (keys / 10) == 0 {
                users.verify().unwrap();
            }
        }
        while !users.free_removed_within(&mut Budget::pages(1)).unwrap().is_done() {}
        users.verify().unwrap();
        assert_eq!((users.stats().pages, users.stats().entries), (1, 0));
    }
}

type Users = Records<String, Vec<u8>, StableVec<Vec<u8>>, Memory>;

type Contents = Std<String, (Vec<u8>, Vec<Vec<u8>>)>;

fn contents(users: &Users) -> Contents {
    users.iter().map(|(key, record, items)| (key, (record, items.iter().collect()))).collect()
}

/// Pages that only this test holds: none is free but those that are given back.
struct Full {
    pager: Pager<Memory>,
    taken: Vec<PageNumber>,
}

impl Full {
    fn new(memory: &Memory, users: &Users) -> Full {
        memory.allow(0);
        let pager = users.root().pager().clone();
        let taken = std::iter::from_fn(|| pager.allocate().ok()).collect();
        Full { pager, taken }
    }

    fn give(&mut self) {
        self.pager.free(self.taken.pop().expect("more pages are needed than there are")).unwrap();
    }
}

/// Tries an operation with no free page, with one, two, and so on. Where it fails, nothing has
/// changed.
fn with_every_growth_refused(name: &str, at_least: u32, operate: impl Fn(&mut Users) -> graven::Result<()>) {
    let memory = memory();
    let mut users: Users = open("users", memory.clone()).unwrap();
    for key in 0..40u8 {
        let name = format!("{key:0>200}");
        users.insert(name.clone(), vec![key; if key % 10 == 3 { 5_000 } else { 60 }]);
        let mut items = users.items_mut(&name).unwrap();
        items.extend((0..key % 8 * 12).map(|n| vec![n; if n == 5 { 3_000 } else { usize::from(n) }]));
    }
    // Pages that a new extent or a new leaf of either tree might take.
    memory.allow(1);
    let spare: Vec<PageNumber> = (0..30).map(|_| users.root().pager().allocate().unwrap()).collect();
    let mut full = Full::new(&memory, &users);
    full.taken.extend(spare);
    let (before, entries) = (contents(&users), users.stats());
    let mut refused = 0;
    loop {
        match operate(&mut users) {
            Ok(()) => break,
            Err(Error::OutOfMemory { .. }) => refused += 1,
            Err(error) => panic!("{name}: {error}"),
        }
        users.verify().unwrap_or_else(|error| panic!("{name} after {refused}: {error}"));
        assert!(contents(&users) == before, "{name}: changed after {refused}");
        let after = users.stats();
        assert_eq!((after.entries, after.bytes), (entries.entries, entries.bytes), "{name} after {refused}");
        full.give();
    }
    users.verify().unwrap();
    assert!(refused >= at_least, "{name}: {refused} growths were refused");
    drop(users);
    let users: Users = open("users", memory).unwrap();
    users.verify().unwrap();
}

#[test]
fn every_growth_that_fails_leaves_everything_as_it_was() {
    let name = |key: u8| format!("{key:0>200}");
    with_every_growth_refused("a long record for a new key", 3, |users| {
        users.try_insert("new".repeat(60), vec![1; 9_000]).map(drop)
    });
    // Leaves that are full make room by splitting: one of 60 splits the entries', one of 20 the
    // index's.
    with_every_growth_refused("new keys until both trees have grown", 2, |users| {
        let before = contents(users);
        let inserted: graven::Result<Vec<_>> =
            (100..160).map(|key| users.try_insert(name(key), vec![key; 700])).collect();
        if inserted.is_err() {
            users.verify().unwrap();
            for (key, value) in contents(users) {
                assert!(before.get(&key).is_none_or(|old| *old == value));
                if !before.contains_key(&key) {
                    assert_eq!(users.try_remove(&key)?, Some(value.0));
                }
            }
        }
        inserted.map(drop)
    });
    with_every_growth_refused("a longer record", 2, |users| {
        let old = users.try_insert(name(7), vec![2; 9_000])?;
        assert_eq!(old, Some(vec![7; 60]));
        Ok(())
    });
    with_every_growth_refused("an update", 2, |users| {
        users.try_update(&name(7), |record| record.resize(9_000, 1)).map(drop)
    });
    with_every_growth_refused("a long item", 2, |users| {
        users.try_items_mut(&name(7))?.unwrap().try_push(vec![1; 9_000])
    });
}

/// Whoever fails for want of a page for the row has written the record before: it has to go again.
#[test]
fn a_record_whose_row_has_no_room_is_taken_back() {
    let memory = memory();
    let mut users: Users = open("users", memory.clone()).unwrap();
    users.insert("first".into(), vec![1; 10]);
    let mut full = Full::new(&memory, &users);
    // A leaf of the index takes four rows of long keys, one of the entries many short records.
    let mut refused = Vec::new();
    for key in 0..40 {
        let key = format!("{key:0>900}");
        let before = users.stats();
        match users.try_insert(key.clone(), vec![2; 10]) {
            Ok(old) => assert_eq!(old, None),
            Err(Error::OutOfMemory { .. }) => {
                let after = users.stats();
                assert_eq!((after.entries, after.bytes), (before.entries, before.bytes));
                users.verify().unwrap();
                assert!(!users.contains_key(&key));
                refused.push(key);
                if !full.taken.is_empty() {
                    full.give();
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(!refused.is_empty());
    assert_eq!(users.len() as usize, 41 - refused.len());
}

/// Freeing what was removed merges leaves of the index, in which the row of the collection stands
/// that is being changed.
#[test]
fn a_record_in_use_while_others_are_freed_keeps_its_row() {
    let memory = memory();
    let mut users: Records<String, u16, StableVec<[u8; 40]>, Memory> = open("users", memory.clone()).unwrap();
    let name = |key: u16| format!("{key:0>90}");
    for key in 0..400u16 {
        let len = if key % 2 == 0 { 70 } else { 3 };
        users.insert(name(key), key);
        users.items_mut(&name(key)).unwrap().extend((0..len).map(|_| [key as u8; 40]));
    }
    (0..400).step_by(2).for_each(|key| assert_eq!(users.remove(&name(key)), Some(key)));
    memory.allow(0);
    let pager = users.root().pager().clone();
    while pager.allocate().is_ok() {}
    for key in [1, 3, 41, 399] {
        let mut inner = users.items_mut(&name(key)).unwrap();
        let mut pushed = 3;
        while inner.try_push([key as u8; 40]).is_ok() {
            pushed += 1;
        }
        assert_eq!(inner.len(), pushed);
        users.verify().unwrap();
        assert!(users.items(&name(key)).unwrap().iter().eq((0..pushed).map(|_| [key as u8; 40])));
    }
    assert!((1..400).step_by(2).all(|key| users.get(&name(key)) == Some(key)));
}
