//! The descent from the top of a tree to the leaf of a key. Cached inner nodes are searched on the
//! heap. Others are searched by a few small reads until they turn out to be in frequent use.

use crate::engine::leaf::path::{DescentPath, KEY_PREFIX, key_prefix_of, lookup_prefix_of};
use crate::engine::nodes::{CachedNode, Child, RecentLeaf};
use graven_core::key::big_endian;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{ROOM, SLOT, Sizes, compare};
use crate::engine::leaf::node;
use crate::engine::leaf::reader::NodeReader;

impl<M: Memory> Tree<M> {
    /// Returns the leaf of `key`. The tree must not be empty.
    #[inline(always)]
    pub(crate) fn leaf(&self, sizes: Sizes, key: &[u8]) -> Result<DescentPath> {
        let (head, is_exact) = (lookup_prefix_of(key), sizes.key.is_some_and(|size| size <= KEY_PREFIX));
        let top = self.root().state().top.get();
        if let Some(RecentLeaf { page, low, high }) = self.context.nodes.recent_leaf(top, head, is_exact) {
            return Ok(DescentPath { page, level: 0, low, high });
        }
        let mut path = self.cached_path(head, is_exact);
        while path.level > 0 {
            path = self.step(path, head, key)?;
        }
        Ok(path)
    }

    /// Descends through cached nodes as far as key prefixes decide, which is usually to the leaf.
    #[inline(never)]
    fn cached_path(&self, head: u64, is_exact: bool) -> DescentPath {
        let (state, nodes) = (self.root().state(), &self.context.nodes);
        let (mut page, mut level) = (state.top.get(), state.height.get().saturating_sub(1));
        let (mut low, mut high) = (0, u64::MAX);
        nodes.with_cached(|cached| {
            while level > 0 {
                let Some(node) = cached.get(page) else { break };
                let Some(children) = node.known_children() else { break };
                let Some((child, rest)) = children.around(head) else { break };
                // Longer keys that share a prefix may span several children.
                let is_clear = is_exact || child.head < head;
                if !is_clear || u32::from(node.bytes()[1]) != level {
                    break;
                }
                level -= 1;
                page = child.page;
                if child.head > 0 {
                    low = child.head;
                }
                if let Some(next) = rest.first() {
                    high = next.head;
                }
            }
        });
        if level == 0 {
            nodes.keep_leaf(state.top.get(), RecentLeaf { page, low, high });
        }
        DescentPath { page, level, low, high }
    }

    /// Descends by one node, cached or not.
    #[inline(never)]
    fn step(&self, path: DescentPath, head: u64, key: &[u8]) -> Result<DescentPath> {
        let pager = self.root().pager();
        let at_hand = self.context.nodes.with_cached(|nodes| nodes.get(path.page).cloned());
        let node = match at_hand {
            Some(node) => node,
            None => match self.context.nodes.load_if_frequent(path.page)? {
                Some(node) => node,
                None => {
                    return pager.with_scratch(|bytes| {
                        NodeReader::open_node(pager, self.root().page(), path, bytes)?
                            .child(&self.context, key)
                    });
                }
            },
        };
        self.child_by(path, &node, head, key).map(|(path, _)| path)
    }

    /// Returns the child of an inner node that leads to `key`, and its position.
    pub(crate) fn child(
        &self,
        page: PageNumber,
        node: &CachedNode,
        level: u32,
        key: &[u8],
    ) -> Result<(PageNumber, usize)> {
        let (path, index) =
            self.child_by(DescentPath { level, ..DescentPath::to(page) }, node, key_prefix_of(key), key)?;
        Ok((path.page, index))
    }

    fn child_by(
        &self,
        path: DescentPath,
        node: &CachedNode,
        head: u64,
        key: &[u8],
    ) -> Result<(DescentPath, usize)> {
        let (page, bytes) = (path.page, node.bytes());
        let (format, count) = (self.context.inner_format(), count_of(bytes));
        if u32::from(bytes[1]) != path.level || count == 0 || count * SLOT > ROOM {
            return Err(self.root().damaged(page, Damage::WrongLevel));
        }
        let cell = |index| {
            node::slot(bytes, index, count)
                .and_then(|slot| node::cell(bytes, slot, format))
                .on_page(self.root(), page)
        };
        let known = node.children(|bytes| self.read_children(bytes));
        let known = known.filter(|children| children.children().len() == count);
        let (mut low, mut high) = match known {
            Some(children) => {
                let above = children.around(head).map_or(1, |(_, rest)| count - rest.len());
                (children.first_of(head).min(above), above)
            }
            None => (1, count),
        };
        while low < high {
            let middle = (low + high) / 2;
            let (head, cell) = cell(middle)?;
            if compare(head.key_in(cell), key).is_le() { low = middle + 1 } else { high = middle }
        }
        let child = |index: usize| match known.and_then(|known| known.children().get(index)) {
            Some(child) => Ok(*child),
            None => {
                let (head, cell) = cell(index)?;
                Ok(Child { head: key_prefix_of(head.key_in(cell)), page: head.page })
            }
        };
        let found = child(low - 1)?;
        let mut path = DescentPath { page: found.page, level: path.level - 1, ..path };
        if low > 1 {
            path.low = found.head;
        }
        if low < count {
            path.high = child(low)?.head;
        }
        Ok((path, low - 1))
    }

    /// Returns all children of a node, or none if the node is damaged.
    #[inline(never)]
    fn read_children(&self, bytes: &PageBytes) -> Vec<Child> {
        let count = count_of(bytes);
        if count * SLOT > ROOM {
            return Vec::new();
        }
        let mut children = Vec::with_capacity(count);
        if self.context.sizes.key.is_some_and(|size| size >= KEY_PREFIX) {
            let (slots, _) = bytes[HEADER_SIZE..].as_chunks::<SLOT>();
            for slot in slots.iter().take(count) {
                let place = Slot(u16::from_le_bytes(*slot)).place();
                let cell = bytes.get(place..).and_then(<[u8]>::first_chunk::<{ 4 + KEY_PREFIX }>);
                let Some([a, b, c, d, head @ ..]) = cell else {
                    return Vec::new();
                };
                children.push(Child {
                    head: big_endian(*head),
                    page: PageNumber::from_le_bytes([*a, *b, *c, *d]),
                });
            }
            return children;
        }
        for index in 0..count {
            let Ok(slot) = node::slot(bytes, index, count) else { return Vec::new() };
            let Ok((head, cell)) = node::cell(bytes, slot, self.context.inner_format()) else {
                return Vec::new();
            };
            children.push(Child { head: key_prefix_of(head.key_in(cell)), page: head.page });
        }
        children
    }

    /// Writes a node. An inner one is also prepared for searches here, since what a query prepares
    /// is lost with the query.
    pub(crate) fn write_node(&self, page: PageNumber, bytes: Box<PageBytes>) -> Result<()> {
        let level = NodeHeader::of(&bytes).level;
        self.context.nodes.write_page(page, bytes)?;
        if level == 0 {
            return Ok(());
        }
        self.context.nodes.with_node(page, |node| {
            node.children(|bytes| self.read_children(bytes));
            Ok(())
        })
    }
}

#[inline(always)]
fn count_of(bytes: &PageBytes) -> usize {
    usize::from(u16::from_le_bytes([bytes[2], bytes[3]]))
}
