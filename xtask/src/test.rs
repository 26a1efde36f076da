//! `cargo xtask test`: everything that must hold before a change is accepted.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use crate::canisters;
use crate::compilers::{self, Compiler};
use crate::environment;
use crate::explorer;
use crate::icp::Tools;
use crate::process;
use crate::say;
use crate::steps::{End, Steps};
use crate::tidy;
use crate::wasm::Wasm;
use crate::workspace::Workspace;

/// A failing test does not hide the others.
const TESTS: &[&str] = &["test", "--workspace", "--no-fail-fast"];
/// The packages that a quick run leaves out: they compile thousands of generated types.
const RANDOM: &[&str] = &["--exclude", "graven-random-shard-*", "--exclude", "graven-random-tests"];
const FORMAT: &[&str] = &["fmt", "--all", "--check"];
/// Generated types say nothing to a lint, and there are thousands.
const LINTS: &[&str] = &[
    "clippy",
    "--workspace",
    "--exclude",
    "graven-random-shard-*",
    "--exclude",
    "graven-random-tests",
    "--all-targets",
    "--",
    "-D",
    "warnings",
];
const DOCUMENTATION: &[&str] = &["doc", "--workspace", "--no-deps"];

/// The limit for `rustup component add`.
const COMPONENT_LIMIT: Duration = Duration::from_secs(60);

/// The options of `cargo xtask test`.
#[derive(Args)]
pub struct Options {
    /// Leave out documentation, `icp`, the browser, random histories and the second compiler, and
    /// shorten the models
    #[arg(long)]
    quick: bool,
}

/// Runs all steps. Returns `true` if none failed.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let mut steps = Steps::default();
    if options.quick {
        say::note(
            "quick: no documentation, no `icp`, no browser, no random histories, no second compiler, short models",
        );
    }
    steps.run(&headline(FORMAT), || with_component("rustfmt", &mut format(workspace)));
    steps.run("cargo xtask tidy", || tidy(workspace));
    let Some(folder) = build_canisters(workspace, options, &mut steps) else {
        steps.summary();
        return Ok(false);
    };
    steps.run(&headline(LINTS), || with_component("clippy", &mut cargo(workspace, LINTS)));
    steps.run(&headline(TESTS), || {
        let second = if options.quick { None } else { compilers::second_or_install() };
        if !options.quick {
            compilers::announce(second.as_ref());
        }
        passes(&mut tests(workspace, options, &folder, second.as_ref()))
    });
    if options.quick {
        steps.skip(EXPLORER, "quick");
    } else {
        steps.run(EXPLORER, || explorer::test(workspace, &Wasm::find(workspace)?, &folder));
    }
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

fn tidy(workspace: &Workspace) -> Result<End> {
    if !tidy::run(workspace, &tidy::Options::default())? {
        bail!("the findings above; `cargo xtask tidy FOLDER` shows those of a folder");
    }
    Ok(End::Passed)
}

/// Builds all canisters, without which there is nothing to test. Returns their folder.
fn build_canisters(workspace: &Workspace, options: &Options, steps: &mut Steps) -> Option<PathBuf> {
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
    let folder = folder?;
    if options.quick {
        steps.skip(ICP, "quick");
    } else {
        steps.run(ICP, || build_examples(workspace, &wasm, &folder));
    }
    Some(folder)
}

const ICP: &str = "Examples with icp build";
const EXPLORER: &str = "The explorer in a browser";

/// Builds the examples as a user does. The tests then install what `icp` made.
fn build_examples(workspace: &Workspace, wasm: &Wasm, folder: &Path) -> Result<End> {
    match Tools::install(workspace) {
        Ok(tools) => {
            say::note(&tools.versions());
            tools.build_examples(workspace, wasm, folder)?;
            Ok(End::Passed)
        }
        Err(error) => Ok(End::Skipped(format!("{error:#}"))),
    }
}

fn format(workspace: &Workspace) -> Command {
    let mut format = cargo(workspace, FORMAT);
    if !console::user_attended() {
        // By default, rustfmt colours its differences even in a log.
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
        tests.args(RANDOM).env("GRAVEN_QUICK", "1");
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

/// Runs the command unless it belongs to a component that is missing and cannot be added.
fn with_component(component: &str, command: &mut Command) -> Result<End> {
    let tool = command.get_args().next().unwrap_or_default().to_owned();
    let exists = || process::output(environment::cargo().arg(&tool).arg("--version")).is_some();
    if !exists() {
        say::note(&format!("{component} is missing: rustup component add {component}"));
        let mut rustup = environment::command("rustup");
        rustup.args(["component", "add", component]);
        // A failure, or a missing rustup, shows in the next check.
        let _ = process::status_within(&mut rustup, COMPONENT_LIMIT);
        if !exists() {
            return Ok(End::Skipped(format!("{component} is not installed and cannot be added")));
        }
    }
    passes(command)
}
