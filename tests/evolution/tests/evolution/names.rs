//! Generated code works whatever names a program gives to its own items.

use graven_evolution_tests::read;

/// A module in which every name of the prelude, and some besides, stand for something else.
mod shadowed {
    #![allow(dead_code)]

    struct Result;
    struct Option;
    struct Vec;
    struct String;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    trait Default {}
    trait From {}
    trait Into {}

    /// Has a method that iterators have as well.
    trait Probe {
        fn all<F>(&mut self, f: F) -> bool;
    }

    impl<I: Iterator> Probe for I {
        fn all<F>(&mut self, _: F) -> bool {
            false
        }
    }

    #[derive(Debug, PartialEq, ::graven::StableLayout)]
    #[layout(version = 1)]
    pub enum Either {
        Short(u8),
        Long(u32),
    }
    mod core {}
    mod std {}
    mod graven {}

    /// A name that the constant of the first version could have.
    const FIRST: usize = 2;

    #[derive(Debug, PartialEq, ::graven::StableLayout)]
    #[layout(version = 1)]
    pub struct Old {
        pub id: [u8; FIRST],
    }

    #[derive(Debug, PartialEq, ::graven::StableLayout)]
    #[layout(version = 3, previous = Old)]
    pub struct New {
        pub id: [u8; FIRST],
        #[layout(since = 3, default = 7)]
        pub karma: u16,
    }

    impl ::core::convert::From<Old> for New {
        fn from(old: Old) -> New {
            New { id: old.id, karma: 0 }
        }
    }
}

#[test]
fn names_of_std_and_of_what_is_generated() {
    assert_eq!(
        read::<_, shadowed::New>(&shadowed::Old { id: [1, 2] }),
        shadowed::New { id: [1, 2], karma: 0 }
    );
    assert_eq!(read::<_, shadowed::Either>(&shadowed::Either::Short(1)), shadowed::Either::Short(1));
}

/// Types that are called as those of std that no record can hold.
mod geometry {
    #[derive(Debug, PartialEq, graven::StableLayout)]
    #[layout(version = 1)]
    pub struct Arc {
        pub angle: u16,
    }

    #[derive(Debug, PartialEq, graven::StableLayout)]
    #[layout(version = 1)]
    pub struct Circle {
        pub arcs: Vec<Arc>,
    }
}

#[test]
fn types_of_ones_own_called_as_those_of_std() {
    let circle = || geometry::Circle { arcs: vec![geometry::Arc { angle: 90 }] };
    assert_eq!(read::<_, geometry::Circle>(&circle()), circle());
}
