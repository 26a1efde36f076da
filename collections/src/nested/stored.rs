//! The stored form of the items of nested collections: their plain encoding, or one of two kinds of
//! values if records are in the same tree.
//!
//! The values of a tree have one type, whose layouts the root knows. Beside records that type is
//! `Result<Vec<R>, T>`: a record is an `Ok` with one element, an item is an `Err`. The `Vec` gives
//! values a variable length, so an item of 8 bytes beside a record of 200 does not take 200.

use std::marker::PhantomData;

use graven_core::layout::{StableLayout, kinds};
use graven_core::store::{OnPage, Root};
use graven_core::{Damage, Error, Memory, Result};

use crate::codec::value;
use crate::codec::value::Encoded;
use crate::engine::cell::{StoredValue, ValueRef};

/// The stored form of collections: [`Alone`] for those of a [`Nested`](super::Nested), [`Beside`]
/// for those of [`Records`](crate::Records).
pub trait Stored: sealed::Items {}

/// Collections without records.
#[derive(Debug)]
pub struct Alone;

/// Collections beside records of type `R`.
#[derive(Debug)]
pub struct Beside<R>(PhantomData<R>);

impl Stored for Alone {}
impl<R: StableLayout> Stored for Beside<R> {}

pub(crate) use sealed::Items;

mod sealed {
    use crate::nested::stored::{Encoded, Memory, Result, Root, StableLayout, StoredValue};

    pub trait Items: 'static {
        /// The type of the root's values if the items have type `T`.
        type Value<T: StableLayout>: StableLayout;
        /// `true` if the keys of all entries have a constant size when those of items have one.
        const SIZED_KEYS: bool;

        /// # Errors
        /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong).
        fn encode<T: StableLayout>(item: &T) -> Result<Encoded<'_>>;

        /// # Errors
        /// [`Error::Damaged`](graven_core::Error::Damaged) if the value is not an item.
        fn decode<T: StableLayout, M: Memory>(root: &Root<M>, found: StoredValue<'_>) -> Result<T>;
    }
}

impl Items for Alone {
    type Value<T: StableLayout> = T;
    const SIZED_KEYS: bool = true;

    #[inline(always)]
    fn encode<T: StableLayout>(item: &T) -> Result<Encoded<'_>> {
        Encoded::new(item)
    }

    #[inline(always)]
    fn decode<T: StableLayout, M: Memory>(root: &Root<M>, found: StoredValue<'_>) -> Result<T> {
        value::decode_found(root, found)
    }
}

/// The first byte of a record.
const RECORD: u8 = 0;

/// The first byte of an item.
const ITEM: u8 = 1;

impl<R: StableLayout> Items for Beside<R> {
    type Value<T: StableLayout> = core::result::Result<Vec<R>, T>;
    const SIZED_KEYS: bool = false;

    #[inline]
    fn encode<T: StableLayout>(item: &T) -> Result<Encoded<'_>> {
        Encoded::behind(&[ITEM], item)
    }

    #[inline]
    fn decode<T: StableLayout, M: Memory>(root: &Root<M>, found: StoredValue<'_>) -> Result<T> {
        if found.layout != root.current() {
            let value: Self::Value<T> = value::decode_found(root, found)?;
            return value.err().ok_or_else(|| root.damaged(found.page, Damage::WrongEntryType));
        }
        behind(root, found, 1, |head| head == [ITEM])
            .and_then(|value| value.ok_or_else(|| root.damaged(found.page, Damage::WrongEntryType)))
    }
}

/// Returns the number of bytes before a record: the kind, and the header of a `Vec` with one
/// element, which includes an end if the size of `R` varies.
const fn head<R: StableLayout>() -> usize {
    if R::SIZE.is_some() { 1 } else { 9 }
}

impl<R: StableLayout> Beside<R> {
    /// Returns the stored form of a record.
    ///
    /// # Errors
    /// [`Error::ValueTooLong`].
    pub(crate) fn encode_record(record: &R) -> Result<Encoded<'_>> {
        const {
            assert!(
                !matches!(R::SIZE, Some(0)),
                "a record without bytes: a `Nested` has collections without records"
            );
        }
        let len = record.encoded_len();
        let end = u32::try_from(len).map_err(|_| Error::ValueTooLong { len, max: u32::MAX as usize })?;
        let mut bytes = [RECORD; 9];
        bytes[1] = 1;
        bytes[5..].copy_from_slice(&end.to_le_bytes());
        Encoded::behind(bytes.split_at(head::<R>()).0, record)
    }

    /// Decodes a record from a stored value. `T` is the type of the items beside it.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the value is not a record.
    pub(crate) fn decode_record<T: StableLayout, M: Memory>(
        root: &Root<M>,
        found: StoredValue<'_>,
    ) -> Result<R> {
        let page = found.page;
        if found.layout != root.current() {
            let value: <Self as Items>::Value<T> = value::decode_found(root, found)?;
            let records = value.ok().and_then(|records| <[R; 1]>::try_from(records).ok());
            return records.map(|[record]| record).ok_or_else(|| root.damaged(page, Damage::WrongEntryType));
        }
        let len = found.len().wrapping_sub(head::<R>());
        let is_record = |head: &[u8]| match head {
            [RECORD] => true,
            [RECORD, 1, 0, 0, 0, end @ ..] => end == (len as u32).to_le_bytes(),
            _ => false,
        };
        behind(root, found, head::<R>(), is_record)?.ok_or_else(|| root.damaged(page, Damage::WrongEntryType))
    }
}

/// Checks that a value is a record, or an item, in any layout.
///
/// # Errors
/// [`Error::Damaged`] if it is the other one, or neither.
pub(crate) fn check_entry_type<M: Memory>(
    root: &Root<M>,
    found: StoredValue<'_>,
    is_record: bool,
) -> Result<()> {
    let page = found.page;
    let expected = if is_record { RECORD } else { ITEM };
    match found.read(root.pager())?.first() {
        Some(kind) if *kind == expected => Ok(()),
        _ => Err(root.damaged(page, Damage::WrongEntryType)),
    }
}

/// Decodes a value of the current layout that follows the first `len` bytes. Returns `None` if
/// these are not as expected.
#[inline]
fn behind<V: StableLayout, M: Memory>(
    root: &Root<M>,
    found: StoredValue<'_>,
    len: usize,
    expected: impl FnOnce(&[u8]) -> bool,
) -> Result<Option<V>> {
    match found.value {
        ValueRef::Inline(bytes) => match bytes.split_at_checked(len) {
            Some((head, value)) if expected(head) => V::decode(value).map(Some).on_page(root, found.page),
            _ => Ok(None),
        },
        ValueRef::Overflow { page, len: all } => {
            let mut bytes = root.pager().read_overflow(page, 0, all)?;
            if !bytes.get(..len).is_some_and(expected) {
                return Ok(None);
            }
            bytes.drain(..len);
            kinds::decode_vec(bytes).map(Some).on_page(root, found.page)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::nested::stored::*;
    use graven_core::layout::encode;

    /// Checks that the stored bytes are the encoding of the type of the root's layout.
    fn same<R: StableLayout + Clone, T: StableLayout + Clone>(record: &R, item: &T) {
        type Value<R, T> = core::result::Result<Vec<R>, T>;
        let expected = encode::<Value<R, T>>(&Ok(vec![record.clone()]));
        assert_eq!(Beside::<R>::encode_record(record).unwrap().as_slice(), expected);
        let expected = encode::<Value<R, T>>(&Err(item.clone()));
        assert_eq!(<Beside<R> as Items>::encode(item).unwrap().as_slice(), expected);
        assert_eq!(<Value<R, T> as StableLayout>::SIZE, None);
    }

    #[test]
    fn records_and_items_are_encoded_as_a_result() {
        same(&7u64, &"text".to_owned());
        same(&"text".to_owned(), &7u64);
        same(&[1u8; 200], &7u8);
        same(&"t".repeat(500), &());
        same(&(7u16, "text".to_owned()), &(8u64, vec![1u8; 300]));
    }
}
