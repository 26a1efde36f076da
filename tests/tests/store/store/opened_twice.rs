//! A memory that is open is not opened again: two stores on one memory lost entries without an
//! error.

use graven::{BTreeMap, Collection, DefaultMemoryImpl, Error, Memory, Options, Store, open};

#[graven::store]
struct Forum {
    users: BTreeMap<u64, String>,
}

type Users = BTreeMap<u64, String>;

#[test]
fn a_memory_that_is_open_is_refused_until_its_store_is_dropped() {
    let memory = DefaultMemoryImpl::default();
    let mut first = Forum::open(memory.clone()).unwrap();
    first.users.insert(1, "Ada".into());
    let before = memory.borrow().clone();
    assert!(matches!(Forum::open(memory.clone()), Err(Error::AlreadyOpen)));
    assert!(matches!(open::<Users>("users", memory.clone()), Err(Error::AlreadyOpen)));
    assert!(*memory.borrow() == before, "a refused opening writes nothing");
    first.users.insert(2, "Bob".into());
    drop(first);
    let second = Forum::open(memory).unwrap();
    assert_eq!(second.users.len(), 2);
}

#[test]
fn one_collection_keeps_the_memory_open() {
    let memory = DefaultMemoryImpl::default();
    let specs = [Users::SPEC.named("a"), Users::SPEC.named("b")];
    let mut store = Store::open(memory.clone(), &specs, Options::default()).unwrap();
    let users = Users::attach(store.take(1));
    drop(store);
    assert!(matches!(open::<Users>("a", memory.clone()), Err(Error::AlreadyOpen)));
    drop(users);
    Store::open(memory, &specs, Options::default()).unwrap();
}

#[test]
fn copies_of_a_memory_are_other_memories() {
    let memory = DefaultMemoryImpl::default();
    let first: Users = open("users", memory.clone()).unwrap();
    let copy = DefaultMemoryImpl::default();
    copy.grow(memory.size());
    copy.write(0, &memory.borrow());
    let second: Users = open("users", copy).unwrap();
    assert_eq!((first.len(), second.len()), (0, 0));
}
