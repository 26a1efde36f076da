//! Space in a partly read leaf: claiming and freeing cells, and writing slots.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::page::{LayoutId, PAGE_SIZE};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::{MIN_CELL, SLOT, freeblock_of};
use crate::engine::leaf::reader::NodeReader;

/// The position of a layout in a leaf's table.
pub(crate) struct Tag {
    pub(crate) position: usize,
    pub(crate) is_new: bool,
}

pub(crate) fn tag_for<M: Memory>(part: &NodeReader<'_, M>, layout: LayoutId) -> Option<Tag> {
    let position = |wanted: LayoutId| part.header().layouts.iter().position(|listed| listed.get() == wanted);
    if let Some(position) = position(layout) {
        return Some(Tag { position, is_new: false });
    }
    position(LayoutId::NONE).map(|position| Tag { position, is_new: true })
}

/// Frees the bytes of a cell. The lowest cell joins the gap below it, others become freeblocks.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "counts and offsets are `u16`, and lengths are those of cells"
)]
pub(crate) fn free_cell<M: Memory>(part: &mut NodeReader<'_, M>, slot: Slot, len: usize) -> Result<()> {
    let at = slot.place();
    let header = part.header_mut();
    if slot.owns() {
        header.overflows = header.overflows.get().saturating_sub(1).into();
    }
    if at == header.cells.get() as usize {
        header.cells = ((at + len) as u16).into();
        return Ok(());
    }
    let mut freeblock = [0; MIN_CELL];
    freeblock[..2].copy_from_slice(&header.freeblock.get().to_le_bytes());
    freeblock[2..].copy_from_slice(&(len as u16).to_le_bytes());
    header.freeblock = (at as u16).into();
    header.fragmented = header.fragmented.get().saturating_add(len as u16).into();
    part.page_ref.store(at, &freeblock).ok_or_else(|| part.broken())
}

/// Claims `len` bytes for a cell and returns their offset: the first freeblock if it fits exactly,
/// or the end of the gap below all cells. Returns `None` if there is no room.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "counts and offsets are `u16`, and lengths are those of cells; `lowest` is compared first"
)]
pub(crate) fn claim_cell<M: Memory>(
    part: &mut NodeReader<'_, M>,
    len: usize,
    more_slots: usize,
) -> Result<Option<usize>> {
    let slots_end = HEADER_SIZE + SLOT * (part.count() + more_slots);
    let lowest = part.header().cells.get() as usize;
    if slots_end > lowest {
        return Ok(None);
    }
    if lowest > PAGE_SIZE {
        return Err(part.pager.damaged(part.page, Damage::CellOutOfRange));
    }
    let freeblock = part.header().freeblock.get() as usize;
    if freeblock != 0 {
        if freeblock < lowest {
            return Err(part.pager.damaged(part.page, Damage::FreeblockOutOfRange));
        }
        let bytes = part.load(freeblock, MIN_CELL)?;
        let [next, freeblock_len] = bytes.first_chunk().copied().map_or([0; 2], freeblock_of);
        if freeblock_len as usize == len {
            if freeblock + len > PAGE_SIZE {
                return Err(part.pager.damaged(part.page, Damage::CellOutOfRange));
            }
            part.header_mut().freeblock = next.into();
            part.header_mut().fragmented =
                part.header().fragmented.get().saturating_sub(freeblock_len).into();
            return Ok(Some(freeblock));
        }
    }
    if lowest - slots_end < len {
        return Ok(None);
    }
    part.header_mut().cells = ((lowest - len) as u16).into();
    Ok(Some(lowest - len))
}

/// Writes a slot and the counts of the header. A new slot moves those after it.
#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "`slots` is the range that is stored, and has a slot")]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "counts and offsets are `u16`, and lengths are those of cells; `index` is at most the count"
)]
pub(crate) fn write_slot<M: Memory>(
    part: &mut NodeReader<'_, M>,
    index: usize,
    slot: Slot,
    new: bool,
) -> Result<()> {
    let at = HEADER_SIZE + SLOT * index;
    let mut end = at + SLOT;
    if new {
        end += SLOT * (part.count() - index);
        part.move_slots(index, index + 1)?;
        part.header_mut().count = (part.header().count.get() + 1).into();
    }
    let Some(slots) = part.bytes.get_mut(at..end) else { return Err(part.broken()) };
    slots[..SLOT].copy_from_slice(&slot.0.to_le_bytes());
    part.page_ref.store(at, &part.bytes[at..end]).ok_or_else(|| part.broken())?;
    part.write_counts()
}
