//! Profiles a canister: installs a module, makes some calls, and prints where the instructions of
//! the last one went.
//!
//! ```text
//! cargo run --release --example profile -- forum.wasm "fill 10000" "search word"
//! ```
//! A call is a method and its arguments: whole numbers (`nat64`), `true`, `false`, and texts
//! without spaces. `upgrade` is no method but an upgrade to the same module, and `upgrade FILE` one
//! to another; `timer` fires the next timer. Methods of any other type are for a test that uses
//! `Canister::take_profile`.

use std::process::ExitCode;

use candid::ser::IDLBuilder;
use graven_testkit::{Canister, Outcome};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let Some(path) = words.next() else {
        eprintln!("usage: profile WASM [CALL…]   a call is \"method 12 text\", the last one is shown");
        return ExitCode::from(2);
    };
    match profile(&path, &words.collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn profile(path: &str, calls: &[String]) -> Result<(), String> {
    let wasm = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let mut canister =
        Canister::builder().profiled().install(&wasm, ()).map_err(|error| error.to_string())?;
    let mut instructions = 0;
    for call in calls {
        canister.take_profile();
        instructions = run(&mut canister, &wasm, call).map_err(|why| format!("{call}: {why}"))?;
    }
    println!("{:.25}", canister.take_profile());
    println!("{instructions:>16} charged");
    Ok(())
}

fn run(canister: &mut Canister, wasm: &[u8], call: &str) -> Result<u64, String> {
    let mut words = call.split_whitespace();
    let method = words.next().ok_or("a call needs a method")?;
    if method == "upgrade" {
        let Some(path) = words.next() else { return used(canister.upgrade(wasm, ())) };
        let wasm = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        return used(canister.upgrade(&wasm, ()));
    }
    if method == "timer" {
        return used(canister.fire_timer().ok_or("no timer is set")?);
    }
    let mut arg = IDLBuilder::new();
    for word in words {
        match (word.parse::<u64>(), word.parse::<bool>()) {
            (Ok(number), _) => arg.arg(&number),
            (_, Ok(flag)) => arg.arg(&flag),
            _ => arg.arg(&word),
        }
        .map_err(|error| error.to_string())?;
    }
    let arg = arg.serialize_to_vec().map_err(|error| error.to_string())?;
    used(canister.update_raw(method, &arg))
}

fn used<T>(outcome: Outcome<T>) -> Result<u64, String> {
    let instructions = outcome.instructions();
    outcome.result.map(|_| instructions).map_err(|error| error.to_string())
}
