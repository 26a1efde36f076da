//! The cells of a whole node as a list.

use std::borrow::Cow;

use graven_core::page::node::{NO_LAYOUT, NodeHeader};
use graven_core::page::{Kind, PageBytes};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::{CellFormat, CellHead, Form, MIN_CELL, ROOM};
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::node::{OwnedCell, cell, header, is_fixed, size_of, slot};

impl<M: Memory> LeafContext<M> {
    /// Checks that a page whose header was read is a leaf of this tree.
    pub(crate) fn expect_leaf(&self, page: u32, header: &NodeHeader) -> Result<()> {
        if header.kind != Kind::Node as u8 || header.level != 0 {
            return Err(self.root.damaged(page, Damage::WrongKind));
        }
        if header.owner.get() != self.root.page() {
            return Err(self.root.damaged(page, Damage::WrongOwner));
        }
        Ok(())
    }

    /// Returns all cells of a whole leaf, in order.
    pub(crate) fn leaf_items<'a>(&self, page: u32, bytes: &'a PageBytes) -> Result<Vec<OwnedCell<'a>>> {
        self.expect_leaf(page, NodeHeader::of(bytes))?;
        self.items(page, bytes)
    }

    /// Returns all cells of a whole node, in order.
    pub(crate) fn items<'a>(&self, page: u32, bytes: &'a PageBytes) -> Result<Vec<OwnedCell<'a>>> {
        let damaged = |reason| self.root.damaged(page, reason);
        let header = header(bytes).map_err(damaged)?;
        if header.kind != Kind::Node as u8 || header.owner.get() != self.root.page() {
            return Err(self.root.damaged(page, Damage::WrongOwner));
        }
        let count = header.count.get() as usize;
        let mut items = Vec::with_capacity(count.min(ROOM));
        let constant = match (header.level, self.sizes.key, self.sizes.value) {
            (0, Some(key), Some(value)) if is_fixed(&header, self.root.current()) => Some(key + value),
            (1.., Some(key), _) => Some(key + 4),
            _ => None,
        };
        if let Some(len) = constant {
            let (layout, owns) =
                if header.level > 0 { (NO_LAYOUT, true) } else { (self.root.current(), false) };
            for index in 0..count {
                let place = slot(bytes, index, count).map_err(damaged)?.place();
                let cell = bytes.get(place..).and_then(|rest| rest.get(..len.max(MIN_CELL)));
                let cell = cell.ok_or_else(|| damaged(Damage::CellOutOfRange))?;
                items.push(OwnedCell { cell: Cow::Borrowed(cell), layout, owns });
            }
            return Ok(items);
        }
        for index in 0..count {
            let slot = slot(bytes, index, count).map_err(damaged)?;
            let (layout, format) = if header.level == 0 {
                let layout = header.layout_of(slot);
                (layout, self.leaf_format(self.sizes, page, slot, layout)?)
            } else {
                (NO_LAYOUT, self.inner_format())
            };
            let (_, cell) = cell(bytes, slot, format).map_err(damaged)?;
            items.push(OwnedCell {
                cell: Cow::Borrowed(cell),
                layout,
                owns: slot.owns() || header.level > 0,
            });
        }
        if size_of(&items) > ROOM {
            return Err(self.root.damaged(page, Damage::CellsOverlap));
        }
        Ok(items)
    }

    /// Returns the header of an item's cell in a node of `level`.
    pub(crate) fn item_head(&self, level: u8, item: &OwnedCell<'_>) -> Result<CellHead> {
        let format = match (level, item.owns) {
            (0, false) => {
                let size = self.root.size_of(item.layout, self.root.page())?;
                CellFormat { key_size: self.sizes.key, form: Form::Inline(size) }
            }
            (0, true) => CellFormat { key_size: self.sizes.key, form: Form::Overflow },
            _ => self.inner_format(),
        };
        let broken = || self.root.damaged(self.root.page(), Damage::CellTooShort);
        format.head(&item.cell).ok_or_else(broken)
    }

    /// Returns the key of an item.
    pub(crate) fn item_key<'a>(&self, level: u8, item: &'a OwnedCell<'_>) -> Result<&'a [u8]> {
        let head = self.item_head(level, item)?;
        let broken = || self.root.damaged(self.root.page(), Damage::CellTooShort);
        item.cell.get(head.key()).ok_or_else(broken)
    }
}
