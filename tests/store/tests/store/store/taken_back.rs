//! A release that is taken back, with every kind of collection. The older code opens the memory if
//! no page is in the newer layout, and finds everything as it was.

use graven::{Error, RootStats};
use graven_tests::memory::{Bytes, image};
use graven_tests::rng::Rng;

/// Kinds of collections in the stores below.
const KINDS: usize = 10;

macro_rules! releases {
    ($($release:ident { $($record:tt)* } |$n:ident| $make:expr;)*) => {$(
        mod $release {
            use graven::{
                BTreeMap, Cell, Deque, HashMap, Log, Nested, RankedMap, Records, Slab, StableLayout, StableVec,
            };

            #[derive(Debug, Clone, PartialEq, StableLayout)]
            $($record)*

            fn make($n: u64) -> Record {
                $make
            }

            #[graven::store]
            pub struct Everything {
                tree: BTreeMap<u64, Record>,
                hash: HashMap<u64, Record>,
                ranked: RankedMap<u64, Record>,
                vec: StableVec<Record>,
                deque: Deque<Record>,
                slab: Slab<Record>,
                nested: Nested<u64, BTreeMap<u64, Record>>,
                log: Log<Record>,
                cell: Cell<Record>,
                records: Records<u64, Record, BTreeMap<u64, Record>>,
            }

            /// Adds a record to a collection, and returns what takes it out again.
            pub fn add(store: &mut Everything, kind: usize, n: u64) -> u64 {
                match kind {
                    0 => _ = store.tree.insert(n, make(n)),
                    1 => _ = store.hash.insert(n, make(n)),
                    2 => _ = store.ranked.insert(n, make(n)),
                    3 => store.vec.push(make(n)),
                    4 => store.deque.push_back(make(n)),
                    5 => return store.slab.insert(make(n)),
                    6 => _ = store.nested.or_create(&n).insert(n, make(n)),
                    7 => _ = store.log.append(make(n)),
                    8 => store.cell.set(make(n)),
                    _ => {
                        store.records.insert(n, make(n));
                        store.records.items_mut(&n).unwrap().insert(n, make(n));
                    }
                }
                n
            }

            /// Takes a record out that was the last to be added. A log and a cell keep theirs.
            pub fn take(store: &mut Everything, kind: usize, n: u64) {
                match kind {
                    0 => _ = store.tree.remove(&n),
                    1 => _ = store.hash.remove(&n),
                    2 => _ = store.ranked.remove(&n),
                    3 => _ = store.vec.pop(),
                    4 => _ = store.deque.pop_back(),
                    5 => _ = store.slab.remove(n),
                    6 => _ = store.nested.remove(&n),
                    9 => _ = store.records.remove(&n),
                    _ => {}
                }
            }

            /// Returns the numbers in all records, in an order of their own.
            pub fn numbers(store: &Everything) -> Vec<u64> {
                let mut hash: Vec<u64> = store.hash.values().map(|record| record.n).collect();
                hash.sort_unstable();
                let nested = store.nested.keys().flat_map(|key| {
                    let inner = store.nested.get(&key).unwrap();
                    inner.iter().map(|(_, record)| record.n).collect::<Vec<_>>()
                });
                let cell = store.cell.get().map(|record| record.n);
                let records = store.records.keys().flat_map(|key| {
                    let items = store.records.items(&key).unwrap();
                    let items = items.iter().map(|(_, item)| item.n);
                    [store.records.get(&key).unwrap().n].into_iter().chain(items).collect::<Vec<_>>()
                });
                let all = store.tree.values().map(|record| record.n).chain(hash);
                let all = all.chain(store.ranked.values().map(|record| record.n));
                let all = all.chain(store.vec.iter().map(|record| record.n));
                let all = all.chain(store.deque.iter().map(|record| record.n));
                let all = all.chain(store.slab.iter().map(|(_, record)| record.n));
                all.chain(nested).chain(store.log.iter().map(|record| record.n)).chain(cell).chain(records).collect()
            }

            pub fn verify(store: &Everything) {
                store.tree.verify().unwrap();
                store.hash.verify().unwrap();
                store.ranked.verify().unwrap();
                store.vec.verify().unwrap();
                store.deque.verify().unwrap();
                store.slab.verify().unwrap();
                store.nested.verify().unwrap();
                store.log.verify().unwrap();
                store.records.verify().unwrap();
            }
        }
    )*};
}

releases! {
    old {
        #[layout(version = 1)]
        pub struct Record { n: u64 }
    } |n| Record { n };
    new {
        #[layout(version = 2)]
        pub struct Record { n: u64, #[layout(since = 2, default = [9; 3])] more: [u64; 3] }
    } |n| Record { n, more: [n; 3] };
}

/// Returns the number of pages in the current layouts.
fn current_pages(stats: &[RootStats]) -> u32 {
    let layouts = stats.iter().flat_map(|root| &root.layouts);
    layouts.filter(|layout| layout.current).map(|layout| layout.pages).sum()
}

/// Returns the kinds that the newer release writes to: none, one, or any.
fn written(rng: &mut Rng) -> Vec<usize> {
    match rng.below(3) {
        0 => Vec::new(),
        1 => vec![rng.below(KINDS as u64) as usize],
        _ => (0..KINDS).filter(|_| rng.once_in(4)).collect(),
    }
}

#[test]
fn older_code_opens_a_memory_exactly_if_no_page_is_in_a_newer_layout() {
    let (mut opened, mut refused) = (0, 0);
    for seed in 0..300 {
        let mut rng = Rng::new(seed);
        let memory = Bytes::default();
        let mut store = old::Everything::open(memory.clone()).unwrap();
        // Full leaves, so that some records of the newer release get pages of their own.
        for kind in (0..KINDS).filter(|_| seed % 3 > 0) {
            let entries = rng.below(600);
            (0..entries).for_each(|n| _ = old::add(&mut store, kind, n));
        }
        drop(store);
        for round in 0..3 {
            let mut store = new::Everything::open(memory.clone()).unwrap();
            for kind in written(&mut rng) {
                let first = 1_000 + 1_000 * round;
                let added: Vec<u64> =
                    (first..first + rng.below(400)).map(|n| new::add(&mut store, kind, n)).collect();
                if !rng.once_in(4) {
                    added.into_iter().rev().for_each(|n| new::take(&mut store, kind, n));
                }
            }
            new::verify(&store);
            let (numbers, pages) = (new::numbers(&store), current_pages(&store.stats()));
            drop(store);
            let before = image(&memory);
            match old::Everything::open(memory.clone()) {
                Ok(mut store) => {
                    assert_eq!(pages, 0, "seed {seed}: the older code opened pages in a newer layout");
                    assert_eq!(old::numbers(&store), numbers, "seed {seed}");
                    for kind in 0..KINDS {
                        let added: Vec<u64> = (5_000..5_020).map(|n| old::add(&mut store, kind, n)).collect();
                        added.into_iter().rev().for_each(|n| old::take(&mut store, kind, n));
                    }
                    old::verify(&store);
                    opened += 1;
                }
                Err(Error::Refused(_)) => {
                    assert!(pages > 0, "seed {seed}: the older code was refused for nothing");
                    assert!(image(&memory) == before, "seed {seed}: a refused opening wrote something");
                    refused += 1;
                }
                Err(error) => panic!("seed {seed}: {error}"),
            }
        }
    }
    assert!(opened > 200 && refused > 200, "{opened} opened, {refused} refused");
}

/// A root that the older code does not declare stays if it is empty. Otherwise that code is
/// refused.
#[test]
fn roots_of_a_release_that_is_taken_back_stay_while_they_are_empty() {
    use graven::{BTreeMap, Nested, Records, StableVec};

    #[graven::store]
    struct Older {
        users: BTreeMap<u64, u64>,
    }
    #[graven::store]
    struct Newer {
        users: BTreeMap<u64, u64>,
        nested: Nested<u64, StableVec<u64>>,
        records: Records<u64, u64, BTreeMap<u64, u64>>,
    }
    type Change = fn(&mut Newer);
    let writes: [(Change, Change); 3] = [
        (|store| store.nested.or_create(&1).push(2), |store| _ = store.nested.remove(&1)),
        // A key without values is something that the newer code knows.
        (|store| _ = store.nested.or_create(&1), |store| _ = store.nested.remove(&1)),
        (|store| _ = store.records.insert(1, 2), |store| _ = store.records.remove(&1)),
    ];
    let memory = Bytes::default();
    Older::open(memory.clone()).unwrap().users.insert(1, 2);
    for (write, undo) in writes {
        write(&mut Newer::open(memory.clone()).unwrap());
        let before = image(&memory);
        let refused = Older::open(memory.clone()).err().unwrap().to_string();
        assert!(refused.contains("(1 entry) but the code does not declare it"), "{refused}");
        assert!(image(&memory) == before, "something was written");
        let mut newer = Newer::open(memory.clone()).unwrap();
        assert_eq!(newer.nested.len() + newer.records.len(), 1);
        undo(&mut newer);
        drop(newer);
        let mut older = Older::open(memory.clone()).unwrap();
        let next = older.users.len();
        older.users.insert(next + 10, 3);
        assert_eq!(older.users.get(&1), Some(2));
        drop(older);
        let newer = Newer::open(memory.clone()).unwrap();
        assert!(newer.nested.is_empty() && newer.records.is_empty());
        newer.users.verify().unwrap();
    }
}
