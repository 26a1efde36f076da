//! A table of rows of whichever type, with indexes of fields of that type. Which entries a row has
//! follows from the current release. `verify` compares all of them with all rows.

use graven::schema::{CollectionKind, History, Invalid, Layout, Plan, RootSpec};
use graven::table::{IndexSpec, Record, ReferenceSpec, Values};
use graven::{
    Budget, Collection, Damage, DefaultMemoryImpl, Error, Options, Result, StableKey, StableLayout, Store,
    Table,
};
use graven_core::key::KeyBuf;
use graven_core::store::links::Target;

use crate::any::{Any, DYNAMIC, Release, current};
use crate::map::Map;

/// Declares an index of a field: its name, its type, and the type of the row.
#[macro_export]
macro_rules! index {
    ($name:literal, $ty:ty, $row:ty, $field:tt) => {
        $crate::FieldIndex {
            // A function, since so many constants would take the compiler long.
            spec: || {
                let definition = &graven::schema::History::Plain(&graven::schema::Layout::Struct {
                    name: "Index",
                    version: 0,
                    fields: &[graven::schema::FieldLayout {
                        name: $name,
                        layout: &graven::schema::Layout::Tuple(&[]),
                    }],
                });
                $crate::rows::spec::<$ty>(concat!("map.", $name), definition)
            },
            value: |bytes, out| {
                let row = <$row as graven::StableLayout>::decode(bytes)?;
                graven::StableKey::write_key(&row.$field, out, false);
                Ok(())
            },
        }
    };
}

/// Indexes of a table. A release that has fewer has some without entries.
const INDEXES: usize = 2;

/// The roots of indexes without entries.
const UNUSED: [&str; INDEXES] = ["map.unused 0", "map.unused 1"];

/// Returns the root of an index of values of type `K`.
#[must_use]
pub fn spec<K: StableKey>(name: &'static str, definition: &'static History) -> RootSpec {
    RootSpec::derived(name, CollectionKind::Index, <(K, u64) as StableKey>::KEY, definition)
}

/// A row. One that was decoded does not know its key.
#[derive(Debug)]
pub(crate) struct Row {
    key: u64,
    value: Vec<u8>,
}

impl StableLayout for Row {
    const LAYOUT: &'static Layout = <() as StableLayout>::LAYOUT;

    const SIZE: Option<usize> = None;

    fn encoded_len(&self) -> usize {
        self.value.len()
    }

    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.value);
    }

    fn decode(bytes: &[u8]) -> std::result::Result<Self, Invalid> {
        Any::<DYNAMIC>::decode(bytes).map(|any| Row { key: 0, value: any.0 })
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> std::result::Result<Self, Invalid> {
        Any::<DYNAMIC>::decode_old(plan, bytes).map(|any| Row { key: 0, value: any.0 })
    }
}

/// Returns the declaration of an index, of which all but the values depends on the release.
const fn index(values: fn(&Row, &mut Values<'_>)) -> IndexSpec<Row> {
    IndexSpec {
        name: "",
        is_unique: false,
        definition: &History::Plain(<() as StableLayout>::LAYOUT),
        key: <() as StableKey>::KEY,
        key_size: None,
        fields: &[],
        is_each: false,
        included: None,
        is_made_at_upgrade: false,
        row: |entry| entry.get(entry.len().saturating_sub(8)..).ok_or(Invalid("an entry ends too early")),
        values,
    }
}

fn values(at: usize, row: &Row, values: &mut Values<'_>) {
    if let Some(index) = current().indexes.unwrap_or_default().get(at) {
        (index.value)(&row.value, values.next_value()).unwrap();
    }
}

impl Record for Row {
    type Key = u64;

    const TYPE: &'static str = "Row";

    const KEY_LAYOUT: &'static Layout = &Layout::Struct { name: "Row", version: 0, fields: &[] };

    const INDEXES: &'static [IndexSpec<Self>] =
        &[index(|row, out| values(0, row, out)), index(|row, out| values(1, row, out))];

    const ROOTS: &'static [RootSpec] = &[];

    const REFERENCES: &'static [ReferenceSpec<Self>] = &[];

    const TARGETS: &'static [Target] = &[];

    const IS_NUMBERED: bool = false;

    fn has_same_values(_: &[u8], _: &[u8]) -> bool {
        false
    }

    fn write_key(&self, out: &mut KeyBuf) {
        StableKey::write_key(&self.key, out, true);
    }

    fn set_number(&mut self, number: u64) {
        self.key = number;
    }
}

impl Map for Table<Row> {
    fn insert(&mut self, key: u64, value: Vec<u8>) -> Option<Vec<u8>> {
        self.try_upsert(Row { key, value }).unwrap().map(|old| old.value)
    }

    fn remove(&mut self, key: u64) -> Option<Vec<u8>> {
        self.try_remove(&key).unwrap().map(|old| old.value)
    }

    fn get(&self, key: u64) -> Option<Vec<u8>> {
        self.get(&key).map(|row| row.value)
    }

    fn entries(&self) -> Vec<(u64, Vec<u8>)> {
        self.iter().map(|(key, row)| (key, row.value)).collect()
    }

    fn clear(&mut self) {
        self.try_clear().unwrap();
    }

    fn sweep(&mut self, pages: u64) -> Result<bool> {
        Collection::sweep(self, &mut Budget::pages(pages))
    }

    fn verify(&self) -> Result<()> {
        match self.verify() {
            // The last check: a row that was decoded does not know its key.
            Err(Error::Damaged { reason: Damage::RowKey, .. }) => Ok(()),
            other => other,
        }
    }

    fn current_pages(&self) -> u32 {
        self.stats().layouts.iter().filter(|layout| layout.current).map(|layout| layout.pages).sum()
    }
}

/// Opens a memory with the code of a release whose values are rows.
pub(crate) fn open(
    memory: DefaultMemoryImpl,
    release: &Release,
    indexes: &[crate::FieldIndex],
) -> Result<Box<dyn Map>> {
    let declared = indexes.iter().map(|index| (index.spec)());
    let unused = UNUSED.map(|name| index(|_, _| ()).root().named(name));
    let specs = [release.spec()].into_iter().chain(declared).chain(unused).take(1 + INDEXES);
    let specs: Vec<RootSpec> = specs.collect();
    let mut store = Store::open(memory, &specs, Options { cached_pages: 8 })?;
    let (rows, mut at) = (store.take(0), 0);
    Ok(Box::new(Table::<Row>::attach_with(rows, &mut || {
        at += 1;
        store.take(at)
    })))
}
