//! The parts that `StableVec` and `Deque` share beyond single values: methods, each in a macro that
//! both call, and what these need.

pub(crate) mod common;
pub(crate) mod grow;
pub(crate) mod remove;
pub(crate) mod search;
pub(crate) mod sort;
pub(crate) mod sorting;
pub(crate) mod transfer;

use graven_core::Result;
use graven_core::store::Budget;

use crate::engine::progress::Step;

/// Calls `step` with a budget that is never spent, until nothing is left.
pub(crate) fn to_the_end<N>(mut step: impl FnMut(&mut Budget<'_>) -> Result<Step<N>>) -> Result<()> {
    let mut more = || true;
    let mut budget = Budget::while_true(&mut more);
    while !step(&mut budget)?.is_done() {}
    Ok(())
}
