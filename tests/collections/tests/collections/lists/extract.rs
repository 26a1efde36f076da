//! `extract_if`, as std's: changes to values that stay are kept.

use std::fmt::Debug;

use graven::{Deque, StableLayout, StableVec, open};
use graven_tests::memory::Bytes;

/// Extracts from lists and from std's `Vec`, with a function that changes all values and takes
/// some.
#[track_caller]
fn changes_are_kept<T: StableLayout + Clone + PartialEq + Debug>(
    values: std::vec::Vec<T>,
    range: std::ops::Range<usize>,
    most: usize,
    mut takes: impl FnMut(&mut T) -> bool,
) {
    let mut model = values.clone();
    let expected: std::vec::Vec<T> = model.extract_if(range.clone(), &mut takes).take(most).collect();
    let range = range.start as u64..range.end as u64;

    let mut vec: StableVec<T> = open("vec", Bytes::default()).unwrap();
    vec.extend(values.clone());
    let taken: std::vec::Vec<T> = vec.extract_if(range.clone(), &mut takes).take(most).collect();
    vec.verify().unwrap();
    assert_eq!((taken, vec.iter().collect()), (expected.clone(), model.clone()));

    let mut deque: Deque<T> = open("deque", Bytes::default()).unwrap();
    values.into_iter().rev().for_each(|value| deque.push_front(value));
    let taken: std::vec::Vec<T> = deque.extract_if(range, &mut takes).take(most).collect();
    deque.verify().unwrap();
    assert_eq!((taken, deque.iter().collect()), (expected, model));
}

#[test]
fn changes_to_numbers_that_stay_are_kept() {
    let takes = |n: &mut u64| {
        *n += 10;
        *n % 7 == 2
    };
    changes_are_kept((0..4).collect(), 0..4, 9, takes);
    changes_are_kept((0..2_000).collect(), 300..1_900, usize::MAX, takes);
    changes_are_kept((0..2_000).collect(), 300..1_900, 100, takes);
    changes_are_kept((0..2_000).collect(), 0..2_000, usize::MAX, |n: &mut u64| {
        *n = n.wrapping_mul(3);
        false
    });
}

#[test]
fn changes_to_texts_that_stay_are_kept() {
    let takes = |text: &mut String| {
        *text = text.repeat(text.len() % 4 + 1);
        text.len().is_multiple_of(3)
    };
    changes_are_kept((0..400).map(|n| "x".repeat(n)).collect(), 50..390, usize::MAX, takes);
    // Large values are in pages of their own.
    changes_are_kept((0..20).map(|n| "y".repeat(n * 700)).collect(), 0..20, usize::MAX, takes);
}

#[test]
fn as_many_values_are_left_at_most_as_were_not_looked_at() {
    let mut vec: StableVec<u64> = open("vec", Bytes::default()).unwrap();
    vec.extend(0..100);
    let mut taken = vec.extract_if(10..90, |n| n.is_multiple_of(2));
    assert_eq!(taken.size_hint(), (0, Some(80)));
    assert_eq!(taken.next(), Some(10));
    assert_eq!(taken.next(), Some(12));
    assert_eq!(taken.size_hint(), (0, Some(77)));
}
