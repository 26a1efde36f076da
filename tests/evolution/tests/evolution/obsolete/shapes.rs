//! Histories of several shapes: as they are stored, with their history, and without it.

use graven::StableLayout;

use super::{Bytes, Users, advice, follow, refused, sweep, told, users};

macro_rules! versions {
    ($($module:ident { $($item:item)* })*) => {$(
        #[allow(dead_code)]
        mod $module {
            use super::*;
            $(#[derive(Debug, Clone, PartialEq, StableLayout)] $item)*
        }
    )*};
}

versions! {
    fields_old {
        #[layout(version = 1)]
        pub struct User { pub name: String, pub age: u8 }
    }
    fields_new {
        #[layout(version = 3)]
        pub struct User {
            pub name: String,
            #[layout(was(u8, until = 2))]
            pub age: u16,
            #[layout(since = 3, default = 7)]
            pub karma: u32,
        }
    }
    fields_clean {
        #[layout(version = 3, oldest = 3)]
        pub struct User { pub name: String, pub age: u16, pub karma: u32 }
    }
    // Version 2 is stored as well.
    fields_between {
        #[layout(version = 2)]
        pub struct User { pub name: String, #[layout(was(u8, until = 2))] pub age: u16 }
    }
    fields_half_clean {
        #[layout(version = 3, oldest = 2)]
        pub struct User { pub name: String, pub age: u16, #[layout(since = 3, default = 7)] pub karma: u32 }
    }
}

#[test]
fn fields() {
    let old = [fields_old::User { name: "Eva".into(), age: 40 }];
    let clean = [fields_clean::User { name: "Eva".into(), age: 40, karma: 7 }];
    follow::<_, fields_new::User, _>(&old, &clean, &["User v1", "User v2"]);
}

/// A version that nothing is stored in stays while an older one is read through it; and where only
/// a newer one is stored, the older may go.
#[test]
fn a_version_in_between_stays() {
    let memory = Bytes::default();
    users::<fields_old::User>(&memory).0.insert(1, fields_old::User { name: "Eva".into(), age: 40 });
    let store = users::<fields_new::User>(&memory);
    assert_eq!(advice(&store, &memory), [""; 0]);
    assert_eq!(told::<Users<fields_new::User>>(&memory).1, ["User v2"]);

    let memory = Bytes::default();
    users::<fields_between::User>(&memory).0.insert(1, fields_between::User { name: "Eva".into(), age: 40 });
    let store = users::<fields_new::User>(&memory);
    assert_eq!(advice(&store, &memory), ["User v1"]);
    refused::<Users<fields_clean::User>>(&memory);
    let store = users::<fields_half_clean::User>(&memory);
    assert_eq!(store.0.get(&1).unwrap().karma, 7);
    assert_eq!(advice(&store, &memory), [""; 0]);
}

versions! {
    chain {
        #[layout(version = 1)]
        pub struct UserV1 { pub name: String }
        /// Has a name of its own in layouts.
        #[layout(version = 2, previous = UserV1)]
        pub struct UserV2 { pub names: Vec<String> }
        #[layout(version = 4, previous = UserV2)]
        pub struct User { pub all: String, #[layout(since = 4)] pub age: u8 }
    }
    chain_clean {
        #[layout(version = 4, oldest = 4)]
        pub struct User { pub all: String, pub age: u8 }
    }
    chain_half_clean {
        #[layout(version = 2, oldest = 2)]
        pub struct UserV2 { pub names: Vec<String> }
        #[layout(version = 4, previous = UserV2)]
        pub struct User { pub all: String, #[layout(since = 4)] pub age: u8 }
    }
}

impl From<chain::UserV1> for chain::UserV2 {
    fn from(old: chain::UserV1) -> Self {
        chain::UserV2 { names: vec![old.name] }
    }
}

impl From<chain::UserV2> for chain::User {
    fn from(old: chain::UserV2) -> Self {
        chain::User { all: old.names.join(" "), age: 0 }
    }
}

impl From<chain_half_clean::UserV2> for chain_half_clean::User {
    fn from(old: chain_half_clean::UserV2) -> Self {
        chain_half_clean::User { all: old.names.join(" "), age: 0 }
    }
}

/// Versions that previous types read are called by the newest name, whatever those are called.
#[test]
fn previous_types() {
    let clean = [chain_clean::User { all: "Eva".into(), age: 0 }];
    let old = [chain::UserV1 { name: "Eva".into() }];
    follow::<_, chain::User, _>(&old, &clean, &["User v1", "User v2", "User v3"]);
}

#[test]
fn a_previous_type_is_read_through_the_next() {
    let memory = Bytes::default();
    users::<chain::UserV1>(&memory).0.insert(1, chain::UserV1 { name: "Eva".into() });
    let store = users::<chain::User>(&memory);
    assert_eq!(advice(&store, &memory), [""; 0]);
    assert_eq!(told::<Users<chain::User>>(&memory).1, ["User v2", "User v3"]);
    refused::<Users<chain_half_clean::User>>(&memory);

    let memory = Bytes::default();
    users::<chain::UserV2>(&memory).0.insert(1, chain::UserV2 { names: vec!["Eva".into()] });
    let store = users::<chain::User>(&memory);
    assert_eq!(advice(&store, &memory), ["User v1"]);
    let store = users::<chain_half_clean::User>(&memory);
    assert_eq!(store.0.get(&1).unwrap().all, "Eva");
}

versions! {
    number {
        #[layout(version = 2, previous = u64)]
        pub struct Count { pub count: u64, #[layout(since = 2)] pub more: u8 }
    }
    number_clean {
        #[layout(version = 2, oldest = 2)]
        pub struct Count { pub count: u64, pub more: u8 }
    }
}

impl From<u64> for number::Count {
    fn from(count: u64) -> Self {
        number::Count { count, more: 0 }
    }
}

#[test]
fn what_was_there_before_versions() {
    let clean = [number_clean::Count { count: 7, more: 0 }];
    follow::<u64, number::Count, _>(&[7], &clean, &["Count before it had versions", "Count v1"]);
}

versions! {
    nested_old {
        #[layout(version = 1)]
        pub struct City { pub zip: u16 }
        #[layout(version = 1)]
        pub struct User { pub cities: Vec<City>, pub home: Option<(u8, City)> }
    }
    nested_new {
        #[layout(version = 2)]
        pub struct City { #[layout(was(u16, until = 2))] pub zip: u32 }
        #[layout(version = 1)]
        pub struct User { pub cities: Vec<City>, pub home: Option<(u8, City)> }
    }
    nested_clean {
        #[layout(version = 2, oldest = 2)]
        pub struct City { pub zip: u32 }
        #[layout(version = 1)]
        pub struct User { pub cities: Vec<City>, pub home: Option<(u8, City)> }
    }
}

#[test]
fn types_within_lists_and_tuples() {
    let old = [nested_old::User { cities: vec![nested_old::City { zip: 3 }], home: None }];
    let clean = [nested_clean::User { cities: vec![nested_clean::City { zip: 3 }], home: None }];
    follow::<_, nested_new::User, _>(&old, &clean, &["City v1"]);
    let list = |zip| vec![nested_old::City { zip }];
    let clean = [vec![nested_clean::City { zip: 3 }], vec![nested_clean::City { zip: 4 }]];
    follow::<_, Vec<nested_new::City>, _>(&[list(3), list(4)], &clean, &["City v1"]);
}

versions! {
    past_old {
        #[layout(version = 1)]
        pub struct City { pub zip: u16 }
        #[layout(version = 1)]
        pub struct User { pub id: u8, pub city: City }
    }
    // A type with a history that only an old version still has.
    past_new {
        #[layout(version = 2)]
        pub struct City { #[layout(was(u16, until = 2))] pub zip: u32 }
        #[layout(version = 2, removed(city: City, until = 2))]
        pub struct User { pub id: u8 }
    }
    past_clean {
        #[layout(version = 2, oldest = 2)]
        pub struct User { pub id: u8 }
    }
}

#[test]
fn types_that_only_the_past_has() {
    let old = [past_old::User { id: 1, city: past_old::City { zip: 3 } }];
    follow::<_, past_new::User, _>(&old, &[past_clean::User { id: 1 }], &["City v1", "User v1"]);
}

versions! {
    enum_old {
        #[layout(version = 1)]
        pub enum State { Idle, Busy { with: u8 } }
    }
    enum_new {
        #[layout(version = 3)]
        pub enum State {
            #[layout(removed(Idle, until = 3, with = || State::Done))]
            Busy { #[layout(was(u8, until = 2))] with: u16 },
            #[layout(since = 2)]
            Done,
        }
    }
    enum_clean {
        #[layout(version = 3, oldest = 3)]
        pub enum State { #[layout(tag = 1)] Busy { with: u16 }, Done }
    }
}

#[test]
fn enums() {
    let old = [enum_old::State::Idle, enum_old::State::Busy { with: 2 }];
    let clean = [enum_clean::State::Done, enum_clean::State::Busy { with: 2 }];
    follow::<_, enum_new::State, _>(&old, &clean, &["State v1", "State v2"]);
}

/// Half a sweep deletes nothing.
#[test]
fn some_pages_are_old_still() {
    let memory = Bytes::default();
    let mut store = users::<fields_old::User>(&memory);
    (0..2_000).for_each(|key| _ = store.0.insert(key, fields_old::User { name: "Eva".into(), age: 40 }));
    let mut store = users::<fields_new::User>(&memory);
    graven::Schema::sweep(&mut store, &mut graven::Budget::pages(2)).unwrap();
    assert_eq!(advice(&store, &memory), [""; 0]);
    refused::<Users<fields_clean::User>>(&memory);
    let mut store = users::<fields_new::User>(&memory);
    sweep(&mut store);
    assert_eq!(advice(&store, &memory), ["User v1", "User v2"]);
    assert_eq!(users::<fields_clean::User>(&memory).0.len(), 2_000);
}
