//! The sweep: fires the canister's timer until it is not due at once.

use graven_testkit::{Canister, Outcome, StableMemory};

use super::culprits::Experiments;
use super::place;
use super::report::{Culprits, Ending, Skipped, Sweep, Trapped};
use super::timer::{MAX_FIRINGS, is_due, tasks};

/// The words with which a sweep logs a value that it skips.
const SKIPPED: &str = "the sweep skipped ";

/// The words with which a sweep logs that it waits for memory.
const WAITS: &str = "the sweep waits for an hour: ";

/// Fires the timer until the next message is not due at once.
pub(super) fn run(canister: &mut Canister, experiments: &Experiments<'_>) -> Sweep {
    let mut sweep = Sweep::default();
    let mut firings = 0;
    while is_due(canister) {
        firings += 1;
        if firings > MAX_FIRINGS {
            sweep.ending = Ending::Endless;
            return sweep;
        }
        if let Some(outcome) = canister.fire_timer() {
            sweep.add(&outcome, canister.stable(), experiments);
        }
    }
    sweep
}

impl Sweep {
    fn add(&mut self, outcome: &Outcome<()>, stable: &StableMemory, experiments: &Experiments<'_>) {
        for phase in tasks(outcome) {
            let spent = phase.usage.instructions;
            self.messages += 1;
            self.instructions += spent;
            self.most_instructions = self.most_instructions.max(spent);
            self.stable_pages += phase.usage.stable_pages;
            if let Some(reject) = &phase.error {
                let place = phase.usage.stable.last_read.map(|offset| place::at(stable, offset));
                let culprits = match self.trapped.is_empty() {
                    true => experiments.culprits(stable.clone(), spent),
                    false => Culprits::default(),
                };
                self.trapped.push(Trapped { why: reject.to_string(), place, culprits });
                self.ending = Ending::Trapped;
            }
        }
        for line in &outcome.log {
            if let Some(skipped) = line.strip_prefix(SKIPPED).and_then(Skipped::parse) {
                if !self.skipped.contains(&skipped) {
                    self.skipped.push(skipped);
                }
            } else if let Some(why) = line.strip_prefix(WAITS) {
                self.trapped.push(Trapped {
                    why: why.to_owned(),
                    place: None,
                    culprits: Culprits::default(),
                });
                self.ending = Ending::OutOfMemory;
            }
        }
    }
}

impl Skipped {
    /// Reads `ROOT: key 0xHEX: WHY`.
    fn parse(text: &str) -> Option<Skipped> {
        let (root, rest) = text.split_once(": key 0x")?;
        let (key, why) = rest.split_once(": ")?;
        Some(Skipped { root: root.to_owned(), key: key.to_owned(), why: why.to_owned() })
    }
}
