//! Collections that grow and shrink a thousand times take few more pages than fresh copies.

use std::collections::BTreeSet as Std;

use graven::{BTreeMap, BTreeSet, Collection, HashMap, HashSet, Nested, RankedMap, Records, StableVec, open};
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;

/// Rounds of growth and shrinking.
const ROUNDS: u64 = 1_000;

/// Keys are below this.
const KEYS: u64 = 40_000;

/// The most entries that a collection grows or shrinks by in a round.
const CHANGE: u64 = 400;

/// The number of rounds between two comparisons with a copy.
const SAMPLED: u64 = 20;

/// A collection of entries that follow from numbers.
trait Kind: Collection<Memory = Bytes> {
    fn put(&mut self, number: u64);
    fn take(&mut self, number: u64);
}

/// Returns a key that is not in the order of numbers.
fn key(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

macro_rules! kind {
    ($type:ty, |$it:ident, $number:ident| $put:expr, $take:expr) => {
        impl Kind for $type {
            fn put(&mut self, $number: u64) {
                let $it = self;
                _ = $put;
            }

            fn take(&mut self, $number: u64) {
                let $it = self;
                _ = $take;
            }
        }
    };
}

kind!(BTreeMap<u64, u64>, |map, n| map.insert(key(n), n), map.remove(&key(n)));
kind!(BTreeMap<String, Vec<u8>>, |map, n| map.insert(text(n), bytes(n)), map.remove(&text(n)));
kind!(BTreeSet<u64>, |set, n| set.insert(key(n)), set.remove(&key(n)));
kind!(HashMap<u64, u64>, |map, n| map.insert(key(n), n), map.remove(&key(n)));
kind!(HashMap<String, Vec<u8>>, |map, n| map.insert(text(n), bytes(n)), map.remove(&text(n)));
kind!(HashSet<u64>, |set, n| set.insert(key(n)), set.remove(&key(n)));
kind!(RankedMap<u64, u64>, |map, n| map.insert(key(n), n), map.remove(&key(n)));
kind!(
    Nested<u64, BTreeMap<u64, u64>>,
    |nested, n| nested.or_create(&(n % 50)).insert(key(n), n),
    nested.get_mut(&(n % 50)).unwrap().remove(&key(n))
);
kind!(Records<u64, u64, StableVec<u64>>, |records, n| records.insert(key(n), n), records.remove(&key(n)));

fn text(number: u64) -> String {
    format!("{:016x}", key(number))
}

fn bytes(number: u64) -> Vec<u8> {
    vec![number as u8; number as usize % 200]
}

/// The pages of a collection and of its copies, added up over its life.
struct Pages {
    lived: u64,
    fresh: u64,
}

impl Pages {
    fn ratio(&self) -> f64 {
        self.lived as f64 / self.fresh as f64
    }
}

/// Returns the pages of a collection over its life, and those when the ratio was the highest.
fn live<C: Kind>() -> (Pages, Pages) {
    let mut collection: C = open("it", Bytes::default()).unwrap();
    let (mut there, rng) = (Std::new(), &mut Rng::new(5));
    let (mut all, mut worst) = (Pages { lived: 0, fresh: 0 }, Pages { lived: 1, fresh: 1 });
    for round in 0..ROUNDS {
        // Growth and shrinking take turns, and the number of entries drifts from 1,000 to 6,000 and
        // back.
        let target = if round / 50 % 2 == 0 { 6_000 } else { 1_000 };
        let grows = (there.len() < target) != rng.once_in(4);
        for _ in 0..rng.below(CHANGE) {
            let number = rng.below(KEYS);
            if grows {
                if there.insert(number) {
                    collection.put(number);
                }
            } else if let Some(next) = there.range(number..).next().copied().filter(|_| there.len() > 500) {
                there.remove(&next);
                collection.take(next);
            }
        }
        if (round + 1) % SAMPLED == 0 {
            let pages = Pages { lived: pages(&collection), fresh: fresh::<C>(&there) };
            all = Pages { lived: all.lived + pages.lived, fresh: all.fresh + pages.fresh };
            if pages.ratio() > worst.ratio() {
                worst = pages;
            }
        }
    }
    (all, worst)
}

/// Returns the pages of a new collection with these entries, added in the order of their keys.
fn fresh<C: Kind>(there: &Std<u64>) -> u64 {
    let mut numbers: Vec<u64> = there.iter().copied().collect();
    numbers.sort_by_key(|number| key(*number));
    let mut copy: C = open("it", Bytes::default()).unwrap();
    numbers.into_iter().for_each(|number| copy.put(number));
    pages(&copy)
}

/// Returns the pages of a collection's store that are not free.
fn pages(collection: &impl Collection<Memory = Bytes>) -> u64 {
    let usage = collection.root().pager().usage();
    u64::from(usage.pages - usage.free)
}

/// Checks that a collection takes at most `average` times the pages of its copies on average, and
/// at most `at_worst` times as many in any comparison.
#[track_caller]
fn check<C: Kind>(average: f64, at_worst: f64) {
    let (all, worst) = live::<C>();
    let words = format!(
        "{}: {} pages for {} ({:.3}), at worst {} for {} ({:.3})",
        std::any::type_name::<C>(),
        all.lived,
        all.fresh,
        all.ratio(),
        worst.lived,
        worst.fresh,
        worst.ratio()
    );
    assert!(all.ratio() <= average && worst.ratio() <= at_worst, "{words}");
}

#[test]
fn ordered_maps_take_few_more_pages_than_a_copy() {
    check::<BTreeMap<u64, u64>>(1.5, 1.95);
    check::<BTreeMap<String, Vec<u8>>>(1.75, 2.0);
}

#[test]
fn ordered_sets_take_few_more_pages_than_a_copy() {
    check::<BTreeSet<u64>>(1.4, 1.9);
}

#[test]
fn hash_maps_take_few_more_pages_than_a_copy() {
    check::<HashMap<u64, u64>>(1.3, 2.2);
    check::<HashMap<String, Vec<u8>>>(1.3, 2.2);
}

#[test]
fn hash_sets_take_few_more_pages_than_a_copy() {
    check::<HashSet<u64>>(1.25, 1.9);
}

#[test]
fn ranked_maps_take_few_more_pages_than_a_copy() {
    check::<RankedMap<u64, u64>>(1.5, 1.95);
}

#[test]
fn nested_maps_take_few_more_pages_than_a_copy() {
    check::<Nested<u64, BTreeMap<u64, u64>>>(1.15, 1.45);
}

#[test]
fn records_take_few_more_pages_than_a_copy() {
    check::<Records<u64, u64, StableVec<u64>>>(1.6, 1.95);
}
