//! The records whose conversion traps. A sweep that traps leaves nothing behind, so they are found
//! by experiments on copies of the memory: without such a record, the sweep does not trap there.
//!
//! The sweep continues in a copy with smaller and smaller messages, until already the first record
//! of a message makes it trap. Records of the page that was read last are suspects. They are taken
//! out of copies one after another until the message passes. Each of those is then tried alone.

use graven_testkit::{Canister, Phase, StableMemory};

use super::report::Culprits;
use super::suspects::{Gone, Suspects};
use super::timer::{MAX_FIRINGS, is_due, tasks};

/// The most records that are named. If all records of a type trap, a few show it.
const MAX_RECORDS: usize = 20;

/// The most messages until a message traps at its first record.
const MAX_MESSAGES: u32 = 1_000;

/// The number of instructions below which a message is tried with none.
const FEW: u64 = 10_000;

/// The code that is rehearsed, and the state of the canister when it trapped.
pub(super) struct Experiments<'a> {
    pub(super) wasm: &'a [u8],
    pub(super) arg: &'a [u8],
    pub(super) time: u64,
}

/// The outcome of a message of the sweep.
enum Message {
    /// No message is due.
    End,
    Done,
    /// The offset that it read last, and its instructions.
    Trapped(Option<u64>, u64),
}

/// The answer of the experiments about one trap.
struct Found {
    memory: StableMemory,
    suspects: Suspects,
    /// The positions of those whose conversion traps, or `None` if the experiments do not tell.
    guilty: Option<Vec<usize>>,
}

/// The next trap of a sweep, if there is one.
enum NextTrap {
    None,
    Found(Found),
}

impl Experiments<'_> {
    /// Finds the records whose conversion traps, from the memory before the message that trapped
    /// after so many instructions.
    pub(super) fn culprits(&self, memory: StableMemory, instructions: u64) -> Culprits {
        let (mut culprits, mut gone) = (Culprits::default(), Vec::<Gone>::new());
        let mut next = self.trap(memory, instructions).map(|found| (found, true));
        while let Some((Found { memory, suspects, guilty }, is_first)) = next.take() {
            let mut records = suspects.records(&memory, &gone);
            culprits.may_be_more = true;
            let Some(guilty) = guilty else {
                if is_first {
                    records.truncate(MAX_RECORDS);
                    culprits.records = records;
                }
                break;
            };
            let named = records.into_iter().enumerate().filter(|(at, _)| guilty.contains(at));
            let named = named.map(|(_, record)| record);
            if is_first {
                (culprits.records, culprits.is_certain) = (named.collect(), true);
            } else {
                culprits.further.extend(named);
            }
            if culprits.records.len() + culprits.further.len() >= MAX_RECORDS {
                break;
            }
            suspects.note(&guilty, &mut gone);
            let rest = suspects.without(&memory, &guilty);
            (next, culprits.may_be_more) = match rest.and_then(|rest| self.next_trap(&rest)) {
                Some(NextTrap::Found(found)) => (Some((found, false)), true),
                Some(NextTrap::None) => (None, false),
                None => (None, true),
            };
        }
        culprits
    }

    /// Sweeps until a message traps, and finds out why.
    fn next_trap(&self, memory: &StableMemory) -> Option<NextTrap> {
        let mut canister = self.upgraded(memory, None)?;
        for _ in 0..MAX_FIRINGS {
            let before = canister.stable().clone();
            match Experiments::message(&mut canister) {
                Message::End => return Some(NextTrap::None),
                Message::Done => {}
                Message::Trapped(_, instructions) => {
                    return self.trap(before, instructions).map(NextTrap::Found);
                }
            }
        }
        None
    }

    /// Finds out which records make a message trap.
    fn trap(&self, mut memory: StableMemory, instructions: u64) -> Option<Found> {
        let (mut end, mut offset) = (instructions, None);
        for _ in 0..MAX_MESSAGES {
            let mut canister = self.upgraded(&memory, Some(end))?;
            match Experiments::message(&mut canister) {
                Message::End => break,
                Message::Done => memory = canister.stable().clone(),
                Message::Trapped(at, _) => {
                    offset = at;
                    if end == 0 {
                        break;
                    }
                    end = if end < FEW { 0 } else { end / 2 };
                }
            }
        }
        let suspects = Suspects::at(&memory, offset?)?;
        let guilty = self.guilty(&memory, &suspects);
        Some(Found { memory, suspects, guilty })
    }

    /// Returns the suspects whose conversion traps: the last one that has to be taken out for the
    /// message to pass, and those before it that trap as well.
    fn guilty(&self, memory: &StableMemory, suspects: &Suspects) -> Option<Vec<usize>> {
        let all: Vec<usize> = (0..suspects.entries.len()).collect();
        // The message traps without the first `traps`, and passes without the first `passes`.
        let (mut traps, mut passes) = (0, all.len());
        if self.passes(memory, suspects, &all) != Some(true) {
            return None;
        }
        while passes - traps > 1 {
            let middle = traps.midpoint(passes);
            let is_passed = self.passes(memory, suspects, &all[..middle])?;
            if is_passed { passes = middle } else { traps = middle }
        }
        let alone = |at: &usize| {
            let others: Vec<usize> = all[..passes].iter().copied().filter(|other| other != at).collect();
            self.passes(memory, suspects, &others) == Some(false)
        };
        let before = all[..traps].iter().copied().take(MAX_RECORDS).filter(alone);
        Some(before.chain([traps]).collect())
    }

    /// Returns `true` if a message does not trap at any of the suspects after some are taken out,
    /// or `None` if it cannot be tried.
    fn passes(&self, memory: &StableMemory, suspects: &Suspects, taken: &[usize]) -> Option<bool> {
        let memory = suspects.without(memory, taken)?;
        let mut canister = self.upgraded(&memory, Some(0))?;
        let Message::Trapped(offset, _) = Experiments::message(&mut canister) else { return Some(true) };
        // It may trap at records of another page, whose turn it is now.
        let others = Suspects::at(canister.stable(), offset?)?;
        Some(!others.entries.is_empty() && !suspects.meet(taken, &others))
    }

    /// Upgrades to the code over a copy of a memory. Messages that watch their instructions end at
    /// `end` of them.
    fn upgraded(&self, memory: &StableMemory, end: Option<u64>) -> Option<Canister> {
        let mut canister = Canister::builder().time(self.time).empty();
        canister.set_stable(memory.clone());
        canister.post_upgrade_raw(self.wasm, self.arg).result.ok()?;
        canister.set_counter_end(end);
        Some(canister)
    }

    /// Runs the next message of the sweep.
    fn message(canister: &mut Canister) -> Message {
        let outcome = is_due(canister).then(|| canister.fire_timer()).flatten();
        let Some(outcome) = outcome else { return Message::End };
        match tasks(&outcome).find(|phase| phase.error.is_some()) {
            Some(Phase { usage, .. }) => Message::Trapped(usage.stable.last_read, usage.instructions),
            None => Message::Done,
        }
    }
}
