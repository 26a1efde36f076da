//! Migration of one leaf's values to the current layout, for sweeps and for writes into arrays of
//! previous layouts.
//!
//! A step converts values before it writes any, so a conversion that panics changes nothing.

use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::array::edit::{NewLeaf, Rewrite};
use crate::engine::array::leaf;
use crate::engine::array::leaf::{LeafKind, Piece};
use crate::engine::array::sequence::Sequence;
use crate::engine::leaf::node;
use crate::engine::leaf::node::{OwnedCell, Split};
use crate::engine::migrate::Converted;
use crate::engine::migrate::Due;

impl<M: Memory> Sequence<M> {
    /// Converts at least one value of the leaf of a position, until `spent` returns `true` or the
    /// values are large. Returns `true` if no value of the leaf has a previous layout any more.
    pub(crate) fn migrate(&self, position: u64, spent: &mut dyn FnMut() -> bool) -> Result<bool> {
        let (path, leaf) = self.path(position)?;
        let bytes = self.root().pager().read_page(leaf.page)?;
        let kind = self.kind_of(leaf.page, bytes.as_slice())?;
        let mut items = self.items(&leaf, &bytes)?;
        let Converted { values, rest } = self.context.convert(leaf.page, &items, Due::Old, spent)?;
        let migrated = self.context.put_values(&mut items, values)?;
        let leaves = self.migrated_leaves(kind, &items, rest);
        let rewrite = |state| {
            let (first, state) = self.without_gap(&leaf, kind, state);
            self.rewrite(Rewrite {
                path,
                removed: 1,
                pages: vec![leaf.page],
                listed: leaf::listed(bytes.as_slice()).on_page(self.root(), leaf.page)?,
                leaves,
                first,
                state,
            })
        };
        self.context.finish_migration(migrated, rewrite)?;
        Ok(rest.is_none())
    }

    /// Builds leaves of values. Those before `rest`, or all if it is `None`, are in the current
    /// layout.
    fn migrated_leaves(&self, kind: LeafKind, items: &[OwnedCell<'_>], rest: Option<usize>) -> Vec<NewLeaf> {
        let pieces = match (rest, kind) {
            (Some(rest), LeafKind::Array { layout, width }) => {
                let (new, old) = items.split_at(rest);
                let len = old.len() as u64;
                let old: Vec<u8> = old
                    .iter()
                    .flat_map(|item| item.cell.get(..width).unwrap_or_default().iter().copied())
                    .collect();
                let bytes = leaf::array(&old, 0, width, layout, self.root().page());
                let mut pieces = self.pieces(new, Split::Even);
                pieces.push(Piece { bytes, len });
                pieces
            }
            // The node lists as many previous layouts as fit, and the current one is added.
            (Some(rest), LeafKind::Node) if !node::layouts_fit(items) => self.pieces(items, Split::At(rest)),
            _ => self.pieces(items, Split::Even),
        };
        pieces.into_iter().map(NewLeaf::Written).collect()
    }
}
