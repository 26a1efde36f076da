//! A map of values of some size, whichever.

use std::rc::Rc;

use graven::{BTreeMap, Budget, Collection, DefaultMemoryImpl, Result};
use graven::{Options, Store};

use crate::any::{Any, DYNAMIC, Release};
use crate::rows::{self, Indexes, Tables};

/// The largest constant size of values.
pub const MAX_SIZE: usize = 48;

/// The operations on a map.
pub(crate) trait Map {
    fn insert(&mut self, key: u64, value: Vec<u8>) -> Result<Option<Vec<u8>>>;
    fn remove(&mut self, key: u64) -> Result<Option<Vec<u8>>>;
    fn get(&self, key: u64) -> Option<Vec<u8>>;
    fn entries(&self) -> Vec<(u64, Vec<u8>)>;
    fn clear(&mut self);
    fn sweep(&mut self, pages: u64) -> Result<bool>;
    fn verify(&self) -> Result<()>;
    /// Returns the number of pages in the current layout.
    fn current_pages(&self) -> u32;
    /// Returns the tables, if values are rows.
    fn tables(&mut self) -> Option<&mut dyn Tables> {
        None
    }
}

impl<const SIZE: usize> Map for BTreeMap<u64, Any<SIZE>> {
    fn insert(&mut self, key: u64, value: Vec<u8>) -> Result<Option<Vec<u8>>> {
        Ok(self.try_insert(key, Any(value))?.map(|old| old.0))
    }

    fn remove(&mut self, key: u64) -> Result<Option<Vec<u8>>> {
        Ok(self.try_remove(&key)?.map(|old| old.0))
    }

    fn get(&self, key: u64) -> Option<Vec<u8>> {
        self.get(&key).map(|value| value.0)
    }

    fn entries(&self) -> Vec<(u64, Vec<u8>)> {
        self.iter().map(|(key, value)| (key, value.0)).collect()
    }

    fn clear(&mut self) {
        self.clear();
    }

    fn sweep(&mut self, pages: u64) -> Result<bool> {
        Collection::sweep(self, &mut Budget::pages(pages))
    }

    fn verify(&self) -> Result<()> {
        self.verify()
    }

    fn current_pages(&self) -> u32 {
        self.stats().layouts.iter().filter(|layout| layout.current).map(|layout| layout.pages).sum()
    }
}

fn attach<const SIZE: usize>(mut store: Store<DefaultMemoryImpl>) -> Box<dyn Map> {
    Box::new(BTreeMap::<u64, Any<SIZE>>::attach(store.take(0)))
}

macro_rules! attachers {
    ($($size:literal)*) => {
        const ATTACH: [fn(Store<DefaultMemoryImpl>) -> Box<dyn Map>; MAX_SIZE + 1] = [$(attach::<$size>),*];
    };
}

attachers! {
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40
    41 42 43 44 45 46 47 48
}

/// Opens a memory with the code of a release. Values of some histories are rows of a table.
pub(crate) fn open(
    memory: DefaultMemoryImpl,
    release: &Release,
    indexes: Option<&Rc<Indexes>>,
) -> Result<Box<dyn Map>> {
    release.enter();
    if let Some(indexes) = indexes {
        return rows::open(memory, release, indexes);
    }
    let store = Store::open(memory, &[release.spec()], Options { cached_pages: 8 })?;
    Ok(match release.size() {
        None => attach::<DYNAMIC>(store),
        Some(size) => ATTACH[size](store),
    })
}
