//! Values of a user's type in a sequence. Short ones are encoded and decoded on the stack.

use graven_core::layout::{StableLayout, kinds};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::codec::value::{self, Encoded};
use crate::engine::array::{At, End, SHORT, Sequence};
use graven_core::error::OrFail;
use graven_core::page::PageOffset;

/// Returns the size of `T` if it is fixed and short.
const fn short<T: StableLayout>() -> Option<usize> {
    match T::SIZE {
        Some(size) if size > 0 && size <= SHORT => Some(size),
        _ => None,
    }
}

/// Calls `work` with a buffer of `size` bytes, in the smallest array that holds them.
#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "the size was compared with that of the buffer")]
fn with_buffer<R>(size: usize, work: impl FnOnce(&mut [u8]) -> R) -> R {
    if size <= 8 {
        work(&mut [0; 8][..size])
    } else if size <= 16 {
        work(&mut [0; 16][..size])
    } else {
        work(&mut [0; SHORT][..size])
    }
}

/// Calls `work` with the encoding of a short value.
#[inline(always)]
fn with_bytes<T: StableLayout, R>(value: &T, size: usize, work: impl FnOnce(&[u8]) -> R) -> R {
    match kinds::encoded(value) {
        Some(bytes) => work(bytes),
        None => with_buffer(size, |bytes| {
            value.encode(bytes);
            work(bytes)
        }),
    }
}

impl<M: Memory> Sequence<M> {
    /// Returns the value at an index. Panics on damaged memory.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn get_value<T: StableLayout>(&self, index: u64) -> Option<T> {
        match self.value_in_run(index) {
            Some(value) => Some(value),
            // No closure here, so that a panic names the caller's line.
            None => self.get_elsewhere(index),
        }
    }

    /// Returns the value at an index, if its address is cached and it decodes.
    #[inline(always)]
    fn value_in_run<T: StableLayout>(&self, index: u64) -> Option<T> {
        let size = short::<T>()?;
        let at = match self.run.find(index, size) {
            Some(at) => at,
            None => self.place_in_directory(index, size)?,
        };
        self.read_short(at, size)
    }

    /// Returns the value at an address, if it decodes.
    #[inline(always)]
    fn read_short<T: StableLayout>(&self, at: PageOffset, size: usize) -> Option<T> {
        let pager = self.root().pager();
        with_buffer(size, |bytes| {
            pager.read_value(at, bytes);
            T::decode(bytes).ok()
        })
    }

    #[inline(never)]
    #[track_caller]
    fn get_elsewhere<T: StableLayout>(&self, index: u64) -> Option<T> {
        self.try_get_value(index).or_fail()
    }

    /// Returns the value at an index, or damage as an error.
    pub(crate) fn try_get_value<T: StableLayout>(&self, index: u64) -> Result<Option<T>> {
        if let Some(size) = short::<T>()
            && let Some(At { page, at }) = self.location_at(index, size)
        {
            return with_buffer(size, |bytes| {
                self.root().pager().read(page, at, bytes)?;
                T::decode(bytes).map(Some).on_page(self.root(), page)
            });
        }
        self.get_slowly(index)
    }

    #[inline(never)]
    fn get_slowly<T: StableLayout>(&self, index: u64) -> Result<Option<T>> {
        self.get(index, |found| value::decode_found(self.root(), found))
    }

    /// Sets the value at an index. Returns `false` if there is no such index.
    #[inline(always)]
    pub(crate) fn set_value<T: StableLayout>(&self, index: u64, value: &T) -> Result<bool> {
        if let Some(size) = short::<T>()
            && let Some(at) = self.run.find(index, size).or_else(|| self.place_in_directory(index, size))
        {
            with_bytes(value, size, |bytes| self.root().pager().write_value(at, bytes));
            return Ok(true);
        }
        self.set_elsewhere(index, value)
    }

    #[inline(never)]
    fn set_elsewhere<T: StableLayout>(&self, index: u64, value: &T) -> Result<bool> {
        if let Some(size) = short::<T>()
            && let Some(At { page, at }) = self.location_at(index, size)
        {
            return with_bytes(value, size, |bytes| {
                self.root().pager().write(page, at, bytes).map(|()| true)
            });
        }
        self.set_slowly(index, value)
    }

    #[inline(never)]
    fn set_slowly<T: StableLayout>(&self, index: u64, value: &T) -> Result<bool> {
        let value = Encoded::new(value)?;
        self.set(index, value.as_slice(), |_| Ok(())).map(|set| set.is_some())
    }

    /// Adds a value after all others.
    #[inline(always)]
    pub(crate) fn push_value<T: StableLayout>(&self, value: &T) -> Result<()> {
        if let Some(size) = short::<T>()
            && let Some(room) = self.end_with_room(size)
        {
            with_bytes(value, size, |bytes| self.put_behind(room, bytes));
            return Ok(());
        }
        self.push_elsewhere(value)
    }

    #[inline(never)]
    fn push_elsewhere<T: StableLayout>(&self, value: &T) -> Result<()> {
        self.push_back(Encoded::new(value)?.as_slice())
    }

    /// Removes and returns the value at an index, and moves the one from an end there. Returns
    /// `None` if there is no such index. After an error both are where they were.
    pub(crate) fn replace_from<T: StableLayout>(&self, index: u64, end: u64) -> Result<Option<T>> {
        let Some(value) = self.try_get_value::<T>(end)? else { return Ok(None) };
        let (root, value) = (self.root(), Encoded::new(&value)?);
        let removed: Option<T> =
            self.set(index, value.as_slice(), |found| value::decode_found(root, found))?;
        let Some(removed) = removed else { return Ok(None) };
        let Err(error) = self.remove_at(end) else { return Ok(Some(removed)) };
        // This needs no room, since the value was there before.
        self.set(index, Encoded::new(&removed)?.as_slice(), |_| Ok(()))?;
        Err(error)
    }

    /// Removes and returns the value at an end.
    #[inline(always)]
    pub(crate) fn pop_value<T: StableLayout>(&self, end: End) -> Result<Option<T>> {
        let Some(size) = short::<T>() else { return self.pop_slowly(end) };
        if end == End::Front {
            if let Some(at) = self.first_value(size)
                && let Some(value) = self.read_short(at, size)
            {
                return self.drop_first().map(|()| Some(value));
            }
        } else if let Some(last) = self.last_value(size)
            && let Some(value) = self.read_short(last.at, size)
        {
            self.drop_last(last, size);
            return Ok(Some(value));
        }
        self.pop_slowly(end)
    }

    #[inline(never)]
    fn pop_slowly<T: StableLayout>(&self, end: End) -> Result<Option<T>> {
        let Some(last) = self.len().checked_sub(1) else { return Ok(None) };
        let index = if end == End::Front { 0 } else { last };
        let value = self.try_get_value(index)?;
        self.remove_at(index).map(|()| value)
    }
}
