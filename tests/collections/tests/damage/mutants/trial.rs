//! One mutant: a collection is damaged and used, and the others are looked at after each operation.

use graven::{Collection, Options, Store};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, ENDLESS, Metered, image, memory_of};
use graven_tests::mutants::{Change, Mutator};
use graven_tests::ownership::{Owner, page_at, shares_a_chain, spare_pages};
use graven_tests::panics::{caught, is_an_errors, last_place};
use graven_tests::rng::Rng;

use super::image::{Neighbour, Stored};
use super::report::{End, Report};
use super::subject::Member;

/// Reads and writes that an operation may do, for each page of the memory and besides.
const ACCESSES_PER_PAGE: u64 = 200;
const MORE_ACCESSES: u64 = 20_000;

/// Operations that follow one another at most.
const MAX_OPERATIONS: u64 = 4;

/// The key of the entry that is put into the neighbour.
const NEW: u64 = 5_000;

/// A damaged store in use.
struct Trial<'a> {
    stored: &'a Stored,
    /// The damaged image.
    damaged: &'a [u8],
    bytes: Bytes,
    memory: Metered,
    /// The index of the damaged collection.
    victim: usize,
    /// The page of its root.
    root: u32,
    /// A chain has two owners, so other collections need not stay whole.
    has_shared: bool,
}

/// Runs the mutant of a seed and a number.
pub fn run(stored: &Stored, seed: u64, number: u64, report: &mut Report) {
    let rng = &mut Rng::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number));
    let victim = rng.below(stored.victims as u64) as usize;
    let root = root_page(stored, victim);
    let (changes, damaged) = Mutator::new(&stored.image, &stored.pages).mutate(root, rng);
    let bytes = memory_of(&damaged);
    let memory = Metered::new(bytes.clone(), u64::MAX);
    let has_shared = shares_a_chain(&damaged, &stored.pages, root);
    let trial = Trial { stored, damaged: &damaged, bytes, memory, victim, root, has_shared };
    if has_shared {
        report.count_shared();
    }
    trial.run(rng, &mut |operation, end| {
        report.add(&name(stored, victim), &changes, operation, end, &|| about(seed, number, &changes));
    });
}

/// Names a mutant and says what it changes.
pub fn about(seed: u64, number: u64, changes: &[Change]) -> String {
    let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
    format!("GRAVEN_SEED={seed} GRAVEN_FIRST={number}: {}", changes.join("; "))
}

fn name(stored: &Stored, index: usize) -> String {
    let (spec, shape) = &stored.roots[index];
    format!("{} ({})", (shape.name)(), spec.name)
}

/// The page of a root, by its place in the catalog.
fn root_page(stored: &Stored, index: usize) -> u32 {
    let catalog = page_at(&stored.image, 48) as usize * PAGE_SIZE;
    page_at(&stored.image, catalog + 16 + 4 * index)
}

impl Trial<'_> {
    fn run(&self, rng: &mut Rng, end: &mut dyn FnMut(&str, End)) {
        let mut members = match self.bounded(false, || self.open()) {
            Ok(members) => members,
            Err(failed) => return end("open", failed),
        };
        for _ in 0..1 + rng.below(MAX_OPERATIONS) {
            let operations = members[self.victim].operations();
            let operation = operations[rng.below(operations.len() as u64) as usize];
            let member = &mut members[self.victim];
            let done = self.bounded(operation.ends_with('!'), || member.act(operation, rng));
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
        self.use_others(&mut members, rng, end);
        drop(members);
        if rng.once_in(4) {
            self.drop_victim(end);
        }
    }

    /// Runs something with as many accesses as the memory allows.
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

    fn open(&self) -> graven::Result<Vec<Box<dyn Member>>> {
        let specs: Vec<_> = self.stored.roots.iter().map(|(spec, _)| *spec).collect();
        let mut store = Store::open(self.memory.clone(), &specs, Options::default())?;
        let shapes = self.stored.roots.iter().enumerate();
        Ok(shapes.map(|(index, (_, shape))| (shape.attach)(store.take(index))).collect())
    }

    /// Says what of another collection was changed, or waits to be given out. Not of the one with
    /// the root `but`.
    fn spread(&self, but: Option<u32>) -> Option<String> {
        if self.has_shared {
            return None;
        }
        let after = image(&self.bytes);
        let changed = (1..self.stored.pages.len()).find(|page| {
            let bytes = *page as usize * PAGE_SIZE..(*page as usize + 1) * PAGE_SIZE;
            self.is_others(*page, but) && after[bytes.clone()] != self.damaged[bytes]
        });
        if let Some(page) = changed {
            return Some(format!("page {page} of another collection was changed"));
        }
        let spare = spare_pages(&after).into_iter().find(|page| self.is_others(*page, but));
        spare.map(|page| format!("page {page} of another collection is to be given out"))
    }

    fn is_others(&self, page: u32, but: Option<u32>) -> bool {
        match self.stored.pages.owner(page) {
            Some(Owner::Root(root)) => root != self.root && Some(root) != but,
            Some(Owner::Store) => true,
            _ => false,
        }
    }

    /// Two other collections hold what they held, and the neighbour takes a new entry.
    fn use_others(&self, members: &mut [Box<dyn Member>], rng: &mut Rng, end: &mut dyn FnMut(&str, End)) {
        if self.has_shared {
            return;
        }
        for _ in 0..2 {
            let index = rng.below(members.len() as u64) as usize;
            if index != self.victim {
                let whole = self.bounded(false, || members[index].whole());
                if !matches!(whole, Ok(contents) if contents == self.stored.contents[index]) {
                    end("verify another", End::Spread(format!("root {index}: {}", described(&whole))));
                }
            }
        }
        let Some(neighbour) = members.last_mut() else { return };
        let added = self.bounded(false, || neighbour.act("insert large", rng));
        let spread =
            added.err().map(|failed| failed.to_string()).or_else(|| self.spread(Some(neighbour.root())));
        if let Some(spread) = spread {
            end("insert into another", End::Spread(spread));
        }
    }

    /// Drops the damaged collection, and lets the neighbour use the room.
    fn drop_victim(&self, end: &mut dyn FnMut(&str, End)) {
        let (name, neighbour) = (self.stored.roots[self.victim].0.name, self.stored.roots.len() - 2);
        let specs: Vec<_> = self.stored.roots.iter().map(|(spec, _)| *spec).collect();
        let left: Vec<_> = specs.into_iter().filter(|spec| spec.name != name).collect();
        let opened = self
            .bounded(false, || Store::open_dropping(self.memory.clone(), &left, &[name], Options::default()));
        let mut store = match opened {
            Ok(store) => store,
            Err(failed) => return end("drop", failed),
        };
        let mut map = Neighbour::attach(store.take(neighbour));
        let pages = self.stored.pages.len();
        let reserved = self.bounded(false, || Collection::root(&map).pager().reserve(pages));
        let value = vec![7; 60_000];
        let added = self.bounded(false, || map.try_insert(NEW, value.clone()));
        end("drop", reserved.err().unwrap_or(End::Done));
        if self.has_shared {
            return;
        }
        let found = self.bounded(false, || map.try_get(&NEW));
        if added.is_err() || !matches!(&found, Ok(Some(found)) if *found == value) {
            end("drop", End::Spread(format!("the neighbour takes no entry: {}", described(&added))));
        }
        let others = (0..neighbour).filter(|index| *index != self.victim).step_by(5);
        for index in others {
            let place = if index < self.victim { index } else { index - 1 };
            let member = (self.stored.roots[index].1.attach)(store.take(place));
            let whole = self.bounded(false, || member.whole());
            if !matches!(whole, Ok(contents) if contents == self.stored.contents[index]) {
                end("drop", End::Spread(format!("root {index}: {}", described(&whole))));
            }
        }
    }
}

/// Says how something failed.
pub fn described<T>(result: &Result<T, End>) -> String {
    result.as_ref().err().map_or_else(|| "other contents".to_owned(), End::to_string)
}
