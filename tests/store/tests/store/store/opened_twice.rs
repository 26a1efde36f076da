//! A memory is for one store: two on one memory overwrote each other's entries without an error.

use graven::{
    BTreeMap, Collection, DefaultMemoryImpl, Error, HashMap, Memory, Options, StableVec, Store, open,
};

#[graven::store]
struct Forum {
    users: BTreeMap<u64, String>,
    scores: HashMap<u64, u64>,
    numbers: StableVec<u64>,
}

fn fill(forum: &mut Forum, keys: core::ops::Range<u64>) {
    for key in keys {
        forum.users.insert(key, key.to_string());
        forum.scores.insert(key, key);
        forum.numbers.push(key);
    }
}

#[test]
fn a_store_whose_memory_was_opened_again_writes_no_more() {
    let memory = DefaultMemoryImpl::default();
    let mut first = Forum::open(memory.clone()).unwrap();
    fill(&mut first, 0..500);
    let mut second = Forum::open(memory.clone()).unwrap();
    let before = memory.borrow().clone();
    assert!(matches!(first.users.try_insert(1, "other".into()), Err(Error::Superseded)));
    assert!(matches!(first.users.try_get(&1), Err(Error::Superseded)));
    assert!(matches!(first.scores.try_insert(1, 7), Err(Error::Superseded)));
    assert!(matches!(first.scores.try_insert(1_000, 7), Err(Error::Superseded)));
    let push = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| first.numbers.push(7)));
    assert!(push.unwrap_err().downcast_ref::<String>().unwrap().contains("opened again"));
    assert!(*memory.borrow() == before, "the older store has written");
    fill(&mut second, 500..1_000);
    assert_eq!((second.users.len(), second.scores.len(), second.numbers.len()), (1_000, 1_000, 1_000));
    assert!(second.users.verify().is_ok() && second.scores.verify().is_ok());
}

#[test]
fn copies_of_a_memory_are_other_memories() {
    type Users = BTreeMap<u64, String>;
    let memory = DefaultMemoryImpl::default();
    let specs = [Users::SPEC.named("users")];
    let mut store = Store::open(memory.clone(), &specs, Options::default()).unwrap();
    let mut first = Users::attach(store.take(0));
    let copy = DefaultMemoryImpl::default();
    copy.grow(memory.size());
    copy.write(0, &memory.borrow());
    let mut second: Users = open("users", copy).unwrap();
    first.insert(1, "first".into());
    second.insert(1, "second".into());
    assert_eq!((first.get(&1), second.get(&1)), (Some("first".into()), Some("second".into())));
}
