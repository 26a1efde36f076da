//! Leaves with their fence keys and their neighbours. Leaves have no links: the next one is another
//! child of the parent, or is found from the top by the key that separates the two.

use graven_core::page::{PAGE_SIZE, PageNumber};
use std::cell::Cell;
use std::cmp::Ordering;
use std::rc::Rc;

use graven_core::key::KeyBuf;
use graven_core::page::node::NodeHeader;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::compare;
use crate::engine::leaf::node;
use crate::engine::nodes::CachedNode;

/// The fence keys of a leaf.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeafBounds {
    /// The lower fence key: no key of the leaf is below it.
    pub(crate) low: Option<KeyBuf>,
    /// The upper fence key: all keys of the leaf are below it.
    pub(crate) high: Option<KeyBuf>,
}

/// A leaf and its position in its parent.
#[derive(Debug, Clone)]
pub(crate) struct LeafPlace {
    pub(crate) page: PageNumber,
    /// The parent, or `None` if the leaf is the whole tree.
    parent: Option<Parent>,
}

/// An inner node and the position of the child taken.
#[derive(Debug, Clone)]
struct Parent {
    page: PageNumber,
    node: Rc<CachedNode>,
    index: usize,
    /// The fence keys of the node itself.
    bounds: LeafBounds,
}

impl<M: Memory> Tree<M> {
    /// Returns the leaf of `key` and its fence keys, and holds no node: a node must not be held
    /// while a child is removed from it. The tree must not be empty.
    pub(crate) fn leaf_bounds(&self, key: &[u8]) -> Result<(PageNumber, LeafBounds)> {
        let leaf = self.leaf_of(key)?;
        Ok((leaf.page, LeafBounds { low: self.low_of(&leaf)?, high: self.high_of(&leaf)? }))
    }

    /// Returns the leaf of a key and its parent, for a walk.
    pub(crate) fn leaf_of(&self, key: &[u8]) -> Result<LeafPlace> {
        self.descend(|page, node, level| self.child(page, node, level, key).map(|(_, index)| index))
    }

    /// Returns the leaf with the greatest keys below `key`, or the last leaf if `key` is `None`.
    pub(crate) fn leaf_below(&self, key: Option<&[u8]>) -> Result<LeafPlace> {
        self.descend(|page, node, level| {
            let Some(key) = key else {
                let last = count_of(node).checked_sub(1);
                return last.ok_or_else(|| self.root().damaged(page, Damage::EmptyNode));
            };
            let (_, index) = self.child(page, node, level, key)?;
            let at = self.separator_at(page, node.bytes(), index)?;
            Ok(if index > 0 && compare(at.as_slice(), key).is_eq() { index - 1 } else { index })
        })
    }

    /// Returns about how many keys are below `key`: exactly in the first leaf, and else as if all
    /// nodes of a level had the same number of keys below them.
    pub(crate) fn estimate_below(&self, key: &[u8]) -> Result<u64> {
        let len = self.root().state().len.get();
        if self.is_empty() {
            return Ok(0);
        }
        let part = Cell::new((0, len));
        let narrow = |index: usize, count: usize| {
            let (low, high) = part.get();
            let at = |index: usize| {
                let share = u64::saturating_sub(high, low).saturating_mul(index as u64);
                low.saturating_add(share.checked_div(count as u64).unwrap_or(0))
            };
            part.set((at(index), at(index.saturating_add(1))));
        };
        let place = self.descend(|page, node, level| {
            let (_, index) = self.child(page, node, level, key)?;
            narrow(index, count_of(node));
            Ok(index)
        })?;
        let leaf = self.read_leaf(place.page)?;
        narrow(self.slot_at(&leaf, key, false)?, leaf.count);
        Ok(part.get().0.min(len))
    }

    fn separator_at(&self, page: PageNumber, bytes: &[u8; PAGE_SIZE], index: usize) -> Result<KeyBuf> {
        let count = NodeHeader::of(bytes).count.get() as usize;
        let slot = node::slot(bytes, index, count).on_page(self.root(), page)?;
        let (head, cell) = node::cell(bytes, slot, self.context.inner_format()).on_page(self.root(), page)?;
        Ok(KeyBuf::from(head.key_in(cell)))
    }

    /// Descends to a leaf through the child that `choose` returns for each node.
    fn descend(&self, choose: impl Fn(PageNumber, &CachedNode, u32) -> Result<usize>) -> Result<LeafPlace> {
        let state = self.root().state();
        let mut place = LeafPlace { page: state.top.get(), parent: None };
        for level in (1..state.height.get()).rev() {
            let page = place.page;
            let node = self.context.nodes.node(page)?;
            if u32::from(node.bytes()[1]) != level {
                return Err(self.root().damaged(page, Damage::WrongLevel));
            }
            let index = choose(page, &node, level)?;
            let bounds = LeafBounds { low: self.low_of(&place)?, high: self.high_of(&place)? };
            let parent = Parent { page, node, index, bounds };
            place = LeafPlace { page: self.taken(&parent)?, parent: Some(parent) };
        }
        Ok(place)
    }

    /// Returns the page of the child taken, with which its cell begins.
    fn taken(&self, Parent { page, node, index, .. }: &Parent) -> Result<PageNumber> {
        let place = node::slot(node.bytes(), *index, count_of(node)).on_page(self.root(), *page)?.place();
        match node.bytes().get(place..).and_then(<[u8]>::first_chunk) {
            Some(child) => Ok(PageNumber::from_le_bytes(*child)),
            None => Err(self.root().damaged(*page, Damage::CellOutOfRange)),
        }
    }

    /// Returns the lower fence key of a leaf: none of its keys is below.
    pub(crate) fn low_of(&self, LeafPlace { parent, .. }: &LeafPlace) -> Result<Option<KeyBuf>> {
        let Some(Parent { page, node, index, bounds }) = parent else { return Ok(None) };
        if *index == 0 {
            return Ok(bounds.low.clone());
        }
        self.separator_at(*page, node.bytes(), *index).map(Some)
    }

    /// Returns the upper fence key of a leaf: all of its keys are below.
    pub(crate) fn high_of(&self, LeafPlace { parent, .. }: &LeafPlace) -> Result<Option<KeyBuf>> {
        let Some(Parent { page, node, index, bounds }) = parent else { return Ok(None) };
        if *index + 1 >= count_of(node) {
            return Ok(bounds.high.clone());
        }
        self.separator_at(*page, node.bytes(), index + 1).map(Some)
    }

    /// Moves to the next leaf. Returns `false` after the last one.
    pub(crate) fn step_forward(&self, place: &mut LeafPlace) -> Result<bool> {
        let Some(parent) = &mut place.parent else { return Ok(false) };
        if parent.index + 1 < count_of(&parent.node) {
            parent.index += 1;
            place.page = self.taken(parent)?;
            return Ok(true);
        }
        let Some(key) = parent.bounds.high.take() else { return Ok(false) };
        *place = self.leaf_of(key.as_slice())?;
        progress(self.high_of(place)?.as_ref(), &key, Ordering::Greater).on_page(self.root(), place.page)
    }

    /// Moves to the previous leaf. Returns `false` before the first one.
    pub(crate) fn step_back(&self, place: &mut LeafPlace) -> Result<bool> {
        let Some(parent) = &mut place.parent else { return Ok(false) };
        if parent.index > 0 {
            parent.index -= 1;
            place.page = self.taken(parent)?;
            return Ok(true);
        }
        let Some(key) = parent.bounds.low.take() else { return Ok(false) };
        *place = self.leaf_below(Some(key.as_slice()))?;
        progress(self.low_of(place)?.as_ref(), &key, Ordering::Less).on_page(self.root(), place.page)
    }
}

/// Checks that separators rise (or, backward, fall) from node to node, so that damaged ones cannot
/// make a walk go in circles. Returns `true` if they do.
fn progress(next: Option<&KeyBuf>, last: &KeyBuf, expected: Ordering) -> Result<bool, Damage> {
    if next.is_none_or(|next| compare(next.as_slice(), last.as_slice()) == expected) {
        return Ok(true);
    }
    Err(Damage::SeparatorsOutOfOrder)
}

fn count_of(node: &CachedNode) -> usize {
    NodeHeader::of(node.bytes()).count.get() as usize
}
