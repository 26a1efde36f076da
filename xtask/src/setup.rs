//! `cargo xtask setup`.

use anyhow::Result;
use clap::Args;

use crate::compilers;
use crate::say;
use crate::wasm::{Toolchain, Wasm};
use crate::workspace::Workspace;

/// What `cargo xtask setup` can be told.
#[derive(Args)]
pub struct Options {
    /// Build canisters with this toolchain instead of the first one that works
    #[arg(long, value_enum)]
    with: Option<Toolchain>,
    /// Also install a second native compiler, for the test that compares what two compilers make
    #[arg(long)]
    second_compiler: bool,
}

/// Makes sure that canisters can be built, and says how.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    say::headline("Toolchain for canisters");
    let wasm = match options.with {
        Some(toolchain) => Wasm::with(workspace, toolchain)?,
        None => Wasm::find(workspace)?,
    };
    say::note(&format!("canisters are built with {}", wasm.toolchain()));
    if options.second_compiler {
        say::headline("Second compiler");
        compilers::announce(compilers::second_or_install().as_ref());
    }
    Ok(())
}
