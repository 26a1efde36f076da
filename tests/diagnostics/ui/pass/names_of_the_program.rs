//! Generated code means std's things, whatever the program calls its own.
#![allow(dead_code, unused_imports, non_camel_case_types)]

mod geo {
    use graven::{StableKey, StableLayout};

    #[derive(StableKey, StableLayout, PartialEq, Eq, PartialOrd, Ord)]
    #[layout(version = 1)]
    pub struct Arc<T> {
        pub from: T,
        pub to: T,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct HashMap<T> {
        pub seed: u64,
        pub salt: T,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct usize(pub u64);
}

mod shadowed {
    use super::geo;
    use super::geo::HashMap;

    type Result = ();
    struct Vec;
    struct Option;
    struct Default;
    struct From;
    struct Into;
    struct String;
    struct bool;
    struct u8;
    struct u16;
    struct u32;
    struct u64;
    struct usize;
    struct str;
    struct Self_;
    enum Two {
        Ok,
        Err,
        Some,
        None,
    }
    use Two::{Err, None, Ok, Some};
    mod empty {}
    use empty as std;
    use empty as core;
    use empty as graven_core;
    trait StableLayout {
        fn encode(&self) {}
        fn decode(&self) {}
        fn then(&self) {}
        fn field(&self) {}
        fn finish(&self) {}
    }
    impl<T> StableLayout for T {}

    #[derive(graven::StableLayout)]
    #[layout(version = 1, name = "Circle")]
    struct Circle1 {
        arc: i64,
    }

    impl ::core::convert::From<Circle1> for Circle {
        fn from(_: Circle1) -> Self {
            ::core::panic!()
        }
    }

    #[derive(graven::StableLayout)]
    #[layout(version = 3, previous = Circle1)]
    struct Circle {
        arc: geo::Arc<i64>,
        cut: HashMap<i8>,
        size: geo::usize,
        #[layout(was(geo::Arc<i8>, until = 3, with = |arc| arc.from.into()))]
        low: i32,
        #[layout(since = 3)]
        added: ::core::option::Option<i8>,
    }

    #[derive(
        graven::StableLayout, graven::StableKey, PartialEq, Eq, ::core::cmp::PartialOrd, ::core::cmp::Ord,
    )]
    #[layout(version = 1)]
    enum Key {
        Ok(i8),
        Some { bytes: i8, out: geo::Arc<i8>, last: i8, value: i8, tag: i8 },
        None,
    }

    #[graven::store]
    struct Forum {
        store: graven::BTreeMap<Key, Circle>,
        memory: graven::Cell<i64>,
        budget: graven::Cell<i64>,
        progress: graven::Cell<i64>,
    }
}

fn main() {}
