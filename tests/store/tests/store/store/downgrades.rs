//! Older code on a memory that newer code has opened: refused untouched, whatever changed, and even
//! if the newer code has written no record.

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

/// The changes that newer code may make, each in a store of its own.
mod newer {
    use super::*;

    macro_rules! stores {
        ($($module:ident { $($item:item)* })*) => {
            $(pub mod $module {
                #[allow(unused_imports)]
                use super::super::{old::*, *};
                $($item)*
            })*

            /// Their names, and what opens a memory with each.
            pub const ALL: &[(&str, fn(Bytes) -> graven::Result<()>)] = &[
                $((stringify!($module), |memory| $module::Newer::open(memory).map(drop)),)*
            ];
        };
    }

    stores! {
        a_field_was_added {
            #[derive(StableLayout)]
            #[layout(version = 2, name = "User")]
            pub struct Later { name: String, inner: Inner, #[layout(since = 2)] more: u8 }
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, Later>, inner: Cell<Inner>, plain: BTreeMap<u64, u64> }
        }
        a_nested_type_changed {
            #[derive(StableLayout)]
            #[layout(version = 2, name = "Inner")]
            pub struct Nested { #[layout(was(u32, until = 2))] n: u64 }
            #[derive(StableLayout)]
            #[layout(version = 1, name = "User")]
            pub struct Later { name: String, inner: Nested }
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, Later>, inner: Cell<Inner>, plain: BTreeMap<u64, u64> }
        }
        the_type_of_a_cell_changed {
            #[derive(StableLayout)]
            #[layout(version = 2, name = "Inner")]
            pub struct Later { n: u32, #[layout(since = 2)] m: u32 }
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, User>, inner: Cell<Later>, plain: BTreeMap<u64, u64> }
        }
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
        }
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
        }
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
        }
        a_root_was_added {
            #[graven::store]
            pub struct Newer { users: BTreeMap<u64, User>, inner: Cell<Inner>, plain: BTreeMap<u64, u64>, more: Cell<u8> }
        }
        a_root_was_renamed {
            #[graven::store]
            pub struct Newer {
                users: BTreeMap<u64, User>,
                inner: Cell<Inner>,
                #[store(renamed("plain"))]
                fancy: BTreeMap<u64, u64>,
            }
        }
        a_root_was_dropped_and_another_added {
            #[graven::store]
            #[store(dropped("plain"))]
            pub struct Newer { users: BTreeMap<u64, User>, inner: Cell<Inner>, other: BTreeMap<u64, u64> }
        }
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

#[test]
fn older_code_is_refused_whatever_newer_code_changed_even_if_it_wrote_no_record() {
    for entries in [0, 1, 500] {
        for (change, open) in newer::ALL {
            let memory = stored(entries);
            open(memory.clone()).unwrap();
            let before = image(&memory);
            let refused = old::Store::open(memory.clone());
            assert!(matches!(refused, Err(Error::Refused(_))), "{change}: {:?}", refused.err());
            assert!(image(&memory) == before, "{change}: something was written");
            open(memory.clone()).unwrap();
            assert!(image(&memory) == before, "{change}: the newer code goes on");
        }
    }
}

/// A dropped root leaves no trace: to older code the root is a new one.
/// Nothing else of what it knows has changed, so it continues with that root empty.
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
