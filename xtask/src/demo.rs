//! `cargo xtask demo`: builds the four versions of the gazetteer and starts the program that
//! upgrades them.
//!
//! The program is the package `graven-demo`, which compiles the wasm runtime. This one does not.
//! `cargo graven` looks at the memory at the end. Both are built by one command, so that they share
//! the runtime.

use std::env::consts::EXE_SUFFIX;

use anyhow::Result;
use clap::Args;

use crate::wasm::Wasm;
use crate::workspace::Workspace;
use crate::{canisters, environment, process, say};

/// The packages of the four versions.
pub const VERSIONS: [&str; 4] = ["gazetteer-v1", "gazetteer-v2", "gazetteer-v3", "gazetteer-v4"];

/// The options of `cargo xtask demo`.
#[derive(Args)]
pub struct Options {
    /// Load only so many places
    #[arg(long)]
    places: Option<usize>,
}

/// Builds the canisters and runs the demo. Returns `false` if a proof fails.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    say::headline("Toolchain for canisters");
    let wasm = Wasm::find(workspace)?;
    say::note(&format!("canisters are built with {}", wasm.toolchain()));
    say::headline("Four versions of a canister");
    let folder = canisters::build(workspace, &wasm, &VERSIONS)?;
    say::headline("The program that upgrades them");
    let mut build = environment::cargo();
    build.current_dir(workspace.root()).args([
        "build",
        "--package",
        "graven-demo",
        "--package",
        "cargo-graven",
    ]);
    build.args(["--no-default-features", "--features", "cargo-graven/rehearse"]);
    process::run(&mut build)?;
    let program = |name: &str| workspace.target("debug").join(format!("{name}{EXE_SUFFIX}"));
    let mut demo = environment::command(program("graven-demo"));
    demo.current_dir(workspace.root()).arg("--canisters").arg(folder);
    demo.arg("--graven").arg(program("cargo-graven"));
    if let Some(places) = options.places {
        demo.arg("--places").arg(places.to_string());
    }
    process::succeeds(&mut demo)
}
