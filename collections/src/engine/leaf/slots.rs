//! Space inside a leaf of which just parts have been read: claiming and freeing cells, writing
//! slots.

use graven_core::page::PAGE_SIZE;
use graven_core::page::node::{HEADER_SIZE, NO_LAYOUT, Slot};
use graven_core::{Error, Memory, Result};

use crate::engine::cell::{MIN_CELL, SLOT};
use crate::engine::leaf::reader::NodeReader;

/// Position of a layout in a leaf's table.
pub(crate) struct Tag {
    pub(crate) position: usize,
    pub(crate) is_new: bool,
}

pub(crate) fn tag_for<M: Memory>(part: &NodeReader<'_, M>, layout: u16) -> Option<Tag> {
    let position = |wanted: u16| part.header().layouts.iter().position(|listed| listed.get() == wanted);
    if let Some(position) = position(layout) {
        return Some(Tag { position, is_new: false });
    }
    position(NO_LAYOUT).map(|position| Tag { position, is_new: true })
}

/// Gives a cell's bytes back: the lowest one to the gap below it, others as a hole.
pub(crate) fn free_cell<M: Memory>(part: &mut NodeReader<'_, M>, slot: Slot, len: usize) -> Result<()> {
    let at = slot.place();
    let header = part.header_mut();
    if slot.owns() {
        header.refs = header.refs.get().saturating_sub(1).into();
    }
    if at == header.cells.get() as usize {
        header.cells = ((at + len) as u16).into();
        return Ok(());
    }
    let mut hole = [0; MIN_CELL];
    hole[..2].copy_from_slice(&header.hole.get().to_le_bytes());
    hole[2..].copy_from_slice(&(len as u16).to_le_bytes());
    header.hole = (at as u16).into();
    header.garbage = header.garbage.get().saturating_add(len as u16).into();
    part.pager.put(part.located, at, &hole).ok_or_else(|| part.broken())
}

/// Finds `len` bytes for a cell: the first hole if it fits exactly, or the gap below all cells.
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
        return Err(Error::Damaged { page: part.page, why: "its cells begin behind its end" });
    }
    let hole = part.header().hole.get() as usize;
    if hole != 0 {
        if hole < lowest {
            return Err(Error::Damaged { page: part.page, why: "a hole is not among the cells" });
        }
        let bytes = part.load(hole, MIN_CELL)?;
        let next = u16::from_le_bytes([bytes[0], bytes[1]]);
        let hole_len = u16::from_le_bytes([bytes[2], bytes[3]]);
        if hole_len as usize == len {
            if hole + len > PAGE_SIZE {
                return Err(Error::Damaged { page: part.page, why: "a cell reaches beyond its node" });
            }
            part.header_mut().hole = next.into();
            part.header_mut().garbage = part.header().garbage.get().saturating_sub(hole_len).into();
            return Ok(Some(hole));
        }
    }
    if lowest - slots_end < len {
        return Ok(None);
    }
    part.header_mut().cells = ((lowest - len) as u16).into();
    Ok(Some(lowest - len))
}

/// Writes a slot, moving those behind it if it is a new one, and the header.
#[inline(always)]
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
    part.pager.put(part.located, at, &part.bytes[at..end]).ok_or_else(|| part.broken())?;
    part.write_counts()
}
