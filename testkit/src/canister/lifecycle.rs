//! Installs, reinstalls and upgrades.

use candid::utils::ArgumentEncoder;

use super::Canister;
use super::methods::encode;
use crate::executor::Code;
use crate::message::{Message, Mode};
use crate::module::Module;
use crate::outcome::{Outcome, Phase};
use crate::reject::Reject;
use crate::stable::StableMemory;
use crate::wasm::instrument::START_EXPORT;

/// An install in progress: the phases that ran, and what they left of the limit.
struct Progress {
    outcome: Outcome<()>,
    left: u64,
    arg: Vec<u8>,
}

impl Canister {
    /// Creates a canister with default settings and installs `wasm` with the candid argument `arg`.
    ///
    /// # Errors
    /// Returns the reject if the module is refused or traps while it is installed.
    pub fn install(wasm: &[u8], arg: impl ArgumentEncoder) -> Result<Self, Reject> {
        Self::builder().install(wasm, arg)
    }

    /// Like [`install`](Self::install), with an argument in bytes.
    ///
    /// # Errors
    /// Returns the reject if the module is refused or traps while it is installed.
    pub fn install_raw(wasm: &[u8], arg: &[u8]) -> Result<Self, Reject> {
        Self::builder().install_raw(wasm, arg)
    }

    /// Installs `wasm` over the present code, or into an empty canister. Erases stable memory.
    pub fn reinstall(&mut self, wasm: &[u8], arg: impl ArgumentEncoder) -> Outcome<()> {
        match encode(arg) {
            Ok(arg) => self.reinstall_raw(wasm, &arg),
            Err(reject) => Outcome::failed(reject),
        }
    }

    /// Like [`reinstall`](Self::reinstall), with an argument in bytes.
    pub fn reinstall_raw(&mut self, wasm: &[u8], arg: &[u8]) -> Outcome<()> {
        self.change_code(wasm, arg, |canister, module, progress| {
            canister.host.stable = StableMemory::new();
            canister.host.system.certified_data.clear();
            canister.enter(module, "canister_init", progress)
        })
    }

    /// Upgrades to `wasm`: `pre_upgrade` of the old module, then the start function and
    /// `post_upgrade` of the new one. A trap anywhere undoes all of it.
    pub fn upgrade(&mut self, wasm: &[u8], arg: impl ArgumentEncoder) -> Outcome<()> {
        match encode(arg) {
            Ok(arg) => self.upgrade_raw(wasm, &arg),
            Err(reject) => Outcome::failed(reject),
        }
    }

    /// Like [`upgrade`](Self::upgrade), with an argument in bytes.
    pub fn upgrade_raw(&mut self, wasm: &[u8], arg: &[u8]) -> Outcome<()> {
        self.upgrade_from(wasm, arg, false)
    }

    /// Like [`upgrade_raw`](Self::upgrade_raw), without running `pre_upgrade` of the old module.
    pub fn upgrade_skipping_pre_upgrade_raw(&mut self, wasm: &[u8], arg: &[u8]) -> Outcome<()> {
        self.upgrade_from(wasm, arg, true)
    }

    /// Upgrades to `wasm` from any code that left the present stable memory, or from none: runs the
    /// start function and `post_upgrade` of the new module. The result and the figures are those of
    /// an upgrade from code without `pre_upgrade`.
    pub fn post_upgrade_raw(&mut self, wasm: &[u8], arg: &[u8]) -> Outcome<()> {
        self.change_code(wasm, arg, |canister, module, progress| {
            canister.enter(module, "canister_post_upgrade", progress)
        })
    }

    fn upgrade_from(&mut self, wasm: &[u8], arg: &[u8], skip_pre_upgrade: bool) -> Outcome<()> {
        if self.code.is_none() {
            return Outcome::failed(super::methods::no_module());
        }
        self.change_code(wasm, arg, |canister, module, progress| {
            if !skip_pre_upgrade {
                canister.phase(Mode::PreUpgrade, "canister_pre_upgrade", progress)?;
            }
            canister.enter(module, "canister_post_upgrade", progress)
        })
    }

    /// Runs `steps`, and undoes them if they fail.
    fn change_code(
        &mut self,
        wasm: &[u8],
        arg: &[u8],
        steps: impl FnOnce(&mut Self, std::sync::Arc<Module>, &mut Progress) -> Result<(), Reject>,
    ) -> Outcome<()> {
        let module = match Module::load(wasm, self.host.profile.is_some()) {
            Ok(module) => module,
            Err(reject) => return Outcome::failed(reject),
        };
        let outcome = Outcome { compilation: module.compilation, ..Outcome::nothing() };
        let left = self.limits().install_instructions;
        let mut progress = Progress { outcome, left, arg: arg.to_vec() };
        let (system, stable) = (self.host.system.clone(), self.host.stable.clone());
        let code = self.code.clone();
        match steps(self, module, &mut progress) {
            Ok(()) => self.host.system.version += 1,
            Err(reject) => {
                (self.host.system, self.host.stable, self.code) = (system, stable, code);
                progress.outcome.usage.heap_pages = 0;
                progress.outcome.usage.stable_pages = 0;
                progress.outcome.result = Err(reject);
            }
        }
        progress.outcome
    }

    /// Sets the new code and runs its start function and its entry point.
    fn enter(
        &mut self,
        module: std::sync::Arc<Module>,
        entry: &'static str,
        progress: &mut Progress,
    ) -> Result<(), Reject> {
        let has_start = module.has_start;
        self.code = Some(Code::new(module)?);
        self.host.system.global_timer = 0;
        if has_start {
            self.phase(Mode::Start, START_EXPORT, progress)?;
        }
        self.phase(Mode::Init, entry, progress)
    }

    /// Runs one phase, if the module has it.
    fn phase(&mut self, mode: Mode, entry: &str, progress: &mut Progress) -> Result<(), Reject> {
        let Some(code) = &mut self.code else { return Ok(()) };
        if mode != Mode::Start && !code.module.exports(entry) {
            return Ok(());
        }
        let mut message = Message::new(mode, entry, self.caller, progress.left);
        message.arg.clone_from(&progress.arg);
        let executed = code.run(&mut self.host, message);
        let name = if mode == Mode::Start { "start" } else { entry.trim_start_matches("canister_") };
        let error = executed.result.clone().err();
        progress.left -= executed.usage.instructions;
        progress.outcome.usage.add(&executed.usage);
        progress.outcome.phases.push(Phase { name: name.into(), usage: executed.usage, error });
        progress.outcome.log.extend(executed.lines);
        executed.result
    }
}
