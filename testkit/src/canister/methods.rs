//! Calls methods and runs tasks.

use candid::Principal;
use candid::utils::{ArgumentDecoder, ArgumentEncoder};

use super::Canister;
use crate::message::{Message, Mode, Response};
use crate::outcome::Outcome;
use crate::reject::{ErrorCode, Reject};

/// The instructions that `canister_inspect_message` may use.
const INSPECT_INSTRUCTIONS: u64 = 200_000_000;

/// Methods, with arguments and replies in candid. Both are tuples, as in `("key", 7u32)` and
/// `(u64,)`.
impl Canister {
    /// Calls an update method, or a query method as an update.
    pub fn update<A, R>(&mut self, method: &str, args: A) -> Outcome<R>
    where
        A: ArgumentEncoder,
        R: for<'de> ArgumentDecoder<'de>,
    {
        self.update_as(self.caller, method, args)
    }

    /// Like [`update`](Self::update), sent by `caller`.
    pub fn update_as<A, R>(&mut self, caller: Principal, method: &str, args: A) -> Outcome<R>
    where
        A: ArgumentEncoder,
        R: for<'de> ArgumentDecoder<'de>,
    {
        match encode(args) {
            Ok(arg) => self.update_raw_as(caller, method, &arg).and_then(decode),
            Err(reject) => Outcome::failed(reject),
        }
    }

    /// Calls a query or composite query method. Its changes are discarded.
    pub fn query<A, R>(&mut self, method: &str, args: A) -> Outcome<R>
    where
        A: ArgumentEncoder,
        R: for<'de> ArgumentDecoder<'de>,
    {
        self.query_as(self.caller, method, args)
    }

    /// Like [`query`](Self::query), sent by `caller`.
    pub fn query_as<A, R>(&mut self, caller: Principal, method: &str, args: A) -> Outcome<R>
    where
        A: ArgumentEncoder,
        R: for<'de> ArgumentDecoder<'de>,
    {
        match encode(args) {
            Ok(arg) => self.query_raw_as(caller, method, &arg).and_then(decode),
            Err(reject) => Outcome::failed(reject),
        }
    }
}

/// Methods, with arguments and replies in bytes.
impl Canister {
    /// Calls an update method, or a query method as an update.
    pub fn update_raw(&mut self, method: &str, arg: &[u8]) -> Outcome {
        self.update_raw_as(self.caller, method, arg)
    }

    /// Like [`update_raw`](Self::update_raw), sent by `caller`.
    pub fn update_raw_as(&mut self, caller: Principal, method: &str, arg: &[u8]) -> Outcome {
        let limit = self.limits().update_instructions;
        match self.update_entry(method) {
            Ok((mode, entry)) => {
                let message = Message {
                    method: method.into(),
                    arg: arg.into(),
                    ..Message::new(mode, entry, caller, limit)
                };
                self.deliver(message)
            }
            Err(reject) => Outcome::failed(reject),
        }
    }

    /// Calls a query or composite query method. Its changes are discarded.
    pub fn query_raw(&mut self, method: &str, arg: &[u8]) -> Outcome {
        self.query_raw_as(self.caller, method, arg)
    }

    /// Like [`query_raw`](Self::query_raw), sent by `caller`.
    pub fn query_raw_as(&mut self, caller: Principal, method: &str, arg: &[u8]) -> Outcome {
        let limit = self.limits().query_instructions;
        let kinds = [(Mode::Query, "canister_query"), (Mode::CompositeQuery, "canister_composite_query")];
        match self.entry(method, &kinds) {
            Ok(Some((mode, entry))) => {
                let message = Message {
                    method: method.into(),
                    arg: arg.into(),
                    ..Message::new(mode, entry, caller, limit)
                };
                self.deliver(message)
            }
            Ok(None) => Outcome::failed(no_method("query", method)),
            Err(reject) => Outcome::failed(reject),
        }
    }

    /// Asks `canister_inspect_message` whether to accept a message from outside. Accepts all
    /// messages if the module has none. [`update`](Self::update) does not ask it.
    pub fn inspect_message_raw(&mut self, caller: Principal, method: &str, arg: &[u8]) -> Outcome<()> {
        const ENTRY: &str = "canister_inspect_message";
        match self.exported(ENTRY) {
            Err(reject) => return Outcome::failed(reject),
            Ok(false) => return Outcome::nothing(),
            Ok(true) => {}
        }
        let message = Message::new(Mode::InspectMessage, ENTRY, caller, INSPECT_INSTRUCTIONS);
        let message = Message { method: method.into(), arg: arg.into(), ..message };
        self.deliver(message).and_then(|_| Ok(()))
    }

    /// Returns the mode and the entry point of a method that is called as an update.
    pub(super) fn update_entry(&self, method: &str) -> Result<(Mode, String), Reject> {
        let kinds = [(Mode::Update, "canister_update"), (Mode::ReplicatedQuery, "canister_query")];
        self.entry(method, &kinds)?.ok_or_else(|| no_method("update", method))
    }

    fn entry(&self, method: &str, kinds: &[(Mode, &str)]) -> Result<Option<(Mode, String)>, Reject> {
        for (mode, prefix) in kinds {
            let entry = format!("{prefix} {method}");
            if self.exported(&entry)? {
                return Ok(Some((*mode, entry)));
            }
        }
        Ok(None)
    }

    fn exported(&self, entry: &str) -> Result<bool, Reject> {
        self.code.as_ref().map(|code| code.module.exports(entry)).ok_or_else(no_module)
    }
}

fn no_method(kind: &str, method: &str) -> Reject {
    let text = format!("Canister has no {kind} method '{method}'");
    Reject::new(ErrorCode::CanisterMethodNotFound, text)
}

/// Tasks that the system starts.
impl Canister {
    /// Fires the global timer if it is set: advances the time until it is due, runs
    /// `canister_global_timer`, and delivers its calls (`ic-cdk-timers` runs tasks by calling its
    /// own canister).
    pub fn fire_timer(&mut self) -> Option<Outcome<()>> {
        let due = self.timer()?;
        self.set_time(self.time().max(due));
        Some(self.run_global_timer())
    }

    /// Fires the global timer while it is due at the present time.
    pub fn fire_due_timers(&mut self) -> Vec<Outcome<()>> {
        let mut outcomes = Vec::new();
        while self.timer().is_some_and(|due| due <= self.time()) {
            outcomes.push(self.run_global_timer());
        }
        outcomes
    }

    /// Runs `canister_global_timer` now, also if the timer is not set, and unsets it.
    pub fn run_global_timer(&mut self) -> Outcome<()> {
        self.host.system.global_timer = 0;
        self.task("canister_global_timer")
    }

    /// Runs `canister_heartbeat`.
    pub fn heartbeat(&mut self) -> Outcome<()> {
        self.task("canister_heartbeat")
    }

    fn task(&mut self, entry: &str) -> Outcome<()> {
        let limit = self.limits().update_instructions;
        match self.exported(entry) {
            Ok(true) => {
                let message = Message::new(Mode::Task, entry, Principal::management_canister(), limit);
                self.deliver(message).and_then(|_| Ok(()))
            }
            Ok(false) => Outcome::nothing(),
            Err(reject) => Outcome::failed(reject),
        }
    }
}

pub(super) fn no_module() -> Reject {
    let text = "Attempted to execute a message, but the canister contains no Wasm module";
    Reject::new(ErrorCode::CanisterWasmModuleNotFound, text)
}

/// Encodes a candid argument.
pub(super) fn encode(args: impl ArgumentEncoder) -> Response {
    candid::encode_args(args).map_err(|error| mismatch("argument", &error))
}

fn decode<R: for<'de> ArgumentDecoder<'de>>(reply: Vec<u8>) -> Result<R, Reject> {
    candid::decode_args(&reply).map_err(|error| mismatch("reply", &error))
}

fn mismatch(what: &str, error: &candid::Error) -> Reject {
    Reject::new(ErrorCode::CandidMismatch, format!("the {what} does not fit its candid type: {error}"))
}
