//! Histories, version 2.

use graven::{StableLayout, Text};

include!("../../histories.rs");

macro_rules! v2 {
    ($($(#[$attribute:meta])* { $item:item })*) => {
        $(#[derive(Clone, Debug, PartialEq, StableLayout)] $(#[$attribute])* $item)*
    };
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

v2! {
    #[layout(version = 2)] { struct Added { a: u64, #[layout(since = 2, default = 7)] b: u32 } }
    #[layout(version = 2)] { struct Removed { a: u64, #[layout(removed(nick: String, until = 2))] z: u8 } }
    #[layout(version = 2)] { struct Renamed { #[layout(renamed(nick, until = 2))] name: String } }
    #[layout(version = 2, moved(a, b, c, until = 2))] { struct Moved { c: String, a: u8, b: u16 } }
    #[layout(version = 2)] { struct Widened { #[layout(was(u8, until = 2))] n: u32 } }
    #[layout(version = 2)] {
        struct Converted { #[layout(was(String, until = 2, with = |old| old.parse().unwrap_or(0)))] n: u64 }
    }
    #[layout(version = 2)] { struct Optional { #[layout(was(u32, until = 2))] n: Option<u32> } }
    #[layout(version = 2)] {
        struct Required { #[layout(was(Option<u16>, until = 2, with = Option::unwrap_or_default))] n: u16 }
    }
    #[layout(version = 2)] { enum Growing { A, B(u8), #[layout(since = 2)] C(String) } }
    #[layout(version = 2)] {
        enum Shrinking {
            A,
            #[layout(removed(B(u8), until = 2, with = |n| Shrinking::D { x: n.into() }))]
            C,
            D { x: u16 },
        }
    }
    #[layout(version = 2)] { enum Named { #[layout(renamed(Red, until = 2))] Crimson, Green(u8) } }
    #[layout(version = 2)] {
        enum Filled { Empty { #[layout(since = 2, default = 5)] why: u64 }, At(u8, #[layout(since = 2)] u16) }
    }
    #[layout(version = 1)] { struct Meters(u64); }
    #[layout(version = 2)] { struct Wrapped { #[layout(was(u64, until = 2))] meters: Meters } }
    #[layout(version = 2)] { struct Inner { x: u16, #[layout(since = 2, default = 3)] y: u8 } }
    #[layout(version = 1)] { struct Nested { inner: Inner } }
    #[layout(version = 1)] { struct InVec { all: Vec<Inner> } }
    #[layout(version = 1)] { struct InOption { one: Option<Inner> } }
    #[layout(version = 1)] { struct InTuple { pair: (u8, Inner) } }
    #[layout(version = 1)] { struct InArray { two: [Inner; 2] } }
    #[layout(version = 1)] { struct InResult { result: Result<Inner, String> } }
    #[layout(version = 1)] { struct InBox { inner: Box<Inner> } }
    #[layout(version = 2)] { struct Generic<T> { items: Vec<T>, #[layout(since = 2)] total: u32 } }
    #[layout(version = 2, previous = v1::Chained)] { struct Chained { number: u64 } }
    #[layout(version = 2, previous = v1::Mixed)] { struct Mixed { sum: u16 } }
    #[layout(version = 2, previous = v1::ToEnum)] { enum ToEnum { Zero, Other(u8) } }
    #[layout(version = 2)] {
        enum ToStruct { Small(#[layout(was(u8, until = 2))] u16), Large(u64) }
    }
    #[layout(version = 2)] {
        struct Bounded {
            #[layout(was(String, until = 2, with = |old| Text::new(old).unwrap_or_default()))]
            text: Text<16>,
        }
    }
    #[layout(version = 2)] {
        struct Positions(u8, #[layout(removed(1: String, until = 2), renamed(2, until = 2))] u16);
    }
    #[layout(version = 2)] {
        struct Sized { #[layout(was(u32, until = 2, with = |old| vec![old; 3]))] n: Vec<u32> }
    }
    #[layout(version = 2)] { struct Large { bytes: Vec<u8>, #[layout(since = 2, default = 1)] kind: u8 } }
    #[layout(version = 2)] {
        struct Longer {
            #[layout(was([u8; 4], until = 2, with = |old| [old[0], old[1], old[2], old[3], 0, 0, 0, 1]))]
            digest: [u8; 8],
        }
    }
    #[layout(version = 2)] {
        struct Free { #[layout(was(Text<8>, until = 2, with = |old| old.into_inner()))] text: String }
    }
    #[layout(version = 1, previous = u64)] { struct Plain(u64); }
    #[layout(version = 2)] { struct Settings { limit: u32, #[layout(since = 2, default = 9)] more: u64 } }
}

impl From<u64> for Meters {
    fn from(meters: u64) -> Self {
        Meters(meters)
    }
}

impl From<v1::Chained> for Chained {
    fn from(old: v1::Chained) -> Self {
        Chained { number: old.text.parse().unwrap_or(0) }
    }
}

impl From<v1::Mixed> for Mixed {
    fn from(old: v1::Mixed) -> Self {
        Mixed { sum: u16::from(old.a) + u16::from(old.b) }
    }
}

impl From<v1::ToEnum> for ToEnum {
    fn from(old: v1::ToEnum) -> Self {
        if old.code == 0 { ToEnum::Zero } else { ToEnum::Other(old.code) }
    }
}

impl From<u64> for Plain {
    fn from(n: u64) -> Self {
        Plain(n)
    }
}

fn settings(by: u64) -> Settings {
    Settings { limit: by as u32, more: if by == 1 { 9 } else { 11 } }
}

fn inner(n: u64, by: u64) -> Inner {
    Inner { x: n as u16, y: if by == 1 { 3 } else { 4 } }
}

histories! {
    version 2, sweep 1;
    added: Added = |n, by| Added { a: n, b: if by == 1 { 7 } else { 8 } };
    removed: Removed = |n, by| Removed { a: n, z: n as u8 };
    renamed: Renamed = |n, by| Renamed { name: format!("nick {n}") };
    moved: Moved = |n, by| Moved { a: n as u8, b: 2 * n as u16, c: format!("c{n}") };
    widened: Widened = |n, by| Widened { n: n as u32 };
    converted: Converted = |n, by| Converted { n };
    optional: Optional = |n, by| Optional { n: (by == 1 || n.is_multiple_of(2)).then_some(n as u32) };
    required: Required = |n, by| Required { n: if n.is_multiple_of(2) { n as u16 } else { 0 } };
    growing: Growing = |n, by| match (by, n % 2) {
        (1, 0) => Growing::A,
        (1, _) => Growing::B(n as u8),
        _ => Growing::C(n.to_string()),
    };
    shrinking: Shrinking = |n, by| match n % 4 {
        0 => Shrinking::A,
        1 => Shrinking::D { x: (n as u8).into() },
        2 => Shrinking::C,
        _ => Shrinking::D { x: n as u16 },
    };
    named: Named = |n, by| if n.is_multiple_of(2) { Named::Crimson } else { Named::Green(n as u8) };
    filled: Filled = |n, by| match n % 2 {
        0 => Filled::Empty { why: if by == 1 { 5 } else { n } },
        _ => Filled::At(n as u8, if by == 1 { 0 } else { 6 }),
    };
    wrapped: Wrapped = |n, by| Wrapped { meters: Meters(n) };
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
    chained: Chained = |n, by| Chained { number: n };
    mixed: Mixed = |n, by| Mixed { sum: n as u16 + 1 };
    to_enum: ToEnum = |n, by| if n.is_multiple_of(3) { ToEnum::Zero } else { ToEnum::Other((n % 3) as u8) };
    to_struct: ToStruct = |n, by| {
        if n.is_multiple_of(2) { ToStruct::Small(n as u16) } else { ToStruct::Large(n) }
    };
    bounded: Bounded = |n, by| Bounded { text: Text::new(format!("text {n}")).unwrap() };
    positions: Positions = |n, by| Positions(n as u8, n as u16);
    sized: Sized = |n, by| Sized { n: vec![n as u32; 3] };
    large: Large = |n, by| Large { bytes: vec![n as u8; 5_000], kind: by as u8 };
    longer: Longer = |n, by| {
        let d = n as u8;
        Longer { digest: [d, d, d, d, 0, 0, 0, 1] }
    };
    free: Free = |n, by| Free { text: format!("t{n}") };
    plain: Plain = |n, by| Plain(n);
}

ic_cdk::export_candid!();
