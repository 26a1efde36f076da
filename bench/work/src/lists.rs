//! Operations on vectors, logs and priority queues.

use core::hint::black_box;

use crate::data::Value;

/// How a contender does one operation of a vector or a log.
pub trait List<V> {
    /// Appends a value.
    fn add(&mut self, value: V);
    /// Shows the value at an index; tells whether there is one.
    fn at(&self, index: u64, look: impl FnOnce(&V)) -> bool;

    /// Replaces the value at an index.
    fn put_at(&mut self, _index: u64, _value: V) {
        unimplemented!("no replacing")
    }

    /// Removes the last value; tells whether there was one.
    fn take_last(&mut self) -> bool {
        unimplemented!("no removing")
    }

    /// Shows all values in order.
    fn each(&self, look: impl FnMut(&V));
}

/// Does the operation for all numbers; tells how many operations (of iterating: values) that were.
///
/// # Panics
/// Where a value is missing, and for an operation that is not here.
pub fn run<V: Value>(list: &mut impl List<V>, operation: &str, numbers: &[u64]) -> u64 {
    let (mut sum, mut seen) = (0u64, 0);
    let mut look = |value: &V| {
        sum = sum.wrapping_add(value.part());
        seen += 1;
    };
    match operation {
        "nothing" => numbers.iter().for_each(|n| drop(black_box(V::of(*n)))),
        "keys" => numbers.iter().for_each(|n| {
            black_box(*n);
        }),
        "push" => numbers.iter().for_each(|n| list.add(V::of(*n))),
        "get" => numbers.iter().for_each(|n| assert!(list.at(*n, &mut look))),
        "set" => numbers.iter().for_each(|n| list.put_at(*n, V::of(!n))),
        "pop" => numbers.iter().for_each(|_| assert!(list.take_last())),
        "iterate" => {
            list.each(look);
            black_box(sum);
            return seen;
        }
        other => panic!("no operation `{other}`"),
    }
    black_box(sum);
    numbers.len() as u64
}

/// How a contender does one operation of a priority queue.
pub trait Queue {
    /// Adds a number.
    fn add(&mut self, number: u64);
    /// Removes the number that is first in the queue's order.
    fn take(&mut self) -> Option<u64>;
}

/// Does the operation for all numbers; tells how many that were.
///
/// # Panics
/// Where the queue is empty, and for an operation that is not here.
pub fn queue(queue: &mut impl Queue, operation: &str, numbers: &[u64]) -> u64 {
    match operation {
        "nothing" | "keys" => numbers.iter().for_each(|n| {
            black_box(*n);
        }),
        "push" => numbers.iter().for_each(|n| queue.add(*n)),
        "pop" => numbers.iter().for_each(|_| assert!(queue.take().is_some())),
        other => panic!("no operation `{other}`"),
    }
    numbers.len() as u64
}
