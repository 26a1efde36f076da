//! `cargo xtask explorer`: the page of `examples/explorer`, with the reader, in one file. A browser
//! opens it from any server and from a folder, which it would not do with files beside it: those
//! that are loaded from a folder may not run WebAssembly or workers.
//!
//! ```text
//! run, build   the page                        (this file)
//! inline       its parts in one file         (inline)
//! test         the page in a real browser   (browser)
//! ```

mod browser;
mod inline;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::canisters;
use crate::demo;
use crate::say;
use crate::steps::End;
use crate::wasm::Wasm;
use crate::workspace::Workspace;

pub use browser::test;

/// The package that is compiled to `reader.wasm`.
const READER: &str = "explorer-reader";

/// The profile of the root manifest that builds it.
const PROFILE: &str = "page";

/// The canisters that the test explores.
const EXPLORED: [&str; 3] = ["explored-v1", "explored-v2", "sessions"];

/// The options of `cargo xtask explorer`.
#[derive(Args)]
pub struct Options {
    /// Open images and canisters in the page in a real browser, as the test run does
    #[arg(long)]
    test: bool,
}

/// Makes the page, and says where it is.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    say::headline("Toolchain for the reader");
    let wasm = Wasm::find(workspace)?;
    say::note(&format!("it is built with {}", wasm.toolchain()));
    say::headline("The page");
    if !options.test {
        return build(workspace, &wasm).map(drop);
    }
    let names = [demo::VERSIONS.as_slice(), &EXPLORED].concat();
    let canisters = canisters::build(workspace, &wasm, &names)?;
    match test(workspace, &wasm, &canisters)? {
        End::Passed => Ok(()),
        End::Skipped(why) => bail!("the page cannot be tested here: {why}"),
    }
}

/// Makes the page. Returns its file.
pub fn build(workspace: &Workspace, wasm: &Wasm) -> Result<PathBuf> {
    let built = wasm.build(&[READER], PROFILE)?;
    let reader = built.first().with_context(|| format!("{READER} was not built"))?;
    let folder = workspace.root().join("examples/explorer/page");
    let page = inline::page(&folder, &fs::read(reader)?)?;
    let file = workspace.target("explorer/explorer.html");
    fs::create_dir_all(workspace.target("explorer"))?;
    fs::write(&file, &page).with_context(|| format!("cannot write {}", file.display()))?;
    say::note(&format!("{}  {} kB", file.display(), page.len().div_ceil(1000)));
    Ok(file)
}
