//! More than a million random operations against std's map, re-opened and upgraded under way.

use candid::Principal;
use graven::Reverse;
use graven_tests::chains::{dynamic, mixed};
use graven_tests::model::{Model, Pattern};
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};

const PATTERNS: [Pattern; 4] = [Pattern::Random, Pattern::Ascending, Pattern::Descending, Pattern::Clustered];

/// `ops` operations for each pattern.
fn random<K: SampleKey, V: SampleValue>(space: u64, ops: u64) {
    for (seed, pattern) in PATTERNS.into_iter().enumerate() {
        let mut model = Model::<K, V>::new(pattern, space);
        model.run(ops, &mut Rng::new(seed as u64));
    }
}

#[test]
fn numbers() {
    random::<u64, u64>(20_000, 200_000);
}

#[test]
fn fixed_keys_and_values() {
    random::<[u8; 32], [u8; 128]>(4_000, 60_000);
}

#[test]
fn texts() {
    random::<String, String>(6_000, 80_000);
}

#[test]
fn pairs_to_values_of_all_sizes() {
    random::<(String, u32), Vec<u8>>(2_000, 40_000);
}

#[test]
fn fixed_keys_to_values_of_all_sizes() {
    random::<u64, Vec<u8>>(1_500, 10_000);
}

#[test]
fn texts_to_fixed_values() {
    random::<String, u64>(6_000, 20_000);
}

#[test]
fn few_keys_without_values() {
    random::<u8, ()>(256, 10_000);
}

#[test]
fn longest_keys() {
    random::<Vec<u8>, u64>(1_500, 12_000);
    random::<Vec<u8>, String>(800, 4_000);
}

#[test]
fn principals() {
    random::<Principal, u64>(6_000, 10_000);
}

#[test]
fn reversed_keys() {
    random::<Reverse<u64>, u64>(6_000, 10_000);
    random::<Reverse<String>, String>(3_000, 10_000);
}

/// Operations on each version, a re-open with the next, and sweeps that do not get to the end.
macro_rules! history {
    ($chain:ident, $key:ty, $space:expr, $ops:expr) => {
        for (seed, pattern) in PATTERNS.into_iter().enumerate() {
            let rng = &mut Rng::new(seed as u64 + 100);
            let mut model = Model::<$key, $chain::V1>::new(pattern, $space);
            model.run($ops, rng);
            history!(@ model, rng, $ops, $chain::V2, $chain::V3, $chain::V4, $chain::V5, $chain::V6);
        }
    };
    (@ $model:ident, $rng:ident, $ops:expr, $next:ty $(, $rest:ty)*) => {
        let mut model = $model.upgrade::<$next>();
        model.check();
        for _ in 0..3 {
            model.run($ops / 6, $rng);
            model.sweep(1 + $rng.below(6));
            model.check();
        }
        history!(@ model, $rng, $ops $(, $rest)*);
    };
    (@ $model:ident, $rng:ident, $ops:expr) => {
        let mut model = $model;
        while !model.sweep(3) {}
        assert!(model.map.stats().layouts.iter().all(|layout| layout.current || layout.pages == 0));
        model.run($ops / 6, $rng);
    };
}

#[test]
fn six_versions_of_values_of_constant_and_other_sizes() {
    history!(mixed, u64, 4_000, 10_000);
}

#[test]
fn six_versions_of_values_of_any_size() {
    history!(dynamic, u64, 600, 4_000);
}

#[test]
fn six_versions_below_keys_of_any_length() {
    history!(mixed, String, 3_000, 6_000);
    history!(dynamic, Vec<u8>, 200, 1_500);
}
