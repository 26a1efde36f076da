//! Stable memory. It is sparse, so that addresses beyond 4 GiB cost nothing until they are written,
//! and has an undo list, so that a message that fails leaves no trace.
//!
//! Prices and limits are not here; see `ic0`. Saving to a file is in [`file`], a file below the
//! memory in [`backing`].

mod backing;
mod file;

use std::sync::Arc;

use backing::Backing;

/// The bytes of the wasm pages that stable memory grows by.
pub const WASM_PAGE: u64 = 65536;
/// The bytes of the pages that writes are charged by.
pub const PAGE: u64 = 4096;
/// The most wasm pages a stable memory can have: 500 GiB.
pub const MAX_STABLE_PAGES: u64 = 500 << 14;

const CHUNK: usize = WASM_PAGE as usize;
const GROUP: usize = 1024;

/// 64 KiB, and which of its pages the current message (the one with number `epoch`) touched.
#[derive(Clone, Default)]
struct Chunk {
    data: Option<Arc<[u8; CHUNK]>>,
    epoch: u64,
    written: u16,
    touched: u16,
}

impl Chunk {
    fn at(&mut self, epoch: u64) -> &mut Self {
        if self.epoch != epoch {
            (self.epoch, self.written, self.touched) = (epoch, 0, 0);
        }
        self
    }

    fn bytes_mut(&mut self) -> &mut [u8; CHUNK] {
        Arc::make_mut(self.data.get_or_insert_with(|| Arc::new([0; CHUNK])))
    }
}

/// The stable memory of a canister. Clones share equal parts.
#[derive(Clone, Default)]
pub struct StableMemory {
    pages: u64,
    groups: Vec<Option<Box<[Chunk]>>>,
    /// The file that has the chunks without data, if there is one.
    backing: Option<Arc<Backing>>,
    epoch: u64,
    /// Pages as they were before this message: their number, and whether `undo_bytes` holds them.
    undo: Vec<(u64, bool)>,
    undo_bytes: Vec<u8>,
    undo_size: u64,
    written: u64,
    touched: u64,
}

impl StableMemory {
    /// Returns an empty stable memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a stable memory that contains `image`, padded with zeroes to whole wasm pages.
    pub fn from_image(image: &[u8]) -> Self {
        let mut memory = Self { pages: (image.len() as u64).div_ceil(WASM_PAGE), ..Self::default() };
        for (i, chunk) in image.chunks(CHUNK).enumerate() {
            if chunk.iter().any(|byte| *byte != 0) {
                memory.write(i as u64 * WASM_PAGE, chunk);
            }
        }
        memory
    }

    /// Returns all bytes. Use it for small memories: the image contains the zeroes too.
    pub fn image(&self) -> Vec<u8> {
        let mut image = vec![0; usize::try_from(self.bytes()).unwrap_or(usize::MAX)];
        self.read(0, &mut image);
        image
    }

    /// Returns the size in wasm pages of 64 KiB.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// Returns the size in bytes.
    pub fn bytes(&self) -> u64 {
        self.pages * WASM_PAGE
    }

    /// Returns the bytes that are allocated, in chunks of 64 KiB.
    pub fn resident_bytes(&self) -> u64 {
        self.chunks().count() as u64 * WASM_PAGE
    }

    /// Grows by `pages` and returns the size before, or `None` beyond 500 GiB.
    pub fn grow(&mut self, pages: u64) -> Option<u64> {
        let before = self.pages;
        let after = before.checked_add(pages).filter(|after| *after <= MAX_STABLE_PAGES)?;
        self.pages = after;
        Some(before)
    }

    /// Reads the bytes at `offset`.
    ///
    /// # Panics
    /// Panics if the range lies outside of the memory.
    pub fn read(&self, offset: u64, out: &mut [u8]) {
        assert!(self.contains(offset, out.len() as u64), "stable memory read out of bounds");
        let mut rest = out;
        let mut at = offset;
        while !rest.is_empty() {
            let start = (at % WASM_PAGE) as usize;
            let (part, tail) = rest.split_at_mut(rest.len().min(CHUNK - start));
            match self.chunk(at / WASM_PAGE).and_then(|chunk| chunk.data.as_ref()) {
                Some(data) => part.copy_from_slice(&data[start..start + part.len()]),
                None => match &self.backing {
                    Some(backing) => backing.read(at, part),
                    None => part.fill(0),
                },
            }
            at += part.len() as u64;
            rest = tail;
        }
    }

    /// Writes `bytes` at `offset`.
    ///
    /// # Panics
    /// Panics if the range lies outside of the memory.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) {
        assert!(self.contains(offset, bytes.len() as u64), "stable memory write out of bounds");
        let mut rest = bytes;
        let mut at = offset;
        while !rest.is_empty() {
            let start = (at % WASM_PAGE) as usize;
            let (part, tail) = rest.split_at(rest.len().min(CHUNK - start));
            self.load_chunk(at / WASM_PAGE);
            let chunk = self.chunk_mut(at / WASM_PAGE);
            chunk.bytes_mut()[start..start + part.len()].copy_from_slice(part);
            at += part.len() as u64;
            rest = tail;
        }
    }

    /// Returns `true` if `len` bytes at `offset` lie within the memory.
    pub fn contains(&self, offset: u64, len: u64) -> bool {
        offset.checked_add(len).is_some_and(|end| end <= self.bytes())
    }

    /// Returns the chunks that contain data, by their number.
    fn chunks(&self) -> impl Iterator<Item = (u64, &[u8; CHUNK])> {
        let groups = self.groups.iter().enumerate().filter_map(|(g, group)| Some((g, group.as_ref()?)));
        groups.flat_map(|(g, group)| {
            let held = group.iter().enumerate();
            held.filter_map(move |(i, chunk)| Some(((g * GROUP + i) as u64, &**chunk.data.as_ref()?)))
        })
    }

    fn chunk(&self, index: u64) -> Option<&Chunk> {
        let group = self.groups.get(index as usize / GROUP)?.as_ref()?;
        Some(&group[index as usize % GROUP])
    }

    fn chunk_mut(&mut self, index: u64) -> &mut Chunk {
        let group = index as usize / GROUP;
        if group >= self.groups.len() {
            self.groups.resize_with(group + 1, || None);
        }
        let group = self.groups[group].get_or_insert_with(|| vec![Chunk::default(); GROUP].into());
        &mut group[index as usize % GROUP]
    }
}

/// The changes of a message, which can be undone until the next message begins.
impl StableMemory {
    pub(crate) fn begin(&mut self) {
        self.epoch += 1;
        (self.written, self.touched, self.undo_size) = (0, 0, self.pages);
        self.undo.clear();
        self.undo_bytes.clear();
    }

    /// Returns the pages written, and the pages read or written, since the message began.
    pub(crate) fn page_counts(&self) -> (u64, u64) {
        (self.written, self.touched)
    }

    /// Prepares a write: keeps the bytes of the range, and counts its pages that this message did
    /// not write before.
    pub(crate) fn mark_written(&mut self, offset: u64, len: u64) -> u64 {
        let before = self.written;
        for page in pages(offset, len) {
            self.load_chunk(page / 16);
            let epoch = self.epoch;
            let bit = 1 << (page % 16);
            let chunk = self.chunk_mut(page / 16).at(epoch);
            if chunk.written & bit != 0 {
                continue;
            }
            let first_touch = chunk.touched & bit == 0;
            chunk.written |= bit;
            chunk.touched |= bit;
            let data = chunk.data.clone();
            self.touched += u64::from(first_touch);
            self.written += 1;
            self.undo.push((page, data.is_some()));
            if let Some(data) = data {
                let start = (page % 16 * PAGE) as usize;
                self.undo_bytes.extend_from_slice(&data[start..start + PAGE as usize]);
            }
        }
        self.written - before
    }

    /// Prepares a read: counts its pages.
    pub(crate) fn mark_read(&mut self, offset: u64, len: u64) {
        for page in pages(offset, len) {
            let epoch = self.epoch;
            let bit = 1 << (page % 16);
            let chunk = self.chunk_mut(page / 16).at(epoch);
            let first_touch = chunk.touched & bit == 0;
            chunk.touched |= bit;
            self.touched += u64::from(first_touch);
        }
    }

    /// Undoes all changes since the message began.
    pub(crate) fn roll_back(&mut self) {
        let undo = std::mem::take(&mut self.undo);
        let bytes = std::mem::take(&mut self.undo_bytes);
        let mut kept = bytes.chunks_exact(PAGE as usize);
        for (page, held) in undo {
            let start = (page % 16 * PAGE) as usize;
            let target = &mut self.chunk_mut(page / 16).bytes_mut()[start..start + PAGE as usize];
            let old = if held { kept.next() } else { None };
            match old {
                Some(old) => target.copy_from_slice(old),
                None => target.fill(0),
            }
        }
        self.pages = self.undo_size;
    }
}

fn pages(offset: u64, len: u64) -> std::ops::Range<u64> {
    if len == 0 { 0..0 } else { offset / PAGE..(offset + len - 1) / PAGE + 1 }
}
