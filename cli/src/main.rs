//! `cargo graven` checks the layouts that a canister's wasm declares before it is deployed, and
//! looks into images of stable memory. `graven-core` decides what fits, as it does when a store is
//! opened, and `graven-collections` reads entries. This program reads files and prints answers.

mod arguments;
mod build;
#[cfg(feature = "explore")]
mod canister;
mod check;
mod commands;
#[cfg(feature = "explore")]
mod explore;
mod failure;
mod image;
mod input;
mod lock;
mod output;
#[cfg(feature = "rehearse")]
mod rehearse;
mod screen;
mod values;
mod wasm;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use failure::Failure;

fn main() -> ExitCode {
    // Cargo calls `cargo-graven graven …`.
    let mut words: Vec<_> = std::env::args_os().collect();
    if words.get(1).is_some_and(|word| word == "graven") {
        words.remove(1);
    }
    let arguments = Arguments::parse_from(words);
    let (done, format) = match &arguments.command {
        Command::Check(check) => (check::run(check), check.format),
        Command::Lock(lock) => (lock::run(lock), lock.format),
        Command::Look(look) => return look.run().unwrap_or_else(|failure| failed(&failure)),
        #[cfg(feature = "rehearse")]
        Command::Rehearse(rehearse) => {
            return rehearse::run(rehearse).unwrap_or_else(|failure| failed(&failure));
        }
        #[cfg(feature = "explore")]
        Command::Explore(explore) => {
            return explore::run(explore).unwrap_or_else(|failure| failed(&failure));
        }
    };
    match done {
        Ok(outcome) => match outcome.print(format) {
            Ok(()) => ExitCode::from(u8::from(outcome.is_refused())),
            Err(error) => failed(&Failure::Print(error)),
        },
        Err(failure) => failed(&failure),
    }
}

fn failed(failure: &Failure) -> ExitCode {
    eprintln!("error: {failure}");
    ExitCode::from(2)
}
