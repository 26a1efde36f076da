//! Insertion and removal of one cell in a leaf, without moving others.

use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::page::{PAGE_SIZE, PageNumber};
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::cell::{CellFormat, CellHead, SLOT};
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::reader::NodeReader;
use crate::engine::leaf::slots::{claim_cell, free_cell, tag_for, write_slot};

impl<M: Memory> LeafContext<M> {
    /// Writes a cell if there is room for it without moving others. Returns `false` if there is
    /// none.
    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        reason = "`whole_slot` and `claim_cell` return cells that are in the page"
    )]
    pub(crate) fn put_in_place(
        &self,
        part: &mut NodeReader<'_, M>,
        index: usize,
        old: Option<CellHead>,
        format: CellFormat,
        key: &[u8],
        value: &[u8],
    ) -> Result<bool> {
        if part.header().cell_len() > 0 {
            return Ok(false);
        }
        let Some(tag) = tag_for(part, self.root.current()) else { return Ok(false) };
        let len = format.len(key.len(), value.len());
        let old_slot = match &old {
            Some(head) => Some(whole_slot(part, index, head)?),
            None => None,
        };
        let in_place = old_slot.filter(|slot| {
            !slot.owns() && old.is_some_and(|head| head.cell_len() == len) && slot.tag() == tag.position
        });
        if let Some(slot) = in_place {
            let at = slot.place();
            format.write(&mut part.bytes[at..at + len], key, PageNumber::NONE, value);
            part.pager.write(part.page, at, &part.bytes[at..at + len])?;
            return Ok(true);
        }
        let Some(at) = claim_cell(part, len, usize::from(old.is_none()))? else { return Ok(false) };
        format.write(&mut part.bytes[at..at + len], key, PageNumber::NONE, value);
        part.page_ref.store(at, &part.bytes[at..at + len]).ok_or_else(|| part.broken())?;
        if tag.is_new {
            part.header_mut().layouts[tag.position] = self.root.current().into();
            part.pager.write(part.page, 0, part.header().as_bytes())?;
            self.root.count_pages(self.root.current(), 1)?;
        }
        if let (Some(slot), Some(head)) = (old_slot, &old) {
            free_cell(part, slot, head.cell_len())?;
        }
        write_slot(part, index, Slot::new(at, tag.position, false), old.is_none())?;
        Ok(true)
    }

    /// Removes a cell from a leaf and frees its overflow pages.
    #[expect(
        clippy::indexing_slicing,
        reason = "`whole_slot` has read the slot at `index`, and `move_slots` those after it"
    )]
    pub(crate) fn take_out(&self, part: &mut NodeReader<'_, M>, index: usize, head: &CellHead) -> Result<()> {
        let slot = whole_slot(part, index, head)?;
        if slot.owns() {
            let mut state = self.root.state();
            let pages = part.pager.check_overflow_of(head.page, head.value_len)?;
            part.pager.free_overflow(head.page)?;
            state.remove_pages(pages);
            self.root.set_state(state)?;
        }
        free_cell(part, slot, head.cell_len())?;
        let (at, end) = (HEADER_SIZE + SLOT * index, HEADER_SIZE + SLOT * part.count());
        part.move_slots(index + 1, index)?;
        part.header_mut().count = (part.header().count.get() - 1).into();
        part.pager.write(part.page, at, &part.bytes[at..end - SLOT])?;
        part.write_counts()?;
        self.root.count_values(-1, -(head.entry_bytes() as i64))
    }
}

/// Returns the slot of a cell that is to be replaced. Checks that the whole cell is in the page: of
/// a short cell, fewer bytes were read than it takes.
#[inline(always)]
fn whole_slot<M: Memory>(part: &mut NodeReader<'_, M>, index: usize, head: &CellHead) -> Result<Slot> {
    let slot = part.slot(index)?;
    if slot.place() + head.cell_len() > PAGE_SIZE {
        return Err(part.pager.damaged(part.page, Damage::CellOutOfRange));
    }
    Ok(slot)
}
