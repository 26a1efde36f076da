//! Several roots: some of them share types, are called otherwise now, go, or are not declared.

use graven::{BTreeMap, Cell, Schema, StableLayout};

use super::{Bytes, advice, refused, sweep, told};

#[derive(Debug, Clone, StableLayout)]
#[layout(version = 1, name = "User")]
struct Old {
    id: u8,
}

#[derive(Debug, StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(u8, until = 2))]
    id: u16,
}

#[derive(StableLayout)]
#[layout(version = 2, oldest = 2, name = "User")]
struct Clean {
    id: u16,
}

#[graven::store]
struct Stored {
    users: BTreeMap<u64, Old>,
    admin: Cell<Option<Old>>,
}

fn stored() -> Bytes {
    let memory = Bytes::default();
    let mut store = Stored::open(memory.clone()).unwrap();
    store.users.insert(1, Old { id: 7 });
    store.admin.set(Some(Old { id: 8 }));
    memory
}

/// A version may go once no root has it, whichever it is.
#[test]
fn roots_that_share_a_type() {
    #[graven::store]
    struct Now {
        users: BTreeMap<u64, User>,
        admin: Cell<Option<User>>,
    }
    #[graven::store]
    struct After {
        users: BTreeMap<u64, Clean>,
        admin: Cell<Option<Clean>>,
    }
    let memory = stored();
    let mut store = Now::open(memory.clone()).unwrap();
    store.users.insert(1, User { id: 9 });
    assert_eq!(advice(&store, &memory), [""; 0]);
    refused::<After>(&memory);
    let mut store = Now::open(memory.clone()).unwrap();
    sweep(&mut store);
    assert_eq!(advice(&store, &memory), ["User v1"]);
    let store = After::open(memory).unwrap();
    assert_eq!((store.users.get(&1).unwrap().id, store.admin.get().flatten().unwrap().id), (9, 8));
}

/// A dropped root needs no history, neither in the upgrade that drops it nor later.
#[test]
fn a_root_that_is_dropped() {
    #[graven::store]
    #[store(dropped("users"))]
    struct Now {
        admin: Cell<Option<User>>,
    }
    #[graven::store]
    #[store(dropped("users"))]
    struct After {
        admin: Cell<Option<Clean>>,
    }
    let memory = stored();
    assert_eq!(told::<Now>(&memory).0, [""; 0], "the other root has it");
    let mut store = Now::open(memory.clone()).unwrap();
    store.admin.set(Some(User { id: 3 }));
    assert_eq!(advice(&store, &memory), ["User v1"]);
    let store = After::open(memory).unwrap();
    assert_eq!(store.admin.get().flatten().unwrap().id, 3);

    // The one that goes is the only one that has it: code without the history opens the memory at
    // once.
    #[graven::store]
    #[store(dropped("users", "admin"))]
    struct Log {
        log: BTreeMap<u64, User>,
    }
    #[graven::store]
    #[store(dropped("users", "admin"))]
    struct LogAfter {
        log: BTreeMap<u64, Clean>,
    }
    let memory = stored();
    assert_eq!(told::<Log>(&memory).0, ["User v1"]);
    LogAfter::open(memory).unwrap();
}

/// Tools look before the code gives a root its new name.
#[test]
fn a_root_that_is_renamed() {
    #[derive(StableLayout)]
    #[layout(version = 2)]
    struct Other {
        #[layout(since = 2)]
        id: u16,
    }
    #[graven::store]
    struct Now {
        #[store(renamed("users"))]
        members: BTreeMap<u64, User>,
        admin: Cell<Option<User>>,
        others: BTreeMap<u64, Other>,
    }
    let memory = stored();
    // That of others is not asked about what members hold.
    assert_eq!(told::<Now>(&memory).0, ["Other v1"]);
    let mut store = Now::open(memory.clone()).unwrap();
    assert_eq!(advice(&store, &memory), ["Other v1"]);
    sweep(&mut store);
    assert_eq!(advice(&store, &memory), ["Other v1", "User v1"]);
}

/// The code would refuse this memory; until it says what becomes of the root, every history may be
/// needed.
#[test]
fn a_root_that_is_not_declared() {
    #[graven::store]
    struct Now {
        members: BTreeMap<u64, User>,
        #[store(renamed("users", "admin"))]
        admins: BTreeMap<u64, User>,
    }
    #[graven::store]
    struct Forgot {
        members: BTreeMap<u64, User>,
    }
    let memory = stored();
    assert_eq!(told::<Forgot>(&memory), (vec![], vec![]));
    assert_eq!(told::<Now>(&memory), (vec![], vec![]));
    assert!(Forgot::open(memory.clone()).is_err());
    assert_eq!(told::<Forgot>(&Bytes::default()).0, ["User v1"], "nothing is stored at all");
    assert_eq!(Forgot::ROOTS.len(), 1);
}
