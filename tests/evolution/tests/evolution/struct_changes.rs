//! Light changes of structs: what is stored is refused with a fix; taken by its word, the fix
//! compiles, and the old values are read.

use graven::StableLayout;
use graven::{Blob, Text};
use graven_evolution_tests::{fixes, read};

/// The stored type, the code that changed it, and that code with the attributes that the fixes
/// name.
macro_rules! change {
    ($module:ident
        was $was:item
        is $is:item
        fixed $fixed:item
        $fixes:expr
    ) => {
        mod $module {
            #[allow(unused_imports)]
            use super::*;

            pub mod was {
                #[allow(unused_imports)]
                use super::*;
                #[derive(StableLayout)]
                $was
            }
            mod is {
                #[allow(unused_imports)]
                use super::*;
                #[derive(StableLayout)]
                #[allow(dead_code)]
                $is
            }
            #[derive(Debug, PartialEq, StableLayout)]
            $fixed

            #[test]
            fn the_fix_is_the_attribute() {
                assert_eq!(fixes::<was::User, is::User>(), $fixes);
            }
        }
    };
}

change! { removed
    was #[layout(version = 1)] pub struct User { pub id: u64, pub name: String, pub age: u8, pub note: String }
    is #[layout(version = 1)] pub struct User { id: u64, age: u8 }
    fixed #[layout(version = 2, removed(note: String, until = 2))] pub struct User {
        pub id: u64,
        #[layout(removed(name: String, until = 2))]
        pub age: u8,
    }
    ["put it back, or make this version 2 and add `#[layout(removed(name: String, until = 2))]` before field \
      `age`",
     "put it back, or make this version 2 and add `#[layout(removed(note: String, until = 2))]` to the type"]
}

#[test]
fn removed_fields_are_skipped() {
    let old = removed::was::User { id: 7, name: "Eva".into(), age: 40, note: "tall".into() };
    assert_eq!(read::<_, removed::User>(&old), removed::User { id: 7, age: 40 });
}

change! { renamed
    was #[layout(version = 1)] pub struct User { pub id: u64, pub name: String, pub age: u8 }
    is #[layout(version = 1)] pub struct User { id: u64, full_name: String, years: u8 }
    fixed #[layout(version = 2)] pub struct User {
        pub id: u64,
        #[layout(renamed(name, until = 2))]
        pub full_name: String,
        #[layout(renamed(age, until = 2))]
        pub years: u8,
    }
    ["make this version 2 and add `#[layout(renamed(name, until = 2))]` to `full_name`; if that is another field, say \
      `removed(name: String, until = 2)` and `since = 2`",
     "make this version 2 and add `#[layout(renamed(age, until = 2))]` to `years`; if that is another field, say `removed(age: \
      u8, until = 2)` and `since = 2`"]
}

#[test]
fn renamed_fields_keep_their_values() {
    let old = renamed::was::User { id: 7, name: "Eva".into(), age: 40 };
    assert_eq!(read::<_, renamed::User>(&old), renamed::User { id: 7, full_name: "Eva".into(), years: 40 });
}

change! { moved
    was #[layout(version = 1)] pub struct User { pub note: String, pub id: u64, pub name: String, pub age: u8 }
    is #[layout(version = 1)] pub struct User { age: u8, id: u64, karma: u32, mails: Vec<u8> }
    fixed #[layout(version = 2, moved(note, id, name, age, until = 2))] pub struct User {
        #[layout(removed(name: String, until = 2))]
        pub age: u8,
        #[layout(removed(note: String, until = 2))]
        pub id: u64,
        #[layout(since = 2, default = 3)]
        pub karma: u32,
        #[layout(since = 2, default = Vec::new())]
        pub mails: Vec<u8>,
    }
    ["put it back, or make this version 2 and add `#[layout(removed(note: String, until = 2))]` before field \
      `id`",
     "put it back, or make this version 2 and add `#[layout(removed(name: String, until = 2))]` before field \
      `age`",
     "make this version 2 and add `#[layout(since = 2, default = …)]` to `karma`",
     "make this version 2 and add `#[layout(since = 2, default = …)]` to `mails`",
     "put the fields back in that order, or make this version 2 and add `#[layout(moved(note, id, name, age, \
      until = 2))]` to the type"]
}

#[test]
fn moved_fields_are_found() {
    let old = moved::was::User { note: "tall".into(), id: 7, name: "Eva".into(), age: 40 };
    let new = moved::User { id: 7, age: 40, karma: 3, mails: vec![] };
    assert_eq!(read::<_, moved::User>(&old), new);
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Cents(u64);

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Named {
    inner: String,
}

change! { was
    was #[layout(version = 1)] pub struct User {
        pub wider: u16, pub narrower: u64, pub signed: u8, pub same_sign: i32, pub float: f64, pub some: u8,
        pub none: Option<String>, pub wrapped: u64, pub bare: Cents, pub named: String, pub list: u8,
        pub text: String, pub free: Text<9>, pub bytes: Blob<4>, pub array: [u8; 2], pub zero: core::num::NonZeroU8,
    }
    is #[layout(version = 1)] pub struct User {
        wider: u32, narrower: u8, signed: i64, same_sign: u32, float: f32, some: Option<u8>, none: String,
        wrapped: Cents, bare: u64, named: Named, list: Vec<u8>, text: Text<3>, free: String, bytes: Vec<u8>,
        array: Vec<u8>, zero: u8,
    }
    fixed #[layout(version = 2)] pub struct User {
        #[layout(was(u16, until = 2))] pub wider: u32,
        #[layout(was(u64, until = 2, with = |old| old.try_into().unwrap_or(255)))] pub narrower: u8,
        #[layout(was(u8, until = 2))] pub signed: i64,
        #[layout(was(i32, until = 2, with = |old| old.try_into().unwrap_or(0)))] pub same_sign: u32,
        #[layout(was(f64, until = 2, with = |old| old as f32))] pub float: f32,
        #[layout(was(u8, until = 2))] pub some: Option<u8>,
        #[layout(was(Option<String>, until = 2, with = Option::unwrap_or_default))] pub none: String,
        #[layout(was(u64, until = 2, with = Cents))] pub wrapped: Cents,
        #[layout(was(Cents, until = 2, with = |old| old.0))] pub bare: u64,
        #[layout(was(String, until = 2, with = |old| Named { inner: old }))] pub named: Named,
        #[layout(was(u8, until = 2, with = |old| vec![old]))] pub list: Vec<u8>,
        #[layout(was(String, until = 2, with = |old| Text::new(old).unwrap_or(Text::new("").unwrap())))]
        pub text: Text<3>,
        #[layout(was(Text<9>, until = 2, with = |old| old.into_inner()))] pub free: String,
        #[layout(was(Blob<4>, until = 2, with = |old| old.into_inner()))] pub bytes: Vec<u8>,
        #[layout(was([u8; 2], until = 2, with = Vec::from))] pub array: Vec<u8>,
        #[layout(was(core::num::NonZero<u8>, until = 2))] pub zero: u8,
    }
    [("wider", "was(u16, until = 2)"),
     ("narrower", "was(u64, until = 2, with = |old| old.try_into().unwrap_or(…))"),
     ("signed", "was(u8, until = 2)"),
     ("same_sign", "was(i32, until = 2, with = |old| old.try_into().unwrap_or(…))"),
     ("float", "was(f64, until = 2, with = |old| old as f32)"),
     ("some", "was(u8, until = 2)"),
     ("none", "was(Option<String>, until = 2, with = Option::unwrap_or_default)"),
     ("wrapped", "was(u64, until = 2, with = Cents)"),
     ("bare", "was(Cents, until = 2, with = |old| old.0)"),
     ("named", "was(String, until = 2, with = |old| Named { inner: old })"),
     ("list", "was(u8, until = 2, with = |old| vec![old])"),
     ("text", "was(String, until = 2, with = |old| Text::new(old).unwrap_or(…))"),
     ("free", "was(Text<9>, until = 2, with = |old| old.into_inner())"),
     ("bytes", "was(Blob<4>, until = 2, with = |old| old.into_inner())"),
     ("array", "was([u8; 2], until = 2, with = Vec::from)"),
     ("zero", "was(NonZero<u8>, until = 2)")]
        .map(|(field, was)| format!("make this version 2 and add `#[layout({was})]` to `{field}`"))
}

#[test]
fn types_are_converted() {
    let old = was::was::User {
        wider: 1,
        narrower: 1000,
        signed: 200,
        same_sign: -1,
        float: 0.5,
        some: 6,
        none: None,
        wrapped: 8,
        bare: Cents(9),
        named: "a".into(),
        list: 11,
        text: "abcd".into(),
        free: Text::new("b").unwrap(),
        bytes: Blob::new([1, 2]).unwrap(),
        array: [3, 4],
        zero: 5.try_into().unwrap(),
    };
    let new = was::User {
        wider: 1,
        narrower: 255,
        signed: 200,
        same_sign: 0,
        float: 0.5,
        some: Some(6),
        none: String::new(),
        wrapped: Cents(8),
        bare: 9,
        named: Named { inner: "a".into() },
        list: vec![11],
        text: Text::new("").unwrap(),
        free: "b".into(),
        bytes: vec![1, 2],
        array: vec![3, 4],
        zero: 5,
    };
    assert_eq!(read::<_, was::User>(&old), new);
}
