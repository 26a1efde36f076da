//! Iterators, for programs that name their types. There is a module for each kind of collection,
//! and the iterators in it have std's names.

/// Iterators of [`Blobs`](crate::Blobs).
pub mod blobs {
    pub use graven_collections::blobs::Keys;
}

/// Iterators of [`BTreeMap`](crate::BTreeMap), and of [`RankedMap`](crate::RankedMap) by key.
pub mod btree_map {
    pub use graven_collections::btree_map::{ExtractIf, Iter, Keys, Range, Values};
}

/// Iterators of [`BTreeSet`](crate::BTreeSet).
pub mod btree_set {
    pub use graven_collections::btree_set::{
        Difference, ExtractIf, Intersection, Iter, Range, SymmetricDifference, Union,
    };
}

/// Iterators of [`HashMap`](crate::HashMap).
pub mod hash_map {
    pub use graven_collections::hash_map::{ExtractIf, Iter, Keys, Values};
}

/// Iterators of [`HashSet`](crate::HashSet).
pub mod hash_set {
    pub use graven_collections::hash_set::{ExtractIf, Iter};
}

/// Iterators of [`StableVec`](crate::StableVec), [`Deque`](crate::Deque) and [`Log`](crate::Log).
pub mod list {
    pub use graven_collections::vec::{Drain, ExtractIf, Iter};
}

/// Iterators of [`Nested`](crate::Nested) and of the collections in it.
pub mod nested {
    pub use graven_collections::nested::{Collections, Iter};
}

/// Iterators of [`PriorityQueue`](crate::PriorityQueue).
pub mod priority_queue {
    pub use graven_collections::priority_queue::Iter;
}

/// Iterators of [`RankedMap`](crate::RankedMap) by rank.
pub mod ranked_map {
    pub use graven_collections::ranked_map::Ranks;
}

/// Iterators of [`Records`](crate::Records).
pub mod records {
    pub use graven_collections::records::Iter;
}
