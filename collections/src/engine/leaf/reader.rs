//! A reader of parts of a node, usually a leaf, that reads no more than a search needs.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use graven_core::key::KeyBuf;
use graven_core::page::node::{HEADER_COUNTS, HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, PageBytes, PageNumber, PageRef, Pager};
use graven_core::{Damage, Error, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::cell::ValueLocation;
use crate::engine::cell::{CellFormat, CellHead, ROOM, SLOT, Sizes};
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::fixed::FixedCells;
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::fixed::slot_in_order;
use crate::engine::leaf::node;
use crate::engine::leaf::path::DescentPath;

/// A partly read node. Each part that was read is at its offset in `bytes`.
pub(crate) struct NodeReader<'a, M> {
    pub(crate) pager: &'a Pager<M>,
    pub(crate) page: PageNumber,
    pub(crate) bytes: &'a mut PageBytes,
    pub(crate) page_ref: PageRef<'a, M>,
    pub(crate) path: DescentPath,
    /// The range of slots that have been read.
    slots: (usize, usize),
}

/// The number of slots read together around the one needed. A search that interpolates well stays
/// among them.
const WINDOW: usize = 24;

#[expect(
    clippy::arithmetic_side_effects,
    reason = "counts and offsets are `u16`, and lengths are those of cells"
)]
impl<'a, M: Memory> NodeReader<'a, M> {
    /// Reads the header of a leaf of which nothing else is known.
    #[inline]
    pub(crate) fn open(
        pager: &'a Pager<M>,
        owner: PageNumber,
        page: PageNumber,
        bytes: &'a mut PageBytes,
    ) -> Result<Self> {
        NodeReader::open_node(pager, owner, DescentPath::to(page), bytes)
    }

    /// Reads the header of the node that a descent has reached.
    #[inline(always)]
    pub(crate) fn open_node(
        pager: &'a Pager<M>,
        owner: PageNumber,
        path: DescentPath,
        bytes: &'a mut PageBytes,
    ) -> Result<Self> {
        let page = path.page;
        let page_ref = pager.page(page)?;
        page_ref.load(bytes, 0, HEADER_SIZE).ok_or_else(|| not_of_level(pager, path))?;
        let header = NodeHeader::of(bytes);
        let slots = header.count.get() as usize * SLOT;
        if header.kind != Kind::Node as u8 || u32::from(header.level) != path.level || slots > ROOM {
            return Err(not_of_level(pager, path));
        }
        if header.owner.get() != owner {
            return Err(pager.damaged(page, Damage::WrongOwner));
        }
        Ok(NodeReader { pager, page, bytes, page_ref, path, slots: (0, 0) })
    }

    /// Returns a reader of a leaf of which nothing is read but the count, which is known.
    #[inline(always)]
    pub(crate) fn with_count(
        pager: &'a Pager<M>,
        page: PageNumber,
        bytes: &'a mut PageBytes,
        count: usize,
    ) -> Result<Self> {
        NodeHeader::of_mut(bytes).count = (count as u16).into();
        let (page_ref, path) = (pager.page(page)?, DescentPath::to(page));
        Ok(NodeReader { pager, page, bytes, page_ref, path, slots: (0, 0) })
    }

    /// Returns the header.
    #[inline(always)]
    pub(crate) fn header(&self) -> &NodeHeader {
        NodeHeader::of(self.bytes)
    }

    #[inline(always)]
    pub(crate) fn header_mut(&mut self) -> &mut NodeHeader {
        NodeHeader::of_mut(self.bytes)
    }

    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.header().count.get() as usize
    }

    /// Returns the slot of an entry. In a leaf of fixed cells it stands for the cell.
    #[inline(always)]
    pub(crate) fn slot(&mut self, index: usize) -> Result<Slot> {
        if self.header().cell_len() > 0 {
            return self.fixed_slot(index);
        }
        self.slots_around(index)?;
        node::slot(self.bytes, index, self.count()).map_err(|reason| self.pager.damaged(self.page, reason))
    }

    /// Reads a slot and others around it, unless it has been read.
    #[inline(always)]
    pub(crate) fn slots_around(&mut self, index: usize) -> Result<()> {
        if index < self.slots.0 || index >= self.slots.1 {
            self.load_slots(index.saturating_sub(WINDOW / 2), WINDOW)?;
        }
        Ok(())
    }

    /// Returns the offset of the cell in a slot, or `None` if the page has no such slot. Reads the
    /// slot and others around it if needed.
    #[inline(always)]
    pub(crate) fn place(&mut self, index: usize) -> Option<usize> {
        if index < self.slots.0 || index >= self.slots.1 {
            let from = index.saturating_sub(WINDOW / 2);
            let to = (from + WINDOW).min(self.count());
            self.slots = (from, to);
            let len = SLOT * to.saturating_sub(from);
            self.page_ref.load(self.bytes, HEADER_SIZE + SLOT * from, len)?;
        }
        Slot::at(self.bytes, index).map(Slot::place)
    }

    /// Returns the slot that stands for an entry of a leaf of fixed cells.
    #[inline(never)]
    fn fixed_slot(&mut self, index: usize) -> Result<Slot> {
        let fixed = FixedCells::in_leaf(self.header());
        self.load(fixed.order_at(index), fixed.width())?;
        slot_in_order(self.bytes, index).map_err(|reason| self.pager.damaged(self.page, reason))
    }

    /// Reads at most `most` slots.
    #[inline(never)]
    pub(crate) fn load_slots(&mut self, from: usize, most: usize) -> Result<()> {
        let to = (from + most).min(self.count());
        self.load(HEADER_SIZE + SLOT * from, SLOT * to.saturating_sub(from))?;
        self.slots = (from, to);
        Ok(())
    }

    /// Moves all slots from index `from` on to index `to`.
    #[inline(always)]
    pub(crate) fn move_slots(&mut self, from: usize, to: usize) -> Result<()> {
        let count = self.count();
        if from < count {
            // Read again, straight to the new offset: moving what was read would cost more.
            let (from_at, to_at) = (HEADER_SIZE + SLOT * from, HEADER_SIZE + SLOT * to);
            let slots = self.bytes.get_mut(to_at..to_at + SLOT * (count - from));
            let moved = slots.and_then(|slots| self.page_ref.read(from_at, slots).ok());
            moved.ok_or_else(|| self.pager.damaged(self.page, Damage::CellsOverlap))?;
        }
        self.slots = (0, 0);
        Ok(())
    }

    /// Reads `len` bytes at offset `at` and returns them.
    #[inline(never)]
    pub(crate) fn load(&mut self, at: usize, len: usize) -> Result<&[u8]> {
        let page = self.page;
        let read = self.page_ref.load(self.bytes, at, len);
        read.ok_or_else(|| self.pager.damaged(page, Damage::CellOutOfRange))
    }

    /// Returns the format of the cell in a slot.
    #[inline(always)]
    pub(crate) fn format(&self, context: &LeafContext<M>, sizes: Sizes, slot: Slot) -> Result<CellFormat> {
        context.leaf_format(sizes, self.page, slot, self.header().layout_of(slot))
    }

    /// Returns the header of the cell at an offset.
    #[inline(always)]
    pub(crate) fn head(&mut self, format: CellFormat, at: usize) -> Result<CellHead> {
        let page = self.page;
        let bytes = if format.prefix() == 0 { &[] } else { self.load(at, format.prefix())? };
        format.head(bytes).ok_or_else(|| self.pager.damaged(page, Damage::CellTooShort))
    }

    /// Writes the counts of the header, which change when entries are added or removed.
    #[inline(always)]
    pub(crate) fn write_counts(&self) -> Result<()> {
        let counts = self.header().as_bytes().split_at(HEADER_COUNTS).0;
        self.page_ref.store(0, counts).ok_or_else(|| self.broken())
    }

    #[cold]
    pub(crate) fn broken(&self) -> Error {
        self.pager.damaged(self.page, Damage::SlotOutOfRange)
    }

    /// Returns the key in a slot and the header of its cell.
    pub(crate) fn key(&mut self, context: &LeafContext<M>, index: usize) -> Result<(KeyBuf, CellHead)> {
        let slot = self.slot(index)?;
        let format = self.format(context, context.sizes, slot)?;
        let head = self.head(format, slot.place())?;
        let key = self.load(slot.place() + head.prefix, head.key_len)?;
        Ok((KeyBuf::from(key), head))
    }

    /// Returns the header of the cell in a slot.
    pub(crate) fn entry(&mut self, context: &LeafContext<M>, index: usize) -> Result<CellHead> {
        if index >= self.count() {
            return Err(self.broken());
        }
        let slot = self.slot(index)?;
        let format = self.format(context, context.sizes, slot)?;
        self.head(format, slot.place())
    }

    /// Returns the value in a slot.
    #[inline(always)]
    pub(crate) fn found(&mut self, index: usize, head: &CellHead) -> Result<StoredValue<'_>> {
        let slot = self.slot(index)?;
        let (page, layout) = (self.page, self.header().layout_of(slot));
        let value = if slot.owns() {
            ValueRef::Overflow { page: head.page, len: head.value_len }
        } else {
            let value = head.value();
            let at = slot.place() + value.start;
            ValueRef::Inline(self.load(at, value.len())?)
        };
        Ok(StoredValue { page, layout, value })
    }

    /// Returns the location of the value in a slot.
    #[inline(always)]
    pub(crate) fn location(&mut self, index: usize, head: &CellHead) -> Result<ValueLocation> {
        let slot = self.slot(index)?;
        let (page, layout) = (self.page, self.header().layout_of(slot));
        if slot.owns() {
            return Ok(ValueLocation::in_overflow(page, layout, head.page, head.value_len));
        }
        ValueLocation::in_page(page, layout, slot.place() + head.value().start, head.value_len)
            .map_err(|reason| self.pager.damaged(page, reason))
    }
}

/// Returns the error for a page that is not a node of the level that a descent has reached.
#[cold]
pub(crate) fn not_of_level<M: Memory>(pager: &Pager<M>, path: DescentPath) -> Error {
    pager.damaged(path.page, if path.level == 0 { Damage::WrongKind } else { Damage::WrongLevel })
}
