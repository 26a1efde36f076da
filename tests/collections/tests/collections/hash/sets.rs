//! Hash sets beside std's.

use std::collections::{BTreeSet, HashSet as Std};

use graven::progress::Step;
use graven::{Budget, Collection, HashSet, open};
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;
use proptest::prelude::*;

fn set<T: SampleKey>(elements: impl IntoIterator<Item = T>) -> HashSet<T> {
    let mut set: HashSet<T> = open("set", Bytes::default()).unwrap();
    set.extend(elements);
    set.verify().unwrap();
    set
}

fn sorted<T: Ord>(elements: impl Iterator<Item = T>) -> Vec<T> {
    let mut elements: Vec<T> = elements.collect();
    elements.sort();
    elements
}

#[test]
fn random_runs() {
    let memory = Bytes::default();
    let mut set: HashSet<String> = open("set", memory.clone()).unwrap();
    let (mut model, rng) = (Std::new(), &mut Rng::new(1));
    for round in 0..60_000u64 {
        let element = String::sample(rng.below(8_000));
        match rng.below(if round / 15_000 % 2 == 0 { 10 } else { 16 }) {
            0..5 => assert_eq!(set.insert(element.clone()), model.insert(element)),
            5 | 10..14 => assert_eq!(set.remove(&element), model.remove(&element)),
            6 => assert_eq!(set.take(element.as_str()), model.take(&element)),
            7 => assert_eq!(set.replace(element.clone()), model.replace(element)),
            8 => assert_eq!(set.get(&element), model.get(&element).cloned()),
            _ => assert_eq!(set.contains(element.as_str()), model.contains(&element)),
        }
        if round % 5_000 == 0 {
            set = open("set", memory.clone()).unwrap();
            set.verify().unwrap();
        }
    }
    assert_eq!(set.len(), model.len() as u64);
    assert_eq!(set.iter().collect::<Std<_>>(), model);
    assert_eq!((&set).into_iter().count(), model.len());
}

#[test]
fn elements_by_a_condition() {
    let mut numbers = set(0..5_000u64);
    numbers.retain(|number| number % 3 != 0);
    assert_eq!(numbers.len(), 3_333);
    let (mut from, mut taken) = (None, Vec::new());
    loop {
        let budget = &mut Budget::entries(100);
        let is_due = |number: &u64| (101..7_000).contains(number);
        let (elements, step) = numbers.extract_within(from.as_ref(), budget, is_due).unwrap();
        assert!(elements.len() <= 100 && step.count == elements.len() as u64);
        taken.extend(elements);
        from = step.next;
        if from.is_none() {
            break;
        }
        // Of those that come in between nothing is said but that the others are seen.
        numbers.insert(7_000 + taken.len() as u64);
    }
    assert_eq!(sorted(taken.iter().copied()), sorted((101..5_000).filter(|number| number % 3 != 0)));
    assert_eq!(
        sorted(numbers.iter().filter(|number| *number < 7_000)),
        sorted((0..101).filter(|n| n % 3 != 0))
    );
    numbers.verify().unwrap();
    assert_eq!(sorted(numbers.extract_if(|number| *number >= 7_000)).first(), Some(&7_100));
    let step = numbers.retain_within(None, &mut Budget::entries(1_000), |number| *number > 50).unwrap();
    assert_eq!(step, Step { seen: 67, count: 34, next: None });
    assert_eq!(sorted(numbers.iter()), sorted((51..101).filter(|n| n % 3 != 0)));
    numbers.clear();
    assert!(numbers.is_empty() && numbers.iter().next().is_none());
    numbers.verify().unwrap();
}

#[test]
fn nothing_and_what_it_prints() {
    let (empty, one) = (set::<u64>([]), set([7u64]));
    assert!(empty.is_subset(&one) && empty.is_disjoint(&one) && one.is_superset(&empty));
    assert_eq!(format!("{empty:?} {one:?}"), "{} {7}");
    assert!(!empty.contains(&7) && one.contains(&7) && one.stats().entries == 1);
    assert_eq!(HashSet::<u64>::SPEC.kind.name(), "HashSet");
}

proptest! {
    #[test]
    fn two_sets(
        ours in prop::collection::btree_set(0..200u64, 0..120),
        theirs in prop::collection::btree_set(0..200u64, 0..120),
    ) {
        let (a, b) = (set(ours.iter().copied()), set(theirs.iter().copied()));
        let std = |elements: Vec<u64>| -> BTreeSet<u64> { elements.into_iter().collect() };
        prop_assert_eq!(sorted(a.union(&b)), sorted(ours.union(&theirs).copied()));
        prop_assert_eq!(sorted(a.intersection(&b)), sorted(ours.intersection(&theirs).copied()));
        prop_assert_eq!(sorted(a.difference(&b)), sorted(ours.difference(&theirs).copied()));
        let either = sorted(ours.symmetric_difference(&theirs).copied());
        prop_assert_eq!(sorted(a.symmetric_difference(&b)), either);
        prop_assert_eq!(a.is_subset(&b), ours.is_subset(&theirs));
        prop_assert_eq!(a.is_superset(&b), ours.is_superset(&theirs));
        prop_assert_eq!(a.is_disjoint(&b), ours.is_disjoint(&theirs));
        let part = std(ours.intersection(&theirs).copied().collect());
        prop_assert!(set(part).is_subset(&a));
    }
}
