//! The program that `cargo xtask bench` starts: it measures the canisters and writes what came out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use graven_bench::contenders::{self, Canisters};
use graven_bench::figures::Results;
use graven_bench::{charts, jobs, report, sizes};

/// Measures collections and writes results.csv, RESULTS.md and the charts.
#[derive(Parser)]
struct Options {
    /// The folder with results.csv and bounds.txt
    #[arg(long)]
    folder: PathBuf,
    /// The folder with the canisters; without it, only RESULTS.md and the charts are written anew
    #[arg(long)]
    canisters: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let file = options.folder.join("results.csv");
    if let Some(canisters) = &options.canisters {
        write(&file, &measure(canisters)?.text()?)?;
    }
    // The results are read back because the file rounds them: the report is then the same in both
    // cases.
    let results = Results::read(&file)?;
    let notes = report::Notes::read(&options.folder.join("bounds.txt"))?;
    write(&options.folder.join("RESULTS.md"), &report::text(&results, &notes))?;
    let pictures = options.folder.join("charts");
    fs::create_dir_all(&pictures)?;
    for (name, picture) in charts::all(&results)? {
        write(&pictures.join(format!("{name}.svg")), &picture)?;
    }
    Ok(())
}

fn measure(folder: &Path) -> Result<Results> {
    let canisters = Canisters::read(folder, &contenders::CANISTERS)?;
    eprintln!("measuring: some minutes");
    let compiler = sizes::compiler(canisters.wasm("bench-graven"))?;
    let mut results = Results { compiler, ..Results::default() };
    jobs::run(&jobs::all(|_| true), &canisters, &mut results)?;
    eprintln!("{} figures", results.figures.len());
    Ok(results)
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
