//! Histories, version 3.

use graven::{StableLayout, Text};

include!("../../histories.rs");

macro_rules! v3 {
    ($($(#[$attribute:meta])* { $item:item })*) => {
        $(#[derive(Clone, Debug, PartialEq, StableLayout)] $(#[$attribute])* $item)*
    };
}

/// Types of version 2 that `previous` names.
mod v2 {
    use graven::StableLayout;

    use super::v1;

    #[derive(StableLayout)]
    #[layout(version = 2, previous = v1::Chained)]
    pub struct Chained {
        pub number: u64,
    }

    impl From<v1::Chained> for Chained {
        fn from(old: v1::Chained) -> Self {
            Chained { number: old.text.parse().unwrap_or(0) }
        }
    }

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub enum ToStruct {
        Small(#[layout(was(u8, until = 2))] u16),
        Large(u64),
    }
}

/// Types of version 1 that `previous` names.
mod v1 {
    use graven::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Chained {
        pub text: String,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Mixed {
        pub a: u8,
        pub b: u8,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct ToEnum {
        pub code: u8,
    }
}

v3! {
    #[layout(version = 3)] {
        struct Added { #[layout(since = 3)] c: String, a: u64, #[layout(since = 2, default = 7)] b: u32 }
    }
    #[layout(version = 3, removed(nick: String, until = 2), removed(z: u8, until = 3))] { struct Removed { a: u64 } }
    #[layout(version = 3)] {
        struct Renamed { #[layout(renamed(nick, until = 2), renamed(name, until = 3))] title: String }
    }
    #[layout(version = 3, moved(a, b, c, until = 2), moved(c, a, b, until = 3))] {
        struct Moved { b: u16, c: String, a: u8 }
    }
    #[layout(version = 3)] { struct Widened { #[layout(was(u8, until = 2), was(u32, until = 3))] n: u64 } }
    #[layout(version = 3)] {
        struct Converted {
            #[layout(was(u64, until = 3, with = |old| format!("number {old}")))]
            #[layout(was(String, until = 2, with = |old| old.parse().unwrap_or(0)))]
            n: String,
        }
    }
    #[layout(version = 3)] {
        struct Optional {
            #[layout(was(u32, until = 2), was(Option<u32>, until = 3, with = |old| old.map(u64::from)))]
            n: Option<u64>,
        }
    }
    #[layout(version = 2)] {
        struct Required { #[layout(was(Option<u16>, until = 2, with = Option::unwrap_or_default))] n: u16 }
    }
    #[layout(version = 3)] {
        enum Growing { #[layout(since = 3, tag = 9)] D { x: u8 }, #[layout(tag = 0)] A, B(u8), #[layout(since = 2)] C(String) }
    }
    #[layout(version = 3)] {
        enum Shrinking {
            A,
            #[layout(removed(B(u8), until = 2, with = |n| Shrinking::D { x: n.into() }))]
            #[layout(removed(C, until = 3, with = || Shrinking::A))]
            D { x: u16 },
        }
    }
    #[layout(version = 3)] {
        enum Named {
            #[layout(renamed(Red, until = 2))] Crimson,
            #[layout(renamed(Green, until = 3))] Lime(u8),
        }
    }
    #[layout(version = 2)] {
        enum Filled { Empty { #[layout(since = 2, default = 5)] why: u64 }, At(u8, #[layout(since = 2)] u16) }
    }
    #[layout(version = 2)] { struct Meters(u64, #[layout(since = 2, default = true)] bool); }
    #[layout(version = 2)] { struct Wrapped { #[layout(was(u64, until = 2))] meters: Meters } }
    #[layout(version = 3)] {
        struct Inner { #[layout(was(u16, until = 3))] x: u32, #[layout(since = 2, default = 3)] y: u8 }
    }
    #[layout(version = 1)] { struct Nested { inner: Inner } }
    #[layout(version = 1)] { struct InVec { all: Vec<Inner> } }
    #[layout(version = 1)] { struct InOption { one: Option<Inner> } }
    #[layout(version = 1)] { struct InTuple { pair: (u8, Inner) } }
    #[layout(version = 1)] { struct InArray { two: [Inner; 2] } }
    #[layout(version = 1)] { struct InResult { result: Result<Inner, String> } }
    #[layout(version = 1)] { struct InBox { inner: Box<Inner> } }
    #[layout(version = 2)] { struct Generic<T> { items: Vec<T>, #[layout(since = 2)] total: u32 } }
    #[layout(version = 3, previous = v2::Chained)] { struct Chained { half: u64, odd: bool } }
    #[layout(version = 3, previous = v1::Mixed)] {
        struct Mixed { #[layout(was(u16, until = 3), renamed(sum, until = 3))] total: u32, #[layout(since = 3)] note: String }
    }
    #[layout(version = 2, previous = v1::ToEnum)] { enum ToEnum { Zero, Other(u8) } }
    #[layout(version = 3, previous = v2::ToStruct)] { struct ToStruct { n: u64, large: bool } }
    #[layout(version = 3)] {
        struct Bounded {
            #[layout(was(Text<16>, until = 3, with = |old| old.to_uppercase()))]
            #[layout(was(String, until = 2, with = |old| Text::new(old).unwrap_or_default()))]
            text: String,
        }
    }
    #[layout(version = 3)] {
        struct Positions(u8, #[layout(removed(1: String, until = 2), renamed(2, until = 2))] u16, #[layout(since = 3)] u8);
    }
    #[layout(version = 3)] {
        struct Sized {
            #[layout(was(u32, until = 2, with = |old| vec![old; 3]))]
            #[layout(was(Vec<u32>, until = 3, with = |old| old.into_iter().map(u64::from).sum()))]
            n: u64,
        }
    }
    #[layout(version = 3)] {
        struct Large { #[layout(removed(bytes: Vec<u8>, until = 3), since = 2, default = 1)] kind: u8 }
    }
    #[layout(version = 2)] {
        struct Longer {
            #[layout(was([u8; 4], until = 2, with = |old| [old[0], old[1], old[2], old[3], 0, 0, 0, 1]))]
            digest: [u8; 8],
        }
    }
    #[layout(version = 2)] {
        struct Free { #[layout(was(Text<8>, until = 2, with = |old| old.into_inner()))] text: String }
    }
    #[layout(version = 2, previous = u64)] { struct Plain(u64, #[layout(since = 2, default = 2)] u8); }
    #[layout(version = 3)] {
        struct Settings {
            #[layout(removed(limit: u32, until = 3))]
            #[layout(since = 2, default = 9)]
            more: u64,
        }
    }
}

impl From<u64> for Meters {
    fn from(meters: u64) -> Self {
        Meters(meters, true)
    }
}

impl From<v2::Chained> for Chained {
    fn from(old: v2::Chained) -> Self {
        Chained { half: old.number / 2, odd: old.number % 2 == 1 }
    }
}

impl From<v2::ToStruct> for ToStruct {
    fn from(old: v2::ToStruct) -> Self {
        match old {
            v2::ToStruct::Small(n) => ToStruct { n: n.into(), large: false },
            v2::ToStruct::Large(n) => ToStruct { n, large: true },
        }
    }
}

impl From<v1::Mixed> for Mixed {
    fn from(old: v1::Mixed) -> Self {
        Mixed { total: u32::from(old.a) + u32::from(old.b), note: String::from("was two") }
    }
}

impl From<v1::ToEnum> for ToEnum {
    fn from(old: v1::ToEnum) -> Self {
        if old.code == 0 { ToEnum::Zero } else { ToEnum::Other(old.code) }
    }
}

impl From<u64> for Plain {
    fn from(n: u64) -> Self {
        Plain(n, 1)
    }
}

fn settings(by: u64) -> Settings {
    Settings { more: if by == 1 { 9 } else { 11 } }
}

fn inner(n: u64, by: u64) -> Inner {
    Inner { x: n as u32, y: if by == 1 { 3 } else { 4 } }
}

histories! {
    version 3, sweep 1;
    added: Added = |n, by| Added { c: if by == 3 { "new".into() } else { String::new() }, a: n, b: if by == 1 { 7 } else { 8 } };
    removed: Removed = |n, by| Removed { a: n };
    renamed: Renamed = |n, by| Renamed { title: format!("nick {n}") };
    moved: Moved = |n, by| Moved { a: n as u8, b: 2 * n as u16, c: format!("c{n}") };
    widened: Widened = |n, by| Widened { n: n as u8 as u64 };
    converted: Converted = |n, by| Converted { n: format!("number {n}") };
    optional: Optional = |n, by| Optional { n: (by == 1 || n.is_multiple_of(2)).then_some(n) };
    required: Required = |n, by| Required { n: if n.is_multiple_of(2) { n as u16 } else { 0 } };
    growing: Growing = |n, by| match (by, n % 2) {
        (1, 0) => Growing::A,
        (1, _) => Growing::B(n as u8),
        (2, _) => Growing::C(n.to_string()),
        _ => Growing::D { x: n as u8 },
    };
    shrinking: Shrinking = |n, by| match n % 4 {
        0 => Shrinking::A,
        1 => Shrinking::D { x: (n as u8).into() },
        2 => Shrinking::A,
        _ => Shrinking::D { x: n as u16 },
    };
    named: Named = |n, by| if n.is_multiple_of(2) { Named::Crimson } else { Named::Lime(n as u8) };
    filled: Filled = |n, by| match n % 2 {
        0 => Filled::Empty { why: if by == 1 { 5 } else { n } },
        _ => Filled::At(n as u8, if by == 1 { 0 } else { 6 }),
    };
    wrapped: Wrapped = |n, by| Wrapped { meters: Meters(n, by != 3) };
    nested: Nested = |n, by| Nested { inner: inner(n, by) };
    in_vec: InVec = |n, by| InVec { all: (0..n % 4).map(|n| inner(n, by)).collect() };
    in_option: InOption = |n, by| InOption { one: n.is_multiple_of(2).then(|| inner(n, by)) };
    in_tuple: InTuple = |n, by| InTuple { pair: (n as u8, inner(n, by)) };
    in_array: InArray = |n, by| InArray { two: [inner(n, by), inner(n + 1, by)] };
    in_result: InResult = |n, by| InResult {
        result: if n.is_multiple_of(2) { Ok(inner(n, by)) } else { Err(format!("no {n}")) },
    };
    in_box: InBox = |n, by| InBox { inner: Box::new(inner(n, by)) };
    generic: Generic<Inner> = |n, by| Generic {
        items: (0..n % 3).map(|n| inner(n, by)).collect(),
        total: if by == 1 { 0 } else { 12 },
    };
    chained: Chained = |n, by| Chained { half: n / 2, odd: n % 2 == 1 };
    mixed: Mixed = |n, by| Mixed {
        total: n as u32 + 1,
        note: if by == 1 { "was two".into() } else { String::new() },
    };
    to_enum: ToEnum = |n, by| if n.is_multiple_of(3) { ToEnum::Zero } else { ToEnum::Other((n % 3) as u8) };
    to_struct: ToStruct = |n, by| {
        ToStruct { n, large: n % 2 == 1 }
    };
    bounded: Bounded = |n, by| Bounded { text: format!("TEXT {n}") };
    positions: Positions = |n, by| Positions(n as u8, n as u16, if by == 3 { 33 } else { 0 });
    sized: Sized = |n, by| Sized { n: 3 * n };
    large: Large = |n, by| Large { kind: by as u8 };
    longer: Longer = |n, by| {
        let d = n as u8;
        Longer { digest: [d, d, d, d, 0, 0, 0, 1] }
    };
    free: Free = |n, by| Free { text: format!("t{n}") };
    plain: Plain = |n, by| Plain(n, match by { 1 => 1, 2 => 2, _ => 3 });
}

ic_cdk::export_candid!();
