//! Buffers of a page's size that operations borrow, so that none allocates one.

use ic_stable_structures::Memory;

use super::{Aligned, PAGE_SIZE, PageBytes, Pager};

impl<M: Memory> Pager<M> {
    /// Calls `work` with a buffer of a page's size and arbitrary content. Returns what `work`
    /// returns.
    #[inline(always)]
    pub fn with_scratch<R>(&self, work: impl FnOnce(&mut PageBytes) -> R) -> R {
        let mut scratch = self.take_scratch();
        let result = work(&mut scratch.0);
        self.put_scratch(scratch);
        result
    }

    /// Takes and returns the buffer of [`Pager::with_scratch`]. Hot paths use it instead of a
    /// closure: a closure with several callers is not inlined, so the sizes of keys and values are
    /// not constants in it.
    #[inline(always)]
    #[must_use]
    pub fn take_scratch(&self) -> Box<Aligned> {
        self.scratch.take().unwrap_or_else(|| Box::new(Aligned([0; PAGE_SIZE])))
    }

    /// Stores the buffer for the next operation.
    #[inline(always)]
    pub fn put_scratch(&self, scratch: Box<Aligned>) {
        self.scratch.set(Some(scratch));
    }

    /// Like [`Pager::with_scratch`], but lends another buffer.
    #[inline]
    pub fn with_spare<R>(&self, work: impl FnOnce(&mut PageBytes) -> R) -> R {
        let mut spare = self.take_spare();
        let result = work(&mut spare);
        self.put_spare(spare);
        result
    }

    /// Takes and returns the buffer of [`Pager::with_spare`].
    #[must_use]
    pub fn take_spare(&self) -> Box<PageBytes> {
        self.spare.take().unwrap_or_else(|| Box::new([0; PAGE_SIZE]))
    }

    /// Stores the buffer for the next operation.
    pub fn put_spare(&self, spare: Box<PageBytes>) {
        self.spare.set(Some(spare));
    }
}
