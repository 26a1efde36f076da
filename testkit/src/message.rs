//! A message: its mode, its data, and its output. `executor` runs it.

use candid::Principal;

use crate::reject::Reject;

/// The kind of message that the canister processes. It decides which functions of the System API
/// are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Start,
    /// `canister_init` and `canister_post_upgrade`.
    Init,
    PreUpgrade,
    Update,
    /// A query method called as an update.
    ReplicatedQuery,
    Query,
    CompositeQuery,
    InspectMessage,
    /// `canister_heartbeat` and `canister_global_timer`.
    Task,
    ReplyCallback,
    RejectCallback,
    Cleanup,
}

impl Mode {
    /// Returns the bit of the mode in sets of modes.
    pub(crate) fn bit(self) -> u16 {
        1 << self as u16
    }

    /// Returns the replica's name of the mode.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Init => "init",
            Self::PreUpgrade => "pre upgrade",
            Self::Update => "update",
            Self::ReplicatedQuery => "replicated query",
            Self::Query => "non replicated query",
            Self::CompositeQuery => "composite query",
            Self::InspectMessage => "inspect message",
            Self::Task => "system task",
            Self::ReplyCallback => "reply callback",
            Self::RejectCallback => "reject callback",
            Self::Cleanup => "cleanup",
        }
    }

    /// Returns `true` if the changes of a message are discarded although it succeeds.
    pub(crate) fn discards_changes(self) -> bool {
        matches!(self, Self::ReplicatedQuery | Self::InspectMessage) || !self.replicated()
    }

    /// Returns `true` if changed heap pages are charged.
    pub(crate) fn pays_for_heap(self) -> bool {
        !matches!(self, Self::Query | Self::ReplicatedQuery | Self::InspectMessage)
    }

    /// Returns `true` if all replicas of the subnet run the message.
    pub(crate) fn replicated(self) -> bool {
        !matches!(self, Self::Query | Self::CompositeQuery | Self::InspectMessage)
    }
}

/// The entry point of a message.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Export(String),
    Callback(Closure),
}

/// A function of the table, and the value that it is called with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closure {
    pub(crate) function: u32,
    pub(crate) env: u64,
}

/// The answer to a call: reply bytes or a reject.
pub(crate) type Response = Result<Vec<u8>, Reject>;

/// A message to run.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) mode: Mode,
    pub(crate) entry: Entry,
    pub(crate) method: String,
    pub(crate) caller: Principal,
    /// The argument; in a reply callback the reply.
    pub(crate) arg: Vec<u8>,
    /// In a reject callback: the code, and the text.
    pub(crate) reject: Option<(u32, String)>,
    pub(crate) cycles_available: u128,
    pub(crate) cycles_refunded: u128,
    pub(crate) deadline: u64,
    /// An earlier message answered the call.
    pub(crate) answered: bool,
    /// The instructions that earlier messages of the same call used.
    pub(crate) instructions_before: u64,
    /// The instructions that it may use.
    pub(crate) limit: u64,
}

impl Message {
    pub(crate) fn new(mode: Mode, entry: impl Into<String>, caller: Principal, limit: u64) -> Self {
        Self {
            mode,
            entry: Entry::Export(entry.into()),
            method: String::new(),
            caller,
            arg: Vec::new(),
            reject: None,
            cycles_available: 0,
            cycles_refunded: 0,
            deadline: 0,
            answered: false,
            instructions_before: 0,
            limit,
        }
    }
}

/// A call that the canister made.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) callee: Vec<u8>,
    pub(crate) method: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) on_reply: Closure,
    pub(crate) on_reject: Closure,
    pub(crate) on_cleanup: Option<Closure>,
    pub(crate) cycles: u128,
    pub(crate) timeout_seconds: Option<u32>,
}

/// The output of a message.
#[derive(Default)]
pub(crate) struct Output {
    /// The reply bytes appended so far.
    pub(crate) data: Vec<u8>,
    pub(crate) response: Option<Response>,
    /// The call under construction.
    pub(crate) draft: Option<Call>,
    pub(crate) calls: Vec<Call>,
    pub(crate) cycles_accepted: u128,
    pub(crate) accepted: bool,
    /// The text that `ic0.trap` or a failing call of the System API stopped the message with.
    pub(crate) error: Option<Reject>,
}
