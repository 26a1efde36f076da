//! Leaves with the keys between which they lie, and their neighbours. Leaves have no links: the next one is another child
//! of the node above, or it is found from the top by the key that separates the two.

use std::rc::Rc;

use graven_core::key::KeyBuf;
use graven_core::page::node::NodeHeader;
use graven_core::page::{CachedNode, PAGE_SIZE};
use graven_core::{Error, Memory, Result};

use super::cell::compare;
use super::node;
use super::tree::Tree;

/// The keys between which a leaf's keys are.
#[derive(Debug, Default)]
pub(crate) struct LeafBounds {
    /// The leaf's keys are not below.
    pub(crate) low: Option<KeyBuf>,
    /// The leaf's keys are below.
    pub(crate) high: Option<KeyBuf>,
    /// The node above the leaf.
    pub(super) parent: Option<Parent>,
}

/// The node above a leaf, and which child the leaf is.
#[derive(Debug)]
pub(super) struct Parent {
    page: u32,
    node: Rc<CachedNode>,
    index: usize,
    /// Between what the node's own keys are.
    low: Option<KeyBuf>,
    high: Option<KeyBuf>,
}

impl<M: Memory> Tree<M> {
    /// The leaf in which `key` would be, and between which keys it lies, for those who change it: nobody may look at a node
    /// from which a child is taken. The tree is not empty.
    pub(crate) fn leaf_bounds(&self, key: &[u8]) -> Result<(u32, LeafBounds)> {
        let (page, bounds) = self.leaf_of(key)?;
        Ok((page, LeafBounds { parent: None, ..bounds }))
    }

    /// The same with the node above, for a walk.
    pub(super) fn leaf_of(&self, key: &[u8]) -> Result<(u32, LeafBounds)> {
        self.descend(|page, node, level| self.child(page, node, level, key).map(|(_, index)| index))
    }

    /// The leaf with the greatest keys below `key`, or with the greatest of all.
    pub(super) fn leaf_below(&self, key: Option<&[u8]>) -> Result<(u32, LeafBounds)> {
        self.descend(|page, node, level| {
            let bytes = node.bytes();
            let Some(key) = key else {
                let count = node::header(page, bytes)?.count.get() as usize;
                return count
                    .checked_sub(1)
                    .ok_or_else(|| Error::Damaged { page, why: "an inner node is empty" });
            };
            let (_, index) = self.child(page, node, level, key)?;
            let at = self.separator_at(page, bytes, index)?;
            Ok(if index > 0 && compare(at.as_slice(), key).is_eq() { index - 1 } else { index })
        })
    }

    fn separator_at(&self, page: u32, bytes: &[u8; PAGE_SIZE], index: usize) -> Result<KeyBuf> {
        let count = node::header(page, bytes)?.count.get() as usize;
        let slot = node::slot(page, bytes, index, count)?;
        let (head, cell) = node::cell(page, bytes, slot, self.inner_format())?;
        Ok(KeyBuf::from(&cell[head.key()]))
    }

    /// Goes down to a leaf by the child that `choose` takes at each node.
    fn descend(&self, choose: impl Fn(u32, &CachedNode, u32) -> Result<usize>) -> Result<(u32, LeafBounds)> {
        let state = self.root.state();
        let (mut page, mut bounds) = (state.top.get(), LeafBounds::default());
        for level in (1..state.height.get()).rev() {
            let node = self.root.pager().node(page)?;
            if u32::from(node.bytes()[1]) != level {
                return Err(Error::Damaged { page, why: "it is not an inner node of its level" });
            }
            let index = choose(page, &node, level)?;
            let LeafBounds { low, high, .. } = bounds;
            (page, bounds) = self.child_bounds(Parent { page, node, index, low, high })?;
        }
        Ok((page, bounds))
    }

    /// The child of a node at its position, and between which keys it lies.
    fn child_bounds(&self, parent: Parent) -> Result<(u32, LeafBounds)> {
        let Parent { page, node, index, low, high } = &parent;
        let (bytes, count) = (node.bytes(), NodeHeader::of(node.bytes()).count.get() as usize);
        let low = if *index > 0 { Some(self.separator_at(*page, bytes, *index)?) } else { low.clone() };
        let high =
            if index + 1 < count { Some(self.separator_at(*page, bytes, index + 1)?) } else { high.clone() };
        let slot = node::slot(*page, bytes, *index, count)?;
        let child = node::cell(*page, bytes, slot, self.inner_format())?.0.page;
        Ok((child, LeafBounds { low, high, parent: Some(parent) }))
    }

    /// The leaf behind one, which begins with `key`.
    pub(super) fn leaf_behind(&self, parent: Option<Parent>, key: &KeyBuf) -> Result<(u32, LeafBounds)> {
        match parent {
            Some(parent) if parent.index + 1 < NodeHeader::of(parent.node.bytes()).count.get() as usize => {
                self.child_bounds(Parent { index: parent.index + 1, ..parent })
            }
            _ => self.leaf_of(key.as_slice()),
        }
    }

    /// The leaf in front of one that begins with `key`.
    pub(super) fn leaf_in_front(&self, parent: Option<Parent>, key: &KeyBuf) -> Result<(u32, LeafBounds)> {
        match parent {
            Some(parent) if parent.index > 0 => {
                self.child_bounds(Parent { index: parent.index - 1, ..parent })
            }
            _ => self.leaf_below(Some(key.as_slice())),
        }
    }
}
