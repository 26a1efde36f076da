//! Every page of a store is somewhere: in a root, in the registry, or free.

use graven::{Memory, RootStats};
use graven_core::page::Pager;

/// Checks that no page is lost, after taking apart what waits for it.
#[track_caller]
pub fn account<M: Memory>(pager: &Pager<M>, roots: &[RootStats]) {
    while pager.usage().detached {
        pager.reclaim_step().unwrap();
    }
    let registry = pager.heads().registry_len.get().div_ceil(4080) as u32;
    let used: u32 = roots.iter().map(|root| root.pages).sum();
    let usage = pager.usage();
    assert_eq!(usage.pages, 2 + registry + used + usage.free, "{usage:?} {roots:?}");
}
