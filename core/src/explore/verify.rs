//! A check of an open store, a few collections in each message.

use crate::store::{Budget, Schema};

/// The result of a step of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct VerifyStep {
    /// The faults that were found, in words: at most one for each collection.
    pub damage: Vec<String>,
    /// The number of collections that were checked.
    pub checked: u32,
    /// The position from which another step continues. `None` when all collections are checked.
    pub next: Option<u32>,
}

/// Checks the collections of a store from a position among its fields on, until the budget is
/// spent: their pages, order and counts, and the indexes of tables. At least one is checked, and as
/// a whole, so a collection whose check exceeds the limit of a message traps.
pub fn verify<S: Schema>(store: &S, first: u32, budget: &mut Budget<'_>) -> VerifyStep {
    let mut step = VerifyStep::default();
    for position in first..=u32::MAX {
        if step.checked > 0 && budget.is_spent() {
            step.next = Some(position);
            return step;
        }
        let Some(verdict) = store.verify_one(position) else { return step };
        budget.charge_read();
        step.checked = step.checked.saturating_add(1);
        step.damage.extend(verdict.err().map(|error| error.to_string()));
    }
    step
}
