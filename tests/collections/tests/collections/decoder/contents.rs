//! Everything in a memory, decoded: section 1's "to list everything", and the checks of section 13.

use std::collections::BTreeMap;

use super::dead::dead;
use super::descriptor::Type;
use super::extents;
use super::hash;
use super::indexes::{indexes_lead_to_rows, of_rows};
use super::key::{decode_first, decode_key, key_size};
use super::memory::{Memory, Use};
use super::nested::{Nested, nested};
use super::queue::queue;
use super::ranked_map::keys;
use super::registry::{Layout, layouts};
use super::roots::{Collection, OWN_LAYOUT, Root, cell, roots};
use super::sequence::{Extra, Sequence};
use super::tree::{Entry, Form, entries};
use super::value::{Value, decode, size};

pub struct Contents<'a> {
    pub memory: Memory<'a>,
    pub layouts: Vec<Layout>,
    pub roots: Vec<Listed>,
    /// Trees in the list of dead ones.
    pub detached_trees: usize,
}

/// A root with what is in it.
pub struct Listed {
    pub root: Root,
    pub records: Vec<Record>,
    /// The collection's content besides its records.
    pub more: More,
}

/// The collection's content besides its records.
pub enum More {
    Nothing,
    /// A Log's first sequence number, and leaves before it that are not freed yet.
    Log {
        first: u64,
        dropped_leaves: u32,
    },
    /// The indices of a PriorityQueue's free handles.
    Free(Vec<u64>),
    /// The seed of a HashMap or HashSet.
    Seed(u64),
    /// A Slab's next id, or a table's next number.
    Next(u64),
    /// The first of an index's extra bytes.
    Indexed {
        state: u8,
        /// The keys of the rows that the entries lead to.
        rows: Vec<Value>,
    },
    /// Nested collections.
    Nested {
        collections: Vec<Collected>,
        /// The remains of removed collections: number and entries.
        left: Vec<(u64, usize)>,
    },
}

/// A nested collection.
pub struct Collected {
    pub key: Value,
    /// The record beside the collection, if there are records.
    pub record: Option<Record>,
    pub items: Vec<Record>,
}

/// An entry of a map, or a value, which has no key in a Cell and in sequences. In a PriorityQueue
/// the key is the value and the value its handle.
pub struct Record {
    pub key: Option<Value>,
    pub value: Value,
    /// The index of the value's layout.
    pub layout: u16,
    pub chained: bool,
}

impl<'a> Contents<'a> {
    /// Decodes all of a memory, every page of which must have one use.
    pub fn of(bytes: &'a [u8]) -> Self {
        let memory = Memory::new(bytes);
        let layouts = layouts(&memory);
        let roots = roots(&memory, &layouts);
        let tables = roots.iter().filter(|root| root.collection == Collection::Table);
        let tables =
            tables.map(|root| (root.name.clone(), root.key_layout.expect("a table has keys"))).collect();
        let listing = Listing { memory: &memory, layouts: &layouts, tables };
        let roots: Vec<Listed> = roots.into_iter().map(|root| listing.of(root)).collect();
        indexes_lead_to_rows(&roots);
        extents::free(&memory);
        let detached_trees = dead(&memory);
        memory.all_pages_have_a_use();
        Self { memory, layouts, roots, detached_trees }
    }

    /// Returns how many pages have the given use.
    pub fn pages(&self, used: Use) -> usize {
        self.memory.count(used)
    }

    /// Returns the number of records in the current layout of their root, and in previous ones.
    pub fn newest_and_older(&self) -> (usize, usize) {
        let newest = |listed: &Listed| {
            let newest = listed.root.newest_layout();
            listed.records.iter().filter(|record| record.layout == newest).count()
        };
        let newest: usize = self.roots.iter().map(newest).sum();
        let all: usize = self.roots.iter().map(|listed| listed.records.len()).sum();
        (newest, all - newest)
    }
}

/// Lists roots.
pub(super) struct Listing<'m, 'a> {
    pub(super) memory: &'m Memory<'a>,
    pub(super) layouts: &'m [Layout],
    /// The key layout of each table, by its name.
    pub(super) tables: BTreeMap<String, u16>,
}

impl Listing<'_, '_> {
    fn of(&self, root: Root) -> Listed {
        let (records, more) = match root.collection {
            Collection::Cell => (self.cell(&root), More::Nothing),
            Collection::BTreeMap | Collection::BTreeSet => (self.map(&root), More::Nothing),
            Collection::HashMap | Collection::HashSet => (self.map(&root), More::Seed(hash::seed(&root))),
            Collection::RankedMap => (self.ranked_map(&root), More::Nothing),
            Collection::Vec | Collection::Deque | Collection::Log => self.sequence(&root),
            Collection::PriorityQueue => self.queue(&root),
            Collection::Slab => self.slab(&root),
            Collection::Table => {
                (self.map(&root), More::Next(u64::from_le_bytes(root.extra[..8].try_into().unwrap())))
            }
            Collection::Index | Collection::UniqueIndex => self.index(&root),
            Collection::Blobs => (self.blobs(&root), More::Nothing),
            Collection::NestedMap
            | Collection::NestedSet
            | Collection::NestedVec
            | Collection::NestedDeque
            | Collection::RecordsMap
            | Collection::RecordsSet
            | Collection::RecordsVec
            | Collection::RecordsDeque => (Vec::new(), self.nested(&root)),
        };
        Listed { root, records, more }
    }

    fn size(&self, layout: u16) -> Option<usize> {
        size(&self.layouts[usize::from(layout)].of)
    }

    fn decode(&self, layout: u16, value: &[u8]) -> Value {
        decode(&self.layouts[usize::from(layout)].of, value)
    }

    fn cell(&self, root: &Root) -> Vec<Record> {
        let record = |(layout, value): (u16, Vec<u8>)| Record {
            key: None,
            value: self.decode(layout, &value),
            layout,
            chained: true,
        };
        cell(self.memory, root).into_iter().map(record).collect()
    }

    fn map(&self, root: &Root) -> Vec<Record> {
        let key = &self.layouts[usize::from(root.key_layout.expect("a map has keys"))].of;
        let key = &if root.collection == Collection::Table { of_rows(key) } else { key.clone() };
        let form = Form { key: key_size(key), value: &|layout| self.size(layout) };
        let entries = match root.collection {
            Collection::HashMap | Collection::HashSet => hash::entries(self.memory, root, &form),
            _ => entries(self.memory, root, &form),
        };
        entries
            .into_iter()
            .map(|entry| Record {
                key: Some(decode_key(key, &entry.key)),
                value: self.decode(entry.layout, &entry.value),
                layout: entry.layout,
                chained: entry.chained,
            })
            .collect()
    }

    /// Returns a map whose keys a second tree has in order.
    fn ranked_map(&self, root: &Root) -> Vec<Record> {
        let key = &self.layouts[usize::from(root.key_layout.expect("a map has keys"))].of;
        let (records, keys) = (self.map(root), keys(self.memory, root, key_size(key)));
        let in_order: Vec<Option<Value>> = keys.iter().map(|bytes| Some(decode_key(key, bytes))).collect();
        assert!(records.iter().map(|record| &record.key).eq(&in_order), "{}: keys in order", root.name);
        records
    }

    fn sequence(&self, root: &Root) -> (Vec<Record>, More) {
        let (extra, size) = (Extra::whole(&root.extra), |layout| self.size(layout));
        let (memory, state) = (self.memory, &root.state);
        let found = Sequence { memory, owner: root.page, state, extra: &extra, size: &size }.read();
        assert_eq!(state.pages, 1 + found.pages, "{}: pages", root.name);
        root.compare_rows(&found.leaves);
        let records = found.values.iter().map(|stored| Record {
            key: None,
            value: self.decode(stored.layout, &stored.value),
            layout: stored.layout,
            chained: stored.chained,
        });
        let more = match root.collection {
            Collection::Log => More::Log { first: extra.dropped, dropped_leaves: found.dropped_leaves },
            collection => {
                assert_eq!(extra.dropped, 0, "a {collection:?} has dropped nothing");
                More::Nothing
            }
        };
        (records.collect(), more)
    }

    fn queue(&self, root: &Root) -> (Vec<Record>, More) {
        let key = &self.layouts[usize::from(root.key_layout.expect("a queue has keys"))].of;
        let queue = queue(self.memory, root, key_size(key));
        let records = queue.values.iter().map(|(value, handle)| Record {
            key: Some(decode_key(key, value)),
            value: Value::Unsigned((*handle).into(), 8),
            layout: OWN_LAYOUT,
            chained: false,
        });
        (records.collect(), More::Free(queue.free))
    }

    fn slab(&self, root: &Root) -> (Vec<Record>, More) {
        let form = Form { key: Some(8), value: &|layout| self.size(layout) };
        let next = u64::from_le_bytes(root.extra[..8].try_into().unwrap());
        let record = |id: u64, layout, value: &[u8], chained| {
            assert!(id < next, "{}: the next id is higher than all", root.name);
            let value = self.decode(layout, value);
            Record { key: Some(Value::Unsigned(id.into(), 8)), value, layout, chained }
        };
        let records = entries(self.memory, root, &form)
            .iter()
            .map(|entry| record(big(&entry.key), entry.layout, &entry.value, entry.chained))
            .collect();
        (records, More::Next(next))
    }

    fn nested(&self, root: &Root) -> More {
        let Type::Tuple(keys) = &self.layouts[usize::from(root.key_layout.expect("keys"))].of else {
            panic!("{}: the key layout is that of a tuple", root.name)
        };
        let [key, own] = &keys[..] else { panic!("{}: a tuple of two keys", root.name) };
        let has_records = root.collection.has_records();
        let own_size = key_size(own).filter(|_| !has_records);
        let form = Form { key: own_size.map(|own| own + 8), value: &|layout| self.size(layout) };
        let Nested { inner, mut entries } = nested(self.memory, root, &form);
        let item = |entry: Entry| {
            let key = Some(decode_key(own, &entry.key));
            let mut value = self.decode(entry.layout, &entry.value);
            if has_records {
                value = item(value);
            }
            Record { key, value, layout: entry.layout, chained: entry.chained }
        };
        let (mut collections, mut left) = (Vec::new(), Vec::new());
        for inner in inner {
            let record = inner.record.and_then(|number| entries.remove(&number)?.pop());
            let record = record.map(|entry| Record {
                key: None,
                value: record_of(self.decode(entry.layout, &entry.value)),
                layout: entry.layout,
                chained: entry.chained,
            });
            let items = entries.remove(&inner.number).unwrap_or_default();
            match inner.key {
                Some(bytes) => {
                    let (key, items) = (decode_key(key, &bytes), items.into_iter().map(item).collect());
                    collections.push(Collected { key, record, items });
                }
                None => left.push((inner.number, items.len())),
            }
        }
        More::Nested { collections, left }
    }

    /// Returns the chunks: the key is that of the blob with the chunk's offset.
    fn blobs(&self, root: &Root) -> Vec<Record> {
        let key = &self.layouts[usize::from(root.key_layout.expect("blobs have keys"))].of;
        let value = |layout: u16| {
            assert_eq!(layout, OWN_LAYOUT, "the layout of chunks");
            None
        };
        let form = Form { key: key_size(key).map(|key| key + 8), value: &value };
        let mut records: Vec<Record> = Vec::new();
        let mut before: Option<(Value, u64, usize)> = None;
        for entry in entries(self.memory, root, &form) {
            let (blob, offset) = decode_first(key, &entry.key);
            assert_eq!(offset.len(), 8, "a chunk's key ends with its offset");
            let (offset, len) = (big(offset), entry.value.len());
            assert!(len <= 1_048_552, "a chunk of {len} bytes");
            match before {
                Some((of, start, length)) if of == blob => {
                    assert_eq!(start + length as u64, offset, "chunks follow one another");
                    assert!(length > 0 && len > 0, "chunks of a blob of several are not empty");
                }
                _ => assert_eq!(offset, 0, "the first chunk has the offset 0"),
            }
            before = Some((blob.clone(), offset, len));
            records.push(Record {
                key: Some(Value::Tuple(vec![blob, Value::Unsigned(offset.into(), 8)])),
                value: Value::Bytes(entry.value),
                layout: entry.layout,
                chained: entry.chained,
            });
        }
        records
    }
}

fn big(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().expect("a number of 8 bytes"))
}

/// Returns the value of an item beside records.
fn item(value: Value) -> Value {
    match value {
        Value::Result(Err(item)) => *item,
        other => panic!("{other:?} is no item"),
    }
}

/// Returns a record, as the root has it: an `Ok` of one.
fn record_of(value: Value) -> Value {
    let Value::Result(Ok(list)) = value else { panic!("{value:?} is no record") };
    match *list {
        Value::List(mut records) if records.len() == 1 => records.remove(0),
        Value::Bytes(bytes) if bytes.len() == 1 => Value::Unsigned(bytes[0].into(), 1),
        other => panic!("{other:?} is not one record"),
    }
}
