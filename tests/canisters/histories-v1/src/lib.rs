//! Histories, version 1.

use graven::{StableLayout, Text};

include!("../../histories.rs");

macro_rules! v1 {
    ($($item:item)*) => {
        $(#[derive(Clone, Debug, PartialEq, StableLayout)] #[layout(version = 1)] $item)*
    };
}

v1! {
    struct Added { a: u64 }
    struct Removed { a: u64, nick: String, z: u8 }
    struct Renamed { nick: String }
    struct Moved { a: u8, b: u16, c: String }
    struct Widened { n: u8 }
    struct Converted { n: String }
    struct Optional { n: u32 }
    struct Required { n: Option<u16> }
    enum Growing { A, B(u8) }
    enum Shrinking { A, B(u8), C, D { x: u16 } }
    enum Named { Red, Green(u8) }
    enum Filled { Empty, At(u8) }
    struct Wrapped { meters: u64 }
    struct Inner { x: u16 }
    struct Nested { inner: Inner }
    struct InVec { all: Vec<Inner> }
    struct InOption { one: Option<Inner> }
    struct InTuple { pair: (u8, Inner) }
    struct InArray { two: [Inner; 2] }
    struct InResult { result: Result<Inner, String> }
    struct InBox { inner: Box<Inner> }
    struct Generic<T> { items: Vec<T> }
    struct Chained { text: String }
    struct Mixed { a: u8, b: u8 }
    struct ToEnum { code: u8 }
    enum ToStruct { Small(u8), Large(u64) }
    struct Bounded { text: String }
    struct Positions(u8, String, u16);
    struct Sized { n: u32 }
    struct Large { bytes: Vec<u8> }
    struct Longer { digest: [u8; 4] }
    struct Free { text: Text<8> }
    struct Settings { limit: u32 }
}

fn settings(by: u64) -> Settings {
    Settings { limit: by as u32 }
}

fn inner(n: u64) -> Inner {
    Inner { x: n as u16 }
}

histories! {
    version 1, sweep 1;
    added: Added = |n, by| Added { a: n };
    removed: Removed = |n, by| Removed { a: n, nick: format!("nick {n}"), z: n as u8 };
    renamed: Renamed = |n, by| Renamed { nick: format!("nick {n}") };
    moved: Moved = |n, by| Moved { a: n as u8, b: 2 * n as u16, c: format!("c{n}") };
    widened: Widened = |n, by| Widened { n: n as u8 };
    converted: Converted = |n, by| Converted { n: n.to_string() };
    optional: Optional = |n, by| Optional { n: n as u32 };
    required: Required = |n, by| Required { n: n.is_multiple_of(2).then_some(n as u16) };
    growing: Growing = |n, by| if n.is_multiple_of(2) { Growing::A } else { Growing::B(n as u8) };
    shrinking: Shrinking = |n, by| match n % 4 {
        0 => Shrinking::A,
        1 => Shrinking::B(n as u8),
        2 => Shrinking::C,
        _ => Shrinking::D { x: n as u16 },
    };
    named: Named = |n, by| if n.is_multiple_of(2) { Named::Red } else { Named::Green(n as u8) };
    filled: Filled = |n, by| if n.is_multiple_of(2) { Filled::Empty } else { Filled::At(n as u8) };
    wrapped: Wrapped = |n, by| Wrapped { meters: n };
    nested: Nested = |n, by| Nested { inner: inner(n) };
    in_vec: InVec = |n, by| InVec { all: (0..n % 4).map(inner).collect() };
    in_option: InOption = |n, by| InOption { one: n.is_multiple_of(2).then(|| inner(n)) };
    in_tuple: InTuple = |n, by| InTuple { pair: (n as u8, inner(n)) };
    in_array: InArray = |n, by| InArray { two: [inner(n), inner(n + 1)] };
    in_result: InResult = |n, by| InResult {
        result: if n.is_multiple_of(2) { Ok(inner(n)) } else { Err(format!("no {n}")) },
    };
    in_box: InBox = |n, by| InBox { inner: Box::new(inner(n)) };
    generic: Generic<Inner> = |n, by| Generic { items: (0..n % 3).map(inner).collect() };
    chained: Chained = |n, by| Chained { text: n.to_string() };
    mixed: Mixed = |n, by| Mixed { a: n as u8, b: 1 };
    to_enum: ToEnum = |n, by| ToEnum { code: (n % 3) as u8 };
    to_struct: ToStruct = |n, by| {
        if n.is_multiple_of(2) { ToStruct::Small(n as u8) } else { ToStruct::Large(n) }
    };
    bounded: Bounded = |n, by| Bounded { text: format!("text {n}") };
    positions: Positions = |n, by| Positions(n as u8, format!("p{n}"), n as u16);
    sized: Sized = |n, by| Sized { n: n as u32 };
    large: Large = |n, by| Large { bytes: vec![n as u8; 5_000] };
    longer: Longer = |n, by| Longer { digest: [n as u8; 4] };
    free: Free = |n, by| Free { text: Text::new(format!("t{n}")).unwrap() };
    plain: u64 = |n, by| n;
}

ic_cdk::export_candid!();
