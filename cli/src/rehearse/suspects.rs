//! The records that code may have converted when it trapped: those of the page that it read last,
//! in previous layouts.

use graven_collections::stored::{StoredEntry, StoredRoot, StoredStore};
use graven_core::Memory;
use graven_core::store::CollectionKind;
use graven_look::{Json, hex};
use graven_testkit::{PAGE, StableMemory};

use super::copy::Copy;
use super::place;
use super::report::Record;

/// The records of one page.
pub(super) struct Suspects {
    root: String,
    /// `true` if keys are indices, which change as values before them are taken out.
    is_list: bool,
    pub(super) entries: Vec<StoredEntry>,
}

/// The index of a value that was taken out of a list, in the list of a root as it was before.
pub(super) type Gone = (String, u64);

impl Suspects {
    /// Finds the records of the page at an offset in previous layouts, those included whose value
    /// is in overflow pages there. Reads the root's entries up to that page.
    pub(super) fn at(memory: &StableMemory, offset: u64) -> Option<Suspects> {
        let place = place::at(memory, offset);
        let start = place.page * PAGE;
        let copy = Copy::new(memory, start..start + PAGE);
        let (store, root) = (StoredStore::open(copy.clone()).ok()?, place.root?);
        let stored = store.root(&root)?;
        let (mut entries, mut walk) = (Vec::new(), stored.entries());
        copy.was_read();
        while let Ok(Some(entry)) = walk.try_next() {
            let was_read = copy.was_read();
            let is_there = u64::from(entry.page.get()) == place.page || was_read;
            if is_there && stored.is_previous(&entry) {
                entries.push(entry);
            } else if !is_there && !entries.is_empty() {
                break;
            }
        }
        Some(Suspects { is_list: is_list(stored.kind()), root: root.clone(), entries })
    }

    /// Returns a copy of a memory without some of these records.
    pub(super) fn without(&self, memory: &StableMemory, taken: &[usize]) -> Option<StableMemory> {
        let copy = Copy::new(memory, 0..0);
        let mut store = StoredStore::open(copy.clone()).ok()?;
        let root = store.root_mut(&self.root)?;
        // Values of a list move up, so the last one goes first.
        for at in taken.iter().rev() {
            root.take_out(self.entries.get(*at)?).ok().filter(|was_there| *was_there)?;
        }
        drop(store);
        Some(copy.memory())
    }

    /// Returns `true` if one of these records is among others, after some of these were taken out.
    pub(super) fn meet(&self, taken: &[usize], others: &Suspects) -> bool {
        let gone: Vec<Gone> = self.keys(taken).map(|key| (self.root.clone(), number(&key))).collect();
        let mut left = self.entries.iter().enumerate().filter(|(at, _)| !taken.contains(at));
        others.root == self.root
            && left.any(|(_, entry)| {
                let is_same = |other: &StoredEntry| {
                    self.first_key(other, &gone) == entry.key && other.item == entry.item
                };
                others.entries.iter().any(is_same)
            })
    }

    /// Returns the records with the keys that they have in the memory of the rehearsal, from which
    /// nothing was taken out.
    pub(super) fn records(&self, memory: &StableMemory, gone: &[Gone]) -> Vec<Record> {
        let Ok(store) = StoredStore::open(Copy::new(memory, 0..0)) else { return Vec::new() };
        let Some(root) = store.root(&self.root) else { return Vec::new() };
        let entries = self.entries.iter();
        let first = |entry: &StoredEntry| StoredEntry { key: self.first_key(entry, gone), ..entry.clone() };
        entries.map(|entry| record(root, &first(entry))).collect()
    }

    /// Adds the indices of values that [`Suspects::without`] takes out of a list.
    pub(super) fn note(&self, taken: &[usize], gone: &mut Vec<Gone>) {
        let entries = taken.iter().filter_map(|at| self.entries.get(*at)).filter(|_| self.is_list);
        let indices: Vec<u64> = entries.map(|entry| number(&self.first_key(entry, gone))).collect();
        gone.extend(indices.into_iter().map(|index| (self.root.clone(), index)));
    }

    fn keys(&self, at: &[usize]) -> impl Iterator<Item = Vec<u8>> {
        at.iter().filter_map(|at| self.entries.get(*at)).map(|entry| entry.key.clone())
    }

    /// Returns the key that an entry had before values of a list were taken out.
    fn first_key(&self, entry: &StoredEntry, gone: &[Gone]) -> Vec<u8> {
        if !self.is_list {
            return entry.key.clone();
        }
        let mut before: Vec<u64> =
            gone.iter().filter(|(root, _)| *root == self.root).map(|(_, at)| *at).collect();
        before.sort_unstable();
        let index = before.into_iter().fold(number(&entry.key), |index, at| index + u64::from(at <= index));
        index.to_be_bytes().to_vec()
    }
}

fn is_list(kind: CollectionKind) -> bool {
    matches!(kind, CollectionKind::Vec | CollectionKind::Deque | CollectionKind::Log)
}

/// Returns the number in the key of a list.
fn number(key: &[u8]) -> u64 {
    key.first_chunk().map_or(0, |key| u64::from_be_bytes(*key))
}

fn record<M: Memory>(root: &StoredRoot<M>, entry: &StoredEntry) -> Record {
    let parts = root.decode(entry).unwrap_or_default();
    let parts = parts.iter().filter(|(name, _)| !["value", "record"].contains(name));
    let parts = parts.filter_map(|(name, value)| {
        serde_json::to_value(Json(value)).ok().map(|value| ((*name).to_owned(), value))
    });
    let digits = |bytes: &[u8]| hex(bytes).trim_start_matches("0x").to_owned();
    Record {
        root: root.name().to_owned(),
        key: digits(&entry.key),
        item: entry.item.as_deref().map(digits),
        parts: parts.collect(),
    }
}
