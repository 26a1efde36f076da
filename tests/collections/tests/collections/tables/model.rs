//! A table beside a naive one, whose rows are scanned: operations that succeed and that break a
//! rule, transactions that are committed and undone, memory that cannot grow, sweeps, re-opens, and
//! upgrades that add, change and drop indexes.

use std::collections::{BTreeMap as StdMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use graven::error::Broken;
use graven::table::{AnyIndex, IndexState};
use graven::{Budget, Error, Options, Schema, Table};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;

use super::versions::{Indexes, Memory, Plain, Version, v1, v2, v3};

type Model = StdMap<u64, Plain>;

/// Rows have keys below this number.
const KEYS: u64 = 400;

/// Wasm pages that a memory may have.
const ROOM: u64 = 1_000;

/// The outcomes of operations, and how often an index was compared.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    operations: u64,
    violations: u64,
    full: u64,
    undone: u64,
    compared: u64,
}

struct Run {
    memory: Memory,
    rng: Rng,
    model: Model,
    counts: Counts,
}

fn row(rng: &mut Rng) -> Plain {
    let id = rng.below(KEYS);
    let word = |rng: &mut Rng| ["a", "b", "ab", "b\0", "", "ü", "\0"][rng.below(7) as usize].to_owned();
    let long = |rng: &mut Rng| "x".repeat(if rng.once_in(40) { rng.below(900) as usize } else { 0 });
    let mut tags = vec![long(rng)];
    tags.extend((0..rng.below(4)).map(|_| word(rng)));
    Plain {
        id,
        // About every sixth is another row's.
        email: format!("{}@{}", rng.below(2 * KEYS), if rng.once_in(9) { "b" } else { "a\0" }),
        name: [word(rng), word(rng), word(rng), long(rng)].join(" "),
        country: rng.below(3) as u8,
        karma: rng.below(21) as i64 - 10,
        tags,
        note: if rng.once_in(12) { vec![1; rng.below(9_000) as usize] } else { Vec::new() },
        is_active: !rng.once_in(3),
    }
}

/// Does an operation to the table and to the model, and compares the results. Errors for want of
/// memory leave both alone.
fn step<R: Version>(table: &mut Table<R, Memory>, model: &mut Model, rng: &mut Rng, counts: &mut Counts) {
    let plain = R::of(&row(rng)).plain();
    let others = model.values().filter(|other| other.email == plain.email && other.id != plain.id);
    let taken: Vec<u64> = others.map(|other| other.id).collect();
    // An index that is not complete does not know all rows.
    let may_succeed = taken.is_empty() || R::emails(table) != IndexState::Complete;
    let mut failed = |error: Error| match error {
        Error::OutOfMemory { .. } => counts.full += 1,
        Error::Violation(broken) => {
            counts.violations += 1;
            let other = broken.key::<u64>().unwrap();
            match &broken.rule {
                Broken::Key => assert_eq!(other, plain.id),
                Broken::Unique { index } => assert!(index == "email" && taken.contains(&other)),
                other => panic!("{other:?}"),
            }
        }
        error => panic!("{error}"),
    };
    match rng.below(12) {
        0..4 => match table.try_insert(R::of(&plain)) {
            Ok(key) => {
                assert!(key == plain.id && may_succeed);
                assert_eq!(model.insert(key, plain), None);
            }
            Err(error) => failed(error),
        },
        4..7 => match table.try_upsert(R::of(&plain)) {
            Ok(old) => {
                assert!(may_succeed);
                assert_eq!(old.map(|old| old.plain()), model.insert(plain.id, plain));
            }
            Err(error) => failed(error),
        },
        7..9 => {
            let change = |row: &mut R| {
                let old = row.plain();
                let karma = if rng.once_in(2) { plain.karma } else { old.karma };
                *row = R::of(&Plain { karma, name: plain.name.clone(), ..old });
                karma
            };
            match table.try_update(&plain.id, change) {
                Ok(None) => assert!(!model.contains_key(&plain.id)),
                Ok(Some(karma)) => {
                    let old = model.get_mut(&plain.id).unwrap();
                    (old.karma, old.name) = (karma, plain.name.clone());
                }
                Err(error) => failed(error),
            }
        }
        9 => match table.try_update(&plain.id, |row| *row = R::of(&Plain { id: KEYS, ..plain.clone() })) {
            Ok(changed) => assert!(changed.is_none() && !model.contains_key(&plain.id)),
            Err(Error::Violation(broken)) => assert_eq!(broken.rule, Broken::KeyChanged),
            Err(error) => panic!("{error}"),
        },
        _ => {
            let removed = table.try_remove(&plain.id).unwrap();
            assert_eq!(removed.map(|old| old.plain()), model.remove(&plain.id));
        }
    }
}

/// Compares one index after the other with the rows.
struct Compare<'a, R: Version> {
    table: &'a Table<R, Memory>,
    model: &'a Model,
    rng: &'a mut Rng,
    complete: u64,
}

impl<R: Version> Indexes<R> for Compare<'_, R> {
    fn index<I: AnyIndex<R, Key: Clone + Ord + Debug>>(
        &mut self,
        index: I,
        values: impl Fn(&Plain) -> Vec<I::Key>,
    ) {
        if self.table.index_state(index) != IndexState::Complete {
            assert!(matches!(self.table.try_by(index), Err(Error::IndexIncomplete(_))));
            return;
        }
        self.complete += 1;
        let pairs = self.model.values().flat_map(|row| values(row).into_iter().map(|value| (value, row.id)));
        let all: Vec<(I::Key, u64)> = pairs.collect::<BTreeSet<_>>().into_iter().collect();
        let query = self.table.by(index);
        assert_eq!(query.count(), all.len() as u64);
        assert!(query.entries().eq(all.iter().cloned()), "{index:?}", index = self.table.try_by(index));
        let rows: Vec<&Plain> = all.iter().map(|(_, id)| &self.model[id]).collect();
        assert!(R::karma(&query).iter().eq(rows.iter().map(|row| &row.karma)));
        assert!(R::tags(&query).iter().eq(rows.iter().map(|row| &row.tags)));
        assert!(query.keys().rev().eq(all.iter().rev().map(|(_, id)| *id)));
        if all.is_empty() {
            return;
        }
        let any = |rng: &mut Rng| all[rng.below(all.len() as u64) as usize].0.clone();
        let (mut low, mut high) = (any(self.rng), any(self.rng));
        if low > high {
            std::mem::swap(&mut low, &mut high);
        }
        let ids = |keep: &dyn Fn(&I::Key) -> bool| -> Vec<u64> {
            all.iter().filter(|(value, _)| keep(value)).map(|(_, id)| *id).collect()
        };
        let found = |ids: Vec<u64>| ids.into_iter().map(|id| self.model[&id].clone()).collect::<Vec<_>>();
        let rows = query.clone().equal(&low).rows().map(|row| row.plain());
        assert_eq!(rows.collect::<Vec<_>>(), found(ids(&|value| *value == low)));
        let range = query.clone().range(low.clone()..high.clone());
        assert_eq!(range.keys().collect::<Vec<_>>(), ids(&|value| (&low..&high).contains(&value)));
        let range = query.clone().range(low.clone()..=high.clone());
        let expected = ids(&|value| (&low..=&high).contains(&value));
        assert_eq!(
            (range.keys().collect::<Vec<_>>(), range.count()),
            (expected.clone(), expected.len() as u64)
        );
        let after = (std::ops::Bound::Excluded(low.clone()), std::ops::Bound::Unbounded);
        assert_eq!(query.clone().range(after).keys().collect::<Vec<_>>(), ids(&|value| *value > low));
        let (mut pages, mut cursor) = (Vec::new(), None);
        loop {
            let page = range.page(cursor.as_ref(), 7).unwrap();
            pages.extend(page.items.iter().map(|row| row.plain().id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(pages, expected);
    }
}

impl Run {
    fn new(seed: u64) -> Self {
        let memory = Limited::new(Bytes::default(), ROOM);
        Run { memory, rng: Rng::new(seed), model: Model::new(), counts: Counts::default() }
    }

    fn open<R: Version>(&self) -> R::App {
        R::App::open_with(self.memory.clone(), Options::default()).unwrap()
    }

    /// Returns the number of indexes that were complete and were compared.
    fn compare<R: Version>(&mut self, app: &mut R::App) -> u64 {
        let table = R::rows(app);
        table.verify().unwrap();
        assert_eq!(table.len(), self.model.len() as u64);
        assert!(table.iter().map(|(_, row)| row.plain()).eq(self.model.values().cloned()));
        let mut compare = Compare { table, model: &self.model, rng: &mut self.rng, complete: 0 };
        R::each_index(&mut compare);
        let complete = compare.complete;
        self.counts.compared += complete;
        complete
    }

    /// Runs one version for some operations.
    fn version<R: Version>(&mut self, operations: u64) {
        let mut app = self.open::<R>();
        let end = self.counts.operations + operations;
        while self.counts.operations < end {
            match self.rng.below(300) {
                0 => app = self.open::<R>(),
                1..4 => _ = app.sweep(&mut Budget::pages(1 + self.rng.below(3))).unwrap(),
                4..6 => self.transaction::<R>(&mut app),
                6..8 => self.starved::<R>(&mut app),
                8 => _ = self.compare::<R>(&mut app),
                9 if self.rng.once_in(40) => {
                    R::rows(&mut app).clear().unwrap();
                    self.model.clear();
                }
                _ => self.some::<R>(&mut app, 10),
            }
        }
        self.compare::<R>(&mut app);
    }

    fn some<R: Version>(&mut self, app: &mut R::App, operations: u64) {
        for _ in 0..operations {
            step(R::rows(app), &mut self.model, &mut self.rng, &mut self.counts);
        }
        self.counts.operations += operations;
    }

    /// Does operations while only a few pages are left.
    fn starved<R: Version>(&mut self, app: &mut R::App) {
        self.memory.allow(0);
        let filler = R::filler(app);
        let count = (0..).find(|key| filler.try_insert(*key, vec![1; 3_000]).is_err()).unwrap();
        (0..self.rng.below(6).min(count)).for_each(|key| _ = filler.remove(&key));
        self.some::<R>(app, 60);
        // A sweep may have no room either.
        let _ = app.sweep(&mut Budget::pages(2));
        R::filler(app).clear();
        self.memory.set_limit(ROOM);
    }

    fn transaction<R: Version>(&mut self, app: &mut R::App) {
        let (before, fails) = (self.model.clone(), self.rng.once_in(2));
        let done: Result<(), &str> = app.transact(|app| {
            self.some::<R>(app, 12);
            if fails { Err("undone") } else { Ok(()) }
        });
        assert_eq!(done.is_err(), fails);
        if fails {
            self.model = before;
            self.counts.undone += 1;
        }
    }
}

/// Returns what came of a life of three versions.
fn live(seed: u64, operations: u64) -> Counts {
    let mut run = Run::new(seed);
    run.version::<v1::Row>(operations / 3);
    run.version::<v2::Row>(operations / 3);
    for row in run.model.values_mut() {
        row.karma = -row.karma;
    }
    run.version::<v3::Row>(operations / 3);
    // All indexes are made in the end, once no two rows have the same email.
    let mut app = run.open::<v3::Row>();
    let mut emails = BTreeSet::new();
    for (id, row) in std::mem::take(&mut run.model) {
        if emails.insert(row.email.clone()) {
            run.model.insert(id, row);
        } else {
            app.rows.remove(&id).unwrap().unwrap();
        }
    }
    while !app.sweep(&mut Budget::pages(3)).unwrap().is_finished() {}
    assert_eq!(run.compare::<v3::Row>(&mut app), 4);
    run.counts
}

#[test]
fn three_million_operations() {
    let quick = std::env::var_os("GRAVEN_QUICK").is_some();
    let (lives, operations) = if quick { (4, 20_000) } else { (30, 102_000) };
    let (next, all) = (AtomicU64::new(0), Mutex::new(Counts::default()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= lives {
                return;
            }
            let counts = live(seed, operations);
            let mut all = all.lock().unwrap();
            all.operations += counts.operations;
            all.violations += counts.violations;
            all.full += counts.full;
            all.undone += counts.undone;
            all.compared += counts.compared;
        }
    };
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| (0..processors).for_each(|_| _ = scope.spawn(work)));
    let all = all.into_inner().unwrap();
    println!("{all:?}");
    assert!(quick || all.operations >= 3_000_000);
    let operations = all.operations;
    assert!(all.violations > operations / 20 && all.full > operations / 2_000, "{all:?}");
    assert!(all.undone > operations / 10_000 && all.compared > operations / 2_000, "{all:?}");
}
