//! The timer of a canister, by which it sweeps in messages of its own.

use graven_testkit::{Canister, Outcome, Phase};

/// The most firings of the timer, for a canister whose own timers are always due.
pub(super) const MAX_FIRINGS: u64 = 1_000_000;

/// The delay in nanoseconds from which on a timer is not that of the next message of a sweep.
const LATER: u64 = 1_000_000_000;

/// The part of the name of a message that runs a task of a timer.
const TASK: &str = "timer_executor";

/// Returns `true` if the next message is due at once.
pub(super) fn is_due(canister: &Canister) -> bool {
    canister.timer().is_some_and(|due| due < canister.time().saturating_add(LATER))
}

/// Returns the messages that ran tasks.
pub(super) fn tasks<T>(outcome: &Outcome<T>) -> impl Iterator<Item = &Phase> {
    outcome.phases.iter().filter(|phase| phase.name.contains(TASK))
}
