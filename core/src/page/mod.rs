//! Pages of 4 KiB: reads, writes, allocates and frees them, and defines their headers. Page 0 is
//! the superblock. [`Kind`] lists the other kinds. The collections define the contents of nodes,
//! arrays and buckets. This module knows only what freeing a whole tree needs, and how an array
//! counts its values, which opening needs.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

mod account;
mod allocator;
pub mod array;
pub mod branch;
pub mod extent;
mod journal;
pub mod node;
mod offset;
mod owned;
mod page_ref;
mod pager;
mod prepare;
mod scratch;
mod set;
pub mod superblock;
mod transaction;

pub use crate::numbers::{LayoutId, PAGE_SIZE, PageNumber, StoredLayout, StoredPage};
pub use account::StorePages;
pub use allocator::Usage;
pub use offset::PageOffset;
pub use page_ref::PageRef;
pub use pager::{Aligned, PageObserver, Pager, SharedPages};
pub use set::PageSet;

use crate::error::Damage;

/// The offset of the length of a root's name in the root's page. Errors read the name from there.
pub(crate) const ROOT_NAME_LEN_AT: usize = 2;

/// The offset of a root's name in the root's page.
pub(crate) const ROOT_NAME_AT: usize = 64;

/// A page's content on the heap.
pub type PageBytes = [u8; PAGE_SIZE];

/// The kind of a page, in its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The first page of an extent, which is free or holds a part of a large value.
    Extent = 1,
    /// A node of a tree.
    Node = 2,
    /// A root: the kind of a collection, and where it begins.
    Root = 3,
    /// The list of roots.
    Catalog = 4,
    /// A piece of the layout registry.
    Registry = 5,
    /// References to other pages: see [`branch`].
    Branch = 6,
    /// Values of one constant size, side by side.
    Array = 7,
    /// Entries by hash.
    Bucket = 8,
}

/// Checks the kind in a page's first byte.
///
/// # Errors
/// [`Damage::WrongKind`] if it is another one.
#[inline]
pub const fn expect_kind(found: u8, kind: Kind) -> Result<(), Damage> {
    if found == kind as u8 { Ok(()) } else { Err(Damage::WrongKind) }
}
