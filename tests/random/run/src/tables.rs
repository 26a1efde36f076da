//! The model of two tables with indexes and references: which changes are refused, which rows go
//! with others, and where the sweep stops.

use std::collections::{BTreeMap as Std, BTreeSet};

use graven::Error;
use graven::error::{Broken, Violation};
use graven_random_model::{At, References, Slot, Value};

use crate::entries::{Covered, Entries};
use crate::rows::{Indexes, NAMES, Tables};

/// A row of one of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AnyRow {
    /// A row whose type the history has.
    Row(u64),
    /// A row to which those refer.
    Parent(u64),
}

/// The reason why a change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Another row has the same value in a unique index.
    Unique { slot: Slot, owner: u64 },
    /// A row would refer to one that does not exist.
    Reference { slot: Slot, target: u64 },
    /// A row that stays refers to one that would go.
    Referred,
    /// The index of a reference does not have all rows.
    Incomplete,
}

impl Refusal {
    /// Returns `true` if an error says so.
    pub(crate) fn is(self, error: &Error) -> bool {
        match (self, error) {
            (Refusal::Incomplete, Error::IndexIncomplete(_)) => true,
            (_, Error::Violation(violation)) => self.is_violation(violation),
            _ => false,
        }
    }

    fn is_violation(self, violation: &Violation) -> bool {
        let is_row = |key: u64| violation.row == key.to_be_bytes();
        match (self, &violation.rule) {
            (Refusal::Unique { slot, owner }, Broken::Unique { index }) => {
                index == NAMES[slot as usize] && is_row(owner)
            }
            (Refusal::Reference { slot, target }, Broken::Reference { name, .. }) => {
                name == NAMES[slot as usize] && is_row(target)
            }
            (Refusal::Referred, Broken::Referred { .. }) => true,
            _ => false,
        }
    }
}

/// The tables of a release.
#[derive(Debug)]
pub(crate) struct Model {
    references: References,
    pub(crate) parents: BTreeSet<u64>,
    pub(crate) indexes: Vec<Entries>,
}

impl Model {
    pub(crate) fn new() -> Self {
        Model { references: References::None, parents: BTreeSet::new(), indexes: Vec::new() }
    }

    fn of(&self, slot: Slot) -> Option<&Entries> {
        self.indexes.iter().find(|entries| entries.index.slot == slot)
    }

    /// Returns the reason why a row cannot be written. `in_place` keeps references as they are.
    pub(crate) fn refuses(&self, key: u64, values: &[Vec<Value>], in_place: bool) -> Option<Refusal> {
        let all = || self.indexes.iter().zip(values);
        let dangling =
            all().filter(|(entries, _)| entries.index.slot.is_reference()).find_map(|(entries, values)| {
                let is_kept = in_place && entries.rows.get(&key) == Some(values);
                let slot = entries.index.slot;
                let target = target(values.first()?).filter(|_| !is_kept)?;
                (!self.exists(slot, target, key)).then_some(Refusal::Reference { slot, target })
            });
        let taken = || {
            all().filter(|(entries, _)| entries.index.slot.is_unique() && entries.covers(key)).find_map(
                |(entries, values)| {
                    let owner = entries.owner(values, key)?;
                    Some(Refusal::Unique { slot: entries.index.slot, owner })
                },
            )
        };
        dangling.or_else(taken)
    }

    /// Returns `true` if the row exists to which a row refers, or is that row itself.
    fn exists(&self, slot: Slot, target: u64, row: u64) -> bool {
        match slot {
            Slot::Parent => self.parents.contains(&target),
            _ => target == row || self.indexes.iter().any(|entries| entries.rows.contains_key(&target)),
        }
    }

    pub(crate) fn put(&mut self, key: u64, values: Vec<Vec<Value>>) {
        for (entries, values) in self.indexes.iter_mut().zip(values) {
            entries.put(key, values);
        }
    }

    /// Returns the rows that go with a row, itself among them.
    pub(crate) fn removal(&self, row: AnyRow) -> Result<BTreeSet<AnyRow>, Refusal> {
        let (mut gone, mut next, mut staying) = (BTreeSet::from([row]), vec![row], Vec::new());
        while let Some(row) = next.pop() {
            let (slot, key) = match row {
                AnyRow::Row(key) => (Slot::Itself, key),
                AnyRow::Parent(key) => (Slot::Parent, key),
            };
            let Some(entries) = self.of(slot) else { continue };
            if !entries.is_complete() {
                return Err(Refusal::Incomplete);
            }
            let value = Value::Opt(Some(Box::new(Value::Uint(key.into()))));
            let referring = entries.with(&value).map(AnyRow::Row);
            if self.references.cascades(slot) {
                next.extend(referring.filter(|row| gone.insert(*row)));
            } else {
                staying.extend(referring);
            }
        }
        if staying.iter().all(|row| gone.contains(row)) { Ok(gone) } else { Err(Refusal::Referred) }
    }

    /// Returns the reason why the other table cannot be cleared.
    pub(crate) fn refuses_clear(&self) -> Option<Refusal> {
        let entries = self.of(Slot::Parent)?;
        if !entries.is_complete() {
            return Some(Refusal::Incomplete);
        }
        entries.values().any(|value| target(value).is_some()).then_some(Refusal::Referred)
    }

    pub(crate) fn remove(&mut self, rows: &BTreeSet<AnyRow>) {
        for row in rows {
            match row {
                AnyRow::Row(key) => self.indexes.iter_mut().for_each(|entries| entries.remove(*key)),
                AnyRow::Parent(id) => _ = self.parents.remove(id),
            }
        }
    }

    /// Compares how far all indexes are. After changes of rows they are as far as they were.
    pub(crate) fn check(&mut self, tables: &dyn Tables) {
        for entries in &mut self.indexes {
            match (tables.incomplete(entries.index.slot), entries.is_complete()) {
                (None, true) => {}
                (Some(done), false) => entries.expect_count(done),
                (now, _) => panic!("the index `{}` is incomplete: {now:?}", entries.index.name),
            }
        }
    }

    /// Follows a sweep, and checks that it stopped where it has to. Returns the number of indexes
    /// that it cannot complete.
    pub(crate) fn swept(&mut self, is_finished: bool, tables: &dyn Tables) -> u64 {
        let mut blocked = 0;
        for at in 0..self.indexes.len() {
            if !self.indexes[at].is_complete() {
                let (stop, entries) = (self.stop(&self.indexes[at]), &mut self.indexes[at]);
                let done = tables.incomplete(entries.index.slot);
                blocked += u64::from(entries.swept(is_finished, done, stop));
            }
        }
        blocked
    }

    /// Returns the first row without entries that breaks the rule of an index, if those before it
    /// get theirs.
    fn stop(&self, entries: &Entries) -> Option<u64> {
        let slot = entries.index.slot;
        let (known, rest): (Vec<_>, Vec<_>) = entries.rows.iter().partition(|(key, _)| entries.covers(**key));
        let mut known: BTreeSet<&Value> = known.into_iter().flat_map(|(_, values)| values).collect();
        for (key, values) in rest {
            let dangles = |target: u64| !self.exists(slot, target, *key);
            if slot.is_reference() && values.first().and_then(target).is_some_and(dangles)
                || slot.is_unique() && !values.iter().all(|value| known.insert(value))
            {
                return Some(*key);
            }
        }
        None
    }

    /// Compares the rows of all complete indexes, and what incomplete ones say of their next row.
    pub(crate) fn scan(&self, tables: &dyn Tables) {
        assert!(tables.parents().iter().eq(&self.parents), "the other table has other rows");
        for entries in &self.indexes {
            let (slot, name) = (entries.index.slot, &entries.index.name);
            if entries.is_complete() {
                assert!(tables.keys(slot) == entries.in_order(), "the index `{name}` has other entries");
            } else if entries.index.is_of_all_rows() {
                let stop = self
                    .stop(entries)
                    .filter(|stop| entries.rows.keys().all(|key| key >= stop || entries.covers(*key)));
                let is_blocked = tables.blocked(slot).is_some();
                assert_eq!(is_blocked, stop.is_some(), "the next row of the index `{name}`");
            }
        }
    }

    /// Follows the opening of a release. The rows are those that it reads. `possible` says which
    /// rows may have their entries in an index that the release before had as well.
    pub(crate) fn opened(
        &mut self,
        at: At<'_>,
        declared: &Indexes,
        rows: &Std<u64, Value>,
        possible: impl Fn(&[Covered]) -> Vec<Covered>,
        tables: &dyn Tables,
    ) {
        let before = std::mem::take(&mut self.indexes);
        self.references = declared.references;
        for index in declared.all.iter().map(|declared| &declared.index) {
            let mut entries = Entries::new(index.clone(), Vec::new());
            rows.iter().for_each(|(key, row)| entries.put(*key, at.values(index, row)));
            let known = before.iter().find(|before| before.index.is_declared_as(index));
            let covered = if entries.rows.is_empty() || index.slot == Slot::AtUpgrade {
                vec![Covered::All]
            } else {
                known.map_or(vec![Covered::Nothing], |known| possible(known.covered()))
            };
            entries.set_covered(covered);
            match tables.incomplete(index.slot) {
                None => {
                    let is_possible = entries.covered().contains(&Covered::All);
                    assert!(is_possible, "the new index `{}` is complete", index.name);
                    entries.set_covered(vec![Covered::All]);
                }
                Some(done) => entries.expect_count(done),
            }
            self.indexes.push(entries);
        }
    }
}

/// Returns the key of the row to which a row with this value refers.
fn target(value: &Value) -> Option<u64> {
    match value {
        Value::Opt(Some(key)) => match **key {
            Value::Uint(key) => Some(key as u64),
            _ => None,
        },
        _ => None,
    }
}
