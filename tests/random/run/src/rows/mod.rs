//! A table of rows of whichever type, with indexes of fields of that type, and one of rows to which
//! these refer.
//!
//! ```text
//! row        a row as the library sees it, with all indexes and references that a release may have
//! declared   the indexes of a release, and the values that a row has in them
//! ```

mod declared;
mod row;

use std::rc::Rc;

use graven::error::Violation;
use graven::table::{Index, IndexState};
use graven::{Budget, Collection, Damage, DefaultMemoryImpl, Error, Options, Result, Store, Table};
use graven_core::store::links::Links;
use graven_random_model::{References, Slot};

use crate::any::Release;
use crate::map::Map;
use row::{CASCADE_AND_RESTRICT, NONE, Parent, RESTRICT, RESTRICT_AND_CASCADE, Row};

pub(crate) use declared::Indexes;
pub(crate) use row::NAMES;

/// The operations that a table has beyond those of a map.
pub(crate) trait Tables {
    /// Changes a row in place. Returns `true` if it exists.
    fn update(&mut self, key: u64, value: Vec<u8>) -> Result<bool>;
    /// Inserts a row of the other table. Returns `true` if it did not exist.
    fn put_parent(&mut self, id: u64) -> Result<bool>;
    /// Removes a row of the other table. Returns `true` if it existed.
    fn remove_parent(&mut self, id: u64) -> Result<bool>;
    fn clear_parents(&mut self) -> Result<()>;
    fn parents(&self) -> Vec<u64>;
    /// Returns the number of entries of an index that is not complete.
    fn incomplete(&self, slot: Slot) -> Option<u64>;
    /// Returns the reason why the sweep stops at an index.
    fn blocked(&self, slot: Slot) -> Option<Violation>;
    /// Returns the keys of the rows in the order of a complete index.
    fn keys(&self, slot: Slot) -> Vec<u64>;
}

/// The tables of a store.
struct Rows<const REFERENCES: u8> {
    rows: Table<Row<REFERENCES>>,
    parents: Table<Parent>,
}

impl<const REFERENCES: u8> Tables for Rows<REFERENCES> {
    fn update(&mut self, key: u64, value: Vec<u8>) -> Result<bool> {
        // A row that was decoded does not know its key.
        let updated = self.rows.try_update(&key, |row| *row = Row { key, value })?;
        Ok(updated.is_some())
    }

    fn put_parent(&mut self, id: u64) -> Result<bool> {
        Ok(self.parents.try_upsert(Parent { id })?.is_none())
    }

    fn remove_parent(&mut self, id: u64) -> Result<bool> {
        Ok(self.parents.try_remove(&id)?.is_some())
    }

    fn clear_parents(&mut self) -> Result<()> {
        self.parents.try_clear()
    }

    fn parents(&self) -> Vec<u64> {
        self.parents.iter().map(|(id, _)| id).collect()
    }

    fn incomplete(&self, slot: Slot) -> Option<u64> {
        match self.rows.try_by(index::<REFERENCES>(slot)) {
            Ok(_) => None,
            Err(Error::IndexIncomplete(incomplete)) => Some(incomplete.done),
            Err(error) => panic!("{error}"),
        }
    }

    fn blocked(&self, slot: Slot) -> Option<Violation> {
        match self.rows.index_state(index::<REFERENCES>(slot)) {
            IndexState::Blocked(violation) => Some(violation),
            _ => None,
        }
    }

    fn keys(&self, slot: Slot) -> Vec<u64> {
        self.rows.by(index::<REFERENCES>(slot)).keys().collect()
    }
}

/// Returns the index of a slot. Values of any type are read as numbers, so none is.
fn index<const REFERENCES: u8>(slot: Slot) -> Index<Row<REFERENCES>, u64> {
    Index::new(slot as usize)
}

impl<const REFERENCES: u8> Map for Rows<REFERENCES> {
    fn insert(&mut self, key: u64, value: Vec<u8>) -> Result<Option<Vec<u8>>> {
        Ok(self.rows.try_upsert(Row { key, value })?.map(|old| old.value))
    }

    fn remove(&mut self, key: u64) -> Result<Option<Vec<u8>>> {
        Ok(self.rows.try_remove(&key)?.map(|old| old.value))
    }

    fn get(&self, key: u64) -> Option<Vec<u8>> {
        self.rows.get(&key).map(|row| row.value)
    }

    fn entries(&self) -> Vec<(u64, Vec<u8>)> {
        self.rows.iter().map(|(key, row)| (key, row.value)).collect()
    }

    fn clear(&mut self) {
        self.rows.try_clear().unwrap();
    }

    fn sweep(&mut self, pages: u64) -> Result<bool> {
        let is_swept = Collection::sweep(&mut self.rows, &mut Budget::pages(pages))?;
        Ok(Collection::sweep(&mut self.parents, &mut Budget::pages(pages))? && is_swept)
    }

    fn verify(&self) -> Result<()> {
        self.parents.verify()?;
        match self.rows.verify() {
            // The last check: a row that was decoded does not know its key.
            Err(Error::Damaged { reason: Damage::RowKey, .. }) => Ok(()),
            other => other,
        }
    }

    fn current_pages(&self) -> u32 {
        self.rows.stats().layouts.iter().filter(|layout| layout.current).map(|layout| layout.pages).sum()
    }

    fn tables(&mut self) -> Option<&mut dyn Tables> {
        Some(self)
    }
}

/// Opens a memory with the code of a release whose values are rows.
pub(crate) fn open(
    memory: DefaultMemoryImpl,
    release: &Release,
    indexes: &Rc<Indexes>,
) -> Result<Box<dyn Map>> {
    declared::enter(indexes);
    match indexes.references {
        References::None => open_as::<NONE>(memory, release, indexes),
        References::Restrict => open_as::<RESTRICT>(memory, release, indexes),
        References::CascadeAndRestrict => open_as::<CASCADE_AND_RESTRICT>(memory, release, indexes),
        References::RestrictAndCascade => open_as::<RESTRICT_AND_CASCADE>(memory, release, indexes),
    }
}

/// Opens a memory as `Schema` does, whose roots are constants.
fn open_as<const REFERENCES: u8>(
    memory: DefaultMemoryImpl,
    release: &Release,
    indexes: &Indexes,
) -> Result<Box<dyn Map>> {
    use graven::table::Record;

    let slots = Slot::ALL.into_iter().take(Row::<REFERENCES>::INDEXES.len());
    let parents = <Table<Parent> as Collection>::SPEC.named("parents");
    let specs = [parents, release.spec()].into_iter().chain(slots.map(|slot| indexes.spec(slot)));
    let specs: Vec<_> = specs.collect();
    let attach = |store: &mut Store<DefaultMemoryImpl>| {
        let mut at = 1;
        let (parents, rows) = (Table::attach(store.take(0)), store.take(1));
        let rows = Table::<Row<REFERENCES>>::attach_with(rows, &mut || {
            at += 1;
            store.take(at)
        });
        let tables = Rows { rows, parents };
        let mut links = Links::default();
        tables.rows.announce(&mut links);
        tables.parents.announce(&mut links);
        tables.rows.link(&links);
        tables.parents.link(&links);
        let mut problems = Vec::new();
        tables.rows.make_indexes(&mut problems)?;
        Error::of_problems(problems)?;
        Ok(Box::new(tables) as Box<dyn Map>)
    };
    let options = Options { cached_pages: 8 };
    if indexes.of(Slot::AtUpgrade).is_some() {
        return Store::open_whole(memory, &specs, &[], options, attach);
    }
    attach(&mut Store::open(memory, &specs, options)?)
}
