//! The workspace's canisters: packages whose manifest has `[package.metadata.graven] canister =
//! true`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::say;
use crate::wasm::Wasm;
use crate::workspace::Workspace;

/// The profile of the root manifest that builds canisters.
pub const PROFILE: &str = "canister";

/// Returns the names of the packages that are canisters.
#[must_use]
pub fn names(workspace: &Workspace) -> Vec<String> {
    let members = workspace.metadata().workspace_packages();
    let canisters = members.into_iter().filter(|package| package.metadata["graven"]["canister"] == true);
    canisters.map(|package| package.name.to_string()).collect()
}

/// Builds all canisters into one folder, as `<package>.wasm`. Returns the folder.
pub fn build_all(workspace: &Workspace, wasm: &Wasm) -> Result<PathBuf> {
    let names = names(workspace);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.is_empty() {
        say::note("the workspace has no canisters yet");
    }
    let folder = build(workspace, wasm, &names)?;
    remove_others(&folder, &names)?;
    Ok(folder)
}

/// Builds some canisters into that folder. Returns the folder.
pub fn build(workspace: &Workspace, wasm: &Wasm, names: &[&str]) -> Result<PathBuf> {
    let folder = workspace.target("canisters");
    let built = wasm.build(names, PROFILE)?;
    fs::create_dir_all(&folder)?;
    for (name, file) in names.iter().zip(built) {
        let size = place(&file, &folder.join(format!("{name}.wasm")))?;
        say::note(&format!("{name}.wasm  {} kB", size.div_ceil(1000)));
    }
    Ok(folder)
}

/// Removes canisters that no longer exist, so that no test finds them.
fn remove_others(folder: &Path, names: &[&str]) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let kept = path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| names.contains(&stem));
        if !kept && path.is_file() {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// Copies a file in two steps, so that nobody ever reads half of it. Returns its size.
pub(crate) fn place(file: &Path, destination: &Path) -> Result<u64> {
    let partial = destination.with_extension("partial");
    let size = fs::copy(file, &partial).with_context(|| format!("cannot copy {}", file.display()))?;
    fs::rename(&partial, destination)?;
    Ok(size)
}
