//! Pages of 4 KiB: reading, writing, allocating and freeing them, and the headers that all of them
//! begin with. Page 0 is the superblock; the other kinds are in [`Kind`]. What stands in nodes,
//! arrays and buckets is the business of the collections; here is just as much of it as freeing a
//! whole tree needs.

mod allocator;
pub mod branch;
mod direct;
pub mod extent;
pub mod node;
mod offset;
mod owned;
mod pager;
mod prepare;
pub mod superblock;

pub use allocator::Usage;
pub use offset::PageOffset;
pub use pager::{Located, PageObserver, Pager};

use crate::error::{Error, Result};

/// Bytes of a page. The same as the unit in which a replica charges for writes.
pub const PAGE_SIZE: usize = 4096;

/// A page's content on the heap.
pub type PageBytes = [u8; PAGE_SIZE];

/// Kinds of pages, as their first byte says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The first page of an extent: a free one, or a piece of a large value.
    Extent = 1,
    /// A node of a tree.
    Node = 2,
    /// A root: what a collection is, and where it begins.
    Root = 3,
    /// The list of roots.
    Catalog = 4,
    /// A piece of the layout registry.
    Registry = 5,
    /// A row of references to other pages: see [`branch`].
    Branch = 6,
    /// Values of one constant size, side by side.
    Array = 7,
    /// Entries by their hash.
    Bucket = 8,
}

/// Checks the kind in a page's first byte.
///
/// # Errors
/// [`Error::Damaged`] where it is another one.
pub fn expect_kind(page: u32, found: u8, kind: Kind) -> Result<()> {
    if found == kind as u8 {
        return Ok(());
    }
    let why = match kind {
        Kind::Extent => "it is not the beginning of an extent",
        Kind::Node => "it is not a node",
        Kind::Root => "it is not a root",
        Kind::Catalog => "it is not a catalog",
        Kind::Registry => "it is not a piece of the registry",
        Kind::Branch => "it is not a branch",
        Kind::Array => "it is not an array",
        Kind::Bucket => "it is not a bucket",
    };
    Err(Error::Damaged { page, why })
}
