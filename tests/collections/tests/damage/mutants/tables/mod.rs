//! Tables that refer to each other: a root of one of them, or of an index, is damaged with what is
//! below it. The tables may change each other then, and nothing else.

mod operations;
mod store;

use std::collections::BTreeSet;

use graven::{Collection, Options, Schema};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, ENDLESS, Metered, image, memory_of};
use graven_tests::mutants::Mutator;
use graven_tests::ownership::{Owner, page_at, shares_a_chain, spare_pages};
use graven_tests::panics::{caught, is_an_errors, last_place};
use graven_tests::rng::Rng;

use super::report::{End, Report};
use super::trial::{about, described};
use super::{count, setting};
use operations::{OPERATIONS, act};
use store::{App, DAMAGED, Rest, Stored, others};

/// Reads and writes that an operation may do, for each page of the memory and besides.
const ACCESSES_PER_PAGE: u64 = 400;
const MORE_ACCESSES: u64 = 40_000;

/// Operations that follow one another at most.
const MAX_OPERATIONS: u64 = 5;

/// The key of the entry that is put into the neighbour.
const NEW: u64 = 5_000;

/// Returns the roots of the tables and of their indexes, each with its name.
fn roots(image: &[u8]) -> Vec<(u32, String)> {
    let catalog = page_at(image, 48) as usize * PAGE_SIZE;
    let count = usize::from(u16::from_le_bytes([image[catalog + 2], image[catalog + 3]]));
    let pages = (0..count).map(|root| page_at(image, catalog + 16 + 4 * root));
    let named = pages.map(|page| {
        let name = &image[page as usize * PAGE_SIZE + 64..][..256];
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(256);
        (page, String::from_utf8_lossy(&name[..end]).into_owned())
    });
    named.filter(|(_, name)| DAMAGED.iter().any(|table| name.split('.').next() == Some(table))).collect()
}

struct Trial<'a> {
    stored: &'a Stored,
    /// The pages of the roots of all damaged tables and of their indexes.
    family: &'a BTreeSet<u32>,
    damaged: &'a [u8],
    bytes: Bytes,
    memory: Metered,
    has_shared: bool,
}

impl Trial<'_> {
    fn bounded<T>(&self, is_short: bool, work: impl FnOnce() -> graven::Result<T>) -> Result<T, End> {
        self.memory.allow(MORE_ACCESSES + ACCESSES_PER_PAGE * u64::from(self.stored.pages.len()));
        match caught(work) {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => Err(End::Refused),
            Err(panic) if panic.starts_with(ENDLESS) => Err(End::Endless(last_place())),
            Err(panic) if is_short && is_an_errors(&panic) => Err(End::Refused),
            Err(panic) => Err(End::Panicked(format!("{panic} at {}", last_place()))),
        }
    }

    fn run(&self, rng: &mut Rng, end: &mut dyn FnMut(&str, End)) {
        let opened = self.bounded(false, || App::open_with(self.memory.clone(), Options::default()));
        let mut app = match opened {
            Ok(app) => app,
            Err(failed) => return end("open", failed),
        };
        for _ in 0..1 + rng.below(MAX_OPERATIONS) {
            let operation = OPERATIONS[rng.below(OPERATIONS.len() as u64) as usize];
            let done = self.bounded(operation.ends_with('!'), || act(&mut app, operation, rng));
            let done = done.err().unwrap_or(End::Done);
            let spread = self.spread(None);
            let is_over = done.is_failure() || spread.is_some();
            end(operation, done);
            if let Some(spread) = spread {
                end(operation, End::Spread(spread));
            }
            if is_over {
                return;
            }
        }
        self.use_others(&mut app, end);
        drop(app);
        if rng.once_in(4) {
            self.drop_tables(end);
        }
    }

    /// Says what of another collection was changed, or waits to be given out. Not of the one with
    /// the root `but`.
    fn spread(&self, but: Option<u32>) -> Option<String> {
        if self.has_shared {
            return None;
        }
        let after = image(&self.bytes);
        let is_others = |page: u32| match self.stored.pages.owner(page) {
            Some(Owner::Root(root)) => !self.family.contains(&root) && Some(root) != but,
            Some(Owner::Store) => true,
            _ => false,
        };
        let changed = (1..self.stored.pages.len()).find(|page| {
            let bytes = *page as usize * PAGE_SIZE..(*page as usize + 1) * PAGE_SIZE;
            is_others(*page) && after[bytes.clone()] != self.damaged[bytes]
        });
        if let Some(page) = changed {
            return Some(format!("page {page} of another collection was changed"));
        }
        let spare = spare_pages(&after).into_iter().find(|page| is_others(*page));
        spare.map(|page| format!("page {page} of another collection is to be given out"))
    }

    /// The others hold what they held, and the neighbour takes a new entry.
    fn use_others(&self, app: &mut App, end: &mut dyn FnMut(&str, End)) {
        if self.has_shared {
            return;
        }
        let whole = self.bounded(false, || others(&app.before, &app.notes, &app.neighbour));
        if !matches!(whole, Ok(contents) if contents == self.stored.others) {
            end("verify another", End::Spread(described(&whole)));
        }
        let added = self.bounded(false, || app.neighbour.try_insert(NEW, vec![7; 9_000]));
        let root = Collection::root(&app.neighbour).page().get();
        let spread = added.err().map(|failed| failed.to_string()).or_else(|| self.spread(Some(root)));
        if let Some(spread) = spread {
            end("insert into another", End::Spread(spread));
        }
    }

    /// Drops the damaged tables, and lets the neighbour use the room.
    fn drop_tables(&self, end: &mut dyn FnMut(&str, End)) {
        let opened = self.bounded(false, || Rest::open_with(self.memory.clone(), Options::default()));
        let mut rest = match opened {
            Ok(rest) => rest,
            Err(failed) => return end("drop", failed),
        };
        let pages = self.stored.pages.len();
        let reserved = self.bounded(false, || rest.pager().reserve(pages));
        let value = vec![7; 60_000];
        rest.neighbour.remove(&NEW);
        let added = self.bounded(false, || rest.neighbour.try_insert(NEW, value.clone()));
        end("drop", reserved.err().unwrap_or(End::Done));
        if self.has_shared {
            return;
        }
        let found = self.bounded(false, || rest.neighbour.try_remove(&NEW));
        if added.is_err() || !matches!(&found, Ok(Some(found)) if *found == value) {
            end("drop", End::Spread(format!("the neighbour takes no entry: {}", described(&added))));
        }
        let whole = self.bounded(false, || others(&rest.before, &rest.notes, &rest.neighbour));
        if !matches!(whole, Ok(contents) if contents == self.stored.others) {
            end("drop", End::Spread(described(&whole)));
        }
    }
}

/// Runs the mutant of a seed and a number.
fn run(stored: &Stored, roots: &[(u32, String)], seed: u64, number: u64, report: &mut Report) {
    let rng = &mut Rng::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number));
    let (root, name) = &roots[rng.below(roots.len() as u64) as usize];
    let (changes, damaged) = Mutator::new(&stored.image, &stored.pages).mutate(*root, rng);
    let bytes = memory_of(&damaged);
    let memory = Metered::new(bytes.clone(), u64::MAX);
    let has_shared = shares_a_chain(&damaged, &stored.pages, *root);
    let family = roots.iter().map(|(page, _)| *page).collect();
    let trial = Trial { stored, family: &family, damaged: &damaged, bytes, memory, has_shared };
    if has_shared {
        report.count_shared();
    }
    trial.run(rng, &mut |operation, end| {
        report.add(name, &changes, operation, end, &|| about(seed, number, &changes));
    });
}

#[test]
fn tables() {
    let stored = Stored::new();
    let roots = roots(&stored.image);
    assert_eq!(roots.len(), 3 + 2 + 7, "{roots:?}");
    let (seed, first, count) = (setting("GRAVEN_SEED", 1), setting("GRAVEN_FIRST", 0), count());
    let mut report = Report::default();
    for number in first..first + count {
        run(&stored, &roots, seed, number, &mut report);
    }
    report.end(count);
}
