//! Chains and free pages: section 3.

use super::bytes::Reader;
use super::memory::{Kind, Memory, PAGE, Use};

const HEADER: usize = 24;

/// The header of an extent, and its data.
pub struct Extent<'a> {
    pages: u32,
    next: u32,
    tail: u32,
    overflow_pages: u32,
    owner: u32,
    data: &'a [u8],
}

fn extent<'a>(memory: &Memory<'a>, first: u32, used: Use) -> Extent<'a> {
    let mut reader = Reader::new(memory.page(first, Kind::Extent, used));
    reader.skip(4);
    let (pages, next, tail, overflow_pages) = (reader.u32(), reader.u32(), reader.u32(), reader.u32());
    let owner = reader.u32();
    assert!(pages >= 1, "an extent has pages");
    let data = &memory.pages(first, pages)[HEADER..];
    (first + 1..first + pages).for_each(|page| memory.claim(page, used));
    Extent { pages, next, tail, overflow_pages, owner, data }
}

/// A value in extents, and the pages that it takes.
pub struct Chain {
    pub value: Vec<u8>,
    pub pages: u32,
}

/// Reads a chain of `len` bytes that belongs to a root.
pub fn chain(memory: &Memory, owner: u32, first: u32, len: usize) -> Chain {
    let (extents, last) = walk(memory, first, Use::Extent);
    let pages = owned(&extents, owner, last, first);
    let most = len.div_ceil(PAGE - HEADER).max(1);
    assert!(pages as usize <= most, "{len} bytes need at most {most} pages, not {pages}");
    let mut value: Vec<u8> = extents.iter().flat_map(|extent| extent.data).copied().collect();
    assert!(value.len() >= len, "the chain from page {first} has room for {len} bytes");
    value.truncate(len);
    Chain { value, pages }
}

/// Walks the chain of a detached tree that belonged to a root.
pub fn dead(memory: &Memory, owner: u32, first: u32) {
    let (extents, last) = walk(memory, first, Use::DeadExtent);
    owned(&extents, owner, last, first);
}

/// Checks the headers of a chain. Answers the number of its pages.
fn owned(extents: &[Extent], owner: u32, last: u32, first: u32) -> u32 {
    let pages = extents.iter().map(|extent| extent.pages).sum();
    assert!(extents.iter().all(|extent| extent.owner == owner), "owner of the chain from page {first}");
    assert_eq!(extents[0].tail, last, "tail of the chain from page {first}");
    assert_eq!(extents[0].overflow_pages, pages, "pages of the chain from page {first}");
    let others = extents.iter().skip(1).all(|extent| (extent.tail, extent.overflow_pages) == (0, 0));
    assert!(others, "only the first extent of the chain from page {first} counts it");
    pages
}

fn walk<'a>(memory: &Memory<'a>, first: u32, used: Use) -> (Vec<Extent<'a>>, u32) {
    let mut extents = vec![extent(memory, first, used)];
    let mut last = first;
    while let next @ 1.. = extents[extents.len() - 1].next {
        last = next;
        extents.push(extent(memory, next, used));
    }
    (extents, last)
}

/// Walks the list of free extents.
pub fn free(memory: &Memory) {
    let superblock = &memory.superblock;
    assert_eq!(superblock.free == 0, superblock.free_pages == 0, "free pages are in a list");
    if superblock.free != 0 {
        let (extents, _) = walk(memory, superblock.free, Use::Free);
        let pages: u32 = extents.iter().map(|extent| extent.pages).sum();
        assert_eq!(pages, superblock.free_pages, "free pages");
    }
}
