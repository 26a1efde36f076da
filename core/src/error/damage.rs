//! The reasons why a page is damaged.

use super::Error;
use crate::layout::Invalid;
use crate::numbers::PageNumber;

/// The reason why a page is damaged: bytes that no version of this code writes. Section 13 of
/// docs/format.md says which reader may check what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A reference to a page that does not exist.
    #[error("something points to it, but the store has no such page")]
    MissingPage,
    /// A page of another kind than its reference says.
    #[error("it is not of the kind that its reference says")]
    WrongKind,
    /// A node that names another root as its owner.
    #[error("it belongs to another collection")]
    WrongOwner,
    /// A node whose level is not the one below its parent's.
    #[error("it is not a node of this tree on the level below its parent")]
    WrongLevel,
    /// A page that two pages or two collections own.
    #[error("more than one page owns it")]
    SharedPage,
    /// A page that is in use and in a detached tree.
    #[error("it is in use and belongs to a detached tree")]
    DetachedInUse,
    /// A list of pages or a tree without an end.
    #[error("its pages lead back to themselves")]
    Cycle,
    /// A part of a page that does not fit into it.
    #[error("something in it reaches beyond its end")]
    BeyondEnd,
    /// A node without entries.
    #[error("it is a node without entries")]
    EmptyNode,
    /// A root with entries but no tree, or a tree but no entries.
    #[error("its root has entries without a tree, or a tree without levels or entries")]
    NoTree,
    /// A slot that points to an offset where no cell can be.
    #[error("a slot points to an offset where no cell can be")]
    SlotOutOfRange,
    /// A cell, or the offset at which cells begin, outside of its page.
    #[error("a cell reaches beyond its page")]
    CellOutOfRange,
    /// A cell that ends before its key or value does.
    #[error("a cell is too short")]
    CellTooShort,
    /// Slots, cells and freeblocks that overlap.
    #[error("its slots, cells or freeblocks overlap")]
    CellsOverlap,
    /// A freeblock outside of the cells.
    #[error("a freeblock is not among the cells")]
    FreeblockOutOfRange,
    /// Freeblocks that have more or fewer bytes than counted.
    #[error("its freeblocks do not have the bytes that are counted")]
    FragmentedBytes,
    /// Entries that do not fit into the page that should have room for them.
    #[error("its entries do not fit into a page")]
    NoRoom,
    /// A node that owns more or fewer overflow pages than its header counts.
    #[error("it owns more or fewer overflow pages than it counts")]
    OverflowCount,
    /// A value in a layout that its page or its root does not list.
    #[error("a value has a layout that its page or root does not list")]
    UnlistedLayout,
    /// Values of another size than their layout has.
    #[error("its values do not have the size of their layout")]
    WrongValueSize,
    /// Pages in a layout that are not as many as counted.
    #[error("the pages of a layout are not as many as counted")]
    LayoutPages,
    /// Entries that are not as many as counted.
    #[error("its entries are not as many as counted")]
    EntryCount,
    /// Encoded keys and values that have more or fewer bytes than counted.
    #[error("its bytes are not as many as counted")]
    ByteCount,
    /// Pages that are not as many as counted.
    #[error("its pages are not as many as counted")]
    PageCount,
    /// A branch with more entries than fit.
    #[error("a branch has an impossible number of entries")]
    BranchCount,
    /// A leaf with more or fewer values than its branch says.
    #[error("it does not hold as many values as its branch says")]
    LengthMismatch,
    /// An array that counts its values, without a count of them after the last one.
    #[error("it does not say how many values it has")]
    ArrayCount,
    /// Children of a branch that are not in order.
    #[error("its children are not in order")]
    ChildrenOutOfOrder,
    /// Keys that are not strictly ascending.
    #[error("its keys are not in order")]
    KeysOutOfOrder,
    /// Separators that do not bound the keys below them.
    #[error("the keys above it are not in order")]
    SeparatorsOutOfOrder,
    /// A value that is longer than its overflow pages.
    #[error("a value is longer than its overflow pages")]
    OverflowTooShort,
    /// Overflow pages that are not as many as counted, or as the value needs.
    #[error("its overflow pages are not as many as counted, or as the value needs")]
    OverflowMismatch,
    /// A page that nothing refers to. Its room is lost, and no entry.
    #[error("no root and no list has it, so its room is lost")]
    LostPage,
    /// An extent that belongs to two values.
    #[error("more than one value owns it")]
    OverflowShared,
    /// A value or blob that is longer than the memory.
    #[error("a value is longer than the memory")]
    ValueTooLong,
    /// An extent without pages, or one that ends after the last page.
    #[error("an extent has an impossible length")]
    ExtentLength,
    /// Free extents that are not as many as counted.
    #[error("the free list does not have as many pages as are counted")]
    FreeListCount,
    /// A superblock with a wrong checksum.
    #[error("the superblock's checksum is wrong")]
    SuperblockChecksum,
    /// A superblock with a format below the first one, 1.
    #[error("the superblock has a format below the first one")]
    SuperblockFormat,
    /// A superblock with another size of pages than 4,096 bytes.
    #[error("the superblock has another size of pages than 4,096 bytes")]
    PageSize,
    /// A catalog that continues in another page, which no code writes.
    #[error("the catalog names a page after it")]
    CatalogNext,
    /// A root whose checksum is wrong: its collection, its name or the layout of its keys changed.
    #[error("the checksum of the root's collection, name and layout of keys is wrong")]
    RootCheck,
    /// A superblock that names pages that do not exist.
    #[error("the superblock points outside of the pages it counts")]
    SuperblockOutOfRange,
    /// A catalog with more roots than fit.
    #[error("the catalog lists more roots than fit")]
    CatalogCount,
    /// A root that the catalog does not list.
    #[error("the catalog does not list this root")]
    RootNotListed,
    /// A root whose name is not text.
    #[error("the name of a root is not text")]
    RootName,
    /// A root with the name of another one.
    #[error("two roots have the same name")]
    DuplicateRoot,
    /// A root of a collection that this code does not know.
    #[error("a root is of an unknown kind")]
    UnknownCollection,
    /// A root with more layouts than fit.
    #[error("a root has an impossible number of layouts")]
    RootLayouts,
    /// A position of the sweep that is longer than a key.
    #[error("the position of the sweep is longer than a key")]
    SweepPosition,
    /// A registry whose records or pages are not as many as counted.
    #[error("the registry does not have the layouts or pages that are counted")]
    RegistryCount,
    /// A layout that is not in the registry.
    #[error("the registry does not have a layout that a root names")]
    UnknownLayout,
    /// A descriptor in the registry with the fingerprint of another one.
    #[error("a layout in the registry does not have its fingerprint")]
    WrongFingerprint,
    /// A bucket or branch that differs from what the directory says.
    #[error("it is not the bucket or branch that the directory says")]
    DirectoryMismatch,
    /// An entry outside of the bucket or group of its hash.
    #[error("an entry is not in the bucket or group of its hash")]
    WrongBucket,
    /// A key that occurs twice in its bucket.
    #[error("a key is in its bucket twice")]
    DuplicateKey,
    /// Control bytes or overflow counts that do not fit the entries.
    #[error("the control bytes of its table do not fit its entries")]
    ControlBytes,
    /// A table with an impossible size.
    #[error("its table has an impossible number of positions")]
    TableSize,
    /// Bytes that are not a row of an index or of the handles.
    #[error("a row of the index or of the handles is not valid")]
    InvalidRow,
    /// Two collections with one number, or a row that names the number of another one.
    #[error("two collections have the same number")]
    DuplicateNumber,
    /// A root or list whose numbers or positions are used up.
    #[error("its numbers or positions are used up")]
    NumbersUsedUp,
    /// A next number that is not higher than those given.
    #[error("its next number is not higher than those given")]
    NextNumber,
    /// A row of a table with another key than the one under which it is stored. The code may have
    /// changed which field is the key, or what that field is in old rows.
    #[error("a row has another key than the one under which it is stored")]
    RowKey,
    /// A missing entry that a count, a row or another entry refers to.
    #[error("an entry is missing")]
    MissingEntry,
    /// An entry that belongs to no collection of its root.
    #[error("an entry belongs to no collection")]
    OrphanEntry,
    /// Rows or entries of collections that are not next to each other.
    #[error("the entries of a collection are not in order or not next to each other")]
    EntriesOutOfOrder,
    /// An entry whose key is too short or too long for its collection.
    #[error("the key of an entry has the wrong length")]
    EntryKeyLength,
    /// A record where an item belongs, or an item where a record belongs.
    #[error("a record or an item is where the other one belongs")]
    WrongEntryType,
    /// Values of a list, or chunks of a blob, with a gap or an overlap.
    #[error("the values of a list or the chunks of a blob do not follow one another")]
    NotConsecutive,
    /// A value of a queue that is greater than the one above it.
    #[error("a value is greater than the one above it")]
    HeapOrder,
    /// A handle and a value that do not point to each other.
    #[error("a value and its handle do not lead to each other")]
    HandleMismatch,
    /// A list of free handles that differs from the unused handles.
    #[error("the list of free handles is not that of the unused handles")]
    FreeHandles,
    /// Two trees of a ranked map that have different keys.
    #[error("its keys are not those of its entries")]
    RankMismatch,
    /// Bytes that are not a key or value of the expected type.
    #[error("{}", .0.0)]
    InvalidValue(#[from] Invalid),
}

impl Damage {
    /// Returns the error for a page, without the name of a root.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub const fn on(self, page: PageNumber) -> Error {
        Error::Damaged { root: None, page, reason: self }
    }
}

impl Error {
    /// Returns this error with the name of the root that was read, unless it already names a root.
    /// Leaves errors other than [`Error::Damaged`] unchanged.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub(crate) fn of_root(mut self, name: &str) -> Error {
        if let Error::Damaged { root: root @ None, .. } = &mut self {
            *root = Some(name.into());
        }
        self
    }

    /// Returns this error without the name of a root, for a page that belongs to the store.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub(crate) fn of_store(mut self) -> Error {
        if let Error::Damaged { root, .. } = &mut self {
            *root = None;
        }
        self
    }
}
