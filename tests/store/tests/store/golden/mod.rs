//! Golden images: memories that this code must write byte for byte as it once did, with what is in
//! them. How they are written down is in `tests/golden/README.md`.

use std::collections::BTreeMap as Entries;
use std::fmt::Write;
use std::num::{NonZeroI128, NonZeroU8, NonZeroU64};
use std::time::Duration;

use candid::Principal;
use graven::key::encode_key;
use graven::schema::{Invalid, Layout};
use graven::{
    BTreeMap, Blob, Budget, Cell, Collection, DefaultMemoryImpl, Reverse, StableKey, StableLayout, Text,
};
use graven_tests::golden::{golden, listing};

/// A value in the canonical JSON of `tests/golden/README.md`.
trait Plain {
    fn plain(&self) -> String;

    /// Returns a sequence of such values: an array, or a string of hex digits for bytes.
    fn plain_all(all: &[Self]) -> String
    where
        Self: Sized,
    {
        list(all.iter().map(Plain::plain))
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}: {value}", name.to_string().plain())).collect();
    format!("{{{}}}", fields.join(", "))
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

macro_rules! plain {
    ($($($ty:ty),+ => |$value:ident| $make:expr;)+) => {$($(
        impl Plain for $ty {
            fn plain(&self) -> String {
                let $value = self;
                $make
            }
        }
    )+)+};
}

plain! {
    bool, u16, u32, i8, i16, i32, NonZeroU8 => |number| number.to_string();
    u64, u128, i64, i128, NonZeroU64, NonZeroI128 => |number| format!("\"{number}\"");
    f32 => |number| format!("\"{:08x}\"", number.to_bits());
    f64 => |number| format!("\"{:016x}\"", number.to_bits());
    char => |scalar| scalar.to_string().plain();
    Principal => |principal| hex(principal.as_slice());
    Duration => |duration| {
        object(&[("secs", duration.as_secs().plain()), ("nanos", duration.subsec_nanos().plain())])
    };
    () => |_unit| "[]".to_owned();
}

impl Plain for u8 {
    fn plain(&self) -> String {
        self.to_string()
    }

    fn plain_all(all: &[u8]) -> String {
        hex(all)
    }
}

impl Plain for String {
    fn plain(&self) -> String {
        let mut out = String::from("\"");
        for scalar in self.chars() {
            match scalar {
                '"' | '\\' => out.extend(['\\', scalar]),
                '\0'..='\x1f' => write!(out, "\\u{:04x}", u32::from(scalar)).unwrap(),
                _ => out.push(scalar),
            }
        }
        out + "\""
    }
}

impl<const N: usize> Plain for Text<N> {
    fn plain(&self) -> String {
        self.to_string().plain()
    }
}

impl<const N: usize> Plain for Blob<N> {
    fn plain(&self) -> String {
        hex(self)
    }
}

impl<T: Plain> Plain for Option<T> {
    fn plain(&self) -> String {
        self.as_ref().map_or("null".to_owned(), |value| format!("[{}]", value.plain()))
    }
}

impl<T: Plain, E: Plain> Plain for Result<T, E> {
    fn plain(&self) -> String {
        match self {
            Ok(value) => object(&[("Ok", value.plain())]),
            Err(value) => object(&[("Err", value.plain())]),
        }
    }
}

impl<T: Plain> Plain for Vec<T> {
    fn plain(&self) -> String {
        T::plain_all(self)
    }
}

impl<T: Plain, const N: usize> Plain for [T; N] {
    fn plain(&self) -> String {
        T::plain_all(self)
    }
}

impl<T: Plain> Plain for Box<T> {
    fn plain(&self) -> String {
        T::plain(self)
    }
}

impl<T: Plain> Plain for Reverse<T> {
    fn plain(&self) -> String {
        self.0.plain()
    }
}

macro_rules! plain_tuples {
    ($($($part:ident $i:tt)+;)+) => {$(
        impl<$($part: Plain),+> Plain for ($($part,)+) {
            fn plain(&self) -> String {
                list([$(self.$i.plain()),+].into_iter())
            }
        }
    )+};
}

plain_tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11;
}

/// Defines a struct with [`Plain`].
macro_rules! record {
    ($(#[$meta:meta])* struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$meta])*
        struct $name { $($(#[$field_meta])* $field: $ty,)* }

        impl Plain for $name {
            fn plain(&self) -> String {
                object(&[$((stringify!($field), self.$field.plain())),*])
            }
        }
    };
}

/// Bytes that only a codec understands.
#[derive(Debug, PartialEq)]
struct Coded(Vec<u8>);

impl StableLayout for Coded {
    const LAYOUT: &'static Layout = &Layout::Opaque { codec: "golden" };

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.0);
    }

    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        Ok(Coded(bytes.to_vec()))
    }
}

impl Plain for Coded {
    fn plain(&self) -> String {
        hex(&self.0)
    }
}

/// Twelve of a type: three levels of it have a descriptor of 2,199 bytes.
type Twelve<T> = (T, T, T, T, T, T, T, T, T, T, T, T);

/// Everything that the format has, in its current layout.
mod everything {
    use super::*;

    record! {
        #[derive(Debug, Default, PartialEq, StableLayout)]
        #[layout(version = 1)]
        struct Primitives {
            a_bool: bool,
            a_char: char,
            a_u8: u8,
            a_u16: u16,
            a_u32: u32,
            a_u64: u64,
            a_u128: u128,
            an_i8: i8,
            an_i16: i16,
            an_i32: i32,
            an_i64: i64,
            an_i128: i128,
            an_f32: f32,
            an_f64: f64,
        }
    }

    record! {
        #[derive(Debug, PartialEq, StableLayout)]
        #[layout(version = 3)]
        struct Fixed {
            small: NonZeroU8,
            large: NonZeroU64,
            negative: NonZeroI128,
            principal: Principal,
            anonymous: Principal,
            management: Principal,
            duration: Duration,
            blob: Blob<5>,
            long_blob: Blob<300>,
            text: Text<8>,
            some: Option<u16>,
            none: Option<u16>,
            nested: Option<Option<u8>>,
            ok: Result<u8, u32>,
            err: Result<u8, u32>,
            bytes: [u8; 3],
            array: [u16; 3],
            options: [Option<u8>; 2],
            nothing: [u64; 0],
            tuple: (u8, i16, bool),
            one: (u32,),
            unit: (),
            pair: Pair,
            empty: Empty,
            shapes: [Shape; 3],
            boxed: Box<u32>,
        }
    }

    record! {
        #[derive(Debug, Clone, PartialEq, StableLayout)]
        #[layout(version = 2)]
        struct Dynamic {
            text: String,
            number: u16,
            empty: String,
            bytes: Vec<u8>,
            numbers: Vec<u32>,
            texts: Vec<String>,
            no_texts: Vec<String>,
            nested: Vec<Vec<Vec<u8>>>,
            some: Option<String>,
            none: Option<String>,
            some_empty: Option<String>,
            nested_option: Option<Option<String>>,
            ok: Result<u8, String>,
            err: Result<u8, String>,
            array: [String; 2],
            no_array: [String; 0],
            tuple: (u8, String, bool, Vec<u8>),
            events: Vec<Event>,
            shapes: Vec<Shape>,
            inner: Named,
            maybe: Option<Named>,
            many: Vec<Named>,
            last: u8,
        }
    }

    record! {
        #[derive(Debug, Clone, Default, PartialEq, StableLayout)]
        #[layout(version = 7)]
        struct Named {
            id: u32,
            name: String,
        }
    }

    record! {
        #[derive(Debug, Default, PartialEq, StableLayout)]
        #[layout(version = 1)]
        struct Empty {}
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 1)]
    struct Pair(u8, u16);

    impl Plain for Pair {
        fn plain(&self) -> String {
            object(&[("0", self.0.plain()), ("1", self.1.plain())])
        }
    }

    /// Of constant size.
    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 1)]
    enum Shape {
        Empty,
        Circle(u16),
        #[layout(tag = 200)]
        Rectangle {
            width: u16,
            height: u8,
        },
    }

    impl Plain for Shape {
        fn plain(&self) -> String {
            match self {
                Shape::Empty => object(&[("Empty", object(&[]))]),
                Shape::Circle(radius) => object(&[("Circle", object(&[("0", radius.plain())]))]),
                Shape::Rectangle { width, height } => {
                    let fields = object(&[("width", width.plain()), ("height", height.plain())]);
                    object(&[("Rectangle", fields)])
                }
            }
        }
    }

    /// Of any size.
    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 4)]
    enum Event {
        Started,
        Named(u8, String),
        Drawn { shape: Shape, notes: Vec<String> },
    }

    impl Plain for Event {
        fn plain(&self) -> String {
            match self {
                Event::Started => object(&[("Started", object(&[]))]),
                Event::Named(number, name) => {
                    object(&[("Named", object(&[("0", number.plain()), ("1", name.plain())]))])
                }
                Event::Drawn { shape, notes } => {
                    object(&[("Drawn", object(&[("shape", shape.plain()), ("notes", notes.plain())]))])
                }
            }
        }
    }

    record! {
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
        struct FixedKey {
            number: i16,
            bytes: [u8; 2],
        }
    }

    record! {
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
        struct DynamicKey {
            country: String,
            city: Option<String>,
            newest_first: Reverse<u32>,
            name: String,
        }
    }

    /// Keys of one size.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
    enum Even {
        Number(u16),
        Bytes([u8; 2]),
    }

    impl Plain for Even {
        fn plain(&self) -> String {
            match self {
                Even::Number(number) => object(&[("Number", object(&[("0", number.plain())]))]),
                Even::Bytes(bytes) => object(&[("Bytes", object(&[("0", bytes.plain())]))]),
            }
        }
    }

    /// Keys of many sizes.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
    enum Odd {
        None,
        #[layout(tag = 9)]
        Name(String),
        Both {
            name: String,
            number: u8,
        },
    }

    impl Plain for Odd {
        fn plain(&self) -> String {
            match self {
                Odd::None => object(&[("None", object(&[]))]),
                Odd::Name(name) => object(&[("Name", object(&[("0", name.plain())]))]),
                Odd::Both { name, number } => {
                    object(&[("Both", object(&[("name", name.plain()), ("number", number.plain())]))])
                }
            }
        }
    }

    /// Defines the store with [`Dump`].
    macro_rules! dumped {
        (struct $name:ident { $($kind:ident $field:ident: $ty:ty,)+ }) => {
            #[graven::store]
            struct $name { $($field: $ty,)+ }

            impl Dump for $name {
                fn dump(&self) -> Vec<String> {
                    vec![$(dump!($kind, stringify!($field), &self.$field)),+]
                }
            }
        };
    }

    dumped! {
        struct Everything {
            cell unset: Cell<Twelve<Twelve<Twelve<u8>>>>,
            cell taken: Cell<u64>,
            cell unit: Cell<()>,
            cell limit: Cell<u64>,
            cell primitives: Cell<Primitives>,
            cell extremes: Cell<(Primitives, Primitives)>,
            cell fixed: Cell<Fixed>,
            cell dynamic: Cell<Dynamic>,
            cell coded: Cell<Coded>,
            cell large_cell: Cell<Vec<u8>>,
            map never_used: BTreeMap<u8, Shape>,
            map emptied: BTreeMap<u32, Event>,
            map cleared: BTreeMap<u32, Vec<u8>>,
            map short_cell: BTreeMap<u8, ()>,
            map shapes: BTreeMap<u32, Shape>,
            map events: BTreeMap<u32, Event>,
            map names: BTreeMap<String, String>,
            map scores: BTreeMap<String, u32>,
            map options: BTreeMap<u32, Option<String>>,
            map holes: BTreeMap<u32, String>,
            map two_levels: BTreeMap<u32, Blob<900>>,
            map three_levels: BTreeMap<Vec<u8>, u32>,
            map large_values: BTreeMap<u32, Vec<u8>>,
            map large_fixed: BTreeMap<String, Blob<2100>>,
            map unsigned: BTreeMap<(u8, u16, u32, u64, u128), u32>,
            map signed: BTreeMap<(i8, i16, i32, i64, i128), u32>,
            map bools: BTreeMap<(bool, char), u32>,
            map principals: BTreeMap<Principal, u32>,
            map texts: BTreeMap<Text<300>, u32>,
            map blobs: BTreeMap<Blob<4>, u32>,
            map bytes: BTreeMap<[u8; 4], u32>,
            map arrays: BTreeMap<[i16; 2], u32>,
            map text_arrays: BTreeMap<[String; 2], u32>,
            map text_first: BTreeMap<(String, u32), u32>,
            map text_last: BTreeMap<(u32, String), u32>,
            map text_then_unit: BTreeMap<(Vec<u8>, ()), u32>,
            map option_first: BTreeMap<(Option<String>, u8), u32>,
            map option_last: BTreeMap<(u8, Option<Blob<9>>), u32>,
            map reversed: BTreeMap<Reverse<i32>, u32>,
            map reversed_text: BTreeMap<Reverse<String>, u32>,
            map reversed_inside: BTreeMap<(Reverse<(String, i8)>, String), u32>,
            map fixed_keys: BTreeMap<FixedKey, u32>,
            map dynamic_keys: BTreeMap<DynamicKey, u32>,
            map even_keys: BTreeMap<Even, u32>,
            map odd_keys: BTreeMap<(Odd, Odd), u32>,
            map unit_key: BTreeMap<(), u32>,
            map filler: BTreeMap<u32, Blob<2100>>,
        }
    }

    fn principal(bytes: &[u8]) -> Principal {
        Principal::from_slice(bytes)
    }

    fn extremes() -> (Primitives, Primitives) {
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

    fn primitives() -> Primitives {
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

    fn fixed() -> Fixed {
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

    fn shapes() -> [Shape; 3] {
        [Shape::Circle(3), Shape::Empty, Shape::Rectangle { width: 1, height: 2 }]
    }

    fn events() -> Vec<Event> {
        let drawn = Event::Drawn { shape: Shape::Circle(5), notes: vec!["x".into(), "".into(), "yz".into()] };
        vec![Event::Named(7, "ab".into()), Event::Started, drawn]
    }

    fn named(id: u32) -> Named {
        Named { id, name: "n".repeat(id as usize) }
    }

    fn dynamic() -> Dynamic {
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

    /// Mostly zeros, which take no rows in a listing.
    fn sparse(len: usize, mark: u8) -> Vec<u8> {
        let mut bytes = vec![0; len];
        (bytes[0], bytes[len - 1]) = (mark, mark);
        bytes
    }

    fn cells(store: &mut Everything) {
        store.taken.set(5);
        store.unit.set(());
        store.limit.set(9);
        store.limit.set(10);
        store.primitives.set(primitives());
        store.extremes.set(extremes());
        store.fixed.set(fixed());
        store.dynamic.set(dynamic());
        store.coded.set(Coded(vec![0xc0, 0xde]));
        store.large_cell.set(sparse(20_000, 1));
        assert_eq!(store.taken.take(), Some(5));
    }

    fn values(store: &mut Everything) {
        for number in 0..4 {
            store.emptied.insert(number, Event::Started);
        }
        while store.emptied.pop_first().is_some() {}
        store.short_cell.insert(7, ());
        store.shapes.extend((1..).zip(shapes()));
        store.events.extend((1..).zip(events()));
        for (key, value) in [("ab", "xyz"), ("", "empty key"), ("empty value", ""), ("Zürich", "ZH")] {
            store.names.insert(key.into(), value.into());
            store.scores.insert(key.into(), value.len() as u32);
        }
        store.options.extend([(1, Some("one".into())), (2, None), (3, Some(String::new()))]);
        for number in 0..6 {
            store.holes.insert(number, format!("text {number}").repeat(number as usize));
        }
        store.holes.remove(&1);
        store.holes.remove(&3);
        store.holes.insert(4, "shorter than before".into());
        store.holes.insert(6, "text 1".into());
    }

    fn trees(store: &mut Everything) {
        for number in 0..15u32 {
            store.two_levels.insert(number * 7 % 15, Blob::new([number as u8]).unwrap());
        }
        for number in 0..34u32 {
            let mut key = vec![0; 980];
            key[976..].copy_from_slice(&(number * 5 % 34).to_be_bytes());
            store.three_levels.insert(key, number);
        }
        // Leaves are dropped on both sides; keys in front of first children are left over.
        for number in (0..8).chain([14, 15, 16, 17, 18]) {
            let mut key = vec![0; 980];
            key[976..].copy_from_slice(&u32::to_be_bytes(number));
            assert!(store.three_levels.remove(&key).is_some());
        }
    }

    /// Values in extents, of which some are in pieces between others.
    fn large(store: &mut Everything) {
        for number in 1..6 {
            store.large_values.insert(number, sparse(3000 + 1000 * number as usize, number as u8));
        }
        store.large_values.remove(&2);
        store.large_values.remove(&4);
        store.large_cell.set(sparse(17_000, 2));
        store.large_values.insert(6, sparse(12_000, 6));
        store.large_values.insert(1, sparse(2000, 1));
        store.large_values.insert(7, Vec::new());
        store.large_values.insert(8, sparse(2024, 8));
        store.large_values.insert(9, sparse(2025, 9));
        for key in ["one", "two"] {
            store.large_fixed.insert(key.into(), Blob::new(key.as_bytes()).unwrap());
        }
    }

    fn fill<K: StableKey, const N: usize>(map: &mut BTreeMap<K, u32>, keys: [K; N]) {
        map.extend(keys.into_iter().zip(1..));
    }

    fn text(text: &str) -> String {
        text.to_owned()
    }

    fn keys(store: &mut Everything) {
        let max = (u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX);
        fill(&mut store.unsigned, [(1, 2, 3, 4, 5), max, (0, 0x0102, 0, 0x0304, 0)]);
        let (min, max) = (
            (i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN),
            (i8::MAX, i16::MAX, i32::MAX, i64::MAX, i128::MAX),
        );
        fill(&mut store.signed, [(-1, -2, -3, -4, -5), max, (0, 0, 0, 0, 0), min, (1, 2, 3, 4, 5)]);
        fill(&mut store.bools, [(true, 'a'), (false, '\u{10ffff}'), (true, 'é'), (false, 'a')]);
        let principals = [principal(&[1, 2]), Principal::anonymous(), principal(&[9; 29])];
        fill(&mut store.principals, principals);
        store.principals.insert(Principal::management_canister(), 4);
        fill(&mut store.texts, ["b", "", "ab", "a\0", "Zürich"].map(|text| text.parse().unwrap()));
        fill(&mut store.blobs, [&[0u8, 0][..], &[], &[0xff; 4], &[1]].map(|bytes| Blob::new(bytes).unwrap()));
        fill(&mut store.bytes, [[1, 2, 3, 4], [0; 4], [0xff; 4]]);
        fill(&mut store.arrays, [[-1, 1], [0, 0], [-300, 300]]);
        fill(&mut store.text_arrays, [["a", "b\0"], ["a\0", ""], ["", "a"]].map(|pair| pair.map(text)));
        let words = ["ab", "a\0b", "a", "", "\0"].map(text);
        fill(&mut store.text_first, words.clone().map(|word| (word, 8001)));
        fill(&mut store.text_last, words.clone().map(|word| (8001, word)));
        fill(&mut store.text_then_unit, words.clone().map(|word| (word.into_bytes(), ())));
        fill(&mut store.option_first, [(Some(text("ab")), 1), (None, 1), (Some(text("")), 2)]);
        let blob = Blob::new([0, 1]).unwrap();
        fill(&mut store.option_last, [(1, Some(blob)), (1, None), (0, Some(Blob::default()))]);
        fill(&mut store.reversed, [5, -5, i32::MIN].map(Reverse));
        fill(&mut store.reversed_text, words.clone().map(Reverse));
        fill(&mut store.reversed_inside, words.map(|word| (Reverse((word.clone(), -1)), word)));
        fill(&mut store.fixed_keys, [-1, 0, 1].map(|number| FixedKey { number, bytes: [1, 2] }));
        let key = |city: Option<&str>, newest_first, name: &str| DynamicKey {
            country: text("CH"),
            city: city.map(text),
            newest_first: Reverse(newest_first),
            name: text(name),
        };
        fill(&mut store.dynamic_keys, [key(Some("Bern"), 1, "x"), key(None, 7, "y"), key(None, 8, "\0")]);
        fill(&mut store.even_keys, [Even::Bytes([1, 2]), Even::Number(0x0102), Even::Bytes([0, 0])]);
        let both = Odd::Both { name: text("b\0"), number: 3 };
        let odd = [
            (Odd::Name(text("a")), both.clone()),
            (Odd::None, Odd::Name(text("a\0"))),
            (both.clone(), both),
            (Odd::None, Odd::None),
        ];
        fill(&mut store.odd_keys, odd);
        fill(&mut store.unit_key, [()]);
    }

    /// Two detached trees, of which the younger one is partly freed: that begins when pages
    /// run short.
    fn dead(store: &mut Everything) {
        for round in 1..=2 {
            for number in 0..12 {
                store.cleared.insert(number, sparse(if number % 5 == 1 { 2500 } else { 900 }, round));
            }
            store.cleared.clear();
        }
        let (memory_bytes, whole) = (store.usage().memory_bytes, dead_children(store));
        while dead_children(store) == whole {
            store.filler.insert(store.filler.len() as u32, Blob::new([0xf1]).unwrap());
            assert_eq!(store.usage().memory_bytes, memory_bytes, "the memory grew before the dead were used");
        }
        assert!(store.usage().detached);
    }

    /// Page of the first dead node, and how many pages it owns.
    fn dead_children(store: &Everything) -> (u32, u16) {
        let pager = store.cleared.root().pager();
        let (dead, mut owned) = (pager.heads().detached.get(), [0; 2]);
        pager.read(dead, 10, &mut owned).unwrap();
        (dead, u16::from_le_bytes(owned))
    }

    pub(super) fn build(memory: &DefaultMemoryImpl) -> Vec<String> {
        let mut store = Everything::open(memory.clone()).unwrap();
        cells(&mut store);
        values(&mut store);
        trees(&mut store);
        large(&mut store);
        keys(&mut store);
        dead(&mut store);
        // Frees a chain of some pages, which stay free.
        store.large_cell.set(sparse(4000, 3));
        let store = Everything::open(memory.clone()).unwrap();
        store.verify();
        store.dump()
    }

    impl Everything {
        fn verify(&self) {
            let maps = (&self.holes, &self.two_levels, &self.three_levels, &self.large_values, &self.filler);
            maps.0.verify().unwrap();
            maps.1.verify().unwrap();
            maps.2.verify().unwrap();
            maps.3.verify().unwrap();
            maps.4.verify().unwrap();
        }
    }
}

/// The roots of a store as JSON, one entry to a line.
trait Dump {
    fn dump(&self) -> Vec<String>;
}

fn dump_cell(name: &str, value: &Option<String>) -> String {
    let value = value.as_ref().map_or("null".to_owned(), |value| format!("[{value}]"));
    format!("{{\"name\": \"{name}\", \"collection\": \"Cell\", \"value\": {value}}}")
}

fn dump_map(name: &str, entries: &[(String, String)]) -> String {
    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("  [{key}, {value}]")).collect();
    let entries = if entries.is_empty() { String::new() } else { format!("\n{}\n", entries.join(",\n")) };
    format!("{{\"name\": \"{name}\", \"collection\": \"BTreeMap\", \"entries\": [{entries}]}}")
}

macro_rules! dump {
    (cell, $name:expr, $cell:expr) => {
        dump_cell($name, &$cell.get().map(|value| value.plain()))
    };
    (map, $name:expr, $map:expr) => {
        dump_map($name, &$map.iter().map(|(key, value)| (key.plain(), value.plain())).collect::<Vec<_>>())
    };
}
use dump;

/// Three versions of a record, side by side in the leaves of one map.
mod versions {
    use super::*;

    record! {
        #[derive(Debug, Clone, PartialEq, StableLayout)]
        #[layout(version = 1)]
        struct Thing1 {
            number: u32,
            pad: Blob<300>,
        }
    }

    record! {
        #[derive(Debug, Clone, PartialEq, StableLayout)]
        #[layout(version = 2)]
        struct Thing2 {
            number: u32,
            #[layout(since = 2, default = 7)]
            extra: u16,
            pad: Blob<300>,
        }
    }

    record! {
        #[derive(Debug, Clone, PartialEq, StableLayout)]
        #[layout(version = 3, previous = Thing2)]
        struct Thing3 {
            text: String,
            extra: u16,
            data: Vec<u8>,
        }
    }

    impl From<Thing2> for Thing3 {
        fn from(old: Thing2) -> Thing3 {
            Thing3 { text: format!("was {}", old.number), extra: old.extra, data: vec![0xda; 3] }
        }
    }

    #[graven::store]
    struct First {
        things: BTreeMap<u32, Thing1>,
        by_name: BTreeMap<String, Thing1>,
        renewed: BTreeMap<u32, Thing1>,
        thing: Cell<Thing1>,
        other: Cell<Thing1>,
    }

    #[graven::store]
    struct Second {
        thing: Cell<Thing2>,
        things: BTreeMap<u32, Thing2>,
        other: Cell<Thing2>,
        by_name: BTreeMap<String, Thing2>,
        renewed: BTreeMap<u32, Thing2>,
    }

    #[graven::store]
    struct Third {
        things: BTreeMap<u32, Thing3>,
        by_name: BTreeMap<String, Thing3>,
        renewed: BTreeMap<u32, Thing3>,
        thing: Cell<Thing3>,
        other: Cell<Thing3>,
        added: BTreeMap<u32, Thing3>,
    }

    fn first(number: u32) -> Thing1 {
        Thing1 { number, pad: Blob::new([1]).unwrap() }
    }

    fn second(number: u32) -> Thing2 {
        Thing2 { number, extra: 0x0200 + number as u16, pad: Blob::new([2, 2]).unwrap() }
    }

    /// One in five is kept outside of its leaf.
    fn third(number: u32) -> Thing3 {
        let len = if number.is_multiple_of(5) { 2500 } else { 3 };
        Thing3 { text: format!("third {number}"), extra: 3, data: vec![0; len] }
    }

    fn name(number: u32) -> String {
        format!("name {number}")
    }

    type Plains = Entries<u32, String>;

    fn all(plains: &Plains) -> Vec<(String, String)> {
        plains.iter().map(|(key, value)| (key.plain(), value.clone())).collect()
    }

    /// Returns the roots as they are stored, each value in its own version.
    pub(super) fn build(memory: &DefaultMemoryImpl) -> (Vec<String>, Vec<String>) {
        let (mut things, mut by_name) = (Plains::new(), Plains::new());
        let mut store = First::open(memory.clone()).unwrap();
        for number in 0..36 {
            store.things.insert(number, first(number));
            things.insert(number, first(number).plain());
        }
        for number in 0..6 {
            store.by_name.insert(name(number), first(number));
            by_name.insert(number, first(number).plain());
        }
        store.renewed.insert(1, first(1));
        store.thing.set(first(1));
        store.other.set(first(2));
        drop(store);

        let mut store = Second::open(memory.clone()).unwrap();
        for number in (0..40).filter(|number| number % 3 == 1) {
            store.things.insert(number, second(number));
            things.insert(number, second(number).plain());
        }
        for number in [1, 2, 6] {
            store.by_name.insert(name(number), second(number));
            by_name.insert(number, second(number).plain());
        }
        store.other.set(second(2));
        drop(store);

        let mut store = Third::open(memory.clone()).unwrap();
        for number in (0..44).filter(|number| number % 3 == 2) {
            store.things.insert(number, third(number));
            things.insert(number, third(number).plain());
        }
        for number in [2, 7] {
            store.by_name.insert(name(number), third(number));
            by_name.insert(number, third(number).plain());
        }
        // No value is left in the first version, but the leaf still lists it.
        store.renewed.insert(1, third(1));
        store.added.insert(1, third(1));
        let one = Plains::from([(1, third(1).plain())]);
        let mut budget = Budget::pages(1);
        store.sweep(&mut budget).unwrap();
        assert_eq!(budget.migrated, 1);

        // The first leaf is swept: all keys below the cursor.
        let next = store.things.root().cursor().unwrap();
        for (number, plain) in &mut things {
            if encode_key(number).as_slice() < next.as_slice() {
                *plain = store.things.get(number).unwrap().plain();
            }
        }
        store.things.verify().unwrap();
        store.by_name.verify().unwrap();
        let by_name: Vec<_> =
            by_name.into_iter().map(|(number, value)| (name(number).plain(), value)).collect();
        let stored = vec![
            dump_map("things", &all(&things)),
            dump_map("by_name", &by_name),
            dump_map("renewed", &all(&one)),
            dump_cell("thing", &Some(first(1).plain())),
            dump_cell("other", &Some(second(2).plain())),
            dump_map("added", &all(&one)),
        ];
        let newest = vec![
            dump!(map, "things", &store.things),
            dump!(map, "by_name", &store.by_name),
            dump!(map, "renewed", &store.renewed),
            dump!(cell, "thing", &store.thing),
            dump!(cell, "other", &store.other),
            dump!(map, "added", &store.added),
        ];
        (stored, newest)
    }
}

fn json(roots: &[String]) -> String {
    format!("{{\"roots\": [\n{}\n]}}\n", roots.join(",\n"))
}

#[test]
fn everything_is_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let roots = everything::build(&memory);
    golden("everything.image", &listing(&memory));
    golden("everything.json", &json(&roots));
}

#[test]
fn versions_side_by_side_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let (stored, newest) = versions::build(&memory);
    golden("versions.image", &listing(&memory));
    golden("versions.json", &json(&stored));
    golden("versions.newest.json", &json(&newest));
}
