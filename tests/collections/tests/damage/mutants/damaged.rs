//! A damaged memory in use: every operation has a limit, and other collections are looked at after
//! each.

use std::collections::BTreeSet;

use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, ENDLESS, Metered, image, memory_of};
use graven_tests::ownership::{Owner, Ownership, shares_a_chain, spare_pages};
use graven_tests::panics::{caught, is_an_errors, last_place};
use graven_tests::rng::Rng;

use super::report::End;

/// Reads and writes that an operation may do, for each page of the memory and besides, and
/// operations that follow one another at most.
#[derive(Clone, Copy)]
pub struct Limits {
    pub accesses_per_page: u64,
    pub more_accesses: u64,
    pub operations: u64,
}

/// A damaged memory.
pub struct Damaged<'a> {
    pages: &'a Ownership,
    image: &'a [u8],
    bytes: Bytes,
    pub memory: Metered,
    /// The pages of the roots that may change each other.
    family: BTreeSet<u32>,
    /// A chain has two owners, so other collections need not stay whole.
    pub has_shared: bool,
    limits: Limits,
}

impl<'a> Damaged<'a> {
    /// Returns the memory of an image of which what is below a root was damaged.
    pub fn new(
        image: &'a [u8],
        pages: &'a Ownership,
        root: u32,
        family: impl IntoIterator<Item = u32>,
        limits: Limits,
    ) -> Self {
        let bytes = memory_of(image);
        let memory = Metered::new(bytes.clone(), u64::MAX);
        let has_shared = shares_a_chain(image, pages, root);
        Damaged { pages, image, bytes, memory, family: family.into_iter().collect(), has_shared, limits }
    }

    /// Runs something with as many accesses as the memory allows.
    pub fn bounded<T>(&self, is_short: bool, work: impl FnOnce() -> graven::Result<T>) -> Result<T, End> {
        let Limits { accesses_per_page, more_accesses, .. } = self.limits;
        self.memory.allow(more_accesses + accesses_per_page * u64::from(self.pages.len()));
        match caught(work) {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => Err(End::Refused),
            Err(panic) if panic.starts_with(ENDLESS) => Err(End::Endless(last_place())),
            Err(panic) if is_short && is_an_errors(&panic) => Err(End::Refused),
            Err(panic) => Err(End::Panicked(format!("{panic} at {}", last_place()))),
        }
    }

    /// Does some operations. Returns `false` if one of them failed or changed another collection.
    pub fn operate(
        &self,
        operations: &[&'static str],
        rng: &mut Rng,
        end: &mut dyn FnMut(&str, End),
        act: &mut dyn FnMut(&str, &mut Rng) -> graven::Result<()>,
    ) -> bool {
        for _ in 0..1 + rng.below(self.limits.operations) {
            let operation = operations[rng.below(operations.len() as u64) as usize];
            let done = self.bounded(operation.ends_with('!'), || act(operation, rng));
            let done = done.err().unwrap_or(End::Done);
            let spread = self.spread(None);
            let is_over = done.is_failure() || spread.is_some();
            end(operation, done);
            if let Some(spread) = spread {
                end(operation, End::Spread(spread));
            }
            if is_over {
                return false;
            }
        }
        true
    }

    /// Says what of another collection was changed, or waits to be given out. Not of the one with
    /// the root `but`.
    pub fn spread(&self, but: Option<u32>) -> Option<String> {
        if self.has_shared {
            return None;
        }
        let after = image(&self.bytes);
        let changed = (1..self.pages.len()).find(|page| {
            let bytes = *page as usize * PAGE_SIZE..(*page as usize + 1) * PAGE_SIZE;
            self.is_others(*page, but) && after[bytes.clone()] != self.image[bytes]
        });
        if let Some(page) = changed {
            return Some(format!("page {page} of another collection was changed"));
        }
        let spare = spare_pages(&after).into_iter().find(|page| self.is_others(*page, but));
        spare.map(|page| format!("page {page} of another collection is to be given out"))
    }

    fn is_others(&self, page: u32, but: Option<u32>) -> bool {
        match self.pages.owner(page) {
            Some(Owner::Root(root)) => !self.family.contains(&root) && Some(root) != but,
            Some(Owner::Store) => true,
            _ => false,
        }
    }
}
