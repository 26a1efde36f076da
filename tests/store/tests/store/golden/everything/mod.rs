//! Everything that the format has, in its current layout.

mod fill;
mod keys;
mod samples;
mod values;

use candid::Principal;
use graven::{BTreeMap, Blob, Cell, DefaultMemoryImpl, Reverse, Text};

use super::dump::{Dump, dump};
use super::plain::Plain;
use keys::{DynamicKey, Even, FixedKey, Odd};
use values::{Coded, Dynamic, Event, Fixed, Primitives, Shape};

/// Twelve of a type: three levels of it have a descriptor of 2,199 bytes.
type Twelve<T> = (T, T, T, T, T, T, T, T, T, T, T, T);

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

pub(super) fn write(memory: &DefaultMemoryImpl) {
    let mut store = Everything::open(memory.clone()).unwrap();
    fill::cells(&mut store);
    fill::values(&mut store);
    fill::trees(&mut store);
    fill::large(&mut store);
    fill::keys(&mut store);
    fill::dead(&mut store);
    // Frees a chain of some pages, which stay free.
    store.large_cell.set(fill::sparse(4000, 3));
}

/// Opens the memory, checks it, and returns what is in it.
pub(super) fn read(memory: &DefaultMemoryImpl) -> Vec<String> {
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
