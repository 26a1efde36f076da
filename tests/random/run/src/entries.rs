//! The entries of an index, as the model says: those of all rows, and which rows have theirs so
//! far.

use std::collections::{BTreeMap as Std, BTreeSet};

use graven_random_model::{Index, Value};

/// The rows that have their entries in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Covered {
    /// No row.
    Nothing,
    /// Those with keys up to this one.
    UpTo(u64),
    /// All rows.
    All,
}

impl Covered {
    pub(crate) fn has(self, key: u64) -> bool {
        match self {
            Covered::Nothing => false,
            Covered::UpTo(last) => key <= last,
            Covered::All => true,
        }
    }
}

/// An index of all rows.
#[derive(Debug)]
pub(crate) struct Entries {
    pub(crate) index: Index,
    /// The values of each row.
    pub(crate) rows: Std<u64, Vec<Value>>,
    /// The rows with each value.
    owners: Std<Value, BTreeSet<u64>>,
    /// The rows that have their entries. There are several possibilities only while none of them
    /// has a row: an index may have been made anew when the store was opened.
    covered: Vec<Covered>,
}

impl Entries {
    pub(crate) fn new(index: Index, covered: Vec<Covered>) -> Self {
        Entries { index, rows: Std::new(), owners: Std::new(), covered }
    }

    /// Sets the values of a row.
    pub(crate) fn put(&mut self, key: u64, values: Vec<Value>) {
        self.remove(key);
        for value in &values {
            self.owners.entry(value.clone()).or_default().insert(key);
        }
        self.rows.insert(key, values);
    }

    pub(crate) fn remove(&mut self, key: u64) {
        for value in self.rows.remove(&key).unwrap_or_default() {
            let owners = self.owners.get_mut(&value).expect("the row has the value");
            owners.remove(&key);
            if owners.is_empty() {
                self.owners.remove(&value);
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        (self.rows, self.owners, self.covered) = (Std::new(), Std::new(), vec![Covered::All]);
    }

    pub(crate) fn covered(&self) -> &[Covered] {
        &self.covered
    }

    /// Sets the rows that may have their entries.
    ///
    /// # Panics
    /// If there are none.
    pub(crate) fn set_covered(&mut self, covered: Vec<Covered>) {
        assert!(!covered.is_empty(), "the index `{}` has other entries", self.index.name);
        self.covered = covered;
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.covered == [Covered::All]
    }

    /// Returns `true` if a row with this key has its entries, or is to get them.
    pub(crate) fn covers(&self, key: u64) -> bool {
        self.covered.iter().all(|covered| covered.has(key))
    }

    /// Returns the number of entries that rows have.
    pub(crate) fn count(&self, covered: Covered) -> u64 {
        let rows = self.rows.iter().filter(|(key, _)| covered.has(**key));
        rows.map(|(_, values)| values.len() as u64).sum()
    }

    /// Returns another row that has its entries and has one of these values.
    pub(crate) fn owner(&self, values: &[Value], besides: u64) -> Option<u64> {
        let owners = values.iter().filter_map(|value| self.owners.get(value)).flatten();
        owners.copied().find(|key| *key != besides && self.covers(*key))
    }

    /// Returns the rows with a value.
    pub(crate) fn with(&self, value: &Value) -> impl Iterator<Item = u64> {
        self.owners.get(value).into_iter().flatten().copied()
    }

    /// Returns the values that rows have.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.owners.keys()
    }

    /// Returns the keys of the rows in the order of their values.
    pub(crate) fn in_order(&self) -> Vec<u64> {
        self.owners.values().flatten().copied().collect()
    }

    /// Returns the rows of which another one has the same value and a smaller key.
    pub(crate) fn duplicates(&self) -> BTreeSet<u64> {
        self.owners.values().flat_map(|owners| owners.iter().skip(1)).copied().collect()
    }

    /// Follows a sweep that left the index with this number of entries, or completed it. `stop` is
    /// the first row that breaks its rule. Returns `true` if the sweep cannot go beyond that.
    pub(crate) fn swept(&mut self, is_finished: bool, done: Option<u64>, stop: Option<u64>) -> bool {
        let name = self.index.name.clone();
        let Some(done) = done else {
            assert_eq!(stop, None, "the index `{name}` has a row that breaks its rule");
            self.set_covered(vec![Covered::All]);
            return false;
        };
        if !self.index.is_of_all_rows() {
            assert!(!is_finished, "the sweep leaves the index `{name}`");
            return false;
        }
        if done > self.count(self.covered[0]) {
            let last = self.rows.keys().nth(done as usize - 1).expect("entries are of rows");
            self.set_covered(vec![Covered::UpTo(*last)]);
        }
        self.expect_count(done);
        let is_beyond = stop.is_some_and(|stop| self.covers(stop));
        assert!(!is_beyond, "the index `{name}` has a row that breaks its rule");
        if is_finished {
            let next = self.rows.keys().copied().find(|key| !self.covers(*key));
            assert!(
                next.is_some() && next == stop,
                "the sweep stops in `{name}` before {next:?}, not {stop:?}"
            );
        }
        is_finished
    }

    /// Keeps the possibilities that agree with the number of entries that an incomplete index has.
    pub(crate) fn expect_count(&mut self, done: u64) {
        let is_counted = self.index.is_of_all_rows();
        let agrees = |covered: &Covered| {
            *covered != Covered::All
                && if is_counted { self.count(*covered) == done } else { done <= self.count(Covered::All) }
        };
        self.set_covered(self.covered.iter().copied().filter(agrees).collect());
    }
}
