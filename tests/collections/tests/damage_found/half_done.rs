//! Operations on two places of a list that ended between them: afterwards neither the state before
//! nor that after was there.

use graven::{Collection, Deque, Options, StableLayout, StableVec, Store, open};
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::panics::caught;

use crate::lose_tails;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(name = "Item", version = 1)]
struct Old {
    n: u64,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(name = "Item", version = 2, previous = Old)]
struct New {
    n: u64,
    twice: u64,
}

const POISON: u64 = 700;

impl From<Old> for New {
    fn from(Old { n }: Old) -> New {
        assert!(n != POISON, "this value cannot be converted");
        New { n, twice: 2 * n }
    }
}

/// Opens two vectors with values of the older layout in the first one.
fn two_vectors() -> [StableVec<New, Bytes>; 2] {
    fn open<T: StableLayout>(bytes: &Bytes) -> [StableVec<T, Bytes>; 2] {
        let roots = [StableVec::<T, Bytes>::SPEC.named("one"), StableVec::<T, Bytes>::SPEC.named("two")];
        let mut store = Store::open(bytes.clone(), &roots, Options::default()).unwrap();
        [0, 1].map(|n| StableVec::attach(store.take(n)))
    }
    let bytes = Bytes::default();
    let [mut one, two] = open::<Old>(&bytes);
    one.extend((0..1_400).map(|n| Old { n }));
    drop((one, two));
    open(&memory_of(&image(&bytes)))
}

#[test]
fn splitting_off_values_of_which_one_cannot_be_converted_moved_those_before_it() {
    let [mut one, mut two] = two_vectors();
    caught(|| one.split_off(10, &mut two)).unwrap_err();
    assert_eq!((one.len(), two.len()), (1_400, 0));
    caught(|| two.append(&mut one)).unwrap_err();
    assert_eq!((one.len(), two.len()), (1_400, 0));
    one.split_off(POISON + 1, &mut two);
    assert_eq!((one.len(), two.len(), two.get(0).map(|item| item.n)), (701, 699, Some(701)));
}

#[test]
fn values_beside_one_that_cannot_be_converted_changed_places_by_half() {
    let [mut one, _] = two_vectors();
    caught(|| one.swap(0, POISON + 1)).unwrap_err();
    assert_eq!([0, POISON + 1].map(|index| one.get(index).unwrap().n), [0, POISON + 1]);
    one.verify().unwrap();
}

#[test]
fn a_last_value_that_cannot_be_removed_was_in_a_vector_twice() {
    let bytes = Bytes::default();
    let mut vec: StableVec<Vec<u8>> = open("vec", bytes.clone()).unwrap();
    vec.extend([vec![1], vec![2], vec![3; 9_000]]);
    let mut damaged = image(&bytes);
    lose_tails(&mut damaged);
    let mut vec: StableVec<Vec<u8>> = open("vec", memory_of(&damaged)).unwrap();
    caught(|| vec.swap_remove(0)).unwrap_err();
    assert!(vec.iter().eq([vec![1], vec![2], vec![3; 9_000]]));
}

#[test]
fn a_value_at_an_end_that_cannot_be_removed_was_in_a_deque_twice() {
    let bytes = Bytes::default();
    let mut deque: Deque<Vec<u8>> = open("deque", bytes.clone()).unwrap();
    let values = [vec![4; 9_000], vec![1], vec![2], vec![3; 9_000]];
    deque.extend(values.clone());
    let mut damaged = image(&bytes);
    lose_tails(&mut damaged);
    let mut deque: Deque<Vec<u8>> = open("deque", memory_of(&damaged)).unwrap();
    caught(|| deque.swap_remove_back(1)).unwrap_err();
    assert!(deque.iter().eq(values.clone()));
    caught(|| deque.swap_remove_front(1)).unwrap_err();
    assert!(deque.iter().eq(values));
}

#[test]
fn a_value_that_cannot_be_moved_to_the_other_end_was_at_both() {
    let bytes = Bytes::default();
    let mut deque: Deque<Vec<u8>> = open("deque", bytes.clone()).unwrap();
    let values = [vec![4; 9_000], vec![1], vec![2], vec![5], vec![3; 9_000]];
    deque.extend(values.clone());
    let mut damaged = image(&bytes);
    lose_tails(&mut damaged);
    let mut deque: Deque<Vec<u8>> = open("deque", memory_of(&damaged)).unwrap();
    caught(|| deque.rotate_left(1)).unwrap_err();
    assert!(deque.iter().eq(values.clone()));
    caught(|| deque.rotate_right(1)).unwrap_err();
    assert!(deque.iter().eq(values));
}
