//! Every type that can be stored, as a field.

use std::num::{NonZeroI16, NonZeroU64};
use std::time::Duration;

use candid::Principal;
use graven::{BTreeMap, Blob, StableLayout, Text, open};
use graven_collection_tests::fielded;
use graven_collection_tests::fields::Fielded;
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
enum Fixed {
    Empty,
    Pair(u16, u8),
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
enum Varying {
    Empty,
    Named { name: String, number: u32 },
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Inner {
    flag: bool,
    words: Vec<String>,
    count: u32,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Everything {
    bool: bool,
    char: char,
    string: String,
    u8: u8,
    u16: u16,
    u32: u32,
    u64: u64,
    u128: u128,
    bytes: Vec<u8>,
    i8: i8,
    i16: i16,
    i32: i32,
    i64: i64,
    i128: i128,
    numbers: Vec<u32>,
    f32: f32,
    f64: f64,
    non_zero: NonZeroU64,
    small: NonZeroI16,
    principal: Principal,
    duration: Duration,
    words: Vec<String>,
    blob: Blob<40>,
    text: Text<300>,
    option: Option<u16>,
    maybe: Option<String>,
    result: Result<u8, u32>,
    outcome: Result<String, u8>,
    array: [u16; 3],
    texts: [String; 2],
    pair: (u8, i64),
    mixed: (u16, String, bool),
    fixed: Fixed,
    varying: Varying,
    boxed: Box<u64>,
    unit: (),
    inner: Inner,
    list: Vec<Inner>,
    last: u8,
}

fielded!(Everything: BOOL bool, CHAR char, STRING string, U8 u8, U16 u16, U32 u32, U64 u64, U128 u128, BYTES bytes, I8 i8,
    I16 i16, I32 i32, I64 i64, I128 i128, NUMBERS numbers, F32 f32, F64 f64, NON_ZERO non_zero, SMALL small,
    PRINCIPAL principal, DURATION duration, WORDS words, BLOB blob, TEXT text, OPTION option, MAYBE maybe,
    RESULT result, OUTCOME outcome, ARRAY array, TEXTS texts, PAIR pair, MIXED mixed, FIXED fixed, VARYING varying,
    BOXED boxed, UNIT unit, INNER inner, LIST list, LAST last;
    set BOOL bool, CHAR char, U8 u8, U16 u16, U32 u32, U64 u64, U128 u128, I8 i8, I16 i16, I32 i32, I64 i64,
    I128 i128, F32 f32, F64 f64, NON_ZERO non_zero, SMALL small, PRINCIPAL principal, DURATION duration, BLOB blob,
    TEXT text, OPTION option, RESULT result, ARRAY array, PAIR pair, FIXED fixed, BOXED boxed, UNIT unit, LAST last);

impl SampleValue for Inner {
    fn sample(rng: &mut Rng) -> Self {
        let words = (0..rng.below(3)).map(|_| String::sample(rng)).collect();
        Inner { flag: rng.once_in(2), words, count: rng.any() as u32 }
    }
}

impl SampleValue for Everything {
    fn sample(rng: &mut Rng) -> Self {
        let any = rng.any();
        let yes = rng.once_in(2);
        Everything {
            bool: yes,
            char: char::from_u32(any as u32 % 0xd800).unwrap(),
            string: String::sample(rng),
            u8: any as u8,
            u16: any as u16,
            u32: any as u32,
            u64: any,
            u128: u128::from(any) << 50,
            bytes: rng.bytes_below(60),
            i8: any as i8,
            i16: any as i16,
            i32: any as i32,
            i64: any as i64,
            i128: i128::from(any) << 60,
            numbers: vec![any as u32; rng.below(5) as usize],
            f32: any as f32,
            f64: any as f64,
            non_zero: NonZeroU64::new(any | 1).unwrap(),
            small: NonZeroI16::new(any as i16 | 1).unwrap(),
            principal: Principal::from_slice(&any.to_be_bytes()),
            duration: Duration::from_millis(any % 1_000_000),
            words: vec!["word".into(); rng.below(4) as usize],
            blob: Blob::new(rng.bytes_below(40)).unwrap(),
            text: Text::new("t".repeat(rng.below(300) as usize)).unwrap(),
            option: yes.then_some(any as u16),
            maybe: yes.then(|| "maybe".into()),
            result: if yes { Ok(any as u8) } else { Err(any as u32) },
            outcome: if yes { Ok("good".into()) } else { Err(any as u8) },
            array: [any as u16; 3],
            texts: [String::sample(rng), String::new()],
            pair: (any as u8, any as i64),
            mixed: (any as u16, String::sample(rng), yes),
            fixed: if yes { Fixed::Empty } else { Fixed::Pair(any as u16, 1) },
            varying: if yes { Varying::Empty } else { Varying::Named { name: "n".into(), number: 4 } },
            boxed: Box::new(any),
            unit: (),
            inner: Inner::sample(rng),
            list: (0..rng.below(3)).map(|_| Inner::sample(rng)).collect(),
            last: any as u8,
        }
    }
}

#[test]
fn every_type_is_read_and_set_as_a_field() {
    let mut map: BTreeMap<u64, Everything, Bytes> = open("map", Bytes::default()).unwrap();
    let rng = &mut Rng::new(1);
    for key in 0..120 {
        map.insert(key, Everything::sample(rng));
    }
    (0..120).for_each(|key| Everything::compare(&map, key));
    for _ in 0..2_000 {
        let key = rng.below(120);
        let expected = Everything::change(&mut map, key, rng);
        assert_eq!(map.get(&key), Some(expected));
    }
    map.verify().unwrap();
    (0..120).for_each(|key| Everything::compare(&map, key));
}

#[test]
fn fields_of_fields_are_read_and_set() {
    let mut map: BTreeMap<u64, Everything, Bytes> = open("map", Bytes::default()).unwrap();
    let rng = &mut Rng::new(2);
    let mut value = Everything::sample(rng);
    map.insert(1, value.clone());
    let (flag, words) = (Everything::INNER.then(Inner::FLAG), Everything::INNER.then(Inner::WORDS));
    assert_eq!(map.get_field(&1, flag), Some(value.inner.flag));
    assert_eq!(map.get_field(&1, words), Some(value.inner.words.clone()));
    map.set_field(&1, Everything::INNER.then(Inner::COUNT), 77);
    map.update_field(&1, flag, |flag| *flag = !*flag);
    value.inner.count = 77;
    value.inner.flag = !value.inner.flag;
    assert_eq!(map.get(&1), Some(value));
}
