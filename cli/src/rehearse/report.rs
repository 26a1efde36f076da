//! The answer of a rehearsal, and its form for programs.

use std::path::PathBuf;

use graven_testkit::{Outcome, Usage};
use serde::Serialize;

use crate::failure::Failure;

/// The whole answer.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) image: PathBuf,
    pub(super) wasm: PathBuf,
    pub(super) upgrade: Upgrade,
    /// Empty if the memory is not a store of its own.
    pub(super) roots: Vec<Root>,
    pub(super) sweep: Option<Sweep>,
    pub(super) calls: Vec<Call>,
}

/// The upgrade itself.
#[derive(Debug, Default, Serialize)]
pub(super) struct Upgrade {
    /// The words of the reject, if it is refused.
    pub(super) refused: Option<String>,
    #[serde(flatten)]
    pub(super) cost: Cost,
    /// The instructions that the replica charges for compiling the module, beside the cost.
    pub(super) compilation: u64,
    pub(super) log: Vec<String>,
}

/// The cost of a message.
#[derive(Debug, Default, Serialize)]
pub(super) struct Cost {
    pub(super) instructions: u64,
    /// Pages of 4 KiB of stable memory that were written.
    pub(super) stable_pages: u64,
    /// Pages of 4 KiB of the heap that were changed.
    pub(super) heap_pages: u64,
    /// Bytes that were read from stable memory.
    pub(super) stable_bytes_read: u64,
}

/// A root before the upgrade and at the end.
#[derive(Debug, Serialize)]
pub(super) struct Root {
    pub(super) name: String,
    pub(super) declaration: String,
    pub(super) before: Option<Size>,
    pub(super) after: Option<Size>,
    pub(super) layouts: Vec<Layout>,
    /// The number of records that were converted. `None` if the memory does not tell: some had the
    /// current layout before, or some have a previous one still.
    pub(super) converted: Option<u64>,
}

/// The size of a root.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Size {
    pub(super) entries: u64,
    pub(super) bytes: u64,
    pub(super) pages: u32,
}

/// The pages of a layout before the upgrade and at the end.
#[derive(Debug, Default, Serialize)]
pub(super) struct Layout {
    #[serde(rename = "type")]
    pub(super) name: String,
    pub(super) version: Option<u32>,
    pub(super) fingerprint: String,
    pub(super) pages_before: u32,
    pub(super) pages_after: u32,
    pub(super) current: bool,
}

/// The sweep by the canister's timer.
#[derive(Debug, Default, Serialize)]
pub(super) struct Sweep {
    pub(super) ending: Ending,
    pub(super) messages: u64,
    pub(super) instructions: u64,
    /// The instructions of the most expensive message.
    pub(super) most_instructions: u64,
    pub(super) stable_pages: u64,
    pub(super) skipped: Vec<Skipped>,
    /// Messages that trapped, or wait.
    pub(super) trapped: Vec<Trapped>,
}

/// A message that did not do its work.
#[derive(Debug, Serialize)]
pub(super) struct Trapped {
    pub(super) why: String,
    /// The page that the code read last.
    pub(super) place: Option<Place>,
    #[serde(flatten)]
    pub(super) culprits: Culprits,
}

/// The records whose conversion makes messages trap.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Culprits {
    /// Those of the message that trapped.
    pub(super) records: Vec<Record>,
    /// `false` if the experiments do not tell which of `records` it was.
    pub(super) is_certain: bool,
    /// Others that a sweep meets without those.
    pub(super) further: Vec<Record>,
    /// `true` if the search ended before the sweep did.
    pub(super) may_be_more: bool,
}

/// The key of a record.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Record {
    pub(super) root: String,
    /// The encoded key, in hexadecimal digits.
    pub(super) key: String,
    /// The encoded key inside of a nested collection.
    pub(super) item: Option<String>,
    /// The parts that name the record, as `dump` shows them: `key`, `index`, `number`, `id` or
    /// `item`.
    pub(super) parts: serde_json::Map<String, serde_json::Value>,
}

/// A page of 4 KiB.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Place {
    pub(super) page: u64,
    /// The root that owns it, if the memory is a store.
    pub(super) root: Option<String>,
}

/// The end of a sweep.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Ending {
    /// No message is due.
    #[default]
    Done,
    /// A message trapped.
    Trapped,
    /// The memory is exhausted.
    OutOfMemory,
    /// A timer of the canister is always due.
    Endless,
}

/// A value that cannot be converted.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Skipped {
    pub(super) root: String,
    /// The encoded key, in hexadecimal digits.
    pub(super) key: String,
    pub(super) why: String,
}

/// A call of the script.
#[derive(Debug, Serialize)]
pub(super) struct Call {
    pub(super) line: usize,
    pub(super) text: String,
    #[serde(flatten)]
    pub(super) cost: Cost,
    pub(super) reply: Option<String>,
    pub(super) error: Option<String>,
    pub(super) log: Vec<String>,
}

impl Upgrade {
    pub(super) fn of(outcome: &Outcome<()>) -> Upgrade {
        Upgrade {
            refused: outcome.result.as_ref().err().map(ToString::to_string),
            cost: Cost::of(&outcome.usage),
            compilation: outcome.compilation,
            log: outcome.log.clone(),
        }
    }
}

impl Cost {
    pub(super) fn of(usage: &Usage) -> Cost {
        Cost {
            instructions: usage.instructions,
            stable_pages: usage.stable_pages,
            heap_pages: usage.heap_pages,
            stable_bytes_read: usage.stable.bytes_read,
        }
    }
}

impl Report {
    /// Returns `true` if the upgrade is accepted, the sweep came to its end, and no call failed.
    pub(super) fn is_good(&self) -> bool {
        let swept = |sweep: &Sweep| sweep.ending == Ending::Done && sweep.skipped.is_empty();
        self.upgrade.refused.is_none()
            && self.sweep.as_ref().is_none_or(swept)
            && self.calls.iter().all(|call| call.error.is_none())
    }

    /// Returns the answer as one object.
    pub(super) fn json(&self) -> Result<String, Failure> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| text + "\n").map_err(|error| Failure::Print(error.into()))
    }
}
