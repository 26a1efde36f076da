//! The indexes of a release: what its history says of them, and their code.

use std::cell::RefCell;
use std::rc::Rc;

use graven::StableKey;
use graven::key::KeyBuf;
use graven::schema::{CollectionKind, FieldLayout, History as Layouts, Layout, RootSpec};
use graven::table::Values as Entries;
use graven_core::key::decode_key;
use graven_random_model::{History, Index, References, Slot};

use crate::any::Release;
use crate::code::{IndexCode, Values};

/// An index with its code, and with the declaration of its root.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) index: Index,
    code: &'static IndexCode,
    spec: RootSpec,
}

/// The indexes of a release.
#[derive(Debug)]
pub(crate) struct Indexes {
    pub(crate) all: Vec<Declared>,
    pub(crate) references: References,
}

impl Indexes {
    /// Returns those of a release, or `None` if its values are no rows.
    pub(crate) fn new(history: &History, release: usize, releases: &[Release]) -> Option<Rc<Indexes>> {
        let (at, codes) = (history.at(release), releases[release].indexes?);
        let indexes = at.indexes();
        assert_eq!(indexes.len(), codes.len(), "the sources are those of the history");
        let declared = |(index, code): (Index, &'static IndexCode)| {
            let spec = spec(&index, code);
            Declared { index, code, spec }
        };
        let all = indexes.into_iter().zip(codes).map(declared).collect();
        Some(Rc::new(Indexes { all, references: at.references() }))
    }

    /// Returns the index of a slot.
    pub(crate) fn of(&self, slot: Slot) -> Option<&Declared> {
        self.all.iter().find(|declared| declared.index.slot == slot)
    }

    /// Returns the root of the index of a slot. One that the release does not have is without
    /// entries.
    pub(crate) fn spec(&self, slot: Slot) -> RootSpec {
        let unused = || {
            let kind = if slot.is_unique() { CollectionKind::UniqueIndex } else { CollectionKind::Index };
            let unit = <() as graven::StableLayout>::HISTORY;
            RootSpec::derived(UNUSED[slot as usize], kind, <() as StableKey>::KEY, unit)
        };
        self.of(slot).map_or_else(unused, |declared| declared.spec)
    }
}

/// The roots of indexes that a release does not have.
const UNUSED: [&str; Slot::ALL.len()] = [
    "map.unused 0",
    "map.unused 1",
    "map.unused 2",
    "map.unused 3",
    "map.unused 4",
    "map.unused 5",
    "map.unused 6",
    "map.unused 7",
];

/// Returns the declaration of an index's root. It lives as long as the program, as one in code
/// does.
fn spec(index: &Index, code: &IndexCode) -> RootSpec {
    let slot = index.slot;
    let key = match code.values {
        Values::Keys { key, .. } => key(),
        Values::By(_) if slot.is_reference() => <(Option<u64>, u64) as StableKey>::KEY,
        Values::By(_) if slot.is_unique() => <u64 as StableKey>::KEY,
        Values::By(_) => <(u64, u64) as StableKey>::KEY,
    };
    let definition = FieldLayout { name: index.definition.clone().leak(), layout: &Layout::Tuple(&[]) };
    let included = code.included.as_ref();
    let included = included.map(|field| FieldLayout { name: field.name, layout: (field.layout)() });
    let fields: Vec<FieldLayout> = [definition].into_iter().chain(included).collect();
    let layout = Box::leak(Box::new(Layout::Struct { name: "Index", version: 0, fields: fields.leak() }));
    let kind = if slot.is_unique() { CollectionKind::UniqueIndex } else { CollectionKind::Index };
    let name = format!("map.{}", index.name).leak();
    RootSpec::derived(name, kind, key, Box::leak(Box::new(Layouts::Plain(layout))))
}

thread_local! {
    /// The indexes of the release that is open.
    static OPEN: RefCell<Option<Rc<Indexes>>> = const { RefCell::new(None) };
}

/// From now on, rows of this thread have the values of these indexes.
pub(crate) fn enter(indexes: &Rc<Indexes>) {
    OPEN.set(Some(Rc::clone(indexes)));
}

/// Calls `read` with the index of a slot, if the open release has it.
fn with<T>(slot: Slot, read: impl FnOnce(&Declared) -> T) -> Option<T> {
    OPEN.with_borrow(|open| open.as_ref()?.of(slot).map(read))
}

/// Writes the values of an encoded row in the index of a slot.
pub(super) fn write_values(slot: Slot, row: &[u8], out: &mut Entries<'_>) {
    with(slot, |Declared { index, code, .. }| {
        if let (Some(only), Some(condition)) = (code.only, index.condition())
            && !condition.is_met(&only(row).unwrap())
        {
            return;
        }
        match code.values {
            Values::Keys { write, .. } => write(row, slot.is_unique(), out).unwrap(),
            Values::By(_) if slot.is_reference() => {
                let mut key = KeyBuf::new();
                let target = if write_target(slot, row, &mut key) { Some(key) } else { None };
                let target = target.map(|key| decode_key::<u64>(key.as_slice()).unwrap());
                target.write_key(out.next_value(), false);
            }
            Values::By(encoded) => {
                let value = index.function().of(&encoded(row).unwrap());
                value.write_key(out.next_value(), slot.is_unique());
            }
        }
    });
}

/// Writes the key of the row to which an encoded row refers. Returns `false` if it refers to none.
pub(super) fn write_target(slot: Slot, row: &[u8], out: &mut KeyBuf) -> bool {
    let target = with(slot, |Declared { index, code, .. }| match code.values {
        Values::By(encoded) => index.function().target(&encoded(row).unwrap()),
        Values::Keys { .. } => None,
    });
    target.flatten().map(|key| key.write_key(out, true)).is_some()
}

/// Appends the record of the field that entries have, as `docs/format.md` has it: the end of its
/// tail, then the tail.
pub(super) fn write_included(slot: Slot, row: &[u8], out: &mut Vec<u8>) {
    with(slot, |Declared { code, .. }| {
        let field = code.included.as_ref().expect("the index has a field");
        let bytes = (field.encoded)(row).unwrap();
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(bytes);
    });
}
