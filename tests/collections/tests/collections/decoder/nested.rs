//! Nested collections, and records with collections beside them: section 9.

use std::collections::BTreeMap;

use super::bytes::Reader;
use super::memory::Memory;
use super::roots::{OWN_LAYOUT, Root, State, zero};
use super::tree::{Entry, Form, entries, tree};

const INDEX: usize = 256;
const INDEX_END: usize = 284;
const ROW: usize = 24;
const ROW_WITH_RECORD: usize = 32;

/// A nested collection.
pub struct Inner {
    /// Its key; `None` for what is left of one that was removed.
    pub key: Option<Vec<u8>>,
    pub number: u64,
    /// The number of its record, if there are records and it is in use.
    pub record: Option<u64>,
    first: u64,
    len: u64,
}

/// All collections in the order of the index, and all entries by the number of their collection,
/// without that.
pub struct Nested {
    pub inner: Vec<Inner>,
    pub entries: BTreeMap<u64, Vec<Entry>>,
}

/// Reads nested collections whose entries have this form, the number before the key included.
pub fn nested(memory: &Memory, root: &Root, form: &Form) -> Nested {
    let inner = index(memory, root);
    let mut by_number: BTreeMap<u64, Vec<Entry>> = BTreeMap::new();
    for mut entry in entries(memory, root, form) {
        let key = entry.key.split_off(8);
        let number = u64::from_be_bytes(entry.key.try_into().expect("8 bytes"));
        by_number.entry(number).or_default().push(Entry { key, ..entry });
    }
    let mut left = by_number.len();
    for row in &inner {
        let found = by_number.get(&row.number).map_or(&[][..], Vec::as_slice);
        left -= usize::from(!found.is_empty());
        check(root, row, found);
        if let Some(record) = row.record {
            let found = by_number.get(&record).map_or(&[][..], Vec::as_slice);
            assert_eq!(found.len(), 1, "{}: the record {record}", root.name);
            assert!(found[0].key.is_empty(), "{}: the key of a record is its number", root.name);
            left -= 1;
        }
    }
    assert_eq!(left, 0, "{}: every entry belongs to a row", root.name);
    Nested { inner, entries: by_number }
}

fn check(root: &Root, row: &Inner, found: &[Entry]) {
    let (name, number) = (&root.name, row.number);
    assert_eq!(row.len, found.len() as u64, "{name}: entries of {number}");
    assert!(row.key.is_some() || row.len > 0, "{name}: something is left of {number}");
    if root.collection.has_positions() {
        for (position, entry) in (row.first..).zip(found) {
            assert_eq!(entry.key, position.to_be_bytes(), "{name}: positions of {number}");
        }
    } else if row.key.is_some() {
        assert_eq!(row.first, 0, "{name}: {number} has no positions");
    }
}

fn index(memory: &Memory, root: &Root) -> Vec<Inner> {
    let mut counts = Reader::new(&root.extra);
    let (next, in_use) = (counts.u64(), counts.u64());
    zero(&root.extra[16..INDEX]);
    zero(&root.extra[INDEX_END..]);
    let state = State::read(&mut Reader::new(&root.extra[INDEX..INDEX_END]));
    if state.pages == 0 {
        assert_eq!((state.top, next, in_use), (0, 0, 0), "{}: nothing was written", root.name);
        return Vec::new();
    }
    let has_records = root.collection.has_records();
    let value = |layout: u16| {
        assert_eq!(layout, OWN_LAYOUT, "the layout of rows");
        Some(if has_records { ROW_WITH_RECORD } else { ROW })
    };
    let (rows, counted) = tree(memory, root, &state, &Form { key: None, value: &value });
    assert!(counted.is_empty(), "{}: no row of the root counts the index", root.name);
    let inner: Vec<Inner> = rows.into_iter().map(|entry| row(entry, has_records)).collect();
    let mut numbers: Vec<u64> =
        inner.iter().flat_map(|inner| [Some(inner.number), inner.record]).flatten().collect();
    numbers.sort_unstable();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{}: numbers are different", root.name);
    assert!(numbers.last().is_none_or(|last| *last < next), "{}: the next number is higher", root.name);
    assert_eq!(inner.iter().filter(|inner| inner.key.is_some()).count() as u64, in_use, "{}", root.name);
    inner
}

fn row(entry: Entry, has_records: bool) -> Inner {
    let mut reader = Reader::new(&entry.value);
    let (number, len, first) = (reader.u64(), reader.u64(), reader.u64());
    let (tag, key) = entry.key.split_first().expect("keys of rows are not empty");
    let key = match tag {
        0 => {
            assert_eq!(key, number.to_be_bytes(), "the key of a removed collection");
            None
        }
        1 => Some(key.to_vec()),
        tag => panic!("{tag} begins no row"),
    };
    let record = has_records.then(|| reader.u64());
    assert!(key.is_some() || record.is_none_or(|record| record == 0), "what is left has no record");
    Inner { record: record.filter(|_| key.is_some()), key, number, first, len }
}
