//! A value of each type.

use std::num::{NonZeroI128, NonZeroU8, NonZeroU64};
use std::time::Duration;

use candid::Principal;
use graven::Blob;

use super::values::{Dynamic, Empty, Event, Fixed, Named, Pair, Primitives, Shape};

pub(super) fn principal(bytes: &[u8]) -> Principal {
    Principal::from_slice(bytes)
}

pub(super) fn extremes() -> (Primitives, Primitives) {
    let least = Primitives {
        a_bool: false,
        a_char: '\0',
        an_i8: i8::MIN,
        an_i16: i16::MIN,
        an_i32: i32::MIN,
        an_i64: i64::MIN,
        an_i128: i128::MIN,
        an_f32: f32::NEG_INFINITY,
        an_f64: f64::from_bits(0xfff8_0000_0000_1234),
        ..Primitives::default()
    };
    let greatest = Primitives {
        a_bool: true,
        a_char: char::MAX,
        a_u8: u8::MAX,
        a_u16: u16::MAX,
        a_u32: u32::MAX,
        a_u64: u64::MAX,
        a_u128: u128::MAX,
        an_i8: i8::MAX,
        an_i16: i16::MAX,
        an_i32: i32::MAX,
        an_i64: i64::MAX,
        an_i128: i128::MAX,
        an_f32: -0.0,
        an_f64: f64::MIN_POSITIVE,
    };
    (least, greatest)
}

pub(super) fn primitives() -> Primitives {
    Primitives {
        a_bool: true,
        a_char: 'ü',
        a_u8: 1,
        a_u16: 0x0203,
        a_u32: 0x0405_0607,
        a_u64: 0x0809_0a0b_0c0d_0e0f,
        a_u128: 0x1011_1213_1415_1617_1819_1a1b_1c1d_1e1f,
        an_i8: -2,
        an_i16: -3,
        an_i32: -4,
        an_i64: -5,
        an_i128: -6,
        an_f32: 1.5,
        an_f64: -0.1,
    }
}

pub(super) fn fixed() -> Fixed {
    Fixed {
        small: NonZeroU8::MIN,
        large: NonZeroU64::MAX,
        negative: NonZeroI128::new(-7).unwrap(),
        principal: principal(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 1]),
        anonymous: Principal::anonymous(),
        management: Principal::management_canister(),
        duration: Duration::new(5, 999_999_999),
        blob: Blob::new([1, 2, 0]).unwrap(),
        long_blob: Blob::new(vec![7; 258]).unwrap(),
        text: "Zürich".parse().unwrap(),
        some: Some(0x0102),
        none: None,
        nested: Some(None),
        ok: Ok(9),
        err: Err(0x0102_0304),
        bytes: [1, 2, 3],
        array: [1, 2, 0x0300],
        options: [None, Some(4)],
        nothing: [],
        tuple: (1, -1, true),
        one: (6,),
        unit: (),
        pair: Pair(1, 2),
        empty: Empty {},
        shapes: shapes(),
        boxed: Box::new(8),
    }
}

pub(super) fn shapes() -> [Shape; 3] {
    [Shape::Circle(3), Shape::Empty, Shape::Rectangle { width: 1, height: 2 }]
}

pub(super) fn events() -> Vec<Event> {
    let drawn = Event::Drawn { shape: Shape::Circle(5), notes: vec!["x".into(), String::new(), "yz".into()] };
    vec![Event::Named(7, "ab".into()), Event::Started, drawn]
}

pub(super) fn named(id: u32) -> Named {
    Named { id, name: "n".repeat(id as usize) }
}

pub(super) fn dynamic() -> Dynamic {
    Dynamic {
        text: "\"Grüße\"\n".into(),
        number: 0x0102,
        empty: String::new(),
        bytes: vec![0, 0xff],
        numbers: vec![1, 2, 3],
        texts: vec!["a".into(), String::new(), "bc".into()],
        no_texts: Vec::new(),
        nested: vec![vec![vec![1], Vec::new()], Vec::new()],
        some: Some("some".into()),
        none: None,
        some_empty: Some(String::new()),
        nested_option: Some(None),
        ok: Ok(1),
        err: Err("no".into()),
        array: ["x".into(), "yz".into()],
        no_array: [],
        tuple: (1, "two".into(), true, vec![4]),
        events: events(),
        shapes: shapes().to_vec(),
        inner: named(1),
        maybe: Some(named(2)),
        many: vec![named(0), named(3)],
        last: 0xee,
    }
}
