//! Measures Graven's maps in replica instructions; `speed-iss` has the same methods.

use graven::BTreeMap;

#[graven::store]
struct Speed {
    numbers: BTreeMap<u64, u64>,
    digests: BTreeMap<[u8; 32], [u8; 128]>,
}

graven::canister!(Speed);

include!("../../speed.rs");

fn numbers<R>(f: impl FnOnce(&mut BTreeMap<u64, u64>) -> R) -> R {
    Speed::with_mut(|speed| f(&mut speed.numbers))
}

fn digests<R>(f: impl FnOnce(&mut BTreeMap<[u8; 32], [u8; 128]>) -> R) -> R {
    Speed::with_mut(|speed| f(&mut speed.digests))
}

fn pairs(map: &mut BTreeMap<u64, u64>) -> impl Iterator<Item = (u64, u64)> {
    map.iter()
}

fn digest_pairs(map: &mut BTreeMap<[u8; 32], [u8; 128]>) -> impl Iterator<Item = ([u8; 32], [u8; 128])> {
    map.iter()
}
