//! Chains, free pages and dead trees: sections 3 and 4.

use super::bytes::Reader;
use super::memory::{Kind, Memory, PAGE, Use};

const HEADER: usize = 24;

/// The header of an extent, and its data.
struct Extent<'a> {
    pages: u32,
    next: u32,
    tail: u32,
    chain_pages: u32,
    data: &'a [u8],
}

fn extent<'a>(memory: &Memory<'a>, first: u32, used: Use) -> Extent<'a> {
    let mut reader = Reader::new(memory.page(first, Kind::Extent, used));
    reader.skip(4);
    let (pages, next, tail, chain_pages) = (reader.u32(), reader.u32(), reader.u32(), reader.u32());
    assert!(pages >= 1, "an extent has pages");
    let data = &memory.pages(first, pages)[HEADER..];
    (first + 1..first + pages).for_each(|page| memory.claim(page, used));
    Extent { pages, next, tail, chain_pages, data }
}

/// A value in extents, and the pages that it takes.
pub struct Chain {
    pub value: Vec<u8>,
    pub pages: u32,
}

/// Reads a chain of `len` bytes.
pub fn chain(memory: &Memory, first: u32, len: usize) -> Chain {
    let (extents, last) = walk(memory, first, Use::Extent);
    let pages = extents.iter().map(|extent| extent.pages).sum();
    assert_eq!(extents[0].tail, last, "tail of the chain from page {first}");
    assert_eq!(extents[0].chain_pages, pages, "pages of the chain from page {first}");
    let most = len.div_ceil(PAGE - HEADER).max(1);
    assert!(pages as usize <= most, "{len} bytes need at most {most} pages, not {pages}");
    let mut value: Vec<u8> = extents.iter().flat_map(|extent| extent.data).copied().collect();
    assert!(value.len() >= len, "the chain from page {first} has room for {len} bytes");
    value.truncate(len);
    Chain { value, pages }
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

/// Walks all dead trees. Answers how many there are in the list.
pub fn dead(memory: &Memory) -> usize {
    let (mut page, mut number) = (memory.superblock.dead, 0);
    while page != 0 {
        page = dead_node(memory, page);
        number += 1;
    }
    number
}

/// Walks a node of a dead tree, and what is below it. Answers its link.
fn dead_node(memory: &Memory, page: u32) -> u32 {
    let bytes = memory.page(page, Kind::Node, Use::DeadNode);
    let mut header = Reader::new(&bytes[2..]);
    let (count, _cells, _garbage, _hole, refs) =
        (header.u16(), header.u16(), header.u16(), header.u16(), header.u16());
    let mut slots = Reader::new(&bytes[32..]);
    let slots: Vec<u16> = (0..count).map(|_| slots.u16()).collect();
    let owning = slots.iter().filter(|slot| *slot & 0x4000 != 0);
    assert_eq!(owning.clone().count(), usize::from(refs), "refs of the dead node {page}");
    for slot in owning {
        let owned = Reader::new(&bytes[usize::from(slot & 0x0fff)..]).u32();
        if memory.kind(owned) == Kind::Node as u8 {
            assert_eq!(dead_node(memory, owned), 0, "the node {owned} below a dead one has no link");
        } else {
            walk(memory, owned, Use::DeadExtent);
        }
    }
    Reader::new(&bytes[24..]).u32()
}
