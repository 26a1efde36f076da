//! Types with every kind of change, beside those of `graven_tests::chains`.

#![allow(missing_docs)]

use graven::StableLayout;
use graven_tests::chains::{dynamic, mixed};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;

use crate::fielded;

fielded!(mixed::V1: A a; set A a);
fielded!(mixed::V2: A a, B b; set A a, B b);
fielded!(mixed::V3: C c, TEXT text; set C c);
fielded!(mixed::V4: C c, D d, TEXT text; set C c);
fielded!(mixed::V5: E e, C c; set E e, C c);
fielded!(mixed::V6: F f, E e, C c; set F f, E e, C c);
fielded!(dynamic::V1: BYTES bytes; set);
fielded!(dynamic::V2: NOTE note, BYTES bytes; set);
fielded!(dynamic::V3: PARTS parts; set);
fielded!(dynamic::V4: HALF half; set);
fielded!(dynamic::V5: HALF half, MORE more; set);

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
pub struct PlaceV1 {
    pub street: String,
    pub zip: u16,
}

/// A field added, one converted, the order changed.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2, moved(street, zip, until = 2))]
pub struct PlaceV2 {
    #[layout(was(u16, until = 2))]
    pub zip: u32,
    #[layout(since = 2, default = *b"CH")]
    pub country: [u8; 2],
    pub street: String,
}

#[derive(Debug, Clone, Copy, PartialEq, StableLayout)]
#[layout(version = 1)]
pub struct Money {
    pub cents: u64,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
pub struct V1 {
    pub id: u32,
    pub age: u8,
    pub name: String,
    pub balance: u64,
    pub place: PlaceV1,
}

/// A field added, one renamed.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
pub struct V2 {
    pub id: u32,
    #[layout(since = 2, default = 1)]
    pub level: u8,
    pub age: u8,
    #[layout(renamed(name, until = 2))]
    pub full_name: String,
    pub balance: u64,
    pub place: PlaceV1,
}

/// Two fields converted, one removed, two added, all of them moved; the type of one has a new
/// version.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 3, moved(id, level, age, full_name, balance, place, until = 3))]
pub struct V3 {
    #[layout(was(u64, until = 3, with = |cents| Money { cents }))]
    pub balance: Money,
    #[layout(removed(age: u8, until = 3))]
    #[layout(renamed(name, until = 2))]
    pub full_name: String,
    #[layout(since = 3, default = vec!["none".to_owned()])]
    pub tags: Vec<String>,
    pub place: PlaceV2,
    #[layout(was(u32, until = 3))]
    pub id: u64,
    #[layout(since = 2, default = 1)]
    pub level: u8,
    #[layout(since = 3)]
    pub padding: [u64; 6],
    #[layout(since = 3, default = PlaceV2 { zip: 8001, country: *b"AT", street: "Ring".into() })]
    pub second: PlaceV2,
}

/// Another type, whose fields are made of the old ones; a chain of conversions afterwards.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 5, previous = V3)]
pub struct V5 {
    pub words: String,
    #[layout(was(u32, until = 5, with = |zip| zip as u64 * 2))]
    pub number: u64,
    pub place: PlaceV2,
}

/// The type as of version 4.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 4, previous = V3)]
pub struct V4 {
    pub words: String,
    pub number: u32,
    pub place: PlaceV2,
}

impl From<V3> for V4 {
    fn from(old: V3) -> V4 {
        V4 { words: old.full_name + &old.tags.concat(), number: old.place.zip, place: old.second }
    }
}

impl From<V3> for V5 {
    fn from(old: V3) -> V5 {
        let V4 { words, number, place } = old.into();
        V5 { words, number: u64::from(number) * 2, place }
    }
}

fielded!(V1: ID id, AGE age, NAME name, BALANCE balance, PLACE place; set ID id, AGE age, BALANCE balance);
fielded!(V2: ID id, LEVEL level, AGE age, FULL_NAME full_name, BALANCE balance, PLACE place;
    set ID id, LEVEL level, BALANCE balance);
fielded!(V3: BALANCE balance, FULL_NAME full_name, TAGS tags, PLACE place, ID id, LEVEL level, PADDING padding,
    SECOND second; set BALANCE balance, ID id, LEVEL level, PADDING padding);
fielded!(V4: WORDS words, NUMBER number, PLACE place; set NUMBER number);
fielded!(V5: WORDS words, NUMBER number, PLACE place; set NUMBER number);

/// Text that now and then is too long for a leaf.
fn text(rng: &mut Rng) -> String {
    let len = if rng.once_in(12) { rng.below(9_000) } else { rng.below(40) };
    "abcdefgh".repeat(len as usize / 8 + 1)[..len as usize].to_owned()
}

impl SampleValue for PlaceV1 {
    fn sample(rng: &mut Rng) -> Self {
        PlaceV1 { street: text(rng), zip: rng.any() as u16 }
    }
}

impl SampleValue for PlaceV2 {
    fn sample(rng: &mut Rng) -> Self {
        PlaceV2 { zip: rng.any() as u32, country: [rng.any() as u8; 2], street: text(rng) }
    }
}

impl SampleValue for V1 {
    fn sample(rng: &mut Rng) -> Self {
        let (id, age) = (rng.any() as u32, rng.any() as u8);
        V1 { id, age, name: text(rng), balance: rng.any(), place: PlaceV1::sample(rng) }
    }
}

impl SampleValue for V2 {
    fn sample(rng: &mut Rng) -> Self {
        let V1 { id, age, name, balance, place } = V1::sample(rng);
        V2 { id, level: rng.any() as u8, age, full_name: name, balance, place }
    }
}

impl SampleValue for V3 {
    fn sample(rng: &mut Rng) -> Self {
        V3 {
            balance: Money { cents: rng.any() },
            full_name: text(rng),
            tags: (0..rng.below(4)).map(|_| text(rng)).collect(),
            place: PlaceV2::sample(rng),
            id: rng.any(),
            level: rng.any() as u8,
            padding: [rng.any(); 6],
            second: PlaceV2::sample(rng),
        }
    }
}

impl SampleValue for V4 {
    fn sample(rng: &mut Rng) -> Self {
        V4 { words: text(rng), number: rng.any() as u32, place: PlaceV2::sample(rng) }
    }
}

impl SampleValue for V5 {
    fn sample(rng: &mut Rng) -> Self {
        V5 { words: text(rng), number: rng.any(), place: PlaceV2::sample(rng) }
    }
}
