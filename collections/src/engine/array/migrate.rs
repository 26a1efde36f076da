//! Migration of one leaf's values to the current layout, for sweeps and for writes into arrays of
//! previous layouts.
//!
//! A step converts values before it writes any, so a conversion that panics changes nothing.

use graven_core::page::{LayoutId, PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::array::edit::{NewLeaf, Rewrite};
use crate::engine::array::leaf;
use crate::engine::array::leaf::LeafKind;
use crate::engine::array::path::Step;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::leaf::node;
use crate::engine::leaf::node::{OwnedCell, Split};
use crate::engine::migrate::Converted;
use crate::engine::migrate::{Due, Limits};

/// The values of two adjacent leaves, packed into new ones.
struct Packed {
    /// The path to the first of the two.
    path: Vec<Step>,
    page: PageNumber,
    /// The layouts that it lists.
    listed: Vec<LayoutId>,
    leaves: Vec<NewLeaf>,
}

impl<M: Memory> Sequence<M> {
    /// Converts at least one value of the leaf of a position, until the limits are reached or the
    /// values are large. Returns `true` if the leaf has no value in a previous layout except those
    /// that were skipped.
    pub(crate) fn migrate(&self, position: u64, limits: &mut dyn Limits) -> Result<bool> {
        let (path, leaf) = self.path(position)?;
        let bytes = self.root().pager().read_page(leaf.page)?;
        let kind = self.kind_of(leaf.page, bytes.as_slice())?;
        let mut items = self.items(&leaf, &bytes)?;
        let first = leaf.start.saturating_add(self.live(&leaf).start).saturating_sub(self.first.get());
        let limits = &mut Indexed { limits, first };
        let Converted { values, rest, skipped } =
            self.context.convert(leaf.page, &items, Due::Old, limits)?;
        if skipped && (values.is_empty() || !self.has_room_for_current(kind, leaf.page, &bytes)?) {
            return Ok(true);
        }
        let migrated = self.context.put_values(&mut items, values)?;
        let leaves = self.migrated_leaves(kind, &items, rest);
        let rewrite = |state| {
            let packed = match rest {
                None => self.pack_with_left(&path, &leaf, &items, leaves.len())?,
                Some(_) => None,
            };
            let (first, state) = self.without_gap(&leaf, kind, state);
            let listed = leaf::listed(bytes.as_slice()).on_page(self.root(), leaf.page)?;
            let rewrite = Rewrite { path, removed: 1, pages: vec![leaf.page], listed, leaves, first, state };
            self.rewrite(match packed {
                Some(Packed { path, page, listed, leaves }) => Rewrite {
                    path,
                    removed: 2,
                    pages: vec![page, leaf.page],
                    listed: [listed, rewrite.listed].concat(),
                    leaves,
                    ..rewrite
                },
                None => rewrite,
            })
        };
        self.context.finish_migration(migrated, rewrite)?;
        Ok(rest.is_none())
    }

    /// Packs the values of a leaf together with those of its left neighbour below the same branch,
    /// if the neighbour has no previous layout and the values need more than one leaf: `alone` is
    /// the number of leaves that they need by themselves. A sweep that makes values longer would
    /// otherwise double the number of leaves.
    fn pack_with_left(
        &self,
        path: &[Step],
        leaf: &Leaf,
        items: &[OwnedCell<'_>],
        alone: usize,
    ) -> Result<Option<Packed>> {
        let Some(before) =
            leaf.start.checked_sub(1).filter(|before| alone > 1 && *before >= self.first.get())
        else {
            return Ok(None);
        };
        let (left_path, left) = self.path(before)?;
        let is_next = matches!((left_path.last(), path.last()),
            (Some(left), Some(step)) if left.page == step.page && left.index + 1 == step.index);
        if !is_next || self.live(&left).start > 0 {
            return Ok(None);
        }
        let bytes = self.root().pager().read_page(left.page)?;
        let listed = leaf::listed(bytes.as_slice()).on_page(self.root(), left.page)?;
        let mut all = self.items(&left, &bytes)?;
        if listed.iter().any(|layout| *layout != self.root().current()) {
            return Ok(None);
        }
        all.extend_from_slice(items);
        let leaves = self.pieces(&all, Split::Full).into_iter().map(NewLeaf::Written).collect();
        Ok(Some(Packed { path: left_path, page: left.page, listed, leaves }))
    }

    /// Returns `true` if a leaf can hold values of the current layout besides those that it has.
    fn has_room_for_current(&self, kind: LeafKind, page: PageNumber, bytes: &PageBytes) -> Result<bool> {
        match kind {
            // An array becomes a node, which can list both layouts.
            LeafKind::Array { .. } => Ok(true),
            LeafKind::Node => {
                let header = node::header(bytes.as_slice()).on_page(self.root(), page)?;
                Ok(node::has_room_for(&header, self.root().current()))
            }
        }
    }

    /// Builds leaves of values. Those before `rest`, or all if it is `None`, are in the current
    /// layout or were skipped.
    fn migrated_leaves(&self, kind: LeafKind, items: &[OwnedCell<'_>], rest: Option<usize>) -> Vec<NewLeaf> {
        let pieces = match (rest, kind) {
            (Some(rest), LeafKind::Array { layout, width }) => {
                let (new, old) = items.split_at(rest);
                let mut pieces = self.pieces(new, Split::Even);
                pieces.push(self.array_of(old, width, layout));
                pieces
            }
            // The node lists as many previous layouts as fit, and the current one is added.
            (Some(rest), LeafKind::Node) if !node::layouts_fit(items) => self.pieces(items, Split::At(rest)),
            _ => self.pieces(items, Split::Full),
        };
        pieces.into_iter().map(NewLeaf::Written).collect()
    }
}

/// Limits that name values by their indices, since the cells of a leaf have no keys.
struct Indexed<'a> {
    limits: &'a mut dyn Limits,
    /// The index of the leaf's first value.
    first: u64,
}

impl Limits for Indexed<'_> {
    fn is_spent(&mut self) -> bool {
        self.limits.is_spent()
    }

    fn attempt(
        &mut self,
        position: usize,
        _: &[u8],
        convert: &mut dyn FnMut() -> Result<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>> {
        let index = self.first.saturating_add(position as u64);
        self.limits.attempt(position, &index.to_be_bytes(), convert)
    }
}
