//! A panic names the line of the user's code that called the short form, not one of the library.

use graven::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, HashMap, HashSet, Log, Nested, PriorityQueue, RankedMap, Records,
    Slab, StableVec, open,
};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::Bytes;
use graven_tests::panics::{caught, last_place};

/// Overwrites all pages but the first.
fn ruin(memory: &Bytes) {
    memory.borrow_mut()[PAGE_SIZE..].fill(0xff);
}

/// Fills a collection, ruins its memory, and checks that each call panics at its own line.
macro_rules! places {
    ($test:ident, $collection:ty, |$c:ident| $fill:expr, $($call:expr),+ $(,)?) => {
        #[test]
        fn $test() {
            $({
                let memory = Bytes::default();
                let mut $c: $collection = open("collection", memory.clone()).unwrap();
                $fill;
                ruin(&memory);
                let result = caught(|| {
                    let _ = $call;
                });
                let (call, place) = (stringify!($call), last_place());
                assert!(result.is_err(), "{call} does not panic");
                assert!(place.starts_with(&format!("{}:", file!())), "{call} panics at {place}");
            })+
        }
    };
}

fn text(n: u64) -> String {
    format!("{n:>40}")
}

places!(
    ordered_maps,
    BTreeMap<String, String, Bytes>,
    |c| (0..300).for_each(|n| _ = c.insert(text(n), text(n))),
    c.get(&text(5)),
    c.contains_key(&text(5)),
    c.get_key_value(&text(5)),
    c.insert(text(5), text(6)),
    c.set(text(5), text(6)),
    c.remove(&text(5)),
    c.remove_entry(&text(5)),
    c.delete(&text(5)),
    c.update(&text(5), |_| ()),
    c.entry(text(5)),
    c.first_key_value(),
    c.last_key_value(),
    c.pop_first(),
    c.pop_last(),
    c.first_entry(),
    c.last_entry(),
    c.retain(|_, _| true),
    c.update_range(.., |_, _| ()),
    c.extend([(text(5), text(6))]),
);

places!(
    hash_maps,
    HashMap<String, String, Bytes>,
    |c| (0..300).for_each(|n| _ = c.insert(text(n), text(n))),
    c.get(&text(5)),
    c.contains_key(&text(5)),
    c.get_key_value(&text(5)),
    c.insert(text(5), text(6)),
    c.set(text(5), text(6)),
    c.remove(&text(5)),
    c.remove_entry(&text(5)),
    c.delete(&text(5)),
    c.update(&text(5), |_| ()),
    c.entry(text(5)),
    c.retain(|_, _| true),
    c.extend([(text(5), text(6))]),
);

places!(
    ranked_maps,
    RankedMap<String, String, Bytes>,
    |c| (0..300).for_each(|n| _ = c.insert(text(n), text(n))),
    c.get(&text(5)),
    c.insert(text(5), text(6)),
    c.set(text(5), text(6)),
    c.remove(&text(5)),
    c.delete(&text(5)),
    c.update(&text(5), |_| ()),
    c.entry(text(5)),
    c.nth(7),
    c.rank(&text(5)),
    c.position(&text(5)),
    c.pop_first(),
    c.pop_last(),
    c.ranks(3..),
    c.retain(|_, _| true),
    c.extend([(text(5), text(6))]),
);

places!(
    ordered_sets,
    BTreeSet<String, Bytes>,
    |c| (0..300).for_each(|n| _ = c.insert(text(n))),
    c.contains(&text(5)),
    c.get(&text(5)),
    c.insert(text(5)),
    c.replace(text(5)),
    c.remove(&text(5)),
    c.take(&text(5)),
    c.first(),
    c.last(),
    c.pop_first(),
    c.pop_last(),
    c.retain(|_| true),
    c.extend([text(5)]),
);

places!(
    hash_sets,
    HashSet<String, Bytes>,
    |c| (0..300).for_each(|n| _ = c.insert(text(n))),
    c.contains(&text(5)),
    c.insert(text(5)),
    c.remove(&text(5)),
    c.retain(|_| true),
    c.extend([text(5)]),
);

places!(
    vectors,
    StableVec<String, Bytes>,
    |c| (0..300).for_each(|n| c.push(text(n))),
    c.get(5),
    c.first(),
    c.last(),
    c.push(text(5)),
    c.pop(),
    c.pop_if(|_| true),
    c.replace(5, text(6)),
    c.set(5, text(6)),
    c.update(5, |_| ()),
    c.insert(5, text(6)),
    c.remove(5),
    c.swap_remove(5),
    c.swap(5, 6),
    c.truncate(5),
    c.retain(|_| true),
    c.dedup(),
    c.sort_unstable(),
    c.resize(400, text(0)),
    c.resize_with(400, || text(0)),
    c.rotate_left(5),
    c.extend_from_slice(&[text(5)]),
    c.extend([text(5)]),
    c.insert(999, text(6)),
    c.remove(999),
    c.set(999, text(6)),
    c.replace(999, text(6)),
    c.swap_remove(999),
    c.range(7..999),
);

places!(
    deques,
    Deque<String, Bytes>,
    |c| (0..300).for_each(|n| c.push_back(text(n))),
    c.get(5),
    c.front(),
    c.back(),
    c.push_back(text(5)),
    c.push_front(text(5)),
    c.pop_front(),
    c.pop_back(),
    c.set(5, text(6)),
    c.update(5, |_| ()),
    c.insert(5, text(6)),
    c.remove(5),
    c.swap_remove_front(5),
    c.swap_remove_back(5),
    c.swap(5, 6),
    c.truncate(5),
    c.retain(|_| true),
    c.extend([text(5)]),
    c.set(999, text(6)),
);

places!(
    logs,
    Log<String, Bytes>,
    |c| (0..300).for_each(|n| _ = c.append(text(n))),
    c.get(5),
    c.first(),
    c.last(),
    c.append(text(5)),
    c.extend([text(5)]),
);

places!(
    queues,
    PriorityQueue<String, Bytes>,
    |c| (0..300).for_each(|n| _ = c.push(text(n))),
    c.peek(),
    c.pop(),
    c.push(text(999)),
    c.retain(|_| true),
    c.extend([text(999)]),
);

places!(
    slabs,
    Slab<String, Bytes>,
    |c| (0..300).for_each(|n| _ = c.insert(text(n))),
    c.get(5),
    c.contains(5),
    c.insert(text(5)),
    c.replace(5, text(6)),
    c.set(5, text(6)),
    c.update(5, |_| ()),
    c.remove(5),
    c.delete(5),
    c.extend([text(5)]),
);

places!(
    cells,
    Cell<String, Bytes>,
    |c| c.set(text(1)),
    c.get(),
    c.get_or_default(),
    c.set(text(2)),
    c.replace(text(2)),
    c.take(),
    c.update(|_| ()),
);

places!(
    blobs,
    Blobs<u64, Bytes>,
    |c| (0..50).for_each(|n| c.put(&n, &[7; 3_000])),
    c.len(&5),
    c.get(&5),
    c.read(&5, 10, 20),
    c.put(&5, b"x"),
    c.append(&5, b"x"),
    c.write(&5, 10, b"x"),
    c.truncate(&5, 10),
    c.remove(&5),
);

places!(
    nested_collections,
    Nested<u64, StableVec<String>, Bytes>,
    |c| (0..300).for_each(|n| c.or_create(&(n % 50)).push(text(n))),
    c.get(&5),
    c.get_mut(&5),
    c.or_create(&5),
    c.remove(&5),
    c.rename(&5, &500),
);

places!(
    records_with_items,
    Records<u64, String, StableVec<String>, Bytes>,
    |c| (0..300).for_each(|n| _ = c.insert(n, text(n))),
    c.get(&5),
    c.contains_key(&5),
    c.insert(5, text(6)),
    c.set(5, text(6)),
    c.update(&5, |_| ()),
    c.items(&5),
    c.items_mut(&5),
    c.get_with_items(&5),
    c.remove(&5),
    c.delete(&5),
    c.rename(&5, &500),
    c.extend([(5, text(6))]),
);
