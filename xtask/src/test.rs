//! `cargo xtask test`: everything that must hold before a change is accepted.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::canisters;
use crate::compilers::{self, Compiler};
use crate::environment;
use crate::process;
use crate::say;
use crate::steps::{End, Steps};
use crate::wasm::Wasm;
use crate::workspace::Workspace;

/// What the tests are started with; a failing one does not hide the others.
const TESTS: &[&str] = &["test", "--workspace", "--no-fail-fast"];
const FORMAT: &[&str] = &["fmt", "--all", "--check"];
/// Thousands of generated types are compiled for the tests, and say nothing to a lint.
const LINTS: &[&str] =
    &["clippy", "--workspace", "--exclude", "graven-random-shard-*", "--all-targets", "--", "-D", "warnings"];
const DOCUMENTATION: &[&str] = &["doc", "--workspace", "--no-deps"];

/// How long `rustup component add` may take.
const COMPONENT_LIMIT: Duration = Duration::from_secs(60);

/// What `cargo xtask test` can be told.
#[derive(Args)]
pub struct Options {
    /// Leave out the documentation, and set GRAVEN_QUICK=1 for the tests that can be shortened
    #[arg(long)]
    quick: bool,
}

/// Runs all steps; tells whether none failed.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let mut steps = Steps::default();
    let Some(folder) = build_canisters(workspace, &mut steps) else {
        steps.summary();
        return Ok(false);
    };
    steps.run(&headline(FORMAT), || with_component("rustfmt", &mut format(workspace)));
    steps.run(&headline(LINTS), || with_component("clippy", &mut cargo(workspace, LINTS)));
    steps.run(&headline(TESTS), || {
        let second = compilers::second_or_install();
        compilers::announce(second.as_ref());
        passes(&mut tests(workspace, options, &folder, second.as_ref()))
    });
    if options.quick {
        steps.skip(&headline(DOCUMENTATION), "quick");
    } else {
        steps.run(&headline(DOCUMENTATION), || {
            passes(cargo(workspace, DOCUMENTATION).env("RUSTDOCFLAGS", "-D warnings"))
        });
    }
    steps.summary();
    Ok(steps.all_passed())
}

/// The folder with all canisters; without them there is nothing to test.
fn build_canisters(workspace: &Workspace, steps: &mut Steps) -> Option<PathBuf> {
    let mut wasm = None;
    steps.run("Toolchain for canisters", || {
        let found = Wasm::find(workspace)?;
        say::note(&format!("canisters are built with {}", found.toolchain()));
        wasm = Some(found);
        Ok(End::Passed)
    });
    let wasm = wasm?;
    let mut folder = None;
    steps.run("Canisters", || {
        folder = Some(canisters::build_all(workspace, &wasm)?);
        Ok(End::Passed)
    });
    folder
}

fn format(workspace: &Workspace) -> Command {
    let mut format = cargo(workspace, FORMAT);
    if !console::user_attended() {
        // Left alone, rustfmt colours its differences even in a log.
        format.args(["--", "--color", "never"]);
    }
    format
}

fn tests(workspace: &Workspace, options: &Options, canisters: &Path, second: Option<&Compiler>) -> Command {
    let mut tests = cargo(workspace, TESTS);
    tests.env("GRAVEN_WASM_DIR", canisters);
    if let Some(second) = second {
        tests.envs(second.variables());
    }
    if options.quick {
        tests.env("GRAVEN_QUICK", "1");
    }
    tests
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut cargo = environment::cargo();
    cargo.args(arguments).current_dir(workspace.root());
    cargo
}

fn headline(arguments: &[&str]) -> String {
    format!("cargo {}", arguments.join(" "))
}

fn passes(command: &mut Command) -> Result<End> {
    process::run(command)?;
    Ok(End::Passed)
}

/// Runs the command unless it belongs to a component which is missing and cannot be added.
fn with_component(component: &str, command: &mut Command) -> Result<End> {
    let tool = command.get_args().next().unwrap_or_default().to_owned();
    let exists = || process::output(environment::cargo().arg(&tool).arg("--version")).is_some();
    if !exists() {
        say::note(&format!("{component} is missing: rustup component add {component}"));
        let mut rustup = environment::command("rustup");
        rustup.args(["component", "add", component]);
        // Whether it worked, even whether rustup exists, shows in the next line.
        let _ = process::status_within(&mut rustup, COMPONENT_LIMIT);
        if !exists() {
            return Ok(End::Skipped(format!("{component} is not installed and cannot be added")));
        }
    }
    passes(command)
}
