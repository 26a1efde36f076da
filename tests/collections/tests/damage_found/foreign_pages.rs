//! Structures that name a page of another collection: nothing is written to it, and nothing in it
//! is freed.

use graven::{Budget, Collection, Deque, HashMap, Options, PriorityQueue, StableVec, Store};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, Metered, image, memory_of};

/// Far more reads and writes than any of these operations needs.
const ACCESSES: u64 = 20_000;

/// A store of the collection that is damaged, and of one that is not: each is given with its first
/// page but the root.
struct Stored {
    image: Vec<u8>,
    /// Pages that each of both owns, in order.
    pages: [Vec<usize>; 2],
}

const OWNER_AT: usize = 12;

fn number(image: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(image[at..at + 4].try_into().unwrap())
}

fn stored<C: Collection<Memory = Bytes>>(fill: impl Fn(&mut C)) -> Stored {
    let bytes = Bytes::default();
    let roots = [C::SPEC.named("bad"), C::SPEC.named("good")];
    let mut store = Store::open(bytes.clone(), &roots, Options::default()).unwrap();
    let roots = [0, 1].map(|n| {
        let mut collection = C::attach(store.take(n));
        fill(&mut collection);
        collection.root().page().get()
    });
    let image = image(&bytes);
    let kinds = [2, 6, 7, 8];
    let owned = |root: u32| {
        let is_owned = |page: &usize| {
            number(&image, page * PAGE_SIZE + OWNER_AT) == root && kinds.contains(&image[page * PAGE_SIZE])
        };
        (1..image.len() / PAGE_SIZE).filter(is_owned).collect()
    };
    let pages = roots.map(owned);
    Stored { image, pages }
}

impl Stored {
    /// Lets every number in the pages of the damaged collection, and in its root, that is one of
    /// its pages be each page of the sound one, and runs `work`; the sound one's pages have to stay
    /// as they are.
    fn holds<C: Collection<Memory = Metered>>(&self, work: impl Fn(&mut C)) {
        let [bad, good] = &self.pages;
        assert!(!bad.is_empty() && !good.is_empty());
        let root = number(&self.image, bad[0] * PAGE_SIZE + OWNER_AT) as usize;
        let mut tried = 0;
        for holder in bad.iter().copied().chain([root]) {
            for (page, other) in bad.iter().flat_map(|page| good.iter().map(move |other| (*page, *other))) {
                let mut image = self.image.clone();
                let bytes = &mut image[holder * PAGE_SIZE + 16..(holder + 1) * PAGE_SIZE];
                let mut changed = false;
                for at in 0..bytes.len() - 3 {
                    if bytes[at..at + 4] == (page as u32).to_le_bytes() {
                        bytes[at..at + 4].copy_from_slice(&(other as u32).to_le_bytes());
                        changed = true;
                    }
                }
                if changed {
                    tried += 1;
                    self.try_one(&image, &work);
                }
            }
        }
        assert!(tried > 0);
    }

    fn try_one<C: Collection<Memory = Metered>>(&self, image: &[u8], work: &impl Fn(&mut C)) {
        let bytes = memory_of(image);
        let roots = [C::SPEC.named("bad"), C::SPEC.named("good")];
        let memory = Metered::new(bytes.clone(), ACCESSES);
        let Ok(mut store) = Store::open(memory, &roots, Options::default()) else { return };
        work(&mut C::attach(store.take(0)));
        let after = graven_tests::memory::image(&bytes);
        for page in &self.pages[1] {
            let page = page * PAGE_SIZE..(page + 1) * PAGE_SIZE;
            assert!(after[page.clone()] == image[page.clone()], "page {}", page.start / PAGE_SIZE);
        }
    }
}

#[test]
fn numbers_are_not_set_in_an_array_of_another_vector() {
    let stored = stored(|vec: &mut StableVec<u64, Bytes>| vec.extend(0..1_100));
    stored.holds(|vec: &mut StableVec<u64, Metered>| {
        for index in [0, 600, 1_099] {
            let _ = vec.try_set(index, 7);
        }
    });
    // With a directory of all arrays.
    stored.holds(|vec: &mut StableVec<u64, Metered>| {
        for index in (0..1_100).cycle().step_by(97).take(200) {
            let _ = vec.try_get(index);
        }
        for index in (0..1_100).step_by(50) {
            let _ = vec.try_set(index, 7);
        }
    });
}

#[test]
fn values_are_not_put_into_or_taken_from_leaves_of_another_vector() {
    let stored =
        stored(|vec: &mut StableVec<String, Bytes>| vec.extend((0..300).map(|n| n.to_string().repeat(20))));
    stored.holds(|vec: &mut StableVec<String, Metered>| {
        for index in [0, 100, 200, 299] {
            let _ = vec.try_set(index, "x".repeat(30));
            let _ = vec.try_insert(index, "y".repeat(30));
            let _ = vec.try_remove(index);
        }
        let _ = vec.try_push("z".into());
        let _ = vec.remove_within(0..vec.len(), &mut Budget::pages(10));
    });
}

#[test]
fn numbers_do_not_come_and_go_in_leaves_of_another_deque() {
    let stored = stored(|deque: &mut Deque<u64, Bytes>| deque.extend(0..1_100));
    stored.holds(|deque: &mut Deque<u64, Metered>| {
        let _ = deque.try_push_front(7);
        let _ = deque.try_push_back(7);
        let _ = deque.try_insert(500, 7);
        let _ = deque.try_remove(700);
        let _ = deque.remove_within(0..deque.len(), &mut Budget::pages(10));
    });
}

#[test]
fn entries_are_not_put_into_or_taken_from_a_bucket_of_another_map() {
    let stored = stored(|map: &mut HashMap<u64, u64, Bytes>| map.extend((0..700).map(|n| (n, n))));
    stored.holds(|map: &mut HashMap<u64, u64, Metered>| {
        for key in (0..1_400).step_by(3) {
            let _ = map.try_insert(key, 7);
            let _ = map.try_remove(&(key + 1));
        }
    });
}

#[test]
fn entries_of_any_size_are_not_put_into_or_taken_from_a_bucket_of_another_map() {
    let stored =
        stored(|map: &mut HashMap<u64, String, Bytes>| map.extend((0..150).map(|n| (n, "x".repeat(60)))));
    stored.holds(|map: &mut HashMap<u64, String, Metered>| {
        for key in 0..300 {
            let _ = map.try_insert(key, "y".repeat(50));
            let _ = map.try_remove(&(key + 1));
        }
    });
}

#[test]
fn values_are_not_pushed_to_or_popped_from_arrays_of_another_queue() {
    let stored = stored(|queue: &mut PriorityQueue<u64, Bytes>| queue.extend(0..1_100));
    stored.holds(|queue: &mut PriorityQueue<u64, Metered>| {
        for n in 0..20 {
            let _ = queue.try_push(n * 100);
            let _ = queue.try_pop();
        }
    });
}

/// The list of detached trees begins with a bucket that is in use: making room for a large value
/// takes it apart.
#[test]
fn a_bucket_that_is_detached_and_in_use_was_searched_for_ever() {
    let bytes = Bytes::default();
    let value = |n: u64| vec![1; if n.is_multiple_of(8) { 9_000 } else { 20 }];
    let mut map: HashMap<u64, Vec<u8>, Bytes> = graven::open("map", bytes.clone()).unwrap();
    map.extend((0..40).map(|n| (n, value(n))));
    let sound = image(&bytes);
    let buckets = (1..sound.len() / PAGE_SIZE).filter(|page| sound[page * PAGE_SIZE] == 8);
    for bucket in buckets {
        for len in [10, 500, 3_000, 60_000] {
            for key in [0, 1, 8, 1_000] {
                let mut image = sound.clone();
                image[DETACHED_AT..DETACHED_AT + 4].copy_from_slice(&(bucket as u32).to_le_bytes());
                let memory = Metered::new(memory_of(&image), ACCESSES);
                let mut map: HashMap<u64, Vec<u8>, Metered> = graven::open("map", memory).unwrap();
                let _ = map.try_insert(key, vec![2; len]);
            }
        }
    }
}

/// Offset in the superblock of the first detached tree.
const DETACHED_AT: usize = 44;
