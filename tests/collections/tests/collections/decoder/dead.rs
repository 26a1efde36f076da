//! Detached trees: section 4.

use super::bytes::Reader;
use super::extents;
use super::memory::{Kind, Memory, Use};

/// Walks all detached trees. Answers how many there are in the list.
pub fn dead(memory: &Memory) -> usize {
    let (mut page, mut number) = (memory.superblock.dead, 0);
    while page != 0 {
        page = dead_page(memory, page);
        number += 1;
    }
    number
}

/// Walks a page of a detached tree, and what is below it. Answers its link.
fn dead_page(memory: &Memory, page: u32) -> u32 {
    let bytes = match memory.kind(page) {
        2 => dead_node(memory, page, Kind::Node, Use::DeadNode),
        6 => dead_branch(memory, page),
        7 => memory.page(page, Kind::Array, Use::DeadArray),
        8 => dead_bucket(memory, page),
        kind => panic!("page {page} of a dead tree is of kind {kind}"),
    };
    Reader::new(&bytes[24..]).u32()
}

/// Walks the extents below a page of a detached tree, or checks that the page has no link.
fn below(memory: &Memory, above: &[u8], page: u32) {
    let owner = Reader::new(&above[12..]).u32();
    if memory.kind(page) == Kind::Extent as u8 {
        extents::dead(memory, owner, page);
    } else {
        assert_eq!(dead_page(memory, page), 0, "page {page} below a dead one has no link");
    }
}

fn dead_node<'a>(memory: &Memory<'a>, page: u32, kind: Kind, used: Use) -> &'a [u8] {
    let bytes = memory.page(page, kind, used);
    let mut header = Reader::new(&bytes[2..]);
    let (count, _cells, _garbage, _hole, refs) =
        (header.u16(), header.u16(), header.u16(), header.u16(), header.u16());
    if kind == Kind::Node && Reader::new(&bytes[28..]).u32() != 0 {
        assert_eq!(refs, 0, "the dead leaf {page} of fixed cells owns nothing");
        return bytes;
    }
    let mut slots = Reader::new(&bytes[32..]);
    let slots: Vec<u16> = (0..count).map(|_| slots.u16()).collect();
    let owning = slots.iter().filter(|slot| *slot & 0x4000 != 0);
    assert_eq!(owning.clone().count(), usize::from(refs), "refs of the dead node {page}");
    owning.for_each(|slot| below(memory, bytes, Reader::new(&bytes[usize::from(slot & 0x0fff)..]).u32()));
    bytes
}

fn dead_branch<'a>(memory: &Memory<'a>, page: u32) -> &'a [u8] {
    let bytes = memory.page(page, Kind::Branch, Use::DeadBranch);
    let mut header = Reader::new(&bytes[2..]);
    let (count, width) = (usize::from(header.u16()), usize::from(header.u16()));
    assert!(width >= 4, "entries of the dead branch {page} begin with a page");
    let entries = bytes[32..].chunks_exact(width).take(count);
    let mut children: Vec<u32> = entries.map(|entry| Reader::new(entry).u32()).collect();
    children.dedup();
    children.into_iter().filter(|child| *child != 0).for_each(|child| below(memory, bytes, child));
    bytes
}

fn dead_bucket<'a>(memory: &Memory<'a>, page: u32) -> &'a [u8] {
    let bytes = dead_node(memory, page, Kind::Bucket, Use::DeadBucket);
    let next = Reader::new(&bytes[28..]).u32();
    if next != 0 {
        below(memory, bytes, next);
    }
    bytes
}
