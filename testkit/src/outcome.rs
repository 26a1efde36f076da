//! What a message came to: its reply or reject, and everything that was counted.

use crate::reject::Reject;

/// What a message did to stable memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StableUse {
    /// Calls that read.
    pub reads: u64,
    /// Bytes read, all calls together.
    pub bytes_read: u64,
    /// Calls that wrote.
    pub writes: u64,
    /// Bytes written, all calls together.
    pub bytes_written: u64,
    /// Distinct pages of 4 KiB written.
    pub pages_written: u64,
    /// Distinct pages of 4 KiB read or written.
    pub pages_touched: u64,
}

/// What a message used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Instructions, as the replica counts them: code, System API and changed pages.
    pub instructions: u64,
    /// Heap pages of 4 KiB that the message left changed; none where it failed.
    pub heap_pages: u64,
    /// Stable pages of 4 KiB that the message left written; none where it failed.
    pub stable_pages: u64,
    /// What it did to stable memory, whether that lasted or not.
    pub stable: StableUse,
}

impl Usage {
    /// Pages of 4 KiB, heap and stable, that the message left changed.
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
    }
}

/// One message among several: a phase of an install or upgrade, or a message that a call led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// `start`, `init`, `pre_upgrade`, `post_upgrade`; or the method called, or `reply`, `reject`,
    /// `cleanup` for a callback.
    pub name: String,
    /// What it used.
    pub usage: Usage,
    /// Why it failed, if it did.
    pub error: Option<Reject>,
}

/// What a call, a task, an install or an upgrade came to.
#[derive(Clone, Debug)]
#[must_use]
pub struct Outcome<T = Vec<u8>> {
    /// The reply, or why there is none.
    pub result: Result<T, Reject>,
    /// What the message used; for installs and upgrades all phases together.
    pub usage: Usage,
    /// The phases of an install or upgrade that ran. For calls: the messages that followed, calls
    /// of the canister to itself and callbacks, which are not part of `usage`.
    pub phases: Vec<Phase>,
    /// Debug prints, in order, those of the messages that followed as well.
    pub log: Vec<String>,
}

impl<T> Outcome<T> {
    /// The reply.
    ///
    /// # Panics
    /// Where there is none, with the reject in the panic message.
    #[track_caller]
    pub fn unwrap(self) -> T {
        match self.result {
            Ok(reply) => reply,
            Err(reject) => panic!("the canister did not reply: {reject}"),
        }
    }

    /// The reject.
    ///
    /// # Panics
    /// Where there is a reply.
    #[track_caller]
    pub fn unwrap_err(self) -> Reject {
        match self.result {
            Ok(_) => panic!("the canister replied, a reject was expected"),
            Err(reject) => reject,
        }
    }

    /// Returns whether there is a reply.
    pub fn is_ok(&self) -> bool {
        self.result.is_ok()
    }

    /// Instructions of the message; for installs and upgrades of all phases together.
    pub fn instructions(&self) -> u64 {
        self.usage.instructions
    }

    /// Pages of 4 KiB, heap and stable, that were left changed.
    pub fn dirty_pages(&self) -> u64 {
        self.usage.dirty_pages()
    }

    /// Instructions of one phase, if it ran.
    pub fn phase(&self, name: &str) -> Option<u64> {
        self.phases.iter().find(|phase| phase.name == name).map(|phase| phase.usage.instructions)
    }

    pub(crate) fn and_then<U>(self, f: impl FnOnce(T) -> Result<U, Reject>) -> Outcome<U> {
        let Self { result, usage, phases, log } = self;
        Outcome { result: result.and_then(f), usage, phases, log }
    }

    /// A message that failed before anything ran.
    pub(crate) fn failed(reject: Reject) -> Self {
        Self { result: Err(reject), usage: Usage::default(), phases: Vec::new(), log: Vec::new() }
    }
}

impl<T> Outcome<(T,)> {
    /// The one value of the reply: `canister.query::<_, (u64,)>("count", ()).value()`.
    ///
    /// # Panics
    /// Where there is no reply, with the reject in the panic message.
    #[track_caller]
    pub fn value(self) -> T {
        self.unwrap().0
    }
}

impl Outcome<()> {
    /// Nothing ran, and that is no failure.
    pub(crate) fn nothing() -> Self {
        Self { result: Ok(()), usage: Usage::default(), phases: Vec::new(), log: Vec::new() }
    }
}
