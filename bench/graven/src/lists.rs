//! Graven's lists, queues and homes of large values, as the bench uses them.

use std::io::Write;

use bench_work::large::Large;
use bench_work::{List, Queue, Value};
use graven::{BTreeMap, Blobs, Log, PriorityQueue, Reverse, StableLayout, StableVec};

use crate::Of;

impl<V: StableLayout + Value> List<V> for Of<'_, StableVec<V>> {
    fn add(&mut self, value: V) {
        self.0.push(value);
    }

    fn at(&self, index: u64, look: impl FnOnce(&V)) -> bool {
        self.0.get(index).as_ref().map(look).is_some()
    }

    fn put_at(&mut self, index: u64, value: V) {
        self.0.set(index, value);
    }

    fn take_last(&mut self) -> bool {
        self.0.pop().is_some()
    }

    fn each(&self, mut look: impl FnMut(&V)) {
        self.0.iter().for_each(|value| look(&value));
    }
}

impl<V: StableLayout + Value> List<V> for Of<'_, Log<V>> {
    fn add(&mut self, value: V) {
        self.0.append(value);
    }

    fn at(&self, index: u64, look: impl FnOnce(&V)) -> bool {
        self.0.get(index).as_ref().map(look).is_some()
    }

    fn each(&self, mut look: impl FnMut(&V)) {
        self.0.iter().for_each(|value| look(&value));
    }
}

/// The least number first, as everywhere in the bench.
impl Queue for Of<'_, PriorityQueue<Reverse<u64>>> {
    fn add(&mut self, number: u64) {
        self.0.push(Reverse(number));
    }

    fn take(&mut self) -> Option<u64> {
        self.0.pop().map(|Reverse(number)| number)
    }
}

impl Large for Of<'_, BTreeMap<u64, std::vec::Vec<u8>>> {
    fn put(&mut self, bytes: std::vec::Vec<u8>) {
        self.0.insert(1, bytes);
    }

    fn see(&self, look: impl FnOnce(&[u8])) {
        look(&self.0.get(&1).expect("there is a value"));
    }
}

impl Large for Of<'_, Blobs<u64>> {
    fn put(&mut self, bytes: std::vec::Vec<u8>) {
        self.0.file(&1).write_all(&bytes).expect("there is room");
    }

    fn see(&self, look: impl FnOnce(&[u8])) {
        look(&self.0.get(&1).expect("there is a file"));
    }
}
