//! Detached trees with every kind of page are freed completely.

use graven_core::page::branch::BranchHeader;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, PAGE_SIZE, PageNumber, Pager};
use graven_tests::memory::Bytes;

/// The root of the tree, which is that of the overflow pages: none, since only the store writes.
const OWNER: PageNumber = PageNumber::NONE;

fn branch(pager: &Pager<Bytes>, level: u8, children: &[PageNumber]) -> PageNumber {
    let page = pager.allocate().unwrap();
    let mut bytes = Box::new([0; PAGE_SIZE]);
    let header = BranchHeader::new(Kind::Branch, level, children.len() as u16, 12, OWNER);
    bytes[0] = header.kind;
    bytes[1] = header.level;
    bytes[2..4].copy_from_slice(&header.count.get().to_le_bytes());
    bytes[4..6].copy_from_slice(&header.width.get().to_le_bytes());
    bytes[12..16].copy_from_slice(&OWNER.to_le_bytes());
    for (i, child) in children.iter().enumerate() {
        bytes[32 + 12 * i..36 + 12 * i].copy_from_slice(&child.to_le_bytes());
    }
    pager.write(page, 0, &bytes[..]).unwrap();
    page
}

fn array(pager: &Pager<Bytes>) -> PageNumber {
    let page = pager.allocate().unwrap();
    let mut bytes = Box::new([0xff; PAGE_SIZE]);
    bytes[0] = Kind::Array as u8;
    bytes[1] = 0;
    bytes[12..16].copy_from_slice(&OWNER.to_le_bytes());
    pager.write(page, 0, &bytes[..]).unwrap();
    page
}

/// Returns a bucket with one value in a chain, in the middle of empty slots, and a next bucket.
fn bucket(pager: &Pager<Bytes>, next: PageNumber) -> PageNumber {
    let (chain, _) = pager.write_overflow(&[7; 9_000]).unwrap();
    let page = pager.allocate().unwrap();
    let mut bytes = Box::new([0; PAGE_SIZE]);
    let header = NodeHeader::new(0, OWNER);
    bytes[0] = Kind::Bucket as u8;
    bytes[12..16].copy_from_slice(&OWNER.to_le_bytes());
    bytes[2..4].copy_from_slice(&8u16.to_le_bytes());
    bytes[10..12].copy_from_slice(&1u16.to_le_bytes());
    bytes[28..32].copy_from_slice(&next.to_le_bytes());
    let slot = Slot::new(2_000, 0, true);
    bytes[HEADER_SIZE + 6..HEADER_SIZE + 8].copy_from_slice(&slot.0.to_le_bytes());
    bytes[2_000..2_004].copy_from_slice(&chain.to_le_bytes());
    bytes[2_004..2_008].copy_from_slice(&9_000_u32.to_le_bytes());
    assert!(header.next.get().is_none());
    pager.write(page, 0, &bytes[..]).unwrap();
    page
}

#[test]
fn every_page_of_a_dead_tree_comes_back() {
    let pager = Pager::create(Bytes::default(), 0).unwrap();
    let leaves: Vec<PageNumber> = (0..5).map(|_| array(&pager)).collect();
    let overflow = bucket(&pager, PageNumber::NONE);
    let low = branch(&pager, 1, &[leaves[0], PageNumber::NONE, leaves[1], leaves[2], PageNumber::NONE]);
    let high = branch(&pager, 1, &[PageNumber::NONE, bucket(&pager, overflow)]);
    let empty = branch(&pager, 1, &[]);
    let top = branch(&pager, 2, &[low, high, empty, leaves[3], leaves[4]]);
    pager.free_tree(top).unwrap();
    let mut steps = 0;
    while pager.usage().detached {
        pager.reclaim_step().unwrap();
        steps += 1;
    }
    let usage = pager.usage();
    assert_eq!(usage.free, usage.pages - 1, "all but the superblock");
    assert!(steps <= 2 * usage.pages, "every page is seen once for each page that it owns");
}

#[test]
fn branches_with_more_entries_than_fit_are_damaged() {
    let pager = Pager::create(Bytes::default(), 0).unwrap();
    let page = branch(&pager, 1, &[]);
    pager.write(page, 2, &400u16.to_le_bytes()).unwrap();
    pager.free_tree(page).unwrap();
    assert!(pager.reclaim_step().is_err());
    assert!(!pager.usage().detached, "what is damaged is given up");
    pager.write(page, 2, &[0, 0, 0, 0]).unwrap();
    pager.free_tree(page).unwrap();
    assert!(pager.reclaim_step().is_err(), "entries of no width");
}
