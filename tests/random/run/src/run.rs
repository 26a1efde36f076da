//! One run: a map and what the model says it holds.

use std::collections::BTreeMap as Std;

use graven::{DefaultMemoryImpl, Error, Memory};
use graven_random_model::{History, Rng, Value};

use crate::any::Release;
use crate::map::{self, Map};
use crate::operation::Operation;

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
}

/// A run under way.
pub(crate) struct Run<'h> {
    history: &'h History,
    releases: &'h [Release],
    memory: DefaultMemoryImpl,
    map: Option<Box<dyn Map>>,
    release: usize,
    model: Std<u64, Value>,
    /// The numbers of operations done so far.
    pub(crate) totals: Totals,
}

impl<'h> Run<'h> {
    pub(crate) fn new(history: &'h History, releases: &'h [Release]) -> Self {
        assert_eq!(history.releases(), releases.len(), "the sources are those of the history");
        Run {
            history,
            releases,
            memory: DefaultMemoryImpl::default(),
            map: None,
            release: 0,
            model: Std::new(),
            totals: Totals { histories: 1, ..Totals::default() },
        }
    }

    /// Does one thing. Panics if the map and the model differ.
    pub(crate) fn step(&mut self, operation: &Operation) {
        self.totals.operations += 1;
        match *operation {
            Operation::Upgrade { to, early } => return self.upgrade(to, early),
            Operation::Downgrade { to } => return self.downgrade(to),
            Operation::Reopen => return self.open(self.release),
            _ => {}
        }
        if self.map.is_none() {
            self.open(self.release);
        }
        match *operation {
            Operation::Insert { key, seed } => {
                let at = self.history.at(self.release);
                let value = at.sample(&self.history.root, &mut Rng::new(seed));
                let bytes = at.encode(&self.history.root, &value);
                let old = self.model.insert(key, value).map(|old| self.bytes(&old));
                assert_eq!(self.map().insert(key, bytes), old, "insert({key}) gives another value");
                self.totals.records += 1;
            }
            Operation::Remove { key } => {
                let old = self.model.remove(&key).map(|old| self.bytes(&old));
                assert_eq!(self.map().remove(key), old, "remove({key}) gives another value");
            }
            Operation::Get { key } => {
                let value = self.model.get(&key).map(|value| self.bytes(value));
                assert_eq!(self.map().get(key), value, "get({key}) gives another value");
                self.totals.records += u64::from(value.is_some());
            }
            Operation::Clear => {
                self.model.clear();
                self.map().clear();
            }
            Operation::Sweep { pages } => _ = self.map().sweep(pages).unwrap(),
            _ => self.scan(),
        }
    }

    fn map(&mut self) -> &mut dyn Map {
        self.map.as_deref_mut().expect("the map is open")
    }

    fn bytes(&self, value: &Value) -> Vec<u8> {
        self.history.at(self.release).encode(&self.history.root, value)
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
    }

    fn open(&mut self, release: usize) {
        self.map = None;
        match map::open(self.memory.clone(), &self.releases[release]) {
            Ok(map) => self.opened(release, map),
            Err(error) => {
                panic!("release {release} does not open what release {} left: {error}", self.release)
            }
        }
    }

    fn opened(&mut self, release: usize, map: Box<dyn Map>) {
        for value in self.model.values_mut() {
            *value = self.history.migrate(value.clone(), self.release, release);
        }
        (self.map, self.release) = (Some(map), release);
    }

    fn upgrade(&mut self, to: usize, early: bool) {
        if to < self.release {
            return;
        }
        self.totals.upgrades += 1;
        let forgets = self.history.genome.forgets.iter().copied();
        let forgets: Vec<usize> = forgets.filter(|at| self.release < *at && *at <= to).collect();
        for at in forgets {
            if self.map.is_none() {
                // Nothing is stored, so nothing has to be swept.
                break;
            }
            if early && self.try_early(to) {
                return;
            }
            self.open((at - 1).max(self.release));
            while !self.map().sweep(64).unwrap() {}
        }
        self.open(to);
    }

    /// Opens the memory with a release whose history may have been deleted too early.
    fn try_early(&mut self, to: usize) -> bool {
        self.map = None;
        let before = self.image();
        match map::open(self.memory.clone(), &self.releases[to]) {
            Ok(map) => {
                self.opened(to, map);
                true
            }
            Err(error) => {
                self.is_refused(&error, &before);
                self.open(self.release);
                false
            }
        }
    }

    /// An older release must not open what this one has written, unless both store the same. It may
    /// open what this one has only opened, and changes no entry by that.
    fn downgrade(&mut self, to: usize) {
        if self.map.is_none() || to >= self.release {
            return;
        }
        if self.releases[to].is_same(&self.releases[self.release]) {
            return;
        }
        let written = self.map().current_pages();
        self.map = None;
        let before = self.image();
        match map::open(self.memory.clone(), &self.releases[to]) {
            Ok(map) => {
                assert_eq!(written, 0, "release {to} opens what release {} has written", self.release);
                assert_eq!(
                    map.entries().len(),
                    self.model.len(),
                    "release {to} finds another number of entries"
                );
                map.verify().unwrap();
            }
            Err(error) => self.is_refused(&error, &before),
        }
        self.open(self.release);
    }

    fn is_refused(&mut self, error: &Error, before: &[u8]) {
        assert!(matches!(error, Error::Refused(_)), "not refused, but {error}");
        assert!(self.image() == before, "something was written although the upgrade was refused");
        self.totals.refused += 1;
    }

    fn image(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.memory.size() as usize * 65_536];
        self.memory.read(0, &mut bytes);
        bytes
    }
}
