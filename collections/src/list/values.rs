//! Values of a user's type in a sequence. Those of one size are encoded and decoded on the stack.

use graven_core::layout::{StableLayout, kinds};
use graven_core::simd::copy;
use graven_core::{Memory, Result};

use crate::codec::value::{self, Encoded};
use crate::engine::array::{EncodeTo, End, MAX_WIDTH, Sequence, with_buffer};
use graven_core::error::OrFail;
use graven_core::page::PageOffset;

/// Returns the size of `T` if its values are in arrays.
const fn width<T: StableLayout>() -> Option<usize> {
    match T::SIZE {
        Some(size) if size > 0 && size <= MAX_WIDTH => Some(size),
        _ => None,
    }
}

/// A value that is encoded where it is stored.
struct Value<'a, T>(&'a T);

impl<T: StableLayout> EncodeTo for Value<'_, T> {
    #[inline(always)]
    fn encode_to(self, bytes: &mut [u8]) {
        match kinds::encoded(self.0) {
            Some(encoded) => copy(bytes, encoded),
            None => self.0.encode(bytes),
        }
    }
}

impl<M: Memory> Sequence<M> {
    /// Returns the value at an index. Panics on damaged memory.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn get_value<T: StableLayout>(&self, index: u64) -> Option<T> {
        let found = width::<T>().and_then(|size| self.read_at(self.find(index, size)?, size));
        match found {
            Some(value) => Some(value),
            // No closure here, so that a panic names the caller's line.
            None => self.get_slowly(index),
        }
    }

    /// Returns the value at an address, if it decodes.
    #[inline(always)]
    fn read_at<T: StableLayout>(&self, at: PageOffset, size: usize) -> Option<T> {
        with_buffer!(self.root().pager(), size, |bytes| {
            self.root().pager().read_value(at, bytes);
            T::decode(bytes).ok()
        })
    }

    #[inline(never)]
    #[track_caller]
    fn get_slowly<T: StableLayout>(&self, index: u64) -> Option<T> {
        self.try_get_value(index).or_fail()
    }

    /// Returns the value at an index, or damage as an error.
    pub(crate) fn try_get_value<T: StableLayout>(&self, index: u64) -> Result<Option<T>> {
        self.get(index, |found| value::decode_found(self.root(), found))
    }

    /// Sets the value at an index. Returns `false` if there is no such index.
    #[inline(always)]
    pub(crate) fn set_value<T: StableLayout>(&self, index: u64, value: &T) -> Result<bool> {
        let found = width::<T>().and_then(|size| Some((self.find(index, size)?, size)));
        let Some((at, size)) = found else { return self.set_slowly(index, value) };
        with_buffer!(self.root().pager(), size, |bytes| {
            Value(value).encode_to(bytes);
            self.root().pager().write_value(at, bytes);
        });
        Ok(true)
    }

    #[inline(never)]
    fn set_slowly<T: StableLayout>(&self, index: u64, value: &T) -> Result<bool> {
        let value = Encoded::new(value)?;
        self.set(index, value.as_slice(), |_| Ok(())).map(|set| set.is_some())
    }

    /// Adds a value after all others.
    #[inline(always)]
    pub(crate) fn push_value<T: StableLayout>(&self, value: &T) -> Result<()> {
        match width::<T>() {
            Some(size) if self.push_last(size, Value(value)) => Ok(()),
            _ => self.push_elsewhere(value),
        }
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
        let Some(size) = width::<T>() else { return self.pop_slowly(end) };
        match end {
            // The bytes of the position stay counted.
            End::Front => {
                if let Some((at, 2)) = self.find_run(0, 2, size)
                    && let Some(value) = self.read_at(at, size)
                {
                    self.set_first(self.position(1))?;
                    return self.count(-1, 0).map(|()| Some(value));
                }
            }
            End::Back => {
                if let Some(last) = self.last_value(size)
                    && let Some(value) = self.read_at(last.0, size)
                {
                    self.drop_last(last, size);
                    return Ok(Some(value));
                }
            }
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
