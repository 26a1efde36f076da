//! Histories of several versions, of types within types, and of types that have little else to say.

use graven::StableLayout;
use graven::schema::Rule;
use graven_evolution_tests::{check, fixes, read};

mod renamed {
    use super::StableLayout;

    pub mod was {
        use super::StableLayout;

        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            pub id: u64,
            pub name: String,
            pub age: u8,
        }
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub struct User {
        pub id: u64,
        #[layout(renamed(name, until = 2))]
        pub full_name: String,
        #[layout(renamed(age, until = 2))]
        pub years: u8,
    }
}

/// A field with another type in each of four versions, another name in each of three, and a place
/// that changed.
mod chain {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct V1 {
        pub n: u8,
        pub name: String,
    }

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub struct V2 {
        pub number: u16,
        pub name: String,
    }

    #[derive(StableLayout)]
    #[layout(version = 3)]
    pub struct V3 {
        pub name: String,
        pub number: String,
        pub note: u8,
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 4, moved(number, name, until = 3), removed(note: u8, since = 3, until = 4))]
    pub struct V4 {
        pub name: String,
        #[layout(renamed(n, until = 2), renamed(number, until = 4))]
        #[layout(was(u8, until = 2, with = |n| u16::from(n) + 1), was(u16, until = 3, with = |n| n.to_string()))]
        #[layout(was(String, until = 4))]
        pub numbers: Box<str_list::List>,
    }

    pub mod str_list {
        use super::*;

        #[derive(Debug, PartialEq, StableLayout)]
        #[layout(version = 1)]
        pub struct List(pub Vec<String>);

        impl From<String> for Box<List> {
            fn from(one: String) -> Self {
                Box::new(List(vec![one]))
            }
        }
    }
}

#[test]
fn a_chain_of_four_versions() {
    let new =
        |n: &str| chain::V4 { name: "Eva".into(), numbers: Box::new(chain::str_list::List(vec![n.into()])) };
    let name = || String::from("Eva");
    assert_eq!(read::<_, chain::V4>(&chain::V1 { n: 255, name: name() }), new("256"));
    assert_eq!(read::<_, chain::V4>(&chain::V2 { number: 300, name: name() }), new("300"));
    assert_eq!(read::<_, chain::V4>(&chain::V3 { name: name(), number: "x".into(), note: 1 }), new("x"));
    assert_eq!(read::<_, chain::V4>(&new("y")), new("y"));
}

/// Fields that went before the others moved.
mod moved {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct V1 {
        pub first: u8,
        pub b: u16,
        pub gone: u32,
        pub a: String,
        pub last: Vec<u8>,
    }

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub struct V2 {
        pub b: u16,
        pub a: String,
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 3, moved(b, a, until = 3), removed(last: Vec<u8>, until = 2))]
    pub struct V3 {
        #[layout(removed(gone: u32, until = 2))]
        pub a: String,
        #[layout(removed(first: u8, until = 2))]
        pub b: u16,
    }
}

#[test]
fn removed_fields_stay_in_front_of_those_that_moved() {
    let new = || moved::V3 { a: "a".into(), b: 2 };
    let v1 = moved::V1 { first: 1, b: 2, gone: 3, a: "a".into(), last: vec![4] };
    assert_eq!(read::<_, moved::V3>(&v1), new());
    assert_eq!(read::<_, moved::V3>(&moved::V2 { b: 2, a: "a".into() }), new());
}

mod generic {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Old<T> {
        pub values: Vec<T>,
        pub first: T,
        pub gone: Option<T>,
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2, removed(gone: Option<T>, until = 2))]
    pub struct New<T, const N: usize> {
        #[layout(renamed(values, until = 2))]
        pub all: Vec<T>,
        #[layout(was(T, until = 2))]
        pub first: Option<T>,
        #[layout(since = 2, default = [7; N])]
        pub more: [u8; N],
    }
}

#[test]
fn generic_types_have_histories() {
    use generic::{New, Old};
    let old = Old { values: vec![1u16, 2], first: 3, gone: Some(4) };
    assert_eq!(read::<_, New<u16, 2>>(&old), New { all: vec![1, 2], first: Some(3), more: [7; 2] });
    // Arguments have histories of their own.
    let user = || renamed::was::User { id: 7, name: "Eva".into(), age: 40 };
    let new = || renamed::User { id: 7, full_name: "Eva".into(), years: 40 };
    let old = Old { values: vec![user()], first: user(), gone: Some(user()) };
    assert_eq!(
        read::<_, New<renamed::User, 0>>(&old),
        New { all: vec![new()], first: Some(new()), more: [] }
    );
}

#[test]
fn nested_types_evolve_within_what_does_not() {
    type Nest<T> = (Vec<Option<T>>, [(T, u8); 2], Result<T, Box<T>>, String);
    let user = || renamed::was::User { id: 7, name: "Eva".into(), age: 40 };
    let new = || renamed::User { id: 7, full_name: "Eva".into(), years: 40 };
    let old: Nest<_> =
        (vec![Some(user()), None], [(user(), 1), (user(), 2)], Err(Box::new(user())), "a".into());
    let expected: Nest<_> =
        (vec![Some(new()), None], [(new(), 1), (new(), 2)], Err(Box::new(new())), "a".into());
    assert_eq!(read::<_, Nest<renamed::User>>(&old), expected);
}

/// A type that evolved stands in a field that evolved too.
mod both {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Old {
        pub user: renamed::was::User,
        pub gone: Vec<renamed::was::User>,
        pub last: u8,
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub struct New {
        #[layout(renamed(user, until = 2), was(renamed::User, until = 2, with = |user| vec![user]))]
        pub users: Vec<renamed::User>,
        #[layout(removed(gone: Vec<renamed::User>, until = 2))]
        pub last: u8,
    }
}

#[test]
fn fields_and_their_types_evolve_at_once() {
    let user = || renamed::was::User { id: 7, name: "Eva".into(), age: 40 };
    let old = both::Old { user: user(), gone: vec![user()], last: 9 };
    let users = vec![renamed::User { id: 7, full_name: "Eva".into(), years: 40 }];
    assert_eq!(read::<_, both::New>(&old), both::New { users, last: 9 });
}

/// `previous` for what came before version 3, attributes from there on.
mod mixed {
    use super::*;

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 5, previous = renamed::User)]
    pub struct User {
        #[layout(renamed(number, until = 4), was(u32, until = 5))]
        pub id: u64,
        #[layout(since = 4, default = 3, removed(flag: bool, until = 4))]
        pub level: u8,
    }

    impl From<renamed::User> for User {
        fn from(old: renamed::User) -> User {
            User { id: old.id, level: old.years }
        }
    }

    #[derive(StableLayout)]
    #[layout(version = 3)]
    pub struct Third {
        pub number: u32,
        pub flag: bool,
    }

    #[derive(StableLayout)]
    #[layout(version = 4)]
    pub struct Fourth {
        pub id: u32,
        pub level: u8,
    }
}

#[test]
fn previous_and_attributes_mix() {
    use mixed::User;
    let first = renamed::was::User { id: 7, name: "Eva".into(), age: 40 };
    assert_eq!(read::<_, User>(&first), User { id: 7, level: 40 });
    let second = renamed::User { id: 7, full_name: "Eva".into(), years: 40 };
    assert_eq!(read::<_, User>(&second), User { id: 7, level: 40 });
    assert_eq!(read::<_, User>(&mixed::Third { number: 8, flag: true }), User { id: 8, level: 3 });
    assert_eq!(read::<_, User>(&mixed::Fourth { id: 9, level: 2 }), User { id: 9, level: 2 });
}

/// A root that was a number, and numbers do not say what becomes of them.
#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1, previous = u64)]
struct Amount(u128);

impl From<u64> for Amount {
    fn from(old: u64) -> Amount {
        Amount(old.into())
    }
}

#[derive(StableLayout)]
#[layout(version = 1)]
#[allow(dead_code)]
struct Bare(u128);

#[test]
fn a_number_becomes_a_newtype() {
    let fix = "add `#[layout(version = 1, previous = u64)]` to `Bare`, and say in `impl From<u64> for Bare` what \
               becomes of it";
    assert_eq!(fixes::<u64, Bare>(), [fix]);
    assert_eq!(read::<_, Amount>(&5u64), Amount(5));
    assert_eq!(read::<_, Vec<Amount>>(&vec![5u64, 6]), [Amount(5), Amount(6)]);
}

/// Versions before `oldest` are refused, and those from it on are read.
#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 3, oldest = 2)]
struct Young {
    #[layout(was(u16, until = 3))]
    number: u32,
    name: String,
}

#[test]
fn history_begins_at_the_oldest() {
    assert_eq!(
        read::<_, Young>(&chain::V2 { number: 3, name: "a".into() }),
        Young { number: 3, name: "a".into() }
    );
    let (_, problems) = check::<chain::V1, Young>();
    assert_eq!(problems.iter().map(|problem| problem.rule).collect::<Vec<_>>(), [Rule::VersionForgotten]);
}

/// Version 2 of a type of which nothing is said: a history of it begins there.
mod untold {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub struct Was {
        pub id: u64,
    }

    #[derive(StableLayout)]
    #[layout(version = 2)]
    #[allow(dead_code)]
    pub struct Is {
        id: u64,
        age: u8,
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 3, oldest = 2)]
    pub struct Fixed {
        pub id: u64,
        #[layout(since = 3, default = 1)]
        pub age: u8,
    }
}

#[test]
fn a_history_that_begins_late_needs_oldest() {
    let fix = "make this version 3 with `oldest = 2`, and add `#[layout(since = 3, default = …)]` to `age`";
    assert_eq!(fixes::<untold::Was, untold::Is>(), [fix]);
    assert_eq!(read::<_, untold::Fixed>(&untold::Was { id: 1 }), untold::Fixed { id: 1, age: 1 });
}
