//! The registry: the descriptors of all layouts that were ever stored, so that a memory explains
//! itself. It is a stream of records in a linked list of pages. It only grows, and is read only
//! when something changed.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use ic_stable_structures::Memory;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::error::{Damage, Error, Result};
use crate::layout::stored::OwnedLayout;
use crate::layout::{Fingerprint, Layout, descriptor};
use crate::page::{Kind, LayoutId, PAGE_SIZE, PageNumber, Pager, StoredPage, expect_kind};

#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct RegistryHeader {
    kind: u8,
    reserved: [u8; 3],
    next: StoredPage,
    unused: [u8; 8],
}

const HEADER: usize = size_of::<RegistryHeader>();
const ROOM: usize = PAGE_SIZE - HEADER;
const RECORD_HEADER: usize = 20;

/// All layouts of a store, by index.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry {
    entries: Vec<(Fingerprint, Vec<u8>)>,
}

impl Registry {
    /// Reads the whole registry.
    #[expect(clippy::arithmetic_side_effects, reason = "a page number is a `u32`, so the product fits")]
    pub(crate) fn load<M: Memory>(pager: &Pager<M>) -> Result<Registry> {
        let heads = pager.heads();
        let (mut page, len) = (heads.registry.get(), heads.registry_len.get());
        if len > u64::from(heads.pages.get()) * ROOM as u64 {
            return Err(Damage::RegistryCount.on(PageNumber::NONE));
        }
        let (mut stream, mut last) = (Vec::new(), PageNumber::NONE);
        // Brent's algorithm finds a cycle without a list of the visited pages.
        let (mut steps, mut landmark) = (0u64, (PageNumber::new(u32::MAX), 1));
        while (stream.len() as u64) < len {
            if page == landmark.0 {
                return Err(Damage::Cycle.on(page));
            }
            steps = steps.saturating_add(1);
            if steps == landmark.1 {
                landmark = (page, steps.saturating_mul(2));
            }
            let bytes = pager.read_page(page)?;
            let (header, bytes) =
                RegistryHeader::ref_from_prefix(&bytes[..]).map_err(|_| Damage::BeyondEnd.on(page))?;
            expect_kind(header.kind, Kind::Registry).map_err(|reason| reason.on(page))?;
            let piece = ROOM.min(len.saturating_sub(stream.len() as u64) as usize);
            stream.extend_from_slice(bytes.get(..piece).unwrap_or_default());
            (last, page) = (page, header.next.get());
        }
        // The next layout is written to that page, so it must be the last one.
        if last != heads.registry_last.get() {
            let page = heads.registry_last.get();
            return Err(Damage::RegistryCount.on(page));
        }
        let mut entries = Vec::new();
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            let damaged = Damage::RegistryCount.on(heads.registry.get());
            let Some((fingerprint, after)) = rest.split_first_chunk() else { return Err(damaged) };
            let Some((len, after)) = after.split_first_chunk() else { return Err(damaged) };
            let Some((record, after)) = after.split_at_checked(u32::from_le_bytes(*len) as usize) else {
                return Err(damaged);
            };
            entries.push((Fingerprint(*fingerprint), record.to_vec()));
            rest = after;
        }
        if entries.len() != heads.layouts.get() as usize {
            return Err(Damage::RegistryCount.on(PageNumber::NONE));
        }
        Ok(Registry { entries })
    }

    /// Checks that `more` layouts can be numbered.
    pub(crate) fn check_room(&self, more: usize) -> Result<()> {
        let (count, max) = (self.entries.len().saturating_add(more), usize::from(LayoutId::INTERNAL.get()));
        if count > max { Err(Error::TooManyLayouts { count, max }) } else { Ok(()) }
    }

    /// Returns the index of a layout, or `None` if the registry does not have it.
    pub(crate) fn find(&self, fingerprint: Fingerprint) -> Option<LayoutId> {
        self.entries
            .iter()
            .position(|(found, _)| *found == fingerprint)
            .map(|index| LayoutId::new(index as u16))
    }

    /// Returns the layout at an index, checked against its fingerprint.
    pub(crate) fn layout(&self, index: LayoutId) -> Result<OwnedLayout> {
        let damaged = |reason: Damage| reason.on(PageNumber::NONE);
        let entry = self.entries.get(usize::from(index.get()));
        let (fingerprint, bytes) = entry.ok_or_else(|| damaged(Damage::UnknownLayout))?;
        let stored = OwnedLayout::parse(bytes).map_err(|invalid| damaged(invalid.into()))?;
        if stored.fingerprint() != *fingerprint {
            return Err(damaged(Damage::WrongFingerprint));
        }
        Ok(stored)
    }

    /// Returns an iterator over the layouts by index, with `None` for those that are damaged. Their
    /// fingerprints are not compared.
    pub(crate) fn layouts(&self) -> impl Iterator<Item = Option<OwnedLayout>> + '_ {
        self.entries.iter().map(|(_, bytes)| OwnedLayout::parse(bytes).ok())
    }

    /// Returns the number of bytes that adding `layout` takes, or 0 if the registry has it.
    pub(crate) fn cost(&self, layout: &Layout, fingerprint: Fingerprint) -> usize {
        if self.find(fingerprint).is_some() {
            0
        } else {
            descriptor::descriptor(layout).len().saturating_add(RECORD_HEADER)
        }
    }

    /// Returns the index that a layout would have if it were stored, for comparing code with code.
    pub(crate) fn imagine(&mut self, layout: &OwnedLayout) -> LayoutId {
        let fingerprint = layout.fingerprint();
        self.find(fingerprint).unwrap_or_else(|| {
            let number = LayoutId::new(self.entries.len() as u16);
            self.entries.push((fingerprint, layout.descriptor()));
            number
        })
    }

    /// Returns the index of a layout, which it adds if it is missing. The pages must be reserved.
    pub(crate) fn add<M: Memory>(
        &mut self,
        pager: &Pager<M>,
        layout: &Layout,
        fingerprint: Fingerprint,
    ) -> Result<LayoutId> {
        if let Some(index) = self.find(fingerprint) {
            return Ok(index);
        }
        let descriptor = descriptor::descriptor(layout);
        let mut record = fingerprint.0.to_vec();
        record.extend((descriptor.len() as u32).to_le_bytes());
        record.extend(&descriptor);
        append(pager, &record)?;
        let mut heads = pager.heads();
        heads.layouts = heads.layouts.get().saturating_add(1).into();
        pager.set_heads(heads);
        let number = LayoutId::new(self.entries.len() as u16);
        self.entries.push((fingerprint, descriptor));
        Ok(number)
    }
}

/// Returns the number of pages that appending `bytes` bytes may need.
pub(crate) fn pages_for(bytes: usize) -> u32 {
    bytes.div_ceil(ROOM) as u32
}

#[expect(clippy::arithmetic_side_effects, reason = "`used` is a remainder of `ROOM`")]
fn append<M: Memory>(pager: &Pager<M>, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        let mut heads = pager.heads();
        let used = (heads.registry_len.get() % ROOM as u64) as usize;
        if used == 0 {
            let page = pager.allocate()?;
            heads = pager.heads();
            let header = RegistryHeader {
                kind: Kind::Registry as u8,
                reserved: [0; 3],
                next: StoredPage::default(),
                unused: [0; 8],
            };
            pager.write(page, 0, header.as_bytes())?;
            match heads.registry_last.get().some() {
                None => heads.registry = page.into(),
                Some(last) => pager.write(last, 4, &page.to_le_bytes())?,
            }
            heads.registry_last = page.into();
        }
        let (piece, rest) = bytes.split_at(bytes.len().min(ROOM - used));
        pager.write(heads.registry_last.get(), HEADER + used, piece)?;
        heads.registry_len = heads.registry_len.get().saturating_add(piece.len() as u64).into();
        pager.set_heads(heads);
        bytes = rest;
    }
    Ok(())
}
