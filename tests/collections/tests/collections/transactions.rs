//! Transactions over a store with every kind of collection. One that fails leaves the memory byte
//! for byte as it was, and the collections usable. One that succeeds leaves the same as its
//! operations do outside of a transaction.

use graven::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, Error, HashMap, HashSet, Log, Nested, PriorityQueue, RankedMap,
    Records, Slab, StableVec,
};
use graven_tests::memory::{Bytes, Limited, image};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use serde_json::{Value as Json, to_value};

type Memory = Limited;

#[graven::store]
struct App {
    map: BTreeMap<u64, u64, Memory>,
    texts: BTreeMap<String, Vec<u8>, Memory>,
    hashed: HashMap<u64, u64, Memory>,
    hashed_texts: HashMap<String, Vec<u8>, Memory>,
    set: BTreeSet<u64, Memory>,
    hash_set: HashSet<String, Memory>,
    ranked: RankedMap<u64, String, Memory>,
    numbers: StableVec<u64, Memory>,
    lines: StableVec<String, Memory>,
    deque: Deque<u32, Memory>,
    log: Log<String, Memory>,
    queue: PriorityQueue<u64, Memory>,
    slab: Slab<Vec<u8>, Memory>,
    blobs: Blobs<u64, Memory>,
    nested: Nested<u64, BTreeMap<u64, String, Memory>, Memory>,
    records: Records<u64, String, StableVec<u64, Memory>, Memory>,
    cell: Cell<Vec<u8>, Memory>,
}

fn open(limit: u64) -> (Memory, App) {
    let memory = Limited::new(Bytes::default(), limit);
    (memory.clone(), App::open(memory).unwrap())
}

/// Returns bytes, some of which need overflow pages.
fn bytes(rng: &mut Rng) -> Vec<u8> {
    let len = if rng.once_in(8) { 3_000 + rng.below(9_000) } else { rng.below(60) };
    vec![rng.below(256) as u8; len as usize]
}

fn text(n: u64) -> String {
    format!("{n}-").repeat(1 + (n % 9) as usize)
}

/// Does one operation. Numbers of keys are below 300, so that many are met again.
fn step(app: &mut App, rng: &mut Rng) -> Result<(), Error> {
    let n = rng.below(300);
    match rng.below(40) {
        0..3 => drop(app.map.try_insert(n, rng.any())?),
        3 => drop(app.map.try_remove(&n)?),
        4..6 => drop(app.texts.try_insert(text(n), bytes(rng))?),
        6 => drop(app.texts.try_remove(&text(n))?),
        7..10 => drop(app.hashed.try_insert(n, rng.any())?),
        10 => drop(app.hashed.try_remove(&n)?),
        11 => drop(app.hashed_texts.try_insert(text(n), bytes(rng))?),
        12 => drop(app.hashed_texts.try_remove(&text(n))?),
        13 => drop((app.set.try_insert(n)?, app.set.try_remove(&(n / 2))?)),
        14 => drop((app.hash_set.try_insert(text(n))?, app.hash_set.try_remove(&text(n / 2))?)),
        15 => drop(app.ranked.try_insert(n, text(n))?),
        16 => drop(app.ranked.try_remove(&n)?),
        17..21 => app.numbers.try_push(n)?,
        21 => drop(app.numbers.try_pop()?),
        22 => app.lines.try_push(text(n))?,
        23 => drop(app.lines.try_pop()?),
        24 => (app.deque.try_push_front(n as u32)?, app.deque.try_push_back(1)?).0,
        25 => drop((app.deque.try_pop_front()?, app.deque.try_pop_back()?)),
        26 => drop(app.log.try_append(text(n))?),
        27 => drop(app.queue.try_push(n)?),
        28 => drop(app.queue.try_pop()?),
        29 => drop(app.slab.try_insert(bytes(rng))?),
        30 => drop(app.slab.try_remove(rng.below(60))?),
        31 => app.blobs.try_append(&(n % 20), &bytes(rng))?,
        32 => drop(app.blobs.try_remove(&(n % 20))?),
        33 => drop(app.nested.try_or_create(&(n % 9))?.try_insert(n, text(n))?),
        34 => drop(app.nested.try_remove(&(n % 9))?),
        35 => {
            app.records.try_insert(n % 30, text(n))?;
            if let Some(mut items) = app.records.try_items_mut(&(n % 30))? {
                items.try_push(n)?;
            }
        }
        36 => drop(app.records.try_remove(&(n % 30))?),
        37 => app.cell.try_set(bytes(rng))?,
        38 if rng.once_in(10) => app.map.try_clear()?,
        39 if rng.once_in(10) => (app.hashed.try_clear()?, app.numbers.try_clear()?).0,
        _ => assert_eq!(app.map.get(&n).is_some(), app.map.contains_key(&n)),
    }
    Ok(())
}

fn steps(app: &mut App, seed: u64) -> Result<(), Error> {
    let rng = &mut Rng::new(seed);
    (0..1 + rng.below(60)).try_for_each(|_| step(app, rng))
}

/// Returns the content of all collections.
fn content(app: &App) -> Vec<Json> {
    let mut hash_set: Vec<String> = app.hash_set.iter().collect();
    hash_set.sort();
    macro_rules! all {
        ($($field:ident)*) => { vec![to_value(hash_set).unwrap(), $(to_value(&app.$field).unwrap()),*] };
    }
    all!(map texts hashed hashed_texts set ranked numbers lines deque log queue slab blobs nested records cell)
}

fn verify(app: &App) {
    macro_rules! all {
        ($($field:ident)*) => { $(app.$field.verify().unwrap_or_else(|error| panic!("{}: {error}", stringify!($field)));)* };
    }
    all!(map texts hashed hashed_texts set hash_set ranked numbers lines deque log queue slab blobs nested records);
}

/// Compares all bytes. The memory may have grown, by zeros.
#[track_caller]
fn assert_same(memory: &Memory, before: &[u8]) {
    let after = image(memory);
    let at = before.iter().chain(std::iter::repeat(&0)).zip(&after).position(|(a, b)| a != b);
    assert_eq!(at, None, "the offset of the first byte that differs");
}

#[derive(Debug, PartialEq)]
enum Failure {
    Own,
    Memory,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        assert!(matches!(error, Error::OutOfMemory { .. }), "{error}");
        Failure::Memory
    }
}

#[test]
fn what_fails_is_undone_and_what_succeeds_is_as_without_a_transaction() {
    let ((memory, mut app), (_, mut twin)) = (open(u64::MAX), open(u64::MAX));
    let (rng, mut undone) = (&mut Rng::new(1), 0);
    for round in 0..800 {
        let (before, fails) = (image(&memory), rng.once_in(2));
        let result = app.transact(|app| {
            steps(app, round)?;
            if fails { Err(Failure::Own) } else { Ok(round) }
        });
        assert_eq!(result, if fails { Err(Failure::Own) } else { Ok(round) });
        if fails {
            undone += 1;
            assert_same(&memory, &before);
        } else {
            steps(&mut twin, round).unwrap();
        }
        if round % 50 == 0 {
            verify(&app);
            assert_eq!(content(&app), content(&twin));
        }
        if round % 200 == 199 {
            app = App::open(memory.clone()).unwrap();
        }
    }
    verify(&app);
    assert_eq!(content(&app), content(&twin));
    assert!(undone > 300);
}

#[test]
fn transactions_within_others_are_undone_alone_or_together() {
    let ((memory, mut app), (_, mut twin)) = (open(u64::MAX), open(u64::MAX));
    for round in (0..600).step_by(4) {
        let (before, outer_fails) = (image(&memory), round % 3 == 0);
        let result = app.transact(|app| {
            steps(app, round)?;
            let between = image(&memory);
            let inner = app
                .transact(|app| steps(app, round + 1).map_err(Failure::from).and(Err::<(), _>(Failure::Own)));
            assert_eq!(inner, Err(Failure::Own));
            assert_same(&memory, &between);
            app.transact(|app| steps(app, round + 2).map_err(Failure::from))?;
            steps(app, round + 3)?;
            if outer_fails { Err(Failure::Own) } else { Ok(()) }
        });
        assert_eq!(result.is_err(), outer_fails);
        if outer_fails {
            assert_same(&memory, &before);
        } else {
            [0, 2, 3].into_iter().for_each(|part| steps(&mut twin, round + part).unwrap());
        }
    }
    verify(&app);
    assert_eq!(content(&app), content(&twin));
}

#[test]
fn a_panic_undoes_as_well() {
    let (memory, mut app) = open(u64::MAX);
    (0..20).for_each(|seed| steps(&mut app, seed).unwrap());
    let (before, expected) = (image(&memory), content(&app));
    for seed in 100..200 {
        let run = caught(|| {
            app.transact(|app| -> Result<(), Error> {
                steps(app, seed)?;
                panic!("number {seed}");
            })
        });
        assert_eq!(run.unwrap_err(), format!("number {seed}"));
        assert_same(&memory, &before);
    }
    verify(&app);
    assert_eq!(content(&app), expected);
    // No transaction is left open.
    steps(&mut app, 1).unwrap();
    assert!(image(&memory) != before);
}

#[test]
fn out_of_memory_anywhere_undoes_all() {
    let (memory, mut app) = open(u64::MAX);
    let (rng, mut refused) = (&mut Rng::new(3), 0);
    for round in 0..1_000 {
        memory.allow(u64::from(rng.once_in(8)));
        let before = image(&memory);
        match app.transact(|app| steps(app, round).map_err(Failure::from)) {
            Ok(()) => {}
            Err(failure) => {
                assert_eq!(failure, Failure::Memory);
                refused += 1;
                assert_same(&memory, &before);
            }
        }
    }
    verify(&app);
    assert!(refused > 25, "{refused}");
}

#[test]
fn pages_that_were_taken_are_free_again() {
    let (memory, mut app) = open(u64::MAX);
    app.map.insert(1, 1);
    let (usage, size) = (app.usage(), image(&memory).len());
    let result = app.transact(|app| -> Result<(), ()> {
        app.blobs.put(&1, &vec![7; 1 << 20]);
        (0..50_000).for_each(|n| app.numbers.push(n));
        Err(())
    });
    assert_eq!(result, Err(()));
    assert_eq!(graven::Usage { memory_bytes: usage.memory_bytes, ..app.usage() }, usage);
    let grown = image(&memory).len();
    assert!(grown > size + (1 << 20));
    app.blobs.put(&1, &vec![8; 1 << 20]);
    assert_eq!(image(&memory).len(), grown, "the memory is used again");
}

#[test]
fn a_store_that_is_opened_again_within_a_transaction_is_not_overwritten() {
    let (memory, mut app) = open(u64::MAX);
    app.map.insert(1, 1);
    let mut second = None;
    let run = caught(|| {
        app.transact(|app| -> Result<(), ()> {
            app.map.insert(1, 2);
            let mut other = App::open(memory.clone()).unwrap();
            other.map.insert(1, 3);
            second = Some(other);
            Err(())
        })
    });
    assert!(run.unwrap_err().contains("another store"));
    assert_eq!(second.unwrap().map.get(&1), Some(3));
}
