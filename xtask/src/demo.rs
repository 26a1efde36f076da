//! `cargo xtask demo`: builds the four versions of the gazetteer and starts the program that
//! upgrades them.
//!
//! The program is the package `graven-demo`, which compiles the wasm runtime. This one does not.

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
    let mut demo = environment::cargo();
    demo.current_dir(workspace.root()).args(["run", "--package", "graven-demo", "--"]);
    demo.arg("--canisters").arg(folder);
    if let Some(places) = options.places {
        demo.arg("--places").arg(places.to_string());
    }
    process::succeeds(&mut demo)
}
