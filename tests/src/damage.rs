//! A store with everything that memory can hold, and a scenario of all operations on it that must
//! stand any damage.

use graven::{BTreeMap, Budget, Cell, Result, StableKey, StableLayout};

use graven_core::page::PAGE_SIZE;

use crate::chains::mixed;
use crate::memory::{Bytes, Metered, image, memory_of};
use crate::panics::{caught, is_an_errors, last_place};
use crate::rng::Rng;
use crate::samples::{SampleKey, SampleValue};

macro_rules! version {
    ($(#[$doc:meta])* $store:ident, $value:ty) => {
        $(#[$doc])*
        #[graven::store]
        #[allow(missing_docs)]
        pub struct $store {
            pub numbers: BTreeMap<u64, u64, Metered>,
            pub versions: BTreeMap<u64, $value, Metered>,
            pub texts: BTreeMap<String, $value, Metered>,
            pub deep: BTreeMap<Vec<u8>, String, Metered>,
            pub large: BTreeMap<(String, u32), Vec<u8>, Metered>,
            pub cleared: BTreeMap<Vec<u8>, Vec<u8>, Metered>,
            pub single: Cell<$value, Metered>,
        }
    };
}

version!(
    /// The store as it began.
    First,
    mixed::V1
);
version!(
    /// With a new field.
    Second,
    mixed::V2
);
version!(
    /// The newest one.
    Newest,
    mixed::V4
);

fn fill<K: SampleKey, V: SampleValue>(map: &mut BTreeMap<K, V, Metered>, numbers: u64, rng: &mut Rng) {
    for _ in 0..numbers {
        map.insert(K::sample(rng.below(numbers * 2)), V::sample(rng));
    }
}

/// Returns a sound memory: several layouts, values in extents, free pages, detached trees.
#[must_use]
pub fn sound() -> Vec<u8> {
    let (bytes, rng) = (Bytes::default(), &mut Rng::new(5));
    let memory = Metered::new(bytes.clone(), u64::MAX);
    let mut store = First::open(memory.clone()).unwrap();
    fill(&mut store.numbers, 500, rng);
    fill(&mut store.versions, 900, rng);
    fill(&mut store.texts, 150, rng);
    fill(&mut store.deep, 60, rng);
    fill(&mut store.cleared, 30, rng);
    (0..6).for_each(|i| _ = store.large.insert((String::new(), i), rng.bytes(9_000)));
    store.single.set(mixed::V1 { a: 1 });
    let mut store = Second::open(memory.clone()).unwrap();
    fill(&mut store.versions, 20, rng);
    fill(&mut store.texts, 20, rng);
    let mut store = Newest::open(memory).unwrap();
    fill(&mut store.texts, 20, rng);
    store.versions.insert(1, mixed::V4 { c: 1, d: rng.bytes(9_000), text: "large".into() });
    store.large.remove(&(String::new(), 2));
    store.large.remove(&(String::new(), 4));
    store.cleared.clear();
    store.cleared.insert(vec![1], rng.bytes(20));
    image(&bytes)
}

/// Runs the scenario on damaged bytes.
///
/// # Errors
/// The words of a panic that no error has, and where it came from.
pub fn survives(bytes: &[u8], accesses: u64) -> Result<(), String> {
    let memory = Metered::new(memory_of(bytes), accesses);
    let run = caught(|| Newest::open(memory).map(|mut store| scenario(&mut store)));
    match run {
        Ok(Ok(()) | Err(_)) => Ok(()),
        Err(panic) => Err(format!("{panic} at {}", crate::panics::last_place())),
    }
}

fn scenario(store: &mut Newest) {
    let rng = &mut Rng::new(1);
    let _ = (store.stats(), store.usage());
    map(&mut store.numbers, rng);
    map(&mut store.versions, rng);
    map(&mut store.texts, rng);
    map(&mut store.deep, rng);
    map(&mut store.large, rng);
    let _ = store.single.try_get();
    let _ = store.single.try_set(mixed::V4 { c: 1, d: vec![0; 5000], text: String::new() });
    let _ = store.single.try_get();
    let _ = store.sweep(&mut Budget::pages(3));
    let _ = store.sweep(&mut Budget::while_true(&mut || true));
    short_forms(&mut store.versions, 1, rng);
    short_forms(&mut store.cleared, vec![1], rng);
    let _ = store.cleared.try_insert(vec![2], rng.bytes(60_000));
    let _ = store.cleared.try_insert(vec![3], rng.bytes(60_000));
    let _ = store.cleared.verify();
}

/// Every operation that tells damage by an error.
fn map<K: SampleKey, V: SampleValue>(map: &mut BTreeMap<K, V, Metered>, rng: &mut Rng) {
    let _ = map.verify();
    let mut walk = map.iter();
    for step in 0..2_000u32 {
        let next = if step % 3 == 0 { walk.try_next_back() } else { walk.try_next() };
        if !matches!(next, Ok(Some(_))) {
            break;
        }
    }
    let mut range = map.range(K::sample(3)..);
    (0..50).take_while(|_| matches!(range.try_next(), Ok(Some(_)))).for_each(drop);
    for number in [0, 3, 40, 41, 90, 400, 1_000] {
        let key = K::sample(number);
        let _ = (map.try_get(&key), map.try_contains_key(&key));
        let _ = map.try_insert(key.clone(), V::sample(rng));
        let _ = map.try_remove(&K::sample(number + 1));
        let _ = (map.try_get(&key), map.try_insert(key, V::sample(rng)));
    }
    for number in 0..60 {
        let _ = map.try_remove(&K::sample(number));
    }
    for number in 30..60 {
        let _ = map.try_insert(K::sample(number), V::sample(rng));
    }
    let _ = map.verify();
}

/// The forms that panic may do so with an error's words only.
fn short_forms<K: StableKey + Clone, V: StableLayout + SampleValue>(
    map: &mut BTreeMap<K, V, Metered>,
    key: K,
    rng: &mut Rng,
) {
    let value = V::sample(rng);
    allowed(caught(|| map.get(&key)));
    allowed(caught(|| map.insert(key.clone(), value.clone())));
    allowed(caught(|| *map.entry(key.clone()).or_insert(value.clone()) = value.clone()));
    allowed(caught(|| map.pop_first()));
    allowed(caught(|| map.iter().take(100).count()));
    allowed(caught(|| map.clear()));
    allowed(caught(|| map.pop_last()));
}

fn allowed<R>(result: Result<R, String>) {
    if let Err(panic) = result {
        assert!(is_an_errors(&panic), "{panic} at {}", last_place());
    }
}

/// Returns the pages of a kind in an image.
#[must_use]
pub fn pages_of(image: &[u8], kind: u8) -> Vec<usize> {
    let used = u32::from_le_bytes([image[32], image[33], image[34], image[35]]) as usize;
    (1..used).filter(|page| image[page * PAGE_SIZE] == kind).collect()
}

/// Damages an image somewhere: what points, what is structure, whole pages, or anything.
pub fn damage(image: &mut [u8], pages: u64, rng: &mut Rng) {
    let page = |rng: &mut Rng| rng.below(pages) as usize * PAGE_SIZE;
    match rng.below(10) {
        0 => {
            let (from, to) = (page(rng), page(rng));
            image.copy_within(from..from + PAGE_SIZE, to);
        }
        1 => {
            let at = page(rng);
            image[at..at + PAGE_SIZE].fill(0);
        }
        2 => {
            let at = page(rng) + rng.below(20) as usize * 4;
            image[at..at + 8].fill(0xff);
        }
        3..6 => {
            // A number that points somewhere: of a page, or into one.
            let at = page(rng) + rng.below(1_000) as usize * 4;
            let number = if rng.once_in(2) { rng.below(pages) } else { rng.any() >> rng.below(32) };
            image[at..at + 4].copy_from_slice(&(number as u32).to_le_bytes());
        }
        _ => {
            let at = page(rng) + rng.below(PAGE_SIZE as u64 - 8) as usize;
            let bytes = rng.bytes_below(8);
            image[at..at + bytes.len()].copy_from_slice(&bytes);
        }
    }
}
