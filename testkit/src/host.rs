//! The state of a canister besides its code and heap, which the System API works on while a message
//! runs. The functions themselves are in `ic0`.

use std::collections::VecDeque;

use candid::Principal;
use wasmtime::{Global, Memory};

use crate::limits::Limits;
use crate::message::{Message, Output};
use crate::outcome::StableUse;
use crate::profile::Profile;
use crate::stable::StableMemory;

/// The surroundings of a canister: messages see them and cannot change them.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) canister_id: Principal,
    pub(crate) controllers: Vec<Principal>,
    pub(crate) now: u64,
    pub(crate) limits: Limits,
    /// The instructions of a message from which on its performance counter is `u64::MAX`.
    pub(crate) counter_end: Option<u64>,
}

/// The state that the system keeps for the canister. A message that fails changes none of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SystemState {
    pub(crate) cycles: u128,
    pub(crate) version: u64,
    pub(crate) global_timer: u64,
    pub(crate) certified_data: Vec<u8>,
}

/// The data of the wasmtime store.
#[derive(Default)]
pub(crate) struct Host {
    pub(crate) environment: Option<Environment>,
    pub(crate) system: SystemState,
    pub(crate) stable: StableMemory,
    pub(crate) stable_use: StableUse,
    pub(crate) message: Option<Message>,
    pub(crate) output: Output,
    pub(crate) log: Log,
    pub(crate) counter: Option<Global>,
    pub(crate) memory: Option<Memory>,
    /// Instructions charged by the System API; the counter in wasm does not hold them, because
    /// changing it from outside is slow.
    pub(crate) spent: u64,
    /// Calls of the System API until the limit is checked again.
    pub(crate) unchecked: u32,
    /// Instructions by function, if requested.
    pub(crate) profile: Option<Profile>,
    /// Stable pages that the message may touch.
    pub(crate) page_limit: u64,
}

impl Host {
    /// Prepares for `message`, and drops what the last one left.
    pub(crate) fn begin(&mut self, message: Message) {
        self.stable.begin();
        self.stable_use = StableUse::default();
        self.output = Output::default();
        self.log = Log::default();
        self.page_limit = self.environment().limits.stable_pages.of(message.mode);
        (self.spent, self.unchecked) = (0, 0);
        self.message = Some(message);
    }

    pub(crate) fn environment(&self) -> &Environment {
        self.environment.as_ref().expect("the host of a running message has an environment")
    }

    pub(crate) fn message(&self) -> &Message {
        self.message.as_ref().expect("the System API is only reached while a message runs")
    }
}

/// The debug prints of one message, and the room left in its log: printing costs more while there
/// is room.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) lines: Vec<String>,
    kept: VecDeque<usize>,
    used: usize,
}

impl Log {
    pub(crate) const CAPACITY: usize = 4096;
    const RECORD: usize = 40;

    pub(crate) fn room(&self) -> usize {
        Self::CAPACITY - self.used
    }

    /// Adds a line, and drops the oldest ones to make room.
    pub(crate) fn add(&mut self, text: &[u8]) {
        let size = (Self::RECORD + text.len()).min(Self::CAPACITY);
        self.lines.push(String::from_utf8_lossy(text).into_owned());
        self.kept.push_back(size);
        self.used += size;
        while self.used > Self::CAPACITY {
            self.used -= self.kept.pop_front().unwrap_or_default();
        }
    }
}
