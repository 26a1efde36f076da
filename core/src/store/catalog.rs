//! The catalog: one page that lists the pages of all roots.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use std::borrow::Cow;

use ic_stable_structures::Memory;
use zerocopy::{FromBytes, FromZeros, IntoBytes};

use super::kind::READ_FEATURES;
use super::root_page::{
    EXTRA_AT, LayoutUsage, MAX_ROWS, NAME_AT, ORDINAL_AT, ROWS_AT, RootHeader, RootState, SECOND_AT,
    SECOND_EXTRA_AT, STATE_AT,
};
use super::{CollectionKind, last_array};
use crate::error::{Damage, Result};
use crate::page::superblock::Access;
use crate::page::{Kind, PAGE_SIZE, PageNumber, Pager, expect_kind};
use crate::simd;

const ENTRIES_AT: usize = 16;

/// The number of roots that a store may have.
pub(crate) const MAX_ROOTS: usize = (PAGE_SIZE - ENTRIES_AT) / 4;

/// A root as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredRoot {
    pub(crate) page: PageNumber,
    /// The header, with counts that are up to date. Those in the page may be older.
    pub(crate) header: RootHeader,
    pub(crate) name: Cow<'static, str>,
    pub(crate) rows: Vec<LayoutUsage>,
    /// The state of a second tree, or zeros if there is none.
    pub(crate) second: RootState,
}

impl StoredRoot {
    /// Returns the row of the current layout.
    #[expect(clippy::indexing_slicing, reason = "`load_root` refuses a number that is not that of a row")]
    pub(crate) fn current(&self) -> &LayoutUsage {
        &self.rows[usize::from(self.header.current.get())]
    }

    /// Writes the header but for the state, whose counts in the page may belong to a record of the
    /// last array.
    #[expect(clippy::indexing_slicing, reason = "a state ends inside a header")]
    pub(crate) fn write_header<M: Memory>(&self, pager: &Pager<M>) -> Result<()> {
        const STATE_END: usize = STATE_AT + size_of::<RootState>();
        let bytes = self.header.as_bytes();
        pager.write(self.page, 0, &bytes[..STATE_AT])?;
        pager.write(self.page, STATE_END, &bytes[STATE_END..])
    }

    /// Returns the number of entries. If there are none, nested collections without entries count
    /// as one each.
    pub(crate) fn entries(&self) -> u64 {
        match self.header.state.len.get() {
            0 => self.second.len.get(),
            entries => entries,
        }
    }
}

/// Reads all roots. `name` returns the name that the root at a position has in the code: usually
/// the same.
pub(crate) fn load<M: Memory>(
    pager: &Pager<M>,
    access: Access,
    name: impl Fn(usize) -> &'static str,
) -> Result<Vec<StoredRoot>> {
    let entries = entries(pager)?;
    let (pages, _) = entries.as_chunks();
    let (mut roots, mut front) = (Vec::with_capacity(pages.len()), [0; FRONT]);
    for (at, page) in pages.iter().enumerate() {
        load_root(pager, access, PageNumber::from_le_bytes(*page), name(at), &mut front, &mut roots)?;
    }
    Ok(roots)
}

/// Reads all roots, each with an error of its own.
pub(crate) fn load_each<M: Memory>(pager: &Pager<M>, access: Access) -> Result<Vec<Result<StoredRoot>>> {
    let (entries, mut front) = (entries(pager)?, [0; FRONT]);
    let roots = entries.as_chunks().0.iter().filter_map(|page| {
        let mut root = Vec::with_capacity(1);
        match load_root(pager, access, PageNumber::from_le_bytes(*page), "", &mut front, &mut root) {
            Ok(()) => root.pop().map(Ok),
            Err(error) => Some(Err(error)),
        }
    });
    Ok(roots.collect())
}

/// Reads the pages of all roots.
pub(crate) fn pages<M: Memory>(pager: &Pager<M>) -> Result<Vec<PageNumber>> {
    Ok(entries(pager)?.as_chunks().0.iter().map(|page| PageNumber::from_le_bytes(*page)).collect())
}

/// Reads a root whose page may be damaged, with its fault if there is one. Its counts may be old.
///
/// # Errors
/// [`Error::Damaged`](crate::Error::Damaged) if nothing shows that it is a root.
pub(crate) fn salvage_root<M: Memory>(
    pager: &Pager<M>,
    page: PageNumber,
) -> Result<(StoredRoot, Option<Damage>)> {
    let mut intact = Vec::with_capacity(1);
    let Err(error) = load_root(pager, Access::Read, page, "", &mut [0; FRONT], &mut intact) else {
        let root = intact.pop().ok_or_else(|| Damage::RootCheck.on(page))?;
        return Ok((root, None));
    };
    // The byte of features has no checksum.
    let reason = match error {
        crate::error::Error::Damaged { reason, .. } => reason,
        _ => Damage::RootCheck,
    };
    let bytes = pager.read_page(page)?;
    let (mut header, _) = RootHeader::read_from_prefix(&bytes[..]).map_err(|_| Damage::BeyondEnd.on(page))?;
    let name = bytes.get(NAME_AT..).and_then(|name| name.get(..usize::from(header.name_len.get()).min(255)));
    let name = name.unwrap_or_default();
    // If another kind has the right checksum, only that byte was damaged.
    let kinds = (0..=u8::MAX).map(|kind| RootHeader { collection: kind, ..header });
    let repaired = [header].into_iter().chain(kinds).find(|header| header.check == header.checksum(name));
    let is_checked = repaired.is_some();
    header = repaired.unwrap_or(header);
    expect_kind(header.kind, Kind::Root).or(if is_checked {
        Ok(())
    } else {
        Err(Damage::WrongKind.on(page))
    })?;
    let name: Cow<'static, str> = String::from_utf8_lossy(name).into_owned().into();
    let mut rows = vec![LayoutUsage::new_zeroed(); MAX_ROWS];
    pager.read(page, ROWS_AT, rows.as_mut_bytes())?;
    match usize::from(header.rows.get()) {
        count @ 1..=MAX_ROWS => rows.truncate(count),
        _ => rows.retain(|row| row.fingerprint != [0; 16]),
    }
    if rows.is_empty() {
        return Err(reason.on(page).of_root(&name));
    }
    if usize::from(header.current.get()) >= rows.len() {
        header.current = 0.into();
    }
    let mut second = RootState::default();
    if CollectionKind::from_byte(header.collection).is_none_or(CollectionKind::has_second_tree) {
        pager.read(page, EXTRA_AT + SECOND_AT, second.as_mut_bytes())?;
    }
    Ok((StoredRoot { page, header, name, rows, second }, Some(reason)))
}

/// Reads the numbers of the pages of all roots, of four bytes each.
#[expect(clippy::arithmetic_side_effects, reason = "at most `MAX_ROOTS` roots are counted")]
fn entries<M: Memory>(pager: &Pager<M>) -> Result<Vec<u8>> {
    let page = pager.heads().catalog.get();
    let mut head = [0; ENTRIES_AT];
    pager.read(page, 0, &mut head)?;
    expect_kind(head[0], Kind::Catalog).map_err(|reason| reason.on(page))?;
    let count = u16::from_le_bytes([head[2], head[3]]) as usize;
    if count > MAX_ROOTS {
        return Err(Damage::CatalogCount.on(page));
    }
    if head[4..8] != [0; 4] {
        return Err(Damage::CatalogNext.on(page));
    }
    let mut entries = vec![0; 4 * count];
    pager.read(page, ENTRIES_AT, &mut entries)?;
    Ok(entries)
}

/// The number of bytes of a root that are read at once. They include its first layouts, which are
/// all that most roots have.
const FRONT: usize = ROWS_AT + 2 * size_of::<LayoutUsage>();

/// Reads a root and adds it to `roots`, which is cheaper than returning it. `expected` is its name
/// in the code, if that is known: then the name needs no check and no memory of its own.
#[expect(clippy::arithmetic_side_effects, reason = "a name's length is a `u16`, and rows are counted")]
fn load_root<M: Memory>(
    pager: &Pager<M>,
    access: Access,
    page: PageNumber,
    expected: &'static str,
    bytes: &mut [u8; FRONT],
    roots: &mut Vec<StoredRoot>,
) -> Result<()> {
    let damaged = |reason: Damage| reason.on(page);
    pager.read(page, 0, bytes)?;
    expect_kind(bytes[0], Kind::Root).map_err(|reason| reason.on(page))?;
    let (mut header, _) = RootHeader::read_from_prefix(&bytes[..]).map_err(|_| damaged(Damage::BeyondEnd))?;
    let name = bytes.get(NAME_AT..NAME_AT + header.name_len.get() as usize).filter(|name| name.len() <= 255);
    let name = name.ok_or_else(|| damaged(Damage::RootName))?;
    let name = if simd::is_same(name, expected.as_bytes()) {
        Cow::Borrowed(expected)
    } else {
        Cow::Owned(core::str::from_utf8(name).map_err(|_| damaged(Damage::RootName))?.to_owned())
    };
    if header.check != header.checksum(name.as_bytes()) {
        return Err(damaged(Damage::RootCheck));
    }
    let unknown = header.read_features & !READ_FEATURES;
    access.expect_known(unknown.into(), header.write_features.into(), Some(&name))?;
    let count = header.rows.get() as usize;
    if count == 0 || count > MAX_ROWS || header.current.get() as usize >= count {
        return Err(damaged(Damage::RootLayouts));
    }
    let kind = CollectionKind::from_byte(header.collection);
    let mut second = RootState::default();
    if kind.is_some_and(CollectionKind::is_sequence) {
        last_array::update_counts(pager, page, EXTRA_AT, &mut header.state)?;
    }
    if kind.is_none_or(CollectionKind::has_second_tree) {
        pager.read(page, EXTRA_AT + SECOND_AT, second.as_mut_bytes())?;
    }
    if kind.is_some_and(CollectionKind::has_second_sequence) {
        last_array::update_counts(pager, page, EXTRA_AT + SECOND_EXTRA_AT, &mut second)?;
    }
    let mut rows = vec![LayoutUsage::new_zeroed(); count];
    match bytes.get(ROWS_AT..ROWS_AT + rows.as_bytes().len()) {
        Some(front) => rows.as_mut_bytes().copy_from_slice(front),
        None => pager.read(page, ROWS_AT, rows.as_mut_bytes())?,
    }
    roots.push(StoredRoot { page, header, name, rows, second });
    Ok(())
}

/// Creates an empty catalog.
pub(crate) fn create<M: Memory>(pager: &Pager<M>) -> Result<()> {
    let page = pager.allocate()?;
    let mut bytes = Box::new([0; PAGE_SIZE]);
    let [kind, ..] = &mut *bytes;
    *kind = Kind::Catalog as u8;
    pager.write(page, 0, &bytes[..])?;
    let mut heads = pager.heads();
    heads.catalog = page.into();
    pager.set_heads(heads);
    Ok(())
}

/// Removes a root from the list and moves the last root to its position. Returns the moved root's
/// page and new position, or `None` if the removed root was the last.
#[expect(clippy::arithmetic_side_effects, reason = "at most `MAX_ROOTS` roots are counted")]
pub(crate) fn remove<M: Memory>(pager: &Pager<M>, root: PageNumber) -> Result<Option<(PageNumber, u32)>> {
    let page = pager.heads().catalog.get();
    let mut count = [0; 2];
    pager.read(page, 2, &mut count)?;
    let count = usize::from(u16::from_le_bytes(count)).min(MAX_ROOTS);
    let mut entries = vec![0; 4 * count];
    pager.read(page, ENTRIES_AT, &mut entries)?;
    let place = entries.chunks_exact(4).position(|entry| *entry == root.to_le_bytes());
    let (Some(place), Some(last)) = (place, entries.last_chunk::<4>()) else {
        return Err(Damage::RootNotListed.on(page));
    };
    let moved = (place + 1 < count).then_some((PageNumber::from_le_bytes(*last), place as u32));
    if let Some((root, place)) = moved {
        pager.write(page, ENTRIES_AT + 4 * place as usize, last)?;
        pager.write(root, ORDINAL_AT, &place.to_le_bytes())?;
    }
    pager.write(page, ENTRIES_AT + 4 * (count - 1), &[0; 4])?;
    pager.write(page, 2, &((count - 1) as u16).to_le_bytes())?;
    Ok(moved)
}

/// Adds a root to the list.
#[expect(clippy::arithmetic_side_effects, reason = "at most `MAX_ROOTS` roots are counted")]
pub(crate) fn append<M: Memory>(pager: &Pager<M>, ordinal: usize, root: PageNumber) -> Result<()> {
    let page = pager.heads().catalog.get();
    pager.write(page, ENTRIES_AT + 4 * ordinal, &root.to_le_bytes())?;
    pager.write(page, 2, &(ordinal as u16 + 1).to_le_bytes())
}
