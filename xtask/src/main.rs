//! `cargo xtask`: the project's own tasks.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::workspace::Workspace;
use xtask::{bench, demo, explorer, setup, soak, test, tidy};

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
    /// Check dependencies, circles, words, comments and the length of files
    Tidy(tidy::Options),
    /// Build the canisters, then check format, lints, tests and documentation
    Test(test::Options),
    /// Damage a million collections and use them
    Soak(soak::Options),
    /// Load 144,563 places into a canister, upgrade it twice and try a third time
    Demo(demo::Options),
    /// Make the page that opens images in a browser, as one file
    Explorer(explorer::Options),
    /// Compare with other collections, and write bench/RESULTS.md
    Bench(bench::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // An error that `main` returns would be printed with a backtrace, which helps nobody
            // here.
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a task. Returns `false` if something did not hold.
fn run(task: Task) -> Result<bool> {
    let workspace = Workspace::find()?;
    match task {
        Task::Setup(options) => setup::run(&workspace, &options).map(|()| true),
        Task::Tidy(options) => tidy::run(&workspace, &options),
        Task::Test(options) => test::run(&workspace, &options),
        Task::Soak(options) => soak::run(&workspace, &options),
        Task::Demo(options) => demo::run(&workspace, &options),
        Task::Explorer(options) => explorer::run(&workspace, &options).map(|()| true),
        Task::Bench(options) => bench::run(&workspace, &options).map(|()| true),
    }
}
