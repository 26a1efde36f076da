//! The trees of a root, by its kind. Sizes of keys and values come from the stored layouts.

use graven_core::key::MAX_KEY_LEN;
use graven_core::layout::Invalid;
use graven_core::layout::stored::OwnedLayout;
use graven_core::page::LayoutId;
use graven_core::store::{Collection, CollectionKind, OpenedRoot, Root};
use graven_core::{Damage, Memory, Result};

use crate::cell::Cell;
use crate::codec::value::no_conversion;
use crate::engine::array::Sequence;
use crate::engine::btree::Tree;
use crate::engine::cell::Sizes;
use crate::engine::hash::Table;
use crate::nested::row::{RECORD_ROW, ROW};
use crate::nested::trees::Trees;
use crate::queue::handles::{HANDLE, Handles};

/// The names of the tables of a store, and the layouts of their keys.
pub(super) type Tables = [(String, OwnedLayout)];

/// The trees of a root.
pub(super) enum Body<M: Memory> {
    Cell(Cell<(), M>),
    Tree(Tree<M>),
    /// The entries, and their keys by rank.
    Ranked(Tree<M>, Sequence<M>),
    Hash(Table<M>),
    Sequence(Sequence<M>),
    /// The values of a queue in the order of the heap, and their handles.
    Queue(Sequence<M>, Handles<M>),
    Nested(Trees<M>),
}

impl<M: Memory> Body<M> {
    /// Opens the trees of a root. `tables` are those of the store.
    pub(super) fn open(opened: OpenedRoot<M>, tables: &Tables) -> Result<Self> {
        let OpenedRoot { mut root, kind, key, layouts } = opened;
        let value = root.current_size();
        check_key(&root, kind, key.as_ref())?;
        let key = key.as_ref();
        let own = sized(&root, key.and_then(OwnedLayout::key_size))?;
        let sizes = Sizes { key: own, value };
        Ok(match kind {
            CollectionKind::Cell => Body::Cell(Cell::attach(root)),
            CollectionKind::BTreeMap | CollectionKind::Table => Body::Tree(tree(root, sizes)),
            CollectionKind::BTreeSet => Body::Tree(tree(root, Sizes { value: Some(0), ..sizes })),
            CollectionKind::Slab => Body::Tree(tree(root, Sizes { key: Some(8), ..sizes })),
            CollectionKind::HashMap => Body::Hash(Table::new(root, sizes, no_conversion)),
            CollectionKind::HashSet => {
                Body::Hash(Table::new(root, Sizes { value: Some(0), ..sizes }, no_conversion))
            }
            CollectionKind::Vec | CollectionKind::Deque | CollectionKind::Log => {
                Body::Sequence(Sequence::new(root, value, no_conversion))
            }
            CollectionKind::PriorityQueue => {
                let size = own.map(|size| size.saturating_add(HANDLE));
                root.make_internal(size);
                let handles = Handles::new(&root);
                Body::Queue(Sequence::new(root, size, no_conversion), handles)
            }
            CollectionKind::Blobs => {
                root.make_internal(None);
                let key = own.map(|size| size.saturating_add(8));
                Body::Tree(tree(root, Sizes { key, value: None }))
            }
            CollectionKind::RankedMap => {
                let keys = Sequence::new(root.second(own)?, own, no_conversion);
                Body::Ranked(tree(root, sizes), keys)
            }
            CollectionKind::Index => {
                let value = included_size(&layouts);
                root.make_internal(value);
                Body::Tree(tree(root, Sizes { value, ..sizes }))
            }
            CollectionKind::UniqueIndex => {
                let unknown = || root.damaged(root.page(), Damage::UnknownLayout);
                let row = row_key(root.name(), tables).ok_or_else(unknown)?.key_size();
                let value =
                    row.zip(included_size(&layouts)).map(|(row, included)| row.saturating_add(included));
                root.make_internal(value);
                Body::Tree(tree(root, Sizes { value, ..sizes }))
            }
            _ => {
                let has_records = kind.has_records();
                let key = own_key(key).and_then(OwnedLayout::key_size).map(|size| size.saturating_add(8));
                let key = sized(&root, key.filter(|_| !has_records))?;
                let row = if has_records { RECORD_ROW } else { ROW };
                Body::Nested(Trees::new(root, Sizes { key, value }, no_conversion, row))
            }
        })
    }

    /// Returns the root.
    pub(super) fn root(&self) -> &Root<M> {
        match self {
            Body::Cell(cell) => cell.root(),
            Body::Tree(tree) | Body::Ranked(tree, _) => tree.root(),
            Body::Hash(table) => &table.root,
            Body::Sequence(sequence) | Body::Queue(sequence, _) => sequence.root(),
            Body::Nested(trees) => trees.entries.root(),
        }
    }
}

/// Returns the constant size of the fields that an index includes, from the layout of its
/// definition.
fn included_size(layouts: &[(LayoutId, OwnedLayout)]) -> Option<usize> {
    layouts.last().map_or(Some(0), |(_, definition)| definition.size())
}

fn tree<M: Memory>(root: Root<M>, sizes: Sizes) -> Tree<M> {
    Tree::new(root, sizes, no_conversion)
}

/// Checks that a root has a layout of keys if its kind has keys, and one for both keys if it has
/// two.
fn check_key<M: Memory>(root: &Root<M>, kind: CollectionKind, key: Option<&OwnedLayout>) -> Result<()> {
    let fits = match key {
        Some(OwnedLayout::Tuple(keys)) => !has_two_keys(kind) || keys.len() == 2,
        Some(_) => !has_two_keys(kind),
        None => !kind.has_keys(),
    };
    if fits { Ok(()) } else { Err(root.damaged(root.page(), Damage::UnknownLayout)) }
}

fn has_two_keys(kind: CollectionKind) -> bool {
    kind.is_nested() || kind == CollectionKind::Index
}

/// Checks a constant size of keys. No code declares keys that are too long.
fn sized<M: Memory>(root: &Root<M>, size: Option<usize>) -> Result<Option<usize>> {
    match size {
        Some(size) if size > MAX_KEY_LEN => {
            Err(root
                .damaged(root.page(), Damage::InvalidValue(Invalid("its keys are longer than a key may be"))))
        }
        size => Ok(size),
    }
}

/// Returns the layout of the own keys of nested entries, from that of both keys.
pub(super) fn own_key(key: Option<&OwnedLayout>) -> Option<&OwnedLayout> {
    match key {
        Some(OwnedLayout::Tuple(keys)) => keys.get(1),
        _ => None,
    }
}

/// Returns the layout of the keys of the rows that an index is about: its name is that of the
/// table, a full stop and its own.
pub(super) fn row_key<'a>(index: &str, tables: &'a Tables) -> Option<&'a OwnedLayout> {
    let table = tables
        .iter()
        .filter(|(table, _)| index.strip_prefix(table.as_str()).is_some_and(|rest| rest.starts_with('.')));
    table.max_by_key(|(table, _)| table.len()).map(|(_, key)| key)
}
