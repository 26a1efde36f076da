//! Pages, the superblock, and what every page is used for: sections 1 and 2.

use std::cell::RefCell;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::bytes::Reader;

pub const PAGE: usize = 4096;

const MAGIC: &[u8] = b"\x89GRAVEN\n";

/// The use of a page. Every page has one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    Superblock,
    Catalog,
    Registry,
    Root,
    Node,
    Branch,
    Array,
    Bucket,
    Extent,
    Free,
    DeadNode,
    DeadBranch,
    DeadArray,
    DeadBucket,
    DeadExtent,
}

/// The first byte of a page, where something refers to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Extent = 1,
    Node = 2,
    Root = 3,
    Catalog = 4,
    Registry = 5,
    Branch = 6,
    Array = 7,
    Bucket = 8,
}

pub struct Superblock {
    pub pages: u32,
    pub free: u32,
    pub free_pages: u32,
    pub dead: u32,
    pub catalog: u32,
    pub registry: u32,
    pub registry_last: u32,
    pub layouts: u32,
    pub registry_len: u64,
}

/// The bytes of a memory, and the uses that were found so far.
pub struct Memory<'a> {
    bytes: &'a [u8],
    pub superblock: Superblock,
    uses: RefCell<Vec<Option<Use>>>,
}

impl<'a> Memory<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let superblock = superblock(bytes);
        let pages = superblock.pages as usize;
        assert!(bytes.len() >= pages * PAGE, "the memory has at least {pages} pages");
        let memory = Self { bytes, superblock, uses: RefCell::new(vec![None; pages]) };
        memory.claim(0, Use::Superblock);
        memory
    }

    /// Returns the bytes of `number` pages from `first` on.
    pub fn pages(&self, first: u32, number: u32) -> &'a [u8] {
        assert_ne!(first, 0, "a page number that is not 0");
        let end = first.checked_add(number).expect("page numbers are u32");
        assert!(end <= self.superblock.pages, "pages {first} to {end} are in the memory");
        &self.bytes[first as usize * PAGE..end as usize * PAGE]
    }

    pub fn kind(&self, page: u32) -> u8 {
        self.pages(page, 1)[0]
    }

    /// Returns the page, which is of the given kind and has the given use from now on.
    pub fn page(&self, page: u32, kind: Kind, used: Use) -> &'a [u8] {
        let bytes = self.pages(page, 1);
        assert_eq!(bytes[0], kind as u8, "page {page} is of kind {kind:?}");
        self.claim(page, used);
        bytes
    }

    pub fn claim(&self, page: u32, used: Use) {
        let place = &mut self.uses.borrow_mut()[page as usize];
        if let Some(before) = place {
            panic!("page {page} is used as {before:?} and as {used:?}");
        }
        *place = Some(used);
    }

    /// Returns `true` if a page has the given use.
    pub fn is(&self, page: u32, used: Use) -> bool {
        self.uses.borrow()[page as usize] == Some(used)
    }

    /// Returns how many pages have the given use.
    pub fn count(&self, used: Use) -> usize {
        self.uses.borrow().iter().filter(|u| **u == Some(used)).count()
    }

    /// Returns the uses that pages have, with how many have each.
    pub fn uses(&self) -> BTreeMap<Use, usize> {
        let mut numbers = BTreeMap::new();
        self.uses.borrow().iter().flatten().for_each(|used| *numbers.entry(*used).or_default() += 1);
        numbers
    }

    pub fn all_pages_have_a_use(&self) {
        let uses = self.uses.borrow();
        let unused: Vec<usize> = (0..uses.len()).filter(|page| uses[*page].is_none()).collect();
        assert!(unused.is_empty(), "nothing refers to the pages {unused:?}");
    }
}

fn superblock(bytes: &[u8]) -> Superblock {
    let mut reader = Reader::new(&bytes[..PAGE]);
    assert_eq!(reader.take(8), MAGIC, "magic");
    assert_eq!(reader.u32(), 1, "format");
    assert_eq!(reader.u32() as usize, PAGE, "page size");
    assert_eq!(reader.u64(), 0, "features");
    assert_eq!(reader.take(8), &Sha256::digest(&bytes[..24])[..8], "check");
    let superblock = Superblock {
        pages: reader.u32(),
        free: reader.u32(),
        free_pages: reader.u32(),
        dead: reader.u32(),
        catalog: reader.u32(),
        registry: reader.u32(),
        registry_last: reader.u32(),
        layouts: reader.u32(),
        registry_len: reader.u64(),
    };
    assert_eq!(reader.at(), 72);
    assert!(reader.rest().iter().all(|byte| *byte == 0), "the other bytes of page 0 are zero");
    superblock
}
