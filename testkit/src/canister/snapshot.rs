//! Snapshots of a canister, to return to.

use super::Canister;

/// The state of a canister at some moment: code, heap, stable memory, timer and clock.
#[derive(Clone)]
pub struct Snapshot(Canister);

impl Canister {
    /// Returns the present state. The heap is copied, stable memory is shared until it changes.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.clone())
    }

    /// Returns to `snapshot`, which can be used again.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        let before = std::mem::replace(self, snapshot.0.clone());
        if let (Some(code), Some(old)) = (&mut self.code, before.code) {
            code.reuse(old);
        }
    }
}
