//! Checks in steps, as canisters do them.

use graven_core::explore::{VerifyPosition, VerifyStep, verify};
use graven_core::store::{Budget, Collection, Schema};
use graven_core::{Error, Result};

use crate::rng::Rng;

/// The most steps of a check in a test. One with more does not move on.
const MAX_STEPS: u64 = 100_000;

/// Checks a collection in steps of a few pages and entries.
///
/// # Errors
/// The first fault.
///
/// # Panics
/// Panics if the check does not come to an end.
pub fn verify_in_steps<C: Collection>(collection: &C, rng: &mut Rng) -> Result<()> {
    let mut position = VerifyPosition::default();
    for _ in 0..MAX_STEPS {
        let mut left = rng.below(5);
        let mut more = || {
            left = left.saturating_sub(1);
            left > 0
        };
        let before = (position.part, position.from.clone());
        if collection.verify_within(&mut position, &mut Budget::while_true(&mut more))? {
            return Ok(());
        }
        assert!((position.part, position.from.clone()) > before, "{position:?} after {before:?}");
    }
    panic!("the check does not end")
}

/// Checks a store in steps of `size` pages and entries, and changes it after each step that
/// `change` says. Returns the sum of all steps, and their number.
///
/// # Panics
/// Panics if the check does not come to an end.
pub fn verify_store<S: Schema>(
    store: &mut S,
    size: u64,
    mut change: impl FnMut(&mut S) -> bool,
) -> (VerifyStep, u64) {
    let (mut all, mut version) = (VerifyStep::default(), 0);
    let mut position = VerifyPosition::default();
    for steps in 1..MAX_STEPS {
        let mut left = size;
        let mut more = || {
            left = left.saturating_sub(1);
            left > 0
        };
        let step = verify(store, position, version, &mut Budget::while_true(&mut more));
        all.damage.extend(step.damage);
        all.checked += step.checked;
        all.uncounted += step.uncounted;
        match step.next {
            Some(next) => position = next,
            None => return (all, steps),
        }
        version += u64::from(change(store));
    }
    panic!("the check does not end: {all:?}")
}

/// Compares what a check in steps found with what a check at once found.
///
/// # Errors
/// The difference, in words.
pub fn compare_verdicts(whole: &Result<()>, in_steps: &Result<()>) -> core::result::Result<(), String> {
    use graven_core::Damage::{DirectoryMismatch, OverflowShared, SharedPage};

    match (whole, in_steps) {
        // Steps do not know the pages of other steps.
        (Err(Error::Damaged { reason: SharedPage | OverflowShared | DirectoryMismatch, .. }), _) => Ok(()),
        (Ok(()), Ok(())) | (Err(_), Err(_)) => Ok(()),
        _ => Err(format!("at once {whole:?}, in steps {in_steps:?}")),
    }
}
