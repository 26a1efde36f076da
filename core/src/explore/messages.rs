//! The instructions of the last messages that could change the store.

use std::collections::VecDeque;

/// The number of messages that are kept.
const KEPT: usize = 8;

/// The instructions of messages, which a canister counts on its heap. They begin anew with every
/// upgrade.
#[derive(Debug, Default)]
pub struct Messages {
    /// The newest messages, the last one first: each with the version of the canister by which it
    /// is known, and its instructions.
    newest: VecDeque<(u64, u64)>,
    count: u64,
    sum: u64,
}

impl Messages {
    /// Returns no messages.
    #[must_use]
    pub const fn new() -> Self {
        Messages { newest: VecDeque::new(), count: 0, sum: 0 }
    }

    /// Counts the instructions that this message has executed so far. Outside of a canister nothing
    /// counts them. Takes some 500 instructions.
    pub fn count(&mut self) {
        if let Some((version, instructions)) = this_message() {
            self.add(version, instructions);
        }
    }

    /// A message that is counted again has executed more by then.
    fn add(&mut self, version: u64, instructions: u64) {
        let before = match self.newest.front_mut() {
            Some((known, before)) if *known == version => core::mem::replace(before, instructions),
            _ => {
                self.newest.truncate(KEPT.saturating_sub(1));
                self.newest.push_front((version, instructions));
                self.count = self.count.saturating_add(1);
                0
            }
        };
        self.sum = self.sum.saturating_add(instructions.saturating_sub(before));
    }

    /// Returns the number of all messages.
    pub(super) fn total(&self) -> u64 {
        self.count
    }

    /// Returns the instructions of all messages.
    pub(super) fn instructions(&self) -> u64 {
        self.sum
    }

    /// Returns the instructions of the newest messages, the last one first.
    pub(super) fn newest(&self) -> impl Iterator<Item = u64> + '_ {
        self.newest.iter().map(|(_, instructions)| *instructions)
    }
}

/// Returns the version of the canister, which differs in each message that may change it, and the
/// instructions of this message so far.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
fn this_message() -> Option<(u64, u64)> {
    Some((ic0::canister_version(), ic0::performance_counter(0)))
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
fn this_message() -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_counted_once_with_all_of_its_instructions() {
        let mut messages = Messages::new();
        for (version, instructions) in [(1, 10), (1, 30), (2, 5), (4, 7), (4, 8)] {
            messages.add(version, instructions);
        }
        assert_eq!((messages.total(), messages.instructions()), (3, 43));
        assert_eq!(messages.newest().collect::<Vec<_>>(), [8, 5, 30]);
        (10..30).for_each(|version| messages.add(version, version));
        assert_eq!(messages.newest().collect::<Vec<_>>(), [29, 28, 27, 26, 25, 24, 23, 22]);
    }
}
