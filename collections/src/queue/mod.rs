//! A priority queue: a heap in which each value has eight children, in a sequence, and the heap
//! positions of the values by their handles, in a second one.

mod bulk;
pub(crate) mod fill;
pub(crate) mod handles;
mod heap;
mod iter;
mod moves;
pub(crate) mod verify;

use crate::queue::handles::HANDLE;
use std::borrow::Cow;
use std::cell::RefCell;
use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::key::{StableKey, decode_key};
use graven_core::store::{
    Budget, Collection, CollectionKind, OnPage, Root, RootSpec, RootStats, VerifyPosition,
};
use graven_core::{Damage, DefaultMemoryImpl, Error, Memory, Result};

use crate::codec::keys::bounded;
use crate::codec::value::no_conversion;
use crate::engine::array::Sequence;
use crate::engine::cell::StoredValue;
use crate::engine::verify::{Audit, check_within};
use handles::Handles;
use moves::Moves;

pub use handles::Handle;
pub use iter::Iter;

/// A queue of values of type `T` in stable memory, of which the greatest comes first, with the
/// names of std's `BinaryHeap`. Use [`Reverse<T>`](graven_core::key::Reverse) for the least one
/// first. Values are keys: their encoded bytes are compared, so no code of the user's runs. Data
/// that does not belong to the order goes into a map, or into the last parts of a tuple.
///
/// A push moves one or two values on average and makes two writes for each. A pop moves as many
/// values as the heap has levels: six for 100,000 values. Every value has a [`Handle`], by which it
/// is changed or removed wherever it is.
///
/// # Example: the next deadline
/// ```
/// use graven_collections::{PriorityQueue, open};
/// use graven_core::DefaultMemoryImpl;
/// use graven_core::key::Reverse;
/// let mut deadlines: PriorityQueue<Reverse<(u64, String)>> =
///     open("deadlines", DefaultMemoryImpl::default()).unwrap();
/// let report = deadlines.push(Reverse((90, "report".into())));
/// deadlines.push(Reverse((50, "backup".into())));
/// deadlines.update(report, Reverse((20, "report".into())));
/// assert_eq!(deadlines.pop(), Some(Reverse((20, "report".into()))));
/// ```
pub struct PriorityQueue<T, M: Memory = DefaultMemoryImpl> {
    heap: Sequence<M>,
    handles: Handles<M>,
    moves: RefCell<Moves>,
    values: PhantomData<T>,
}

impl<T: StableKey, M: Memory> PriorityQueue<T, M> {
    /// Returns the number of values. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.heap.len()
    }

    /// Returns `true` if there are no values. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a value and returns its handle.
    ///
    /// # Panics
    /// When out of memory, for a value of more than 992 bytes, or on damaged memory;
    /// [`PriorityQueue::try_push`] does not.
    #[track_caller]
    pub fn push(&mut self, value: T) -> Handle {
        self.try_push(value).or_fail()
    }

    /// Like [`PriorityQueue::push`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::KeyTooLong`] or [`Error::Damaged`]. The queue has the same
    /// values and handles then. The next handle may have a higher number than it would have had,
    /// which is harmless.
    pub fn try_push(&mut self, value: T) -> Result<Handle> {
        self.add(bounded(&value)?.as_slice())
    }

    /// Returns the greatest value. Costs one read.
    ///
    /// # Panics
    /// On damaged memory; [`PriorityQueue::try_peek`] does not.
    #[must_use]
    #[track_caller]
    pub fn peek(&self) -> Option<T> {
        self.try_peek().or_fail()
    }

    /// Like [`PriorityQueue::peek`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_peek(&self) -> Result<Option<T>> {
        self.heap.get(0, |found| self.decode(found))
    }

    /// Removes and returns the greatest value.
    ///
    /// # Panics
    /// On damaged memory, or when out of memory; [`PriorityQueue::try_pop`] does not.
    #[track_caller]
    pub fn pop(&mut self) -> Option<T> {
        self.try_pop().or_fail()
    }

    /// Like [`PriorityQueue::pop`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`]; [`Error::OutOfMemory`] if values of different lengths move and a page
    /// has to be split for it. The queue is unchanged then.
    pub fn try_pop(&mut self) -> Result<Option<T>> {
        if self.is_empty() { Ok(None) } else { self.take_at(0).map(Some) }
    }

    /// Returns the value of a handle, or `None` once it was removed.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn get(&self, handle: Handle) -> Option<T> {
        let found = self.handles.place(handle).and_then(|place| match place {
            Some(place) => self.heap.get(place, |found| self.decode(found)),
            None => Ok(None),
        });
        found.or_fail()
    }

    /// Returns `true` if the value of a handle was not removed.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn contains(&self, handle: Handle) -> bool {
        self.handles.place(handle).or_fail().is_some()
    }

    /// Changes the value of a handle and returns the old one. The handle stays valid. Returns
    /// `None` once the value was removed.
    ///
    /// # Panics
    /// As [`PriorityQueue::push`]; [`PriorityQueue::try_update`] does not.
    #[track_caller]
    pub fn update(&mut self, handle: Handle, value: T) -> Option<T> {
        self.try_update(handle, value).or_fail()
    }

    /// Like [`PriorityQueue::update`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// As [`PriorityQueue::try_push`].
    pub fn try_update(&mut self, handle: Handle, value: T) -> Result<Option<T>> {
        let key = bounded(&value)?;
        let Some(place) = self.handles.place(handle)? else { return Ok(None) };
        let old = heap::element_at(&self.heap, place)?;
        let value = self.decode_key(&old)?;
        self.put(place, key.as_slice(), handle.index())?;
        Ok(Some(value))
    }

    /// Removes and returns the value of a handle. Returns `None` if it was removed before.
    ///
    /// # Panics
    /// On damaged memory, or when out of memory; [`PriorityQueue::try_remove`] does not.
    #[track_caller]
    pub fn remove(&mut self, handle: Handle) -> Option<T> {
        self.try_remove(handle).or_fail()
    }

    /// Like [`PriorityQueue::remove`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`]; [`Error::OutOfMemory`] if values of different lengths move and a page
    /// has to be split for it. The queue is unchanged then.
    pub fn try_remove(&mut self, handle: Handle) -> Result<Option<T>> {
        match self.handles.place(handle)? {
            Some(place) => self.take_at(place).map(Some),
            None => Ok(None),
        }
    }

    /// Removes everything in constant time at any size, and makes all handles invalid.
    ///
    /// # Panics
    /// On damaged memory; [`PriorityQueue::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`PriorityQueue::clear`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_clear(&mut self) -> Result<()> {
        self.heap.clear()?;
        self.handles.clear()
    }

    /// Returns an iterator over all values in no particular order, with their handles. It reads a
    /// page at a time.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, M> {
        Iter::new(self)
    }

    /// Returns the size of the queue. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        let stats = self.heap.root().stats();
        RootStats { pages: stats.pages.saturating_add(self.handles.pages()).saturating_sub(1), ..stats }
    }

    /// Checks the order, the handles and the pages. Reads every page, which is too much for large
    /// queues in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.check(&mut Audit::first())
    }

    fn check(&self, audit: &mut Audit<'_>) -> Result<()> {
        let decode = |key: &[u8]| decode_key::<T>(key).map(drop);
        verify::check(&self.heap, &self.handles, audit, &decode)
    }

    fn bytes(&self, found: StoredValue<'_>) -> Result<Vec<u8>> {
        found.read(self.heap.root().pager()).map(Cow::into_owned)
    }

    fn decode(&self, found: StoredValue<'_>) -> Result<T> {
        self.decode_key(&found.read(self.heap.root().pager())?)
    }

    fn decode_key(&self, element: &[u8]) -> Result<T> {
        let root = self.heap.root();
        decode_key(heap::key_of(element)).on_page(root, root.page())
    }

    fn broken(&self, reason: Damage) -> Error {
        self.heap.root().damaged(self.heap.root().page(), reason)
    }
}

impl<T: StableKey, M: Memory> Collection for PriorityQueue<T, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<()>("", CollectionKind::PriorityQueue, Some(T::KEY));

    fn attach(root: Root<M>) -> Self {
        let size = T::KEY_SIZE.map(|size| size + HANDLE);
        let mut root = root;
        root.make_internal(size);
        let handles = Handles::new(&root);
        let heap = Sequence::new(root, size, no_conversion);
        PriorityQueue { heap, handles, moves: RefCell::default(), values: PhantomData }
    }

    fn root(&self) -> &Root<M> {
        self.heap.root()
    }

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| self.check(audit))
    }

    fn sweep(&mut self, _: &mut Budget<'_>) -> Result<bool> {
        Ok(true)
    }
}

impl<T: StableKey + core::fmt::Debug, M: Memory> core::fmt::Debug for PriorityQueue<T, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter().map(|(_, value)| value)).finish()
    }
}

iterable!([T: StableKey, M: Memory] PriorityQueue<T, M> => Iter<'a, T, M>);
extendable!([T: StableKey, M: Memory] PriorityQueue<T, M>, T, push);
