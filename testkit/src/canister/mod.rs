//! The canister as users of this crate see it: created by a [`Builder`], then sent messages.
//!
//! This file contains what can be read and set between messages. `lifecycle` installs and upgrades,
//! `methods` calls methods and runs tasks, `calls` delivers the calls that the canister makes.

mod builder;
mod calls;
mod lifecycle;
mod methods;
mod snapshot;

pub use builder::Builder;
pub use snapshot::Snapshot;

use std::time::Duration;

use candid::Principal;

use crate::executor::Code;
use crate::host::{Environment, Host};
use crate::limits::Limits;
use crate::profile::Profile;
use crate::stable::{StableMemory, WASM_PAGE};

/// A canister that runs locally and is metered as on the replica.
///
/// ```
/// use graven_testkit::Canister;
/// # let wasm = wat::parse_str(r#"(module
/// #   (import "ic0" "msg_reply" (func $reply))
/// #   (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
/// #   (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
/// #   (memory 1)
/// #   (data (i32.const 0) "DIDL\00\01\78\2a\00\00\00\00\00\00\00")
/// #   (func (export "canister_init") (drop (call $grow (i64.const 3))))
/// #   (func (export "canister_query answer") (call $append (i32.const 0) (i32.const 15))
/// #     call $reply))"#).unwrap();
/// let mut canister = Canister::install(&wasm, ()).unwrap();
/// let outcome = canister.query::<_, (u64,)>("answer", ());
/// assert!(outcome.instructions() > 0);
/// assert_eq!(outcome.unwrap(), (42,));
/// assert_eq!(canister.stable_size_pages(), 3);
/// ```
pub struct Canister {
    host: Host,
    code: Option<Code>,
    caller: Principal,
}

impl Clone for Canister {
    /// Returns an independent canister in the same state.
    fn clone(&self) -> Self {
        let host = Host {
            environment: self.host.environment.clone(),
            system: self.host.system.clone(),
            stable: self.host.stable.clone(),
            profile: self.host.profile.clone(),
            ..Host::default()
        };
        Self { host, code: self.code.clone(), caller: self.caller }
    }
}

impl Canister {
    /// Returns the settings of a new canister.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns the id of the canister.
    pub fn id(&self) -> Principal {
        self.environment().canister_id
    }

    /// Returns who sends messages if no other caller is given.
    pub fn caller(&self) -> Principal {
        self.caller
    }

    /// Sets who sends messages from now on.
    pub fn set_caller(&mut self, caller: Principal) {
        self.caller = caller;
    }

    /// Returns the time that the canister sees, in nanoseconds since 1970. It changes only when it
    /// is set.
    pub fn time(&self) -> u64 {
        self.environment().now
    }

    /// Sets the time, in nanoseconds since 1970.
    pub fn set_time(&mut self, nanoseconds: u64) {
        self.environment_mut().now = nanoseconds;
    }

    /// Advances the time. Timers that become due are not fired, see
    /// [`fire_timer`](Self::fire_timer).
    pub fn advance_time(&mut self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let now = self.time().saturating_add(by);
        self.set_time(now);
    }

    /// Sets the limits of messages from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.environment_mut().limits = limits;
    }

    /// Returns the limits of messages.
    pub fn limits(&self) -> Limits {
        self.environment().limits
    }

    /// Ends messages early that watch their instructions: from this number of instructions of a
    /// message on, its performance counter is `u64::MAX`. Code is executed and charged as before.
    /// `None` undoes it.
    pub fn set_counter_end(&mut self, instructions: Option<u64>) {
        self.environment_mut().counter_end = instructions;
    }

    /// Returns the profile of a [`profiled`](Builder::profiled) canister and starts a new one.
    /// Empty for others.
    pub fn take_profile(&mut self) -> Profile {
        self.host.profile.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Returns the time when the global timer is due, in nanoseconds since 1970, if it is set.
    pub fn timer(&self) -> Option<u64> {
        Some(self.host.system.global_timer).filter(|at| *at != 0)
    }

    /// Returns the certified data that the canister set last.
    pub fn certified_data(&self) -> &[u8] {
        &self.host.system.certified_data
    }

    /// Returns the balance of the canister. Messages are not charged for.
    pub fn cycles(&self) -> u128 {
        self.host.system.cycles
    }

    /// Returns the size of the heap in wasm pages of 64 KiB.
    pub fn heap_size_pages(&self) -> u64 {
        self.code.as_ref().map_or(0, |code| code.heap_bytes() / WASM_PAGE)
    }

    /// Returns `true` if code is installed.
    pub fn is_installed(&self) -> bool {
        self.code.is_some()
    }

    fn environment(&self) -> &Environment {
        self.host.environment()
    }

    fn environment_mut(&mut self) -> &mut Environment {
        self.host.environment.as_mut().expect("the builder made an environment")
    }
}

/// Stable memory, read and changed from outside.
impl Canister {
    /// Returns the stable memory.
    pub fn stable(&self) -> &StableMemory {
        &self.host.stable
    }

    /// Replaces the stable memory. The code notices in its next message.
    pub fn set_stable(&mut self, stable: StableMemory) {
        self.host.stable = stable;
    }

    /// Returns the size of the stable memory in wasm pages of 64 KiB.
    pub fn stable_size_pages(&self) -> u64 {
        self.host.stable.pages()
    }

    /// Returns bytes of the stable memory.
    ///
    /// # Panics
    /// Panics if the range lies outside of it.
    pub fn read_stable(&self, offset: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.host.stable.read(offset, &mut bytes);
        bytes
    }

    /// Returns all bytes of the stable memory. For a memory of many gigabytes use
    /// [`stable`](Self::stable).
    pub fn stable_image(&self) -> Vec<u8> {
        self.host.stable.image()
    }

    /// Replaces the stable memory by `image`, for example by one that was damaged on purpose.
    pub fn set_stable_image(&mut self, image: &[u8]) {
        self.host.stable = StableMemory::from_image(image);
    }
}
