//! The parts that `StableVec` and `Deque` share beyond single values: the methods, each in a macro
//! that both call, and what these need.

pub(crate) mod grow;
pub(crate) mod remove;
pub(crate) mod search;
pub(crate) mod sort;
pub(crate) mod sorting;
pub(crate) mod transfer;

use graven_core::store::Budget;

/// Calls a step with a budget that does not end until it says that all is done.
pub(crate) fn to_the_end<R>(mut step: impl FnMut(&mut Budget<'_>) -> R) -> R {
    let mut more = || true;
    step(&mut Budget::while_true(&mut more))
}
