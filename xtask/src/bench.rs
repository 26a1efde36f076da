//! `cargo xtask bench`: builds the canisters of all contenders, runs them under testkit, and writes what came out.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use graven_bench::contenders::Canisters;
use graven_bench::figures::Results;
use graven_bench::{charts, jobs, report, sizes};

use crate::wasm::Wasm;
use crate::workspace::Workspace;
use crate::{canisters, say};

/// The canisters that are members of the workspace.
const MEMBERS: [&str; 6] =
    ["bench-graven", "bench-iss", "bench-heap", "one-graven-v1", "one-graven-v2", "one-iss"];
/// The one that is not: its dependencies are too old to be mixed with the others.
const APART: &str = "bench-ism";

/// What `cargo xtask bench` can be told.
#[derive(Args)]
pub struct Options {
    /// Only write RESULTS.md and the charts anew, from results.csv
    #[arg(long)]
    report: bool,
}

/// Measures everything and writes results.csv, RESULTS.md and the charts.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let folder = workspace.root().join("bench");
    let file = folder.join("results.csv");
    if !options.report {
        let text = measure(workspace, &folder)?.text()?;
        write(&file, &text)?;
    }
    // From the file, whose figures are rounded: the same comes out either way.
    let results = Results::read(&file)?;
    let notes = report::Notes::read(&folder.join("bounds.txt"))?;
    let text = report::text(&results, &notes);
    write(&folder.join("RESULTS.md"), &text)?;
    let pictures = folder.join("charts");
    fs::create_dir_all(&pictures)?;
    for (name, picture) in charts::all(&results)? {
        write(&pictures.join(format!("{name}.svg")), &picture)?;
    }
    Ok(())
}

fn measure(workspace: &Workspace, folder: &Path) -> Result<Results> {
    say::headline("Toolchain for canisters");
    let wasm = Wasm::find(workspace)?;
    say::note(&format!("canisters are built with {}", wasm.toolchain()));
    say::headline("Canisters of the bench");
    let built = canisters::build(workspace, &wasm, &MEMBERS)?;
    fs::copy(wasm.build_apart(&folder.join("ism"), APART, canisters::PROFILE)?, wasm_file(&built))?;
    let canisters = Canisters::read(&built, &[&MEMBERS[..], &[APART]].concat())?;
    say::headline("Measuring: some minutes");
    let compiler = sizes::compiler(canisters.wasm("bench-graven"))?;
    let mut results = Results { compiler, ..Results::default() };
    jobs::run(&jobs::all(|_| true), &canisters, &mut results)?;
    say::note(&format!("{} figures", results.figures.len()));
    Ok(results)
}

fn wasm_file(folder: &Path) -> PathBuf {
    folder.join(format!("{APART}.wasm"))
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
