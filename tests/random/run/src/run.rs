//! One run: a map and what the model says it holds.

use std::collections::{BTreeMap as Std, BTreeSet};
use std::rc::Rc;

use graven::{DefaultMemoryImpl, Error};
use graven_random_model::{History, Rng, Value};

use crate::any::Release;
use crate::entries::Entries;
use crate::map::Map;
use crate::operation::Operation;
use crate::rows::{Indexes, Tables};
use crate::tables::{AnyRow, Model, Refusal};

/// The numbers of operations done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Histories.
    pub histories: u64,
    /// Operations.
    pub operations: u64,
    /// Records written, and records of older releases read.
    pub records: u64,
    /// Upgrades.
    pub upgrades: u64,
    /// Downgrades and early upgrades that were refused.
    pub refused: u64,
    /// Downgrades to a release that opened the memory, since nothing was written after it.
    pub taken_back: u64,
    /// Writes of rows that were refused for a value in a unique index.
    pub taken: u64,
    /// Writes of rows that were refused for a reference to a row that does not exist.
    pub dangling: u64,
    /// Removals that were refused for a row that stays.
    pub restricted: u64,
    /// Removals that were refused until the index of a reference has all rows.
    pub incomplete: u64,
    /// Removals with which other rows went.
    pub cascades: u64,
    /// Indexes at which a sweep stopped, for a row that breaks their rule.
    pub blocked: u64,
    /// Upgrades that were refused for rows that break the rule of an index.
    pub broken: u64,
}

impl Totals {
    fn count(&mut self, refusal: Refusal) {
        *match refusal {
            Refusal::Unique { .. } => &mut self.taken,
            Refusal::Reference { .. } => &mut self.dangling,
            Refusal::Referred => &mut self.restricted,
            Refusal::Incomplete => &mut self.incomplete,
        } += 1;
    }
}

/// A run under way.
pub(crate) struct Run<'h> {
    pub(crate) history: &'h History,
    pub(crate) releases: &'h [Release],
    /// The indexes of each release, if values are rows.
    pub(crate) indexes: Vec<Option<Rc<Indexes>>>,
    pub(crate) memory: DefaultMemoryImpl,
    pub(crate) map: Option<Box<dyn Map>>,
    pub(crate) release: usize,
    pub(crate) model: Std<u64, Value>,
    /// The indexes of the rows, and the rows of the other table.
    pub(crate) tables: Model,
    /// The numbers of operations done so far.
    pub(crate) totals: Totals,
}

impl<'h> Run<'h> {
    pub(crate) fn new(history: &'h History, releases: &'h [Release]) -> Self {
        assert_eq!(history.releases(), releases.len(), "the sources are those of the history");
        Run {
            history,
            releases,
            indexes: (0..releases.len()).map(|at| Indexes::new(history, at, releases)).collect(),
            memory: DefaultMemoryImpl::default(),
            map: None,
            release: 0,
            model: Std::new(),
            tables: Model::new(),
            totals: Totals { histories: 1, ..Totals::default() },
        }
    }

    /// Does one thing. Panics if the map and the model differ.
    pub(crate) fn step(&mut self, operation: &Operation) {
        self.totals.operations += 1;
        match *operation {
            Operation::Upgrade { to, early } => return self.upgrade(to, early),
            Operation::Downgrade { to } => return self.downgrade(to),
            Operation::Reopen => return self.reopen(),
            _ => {}
        }
        if self.map.is_none() {
            self.reopen();
        }
        match *operation {
            Operation::Insert { key, seed } => self.insert(key, seed),
            Operation::Update { key, seed } => self.update(key, seed),
            Operation::PutParent { id } => {
                let is_new = self.tables().put_parent(id).unwrap();
                assert_eq!(is_new, self.tables.parents.insert(id), "row {id} of the other table was there");
            }
            Operation::RemoveParent { id } => self.remove_parent(id),
            Operation::Remove { key } => self.remove(key),
            Operation::Get { key } => {
                let value = self.model.get(&key).map(|value| self.bytes(value));
                assert_eq!(self.map().get(key), value, "get({key}) gives another value");
                self.totals.records += u64::from(value.is_some());
            }
            Operation::Clear => self.clear(),
            Operation::Sweep { pages } => _ = self.sweep(pages),
            _ => self.scan(),
        }
        self.check();
    }

    pub(crate) fn map(&mut self) -> &mut dyn Map {
        self.map.as_deref_mut().expect("the map is open")
    }

    fn tables(&mut self) -> &mut dyn Tables {
        self.map().tables().expect("values are rows")
    }

    fn bytes(&self, value: &Value) -> Vec<u8> {
        self.history.at(self.release).encode(&self.history.root, value)
    }

    /// Returns the values of a row in each index.
    fn values(&self, row: &Value) -> Vec<Vec<Value>> {
        let at = self.history.at(self.release);
        self.tables.indexes.iter().map(|entries| at.values(&entries.index, row)).collect()
    }

    fn sample(&self, seed: u64) -> Value {
        self.history.at(self.release).sample(&self.history.root, &mut Rng::new(seed))
    }

    fn insert(&mut self, key: u64, seed: u64) {
        let value = self.sample(seed);
        let (bytes, values) = (self.bytes(&value), self.values(&value));
        let refusal = self.tables.refuses(key, &values, false);
        let inserted = self.map().insert(key, bytes);
        if self.is_refused_as(refusal, inserted.as_ref().err()) {
            return;
        }
        let old = self.model.insert(key, value).map(|old| self.bytes(&old));
        assert_eq!(inserted.unwrap(), old, "insert({key}) gives another value");
        self.tables.put(key, values);
        self.totals.records += 1;
    }

    fn update(&mut self, key: u64, seed: u64) {
        let value = self.sample(seed);
        let (bytes, values) = (self.bytes(&value), self.values(&value));
        let is_row = self.model.contains_key(&key);
        let refusal = self.tables.refuses(key, &values, true).filter(|_| is_row);
        let updated = self.tables().update(key, bytes);
        if self.is_refused_as(refusal, updated.as_ref().err()) {
            return;
        }
        assert_eq!(updated.unwrap(), is_row, "update({key}) finds another row");
        if is_row {
            self.model.insert(key, value);
            self.tables.put(key, values);
            self.totals.records += 1;
        }
    }

    pub(crate) fn remove(&mut self, key: u64) {
        let row = AnyRow::Row(key);
        let old = self.model.get(&key).map(|old| self.bytes(old));
        let gone = if old.is_some() { self.tables.removal(row) } else { Ok([row].into()) };
        let removed = self.map().remove(key);
        if self.is_refused_as(gone.as_ref().err().copied(), removed.as_ref().err()) {
            return;
        }
        assert_eq!(removed.unwrap(), old, "remove({key}) gives another value");
        self.removed(&gone.unwrap_or_default());
    }

    fn remove_parent(&mut self, id: u64) {
        let (row, is_row) = (AnyRow::Parent(id), self.tables.parents.contains(&id));
        let gone = if is_row { self.tables.removal(row) } else { Ok([row].into()) };
        let removed = self.tables().remove_parent(id);
        if self.is_refused_as(gone.as_ref().err().copied(), removed.as_ref().err()) {
            return;
        }
        assert_eq!(removed.unwrap(), is_row, "row {id} of the other table was removed before");
        self.removed(&gone.unwrap_or_default());
    }

    fn removed(&mut self, gone: &BTreeSet<AnyRow>) {
        self.totals.cascades += u64::from(gone.len() > 1);
        self.tables.remove(gone);
        for row in gone {
            if let AnyRow::Row(key) = row {
                self.model.remove(key);
            }
        }
    }

    fn clear(&mut self) {
        if self.map().tables().is_some() {
            let (refusal, cleared) = (self.tables.refuses_clear(), self.tables().clear_parents());
            if !self.is_refused_as(refusal, cleared.as_ref().err()) {
                self.tables.parents.clear();
            }
        }
        self.model.clear();
        self.map().clear();
        self.tables.indexes.iter_mut().for_each(Entries::clear);
    }

    /// Sweeps, and checks where that ends. Returns `true` if nothing is left that can be done.
    pub(crate) fn sweep(&mut self, pages: u64) -> bool {
        let is_finished = self.map().sweep(pages).unwrap();
        if let Some(tables) = self.map.as_mut().and_then(|map| map.tables()) {
            self.totals.blocked += self.tables.swept(is_finished, tables);
        }
        is_finished
    }

    /// Compares how far the indexes are.
    fn check(&mut self) {
        if let Some(tables) = self.map.as_mut().and_then(|map| map.tables()) {
            self.tables.check(tables);
        }
    }

    /// Returns `true` if a change was refused, and panics if it was not for the reason that the
    /// model has.
    fn is_refused_as(&mut self, refusal: Option<Refusal>, error: Option<&Error>) -> bool {
        match (refusal, error) {
            (None, None) => return false,
            (Some(refusal), Some(error)) => {
                assert!(refusal.is(error), "{refusal:?} is refused as: {error}");
                self.totals.count(refusal);
            }
            (Some(refusal), None) => panic!("not refused: {refusal:?}"),
            (None, Some(error)) => panic!("{error}"),
        }
        true
    }

    fn scan(&mut self) {
        self.map().verify().unwrap();
        let expected: Vec<_> = self.model.iter().map(|(key, value)| (*key, self.bytes(value))).collect();
        let found = self.map().entries();
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "a scan gives another entry");
        }
        assert_eq!(found.len(), expected.len(), "a scan gives another number of entries");
        self.totals.records += found.len() as u64;
        if let Some(tables) = self.map.as_mut().and_then(|map| map.tables()) {
            self.tables.scan(tables);
        }
    }
}
