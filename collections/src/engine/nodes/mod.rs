//! Inner nodes of trees, with copies on the heap. All reads and writes of them go through
//! [`InnerNodes`], so that a copy is never stale. Leaves and buckets are not cached. `btree` knows
//! the format of keys.

mod cache;
mod index;
mod inner;
mod recent;

pub(crate) use cache::CachedNode;
pub(crate) use index::Child;
pub(crate) use inner::InnerNodes;
pub(crate) use recent::RecentLeaf;
