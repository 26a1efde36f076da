//! Layouts of std's sets and maps: lists of their elements or pairs. They are encoded in a defined
//! order and decoded in any order, because the order of a key type may change, and a `Vec` of pairs
//! may become a map.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use super::list::{encode_list, list_len};
use super::{Invalid, Layout, StableLayout, encode};
use crate::evolution::{History, Plan};

/// Collects entries. Returns an error if two of them have the same key.
fn distinct<E, C: FromIterator<E>>(entries: Vec<E>, len: impl Fn(&C) -> usize) -> Result<C, Invalid> {
    let count = entries.len();
    let collected: C = entries.into_iter().collect();
    if len(&collected) == count { Ok(collected) } else { Err(Invalid("a map or set has a key twice")) }
}

/// Sorts the entries of a hash table by the encodings of their keys, so that equal tables have
/// equal bytes.
fn sorted<E>(entries: impl Iterator<Item = (Vec<u8>, E)>) -> impl ExactSizeIterator<Item = E> {
    let mut entries: Vec<(Vec<u8>, E)> = entries.collect();
    entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    entries.into_iter().map(|(_, entry)| entry)
}

macro_rules! table {
    ($(#[$doc:meta])* [$($generics:tt)*] $table:ty: $element:ty, |$self:ident| $entries:expr) => {
        $(#[$doc])*
        impl<$($generics)*> StableLayout for $table {
            const LAYOUT: &'static Layout = <Vec<$element>>::LAYOUT;
            const HISTORY: &'static History = <Vec<$element>>::HISTORY;

            fn encoded_len(&self) -> usize {
                list_len(self.iter())
            }

            fn encode(&self, out: &mut [u8]) {
                let $self = self;
                encode_list($entries, out);
            }

            fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
                distinct(<Vec<$element>>::decode(bytes)?, Self::len)
            }

            fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
                distinct(<Vec<$element>>::decode_old(plan, bytes)?, Self::len)
            }
        }
    };
}

table!(
    /// Has the layout of `Vec<(K, V)>`, in the order of `Ord`.
    [K: StableLayout + Ord, V: StableLayout] BTreeMap<K, V>: (K, V), |map| map.iter()
);

table!(
    /// Has the layout of `Vec<T>`, in the order of `Ord`.
    [T: StableLayout + Ord] BTreeSet<T>: T, |set| set.iter()
);

table!(
    /// Has the layout of `Vec<(K, V)>`, in the order of the keys' encodings.
    [K: StableLayout + Hash + Eq, V: StableLayout, S: BuildHasher + Default + 'static] HashMap<K, V, S>: (K, V),
    |map| sorted(map.iter().map(|entry| (encode(entry.0), entry)))
);

table!(
    /// Has the layout of `Vec<T>`, in the order of the elements' encodings.
    [T: StableLayout + Hash + Eq, S: BuildHasher + Default + 'static] HashSet<T, S>: T,
    |set| sorted(set.iter().map(|element| (encode(element), element)))
);

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs() -> Vec<(String, u16)> {
        [("b", 2), ("a", 1), ("", 300)].map(|(name, number)| (String::from(name), number)).to_vec()
    }

    #[test]
    fn a_map_has_the_bytes_of_its_sorted_pairs() {
        let mut sorted = pairs();
        sorted.sort();
        let ordered: BTreeMap<String, u16> = pairs().into_iter().collect();
        assert_eq!(encode(&ordered), encode(&sorted));
        assert_eq!(BTreeMap::decode(&encode(&ordered)), Ok(ordered));
        let hashed: HashMap<String, u16> = pairs().into_iter().collect();
        assert_eq!(encode(&hashed), encode(&sorted));
        assert_eq!(HashMap::decode(&encode(&hashed)), Ok(hashed));
    }

    #[test]
    fn a_set_has_the_bytes_of_its_sorted_elements() {
        let ordered = BTreeSet::from([300u16, 2, 256]);
        assert_eq!(encode(&ordered), encode(&vec![2u16, 256, 300]));
        assert_eq!(BTreeSet::decode(&encode(&ordered)), Ok(ordered));
        // Encodings are little-endian: 0x0100 comes before 0x0002, and 0x012c last.
        let hashed = HashSet::from([300u16, 2, 256]);
        assert_eq!(encode(&hashed), encode(&vec![256u16, 2, 300]));
        assert_eq!(<HashSet<u16>>::decode(&encode(&hashed)), Ok(hashed));
    }

    #[test]
    fn equal_hash_maps_have_equal_bytes_whatever_their_capacity_and_seed() {
        let one: HashMap<u32, String> = (0..100).map(|n| (n, n.to_string())).collect();
        let mut other: HashMap<u32, String> = HashMap::with_capacity(10_000);
        other.extend((0..100).rev().map(|n| (n, n.to_string())));
        assert_eq!(encode(&one), encode(&other));
    }

    #[test]
    fn a_list_of_pairs_in_any_order_is_read_as_a_map() {
        let map = <BTreeMap<String, u16>>::decode(&encode(&pairs())).unwrap();
        assert_eq!(map.into_iter().collect::<Vec<_>>()[0], (String::new(), 300));
    }

    #[test]
    fn a_key_that_is_there_twice_is_an_error() {
        let twice = encode(&vec![(1u8, 2u8), (1, 3)]);
        assert!(<BTreeMap<u8, u8>>::decode(&twice).is_err());
        assert!(<HashMap<u8, u8>>::decode(&twice).is_err());
        assert!(<BTreeSet<u8>>::decode(&[1, 1]).is_err());
        assert!(<HashSet<u8>>::decode(&[1, 1]).is_err());
    }
}
