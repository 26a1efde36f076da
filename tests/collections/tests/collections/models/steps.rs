//! The steps done to a collection: numbers that do not depend on what is in it, so that
//! steps can be left out and the others still mean the same.

use graven_tests::rng::Rng;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// An operation.
    Do(Act),
    /// Opens the memory again.
    Reopen,
    /// The memory opened with the next version of its values, if there is one.
    Upgrade,
    /// Converts at most the given number of pages to the current layout.
    Sweep(u64),
    /// From now on the memory cannot grow, or can again.
    Tight(bool),
    /// Everything compared.
    Check,
}

/// An operation: which one, where, and with which values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Act {
    /// Below 40: adds something. Below 60: takes something away. Below 100: looks or changes.
    pub what: u64,
    pub at: u64,
    pub seed: u64,
}

/// Steps of a life.
pub const STEPS: usize = 40_000;

/// Returns all steps of a seed: phases in which a collection grows and such in which it shrinks,
/// some without memory.
pub fn steps(seed: u64) -> impl Iterator<Item = Step> {
    let mut rng = Rng::new(seed + 1);
    let (mut grows, mut tight, mut upgraded) = (true, false, false);
    (0..STEPS).map(move |_| {
        if std::mem::take(&mut upgraded) && rng.once_in(2) {
            return Step::Sweep(1);
        }
        if rng.once_in(4_000) {
            grows = !grows;
        }
        if rng.once_in(if tight { 800 } else { 1_500 }) {
            tight = !tight;
            return Step::Tight(tight);
        }
        match rng.below(8_000) {
            0..8 => Step::Reopen,
            8 => Step::Check,
            9..11 => {
                upgraded = true;
                Step::Upgrade
            }
            11..30 => Step::Sweep(1 + rng.below(4)),
            _ => Step::Do(act(&mut rng, grows)),
        }
    })
}

fn act(rng: &mut Rng, grows: bool) -> Act {
    let (more, less) = (rng.below(40), 40 + rng.below(20));
    let what = match rng.below(10) {
        0..4 if grows => more,
        0..4 => less,
        4..6 => more,
        6 => less,
        _ => 60 + rng.below(40),
    };
    Act { what, at: rng.any() >> 8, seed: rng.any() }
}
