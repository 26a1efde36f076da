//! `BinaryHeap`, which is `PriorityQueue` here.

use super::Here::{As, Not, Same};
use super::{Table, check};
use graven::{Collection, Options, PriorityQueue, Store};
use graven_tests::memory::Bytes;

const HEAP: &str = "a collection in stable memory has no buffer on the heap; pages come as they are needed";
const WHOLE: &str =
    "a collection in stable memory is not consumed; `iter` gives copies, `pop` one after the other";

const TABLE: Table = &[
    ("new", As("open(..)")),
    ("with_capacity", Not(HEAP)),
    ("peek_mut", As("update(handle, value): any value is changed by its handle")),
    ("pop", Same),
    ("push", Same),
    ("into_sorted_vec", Not(WHOLE)),
    ("append", Same),
    ("retain", Same),
    ("iter", As("iter(), which gives handles, too")),
    ("peek", Same),
    ("capacity", Not(HEAP)),
    ("reserve_exact", Not(HEAP)),
    ("reserve", Not(HEAP)),
    ("try_reserve", Not(HEAP)),
    ("try_reserve_exact", Not(HEAP)),
    ("shrink_to_fit", Not(HEAP)),
    ("shrink_to", Not(HEAP)),
    ("into_vec", Not(WHOLE)),
    ("as_slice", Not("the values are not on the heap; `iter` gives copies")),
    ("len", Same),
    ("is_empty", Same),
    ("drain", Same),
    ("clear", Same),
];

#[test]
fn what_is_said_is_there() {
    let path = "alloc/src/collections/binary_heap/mod.rs";
    check(TABLE, include_str!("binary_heap.rs"), path, "BinaryHeap");
    calls();
}

/// Calls every method that the table names, with std's arguments where it says that they are the
/// same.
fn calls() {
    type Numbers = PriorityQueue<u64, Bytes>;
    let only: Numbers = graven::open::<Numbers>("only", Bytes::default()).unwrap();
    assert!(only.is_empty());
    let roots = [Numbers::SPEC.named("one"), Numbers::SPEC.named("two")];
    let mut store = Store::open(Bytes::default(), &roots, Options::default()).unwrap();
    let (mut queue, mut other) = (Numbers::attach(store.take(0)), Numbers::attach(store.take(1)));
    let two = queue.push(2);
    other.extend([7, 8, 9]);
    queue.append(&mut other);
    assert_eq!((queue.peek(), queue.pop(), queue.len(), other.len()), (Some(9), Some(9), 3, 0));
    assert_eq!((queue.update(two, 1), queue.iter().count()), (Some(2), 3));
    queue.retain(|n| *n != 8);
    assert_eq!(queue.peek(), Some(7));
    assert_eq!(queue.drain().sum::<u64>(), 8);
    queue.clear();
    assert_eq!(queue.len(), 0);
}
