//! Seals [`Collection`](graven_core::store::Collection) to the collections of this crate.

use graven_core::Memory;
use graven_core::store::sealed::Sealed;

use crate::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, HashMap, HashSet, Log, Nested, PriorityQueue, RankedMap, Records,
    Slab, StableVec,
};

impl<K, V, M: Memory> Sealed for BTreeMap<K, V, M> {}
impl<K, V, M: Memory> Sealed for HashMap<K, V, M> {}
impl<K, V, M: Memory> Sealed for RankedMap<K, V, M> {}
impl<T, M: Memory> Sealed for BTreeSet<T, M> {}
impl<T, M: Memory> Sealed for HashSet<T, M> {}
impl<T, M: Memory> Sealed for StableVec<T, M> {}
impl<T, M: Memory> Sealed for Deque<T, M> {}
impl<T, M: Memory> Sealed for Log<T, M> {}
impl<T, M: Memory> Sealed for PriorityQueue<T, M> {}
impl<T, M: Memory> Sealed for Slab<T, M> {}
impl<T, M: Memory> Sealed for Cell<T, M> {}
impl<K, M: Memory> Sealed for Blobs<K, M> {}
impl<K, C, M: Memory> Sealed for Nested<K, C, M> {}
impl<K, R, C, M: Memory> Sealed for Records<K, R, C, M> {}
