//! `cargo graven rehearse` runs the upgrade to a new wasm on a copy of a memory: the upgrade
//! itself, the sweep and calls, metered as the replica meters them. Nothing is installed, and the
//! file is never written.
//!
//! ```text
//! mod.rs      the order of the steps
//! candid      arguments and replies as text
//! script      the calls in a file
//! sweep       the messages of the sweep, until nothing is left to do
//! timer       the canister's timer
//! place       the page where code trapped
//! culprits    the records whose conversion traps, by experiments with suspects
//! copy        a copy of a memory that may be changed
//! stored      the roots of a memory, at several moments
//! report      the answer, and its two forms (text)
//! ```

mod candid;
mod copy;
mod culprits;
mod place;
mod report;
mod script;
mod stored;
mod suspects;
mod sweep;
mod text;
mod timer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

use graven_testkit::{Canister, StableMemory};

use crate::arguments::Rehearse;
use crate::failure::Failure;
use crate::input::CANISTER;
use candid::Interface;
use culprits::Experiments;
use report::{Call, Cost, Report, Upgrade};
use script::{Kind, Line};
use stored::Moments;

/// Rehearses and prints. The exit code is 1 if the upgrade is refused or a call fails.
pub(crate) fn run(arguments: &Rehearse) -> Result<ExitCode, Failure> {
    let report = rehearse(arguments)?;
    let text = if arguments.json { report.json()? } else { text::write(&report) };
    crate::output::print(&text).map_err(Failure::Print)?;
    Ok(ExitCode::from(u8::from(!report.is_good())))
}

fn rehearse(arguments: &Rehearse) -> Result<Report, Failure> {
    let wasm = crate::wasm::bytes(&arguments.wasm)?;
    let interface = Interface::of(arguments.candid.as_deref(), &wasm)?;
    let arg = interface.init_argument(arguments.arg.as_deref().unwrap_or("()"))?;
    let lines = arguments.script.as_deref().map(|path| script::read(path, &interface)).transpose()?;
    if arguments.image.to_str().is_some_and(|image| image.starts_with(CANISTER)) {
        let why = "a rehearsal takes a file: `explore … download FILE` makes one of a live canister";
        return Err(Failure::Usage(why));
    }
    let path = stable_memory(&arguments.image);
    let stable = StableMemory::over_file(&path).map_err(Failure::read(&path))?;
    let mut moments = Moments::before(&stable);
    let mut canister = Canister::builder().time(now()).empty();
    canister.set_stable(stable);

    let outcome = canister.post_upgrade_raw(&wasm, &arg);
    let upgrade = Upgrade::of(&outcome);
    let mut report =
        Report { image: path.clone(), wasm: arguments.wasm.clone(), upgrade, ..Report::default() };
    if report.upgrade.refused.is_none() {
        moments.after_upgrade(canister.stable());
        if arguments.sweep {
            report.sweep =
                Some(sweep::run(&mut canister, &Experiments { wasm: &wasm, arg: &arg, time: now() }));
            moments.after_sweep(canister.stable());
        }
        let lines = lines.unwrap_or_default();
        report.calls = lines.iter().map(|line| call(&mut canister, line, &interface)).collect();
    }
    report.roots = moments.roots();
    match canister.stable().take_read_error() {
        Some(error) => Err(Failure::Read(path, error)),
        None => Ok(report),
    }
}

/// Returns the path of the memory: the file itself, or that in the folder of a snapshot.
fn stable_memory(image: &Path) -> PathBuf {
    if image.is_dir() { image.join("stable_memory.bin") } else { image.to_owned() }
}

/// Returns the time in nanoseconds since 1970, by which rows expire.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn call(canister: &mut Canister, line: &Line, interface: &Interface) -> Call {
    let outcome = match line.kind {
        Kind::Query => canister.query_raw(&line.method, &line.arg),
        Kind::Update => canister.update_raw(&line.method, &line.arg),
    };
    let cost = Cost::of(&outcome.usage);
    let (reply, error) = match &outcome.result {
        Ok(bytes) => (Some(interface.reply(&line.method, bytes)), None),
        Err(reject) => (None, Some(reject.to_string())),
    };
    let Line { number, text, .. } = line;
    Call { line: *number, text: text.clone(), cost, reply, error, log: outcome.log }
}

/// Reads a text file that the arguments name.
fn read_text(path: &Path) -> Result<String, Failure> {
    let read = fs::read(path).and_then(|bytes| {
        String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text"))
    });
    read.map_err(Failure::read(path))
}
