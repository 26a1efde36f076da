//! `cargo xtask soak`: the tests of damaged structures with many more mutants than in the test run.

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::environment;
use crate::process;
use crate::workspace::Workspace;

/// The tests that make mutants. `--nocapture` shows what became of them.
const MUTANTS: &[&str] = &[
    "test",
    "--release",
    "--package",
    "graven-collection-tests",
    "--test",
    "damage",
    "--no-fail-fast",
    "mutants::",
    "--",
    "--nocapture",
];

/// The options of `cargo xtask soak`.
#[derive(Args)]
pub struct Options {
    /// Mutants of all tests together
    #[arg(long, default_value_t = 1_000_000)]
    mutants: u64,
    /// The seed that mutants follow from, with their numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of the first mutant
    #[arg(long, default_value_t = 0)]
    first: u64,
}

/// Runs the tests. Returns `true` if none failed.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    process::succeeds(&mut command(workspace, options))
}

fn command(workspace: &Workspace, options: &Options) -> Command {
    let mut tests = environment::cargo();
    tests.args(MUTANTS).current_dir(workspace.root());
    // An overflow has to panic as it does in the test run.
    tests.env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true");
    tests.env("GRAVEN_MUTANTS", options.mutants.to_string());
    tests.env("GRAVEN_SEED", options.seed.to_string());
    tests.env("GRAVEN_FIRST", options.first.to_string());
    tests
}
