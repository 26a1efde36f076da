//! Trees of BTreeMaps: section 9.

use std::collections::BTreeMap;

use super::extents::chain;
use super::memory::{Kind, Memory, Use};
use super::node::{Cell, Node, Sizes};
use super::roots::{OWN_LAYOUT, Root, State};

/// An entry as it is stored.
pub struct Entry {
    pub key: Vec<u8>,
    pub value: Vec<u8>,
    /// The index of the value's layout.
    pub layout: u16,
    /// `true` if the value is in overflow pages.
    pub chained: bool,
}

/// The sizes of a tree's keys, and of values by the index of their layout.
pub struct Form<'f> {
    pub key: Option<usize>,
    pub value: &'f dyn Fn(u16) -> Option<usize>,
}

/// Returns all entries of a map, in order, after checking that the root's numbers are those of its
/// tree.
pub fn entries(memory: &Memory, root: &Root, form: &Form) -> Vec<Entry> {
    let (entries, row_pages) = tree(memory, root, &root.state, form);
    root.compare_rows(&row_pages);
    entries
}

/// Returns the entries of a tree of a root, and the leaves for each layout.
pub fn tree(memory: &Memory, root: &Root, state: &State, form: &Form) -> (Vec<Entry>, BTreeMap<u16, u32>) {
    let mut walk = Walk { memory, root, form, entries: Vec::new(), pages: 1, row_pages: BTreeMap::new() };
    assert_eq!(state.top == 0, state.height == 0, "{}: an empty map has no height", root.name);
    if state.top != 0 {
        walk.node(state.top, state.height - 1, &Bounds { from: None, below: None });
    }
    walk.compare(state)
}

/// The keys that may stand below a node.
struct Bounds {
    from: Option<Vec<u8>>,
    below: Option<Vec<u8>>,
}

impl Bounds {
    fn hold(&self, key: &[u8]) -> bool {
        self.from.as_ref().is_none_or(|from| from.as_slice() <= key)
            && self.below.as_ref().is_none_or(|below| key < below.as_slice())
    }
}

struct Walk<'m, 'a> {
    memory: &'m Memory<'a>,
    root: &'m Root,
    form: &'m Form<'m>,
    entries: Vec<Entry>,
    pages: u32,
    row_pages: BTreeMap<u16, u32>,
}

impl Walk<'_, '_> {
    fn node(&mut self, page: u32, level: u32, bounds: &Bounds) {
        self.pages += 1;
        let node = Node::parse(page, self.memory.page(page, Kind::Node, Use::Node));
        assert_eq!(u32::from(node.level), level, "level of node {page}");
        assert_eq!(node.owner, self.root.page, "owner of node {page}");
        assert_eq!(node.link, 0, "link of the live node {page}");
        let listed = node.listed();
        if level == 0 {
            listed.iter().for_each(|layout| self.count_row(*layout));
        } else {
            assert!(listed.is_empty(), "the inner node {page} lists no layouts");
        }
        let sizes = Sizes::of(&node, self.form.key, self.form.value);
        let cells = node.cells(&sizes);
        if level == 0 {
            cells.into_iter().for_each(|cell| self.entry(cell, &listed, &sizes, bounds));
        } else {
            self.children(cells, level, bounds);
        }
    }

    /// A leaf counts for the row of every layout that it lists.
    fn count_row(&mut self, layout: u16) {
        if layout != OWN_LAYOUT {
            *self.row_pages.entry(layout).or_default() += 1;
        }
    }

    fn children(&mut self, cells: Vec<Cell>, level: u32, bounds: &Bounds) {
        let mut from = bounds.from.clone();
        for (i, cell) in cells.iter().enumerate() {
            let below = cells.get(i + 1).map(|next| next.key.to_vec()).or(bounds.below.clone());
            if i > 0 {
                assert!(bounds.hold(cell.key), "separators are within those above");
            }
            if let (Some(from), Some(below)) = (&from, &below) {
                assert!(from < below, "separators rise");
            }
            let child = Bounds { from, below: below.clone() };
            self.node(cell.owned.expect("slots of inner nodes own children"), level - 1, &child);
            from = below;
        }
    }

    fn entry(&mut self, cell: Cell, listed: &[u16], sizes: &Sizes, bounds: &Bounds) {
        let key = cell.key.to_vec();
        assert!(bounds.hold(&key), "keys are within their separators");
        assert!(key.len() <= 992, "keys have at most 992 bytes");
        if let Some(before) = self.entries.last() {
            assert!(before.key < key, "keys rise strictly");
        }
        let (value, chained) = match cell.owned {
            Some(first) => {
                assert!(sizes.inline(&cell) > 2030, "only large values stand in chains");
                let chain = chain(self.memory, self.root.page, first, cell.value_len);
                self.pages += chain.pages;
                (chain.value, true)
            }
            None => (cell.value.to_vec(), false),
        };
        self.entries.push(Entry { key, value, layout: listed[cell.tag], chained });
    }

    fn compare(self, state: &State) -> (Vec<Entry>, BTreeMap<u16, u32>) {
        let Self { root, entries, pages, row_pages, .. } = self;
        let name = &root.name;
        assert_eq!(state.entries, entries.len() as u64, "{name}: entries");
        let bytes: usize = entries.iter().map(|entry| entry.key.len() + entry.value.len()).sum();
        assert_eq!(state.bytes, bytes as u64, "{name}: bytes");
        assert_eq!(state.pages, pages, "{name}: pages");
        (entries, row_pages)
    }
}
