//! Trees of BTreeMaps: section 9.

use super::extents::chain;
use super::key::key_size;
use super::memory::{Kind, Memory, Use};
use super::node::{Cell, Node, Sizes};
use super::registry::Layout;
use super::roots::Root;
use super::value::size;

/// An entry as it is stored.
pub struct Entry {
    pub key: Vec<u8>,
    pub value: Vec<u8>,
    /// The index of the value's layout.
    pub layout: u16,
    /// Whether the value stands in a chain.
    pub chained: bool,
}

/// All entries of a map, in order, after checking that the root's numbers are those of its tree.
pub fn entries(memory: &Memory, root: &Root, layouts: &[Layout]) -> Vec<Entry> {
    let key = &layouts[usize::from(root.key_layout.expect("a map has keys"))];
    let mut walk = Walk {
        memory,
        root,
        layouts,
        key_size: key_size(&key.of),
        entries: Vec::new(),
        pages: 1,
        row_pages: vec![0; root.rows.len()],
    };
    assert_eq!(root.top == 0, root.height == 0, "{}: an empty map has no height", root.name);
    if root.top != 0 {
        walk.node(root.top, root.height - 1, &Bounds { from: None, below: None });
    }
    walk.compare()
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
    layouts: &'m [Layout],
    key_size: Option<usize>,
    entries: Vec<Entry>,
    pages: u32,
    row_pages: Vec<u32>,
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
        let value_sizes = listed.iter().map(|layout| size(&self.layouts[usize::from(*layout)].of)).collect();
        let sizes = Sizes { key: self.key_size, values: value_sizes };
        let cells = node.cells(&sizes);
        if level == 0 {
            cells.into_iter().for_each(|cell| self.entry(cell, &listed, &sizes, bounds));
        } else {
            self.children(cells, level, bounds);
        }
    }

    /// A leaf counts for the row of every layout that it lists.
    fn count_row(&mut self, layout: u16) {
        let row = self.root.rows.iter().position(|row| row.layout == layout);
        self.row_pages[row.unwrap_or_else(|| panic!("layout {layout} has a row"))] += 1;
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
                let chain = chain(self.memory, first, cell.value_len);
                self.pages += chain.pages;
                (chain.value, true)
            }
            None => (cell.value.to_vec(), false),
        };
        self.entries.push(Entry { key, value, layout: listed[cell.tag], chained });
    }

    fn compare(self) -> Vec<Entry> {
        let Self { root, entries, pages, row_pages, .. } = self;
        let name = &root.name;
        assert_eq!(root.entries, entries.len() as u64, "{name}: entries");
        let bytes: usize = entries.iter().map(|entry| entry.key.len() + entry.value.len()).sum();
        assert_eq!(root.bytes, bytes as u64, "{name}: bytes");
        assert_eq!(root.pages, pages, "{name}: pages");
        let rows: Vec<u32> = root.rows.iter().map(|row| row.pages).collect();
        assert_eq!(rows, row_pages, "{name}: pages of the rows");
        entries
    }
}
