//! Settings for a new canister.

use candid::Principal;
use candid::utils::ArgumentEncoder;

use super::Canister;
use crate::host::{Environment, Host, SystemState};
use crate::limits::Limits;
use crate::profile::Profile;
use crate::reject::Reject;

/// 2026-01-01, at the start of the day.
const DEFAULT_TIME: u64 = 1_767_225_600_000_000_000;
const DEFAULT_ID: Principal = Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
const DEFAULT_CALLER: Principal = Principal::from_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 1]);
const DEFAULT_CYCLES: u128 = 1 << 100;

/// The settings of a new canister; all have defaults.
///
/// ```
/// use candid::Principal;
/// use graven_testkit::{Canister, Limits};
/// # let wasm = wat::parse_str("(module)").unwrap();
/// let canister = Canister::builder()
///     .caller(Principal::anonymous())
///     .limits(Limits { update_instructions: 1_000_000, ..Limits::default() })
///     .install(&wasm, ())
///     .unwrap();
/// assert_eq!(canister.caller(), Principal::anonymous());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    id: Principal,
    caller: Principal,
    controllers: Vec<Principal>,
    time: u64,
    cycles: u128,
    limits: Limits,
    profiled: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            id: DEFAULT_ID,
            caller: DEFAULT_CALLER,
            controllers: vec![DEFAULT_CALLER],
            time: DEFAULT_TIME,
            cycles: DEFAULT_CYCLES,
            limits: Limits::default(),
            profiled: false,
        }
    }
}

impl Builder {
    /// Sets the id of the canister.
    pub fn id(mut self, id: Principal) -> Self {
        self.id = id;
        self
    }

    /// Sets who installs and sends messages. The default is a fictional user, the only controller.
    pub fn caller(mut self, caller: Principal) -> Self {
        self.caller = caller;
        self
    }

    /// Sets the controllers of the canister.
    pub fn controllers(mut self, controllers: impl IntoIterator<Item = Principal>) -> Self {
        self.controllers = controllers.into_iter().collect();
        self
    }

    /// Sets the time that the canister sees, in nanoseconds since 1970. The default is 2026-01-01.
    pub fn time(mut self, nanoseconds: u64) -> Self {
        self.time = nanoseconds;
        self
    }

    /// Sets the balance of the canister.
    pub fn cycles(mut self, cycles: u128) -> Self {
        self.cycles = cycles;
        self
    }

    /// Sets the limits of messages. The defaults are the replica's.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Counts the instructions of each function; [`Canister::take_profile`] returns them. Messages
    /// run several times slower, and are charged the same.
    pub fn profiled(mut self) -> Self {
        self.profiled = true;
        self
    }

    /// Creates the canister without code. [`Canister::reinstall`] installs code and returns what
    /// that used.
    #[must_use]
    pub fn empty(self) -> Canister {
        let Self { id, caller, controllers, time, cycles, limits, profiled } = self;
        let environment = Environment { canister_id: id, controllers, now: time, limits, counter_end: None };
        let system = SystemState { cycles, ..SystemState::default() };
        let profile = profiled.then(Profile::default);
        let host = Host { environment: Some(environment), system, profile, ..Host::default() };
        Canister { host, code: None, caller }
    }

    /// Installs `wasm` with the candid argument `arg`.
    ///
    /// # Errors
    /// Returns the reject if the module is refused or traps while it is installed.
    pub fn install(self, wasm: &[u8], arg: impl ArgumentEncoder) -> Result<Canister, Reject> {
        let mut canister = self.empty();
        canister.reinstall(wasm, arg).result?;
        Ok(canister)
    }

    /// Installs `wasm` with an argument in bytes.
    ///
    /// # Errors
    /// Returns the reject if the module is refused or traps while it is installed.
    pub fn install_raw(self, wasm: &[u8], arg: &[u8]) -> Result<Canister, Reject> {
        let mut canister = self.empty();
        canister.reinstall_raw(wasm, arg).result?;
        Ok(canister)
    }
}
