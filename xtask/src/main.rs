//! `cargo xtask`: the project's own tasks.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::workspace::Workspace;
use xtask::{setup, test};

/// Graven's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make sure that canisters can be compiled to WebAssembly on this machine
    Setup(setup::Options),
    /// Build the canisters, then check format, lints, tests and documentation
    Test(test::Options),
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let workspace = Workspace::find()?;
    match arguments.task {
        Task::Setup(options) => setup::run(&workspace, &options).map(|()| ExitCode::SUCCESS),
        Task::Test(options) => {
            let passed = test::run(&workspace, &options)?;
            Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}
