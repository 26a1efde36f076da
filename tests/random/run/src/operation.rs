//! Operations on a map as data, so that a failing run can be made shorter.

use graven_random_model::{History, Rng};

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Sets the value of a key to one that comes of a seed.
    Insert { key: u64, seed: u64 },
    /// Changes the value of a key in place, if it has one. Only rows of tables are.
    Update { key: u64, seed: u64 },
    /// Inserts a row of the other table.
    PutParent { id: u64 },
    /// Removes a row of the other table.
    RemoveParent { id: u64 },
    /// Removes a key.
    Remove { key: u64 },
    /// Reads a key.
    Get { key: u64 },
    /// Reads everything.
    Scan,
    /// Removes everything. The rows of the other table stay if others refer to them.
    Clear,
    /// Migrates a few pages.
    Sweep { pages: u64 },
    /// Opens the memory again with the same release.
    Reopen,
    /// Opens the memory with a later release.
    Upgrade { to: usize, early: bool },
    /// Tries an earlier one.
    Downgrade { to: usize },
}

/// The number of keys of the other table.
const PARENTS: u64 = 24;

/// Returns `count` operations on keys that fill a few pages. The releases are spread over them,
/// some are skipped.
pub(crate) fn random(history: &History, count: u64, rng: &mut Rng) -> Vec<Operation> {
    let space = [40, 300, 1_000][rng.index(3)];
    let releases = history.releases();
    let first = if rng.once_in(4) { rng.index(releases) } else { 0 };
    let (mut release, mut out) = (first, vec![Operation::Upgrade { to: first, early: false }]);
    let stay = (count / releases as u64).max(1);
    let are_rows = history.is_of_rows();
    if are_rows {
        out.extend((0..PARENTS).map(|id| Operation::PutParent { id }));
    }
    while (out.len() as u64) < count {
        let key = rng.below(space);
        out.push(match rng.index(100) {
            0..=14 if are_rows => Operation::Update { key, seed: rng.any() },
            0..=49 => Operation::Insert { key, seed: rng.any() },
            50..=64 => Operation::Remove { key },
            65..=89 => Operation::Get { key },
            90 => Operation::Scan,
            91..=93 => Operation::Sweep { pages: 1 + rng.below(3) },
            94 => Operation::Reopen,
            95 if rng.once_in(20) => Operation::Clear,
            96 if release > 0 => Operation::Downgrade { to: rng.index(release) },
            96..=97 if are_rows => Operation::RemoveParent { id: rng.below(PARENTS) },
            98.. if are_rows => Operation::PutParent { id: rng.below(PARENTS) },
            _ => Operation::Get { key },
        });
        if release + 1 < releases && rng.once_in(stay) {
            let before = release;
            release += 1 + rng.index(2).min(releases - release - 2);
            out.push(Operation::Upgrade { to: release, early: rng.once_in(2) });
            // Before anything is written, some can be taken back.
            if rng.once_in(2) {
                out.push(Operation::Downgrade { to: before });
            }
        }
    }
    out.extend([Operation::Upgrade { to: releases - 1, early: true }, Operation::Scan]);
    out.extend([Operation::Sweep { pages: 1_000_000 }, Operation::Scan]);
    out
}
