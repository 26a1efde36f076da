//! `VecDeque`, which is `Deque` here.

use super::Here::{As, Not, Same};
use super::{Table, check};
use graven::{Collection, Deque, Options, Store};
use graven_tests::memory::Bytes;

const HEAP: &str = "a collection in stable memory has no buffer on the heap; pages come as they are needed";
const COPY: &str = "a value in stable memory is a copy that is written back: `update` changes one";

const TABLE: Table = &[
    ("new", As("open(..)")),
    ("with_capacity", Not(HEAP)),
    ("get", Same),
    ("get_mut", As("update(index, change)")),
    ("swap", Same),
    ("capacity", Not(HEAP)),
    ("reserve_exact", Not(HEAP)),
    ("reserve", Not(HEAP)),
    ("try_reserve_exact", Not(HEAP)),
    ("try_reserve", Not(HEAP)),
    ("shrink_to_fit", Not(HEAP)),
    ("shrink_to", Not(HEAP)),
    ("truncate", Same),
    ("iter", Same),
    ("iter_mut", As("update(index, change), for each of them")),
    ("as_slices", Not("the values are not on the heap; `range` gives copies of a part")),
    ("as_mut_slices", Not("the values are not on the heap; `update` changes one")),
    ("len", Same),
    ("is_empty", Same),
    ("range", Same),
    ("range_mut", As("update(index, change), for each of them")),
    ("drain", Same),
    ("clear", Same),
    ("contains", Same),
    ("front", Same),
    ("front_mut", As("update(0, change)")),
    ("back", Same),
    ("back_mut", As("update(len - 1, change)")),
    ("pop_front", Same),
    ("pop_back", Same),
    ("pop_front_if", Same),
    ("pop_back_if", Same),
    ("push_front", Same),
    ("push_front_mut", Not(COPY)),
    ("push_back", Same),
    ("push_back_mut", Not(COPY)),
    ("swap_remove_front", Same),
    ("swap_remove_back", Same),
    ("insert", Same),
    ("insert_mut", Not(COPY)),
    ("remove", Same),
    ("split_off", As("split_off(at, into): a root cannot be made while a store is open")),
    ("append", Same),
    ("retain", Same),
    ("retain_mut", Not("values that stay are not written again; `update` changes one")),
    ("resize_with", Same),
    ("make_contiguous", Not("it is there to sort a slice; `sort` sorts a deque as it is")),
    ("rotate_left", Same),
    ("rotate_right", Same),
    ("binary_search", Same),
    ("binary_search_by", Same),
    ("binary_search_by_key", Same),
    ("partition_point", Same),
    ("resize", Same),
];

#[test]
fn what_is_said_is_there() {
    let path = "alloc/src/collections/vec_deque/mod.rs";
    check(TABLE, include_str!("vec_deque.rs"), path, "VecDeque");
    calls();
}

/// Calls every method that the table names, with std's arguments where it says that they are the
/// same.
fn calls() {
    type Numbers = Deque<u64, Bytes>;
    let only: Numbers = graven::open::<Numbers>("only", Bytes::default()).unwrap();
    assert!(only.is_empty());
    let roots = [Numbers::SPEC.named("one"), Numbers::SPEC.named("two")];
    let mut store = Store::open(Bytes::default(), &roots, Options::default()).unwrap();
    let (mut deque, mut other) = (Numbers::attach(store.take(0)), Numbers::attach(store.take(1)));
    deque.push_back(2);
    deque.push_front(1);
    deque.insert(2, 3);
    assert_eq!((deque.front(), deque.back(), deque.get(1), deque.len()), (Some(1), Some(3), Some(2), 3));
    assert!(deque.contains(&2) && deque.iter().eq([1, 2, 3]) && deque.range(1..).eq([2, 3]));
    assert_eq!((deque.binary_search(&3), deque.partition_point(|n| *n < 2)), (Ok(2), 1));
    assert_eq!(deque.binary_search_by(|n| n.cmp(&2)), Ok(1));
    assert_eq!(deque.binary_search_by_key(&4, |n| n * 2), Ok(1));
    deque.update(0, |n| *n = 9);
    deque.swap(0, 2);
    assert_eq!((deque.pop_front_if(|n| *n == 3), deque.pop_back_if(|n| *n == 3)), (Some(3), None));
    assert_eq!((deque.pop_back(), deque.pop_front(), deque.pop_front()), (Some(9), Some(2), None));
    deque.resize(3, 5);
    deque.resize_with(9, || 6);
    assert_eq!((deque.swap_remove_back(0), deque.swap_remove_front(3)), (Some(5), Some(6)));
    assert_eq!((deque.remove(0), deque.remove(99)), (Some(5), None));
    deque.extend(0..20);
    deque.split_off(10, &mut other);
    deque.append(&mut other);
    deque.retain(|n| n % 2 == 0);
    assert_eq!(deque.drain(..2).count(), 2);
    deque.sort();
    deque.rotate_left(3);
    deque.rotate_right(3);
    deque.truncate(4);
    assert!(deque.iter().is_sorted() && deque.len() == 4);
    deque.clear();
    assert_eq!(deque.len(), 0);
}
