//! One mutant: a collection is damaged and used, and the others are looked at after each operation.

use graven::{Collection, Options, Store};
use graven_core::page::PAGE_SIZE;
use graven_tests::mutants::{Change, Mutator};
use graven_tests::ownership::page_at;
use graven_tests::rng::Rng;
use graven_tests::steps::compare_verdicts;

use super::damaged::{Damaged, Limits};
use super::image::{Neighbour, Stored};
use super::report::{End, Report};
use super::subject::Member;

const LIMITS: Limits = Limits { accesses_per_page: 200, more_accesses: 20_000, operations: 4 };

/// The key of the entry that is put into the neighbour.
const NEW: u64 = 5_000;

/// A damaged store in use.
struct Trial<'a> {
    stored: &'a Stored,
    damaged: Damaged<'a>,
    /// The index of the damaged collection.
    victim: usize,
}

/// Runs the mutant of a seed and a number.
pub fn run(stored: &Stored, seed: u64, number: u64, report: &mut Report) {
    let rng = &mut Rng::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number));
    let victim = rng.below(stored.victims as u64) as usize;
    let root = root_page(stored, victim);
    let (changes, damaged) = Mutator::new(&stored.image, &stored.pages).mutate(root, rng);
    let damaged = Damaged::new(&damaged, &stored.pages, root, [root], LIMITS);
    if damaged.has_shared {
        report.count_shared();
    }
    let trial = Trial { stored, damaged, victim };
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
        let mut members = match self.damaged.bounded(false, || self.open()) {
            Ok(members) => members,
            Err(failed) => return end("open", failed),
        };
        let member = &mut members[self.victim];
        let operations = member.operations();
        let whole =
            self.damaged.operate(operations, rng, end, &mut |operation, rng| member.act(operation, rng));
        if !whole {
            return;
        }
        self.verify_in_steps(&members, rng, end);
        self.use_others(&mut members, rng, end);
        drop(members);
        if rng.once_in(4) {
            self.drop_victim(end);
        }
    }

    fn open(&self) -> graven::Result<Vec<Box<dyn Member>>> {
        let specs: Vec<_> = self.stored.roots.iter().map(|(spec, _)| *spec).collect();
        let mut store = Store::open(self.damaged.memory.clone(), &specs, Options::default())?;
        let shapes = self.stored.roots.iter().enumerate();
        Ok(shapes.map(|(index, (_, shape))| (shape.attach)(store.take(index))).collect())
    }

    /// A check in steps finds a fault where a check at once does.
    fn verify_in_steps(&self, members: &[Box<dyn Member>], rng: &Rng, end: &mut dyn FnMut(&str, End)) {
        let rng = &mut rng.clone();
        match self.damaged.bounded(false, || Ok(members[self.victim].verdicts(rng))) {
            Ok((whole, in_steps)) => {
                if let Err(difference) = compare_verdicts(&whole, &in_steps) {
                    end("verify in steps", End::Spread(difference));
                }
            }
            Err(failed) => end("verify in steps", failed),
        }
    }

    /// Two other collections hold what they held, and the neighbour takes a new entry.
    fn use_others(&self, members: &mut [Box<dyn Member>], rng: &mut Rng, end: &mut dyn FnMut(&str, End)) {
        if self.damaged.has_shared {
            return;
        }
        for _ in 0..2 {
            let index = rng.below(members.len() as u64) as usize;
            if index != self.victim {
                let whole = self.damaged.bounded(false, || members[index].whole());
                if !matches!(whole, Ok(contents) if contents == self.stored.contents[index]) {
                    end("verify another", End::Spread(format!("root {index}: {}", described(&whole))));
                }
            }
        }
        let Some(neighbour) = members.last_mut() else { return };
        let added = self.damaged.bounded(false, || neighbour.act("insert large", rng));
        let spread = added
            .err()
            .map(|failed| failed.to_string())
            .or_else(|| self.damaged.spread(Some(neighbour.root())));
        if let Some(spread) = spread {
            end("insert into another", End::Spread(spread));
        }
    }

    /// Drops the damaged collection, and lets the neighbour use the room.
    fn drop_victim(&self, end: &mut dyn FnMut(&str, End)) {
        let (name, neighbour) = (self.stored.roots[self.victim].0.name, self.stored.roots.len() - 2);
        let specs: Vec<_> = self.stored.roots.iter().map(|(spec, _)| *spec).collect();
        let left: Vec<_> = specs.into_iter().filter(|spec| spec.name != name).collect();
        let opened = self.damaged.bounded(false, || {
            Store::open_dropping(self.damaged.memory.clone(), &left, &[name], Options::default())
        });
        let mut store = match opened {
            Ok(store) => store,
            Err(failed) => return end("drop", failed),
        };
        let mut map = Neighbour::attach(store.take(neighbour));
        let pages = self.stored.pages.len();
        let reserved = self.damaged.bounded(false, || Collection::root(&map).pager().reserve(pages));
        let value = vec![7; 60_000];
        let added = self.damaged.bounded(false, || map.try_insert(NEW, value.clone()));
        end("drop", reserved.err().unwrap_or(End::Done));
        if self.damaged.has_shared {
            return;
        }
        let found = self.damaged.bounded(false, || map.try_get(&NEW));
        if added.is_err() || !matches!(&found, Ok(Some(found)) if *found == value) {
            end("drop", End::Spread(format!("the neighbour takes no entry: {}", described(&added))));
        }
        let others = (0..neighbour).filter(|index| *index != self.victim).step_by(5);
        for index in others {
            let place = if index < self.victim { index } else { index - 1 };
            let member = (self.stored.roots[index].1.attach)(store.take(place));
            let whole = self.damaged.bounded(false, || member.whole());
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
