//! The progress of operations on many entries.

/// The progress of one call of an operation that stops when its budget is spent. Entries are those
/// of a map, the values of a list or queue, the elements of a set, or the chunks of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Step<N = ()> {
    /// The number of entries that this call visited.
    pub seen: u64,
    /// The number of entries that this call added, changed, moved or removed.
    pub count: u64,
    /// The position from which the next call continues, or `None` if nothing is left.
    pub next: Option<N>,
}

impl<N> Step<N> {
    /// Creates the progress of a call that visited only entries that it changed.
    pub(crate) const fn new(count: u64, next: Option<N>) -> Self {
        Step { seen: count, count, next }
    }

    /// Returns `true` if nothing is left.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.next.is_none()
    }
}

impl Step {
    /// Creates the progress of an operation whose next call needs no position.
    pub(crate) fn until(count: u64, is_done: bool) -> Self {
        Step::new(count, (!is_done).then_some(()))
    }
}
