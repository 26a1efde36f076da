//! The demo: a gazetteer of 144,563 places goes through four versions of its code.
//!
//! ```text
//! story      what happens, in order
//! gazetteer  the canister and what must be in it        (interface, rows)
//! places     the file with the places
//! look       the image of the memory, seen by `cargo graven`
//! proofs     what must hold, and whether it does
//! show       numbers, rows, headings, the progress bar
//! ```
//! The canisters are in `examples/gazetteer`. `cargo xtask demo` builds them and starts this
//! program, which is a package of its own so that no other task compiles the wasm runtime.

pub mod gazetteer;
pub mod interface;
pub mod look;
pub mod places;
mod proofs;
pub mod rows;
pub mod show;
mod story;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use xtask::demo::VERSIONS;
use xtask::say;
use xtask::workspace::Workspace;

/// The options of the program.
#[derive(Args)]
pub struct Options {
    /// The folder with the four canisters
    #[arg(long)]
    canisters: PathBuf,
    /// The program `cargo-graven`, which looks at the memory at the end
    #[arg(long)]
    graven: PathBuf,
    /// Load only so many places
    #[arg(long, default_value_t = places::COUNT)]
    places: usize,
}

/// Tells the story. Returns `false` if a proof fails.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    ensure!((1..=places::COUNT).contains(&options.places), "--places takes 1 to {}", places::COUNT);
    let read = |name: &str| {
        let file = options.canisters.join(format!("{name}.wasm"));
        fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    let versions = [read(VERSIONS[0])?, read(VERSIONS[1])?, read(VERSIONS[2])?, read(VERSIONS[3])?];
    say::headline("Places");
    let rows = rows::read(&places::places_csv(workspace)?, options.places)?;
    say::note(&format!("{} places, data © GeoNames (geonames.org), CC BY 4.0", show::number(rows.len())));
    let last = options.canisters.join(format!("{}.wasm", VERSIONS[3]));
    story::tell(&versions, &rows, |image, proofs| {
        let image = look::write(image, &workspace.target("demo"))?;
        look::Look { graven: &options.graven, image, refused: &last }.tell(&rows, proofs)
    })
}
