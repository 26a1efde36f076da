//! Page 0: the identity of the store, and the first pages of its lists.

use ic_stable_structures::Memory;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{PAGE_SIZE, PageNumber, StoredPage};
use crate::error::{Damage, Error, Foreign, Result};

/// The first bytes of every store. The first one and the line end reveal damage by text
/// conversions.
pub const MAGIC: [u8; 8] = *b"\x89GRAVEN\n";

/// The format that this code writes.
pub const FORMAT: u32 = 1;

/// The size of a wasm page in bytes, the unit in which memories grow.
pub const WASM_PAGE: u64 = crate::memory::PAGE;

/// The part of the superblock that never changes once the store exists.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Identity {
    /// [`MAGIC`].
    pub magic: [u8; 8],
    /// [`FORMAT`].
    pub format: U32,
    /// [`PAGE_SIZE`].
    pub page_size: U32,
    /// Features that every reader must know: none so far.
    pub read_features: U32,
    /// Features that every writer must know: none so far.
    pub write_features: U32,
    /// The first bytes of SHA-256 over the fields above.
    pub check: [u8; 8],
}

/// The part of the superblock that changes as pages are allocated and freed.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct Heads {
    /// The number of pages that were ever allocated, page 0 included. Nothing after them was
    /// written.
    pub pages: U32,
    /// The first free extent, or 0.
    pub free: StoredPage,
    /// The number of pages in free extents.
    pub free_pages: U32,
    /// The topmost page of the first detached tree, or 0.
    pub detached: StoredPage,
    /// The catalog's page.
    pub catalog: StoredPage,
    /// The registry's first page, or 0.
    pub registry: StoredPage,
    /// The registry's last page, or 0.
    pub registry_last: StoredPage,
    /// The number of layouts in the registry.
    pub layouts: U32,
    /// The number of bytes in the registry.
    pub registry_len: U64,
}

/// The offset of [`Heads`] in page 0.
pub const HEADS_AT: u64 = 32;

impl Identity {
    /// Returns the identity of a new store.
    #[must_use]
    pub fn new() -> Self {
        let mut identity = Identity {
            magic: MAGIC,
            format: FORMAT.into(),
            page_size: (PAGE_SIZE as u32).into(),
            read_features: 0.into(),
            write_features: 0.into(),
            check: [0; 8],
        };
        identity.check = identity.checksum();
        identity
    }

    fn checksum(&self) -> [u8; 8] {
        let mut sink = crate::layout::descriptor::Sink::hasher();
        sink.bytes(self.as_bytes().split_at(24).0);
        sink.finish().short()
    }
}

impl Default for Identity {
    fn default() -> Self {
        Identity::new()
    }
}

/// The purpose for which a memory is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing is written.
    Read,
    /// Anything may be written.
    Write,
}

impl Access {
    /// Returns an error if features are needed for this purpose: this code knows none. `root` is
    /// the root that has them, or `None` for the store.
    pub(crate) fn expect_known(self, read: u32, write: u32, root: Option<&str>) -> Result<()> {
        let features = match self {
            Access::Read => read,
            Access::Write => read | write,
        };
        if features == 0 {
            Ok(())
        } else {
            Err(Error::UnknownFeatures { root: root.map(Into::into), features })
        }
    }
}

/// Reads the superblock of a memory that is not empty. Everything that is not a store is an error.
///
/// # Errors
/// [`Error::Foreign`], [`Error::NewerFormat`], [`Error::UnknownFeatures`], [`Error::Truncated`] or
/// [`Error::Damaged`].
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a page number is a `u32`, and a memory has no more bytes than a `u64` counts"
)]
pub fn read(memory: &impl Memory, access: Access) -> Result<Heads> {
    let mut bytes = [0; 32 + size_of::<Heads>()];
    memory.read(0, &mut bytes);
    let damaged = |reason: Damage| reason.on(PageNumber::NONE);
    let (identity, rest) = Identity::read_from_prefix(&bytes).map_err(|_| damaged(Damage::BeyondEnd))?;
    if identity.magic != MAGIC {
        return Err(Error::Foreign(recognise(identity.magic)));
    }
    if identity.format.get() > FORMAT {
        return Err(Error::NewerFormat { found: identity.format.get(), known: FORMAT });
    }
    if identity.check != identity.checksum() {
        return Err(damaged(Damage::SuperblockChecksum));
    }
    if identity.format.get() == 0 {
        return Err(damaged(Damage::SuperblockFormat));
    }
    if identity.page_size.get() as usize != PAGE_SIZE {
        return Err(damaged(Damage::PageSize));
    }
    access.expect_known(identity.read_features.get(), identity.write_features.get(), None)?;
    let heads = Heads::read_from_bytes(rest).map_err(|_| damaged(Damage::BeyondEnd))?;
    let (expected, found) = (u64::from(heads.pages.get()) * PAGE_SIZE as u64, memory.size() * WASM_PAGE);
    if expected > found {
        return Err(Error::Truncated { expected, found });
    }
    let pages = heads.pages.get();
    let links = [heads.free, heads.detached, heads.catalog, heads.registry, heads.registry_last];
    if heads.free_pages.get() >= pages || links.into_iter().any(|link| link.get().get() >= pages) {
        return Err(damaged(Damage::SuperblockOutOfRange));
    }
    Ok(heads)
}

/// The pages that a damaged superblock may have left out, at most: those of 8 GiB.
const UNCOUNTED: u64 = 2 << 20;

/// Reads the superblock of a memory that may be damaged anywhere. Returns its lists as far as they
/// are possible, with at least as many pages as the memory has, and the fault if there is one.
///
/// # Errors
/// Those of [`read`] for which an intact superblock is the reason: the memory is that of another
/// program, or of a newer format.
#[expect(clippy::arithmetic_side_effects, reason = "the divisor is a constant")]
pub(crate) fn salvage(memory: &impl Memory) -> Result<(Heads, Option<Error>)> {
    let most = memory.size().saturating_mul(WASM_PAGE / PAGE_SIZE as u64).min(u32::MAX.into());
    let fault = match read(memory, Access::Read) {
        Ok(heads) => {
            let pages = u64::from(heads.pages.get()).max(most.min(UNCOUNTED)) as u32;
            return Ok((Heads { pages: pages.into(), ..heads }, None));
        }
        Err(error) => error,
    };
    let mut bytes = [0; 32 + size_of::<Heads>()];
    if memory.size() == 0 {
        return Err(fault);
    }
    memory.read(0, &mut bytes);
    let (Ok((identity, rest)), is_known) = (
        Identity::read_from_prefix(&bytes),
        matches!(fault, Error::Damaged { .. } | Error::Truncated { .. } | Error::Foreign(_)),
    ) else {
        return Err(fault);
    };
    if !is_known && identity.check == identity.checksum() {
        return Err(fault);
    }
    let heads = Heads::read_from_bytes(rest).unwrap_or_default();
    let link =
        |page: StoredPage| if u64::from(page.get().get()) < most { page } else { StoredPage::default() };
    let heads = Heads {
        pages: (most as u32).into(),
        free: link(heads.free),
        detached: link(heads.detached),
        catalog: link(heads.catalog),
        registry: link(heads.registry),
        registry_last: link(heads.registry_last),
        ..heads
    };
    Ok((heads, Some(fault)))
}

/// Returns what a memory that begins with these bytes holds.
fn recognise(magic: [u8; 8]) -> Foreign {
    let known = [
        (b"MGR", "MemoryManager"),
        (b"BTR", "BTreeMap or BTreeSet"),
        (b"SVC", "Vec"),
        (b"SMH", "MinHeap"),
        (b"SCL", "Cell"),
        (b"GLI", "Log (its index)"),
        (b"GLD", "Log (its data)"),
    ];
    match known.into_iter().find(|(bytes, _)| magic.starts_with(*bytes)) {
        Some((_, what)) => Foreign::StableStructures(what),
        None if magic.starts_with(b"DIDL") => Foreign::Candid,
        None if magic == [0; 8] => Foreign::Zeros,
        None => Foreign::Unknown(magic),
    }
}

#[cfg(test)]
mod tests {
    use ic_stable_structures::VectorMemory;

    use super::*;

    /// Reads a memory of this identity, whose check is correct, and of one page.
    fn with(mut identity: Identity, access: Access) -> Result<Heads> {
        identity.check = identity.checksum();
        let memory = VectorMemory::default();
        memory.grow(1);
        memory.write(0, identity.as_bytes());
        memory.write(HEADS_AT, Heads { pages: 1.into(), ..Heads::default() }.as_bytes());
        read(&memory, access)
    }

    fn damage(identity: Identity) -> Option<Damage> {
        match with(identity, Access::Write) {
            Err(Error::Damaged { reason, .. }) => Some(reason),
            _ => None,
        }
    }

    #[test]
    fn a_format_before_the_first_and_other_pages_are_refused() {
        let identity = Identity::new();
        assert_eq!(damage(Identity { format: 0.into(), ..identity }), Some(Damage::SuperblockFormat));
        assert_eq!(damage(Identity { page_size: 8192.into(), ..identity }), Some(Damage::PageSize));
        assert!(with(identity, Access::Write).is_ok());
    }

    #[test]
    fn unknown_features_are_refused_for_the_purpose_that_they_name() {
        let refused = |identity, access| match with(identity, access) {
            Err(Error::UnknownFeatures { root: None, features }) => features,
            Err(error) => panic!("{error}"),
            Ok(_) => 0,
        };
        let reading = Identity { read_features: 0x8000_0000.into(), ..Identity::new() };
        let writing = Identity { write_features: 5.into(), ..Identity::new() };
        assert_eq!(refused(reading, Access::Read), 0x8000_0000);
        assert_eq!(refused(reading, Access::Write), 0x8000_0000);
        assert_eq!(refused(writing, Access::Read), 0);
        assert_eq!(refused(writing, Access::Write), 5);
    }
}
