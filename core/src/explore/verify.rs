//! A check of an open store, in steps of a budget.

use crate::store::{Budget, Schema, VerifyPosition};

/// The result of a step of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct VerifyStep {
    /// The faults that were found, in words: at most one for each collection.
    pub damage: Vec<String>,
    /// The number of collections whose check ended in this step.
    pub checked: u32,
    /// How many of these changed between two steps, so that their counts were not compared. All
    /// else was checked.
    pub uncounted: u32,
    /// The position from which another step continues. `None` when all collections are checked.
    pub next: Option<VerifyPosition>,
}

/// Checks the collections of a store from a position on, until the budget is spent: their pages,
/// order and counts, and the indexes of tables. A page counts as one, a row that is compared with
/// an index as well.
///
/// `version` is any number that differs when the store may have changed between two steps, such as
/// that of the canister. Where a collection is checked in several steps, a page or a value that
/// belongs to two entries is only found if one step visits both. A nested collection is compared
/// with its list of collections, which each step reads whole.
///
/// # Example: a check in steps
/// ```
/// use graven_core::explore::verify;
/// use graven_core::store::{Budget, Schema, VerifyPosition};
///
/// fn faults<S: Schema>(store: &S) -> Vec<String> {
///     let (mut faults, mut next) = (Vec::new(), Some(VerifyPosition::default()));
///     while let Some(position) = next {
///         let step = verify(store, position, 0, &mut Budget::pages(100));
///         faults.extend(step.damage);
///         next = step.next;
///     }
///     faults
/// }
/// ```
pub fn verify<S: Schema>(
    store: &S,
    mut position: VerifyPosition,
    version: u64,
    budget: &mut Budget<'_>,
) -> VerifyStep {
    let mut step = VerifyStep::default();
    position.notice(version);
    while let Some(verdict) = store.verify_within(&mut position, budget) {
        if matches!(verdict, Ok(false)) {
            step.next = Some(position);
            return step;
        }
        step.checked = step.checked.saturating_add(1);
        step.uncounted = step.uncounted.saturating_add(position.is_uncounted.into());
        step.damage.extend(verdict.err().map(|error| error.to_string()));
        position = position.next_collection();
        if budget.is_spent() {
            step.next = Some(position);
            return step;
        }
    }
    step
}
