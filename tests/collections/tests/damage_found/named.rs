//! Errors of damage name the root that was read, for each kind of collection.

use graven::{
    BTreeMap, BTreeSet, Blobs, Cell, Collection, Damage, Deque, Error, HashMap, HashSet, Log, Nested,
    Options, PriorityQueue, RankedMap, Records, Result, Slab, StableVec, Store, open,
};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::rng::Rng;

/// The offset of the number of the topmost page in a root's page.
const TOP: usize = 8;

/// Short and long texts.
fn text(number: u64) -> String {
    "text ".repeat(number as usize % 40 * if number.is_multiple_of(17) { 60 } else { 1 })
}

/// Reads copies of a collection that each have one page or one random bit damaged. Checks that each
/// error names the root.
fn names_its_root<C: Collection<Memory = Bytes>>(
    fill: impl FnOnce(&mut C),
    read: impl Fn(&C) -> [Result<()>; 2],
) {
    let (memory, rng) = (Bytes::default(), &mut Rng::new(7));
    let mut collection: C = open("accounts", memory.clone()).unwrap();
    fill(&mut collection);
    let used = collection.root().pager().usage().pages as usize;
    drop(collection);
    let sound = image(&memory);
    let mut found = 0;
    for trial in 2..used + 300 {
        let mut bytes = sound.clone();
        if trial < used {
            bytes[trial * PAGE_SIZE..][..PAGE_SIZE].fill(0xee);
        } else {
            let at = 2 * PAGE_SIZE + rng.below(((used - 2) * PAGE_SIZE) as u64) as usize;
            bytes[at] ^= 1 << rng.below(8);
        }
        let Ok(collection) = open::<C>("accounts", memory_of(&bytes)) else { continue };
        for error in read(&collection).into_iter().filter_map(Result::err) {
            let Error::Damaged { root, .. } = &error else { panic!("{error}") };
            assert_eq!(root.as_deref(), Some("accounts"), "{error}");
            assert!(error.to_string().contains(" of the root `accounts` is damaged: "), "{error}");
            found += 1;
        }
    }
    assert!(found > 10, "{found} errors");
}

/// Checks one kind of collection: how it is filled, and how it is read beside `verify`.
macro_rules! kinds {
    ($($test:ident: $kind:ty, |$fill:ident| $filled:expr, |$read:ident| $all:expr;)*) => {
        $(#[test]
        fn $test() {
            let all = |$read: &$kind| -> Result<()> { $all };
            names_its_root::<$kind>(|$fill| $filled, |found| [found.verify(), all(found)]);
        })*
    };
}

kinds! {
    a_btree_map: BTreeMap<u64, String>, |map| map.extend((0..900).map(|n| (n, text(n)))),
        |map| (0..900).try_for_each(|n| map.try_get(&n).map(drop));
    a_map_with_fixed_cells: BTreeMap<u64, u64>, |map| map.extend((0..2_000).map(|n| (n * 3 % 2_000, n))),
        |map| { let mut iter = map.iter(); while iter.try_next()?.is_some() {} Ok(()) };
    a_btree_set: BTreeSet<String>, |set| set.extend((0..900).map(|n| n.to_string())),
        |set| { let mut iter = set.iter(); while iter.try_next()?.is_some() {} Ok(()) };
    a_hash_map: HashMap<String, String>, |map| map.extend((0..900).map(|n| (n.to_string(), text(n)))),
        |map| { let mut iter = map.iter(); while iter.try_next()?.is_some() {} Ok(()) };
    a_hash_map_with_fixed_cells: HashMap<u64, u64>, |map| map.extend((0..2_000).map(|n| (n, n))),
        |map| (0..2_000).try_for_each(|n| map.try_get(&n).map(drop));
    a_hash_set: HashSet<u64>, |set| set.extend(0..2_000),
        |set| (0..2_000).try_for_each(|n| set.try_contains(&n).map(drop));
    a_vec: StableVec<String>, |vec| vec.extend((0..900).map(text)),
        |vec| (0..900).try_for_each(|n| vec.try_get(n).map(drop));
    a_vec_of_numbers: StableVec<u64>, |vec| vec.extend(0..9_000),
        |vec| { let mut iter = vec.iter(); while iter.try_next()?.is_some() {} Ok(()) };
    a_deque: Deque<String>, |deque| deque.extend((0..900).map(text)),
        |deque| (0..900).try_for_each(|n| deque.try_get(n).map(drop));
    a_log: Log<String>, |log| log.extend((0..900).map(text)),
        |log| (0..900).try_for_each(|n| log.try_get(n).map(drop));
    a_priority_queue: PriorityQueue<u64>, |queue| queue.extend(0..3_000),
        |queue| queue.try_peek().map(drop);
    a_slab: Slab<String>, |slab| slab.extend((0..900).map(text)),
        |slab| (0..900).try_for_each(|n| slab.try_get(n).map(drop));
    blobs: Blobs<u64>, |blobs| (0..40).for_each(|n| blobs.append(&n, &vec![7; 500 * n as usize])),
        |blobs| (0..40).try_for_each(|n| blobs.try_get(&n).map(drop));
    a_ranked_map: RankedMap<u64, String>, |map| (0..900).for_each(|n| _ = map.insert(n, text(n))),
        |map| (0..900).try_for_each(|n| map.try_nth(n).map(drop));
    nested_vecs: Nested<u64, StableVec<String>>, |lists| (0..900).for_each(|n| lists.or_create(&(n % 50)).push(text(n))),
        |lists| { let mut iter = lists.iter(); while iter.try_next()?.is_some() {} Ok(()) };
    records: Records<u64, String, BTreeMap<u64, u64>>, |users| (0..200).for_each(|n| {
            users.insert(n, text(n));
            users.items_mut(&n).unwrap().extend([(n, n), (1_000, 7)]);
        }),
        |users| { let mut iter = users.iter(); while iter.try_next()?.is_some() {} Ok(()) };
}

#[test]
fn a_cell() {
    names_its_root::<Cell<String>>(
        |cell| cell.set("text".repeat(100_000)),
        |cell| [cell.try_get().map(drop), cell.try_get().map(drop)],
    );
}

/// Opens two collections of one kind, of which the first has the topmost page `top`.
fn with_top<C: Collection<Memory = Bytes>>(
    fill: impl Fn(&mut C),
    top: impl FnOnce(u32) -> u32,
    read: impl FnOnce(&C) -> Option<Error>,
) -> (Error, u32) {
    let specs = [C::SPEC.named("walked"), C::SPEC.named("other")];
    let memory = Bytes::default();
    let mut store = Store::open(memory.clone(), &specs, Options::default()).unwrap();
    let (mut walked, mut other) = (C::attach(store.take(0)), C::attach(store.take(1)));
    fill(&mut walked);
    fill(&mut other);
    let (page, top) = (walked.root().page().address() as usize, top(other.root().state().top.get().get()));
    drop((walked, other));
    let mut bytes = image(&memory);
    bytes[page + TOP..][..4].copy_from_slice(&top.to_le_bytes());
    let mut store = Store::open(memory_of(&bytes), &specs, Options::default()).unwrap();
    let walked = C::attach(store.take(0));
    (read(&walked).expect("a wrong pointer is damage"), top)
}

/// Checks that an error is about page `expected.1`, which was read for the root `walked`.
#[track_caller]
fn walked((error, page): (Error, u32), expected: Damage) {
    let Error::Damaged { root, page: found, reason } = &error else { panic!("{error}") };
    assert_eq!((root.as_deref(), found.get(), *reason), (Some("walked"), page, expected), "{error}");
}

#[test]
fn a_pointer_into_another_collection_names_the_root_that_was_walked() {
    type Map = BTreeMap<u64, u64>;
    let fill = |map: &mut Map| map.extend((0..50).map(|n| (n, n)));
    walked(with_top(fill, |top| top, |map: &Map| map.try_get(&7).err()), Damage::WrongOwner);
    walked(with_top(fill, |top| top, |map: &Map| map.iter().try_next().err()), Damage::WrongOwner);
    type List = StableVec<String>;
    let fill = |list: &mut List| list.extend((0..50).map(text));
    walked(with_top(fill, |top| top, |list: &List| list.verify().err()), Damage::WrongLevel);
    type Hashes = HashMap<u64, u64>;
    let fill = |map: &mut Hashes| map.extend((0..900).map(|n| (n, n)));
    walked(with_top(fill, |top| top, |map: &Hashes| map.verify().err()), Damage::DirectoryMismatch);
}

#[test]
fn a_pointer_to_no_page_names_the_root_that_was_walked() {
    type Map = BTreeMap<u64, u64>;
    let fill = |map: &mut Map| map.extend((0..50).map(|n| (n, n)));
    walked(with_top(fill, |_| 1_000_000, |map: &Map| map.try_get(&7).err()), Damage::MissingPage);
    type List = StableVec<u64>;
    let fill = |list: &mut List| list.extend(0..50);
    walked(with_top(fill, |_| 1_000_000, |list: &List| list.verify().err()), Damage::MissingPage);
    type Hashes = HashMap<u64, u64>;
    let fill = |map: &mut Hashes| map.extend((0..900).map(|n| (n, n)));
    walked(with_top(fill, |_| 1_000_000, |map: &Hashes| map.verify().err()), Damage::MissingPage);
    type Bytes8 = Cell<Vec<u8>>;
    let fill = |cell: &mut Bytes8| cell.set(vec![1; 9_000]);
    walked(with_top(fill, |_| 1_000_000, |cell: &Bytes8| cell.try_get().err()), Damage::MissingPage);
}

/// The free list belongs to the store, even if a collection allocates from it.
#[test]
fn a_damaged_free_list_names_no_root() {
    let specs = [Cell::<Vec<u8>>::SPEC.named("freed"), BTreeMap::<u64, Vec<u8>>::SPEC.named("allocates")];
    let memory = Bytes::default();
    let mut store = Store::open(memory.clone(), &specs, Options::default()).unwrap();
    let mut freed = Cell::<Vec<u8>>::attach(store.take(0));
    let mut map = BTreeMap::<u64, Vec<u8>>::attach(store.take(1));
    freed.set(vec![1; 9_000]);
    let page = freed.root().state().top.get();
    freed.take();
    graven::Memory::write(&memory, page.address(), &[9]);
    let error = map.try_insert(1, vec![1; 9_000]).unwrap_err();
    assert!(
        matches!(&error, Error::Damaged { root: None, page: found, reason: Damage::WrongKind } if *found == page)
    );
    assert!(error.to_string().contains(&format!("page {page} of the store is damaged: ")), "{error}");
}
