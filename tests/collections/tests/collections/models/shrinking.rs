//! From many steps that fail to few: longer and shorter pieces are left out as long as the rest
//! fails.

use graven::{Budget, Cell, Collection, Result};
use graven_core::page::Pager;
use graven_tests::rng::Rng;

use super::life::{Life, Memory, begin, failure, opened};
use super::steps::{Act, Step, steps};

/// Runs of the steps at most.
const TRIES: u32 = 600;

/// Returns the fewest steps found that fail, of such that do.
pub fn shrink(mut all: Vec<Step>, fails: impl Fn(&[Step]) -> bool) -> Vec<Step> {
    let mut tries = 0;
    let mut fails = |steps: &[Step]| {
        tries += 1;
        tries <= TRIES && fails(steps)
    };
    cut_end(&mut all, &mut fails);
    let mut piece = all.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < all.len() {
            let mut rest = all.clone();
            rest.drain(at..(at + piece).min(all.len()));
            if fails(&rest) { all = rest } else { at += piece }
        }
        piece /= 2;
    }
    all
}

/// Removes the steps after the first failure.
fn cut_end(all: &mut Vec<Step>, fails: &mut impl FnMut(&[Step]) -> bool) {
    let (mut passes, mut failing) = (0, all.len());
    while passes + 1 < failing {
        let middle = passes.midpoint(failing);
        if fails(&all[..middle]) { failing = middle } else { passes = middle }
    }
    all.truncate(failing);
}

/// A collection that is wrong once it was opened again with a certain value in it.
struct Wrong {
    value: u64,
    wrong: bool,
    cell: Cell<u64, Memory>,
}

impl Life for Wrong {
    fn new(memory: Memory) -> Self {
        Wrong { value: 0, wrong: false, cell: opened(&memory) }
    }

    fn act(&mut self, act: &Act, _: &mut Rng) -> Result<()> {
        assert!(!self.wrong || act.what != 70, "it was opened again with {}", self.value);
        self.value = act.at % 100;
        Ok(())
    }

    fn reopen(&mut self) {
        self.wrong |= self.value > 70;
    }

    fn upgrade(self: Box<Self>) -> Box<dyn Life> {
        self
    }

    fn sweep(&mut self, _: &mut Budget<'_>) -> Result<bool> {
        Ok(true)
    }

    fn check(&self) {}

    fn pager(&self) -> &Pager<Memory> {
        self.cell.root().pager()
    }
}

#[test]
fn a_failure_is_found_and_becomes_few_steps() {
    let wrong = begin::<Wrong>;
    let all: Vec<Step> = steps(7).collect();
    assert!(failure(wrong, &all).unwrap().starts_with("it was opened again with "));
    let few = shrink(all, |steps| failure(wrong, steps).is_some());
    let [Step::Do(first), Step::Reopen, Step::Do(last)] = few[..] else { panic!("{few:?}") };
    assert!(first.at % 100 > 70 && last.what == 70, "{few:?}");
}
