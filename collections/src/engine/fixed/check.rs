//! A check of a table against the hashes of its entries.

use graven_core::Damage;

use crate::engine::fixed::group::{
    self, FREE, GROUP, Groups, MAX_OVERFLOW_COUNT, control_byte_at, counted, groups, overflow_count_at,
    passed,
};

/// A check that is given the entries of a table one after another.
pub(crate) struct TableCheck<'t> {
    /// The groups.
    table: &'t [u8],
    places: usize,
    /// The number of entries that overflow each group, for both halves of hashes.
    overflows: Vec<[u32; 2]>,
}

impl<'t> TableCheck<'t> {
    pub(crate) fn new(table: &'t [u8], places: usize) -> Self {
        TableCheck { table, places, overflows: vec![[0; 2]; groups(places)] }
    }

    fn byte(&self, at: usize) -> u8 {
        self.table.get(at).copied().unwrap_or(FREE)
    }

    /// Returns `true` if a slot has no entry.
    pub(crate) fn is_free(&self, index: usize) -> bool {
        self.byte(control_byte_at(index)) == FREE
    }

    /// Checks the control byte of an entry, and that a search for its hash reaches its slot.
    pub(crate) fn entry(&mut self, hash: u64, index: usize) -> Result<(), Damage> {
        // The search visits no group after one whose overflow count is 0.
        let own = index / GROUP;
        let last = Groups::new(hash, self.places)
            .find(|group| *group == own || counted(self.byte(overflow_count_at(*group)), hash) == 0);
        if self.byte(control_byte_at(index)) != group::control_byte(hash) || last != Some(own) {
            return Err(Damage::WrongBucket);
        }
        for group in passed(hash, self.places, index) {
            let Some([low, high]) = self.overflows.get_mut(group) else { continue };
            *(if hash >> 63 == 0 { low } else { high }) += 1;
        }
        Ok(())
    }

    /// Checks, once it was given all entries, that each group counts those whose search passes it,
    /// and that nothing after the last slot is taken.
    pub(crate) fn finish(self) -> Result<(), Damage> {
        for (at, [low, high]) in self.overflows.iter().enumerate() {
            let is_so = |hash: u64, expected: u32| {
                let counted = counted(self.byte(overflow_count_at(at)), hash);
                counted == MAX_OVERFLOW_COUNT || u32::from(counted) == expected
            };
            if !is_so(0, *low) || !is_so(1 << 63, *high) {
                return Err(Damage::ControlBytes);
            }
        }
        let (rest, last) =
            (control_byte_at(self.places - 1) + 1, overflow_count_at(self.overflows.len() - 1));
        if (rest..last).any(|at| self.byte(at) != FREE) { Err(Damage::ControlBytes) } else { Ok(()) }
    }
}
