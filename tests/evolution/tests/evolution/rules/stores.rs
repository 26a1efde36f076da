//! Rules about roots: what a store refuses to open.

use graven::schema::Rule;
use graven::{BTreeMap, Cell, Collection, Error, Result, Reverse, StableKey, StableLayout, Table, open};

use super::Case;

type Bytes = graven::DefaultMemoryImpl;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        undeclared(),
        renamed_twice(),
        changed::<BTreeMap<u64, u64>, Cell<u64>>(Rule::KindChanged),
        too_many_layouts(),
        changed::<BTreeMap<u64, u64>, BTreeMap<String, u64>>(Rule::KeyChanged),
        changed::<BTreeMap<(u64, u8), u64>, BTreeMap<(u64, u8, u8), u64>>(Rule::KeyPartAdded),
        changed::<BTreeMap<(u64, u8), u64>, BTreeMap<(u64,), u64>>(Rule::KeyPartRemoved),
        changed::<BTreeMap<was::Place, u64>, BTreeMap<renamed::Place, u64>>(Rule::KeyPartRenamed),
        changed::<Table<was_keyed::User>, Table<is_keyed::User>>(Rule::KeyFieldChanged),
        index_broken(),
        changed::<BTreeMap<was::Place, u64>, BTreeMap<moved::Place, u64>>(Rule::KeyPartMoved),
        changed::<BTreeMap<u64, u64>, BTreeMap<Reverse<u64>, u64>>(Rule::KeyReversed),
        changed::<BTreeMap<was::Topic, u64>, BTreeMap<moved::Topic, u64>>(Rule::KeyVariantChanged),
    ]
}

macro_rules! keys {
    ($($module:ident { $($item:item)* })*) => {$(
        mod $module {
            $(#[derive(super::StableKey)] #[allow(dead_code)] $item)*
        }
    )*};
}

keys! {
    was {
        pub struct Place { country: u16, city: u32 }
        pub enum Topic { Rust, Wasm }
    }
    renamed {
        pub struct Place { country: u16, town: u32 }
    }
    moved {
        pub struct Place { city: u32, country: u16 }
        pub enum Topic { Rust, Wasm, Cooking }
    }
}

macro_rules! rows {
    ($($module:ident { $item:item })*) => {$(
        mod $module {
            #[derive(super::StableLayout, super::Table)]
            #[layout(version = 1)]
            $item
        }
    )*};
}

rows! {
    was_keyed {
        pub struct User { #[table(key)] id: u64, number: u64 }
    }
    is_keyed {
        pub struct User { id: u64, #[table(key)] number: u64 }
    }
    no_index {
        pub struct User { #[table(key)] pub id: u64, pub email: String }
    }
    unique {
        pub struct User { #[table(key)] id: u64, #[table(unique(at_upgrade))] email: String }
    }
}

/// Returns the case of a rule, which must be the only reason for a refusal.
fn case<S>(rule: Rule, opened: Result<S>) -> Case {
    match opened.map(drop) {
        Err(Error::Refused(report)) => {
            assert_eq!(report.problems.len(), 1, "{report}");
            Case::new(rule, report.problems)
        }
        other => panic!("{}: {other:?}", rule.name()),
    }
}

fn changed<Was: Collection<Memory = Bytes>, Is: Collection<Memory = Bytes>>(rule: Rule) -> Case {
    let memory = Bytes::default();
    open::<Was>("users", memory.clone()).unwrap();
    case(rule, open::<Is>("users", memory))
}

fn index_broken() -> Case {
    let memory = Bytes::default();
    let mut users: Table<no_index::User> = open("users", memory.clone()).unwrap();
    (1..=2).for_each(|id| _ = users.insert(no_index::User { id, email: "ann@example.org".into() }).unwrap());
    drop(users);
    case(Rule::IndexBroken, open::<Table<unique::User>>("users", memory))
}

fn undeclared() -> Case {
    #[graven::store]
    struct Was {
        users: BTreeMap<u64, u64>,
        log: BTreeMap<u64, String>,
    }
    #[graven::store]
    struct Is {
        users: BTreeMap<u64, u64>,
    }
    let memory = Bytes::default();
    let mut store = Was::open(memory.clone()).unwrap();
    store.users.insert(1, 1);
    (0..3).for_each(|n| _ = store.log.insert(n, "started".into()));
    case(Rule::RootUndeclared, Is::open(memory))
}

/// The new name was used before the rename was declared, so both are stored.
fn renamed_twice() -> Case {
    #[graven::store]
    struct Was {
        users: BTreeMap<u64, String>,
        members: BTreeMap<u64, String>,
    }
    #[graven::store]
    struct Is {
        #[store(renamed("users"))]
        members: BTreeMap<u64, String>,
    }
    /// Lets the old one go.
    #[graven::store]
    #[store(dropped("users"))]
    struct Dropped {
        members: BTreeMap<u64, String>,
    }
    /// Keeps the old one, and takes over its entries.
    #[graven::store]
    struct Both {
        users: BTreeMap<u64, String>,
        members: BTreeMap<u64, String>,
    }
    let stored = || {
        let memory = Bytes::default();
        let mut store = Was::open(memory.clone()).unwrap();
        store.users.insert(1, "Eva".into());
        store.members.insert(2, "Jan".into());
        memory
    };
    assert_eq!(Dropped::open(stored()).unwrap().members.get(&2).as_deref(), Some("Jan"));
    let both = Both::open(stored()).unwrap();
    assert_eq!((both.users.len(), both.members.len()), (1, 1));
    case(Rule::RootRenamedTwice, Is::open(stored()))
}

macro_rules! versions {
    ($($name:ident $version:literal)*) => {
        $(mod $name {
            #[derive(graven::StableLayout)]
            #[layout(version = $version)]
            pub struct User(pub u32);
        })*

        /// Opens with each version in turn, as if each had written a page.
        fn too_many_layouts() -> Case {
            let memory = Bytes::default();
            $(
                match open::<BTreeMap<u64, $name::User>>("users", memory.clone()) {
                    Ok(users) => users.root().count_pages(users.root().current(), 1).unwrap(),
                    Err(error) => return case(Rule::TooManyLayouts, Err::<(), _>(error)),
                }
            )*
            panic!("all versions were opened")
        }
    };
}

versions! {
    a1 1 a2 2 a3 3 a4 4 a5 5 a6 6 a7 7 a8 8 a9 9 a10 10 a11 11 a12 12 a13 13 a14 14 a15 15 a16 16 a17 17
    a18 18 a19 19 a20 20 a21 21 a22 22 a23 23 a24 24 a25 25 a26 26 a27 27 a28 28 a29 29 a30 30 a31 31 a32 32
    a33 33 a34 34 a35 35 a36 36 a37 37 a38 38 a39 39 a40 40 a41 41 a42 42 a43 43 a44 44 a45 45 a46 46 a47 47
    a48 48 a49 49 a50 50 a51 51 a52 52 a53 53 a54 54 a55 55 a56 56 a57 57 a58 58 a59 59 a60 60 a61 61 a62 62
    a63 63 a64 64 a65 65
}
