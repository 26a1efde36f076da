//! Changes deep inside of values, fields and tags that come back, and variants that change their
//! shape.

use graven::{BTreeMap, Budget, Cell, Error, StableLayout, StableVec};

type Bytes = graven::DefaultMemoryImpl;

mod v1 {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Profile {
        pub name: String,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 1)]
    pub enum Shade {
        Gray,
        Wide([u8; 40]),
        Pair { x: u8, y: u8 },
    }

    #[graven::store]
    pub struct Store {
        pub users: BTreeMap<u64, (u32, Vec<Option<Profile>>)>,
        pub owner: Cell<Profile>,
        pub shades: StableVec<Shade>,
        pub nested: BTreeMap<u64, (u8, [Option<Shade>; 3])>,
    }
}

mod v2 {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub struct Profile {
        pub name: String,
        #[layout(since = 2, default = 3)]
        pub level: u8,
    }

    /// The unit variant got a field, the largest variant is gone, and another one got a field at
    /// the same time. All of it changes the size.
    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub enum Shade {
        Gray {
            #[layout(since = 2, default = 128)]
            level: u8,
        },
        #[layout(removed(Wide([u8; 40]), until = 2, with = |bytes| Shade::Gray { level: bytes[0] }))]
        Pair {
            x: u8,
            y: u8,
            #[layout(since = 2)]
            z: u16,
        },
    }

    #[graven::store]
    pub struct Store {
        pub users: BTreeMap<u64, (u32, Vec<Option<Profile>>)>,
        pub owner: Cell<Profile>,
        pub shades: StableVec<Shade>,
        pub nested: BTreeMap<u64, (u8, [Option<Shade>; 3])>,
    }
}

fn stored() -> Bytes {
    let memory = Bytes::default();
    let mut store = v1::Store::open(memory.clone()).unwrap();
    let profile = |name: String| v1::Profile { name };
    let shade = |n: u64| match n % 3 {
        0 => v1::Shade::Gray,
        1 => v1::Shade::Wide([n as u8; 40]),
        _ => v1::Shade::Pair { x: n as u8, y: 1 },
    };
    for n in 0..500 {
        store.users.insert(n, (7, vec![None, Some(profile(n.to_string()))]));
        store.shades.push(shade(n));
        store.nested.insert(n, (1, [None, Some(shade(n)), Some(shade(n + 1))]));
    }
    store.owner.set(profile("owner".into()));
    memory
}

fn converted(n: u64) -> v2::Shade {
    match n % 3 {
        0 => v2::Shade::Gray { level: 128 },
        1 => v2::Shade::Gray { level: n as u8 },
        _ => v2::Shade::Pair { x: n as u8, y: 1, z: 0 },
    }
}

#[track_caller]
fn check(store: &v2::Store) {
    assert_eq!((store.users.len(), store.shades.len(), store.nested.len()), (500, 500, 500));
    for n in 0..500 {
        let (number, profiles) = store.users.get(&n).unwrap();
        let [None, Some(profile)] = &profiles[..] else { panic!("user {n} has other profiles") };
        assert_eq!((number, &profile.name, profile.level), (7, &n.to_string(), 3));
        assert_eq!(store.shades.get(n), Some(converted(n)));
        assert_eq!(store.nested.get(&n), Some((1, [None, Some(converted(n)), Some(converted(n + 1))])));
    }
    let owner = store.owner.get().unwrap();
    assert_eq!((owner.name.as_str(), owner.level), ("owner", 3));
    store.users.verify().unwrap();
    store.shades.verify().unwrap();
    store.nested.verify().unwrap();
}

#[test]
fn changes_deep_inside_of_values_are_converted_whether_swept_or_not() {
    let mut store = v2::Store::open(stored()).unwrap();
    check(&store);
    // Some roots are swept before others that hold the same type.
    while !store.sweep(&mut Budget::pages(9)).unwrap().is_done() {
        check(&store);
    }
    check(&store);
}

#[test]
fn a_refusal_names_the_path_to_a_field_deep_inside() {
    #[derive(StableLayout)]
    #[layout(version = 1)]
    struct Profile {
        name: String,
        level: u8,
    }
    #[graven::store]
    struct Store {
        users: BTreeMap<u64, (u32, Vec<Option<Profile>>)>,
        owner: Cell<Profile>,
        shades: StableVec<v1::Shade>,
        nested: BTreeMap<u64, (u8, [Option<v1::Shade>; 3])>,
    }
    let memory = stored();
    let before = memory.borrow().clone();
    let Err(Error::Refused(report)) = Store::open(memory.clone()) else { panic!("opened") };
    let paths: Vec<String> = report.problems.iter().map(|problem| problem.path.join(" → ")).collect();
    assert_eq!(paths, ["users → Profile v1", "owner → Profile v1"]);
    assert!(*memory.borrow() == before, "it was written to");
}

/// A field is added, removed, and added again with another type: three layouts of three versions.
#[test]
fn a_name_that_comes_back_is_another_field() {
    #[derive(StableLayout)]
    #[layout(version = 2, name = "Note")]
    struct Second {
        text: String,
        #[layout(since = 2)]
        rank: u8,
    }
    #[derive(StableLayout)]
    #[layout(version = 3, name = "Note")]
    #[layout(removed(rank: u8, since = 2, until = 3))]
    struct Third {
        text: String,
    }
    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 4, name = "Note")]
    #[layout(removed(rank: u8, since = 2, until = 3))]
    struct Fourth {
        text: String,
        #[layout(since = 4, default = "new".to_owned())]
        rank: String,
    }
    let memory = Bytes::default();
    let mut notes = graven::open::<BTreeMap<u64, Second>>("notes", memory.clone()).unwrap();
    (1..3).for_each(|n| _ = notes.insert(n, Second { text: "a".into(), rank: 9 }));
    drop(notes);
    let fourth = |text: &str, rank: &str| Fourth { text: text.into(), rank: rank.into() };
    let skipped = Bytes::default();
    skipped.borrow_mut().clone_from(&memory.borrow());
    let notes = graven::open::<BTreeMap<u64, Fourth>>("notes", skipped).unwrap();
    assert_eq!(notes.get(&1), Some(fourth("a", "new")));

    let mut notes = graven::open::<BTreeMap<u64, Third>>("notes", memory.clone()).unwrap();
    notes.insert(2, Third { text: "b".into() });
    drop(notes);
    let notes = graven::open::<BTreeMap<u64, Fourth>>("notes", memory).unwrap();
    assert_eq!((notes.get(&1), notes.get(&2)), (Some(fourth("a", "new")), Some(fourth("b", "new"))));
}
