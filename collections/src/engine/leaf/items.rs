//! The cells of a whole node as a list.

use std::borrow::Cow;

use graven_core::page::node::{NodeHeader, PAGE_LAYOUTS};
use graven_core::page::{Kind, LayoutId, PageBytes, PageNumber};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::{CellFormat, CellHead, Form, MIN_CELL, ROOM, Sizes};
use crate::engine::fixed::FixedCells;
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::fixed::slot_in_order;
use crate::engine::leaf::node::{OwnedCell, cell, header, size_of, slot};

impl<M: Memory> LeafContext<M> {
    /// Checks that a page whose header was read is a leaf of this tree.
    pub(crate) fn expect_leaf(&self, page: PageNumber, header: &NodeHeader) -> Result<()> {
        if header.kind != Kind::Node as u8 || header.level != 0 {
            return Err(self.root.damaged(page, Damage::WrongKind));
        }
        if header.owner.get() != self.root.page() {
            return Err(self.root.damaged(page, Damage::WrongOwner));
        }
        Ok(())
    }

    /// Returns all cells of a whole leaf, in order.
    pub(crate) fn leaf_items<'a>(
        &self,
        page: PageNumber,
        bytes: &'a PageBytes,
    ) -> Result<Vec<OwnedCell<'a>>> {
        self.expect_leaf(page, NodeHeader::of(bytes))?;
        self.items(page, bytes)
    }

    /// Returns all cells of a whole node, in order.
    pub(crate) fn items<'a>(&self, page: PageNumber, bytes: &'a PageBytes) -> Result<Vec<OwnedCell<'a>>> {
        let damaged = |reason| self.root.damaged(page, reason);
        let header = header(bytes).map_err(damaged)?;
        if header.kind != Kind::Node as u8 || header.owner.get() != self.root.page() {
            return Err(self.root.damaged(page, Damage::WrongOwner));
        }
        let count = header.count.get() as usize;
        let mut items = Vec::with_capacity(count.min(ROOM));
        if header.cell_len() > 0 {
            return self.fixed_items(page, bytes, items);
        }
        let lens = self.constant_lens(page, &header);
        for index in 0..count {
            let slot = slot(bytes, index, count).map_err(damaged)?;
            let is_inline = header.level == 0 && !slot.owns();
            let layout = if header.level == 0 { header.layout_of(slot) } else { LayoutId::NONE };
            let len =
                if is_inline || header.level > 0 { lens.get(slot.tag()).copied().flatten() } else { None };
            let cell = match len {
                Some(len) => bytes.get(slot.place()..).and_then(|rest| rest.get(..len)),
                None => {
                    let format = match header.level {
                        0 => self.leaf_format(self.sizes, page, slot, layout)?,
                        _ => self.inner_format(),
                    };
                    Some(cell(bytes, slot, format).map_err(damaged)?.1)
                }
            };
            let cell = Cow::Borrowed(cell.ok_or_else(|| damaged(Damage::CellOutOfRange))?);
            items.push(OwnedCell { cell, layout, owns: !is_inline });
        }
        if size_of(&items) > ROOM {
            return Err(self.root.damaged(page, Damage::CellsOverlap));
        }
        Ok(items)
    }

    /// Returns the lengths of a node's cells by the tags of their slots, where they are constant.
    /// In leaves they are those of cells with the value inside.
    fn constant_lens(&self, page: PageNumber, header: &NodeHeader) -> [Option<usize>; PAGE_LAYOUTS] {
        header.layouts.map(|layout| {
            let rest = match header.level {
                0 => self.root.size_of(layout.get(), page).ok().flatten()?,
                _ => 4,
            };
            self.sizes.key.map(|key| (key + rest).max(MIN_CELL))
        })
    }

    /// Adds the cells of a leaf of fixed cells to a list, in order.
    fn fixed_items<'a>(
        &self,
        page: PageNumber,
        bytes: &'a PageBytes,
        mut items: Vec<OwnedCell<'a>>,
    ) -> Result<Vec<OwnedCell<'a>>> {
        let damaged = |reason| self.root.damaged(page, reason);
        let header = NodeHeader::of(bytes);
        let (layout, len) = (header.layouts[0].get(), header.cell_len());
        let sizes = Sizes { key: self.sizes.key, value: self.root.size_of(layout, page)? };
        let fixed = FixedCells::of_leaf(sizes).filter(|fixed| fixed.are_in(header, layout));
        let fixed = fixed.filter(|fixed| usize::from(header.count) <= fixed.places && header.level == 0);
        fixed.ok_or_else(|| damaged(Damage::CellTooShort))?;
        for index in 0..usize::from(header.count) {
            let place = slot_in_order(bytes, index).map_err(damaged)?.place();
            let cell = bytes.get(place..).and_then(|rest| rest.get(..len));
            let cell = cell.ok_or_else(|| damaged(Damage::CellOutOfRange))?;
            items.push(OwnedCell { cell: Cow::Borrowed(cell), layout, owns: false });
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
