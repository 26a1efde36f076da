//! The state of a background sweep, which a canister runs by a timer.

use core::fmt;

use super::RootStats;

/// The state of a background sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub enum SweepState {
    /// The sweep has nothing to do, or only what it skips.
    #[default]
    Idle,
    /// A timer is set for the next message.
    Running,
    /// Memory is exhausted. A timer is set for the next attempt, an hour after the last one.
    Waiting,
    /// The sweep is held until it is started again, or until the next upgrade.
    Held,
    /// A message trapped, so no timer is set. It stops until it is started again, or until the next
    /// upgrade.
    Stopped,
}

impl SweepState {
    /// All states.
    pub const ALL: [SweepState; 5] = [Self::Idle, Self::Running, Self::Waiting, Self::Held, Self::Stopped];

    /// Returns the state in one word of lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SweepState::Idle => "idle",
            SweepState::Running => "running",
            SweepState::Waiting => "waiting",
            SweepState::Held => "held",
            SweepState::Stopped => "stopped",
        }
    }
}

/// The state of a background sweep, and the work that is left. Its text is one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct SweepStatus {
    /// The state.
    pub state: SweepState,
    /// The number of pages that hold values of previous layouts. A page that holds several counts
    /// for each.
    pub old_pages: u64,
    /// The number of indexes of tables that are not complete.
    pub incomplete_indexes: u32,
}

impl SweepStatus {
    /// Returns the status of a sweep of roots with these sizes.
    #[must_use]
    pub fn new(state: SweepState, roots: &[RootStats]) -> SweepStatus {
        let layouts = roots.iter().flat_map(|root| &root.layouts).filter(|layout| !layout.current);
        SweepStatus {
            state,
            old_pages: layouts.map(|layout| u64::from(layout.pages)).sum(),
            incomplete_indexes: roots.iter().map(|root| root.incomplete_indexes).sum(),
        }
    }
}

impl fmt::Display for SweepStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let SweepStatus { state, old_pages, incomplete_indexes } = self;
        write!(f, "{}: {old_pages} page{} of previous layouts", state.name(), plural(*old_pages))?;
        match incomplete_indexes {
            0 => Ok(()),
            1 => f.write_str(", 1 incomplete index"),
            indexes => write!(f, ", {indexes} incomplete indexes"),
        }
    }
}
