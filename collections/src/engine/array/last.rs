//! The last array, which counts its values itself once values are added or removed there
//! repeatedly. Then a push is one write: the value, with the new count after it.
//!
//! While it counts, the root's own counts are as old as the record in the root's extra bytes. All
//! other changes of the number of values end this first, with [`Sequence::uncount`].

use graven_core::page::array::{self, COUNT_LEN};
use graven_core::page::branch::BranchHeader;
use graven_core::page::{Kind, PAGE_SIZE, PageNumber, PageOffset};
use graven_core::simd::copy;
use graven_core::store::{LAST_AT, LastArray, OnPage};
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::array::arrays::Run;
use crate::engine::array::branch;
use crate::engine::array::branch::Entry;
use crate::engine::array::leaf::{ARRAY_AT, capacity};
use crate::engine::array::path::Step;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::{Counting, Leaf};

/// Evaluates an expression with arbitrary bytes, enough for a value of an array and its count. Few
/// bytes are on the stack, in a buffer that is not much larger, since it is zeroed first. This is a
/// macro, because a closure with several callers is not inlined, and the size is no constant in it.
macro_rules! with_buffer {
    ($pager:expr, $size:expr, |$bytes:ident| $work:expr) => {
        $crate::engine::array::with_buffer!($pager, $size, |$bytes| $work, 8 10 16 18 64 66)
    };
    ($pager:expr, $size:expr, |$bytes:ident| $work:expr, $($n:literal)*) => {
        $(if $size <= $n {
            let mut bytes = [0; $n];
            let $bytes = bytes.split_at_mut($size).0;
            $work
        } else)* {
            $pager.with_scratch(|bytes| {
                let $bytes = bytes.split_at_mut($size).0;
                $work
            })
        }
    };
}

pub(crate) use with_buffer;

/// The bytes of a value, or a value that is encoded.
pub(crate) trait EncodeTo {
    /// Writes the value over bytes of its length.
    fn encode_to(self, bytes: &mut [u8]);
}

impl EncodeTo for &[u8] {
    #[inline(always)]
    fn encode_to(self, bytes: &mut [u8]) {
        copy(bytes, self);
    }
}

impl<M: Memory> Sequence<M> {
    /// Adds a value of `size` bytes after all others, with the new count behind it. Returns `false`
    /// if the last array does not count its values or has no room.
    #[inline(always)]
    pub(crate) fn push_last(&self, size: usize, value: impl EncodeTo) -> bool {
        let Some((at, slot)) = self.tail.get().find_in_array(self.len(), size) else { return false };
        with_buffer!(self.root().pager(), size + COUNT_LEN, |bytes| {
            let (place, count) = bytes.split_at_mut(size);
            value.encode_to(place);
            copy(count, &array::count(slot + 1));
            self.root().pager().write_value(at, bytes);
        });
        self.root().count_on_heap(1, size as i64);
        true
    }

    /// Returns the address and the slot of the last value, if its array counts its values and has
    /// others.
    #[inline(always)]
    pub(crate) fn last_value(&self, size: usize) -> Option<(PageOffset, u64)> {
        let last = self.len().wrapping_sub(1);
        let found = self.top.get().find_in_array(last, size)?;
        (last > 0 && found.1 > 0).then_some(found)
    }

    /// Removes the last value, whose address and slot [`Sequence::last_value`] has returned. Writes
    /// the new count there, and zeros up to the end of the old one.
    #[inline(always)]
    pub(crate) fn drop_last(&self, (at, slot): (PageOffset, u64), size: usize) {
        with_buffer!(self.root().pager(), size + COUNT_LEN, |bytes| {
            let (count, rest) = bytes.split_at_mut(COUNT_LEN);
            copy(count, &array::count(slot));
            rest.fill(0);
            self.root().pager().write_value(at, bytes);
        });
        self.root().count_on_heap(-1, -(size as i64));
    }

    /// Returns `true` if the last array counts its values, or shall do so from now on, since a
    /// value was added or removed at the same end before. `change` is 1 or -1.
    pub(crate) fn shall_count(&self, last: &Leaf, change: i64) -> bool {
        let end = self.end();
        let before = self.worked_at.replace(end.wrapping_add_signed(change));
        self.counting.get().page == last.page || before == end
    }

    /// Lets the last array count its values, and caches it.
    pub(crate) fn count_in(&self, last: &Leaf, width: usize) -> Result<()> {
        let (pager, count) = (self.root().pager(), self.end().saturating_sub(last.start));
        if count == 0 || count > capacity(width) {
            return Err(self.root().damaged(last.page, Damage::LengthMismatch));
        }
        let at = ARRAY_AT + count as usize * width;
        if self.counting.get().page == last.page {
            let mut found = [0; COUNT_LEN];
            pager.read(last.page, at, &mut found)?;
            if found != array::count(count) || self.counting.get().start != last.start {
                return Err(self.root().damaged(last.page, Damage::ArrayCount));
            }
        } else {
            let mut rest = vec![0; PAGE_SIZE - at];
            copy(rest.split_at_mut(COUNT_LEN).0, &array::count(count));
            pager.write(last.page, at, &rest)?;
            self.uncount()?;
            self.set_counting(Counting { page: last.page, start: last.start })?;
        }
        self.cache_tail(last.page, last.start, width)
    }

    /// Caches the last array.
    fn cache_tail(&self, page: PageNumber, start: u64, width: usize) -> Result<()> {
        let first = start.wrapping_sub(self.first.get());
        self.tail.set(Run::of_array(self.root().pager(), page, first, width)?);
        self.top.take();
        Ok(())
    }

    /// Prepares the cached last array for removals.
    pub(crate) fn open_top(&self, last: &Leaf) {
        self.arrays.cut_run(last.start, self.zero());
        self.top.set(self.tail.get());
    }

    /// Forgets the last array.
    pub(crate) fn forget_tail(&self) {
        self.tail.take();
        self.top.take();
    }

    /// Records that an array counts its values. The root's counts must be up to date, and the count
    /// written.
    pub(crate) fn set_counting(&self, array: Counting) -> Result<()> {
        let count = self.end().saturating_sub(array.start) as u16;
        let record = LastArray { page: array.page.into(), start: array.start.into(), count: count.into() };
        self.root().write_extra(LAST_AT, record.as_bytes())?;
        self.counting.set(array);
        Ok(())
    }

    /// Brings the root's counts up to date. From then on no array counts its values.
    pub(crate) fn uncount(&self) -> Result<()> {
        if self.counting.get().page.is_none() {
            return Ok(());
        }
        self.root().write_extra(LAST_AT, PageNumber::NONE.to_le_bytes().as_slice())?;
        self.root().write_counts();
        self.counting.set(Counting::default());
        self.forget_tail();
        Ok(())
    }

    /// Adds an array with a first value after the last leaf, if that is a full array and its branch
    /// has room. Writes its header, the value and a count, an entry of the branch, and the root's
    /// state. The other arrays stay cached. Returns `false` if the value has to be added in another
    /// way.
    #[expect(clippy::indexing_slicing, reason = "a value of an array is not longer than a page")]
    pub(crate) fn add_array(&self, step: &Step, last: &Leaf, value: &[u8]) -> Result<bool> {
        let Some(width) = self.width.filter(|width| self.uniform.get() && value.len() == *width) else {
            return Ok(false);
        };
        let (root, pager) = (self.root(), self.root().pager());
        let added = self.context.nodes.with_branch(step.page, |node| {
            let (bytes, level) = (node.bytes(), step.level);
            self.check_branch(step.page, bytes)?;
            let Some(child) = branch::child(bytes, level, step.index).on_page(self.root(), step.page)? else {
                return Ok(None);
            };
            if child.child != last.page
                || branch::child(bytes, level, step.index + 1).on_page(self.root(), step.page)?.is_some()
            {
                return Ok(None);
            }
            // The page number is set once the page is allocated.
            let entry = Entry { child: PageNumber::NONE, start: child.start.saturating_add(last.len()) };
            branch::added(bytes, level, entry).on_page(self.root(), step.page)
        })?;
        let Some([(entry_at, mut entry), (count_at, count)]) = added else { return Ok(false) };
        let fresh = pager.heads().pages.get();
        let page = pager.allocate()?;
        root.count_pages(root.current(), 1)?;
        let header = BranchHeader::new(Kind::Array, 0, root.current().get(), width as u16, root.page());
        pager.with_scratch(|bytes| {
            bytes[..ARRAY_AT].copy_from_slice(header.as_bytes());
            let end = ARRAY_AT + width + COUNT_LEN;
            copy(&mut bytes[ARRAY_AT..end - COUNT_LEN], value);
            bytes[end - COUNT_LEN..end].copy_from_slice(&array::count(1));
            if page.get() >= fresh {
                return pager.write(page, 0, &bytes[..end]);
            }
            // A page that was used before is not all zeros.
            bytes[end..].fill(0);
            pager.write(page, 0, bytes.as_slice())
        })?;
        entry.iter_mut().zip(page.to_le_bytes()).for_each(|(to, byte)| *to = byte);
        self.context.nodes.patch(step.page, entry_at, &entry)?;
        self.context.nodes.patch(step.page, count_at, &count)?;
        let mut state = self.counted(1, width as i64, None);
        state.add_pages(1);
        root.set_state(state)?;
        self.set_counting(Counting { page, start: last.end })?;
        self.cache_tail(page, last.end, width)?;
        let array = pager.locate_offset(page, ARRAY_AT, capacity(width) as usize * width)?;
        self.arrays.add(array, last.end, self.zero(), capacity(width));
        Ok(true)
    }

    /// Checks the count of the last array.
    pub(crate) fn verify_count(&self, last: &Leaf) -> Result<()> {
        let counting = self.counting.get();
        if counting.page.is_none() {
            return Ok(());
        }
        let (count, width) = self.root().pager().count_array(counting.page)?;
        let is_last = (counting.page, counting.start) == (last.page, last.start);
        if is_last && last.end.checked_sub(last.start) == Some(count) && count <= capacity(width) {
            return Ok(());
        }
        Err(self.root().damaged(counting.page, Damage::ArrayCount))
    }
}
