//! Building canisters: packages of the workspace compiled to WebAssembly.

mod active;
mod build;
pub mod debian;
mod toolchain;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

pub use self::toolchain::Toolchain;
use crate::process;
use crate::workspace::Workspace;

/// What canisters are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A toolchain that can build canisters.
pub struct Wasm<'workspace> {
    workspace: &'workspace Workspace,
    toolchain: Toolchain,
}

impl<'workspace> Wasm<'workspace> {
    /// The toolchain that worked last time, else the first one that can be made to work.
    pub fn find(workspace: &'workspace Workspace) -> Result<Self> {
        let remembered = remembered(&memory(workspace)).filter(|toolchain| toolchain.ready().is_ok());
        let toolchain = match remembered {
            Some(toolchain) => toolchain,
            None => Toolchain::first_that_works()?,
        };
        Self::remember(workspace, toolchain)
    }

    /// The given toolchain and no other.
    pub fn with(workspace: &'workspace Workspace, toolchain: Toolchain) -> Result<Self> {
        toolchain.prepare()?;
        Self::remember(workspace, toolchain)
    }

    fn remember(workspace: &'workspace Workspace, toolchain: Toolchain) -> Result<Self> {
        let memory = memory(workspace);
        fs::create_dir_all(target_folder(workspace))?;
        fs::write(&memory, toolchain.name()).with_context(|| format!("cannot write {}", memory.display()))?;
        Ok(Self { workspace, toolchain })
    }

    /// The toolchain in use.
    #[must_use]
    pub fn toolchain(&self) -> Toolchain {
        self.toolchain
    }

    /// Builds the packages with the profile. Gives their files in the same order.
    pub fn build(&self, packages: &[&str], profile: &str) -> Result<Vec<PathBuf>> {
        if packages.is_empty() {
            return Ok(Vec::new());
        }
        let mut cargo = self.cargo_build();
        cargo.current_dir(self.workspace.root());
        cargo.args(["--profile", profile, "--target-dir"]).arg(target_folder(self.workspace));
        for package in packages {
            cargo.args(["--package", package]);
        }
        build::run(&mut cargo, self.workspace, packages)
    }

    /// `cargo build`, which writes no folder of this machine into the wasm: the places of panics are kept there, and a longer
    /// folder moves all that stands behind them, so another number of heap pages is changed.
    fn cargo_build(&self) -> Command {
        let mut cargo = self.toolchain.cargo_build();
        let folders = [(cargo_home(), "cargo"), (self.workspace.root().to_path_buf(), "graven")];
        let flags: Vec<String> =
            folders.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).into();
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        cargo
    }

    /// Builds a package that is a workspace of its own, in a target folder of its own. Gives its file.
    pub fn build_apart(&self, folder: &Path, package: &str, profile: &str) -> Result<PathBuf> {
        let target = self.workspace.target("wasm-apart");
        let mut cargo = self.cargo_build();
        cargo.current_dir(folder).args(["--locked", "--profile", profile, "--target-dir"]).arg(&target);
        process::run(&mut cargo)?;
        let file = format!("{}.wasm", package.replace('-', "_"));
        Ok(target.join(TARGET).join(profile).join(file))
    }
}

/// Where cargo keeps the sources of what it has fetched.
fn cargo_home() -> PathBuf {
    let home = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// Not cargo's usual folder: the cargo that runs this task may hold that one's lock.
fn target_folder(workspace: &Workspace) -> PathBuf {
    workspace.target("wasm")
}

fn memory(workspace: &Workspace) -> PathBuf {
    target_folder(workspace).join("toolchain")
}

fn remembered(memory: &Path) -> Option<Toolchain> {
    Toolchain::from_name(fs::read_to_string(memory).ok()?.trim())
}
