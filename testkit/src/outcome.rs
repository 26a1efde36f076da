//! The outcome of a message: its reply or reject, and everything that was counted.

use crate::reject::Reject;

/// The use of stable memory by a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StableUse {
    /// Number of reads.
    pub reads: u64,
    /// Bytes read in total.
    pub bytes_read: u64,
    /// Number of writes.
    pub writes: u64,
    /// Bytes written in total.
    pub bytes_written: u64,
    /// Distinct pages of 4 KiB written.
    pub pages_written: u64,
    /// Distinct pages of 4 KiB read or written.
    pub pages_touched: u64,
    /// The offset of the last read. After a trap, it tells which data the code was working on.
    pub last_read: Option<u64>,
}

/// The resources that a message used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Instructions, as the replica counts them: code, System API and changed pages.
    pub instructions: u64,
    /// Heap pages of 4 KiB that the message changed; 0 if it failed.
    pub heap_pages: u64,
    /// Stable pages of 4 KiB that the message wrote; 0 if it failed.
    pub stable_pages: u64,
    /// Its use of stable memory, also if that was rolled back.
    pub stable: StableUse,
}

impl Usage {
    /// Returns the pages of 4 KiB, heap and stable, that the message changed.
    pub fn dirty_pages(&self) -> u64 {
        self.heap_pages + self.stable_pages
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.instructions += other.instructions;
        self.heap_pages += other.heap_pages;
        self.stable_pages += other.stable_pages;
        self.stable.reads += other.stable.reads;
        self.stable.bytes_read += other.stable.bytes_read;
        self.stable.writes += other.stable.writes;
        self.stable.bytes_written += other.stable.bytes_written;
        self.stable.pages_written += other.stable.pages_written;
        self.stable.pages_touched += other.stable.pages_touched;
        self.stable.last_read = other.stable.last_read.or(self.stable.last_read);
    }
}

/// One message among several: a phase of an install or upgrade, or a message that followed from a
/// call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The phase: `start`, `init`, `pre_upgrade` or `post_upgrade`. For calls, the method, or
    /// `reply`, `reject` or `cleanup` for a callback.
    pub name: String,
    /// The resources that it used.
    pub usage: Usage,
    /// The reason of its failure, if it failed.
    pub error: Option<Reject>,
}

/// The outcome of a call, a task, an install or an upgrade.
#[derive(Clone, Debug)]
#[must_use]
pub struct Outcome<T = Vec<u8>> {
    /// The reply, or the reject.
    pub result: Result<T, Reject>,
    /// The resources that the message used; for installs and upgrades, those of all phases.
    pub usage: Usage,
    /// The phases of an install or upgrade that ran. For calls, the messages that followed: calls
    /// of the canister to itself, and callbacks. These are not part of `usage`.
    pub phases: Vec<Phase>,
    /// Debug prints in order, including those of the messages that followed.
    pub log: Vec<String>,
    /// The instructions that the replica charges an install or an upgrade for compiling the module,
    /// to about a thousandth. They are not part of `usage`, and 0 for other messages.
    pub compilation: u64,
}

impl<T> Outcome<T> {
    /// Returns the reply.
    ///
    /// # Panics
    /// Panics with the reject if there is no reply.
    #[track_caller]
    pub fn unwrap(self) -> T {
        match self.result {
            Ok(reply) => reply,
            Err(reject) => panic!("the canister did not reply: {reject}"),
        }
    }

    /// Returns the reject.
    ///
    /// # Panics
    /// Panics if there is a reply.
    #[track_caller]
    pub fn unwrap_err(self) -> Reject {
        match self.result {
            Ok(_) => panic!("the canister replied, a reject was expected"),
            Err(reject) => reject,
        }
    }

    /// Returns `true` if there is a reply.
    pub fn is_ok(&self) -> bool {
        self.result.is_ok()
    }

    /// Returns the instructions of the message; for installs and upgrades, those of all phases.
    pub fn instructions(&self) -> u64 {
        self.usage.instructions
    }

    /// Returns the pages of 4 KiB, heap and stable, that were changed.
    pub fn dirty_pages(&self) -> u64 {
        self.usage.dirty_pages()
    }

    /// Returns the instructions of one phase, if it ran.
    pub fn phase(&self, name: &str) -> Option<u64> {
        self.phases.iter().find(|phase| phase.name == name).map(|phase| phase.usage.instructions)
    }

    pub(crate) fn and_then<U>(self, f: impl FnOnce(T) -> Result<U, Reject>) -> Outcome<U> {
        let Self { result, usage, phases, log, compilation } = self;
        Outcome { result: result.and_then(f), usage, phases, log, compilation }
    }

    /// Returns the outcome of a message that failed before anything ran.
    pub(crate) fn failed(reject: Reject) -> Self {
        Self {
            result: Err(reject),
            usage: Usage::default(),
            phases: Vec::new(),
            log: Vec::new(),
            compilation: 0,
        }
    }
}

impl<T> Outcome<(T,)> {
    /// Returns the only value of the reply: `canister.query::<_, (u64,)>("count", ()).value()`.
    ///
    /// # Panics
    /// Panics with the reject if there is no reply.
    #[track_caller]
    pub fn value(self) -> T {
        self.unwrap().0
    }
}

impl Outcome<()> {
    /// Returns the outcome of doing nothing successfully.
    pub(crate) fn nothing() -> Self {
        Self { result: Ok(()), usage: Usage::default(), phases: Vec::new(), log: Vec::new(), compilation: 0 }
    }
}
