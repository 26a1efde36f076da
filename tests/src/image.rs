//! A program's memory, to be compared with that of the same program made by another compiler.

use graven::{BTreeMap, Blob, Cell, DefaultMemoryImpl, Memory, StableKey, StableLayout, Text};

/// A record of everything whose layout a compiler might be tempted to choose.
#[derive(StableLayout, Clone, Debug, PartialEq)]
#[layout(version = 1)]
pub struct Mixed {
    small: u8,
    wide: u128,
    flag: bool,
    letter: char,
    ratio: f64,
    name: String,
    tags: Vec<Option<String>>,
    kind: Kind,
    code: Text<3>,
    digest: Blob<20>,
    nested: (u8, u64, [i16; 3]),
}

/// An enum with niches, gaps and data.
#[derive(StableLayout, Clone, Debug, PartialEq)]
#[layout(version = 1)]
pub enum Kind {
    /// Nothing.
    Nothing,
    /// A box, whose pointer would be a niche.
    Boxed(Box<u32>),
    /// Named fields.
    Named {
        /// May be absent.
        left: Option<u8>,
        /// Of any length.
        right: String,
    },
}

/// A key of several parts.
#[derive(StableKey, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    group: i8,
    name: String,
    number: u16,
}

#[graven::store]
struct Image {
    mixed: BTreeMap<Key, Mixed>,
    numbers: BTreeMap<u32, [u8; 24]>,
    large: BTreeMap<String, Vec<u8>>,
    last: Cell<Mixed>,
}

fn mixed(i: u32) -> Mixed {
    Mixed {
        small: i as u8,
        wide: u128::from(i) << 77,
        flag: i.is_multiple_of(2),
        letter: char::from_u32(0x3b1 + i % 20).unwrap_or('α'),
        ratio: f64::from(i) / 7.0,
        name: "x".repeat(i as usize % 50),
        tags: (0..i % 4).map(|tag| (tag > 0).then(|| format!("tag {tag}"))).collect(),
        kind: match i % 3 {
            0 => Kind::Nothing,
            1 => Kind::Boxed(Box::new(i)),
            _ => Kind::Named { left: i.is_multiple_of(5).then_some(9), right: format!("{i:b}") },
        },
        code: ["CH", "", "ABC"][i as usize % 3].parse().unwrap_or_default(),
        digest: Blob::new(vec![7; i as usize % 21]).unwrap_or_default(),
        nested: (1, u64::from(i), [-1, 0, i as i16]),
    }
}

/// Returns the memory after some thousand operations.
///
/// # Panics
/// If an operation fails.
#[must_use]
pub fn bytes() -> Vec<u8> {
    let memory = DefaultMemoryImpl::default();
    let mut image = Image::open(memory.clone()).expect("an empty memory opens");
    for i in 0..2_000u32 {
        let scattered = i.wrapping_mul(0x9e37_79b1);
        let key = Key { group: scattered as i8, name: format!("{:x}", scattered >> 20), number: i as u16 };
        image.mixed.insert(key.clone(), mixed(i));
        image.numbers.insert(scattered, [i as u8; 24]);
        if i.is_multiple_of(100) {
            image.large.insert(format!("large {i}"), vec![i as u8; 60 * i as usize]);
        }
        if i.is_multiple_of(3) {
            image.mixed.remove(&key);
            image.numbers.remove(&scattered);
        }
    }
    image.large.remove("large 700");
    image.last.set(&mixed(11));
    let mut bytes = vec![0; memory.size() as usize * 65_536];
    memory.read(0, &mut bytes);
    bytes
}
