//! Tables that refer to each other: a root of one of them, or of an index, is damaged with what is
//! below it. The tables may change each other then, and nothing else.

mod operations;
mod store;

use graven::{Collection, Options, Schema};
use graven_core::page::PAGE_SIZE;
use graven_tests::mutants::Mutator;
use graven_tests::ownership::page_at;
use graven_tests::rng::Rng;

use super::damaged::{Damaged, Limits};
use super::report::{End, Report};
use super::trial::{about, described};
use super::{count, setting};
use operations::{OPERATIONS, act};
use store::{App, DAMAGED, Rest, Stored, others};

const LIMITS: Limits = Limits { accesses_per_page: 400, more_accesses: 40_000, operations: 5 };

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
    damaged: Damaged<'a>,
}

impl Trial<'_> {
    fn run(&self, rng: &mut Rng, end: &mut dyn FnMut(&str, End)) {
        let opened =
            self.damaged.bounded(false, || App::open_with(self.damaged.memory.clone(), Options::default()));
        let mut app = match opened {
            Ok(app) => app,
            Err(failed) => return end("open", failed),
        };
        let whole =
            self.damaged.operate(OPERATIONS, rng, end, &mut |operation, rng| act(&mut app, operation, rng));
        if !whole {
            return;
        }
        self.use_others(&mut app, end);
        drop(app);
        if rng.once_in(4) {
            self.drop_tables(end);
        }
    }

    /// The others hold what they held, and the neighbour takes a new entry.
    fn use_others(&self, app: &mut App, end: &mut dyn FnMut(&str, End)) {
        if self.damaged.has_shared {
            return;
        }
        let whole = self.damaged.bounded(false, || others(&app.before, &app.notes, &app.neighbour));
        if !matches!(whole, Ok(contents) if contents == self.stored.others) {
            end("verify another", End::Spread(described(&whole)));
        }
        let added = self.damaged.bounded(false, || app.neighbour.try_insert(NEW, vec![7; 9_000]));
        let root = Collection::root(&app.neighbour).page().get();
        let spread = added.err().map(|failed| failed.to_string()).or_else(|| self.damaged.spread(Some(root)));
        if let Some(spread) = spread {
            end("insert into another", End::Spread(spread));
        }
    }

    /// Drops the damaged tables, and lets the neighbour use the room.
    fn drop_tables(&self, end: &mut dyn FnMut(&str, End)) {
        let opened =
            self.damaged.bounded(false, || Rest::open_with(self.damaged.memory.clone(), Options::default()));
        let mut rest = match opened {
            Ok(rest) => rest,
            Err(failed) => return end("drop", failed),
        };
        let pages = self.stored.pages.len();
        let reserved = self.damaged.bounded(false, || rest.pager().reserve(pages));
        let value = vec![7; 60_000];
        rest.neighbour.remove(&NEW);
        let added = self.damaged.bounded(false, || rest.neighbour.try_insert(NEW, value.clone()));
        end("drop", reserved.err().unwrap_or(End::Done));
        if self.damaged.has_shared {
            return;
        }
        let found = self.damaged.bounded(false, || rest.neighbour.try_remove(&NEW));
        if added.is_err() || !matches!(&found, Ok(Some(found)) if *found == value) {
            end("drop", End::Spread(format!("the neighbour takes no entry: {}", described(&added))));
        }
        let whole = self.damaged.bounded(false, || others(&rest.before, &rest.notes, &rest.neighbour));
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
    // The tables may change each other.
    let family = roots.iter().map(|(page, _)| *page);
    let damaged = Damaged::new(&damaged, &stored.pages, *root, family, LIMITS);
    if damaged.has_shared {
        report.count_shared();
    }
    let trial = Trial { stored, damaged };
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
