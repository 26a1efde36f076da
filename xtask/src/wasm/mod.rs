//! Building canisters: packages of the workspace compiled to WebAssembly.

mod active;
mod build;
pub mod debian;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

pub use self::toolchain::Toolchain;
use crate::environment;
use crate::process;
use crate::workspace::Workspace;

/// The target of canisters.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The flag for instructions that work on 16 bytes at once.
const VECTORS: &str = "-Ctarget-feature=+simd128";

/// A toolchain that can build canisters.
pub struct Wasm<'workspace> {
    workspace: &'workspace Workspace,
    toolchain: Toolchain,
}

impl<'workspace> Wasm<'workspace> {
    /// Returns the toolchain that worked last time, or else the first that can be made to work.
    pub fn find(workspace: &'workspace Workspace) -> Result<Self> {
        let remembered = remembered(&memory(workspace)).filter(|toolchain| toolchain.ready().is_ok());
        let toolchain = match remembered {
            Some(toolchain) => toolchain,
            None => Toolchain::first_that_works()?,
        };
        Self::remember(workspace, toolchain)
    }

    /// Returns the given toolchain, or an error if it cannot be made to work.
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

    /// Returns the toolchain in use.
    #[must_use]
    pub fn toolchain(&self) -> Toolchain {
        self.toolchain
    }

    /// Builds the packages with the profile. Returns their files in the same order.
    pub fn build(&self, packages: &[&str], profile: &str) -> Result<Vec<PathBuf>> {
        self.build_in(&target_folder(self.workspace), self.cargo_build(), packages, profile)
    }

    /// Builds the packages as [`Wasm::build`] does, without vector instructions.
    pub fn build_scalar(&self, packages: &[&str], profile: &str) -> Result<Vec<PathBuf>> {
        let mut cargo = self.toolchain.cargo_build();
        cargo.env("CARGO_ENCODED_RUSTFLAGS", self.paths().join("\x1f"));
        self.build_in(&self.workspace.target("wasm-scalar"), cargo, packages, profile)
    }

    fn build_in(
        &self,
        folder: &Path,
        mut cargo: Command,
        packages: &[&str],
        profile: &str,
    ) -> Result<Vec<PathBuf>> {
        if packages.is_empty() {
            return Ok(Vec::new());
        }
        cargo.current_dir(self.workspace.root());
        cargo.args(["--profile", profile, "--target-dir"]).arg(folder);
        for package in packages {
            cargo.args(["--package", package]);
        }
        build::run(&mut cargo, self.workspace, packages)
    }

    /// Returns the `cargo build` of the toolchain, with paths that are the same on every machine.
    fn cargo_build(&self) -> Command {
        let mut cargo = self.toolchain.cargo_build();
        cargo.env("CARGO_ENCODED_RUSTFLAGS", self.flags());
        cargo
    }

    /// Returns the flags of canisters: those that keep this machine's folders out, and that of
    /// `.cargo/config.toml`, which cargo does not read where it is given flags.
    fn flags(&self) -> String {
        [self.paths(), vec![VECTORS.to_owned()]].concat().join("\x1f")
    }

    /// Returns the flags that keep this machine's folders out of the wasm. A panic keeps the path
    /// of its source, and a longer path moves all data after it, which changes the number of heap
    /// pages that a message writes.
    fn paths(&self) -> Vec<String> {
        let cargo_home = environment::home_of("CARGO_HOME", ".cargo");
        let folders = [(cargo_home, "cargo"), (self.workspace.root().to_path_buf(), "graven")];
        folders.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).to_vec()
    }

    /// Has a program whose scripts start cargo build with this toolchain, in the folder where
    /// `build` has built.
    pub fn lend_to(&self, program: &mut Command) {
        self.toolchain.lend_to(program);
        program.env("CARGO_ENCODED_RUSTFLAGS", self.flags());
        program.env("CARGO_TARGET_DIR", target_folder(self.workspace));
    }

    /// Builds a package that is a workspace of its own, in a target folder of its own. Returns its
    /// file.
    pub fn build_apart(&self, folder: &Path, package: &str, profile: &str) -> Result<PathBuf> {
        let target = self.workspace.target("wasm-apart");
        let mut cargo = self.cargo_build();
        cargo.current_dir(folder).args(["--locked", "--profile", profile, "--target-dir"]).arg(&target);
        process::run(&mut cargo)?;
        let file = format!("{}.wasm", package.replace('-', "_"));
        Ok(target.join(TARGET).join(profile).join(file))
    }
}

/// Returns the target folder of canisters. The cargo that runs this task may hold the lock of the
/// usual one.
fn target_folder(workspace: &Workspace) -> PathBuf {
    workspace.target("wasm")
}

fn memory(workspace: &Workspace) -> PathBuf {
    target_folder(workspace).join("toolchain")
}

fn remembered(memory: &Path) -> Option<Toolchain> {
    Toolchain::from_name(fs::read_to_string(memory).ok()?.trim())
}
