//! `cargo xtask demo`: a gazetteer of 144,563 places goes through four versions of its code.
//!
//! ```text
//! story      what happens, in order
//! gazetteer  the canister and what has to be in it       (interface, rows)
//! proofs     what has to hold, and whether it did
//! show       numbers, rows, headings, the progress bar
//! ```
//! The canisters themselves are in `examples/gazetteer`.

pub mod gazetteer;
pub mod interface;
mod proofs;
pub mod rows;
mod show;
mod story;

use std::fs;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::wasm::Wasm;
use crate::workspace::Workspace;
use crate::{canisters, places, say};

/// The versions, as their packages are called.
pub const VERSIONS: [&str; 4] = ["gazetteer-v1", "gazetteer-v2", "gazetteer-v3", "gazetteer-v4"];

/// What `cargo xtask demo` can be told.
#[derive(Args)]
pub struct Options {
    /// Load only so many places
    #[arg(long, default_value_t = places::COUNT)]
    places: usize,
}

/// Builds what is needed and tells the story; false if something did not hold.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    ensure!((1..=places::COUNT).contains(&options.places), "there are 1 to {} places", places::COUNT);
    say::headline("Toolchain for canisters");
    let wasm = Wasm::find(workspace)?;
    say::note(&format!("canisters are built with {}", wasm.toolchain()));
    say::headline("Four versions of a canister");
    let folder = canisters::build(workspace, &wasm, &VERSIONS)?;
    let read = |name: &str| {
        let file = folder.join(format!("{name}.wasm"));
        fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    let versions = [read(VERSIONS[0])?, read(VERSIONS[1])?, read(VERSIONS[2])?, read(VERSIONS[3])?];
    say::headline("Places");
    let rows = rows::read(&places::places_csv(workspace)?, options.places)?;
    say::note(&format!("{} places, data © GeoNames (geonames.org), CC BY 4.0", show::number(rows.len())));
    story::tell(&versions, &rows)
}
