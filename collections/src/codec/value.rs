//! Encodes and decodes values. Short values are encoded without the heap, and a value is decoded by
//! the layout in which it was stored.

use graven_core::evolution::Plan;
use graven_core::layout::{Invalid, StableLayout, encode, kinds};
use graven_core::page::{LayoutId, PageNumber};
use graven_core::store::{OnPage, Root};
use graven_core::{Error, Memory, Result};

use crate::engine::cell::{StoredValue, ValueRef};

pub(crate) const INLINE: usize = 64;

/// An encoded value.
#[derive(Debug)]
pub enum Encoded<'a> {
    Borrowed(&'a [u8]),
    Short([u8; INLINE], usize),
    Long(Vec<u8>),
}

impl<'a> Encoded<'a> {
    /// Encodes a value, or borrows its bytes if they are its encoding.
    ///
    /// # Errors
    /// [`Error::ValueTooLong`] if the encoding has 4 GiB or more.
    #[inline]
    pub(crate) fn new<V: StableLayout>(value: &'a V) -> Result<Self> {
        let len = value.encoded_len();
        if len > u32::MAX as usize {
            return Err(Error::ValueTooLong { len, max: u32::MAX as usize });
        }
        if let Some(bytes) = kinds::encoded(value) {
            return Ok(Encoded::Borrowed(bytes));
        }
        Ok(Self::filled(len, |bytes| value.encode(bytes)))
    }

    /// Encodes a value after the bytes of `head`.
    ///
    /// # Errors
    /// [`Error::ValueTooLong`] if all bytes together are 4 GiB or more.
    #[inline]
    pub(crate) fn behind<V: StableLayout>(head: &[u8], value: &V) -> Result<Self> {
        let len = value.encoded_len().saturating_add(head.len());
        if len > u32::MAX as usize {
            return Err(Error::ValueTooLong { len, max: u32::MAX as usize });
        }
        Ok(Self::filled(len, |bytes| {
            let (front, rest) = bytes.split_at_mut(head.len());
            front.copy_from_slice(head);
            value.encode(rest);
        }))
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the length was compared with that of the buffer")]
    fn filled(len: usize, fill: impl FnOnce(&mut [u8])) -> Self {
        if len <= INLINE {
            let mut bytes = [0; INLINE];
            fill(&mut bytes[..len]);
            return Encoded::Short(bytes, len);
        }
        let mut bytes = vec![0; len];
        fill(&mut bytes);
        Encoded::Long(bytes)
    }

    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "only `filled` and `fields` set the length, which is at most that of the buffer"
    )]
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Encoded::Borrowed(bytes) => bytes,
            Encoded::Short(bytes, len) => &bytes[..*len],
            Encoded::Long(bytes) => bytes,
        }
    }
}

/// Decodes a value that was stored in the layout with this index.
///
/// # Errors
/// [`Error::Damaged`] if the bytes are not a value in that layout.
#[inline(always)]
pub(crate) fn decode<V: StableLayout, M: Memory>(
    root: &Root<M>,
    page: PageNumber,
    layout: LayoutId,
    bytes: &[u8],
) -> Result<V> {
    let value = if layout == root.current() {
        V::decode(bytes)
    } else {
        V::decode_old(&root.old_layout(layout, page)?.plan, bytes)
    };
    value.on_page(root, page)
}

/// Like [`decode`], but owns the bytes, which may become part of the value.
///
/// # Errors
/// [`Error::Damaged`] if the bytes are not a value in that layout.
pub(crate) fn decode_vec<V: StableLayout, M: Memory>(
    root: &Root<M>,
    page: PageNumber,
    layout: LayoutId,
    bytes: Vec<u8>,
) -> Result<V> {
    if layout != root.current() {
        return decode(root, page, layout, &bytes);
    }
    kinds::decode_vec::<V>(bytes).on_page(root, page)
}

/// Decodes a stored value. Only an inline value of the current layout is decoded in the caller.
///
/// # Errors
/// [`Error::Damaged`] if the bytes are not a value in their layout.
#[inline(always)]
pub(crate) fn decode_found<V: StableLayout, M: Memory>(root: &Root<M>, found: StoredValue<'_>) -> Result<V> {
    match found.value {
        ValueRef::Inline(bytes) if found.layout == root.current() => match V::decode(bytes) {
            Ok(value) => Ok(value),
            Err(why) => Err(root.damaged(found.page, why.into())),
        },
        // A result of its own for each call: a value that a call may write to is memory, and is
        // moved with `memory.copy`.
        ValueRef::Inline(bytes) => Ok(decode_inline(root, found.page, found.layout, bytes)?),
        ValueRef::Overflow { page, len } => Ok(decode_overflow(root, found.page, found.layout, (page, len))?),
    }
}

/// Decodes a stored value like [`decode_found`], to its place.
///
/// # Errors
/// [`Error::Damaged`] if the bytes are not a value in their layout.
#[inline(always)]
pub(crate) fn decode_found_to<V: StableLayout, M: Memory>(
    root: &Root<M>,
    found: StoredValue<'_>,
    place: &mut Option<V>,
) -> Result<()> {
    match found.value {
        ValueRef::Inline(bytes) if found.layout == root.current() => match kinds::decode_to(bytes, place) {
            Ok(()) => Ok(()),
            Err(why) => Err(root.damaged(found.page, why.into())),
        },
        _ => {
            *place = Some(decode_found(root, found)?);
            Ok(())
        }
    }
}

// Parts of a value are passed, since a whole one would be written to memory for each call.
#[inline(never)]
fn decode_inline<V: StableLayout, M: Memory>(
    root: &Root<M>,
    page: PageNumber,
    layout: LayoutId,
    bytes: &[u8],
) -> Result<V> {
    decode(root, page, layout, bytes)
}

#[inline(never)]
fn decode_overflow<V: StableLayout, M: Memory>(
    root: &Root<M>,
    page: PageNumber,
    layout: LayoutId,
    (head, len): (PageNumber, usize),
) -> Result<V> {
    decode_vec(root, page, layout, root.pager().read_overflow(head, 0, len)?)
}

/// Decodes a value of an older layout and encodes it in the current one.
pub(crate) fn convert<V: StableLayout>(plan: &Plan, bytes: &[u8]) -> core::result::Result<Vec<u8>, Invalid> {
    V::decode_old(plan, bytes).map(|value| encode(&value))
}

/// Returns an error: a collection's own bytes have no previous layouts.
pub(crate) fn no_conversion(_: &Plan, _: &[u8]) -> core::result::Result<Vec<u8>, Invalid> {
    Err(Invalid("it has no older layouts"))
}
