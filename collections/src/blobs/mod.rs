//! Byte strings of any length by key, read and written in parts, like files. Each blob is cut into
//! chunks, which are entries of a tree. The key of a chunk is that of its blob, then its offset.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

mod chunk;
mod file;
mod keys;
pub(crate) mod verify;
mod write;

use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, KeyRef, StableKey};
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats, VerifyPosition};
use graven_core::{Damage, DefaultMemoryImpl, Error, Memory, Result};

use crate::codec::keys::check_len;
use crate::codec::value::no_conversion;
use crate::engine::btree::Tree;
use crate::engine::cell::Sizes;
use crate::engine::verify::{Audit, check_within};

pub use file::File;
pub use keys::Keys;
pub(crate) use write::MAX_CHUNK;

/// Byte strings by keys of type `K`, in stable memory: documents, images, wasm modules. Memory is
/// the only limit to their length.
///
/// Reading and writing a part touches only its chunks, of at most 1 MiB each. Each chunk costs
/// about 10,000 instructions, and its bytes. Appending fills the last page of 4 KiB, then adds
/// chunks. [`Blobs::file`] returns a blob as [`Read`](std::io::Read), [`Write`](std::io::Write) and
/// [`Seek`](std::io::Seek).
///
/// # Example: a file in parts
/// ```
/// use graven_collections::{Blobs, open};
/// use graven_core::DefaultMemoryImpl;
/// use std::io::{Read, Seek, SeekFrom, Write};
/// let mut files: Blobs<String> = open("files", DefaultMemoryImpl::default()).unwrap();
/// let name = "greeting.txt".to_string();
/// files.append(&name, b"Hello, ");
/// files.append(&name, b"world");
/// assert_eq!(files.len(&name), Some(12));
/// assert_eq!(files.read(&name, 7, 5).unwrap(), b"world");
///
/// let mut file = files.file(&name);
/// file.seek(SeekFrom::Start(7)).unwrap();
/// file.write_all(b"there").unwrap();
/// file.rewind().unwrap();
/// let mut text = String::new();
/// file.read_to_string(&mut text).unwrap();
/// assert_eq!(text, "Hello, there");
/// ```
pub struct Blobs<K, M: Memory = DefaultMemoryImpl> {
    tree: Tree<M>,
    keys: PhantomData<K>,
}

impl<K: StableKey, M: Memory> Blobs<K, M> {
    const SIZES: Sizes = Sizes {
        key: match K::KEY_SIZE {
            Some(size) => Some(size + 8),
            None => None,
        },
        value: None,
    };

    /// Returns the length of a blob in bytes, or `None` if there is none. Reads one page.
    ///
    /// # Panics
    /// On damaged memory; [`Blobs::try_len`] does not.
    #[must_use]
    #[track_caller]
    pub fn len<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<u64> {
        self.try_len(key).or_fail()
    }

    /// Like [`Blobs::len`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_len<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<u64>> {
        Ok(self.chunk_up_to(&Name::of::<K, _>(key), u64::MAX)?.map(|chunk| chunk.end()))
    }

    /// Returns `true` if there is a blob, which may be empty.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.len(key).is_some()
    }

    /// Returns `true` if there are no blobs. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// Returns the whole blob. Use [`Blobs::read`] for a blob that may be too large for the heap.
    ///
    /// # Panics
    /// On damaged memory; [`Blobs::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<Vec<u8>> {
        self.try_get(key).or_fail()
    }

    /// Like [`Blobs::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<Vec<u8>>> {
        match self.try_len(key)? {
            Some(len) => self.try_read(key, 0, usize::try_from(len).unwrap_or(usize::MAX)),
            None => Ok(None),
        }
    }

    /// Returns at most `len` bytes from `offset` on, and fewer at the end. Returns `None` if there
    /// is no such blob.
    ///
    /// # Panics
    /// On damaged memory; [`Blobs::try_read`] does not.
    #[must_use]
    #[track_caller]
    pub fn read<Q: KeyRef<K> + ?Sized>(&self, key: &Q, offset: u64, len: usize) -> Option<Vec<u8>> {
        self.try_read(key, offset, len).or_fail()
    }

    /// Like [`Blobs::read`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_read<Q: KeyRef<K> + ?Sized>(
        &self,
        key: &Q,
        offset: u64,
        len: usize,
    ) -> Result<Option<Vec<u8>>> {
        let Some(end) = self.try_len(key)? else { return Ok(None) };
        let left = end.saturating_sub(offset);
        // A length that exceeds memory is damage: refuse it before the heap allocates it.
        if end > self.tree.root().pager().memory_bytes() {
            return Err(self.broken(Damage::ValueTooLong));
        }
        let mut bytes = vec![0; usize::try_from(left).unwrap_or(usize::MAX).min(len)];
        let read = self.try_read_into(key, offset, &mut bytes)?;
        bytes.truncate(read);
        Ok(Some(bytes))
    }

    /// Reads bytes from `offset` on into `out`, and returns their number. It is less than the
    /// length of `out` at the end, and 0 if there is no blob.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_read_into<Q: KeyRef<K> + ?Sized>(
        &self,
        key: &Q,
        offset: u64,
        out: &mut [u8],
    ) -> Result<usize> {
        let name = Name::of::<K, _>(key);
        let mut done = 0;
        while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(done as u64);
            let Some(chunk) = self.chunk_up_to(&name, at)?.filter(|chunk| chunk.end() > at) else { break };
            let from = at.saturating_sub(chunk.start) as usize;
            done = done.saturating_add(self.read_chunk(&chunk, from, rest)?);
        }
        Ok(done)
    }

    /// Returns a blob as a file, positioned at its beginning. The first write creates the blob if
    /// there is none.
    pub fn file(&mut self, key: &K) -> File<'_, K, M>
    where
        K: Clone,
    {
        File::new(self, key.clone())
    }

    /// Returns an iterator over the keys of all blobs in order. Each key costs one search.
    #[must_use]
    pub fn keys(&self) -> Keys<'_, K, M> {
        Keys::new(self)
    }

    /// Removes all blobs. Takes constant time at any size.
    ///
    /// # Panics
    /// On damaged memory; [`Blobs::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`Blobs::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_clear(&mut self) -> Result<()> {
        self.tree.clear()
    }

    /// Returns the size of the collection. `entries` counts chunks. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.tree.root().stats()
    }

    /// Checks the tree, and that the chunks of every blob are contiguous. Reads every page.
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first fault that is found.
    pub fn verify(&self) -> Result<()> {
        verify::check(&self.tree, &mut Audit::first())
    }

    fn broken(&self, reason: Damage) -> Error {
        self.tree.root().damaged(self.tree.root().page(), reason)
    }
}

/// The encoded key of a blob, which begins the keys of its chunks.
struct Name(KeyBuf);

impl Name {
    /// Encodes a key for a look-up. Its length is not checked: no blob has a key that is too long.
    fn of<K: StableKey, Q: KeyRef<K> + ?Sized>(key: &Q) -> Name {
        let mut bytes = KeyBuf::new();
        key.write_ref(&mut bytes, false);
        Name(bytes)
    }

    /// Encodes a key for storing.
    ///
    /// # Errors
    /// [`Error::KeyTooLong`].
    fn new<K: StableKey, Q: KeyRef<K> + ?Sized>(key: &Q) -> Result<Name> {
        let name = Name::of::<K, _>(key);
        check_len(name.0.len().saturating_add(8)).map(|()| name)
    }

    /// Returns the key of the chunk at an offset.
    fn at(&self, offset: u64) -> KeyBuf {
        let mut key = self.0.clone();
        offset.write_key(&mut key, true);
        key
    }
}

impl<K: StableKey, M: Memory> Collection for Blobs<K, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<()>("", CollectionKind::Blobs, Some(K::KEY));

    fn attach(root: Root<M>) -> Self {
        let mut root = root;
        root.make_internal(None);
        Blobs { tree: Tree::new(root, Self::SIZES, no_conversion), keys: PhantomData }
    }

    fn root(&self) -> &Root<M> {
        self.tree.root()
    }

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| verify::check(&self.tree, audit))
    }

    fn sweep(&mut self, _: &mut Budget<'_>) -> Result<bool> {
        Ok(true)
    }
}

impl<K: StableKey + core::fmt::Debug, M: Memory> core::fmt::Debug for Blobs<K, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map()
            .entries(self.keys().map(|key| (self.len(&key), key)).map(|(len, key)| (key, len)))
            .finish()
    }
}
