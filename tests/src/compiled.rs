//! The engine, compiled once for the memories of tests, with optimisation. Test programs are
//! compiled without it, and link what is here.

use graven::{BTreeMap, BTreeSet, Blobs, Budget, Cell, Deque, HashMap, HashSet, Log, Nested};
use graven::{PriorityQueue, RankedMap, Records, Slab, StableVec};

use crate::memory::{Bytes, Limited, Metered};

macro_rules! store {
    ($name:ident, $memory:ty) => {
        #[graven::store]
        struct $name {
            map: BTreeMap<String, Vec<u8>, $memory>,
            numbers: BTreeMap<u64, u64, $memory>,
            set: BTreeSet<u64, $memory>,
            hash_map: HashMap<String, Vec<u8>, $memory>,
            hash_numbers: HashMap<u64, u64, $memory>,
            hash_set: HashSet<u64, $memory>,
            ranked: RankedMap<u64, String, $memory>,
            vec: StableVec<u64, $memory>,
            texts: StableVec<String, $memory>,
            deque: Deque<u64, $memory>,
            log: Log<String, $memory>,
            queue: PriorityQueue<u64, $memory>,
            slab: Slab<String, $memory>,
            blobs: Blobs<String, $memory>,
            nested: Nested<u64, Deque<u64>, $memory>,
            lists: Nested<u64, StableVec<u64>, $memory>,
            maps: Nested<u64, BTreeMap<u64, String>, $memory>,
            sets: Nested<u64, BTreeSet<u64>, $memory>,
            records: Records<u64, String, Deque<u64>, $memory>,
            cell: Cell<String, $memory>,
        }

        impl $name {
            #[allow(clippy::too_many_lines, reason = "a list of calls")]
            fn use_all(memory: $memory) {
                let Ok(mut store) = Self::open(memory) else { return };
                let _ = (store.stats(), store.usage(), store.sweep(&mut Budget::pages(3)));
                let text = String::new;
                let _ = store.map.insert(text(), Vec::new());
                let _ = (store.map.get(""), store.map.remove(""), store.map.iter().next_back());
                let _ = (store.map.try_get(""), store.map.try_remove(""), store.map.verify());
                let _ = (store.map.range(text()..).next(), store.map.pop_first(), store.map.pop_last());
                store.map.retain(|_, _| true);
                store.map.clear();
                let _ = store.numbers.insert(1, 2);
                let _ = (store.numbers.get(&1), store.numbers.remove(&1), store.numbers.iter().next_back());
                let _ =
                    (store.numbers.range(1..).next(), store.numbers.verify(), store.numbers.try_remove(&1));
                store.numbers.extend([(1, 2)]);
                store.numbers.retain(|_, _| true);
                let _ =
                    (store.set.insert(1), store.set.remove(&1), store.set.iter().next(), store.set.verify());
                let _ = store.hash_map.insert(text(), Vec::new());
                let _ = (store.hash_map.get(""), store.hash_map.remove(""), store.hash_map.iter().next());
                let _ = (store.hash_map.try_remove(""), store.hash_map.verify());
                store.hash_map.retain(|_, _| true);
                store.hash_map.clear();
                let _ = store.hash_numbers.insert(1, 2);
                let _ = (store.hash_numbers.get(&1), store.hash_numbers.remove(&1));
                let _ = (store.hash_numbers.iter().next(), store.hash_numbers.verify());
                let _ = (store.hash_set.insert(1), store.hash_set.remove(&1), store.hash_set.verify());
                let _ = (store.ranked.insert(1, text()), store.ranked.remove(&1), store.ranked.verify());
                let _ = (store.vec.push(1), store.vec.get(0), store.vec.pop(), store.vec.verify());
                let _ = (store.vec.iter().next_back(), store.vec.set(0, 1), store.vec.insert(0, 1));
                let _ = (store.vec.remove(0), store.vec.swap_remove(0), store.vec.truncate(0));
                store.vec.retain(|_| true);
                let _ = (store.texts.push(text()), store.texts.get(0), store.texts.pop());
                let _ = (store.texts.set(0, text()), store.texts.insert(0, text()));
                let _ = (store.texts.remove(0), store.texts.verify(), store.texts.iter().next_back());
                let _ = (store.deque.push_back(1), store.deque.push_front(1), store.deque.pop_back());
                let _ = (store.deque.pop_front(), store.deque.verify(), store.deque.get(0));
                let _ = (
                    store.log.append(text()),
                    store.log.get(0),
                    store.log.drop_before(0),
                    store.log.verify(),
                );
                let _ = (store.queue.push(1), store.queue.pop(), store.queue.peek(), store.queue.verify());
                let _ = (store.slab.insert(text()), store.slab.remove(0), store.slab.verify());
                let _ = (store.blobs.put(&text(), &[]), store.blobs.get(""), store.blobs.verify());
                let _ = (store.blobs.append(&text(), &[]), store.blobs.remove(""));
                store.nested.or_create(&1).push_back(1);
                store.lists.or_create(&1).push(1);
                store.maps.or_create(&1).insert(1, text());
                store.sets.or_create(&1).insert(1);
                let _ = (store.nested.remove(&1), store.nested.verify(), store.maps.verify());
                let _ = (store.records.insert(1, text()), store.records.remove(&1), store.records.verify());
                let _ = (store.cell.set(&text()), store.cell.get(), store.cell.take());
            }
        }
    };
}

store!(Plain, Bytes);
store!(OfLimited, Limited);
store!(OfMetered, Metered);

/// Uses every collection on every memory. It is compiled, and never called.
pub fn compiled() {
    Plain::use_all(Bytes::default());
    OfLimited::use_all(Limited::new(Bytes::default(), 0));
    OfMetered::use_all(Metered::new(Bytes::default(), 0));
}
