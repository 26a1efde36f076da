//! `cargo xtask bench`: builds the canisters of all contenders and starts the program that measures
//! them.
//!
//! The program is the package `graven-bench`, which compiles the wasm runtime. This one does not.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::wasm::Wasm;
use crate::workspace::Workspace;
use crate::{canisters, environment, process, say};

/// The canisters that are members of the workspace.
const MEMBERS: [&str; 11] = [
    "bench-graven",
    "bench-iss",
    "bench-heap",
    "one-graven-v1",
    "one-graven-v2",
    "one-iss",
    "rows-graven-v1",
    "rows-graven-v2",
    "rows-iss",
    "gazetteer-v2",
    "gazetteer-v3",
];
/// The canister that is not a member: its dependencies are too old to share a lock file with the
/// others.
const APART: &str = "bench-ism";

/// The options of `cargo xtask bench`.
#[derive(Args)]
pub struct Options {
    /// Only write RESULTS.md and the charts anew, from results.csv
    #[arg(long)]
    report: bool,
}

/// Measures everything and writes results.csv, RESULTS.md and the charts.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut bench = environment::cargo();
    bench.current_dir(workspace.root()).args(["run", "--package", "graven-bench", "--"]);
    bench.arg("--folder").arg(workspace.root().join("bench"));
    if !options.report {
        bench.arg("--canisters").arg(build(workspace)?);
    }
    process::run(&mut bench)
}

/// Builds the canisters of all contenders. Returns the folder with them.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    say::headline("Toolchain for canisters");
    let wasm = Wasm::find(workspace)?;
    say::note(&format!("canisters are built with {}", wasm.toolchain()));
    say::headline("Canisters of the bench");
    let folder = canisters::build(workspace, &wasm, &MEMBERS)?;
    let apart = wasm.build_apart(&workspace.root().join("bench/ism"), APART, canisters::PROFILE)?;
    fs::copy(apart, folder.join(format!("{APART}.wasm")))?;
    Ok(folder)
}
