//! Older code on a memory that newer code has opened: it runs while nothing is stored that it
//! does not know, and is refused untouched after that.

use graven::{BTreeMap, Cell, Error, Schema, StableLayout};
use graven_tests::memory::{Bytes, image};

mod old {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Inner {
        pub n: u32,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub name: String,
        pub inner: Inner,
    }

    #[graven::store]
    pub struct Store {
        pub users: BTreeMap<u64, User>,
        pub inner: Cell<Inner>,
        pub plain: BTreeMap<u64, u64>,
    }
}

/// Changes of newer code, each in a store of its own.
mod newer {
    use super::*;

    macro_rules! stores {
        ($($module:ident { $($item:item)* } |$store:ident| $write:expr;)*) => {
            $(pub mod $module {
                #[allow(unused_imports)]
                use super::super::{old::*, *};
                $($item)*

                pub fn write($store: &mut Newer) {
                    _ = $write;
                }
            })*

            /// Their names, and what opens a memory with each and writes a record if asked to.
            pub const ALL: &[(&str, fn(Bytes, bool) -> graven::Result<()>)] = &[
                $((stringify!($module), |memory, write| {
                    let mut store = $module::Newer::open(memory)?;
                    if write {
                        $module::write(&mut store);
                    }
                    Ok(())
                }),)*
            ];
        };
    }

    stores! {
        a_field_was_added {
            #[derive(StableLayout)]
            #[layout(version = 2, name = "User")]
            pub struct Later { pub name: String, pub inner: Inner, #[layout(since = 2)] pub more: u8 }
            #[graven::store]
            pub struct Newer { pub users: BTreeMap<u64, Later>, pub inner: Cell<Inner>, pub plain: BTreeMap<u64, u64> }
        } |store| store.users.insert(7, Later { name: String::new(), inner: Inner { n: 1 }, more: 2 });
        a_nested_type_changed {
            #[derive(StableLayout)]
            #[layout(version = 2, name = "Inner")]
            pub struct Nested { #[layout(was(u32, until = 2))] n: u64 }
            #[derive(StableLayout)]
            #[layout(version = 1, name = "User")]
            pub struct Later { name: String, inner: Nested }
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, Later>, inner: Cell<Inner>, plain: BTreeMap<u64, u64> }
        } |store| store.users.insert(7, Later { name: String::new(), inner: Nested { n: 1 } });
        the_type_of_a_cell_changed {
            #[derive(StableLayout)]
            #[layout(version = 2, name = "Inner")]
            pub struct Later { n: u32, #[layout(since = 2)] m: u32 }
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, User>, inner: Cell<Later>, plain: BTreeMap<u64, u64> }
        } |store| store.inner.set(Later { n: 1, m: 2 });
        a_type_has_a_previous_one {
            #[derive(StableLayout)]
            #[layout(version = 2, previous = User, name = "User")]
            pub struct Later { name: String }
            impl From<User> for Later {
                fn from(old: User) -> Later {
                    Later { name: old.name }
                }
            }
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, Later>, inner: Cell<Inner>, plain: BTreeMap<u64, u64> }
        } |store| store.users.insert(7, Later { name: String::new() });
        only_the_version_changed {
            #[derive(StableLayout)]
            #[layout(version = 2, previous = Inner, name = "Inner")]
            pub struct Later { n: u32 }
            impl From<Inner> for Later {
                fn from(old: Inner) -> Later {
                    Later { n: old.n }
                }
            }
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, User>, inner: Cell<Later>, plain: BTreeMap<u64, u64> }
        } |store| store.inner.set(Later { n: 1 });
        a_plain_value_became_a_struct {
            #[derive(StableLayout)]
            #[layout(version = 1, previous = u64)]
            pub struct Wrapped(u64);
            impl From<u64> for Wrapped {
                fn from(old: u64) -> Wrapped {
                    Wrapped(old)
                }
            }
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, User>, inner: Cell<Inner>, plain: BTreeMap<u64, Wrapped> }
        } |store| store.plain.insert(7, Wrapped(1));
        a_root_was_added {
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, User>, inner: Cell<Inner>, plain: BTreeMap<u64, u64>, more: Cell<u8> }
        } |store| store.more.set(1);
        a_root_was_renamed {
            #[graven::store]
            pub struct Newer {
                users: BTreeMap<u64, User>,
                inner: Cell<Inner>,
                #[store(renamed("plain"))]
                fancy: BTreeMap<u64, u64>,
            }
        } |store| store.fancy.insert(7, 1);
        a_root_was_dropped_and_another_added {
            #[graven::store]
            #[store(dropped("plain"))]
            pub struct Newer { users: BTreeMap<u64, User>, inner: Cell<Inner>, other: BTreeMap<u64, u64> }
        } |store| store.other.insert(7, 1);
    }
}

fn stored(entries: u64) -> Bytes {
    let memory = Bytes::default();
    let mut store = old::Store::open(memory.clone()).unwrap();
    for n in 0..entries {
        store.users.insert(n, old::User { name: n.to_string(), inner: old::Inner { n: n as u32 } });
        store.plain.insert(n, n);
        store.inner.set(old::Inner { n: n as u32 });
    }
    memory
}

/// Checks that the older code reads everything that it wrote.
fn check_all(store: &old::Store, entries: u64) {
    assert_eq!((store.users.len(), store.plain.len()), (entries, entries));
    for n in 0..entries {
        let user = store.users.get(&n).unwrap();
        assert_eq!((user.name, user.inner.n, store.plain.get(&n)), (n.to_string(), n as u32, Some(n)));
    }
    assert_eq!(store.inner.get().map_or(0, |inner| u64::from(inner.n) + 1), entries);
    store.users.verify().unwrap();
    store.plain.verify().unwrap();
}

/// Under its new name the older code cannot find the root, and the name that it looks for would
/// begin empty.
const CLOSED_AT_ONCE: [&str; 2] = ["a_root_was_renamed", "a_root_was_dropped_and_another_added"];

#[test]
fn a_release_that_wrote_nothing_is_taken_back_and_deployed_again() {
    for entries in [0, 1, 500] {
        for (change, newer) in newer::ALL.iter().filter(|(change, _)| !CLOSED_AT_ONCE.contains(change)) {
            let memory = stored(entries);
            for _ in 0..3 {
                newer(memory.clone(), false).unwrap();
                let mut store =
                    old::Store::open(memory.clone()).unwrap_or_else(|error| panic!("{change}: {error}"));
                check_all(&store, entries);
                store.plain.insert(u64::MAX, 1);
                store.plain.remove(&u64::MAX);
            }
            newer(memory.clone(), true).unwrap();
            let before = image(&memory);
            let refused = old::Store::open(memory.clone());
            assert!(matches!(refused, Err(Error::Refused(_))), "{change}: {:?}", refused.err());
            assert!(image(&memory) == before, "{change}: something was written");
            newer(memory.clone(), false).unwrap();
            assert!(image(&memory) == before, "{change}: the newer code goes on");
        }
    }
}

#[test]
fn a_release_that_renamed_a_root_cannot_be_taken_back() {
    for entries in [0, 1, 500] {
        for (change, newer) in newer::ALL.iter().filter(|(change, _)| CLOSED_AT_ONCE.contains(change)) {
            let memory = stored(entries);
            newer(memory.clone(), false).unwrap();
            let before = image(&memory);
            let refused = old::Store::open(memory.clone());
            assert!(matches!(refused, Err(Error::Refused(_))), "{change}: {:?}", refused.err());
            assert!(image(&memory) == before, "{change}: something was written");
        }
    }
}

/// The layouts keep their rows, so records of either release are read however often the two take
/// turns.
#[test]
fn layouts_keep_their_places_when_releases_take_turns() {
    type New = newer::a_field_was_added::Newer;
    let memory = stored(100);
    drop(New::open(memory.clone()).unwrap());
    let mut store = old::Store::open(memory.clone()).unwrap();
    store.users.insert(100, old::User { name: "a".into(), inner: old::Inner { n: 1 } });
    drop(store);
    let mut store = New::open(memory.clone()).unwrap();
    let layouts = store.stats()[0].layouts.clone();
    assert_eq!(
        layouts.iter().map(|layout| (layout.version, layout.current)).collect::<Vec<_>>(),
        [(Some(1), false), (Some(2), true)]
    );
    newer::a_field_was_added::write(&mut store);
    assert_eq!((store.users.get(&7).unwrap().more, store.users.get(&100).unwrap().more), (2, 0));
    store.users.verify().unwrap();
}

/// A dropped root leaves nothing behind. To older code it is a new root, and everything else is as
/// it was.
#[test]
fn older_code_after_a_drop_finds_the_root_empty_and_the_rest_as_it_was() {
    #[graven::store]
    #[store(dropped("plain"))]
    struct Dropping {
        users: BTreeMap<u64, old::User>,
        inner: Cell<old::Inner>,
    }
    let memory = stored(50);
    Dropping::open(memory.clone()).unwrap();
    let store = old::Store::open(memory).unwrap();
    assert_eq!((store.plain.len(), store.users.len()), (0, 50));
    assert_eq!(store.inner.get().map(|inner| inner.n), Some(49));
    assert_eq!(<old::Store as Schema>::ROOTS.len(), 3);
}
