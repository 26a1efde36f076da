//! `cargo xtask setup`.

use anyhow::Result;
use clap::Args;

use crate::compilers;
use crate::icp::Tools;
use crate::say;
use crate::wasm::{Toolchain, Wasm};
use crate::workspace::Workspace;

/// The options of `cargo xtask setup`.
#[derive(Args)]
pub struct Options {
    /// Build canisters with this toolchain instead of the first one that works
    #[arg(long, value_enum)]
    with: Option<Toolchain>,
    /// Also build the examples with the platform's command line
    #[arg(long)]
    examples: bool,
    /// Also install a second native compiler, for the test that compares what two compilers make
    #[arg(long)]
    second_compiler: bool,
}

/// Installs what builds canisters and examples, and prints what is used.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    say::headline("Toolchain for canisters");
    let wasm = match options.with {
        Some(toolchain) => Wasm::with(workspace, toolchain)?,
        None => Wasm::find(workspace)?,
    };
    say::note(&format!("canisters are built with {}", wasm.toolchain()));
    say::headline("The platform's command line");
    match Tools::install(workspace) {
        Ok(tools) => {
            say::note(&tools.versions());
            if options.examples {
                tools.build_examples(workspace, &wasm, &workspace.target("canisters"))?;
            }
        }
        Err(error) => say::note(&format!("not here: {error:#}")),
    }
    if options.second_compiler {
        say::headline("Second compiler");
        compilers::announce(compilers::second_or_install().as_ref());
    }
    Ok(())
}
