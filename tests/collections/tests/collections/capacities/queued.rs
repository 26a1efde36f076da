//! Priority queues.

use std::collections::BinaryHeap;

use graven::{PriorityQueue, StableKey, open};
use graven_tests::memory::Bytes;

use super::values::Numbered;
use super::{Order, lengths};

/// The values of each queue.
const VALUES: u64 = 32;

/// Pushes to and pops from a queue and a heap of std, and opens the memory again in between.
fn live<V: Numbered + StableKey + Ord>(len: usize) {
    for order in Order::ALL {
        let memory = Bytes::default();
        let mut model = BinaryHeap::new();
        for round in 0..3 {
            let mut queue: PriorityQueue<(u64, V)> = open("it", memory.clone()).unwrap();
            for number in order.numbers(VALUES) {
                let value = (number / 2, V::of(number + round, len));
                queue.push(value.clone());
                model.push(value);
                queue.verify().unwrap();
            }
            let left = if round < 2 { 12 } else { 0 };
            while model.len() > left {
                assert_eq!(queue.pop(), model.pop());
                queue.verify().unwrap();
            }
        }
    }
}

#[test]
fn priority_queues_hold_values_of_any_length() {
    for len in lengths(20).into_iter().filter(|len| *len < 970) {
        live::<Vec<u8>>(len);
    }
    live::<[u8; 970]>(0);
    live::<[u8; 500]>(0);
}
