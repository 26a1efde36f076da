//! The size of an open store.

use crate::page::Usage;
use crate::store::{RootStats, SweepStatus};

/// The size of a store, and the state of its sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct StoreStats {
    /// The size of each collection and the layouts of its pages.
    pub roots: Vec<RootStats>,
    /// The use of the pages.
    pub usage: Usage,
    /// The state of the background sweep. `None` if the canister has none.
    pub sweep: Option<SweepStatus>,
}
