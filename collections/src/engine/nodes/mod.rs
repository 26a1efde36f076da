//! Inner nodes of trees, of which the heap keeps copies. Reads and writes of them go through
//! [`InnerNodes`], so that a copy is never stale; leaves and buckets are not kept and are read and
//! written by page. What a child's key looks like is the business of `btree`.

mod cache;
mod index;
mod inner;

pub(crate) use cache::CachedNode;
pub(crate) use index::Child;
pub(crate) use inner::InnerNodes;
