//! Beyond 4 GiB: pages after the first million, values longer than 4 GiB, and counts that no `u32`
//! holds. The memory keeps what is not zero, so that this costs what is written.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use graven::entry::Handle;
use graven::{
    BTreeMap, BTreeSet, Blobs, Collection, Deque, HashMap as StableHashMap, HashSet, Log, Memory, Nested,
    PriorityQueue, RankedMap, Records, Slab, StableVec, open,
};
use graven_core::page::PAGE_SIZE;
use graven_tests::rng::Rng;

const GIB: u64 = 1 << 30;
const WASM_PAGE: u64 = 65_536;

static ZEROS: [u8; PAGE_SIZE] = [0; PAGE_SIZE];

/// A memory of which only pages are kept that are not zero.
#[derive(Clone, Default)]
struct Sparse {
    pages: Rc<RefCell<HashMap<u64, Box<[u8; PAGE_SIZE]>>>>,
    size: Rc<Cell<u64>>,
}

impl Sparse {
    fn bytes(&self) -> u64 {
        self.size.get() * WASM_PAGE
    }

    /// Calls `each` for the parts of a range in pages: the page, where in it, how long.
    fn parts(&self, offset: u64, len: usize, mut each: impl FnMut(u64, usize, std::ops::Range<usize>)) {
        assert!(offset + len as u64 <= self.bytes());
        let mut done = 0;
        while done < len {
            let at = offset + done as u64;
            let (page, inside) = (at / PAGE_SIZE as u64, (at % PAGE_SIZE as u64) as usize);
            let part = (len - done).min(PAGE_SIZE - inside);
            each(page, inside, done..done + part);
            done += part;
        }
    }
}

impl Memory for Sparse {
    fn size(&self) -> u64 {
        self.size.get()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.size.replace(self.size.get() + pages) as i64
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        let pages = self.pages.borrow();
        self.parts(offset, out.len(), |page, at, range| match pages.get(&page) {
            Some(bytes) => out[range.clone()].copy_from_slice(&bytes[at..at + range.len()]),
            None => out[range].fill(0),
        });
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        let mut pages = self.pages.borrow_mut();
        self.parts(offset, bytes.len(), |page, at, range| {
            let bytes = &bytes[range];
            // As one comparison this is fast enough for gigabytes.
            if !pages.contains_key(&page) && *bytes == ZEROS[..bytes.len()] {
                return;
            }
            let kept = pages.entry(page).or_insert_with(|| Box::new([0; PAGE_SIZE]));
            kept[at..at + bytes.len()].copy_from_slice(bytes);
        });
    }
}

#[graven::store]
struct Store {
    numbers: StableVec<u64, Sparse>,
    texts: StableVec<String, Sparse>,
    deque: Deque<u32, Sparse>,
    log: Log<Vec<u8>, Sparse>,
    queue: PriorityQueue<u64, Sparse>,
    slab: Slab<String, Sparse>,
    map: BTreeMap<u64, Vec<u8>, Sparse>,
    blobs: Blobs<u32, Sparse>,
    set: BTreeSet<String, Sparse>,
    hashed: StableHashMap<u64, u64, Sparse>,
    words: StableHashMap<String, Vec<u8>, Sparse>,
    seen: HashSet<u64, Sparse>,
    ranked: RankedMap<u64, String, Sparse>,
    nested: Nested<u64, Deque<u64, Sparse>, Sparse>,
    maps: Nested<u64, BTreeMap<u64, String, Sparse>, Sparse>,
    records: Records<u64, String, BTreeMap<u64, String, Sparse>, Sparse>,
    cell: graven::Cell<String, Sparse>,
}

/// Adds the values of one round.
fn fill(store: &mut Store, round: u64) -> Handle {
    for number in round * 2_000..(round + 1) * 2_000 {
        store.numbers.push(number);
        store.texts.push(format!("text {number}"));
        store.deque.push_back(number as u32);
        store.deque.push_front(number as u32);
        store.log.append(vec![round as u8; if number % 500 == 3 { 5_000 } else { 20 }]);
        store.slab.insert(format!("slab {number}"));
        store
            .map
            .insert(number.reverse_bits(), vec![round as u8; if number % 500 == 3 { 5_000 } else { 20 }]);
    }
    others(store, round);
    (0..1_000).for_each(|number| _ = store.queue.push(number * 3 + round));
    store.queue.push(1_000_000 + round)
}

fn others(store: &mut Store, round: u64) {
    for number in round * 2_000..(round + 1) * 2_000 {
        store.set.insert(format!("set {number}"));
        store.hashed.insert(number, number * 3);
        store.words.insert(number.to_string(), vec![round as u8; if number % 500 == 3 { 5_000 } else { 20 }]);
        store.seen.insert(number);
        store.ranked.insert(number * 2, format!("ranked {number}"));
        store.nested.or_create(&(number % 3)).push_back(number);
        store.maps.or_create(&(number % 5)).insert(number, format!("nested {number}"));
        if number < 5 {
            store.records.insert(number, format!("record {number}"));
        }
        store.records.items_mut(&(number % 5)).unwrap().insert(number, format!("item {number}"));
    }
    store.cell.set(format!("round {round}"));
}

fn check_others(store: &Store, rounds: u64) {
    let all = rounds * 2_000;
    assert_eq!(
        (store.set.len(), store.hashed.len(), store.words.len(), store.seen.len()),
        (all, all, all, all)
    );
    for number in 0..all {
        assert!(store.set.contains(&format!("set {number}")) && store.seen.contains(&number));
        assert_eq!(store.hashed.get(&number), Some(number * 3));
        assert_eq!(store.words.get(&number.to_string()).map(|bytes| bytes[0]), Some((number / 2_000) as u8));
        assert_eq!(store.ranked.nth(number), Some((number * 2, format!("ranked {number}"))));
        assert_eq!(store.nested.get(&(number % 3)).unwrap().get(number / 3), Some(number));
        assert_eq!(store.maps.get(&(number % 5)).unwrap().get(&number), Some(format!("nested {number}")));
    }
    for (number, record, items) in &store.records {
        assert_eq!((record, items.len()), (format!("record {number}"), all / 5));
        let numbers = (number..all).step_by(5);
        assert!(items.iter().eq(numbers.map(|number| (number, format!("item {number}")))));
    }
    store.records.verify().unwrap();
    assert_eq!(store.records.len(), 5);
    assert_eq!(store.cell.get(), Some(format!("round {}", rounds - 1)));
    store.set.verify().and(store.hashed.verify()).and(store.words.verify()).and(store.seen.verify()).unwrap();
    store.ranked.verify().and(store.nested.verify()).and(store.maps.verify()).unwrap();
}

fn check(store: &Store, rounds: u64, handles: &[Handle]) {
    check_others(store, rounds);
    let all = rounds * 2_000;
    assert!(store.numbers.iter().eq(0..all));
    assert!(store.texts.iter().eq((0..all).map(|number| format!("text {number}"))));
    assert_eq!(store.deque.len(), 2 * all);
    assert!(store.deque.range(all..).eq(0..all as u32));
    assert!(store.log.iter().enumerate().all(|(i, bytes)| bytes[0] == (i / 2_000) as u8));
    assert!(store.slab.iter().all(|(id, text)| text == format!("slab {id}")));
    assert!(store.map.iter().all(|(key, bytes)| bytes[0] == (key.reverse_bits() / 2_000) as u8));
    assert_eq!((store.slab.len(), store.map.len(), store.log.len()), (all, all, all));
    for (round, handle) in handles.iter().enumerate() {
        assert_eq!(store.queue.get(*handle), Some(1_000_000 + round as u64));
    }
    store.numbers.verify().unwrap();
    store.texts.verify().unwrap();
    store.deque.verify().unwrap();
    store.log.verify().unwrap();
    store.queue.verify().unwrap();
    store.slab.verify().unwrap();
    store.map.verify().unwrap();
}

/// Rounds of the same, with 4 GiB of zeros between them: pages before 4 GiB, after it, and
/// after 8 GiB.
#[test]
fn a_store_goes_on_behind_four_and_eight_gibibytes() {
    let memory = Sparse::default();
    let mut store = Store::open(memory.clone()).unwrap();
    let mut handles = Vec::new();
    for round in 0..2u64 {
        handles.push(fill(&mut store, round));
        // A blob of more than 4 GiB, of zeros but for its beginning and its end.
        let key = round as u32;
        store.blobs.write(&key, 0, b"begins");
        store.blobs.write(&key, 4 * GIB + 5, b"ends");
        assert!(memory.bytes() > (round + 1) * 4 * GIB);
    }
    handles.push(fill(&mut store, 2));
    drop(store);
    let mut store = Store::open(memory.clone()).unwrap();
    check(&store, 3, &handles);
    for key in 0..2 {
        assert_eq!(store.blobs.len(&key), Some(4 * GIB + 9));
        assert_eq!(store.blobs.read(&key, 0, 8).unwrap(), b"begins\0\0");
        assert_eq!(store.blobs.read(&key, 4 * GIB - 2, 100).unwrap(), b"\0\0\0\0\0\0\0ends");
        assert!(store.blobs.read(&key, u64::from(u32::MAX) + 1, 3).unwrap().iter().all(|byte| *byte == 0));
    }
    // Changes behind 8 GiB; what is freed there is used again.
    assert_eq!(store.queue.remove(handles[2]), Some(1_000_002));
    (0..3_000).for_each(|_| _ = store.numbers.pop());
    (0..2_000).for_each(|number: u64| _ = store.map.remove(&(4_000 + number).reverse_bits()));
    store.blobs.truncate(&1, 4 * GIB + 7);
    assert_eq!(store.blobs.read(&1, 4 * GIB, 100).unwrap(), b"\0\0\0\0\0en");
    assert!(store.blobs.remove(&0));
    let size = memory.bytes();
    store.blobs.write(&9, 0, b"begins");
    store.blobs.write(&9, GIB, b"ends");
    assert_eq!(memory.bytes(), size, "freed pages are used");
    assert_eq!(store.blobs.read(&9, GIB - 1, 9).unwrap(), b"\0ends");
    store.numbers.verify().unwrap();
    store.map.verify().unwrap();
    store.queue.verify().unwrap();
    let kept = memory.pages.borrow().len();
    assert!(kept < 40_000, "{kept} pages are kept");
}

/// A vector whose two children begin at 0 and at 2³² − 5, as if there were values between:
/// positions, starts and lengths over 32 bits.
struct Long {
    memory: Sparse,
    gap: u64,
}

/// Values of a full array.
const FULL: u64 = 507;

/// Values after the gap.
const BEHIND: u64 = 700;

fn long<C: Collection<Memory = Sparse>>(gap: u64, mut push: impl FnMut(&mut C, u64)) -> Long {
    let memory = Sparse::default();
    let mut list: C = open("list", memory.clone()).unwrap();
    (0..BEHIND + FULL).for_each(|number| push(&mut list, number));
    drop(list);
    let long = Long { memory, gap };
    long.stretch();
    long
}

impl Long {
    fn u32_at(&self, at: u64) -> u32 {
        let mut bytes = [0; 4];
        self.memory.read(at, &mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn add(&self, at: u64, number: u64) {
        let mut bytes = [0; 8];
        self.memory.read(at, &mut bytes);
        self.memory.write(at, &(u64::from_le_bytes(bytes) + number).to_le_bytes());
    }

    fn root(&self) -> u64 {
        let pages = self.u32_at(32).into();
        (1..pages).map(|page| page * PAGE_SIZE as u64).find(|at| self.u32_at(*at) as u8 == 3).unwrap()
    }

    /// Lets all children but the first begin later.
    fn stretch(&self) {
        let (root, gap) = (self.root(), self.gap);
        let top = u64::from(self.u32_at(root + 8)) * PAGE_SIZE as u64;
        assert_eq!(self.u32_at(root + 12), 2, "levels");
        let count = u64::from(self.u32_at(top + 2) as u16);
        (1..count).for_each(|entry| self.add(top + 36 + 12 * entry, gap));
        self.add(root + 16, gap);
        // The last array counts its values from its start on.
        self.add(root + 3584 + 24, gap);
    }
}

/// Gaps that bring the boundary of 2³² before, into and after the leaves; and one that is
/// near the largest number.
fn gaps() -> impl Iterator<Item = u64> {
    let edge = 1u64 << 32;
    [edge - FULL - 1, edge - FULL, edge - 600, edge - 1, edge, edge + 1, edge * 3, 1 << 52].into_iter()
}

#[test]
fn a_vector_of_more_values_than_u32_counts() {
    for gap in gaps() {
        let long = long(gap, |vec: &mut StableVec<u64, Sparse>, number| vec.push(number));
        let mut vec: StableVec<u64, Sparse> = open("list", long.memory.clone()).unwrap();
        let (len, begin) = (gap + FULL + BEHIND, gap + FULL);
        assert_eq!(vec.len(), len);
        for i in 0..BEHIND {
            assert_eq!(vec.get(begin + i), Some(FULL + i));
        }
        assert_eq!((vec.get(FULL - 1), vec.get(len)), (Some(FULL - 1), None));
        assert!(vec.range(begin..).eq(FULL..FULL + BEHIND));
        assert!(vec.range(len - 3..).rev().eq((FULL - 3 + BEHIND..FULL + BEHIND).rev()));
        vec.set(begin + 600, 1);
        vec.insert(begin + 10, 2);
        assert_eq!(
            (vec.get(begin + 10), vec.get(begin + 11), vec.get(begin + 601)),
            (Some(2), Some(FULL + 10), Some(1))
        );
        assert_eq!(vec.remove(begin + 10), 2);
        (0..2_000).for_each(|number| vec.push(number));
        assert_eq!((vec.len(), vec.last(), vec.get(len)), (len + 2_000, Some(1_999), Some(0)));
        vec.truncate(len - 3);
        assert_eq!((vec.len(), vec.last()), (len - 3, Some(FULL - 4 + BEHIND)));
        let vec: StableVec<u64, Sparse> = open("list", long.memory.clone()).unwrap();
        assert_eq!(
            (vec.len(), vec.get(begin + 5), vec.get(len - 4)),
            (len - 3, Some(FULL + 5), Some(FULL - 4 + BEHIND))
        );
    }
}

#[test]
fn a_deque_of_more_values_than_u32_counts() {
    for gap in gaps() {
        let long = long(gap, |deque: &mut Deque<u64, Sparse>, number| deque.push_back(number));
        let mut deque: Deque<u64, Sparse> = open("list", long.memory.clone()).unwrap();
        let len = gap + FULL + BEHIND;
        let mut rng = Rng::new(gap);
        let (mut front, mut back) = (0, 0);
        for number in 0..1_500u64 {
            if rng.once_in(2) {
                deque.push_front(number);
                front += 1;
                assert_eq!(deque.front(), Some(number));
            } else {
                deque.push_back(number);
                back += 1;
                assert_eq!(deque.back(), Some(number));
            }
        }
        assert_eq!(deque.len(), len + front + back);
        assert!(deque.range(front + gap + FULL..front + len).eq(FULL..FULL + BEHIND));
        (0..front + 5).for_each(|_| _ = deque.pop_front());
        (0..back + 5).for_each(|_| _ = deque.pop_back());
        assert_eq!((deque.len(), deque.front(), deque.back()), (len - 10, Some(5), Some(FULL - 6 + BEHIND)));
        assert_eq!(deque.get(gap + FULL - 5), Some(FULL));
    }
}

#[test]
fn a_log_of_more_values_than_u32_counts() {
    for gap in gaps() {
        let long = long(gap, |log: &mut Log<u64, Sparse>, number| _ = log.append(number));
        let mut log: Log<u64, Sparse> = open("list", long.memory.clone()).unwrap();
        let (len, begin) = (gap + FULL + BEHIND, gap + FULL);
        assert_eq!(log.append(7), len);
        // Drops what was never written between the leaves; the numbers stay.
        log.drop_before(begin + 100);
        assert_eq!(log.numbers(), begin + 100..len + 1);
        assert_eq!(
            (log.get(begin + 99), log.get(begin + 100), log.get(len)),
            (None, Some(FULL + 100), Some(7))
        );
        (0..2_000).for_each(|number| assert_eq!(log.append(number), len + 1 + number));
        let log: Log<u64, Sparse> = open("list", long.memory.clone()).unwrap();
        assert_eq!(log.numbers(), begin + 100..len + 2_001);
        assert_eq!((log.first(), log.get(len + 2_000)), (Some(FULL + 100), Some(1_999)));
    }
}

/// Ids and sequence numbers at the end of what `u32` and `u64` hold.
#[test]
fn ids_of_a_slab_go_on_behind_u32() {
    let memory = Sparse::default();
    let mut slab: Slab<u64, Sparse> = open("list", memory.clone()).unwrap();
    slab.insert(0);
    drop(slab);
    let long = Long { memory: memory.clone(), gap: 0 };
    long.add(long.root() + 3584, (1 << 32) - 3);
    let mut slab: Slab<u64, Sparse> = open("list", memory.clone()).unwrap();
    for number in 0..5 {
        assert_eq!(slab.insert(number), (1 << 32) - 2 + number);
    }
    assert_eq!((slab.get(1 << 32), slab.get(0)), (Some(2), Some(0)));
    drop(slab);
    long.add(long.root() + 3584, u64::MAX - (1 << 32) - 4);
    let mut slab: Slab<u64, Sparse> = open("list", memory).unwrap();
    assert_eq!(slab.next_id(), u64::MAX - 1);
    assert_eq!(slab.insert(9), u64::MAX - 1);
    assert!(slab.try_insert(9).is_err(), "no id is left");
    slab.verify().unwrap();
}
