//! The last array of a sequence, which counts its values itself (see
//! [`array`](crate::page::array)). The counts in the root are as old as its record here.

use ic_stable_structures::Memory;
use zerocopy::little_endian::{U16, U64};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::root_page::RootState;
use crate::error::{Damage, Result};
use crate::page::{PageNumber, Pager, StoredPage};

/// The offset of [`LastArray`] in the extra bytes of a sequence.
pub const LAST_AT: usize = 20;

/// The last array of a sequence, if it counts its values. All zeros if it does not.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct LastArray {
    /// The page of the array, or 0.
    pub page: StoredPage,
    /// Its first position.
    pub start: U64,
    /// The number of values that it had when the root was last written.
    pub count: U16,
}

/// The extra bytes of a sequence.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct SequenceExtra {
    /// The number of positions before the first value.
    first: U64,
    unused: [u8; LAST_AT - 8],
    last: LastArray,
}

/// Brings the counts of a sequence up to date if its last array counts its values. Its extra bytes
/// are at `extra_at` of the root's page.
///
/// # Errors
/// [`Error::Damaged`](crate::Error::Damaged) if the array does not say how many values it has.
/// Nothing could be added to such a sequence without a guess.
pub(super) fn update_counts<M: Memory>(
    pager: &Pager<M>,
    root: PageNumber,
    extra_at: usize,
    state: &mut RootState,
) -> Result<()> {
    if state.top.get().is_none() {
        return Ok(());
    }
    let mut extra = SequenceExtra::new_zeroed();
    pager.read(root, extra_at, extra.as_mut_bytes())?;
    let last = extra.last;
    if last.page.get().is_none() {
        return Ok(());
    }
    let (count, width) = pager.of_root(root).count_array(last.page.get())?;
    let values = last.start.get().checked_add(count).and_then(|end| end.checked_sub(extra.first.get()));
    let values = values.filter(|values| *values > 0);
    let values = values.ok_or_else(|| pager.of_root(root).damaged(last.page.get(), Damage::ArrayCount))?;
    state.len = values.into();
    state.remove_bytes(u64::from(last.count.get()).saturating_mul(width as u64));
    state.add_bytes(count.saturating_mul(width as u64));
    Ok(())
}
