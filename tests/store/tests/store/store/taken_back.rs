//! A release that is taken back, with every kind of collection. The older code opens the memory if no
//! page is in the newer layout, and finds everything as it was.

use graven::Error;
use graven_tests::memory::{Bytes, image};
use graven_tests::rng::Rng;

/// Kinds of collections in the stores below.
const KINDS: usize = 9;

macro_rules! releases {
    ($($release:ident { $($record:tt)* } |$n:ident| $make:expr;)*) => {$(
        mod $release {
            use graven::{
                BTreeMap, Cell, Deque, HashMap, Log, Nested, RankedMap, RootStats, Slab, StableLayout, StableVec,
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
                    _ => store.cell.set(&make(n)),
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
                let all = store.tree.values().map(|record| record.n).chain(hash);
                let all = all.chain(store.ranked.values().map(|record| record.n));
                let all = all.chain(store.vec.iter().map(|record| record.n));
                let all = all.chain(store.deque.iter().map(|record| record.n));
                let all = all.chain(store.slab.iter().map(|(_, record)| record.n));
                all.chain(nested).chain(store.log.iter().map(|record| record.n)).chain(cell).collect()
            }

            /// Returns the number of pages in the current layout.
            pub fn current_pages(store: &Everything) -> u32 {
                let layouts = store.stats().into_iter().flat_map(|root: RootStats| root.layouts);
                layouts.filter(|layout| layout.newest).map(|layout| layout.pages).sum()
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
        pub struct Record { n: u64, #[layout(since = 2, default = 9)] more: [u64; 3] }
    } |n| Record { n, more: [n; 3] };
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
            let (numbers, pages) = (new::numbers(&store), new::current_pages(&store));
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
