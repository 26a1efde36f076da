//! Inserting and removing values in the middle. The values after them in the same leaf move, and
//! the branches above get the new first positions of later leaves.

use graven_core::store::{OnPage, RootState};
use graven_core::{Memory, Result};

use crate::engine::array::children::{Changes, ChildSpan};
use crate::engine::array::edit::{NewLeaf, Rewrite, with_pages};
use crate::engine::array::ends::End;
use crate::engine::array::leaf;
use crate::engine::array::leaf::{ARRAY_AT, LeafKind, Piece, capacity};
use crate::engine::array::path::Step;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::cell::ROOM;
use crate::engine::leaf::node;

/// The number of values from which a leaf is merged early. Once in this many removals, it is
/// compared with its neighbours.
const EACH: u64 = 8;

impl<M: Memory> Sequence<M> {
    /// Inserts a value before the one at an index. An index from the length on adds it after all
    /// others.
    pub(crate) fn insert(&self, index: u64, value: &[u8]) -> Result<()> {
        if index >= self.len() {
            return self.push_back(value);
        }
        self.put(index, value, false)
    }

    /// Inserts a value before the one at a position of an array. A full one is split.
    pub(crate) fn insert_in_array(
        &self,
        path: Vec<Step>,
        leaf: Leaf,
        position: u64,
        width: usize,
        value: &[u8],
    ) -> Result<()> {
        let mut state = self.counted(1, width as i64, None);
        if leaf.len() >= capacity(width) {
            let slot = (self.slot_of(&leaf, position), false);
            let item = self.incoming(value, 1)?.item;
            return self.pack_among(path, leaf, slot, item, state);
        }
        let pager = self.root().pager();
        let (at, end) = (
            leaf::place(&leaf, position, width).on_page(self.root(), leaf.page)?,
            ARRAY_AT + leaf.len() as usize * width,
        );
        let mut bytes = vec![0; width + end.saturating_sub(at)];
        let (first, rest) = bytes.split_at_mut(width);
        first.copy_from_slice(value);
        pager.read(leaf.page, at, rest)?;
        let mut changes = Changes::default();
        let grown = ChildSpan { page: leaf.page, len: leaf.len() + 1 };
        self.splice(&mut state, path, 1, vec![grown], &mut changes)?;
        pager.write(leaf.page, at, &bytes)?;
        self.write(changes)?;
        self.root().set_state(state)
    }

    /// Returns the number of dead positions before the first value once those in a leaf are
    /// removed, and the root's state without their bytes.
    pub(crate) fn without_gap(&self, leaf: &Leaf, kind: LeafKind, mut state: RootState) -> (u64, RootState) {
        let dead = self.live(leaf).start;
        if dead == 0 {
            return (self.first.get(), state);
        }
        if let LeafKind::Array { width, .. } = kind {
            state.remove_bytes(dead.saturating_mul(width as u64));
        }
        (leaf.start, state)
    }

    /// Removes the value at an index. The caller has read it, so it exists.
    pub(crate) fn remove_at(&self, index: u64) -> Result<()> {
        if index == 0 {
            return self.pop(End::Front);
        }
        if index + 1 == self.len() {
            return self.pop(End::Back);
        }
        let position = self.position(index);
        let (path, leaf) = self.path(position)?;
        let (live, kind) = (self.live(&leaf), self.leaf_kind(leaf.page)?);
        if live.end - live.start == 1 {
            return self.drop_leaf(path, leaf, kind);
        }
        let mut changes = Changes::default();
        let shrunk = ChildSpan { page: leaf.page, len: leaf.len() - 1 };
        let mut state = self.root().state();
        self.splice(&mut state, path, 1, vec![shrunk], &mut changes)?;
        match kind {
            LeafKind::Array { width, .. } => {
                let at = leaf::place(&leaf, position, width).on_page(self.root(), leaf.page)?;
                let end = leaf::place(&leaf, leaf.start.saturating_add(live.end) - 1, width)
                    .on_page(self.root(), leaf.page)?
                    + width;
                let mut bytes = vec![0; end.saturating_sub(at + width)];
                self.root().pager().read(leaf.page, at + width, &mut bytes)?;
                self.root().pager().write(leaf.page, at, &bytes)?;
                state.remove_entries(1, width as u64);
                self.write(changes)?;
                self.root().set_state(state)?;
            }
            LeafKind::Node => {
                let before = self.root().state();
                self.take_out(&leaf, self.slot_of(&leaf, position))?;
                let taken = self.root().state();
                let merged = i64::from(before.pages.get()) - i64::from(state.pages.get());
                state = with_pages(RootState { top: state.top, height: state.height, ..taken }, -merged);
                self.write(changes)?;
                self.root().set_state(state)?;
            }
        }
        let left = live.end - live.start - 1;
        if left < EACH || left.is_multiple_of(EACH) { self.tidy(position - 1) } else { Ok(()) }
    }

    /// Merges the leaf of a position with a neighbour, if it is sparse and both fit into one.
    pub(crate) fn tidy(&self, position: u64) -> Result<()> {
        let (path, leaf) = self.path(position)?;
        let Some(parent) = path.last().copied() else { return Ok(()) };
        if !self.is_sparse(&leaf)? {
            return Ok(());
        }
        let behind = Some(leaf.end).filter(|end| *end < self.end());
        let before = leaf.start.checked_sub(1).filter(|before| *before >= self.first.get());
        for other in [behind, before].into_iter().flatten() {
            let (other_path, other) = self.path(other)?;
            if other_path.last().is_some_and(|step| step.page != parent.page) {
                continue;
            }
            let (path, left, right) = if other.start < leaf.start {
                (other_path, other, leaf)
            } else {
                (path.clone(), leaf, other)
            };
            if self.merge_leaves(path, left, right)? {
                break;
            }
        }
        Ok(())
    }

    fn is_sparse(&self, leaf: &Leaf) -> Result<bool> {
        if let LeafKind::Array { width, .. } = self.leaf_kind(leaf.page)? {
            let live = self.live(leaf);
            return Ok(live.end - live.start < capacity(width) * 3 / 8);
        }
        let header = self.node_header(leaf.page)?;
        let sparse = if u64::from(header.count.get()) < EACH { ROOM / 4 } else { ROOM * 3 / 8 };
        Ok(node::used(&header) < sparse)
    }

    /// Merges two leaves into the left one. Returns `false` if they differ in kind or would leave
    /// too little room.
    fn merge_leaves(&self, path: Vec<Step>, left: Leaf, right: Leaf) -> Result<bool> {
        let pager = self.root().pager();
        if let LeafKind::Array { width, .. } = self.leaf_kind(left.page)? {
            let [left, right] = [&left, &right].map(|leaf| self.live(leaf));
            let len = (left.end - left.start).saturating_add(right.end - right.start);
            // Most neighbours are too full, so their values are not read.
            if len > capacity(width) * 3 / 4 {
                return Ok(false);
            }
        }
        let (left_bytes, right_bytes) = (pager.read_page(left.page)?, pager.read_page(right.page)?);
        let kinds = (self.kind_of(left.page, &left_bytes[..])?, self.kind_of(right.page, &right_bytes[..])?);
        let mut items = self.items(&left, &left_bytes)?;
        items.extend(self.items(&right, &right_bytes)?);
        let len = items.len() as u64;
        let bytes = match kinds {
            (LeafKind::Array { layout, width }, other) if other == kinds.0 => {
                if len > capacity(width) * 3 / 4 {
                    return Ok(false);
                }
                self.array_of(&items, width, layout).bytes
            }
            (LeafKind::Node, LeafKind::Node) => {
                if node::size_of(&items) > ROOM * 3 / 4 || !node::layouts_fit(&items) {
                    return Ok(false);
                }
                node::build(&items, 0, self.root().page())
            }
            _ => return Ok(false),
        };
        let mut listed = leaf::listed(&left_bytes[..]).on_page(self.root(), left.page)?;
        listed.extend(leaf::listed(&right_bytes[..]).on_page(self.root(), right.page)?);
        let (first, state) = self.without_gap(&left, kinds.0, self.root().state());
        self.rewrite(Rewrite {
            path,
            removed: 2,
            pages: vec![left.page, right.page],
            listed,
            leaves: vec![NewLeaf::Written(Piece { bytes, len })],
            first,
            state,
        })?;
        Ok(true)
    }
}
