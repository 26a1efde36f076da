//! A collection that is filled from values without their types, for test data and for bringing one
//! collection back. Opening, and the kinds whose entry is one entry of a tree, are in this file.
//! `nested`, `queue` and `blobs` add entries of the other kinds.

mod blobs;
mod nested;
mod queue;

use graven_core::Memory;
use graven_core::ask::{read_key, write_key};
use graven_core::key::KeyBuf;
use graven_core::layout::Prim;
use graven_core::layout::stored::OwnedLayout;
use graven_core::store::section::Declared;
use graven_core::store::{CollectionKind, Options, RootSpec, Store};

use super::Value;
use super::body::Body;
use super::load_error::LoadError;
use super::root::StoredRoot;
use super::{CACHED_PAGES, StoredStore};
use crate::codec::keys::check_len;
use crate::queue::fill::Filler;
use crate::slab::NEXT_AT;

/// The parts of an entry, with their names.
type Given<'a> = [(&'a str, Value)];

/// A collection of a declared store, to which entries are added one by one.
///
/// # Example: a map from values
/// ```
/// use graven_collections::stored::{Loader, StoredStore, Value};
/// use graven_collections::BTreeMap;
/// use graven_core::DefaultMemoryImpl;
/// use graven_core::store::{Collection, section::Declared};
///
/// let spec = BTreeMap::<u64, String, DefaultMemoryImpl>::SPEC.named("names");
/// let declared = Declared { roots: vec![spec], dropped: vec![] };
/// let memory = DefaultMemoryImpl::default();
/// let mut names = Loader::open(memory.clone(), &declared, "names")?;
/// names.add(&[("key", Value::Nat(7)), ("value", Value::Text("Ada".into()))])?;
/// names.finish()?;
///
/// let store = StoredStore::open(memory)?;
/// assert_eq!(store.root("names").unwrap().stats().entries, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Loader<M: Memory> {
    store: StoredStore<M>,
    /// The position of the root among those of the store.
    at: usize,
    /// The names of the fields of rows that are their key, if this is a table.
    key_fields: Vec<String>,
    /// The number after the greatest one that a slab or table has given, or 0. For blobs the offset
    /// after the last chunk.
    next: u64,
    /// The greatest key of a ranked map, or the key of the last blob.
    last: Option<KeyBuf>,
    queue: Filler,
}

impl<M: Memory + Clone + 'static> Loader<M> {
    /// Opens a memory as the code that makes these declarations would, and empties one collection.
    /// An empty memory becomes a store. The indexes of a table are empty and incomplete
    /// afterwards, so that the sweep of the code makes them from its rows.
    ///
    /// # Errors
    /// [`LoadError::UnknownRoot`], [`LoadError::Kind`], or [`LoadError::Store`] as
    /// [`Store::open`]. After the last one the collection may be gone.
    pub fn open(memory: M, declared: &Declared, name: &str) -> Result<Self, LoadError> {
        let spec = declared.roots.iter().find(|spec| spec.name == name);
        let spec = spec.ok_or_else(|| LoadError::UnknownRoot(name.to_owned()))?;
        if spec.kind.is_index() {
            return Err(LoadError::Kind(spec.kind));
        }
        let options = Options { cached_pages: CACHED_PAGES };
        if memory.size() > 0 {
            // A collection cannot be dropped and declared at once.
            let (own, others): (Vec<RootSpec>, Vec<RootSpec>) =
                declared.roots.iter().partition(|other| is_part(other, spec));
            let names = own.iter().flat_map(|spec| spec.was.iter().chain([&spec.name]));
            let dropped: Vec<&str> = names.chain(&declared.dropped).copied().collect();
            drop(Store::open_dropping(memory.clone(), &others, &dropped, options)?);
        }
        drop(Store::open_dropping(memory.clone(), &declared.roots, &declared.dropped, options)?);
        let store = StoredStore::open(memory)?;
        let at = store.roots.iter().position(|root| root.name() == name);
        let at = at.ok_or_else(|| LoadError::UnknownRoot(name.to_owned()))?;
        let key_fields = match spec.key.map(|(layout, _)| OwnedLayout::from(layout)) {
            Some(OwnedLayout::Struct { fields, .. }) if spec.kind == CollectionKind::Table => {
                fields.into_iter().map(|field| field.name).collect()
            }
            _ => Vec::new(),
        };
        Ok(Loader { store, at, key_fields, next: 0, last: None, queue: Filler::default() })
    }
}

impl<M: Memory> Loader<M> {
    /// Returns the root.
    ///
    /// # Errors
    /// None in practice: opening found the root.
    fn root(&self) -> Result<&StoredRoot<M>, LoadError> {
        self.store.roots.get(self.at).ok_or_else(|| LoadError::UnknownRoot(String::new()))
    }

    /// Returns the parts of an entry with their layouts. There is one form, or two for `Records`:
    /// that of a record, and that of an item.
    #[must_use]
    pub fn forms(&self) -> Vec<Vec<(&'static str, &OwnedLayout)>> {
        let Some(root) = self.store.roots.get(self.at) else { return Vec::new() };
        let current = Some(root.root().current());
        let form = |is_part: &dyn Fn(&str) -> bool| {
            let parts = root.part_names().iter().filter(|part| is_part(part));
            parts.filter_map(|part| Some((*part, root.part_layout(part, current)?))).collect()
        };
        match root.kind().has_records() {
            true => vec![form(&|part| ["key", "record"].contains(&part)), form(&|part| part != "record")],
            false => vec![form(&|_| true)],
        }
    }

    /// Adds an entry in one of the [forms](Loader::forms) of its collection. Values get the current
    /// layout. Entries of a list come in its order, and those of a `RankedMap` in that of its keys.
    /// A record comes before its items, and the chunks of a blob come one after another.
    ///
    /// # Errors
    /// [`LoadError`]. The collection is unchanged then, except that a failure to write may leave a
    /// part of the entry.
    pub fn add(&mut self, parts: &[(&str, Value)]) -> Result<(), LoadError> {
        let part = |name| find(parts, name);
        let kind = self.root()?.kind();
        if kind.is_nested() {
            return self.add_nested(parts);
        }
        let value = match kind {
            CollectionKind::PriorityQueue => return self.add_queued(parts),
            CollectionKind::Blobs => return self.add_chunk(parts),
            CollectionKind::BTreeSet | CollectionKind::HashSet => Vec::new(),
            _ => self.encoded(part("value")?)?,
        };
        match kind {
            CollectionKind::Cell => self.set(&value),
            CollectionKind::Vec | CollectionKind::Deque => {
                self.push(number("index", part("index")?)?, &value)
            }
            CollectionKind::Log => self.push(number("number", part("number")?)?, &value),
            CollectionKind::Slab => {
                let id = number("id", part("id")?)?;
                self.insert(&KeyBuf::from(&id.to_be_bytes()[..]), &value)?;
                self.note_number(id);
                Ok(())
            }
            _ => {
                let given = part("key")?;
                if !self.key_fields.is_empty() {
                    self.check_row(given, part("value")?)?;
                }
                let key = self.key(given)?;
                self.insert(&key, &value)?;
                if let (CollectionKind::Table, Value::Nat(number)) = (kind, given) {
                    self.note_number(u64::try_from(*number).unwrap_or(0));
                }
                Ok(())
            }
        }
    }

    /// Writes the number that the next entry of a slab gets, and the free handles of a queue. Call
    /// it after the last entry.
    ///
    /// # Errors
    /// [`LoadError::Store`].
    pub fn finish(self) -> Result<(), LoadError> {
        let root = self.root()?;
        if let Body::Queue(_, handles) = &root.body {
            self.queue.finish(handles)?;
        }
        // A table may number its rows if their key is one `u64`. Others do not read this number.
        let is_numbered = match root.kind() {
            CollectionKind::Slab => true,
            CollectionKind::Table => root.key_layout() == Some(&OwnedLayout::Prim(Prim::U64)),
            _ => false,
        };
        if is_numbered && self.next > 0 {
            root.root().write_extra(NEXT_AT, &self.next.to_le_bytes())?;
        }
        Ok(())
    }

    fn note_number(&mut self, number: u64) {
        self.next = self.next.max(number.saturating_add(1));
    }

    fn encoded(&self, value: &Value) -> Result<Vec<u8>, LoadError> {
        let root = self.root()?;
        let layout = root.layout(root.root().current()).ok_or(LoadError::Missing("value"))?;
        value.encode(layout).map_err(LoadError::Value)
    }

    fn key(&self, value: &Value) -> Result<KeyBuf, LoadError> {
        let layout = self.root()?.stored_key().ok_or(LoadError::Missing("key"))?;
        encoded_key(layout, value)
    }

    /// Checks that the key of a row is that of its fields.
    fn check_row(&self, key: &Value, row: &Value) -> Result<(), LoadError> {
        let fields = self.key_fields.iter().map(|name| row.at(name));
        let is_same = match key {
            Value::List(parts) if self.key_fields.len() > 1 => fields.eq(parts.iter().map(Some)),
            key => fields.eq([Some(key)]),
        };
        if is_same { Ok(()) } else { Err(LoadError::RowKey) }
    }

    fn set(&mut self, value: &[u8]) -> Result<(), LoadError> {
        match self.store.roots.get_mut(self.at).map(|root| &mut root.body) {
            Some(Body::Cell(cell)) if cell.is_none() => Ok(cell.set_bytes(value)?),
            _ => Err(LoadError::Duplicate),
        }
    }

    fn push(&mut self, number: u64, value: &[u8]) -> Result<(), LoadError> {
        let root = self.root()?;
        let Body::Sequence(sequence) = &root.body else { return Err(LoadError::Kind(root.kind())) };
        if root.kind() == CollectionKind::Log && sequence.len() == 0 {
            sequence.set_dropped(number)?;
        }
        let dropped = if root.kind() == CollectionKind::Log { sequence.dropped() } else { 0 };
        let expected = dropped.saturating_add(sequence.len());
        if number != expected {
            return Err(LoadError::Order { expected });
        }
        Ok(sequence.push_back(value)?)
    }

    fn insert(&mut self, key: &KeyBuf, value: &[u8]) -> Result<(), LoadError> {
        let root = self.root()?;
        let is_new = match &root.body {
            Body::Tree(tree) => tree.add(tree.context.sizes, key.as_slice(), value)?,
            Body::Hash(table) => {
                if table.lookup_uncached(table.sizes, key.as_slice(), |_| Ok(()))?.is_some() {
                    return Err(LoadError::Duplicate);
                }
                !table.insert(table.sizes, key.as_slice(), value)?
            }
            Body::Ranked(tree, keys) => {
                if self.last.as_ref().is_some_and(|last| last.as_slice() >= key.as_slice()) {
                    return Err(LoadError::KeyOrder);
                }
                let is_new = tree.add(tree.context.sizes, key.as_slice(), value)?;
                keys.push_back(key.as_slice())?;
                self.last = Some(key.clone());
                is_new
            }
            _ => return Err(LoadError::Kind(root.kind())),
        };
        if is_new { Ok(()) } else { Err(LoadError::Duplicate) }
    }
}

/// Encodes a key.
fn encoded_key(layout: &OwnedLayout, value: &Value) -> Result<KeyBuf, LoadError> {
    let mut key = KeyBuf::new();
    write_key(layout, value, &mut key, true).ok_or(LoadError::Key)?;
    check_len(key.len())?;
    // A text may be longer than its bound, and a number may be zero that must not be.
    read_key(layout, key.as_slice()).map_err(|_| LoadError::Key)?;
    Ok(key)
}

fn find<'a>(parts: &'a Given<'_>, name: &'static str) -> Result<&'a Value, LoadError> {
    let found = parts.iter().find(|(part, _)| *part == name);
    found.map(|(_, value)| value).ok_or(LoadError::Missing(name))
}

/// Returns `true` for the root itself and for the indexes of a table.
fn is_part(other: &RootSpec, of: &RootSpec) -> bool {
    let is_index = || {
        let rest = other.name.strip_prefix(of.name);
        of.kind == CollectionKind::Table && rest.is_some_and(|rest| rest.starts_with('.'))
    };
    other.name == of.name || other.kind.is_index() && is_index()
}

fn number(part: &'static str, value: &Value) -> Result<u64, LoadError> {
    match value {
        Value::Nat(number) => u64::try_from(*number).map_err(|_| LoadError::Missing(part)),
        _ => Err(LoadError::Missing(part)),
    }
}
