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
    names_with(workspace, "canister")
}

/// Returns the names of the packages with an entry in `[package.metadata.graven]` that is `true`.
fn names_with(workspace: &Workspace, entry: &str) -> Vec<String> {
    let members = workspace.metadata().workspace_packages();
    let canisters = members.into_iter().filter(|package| package.metadata["graven"][entry] == true);
    canisters.map(|package| package.name.to_string()).collect()
}

/// Builds all canisters into one folder, as `<package>.wasm`, and those with `scalar = true` once
/// more without vector instructions, as `<package>-scalar.wasm`. Returns the folder.
pub fn build_all(workspace: &Workspace, wasm: &Wasm) -> Result<PathBuf> {
    let names = names(workspace);
    if names.is_empty() {
        say::note("the workspace has no canisters yet");
    }
    let folder = build(workspace, wasm, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
    let scalar = names_with(workspace, "scalar");
    let scalar: Vec<&str> = scalar.iter().map(String::as_str).collect();
    let files = wasm.build_scalar(&scalar, PROFILE)?;
    let scalar: Vec<String> = scalar.iter().map(|name| format!("{name}-scalar")).collect();
    for (name, file) in scalar.iter().zip(files) {
        place_as(&folder, name, &file)?;
    }
    remove_others(&folder, &[names, scalar].concat())?;
    Ok(folder)
}

/// Builds some canisters into that folder. Returns the folder.
pub fn build(workspace: &Workspace, wasm: &Wasm, names: &[&str]) -> Result<PathBuf> {
    let folder = workspace.target("canisters");
    let built = wasm.build(names, PROFILE)?;
    fs::create_dir_all(&folder)?;
    for (name, file) in names.iter().zip(built) {
        place_as(&folder, name, &file)?;
    }
    Ok(folder)
}

fn place_as(folder: &Path, name: &str, file: &Path) -> Result<()> {
    let size = place(file, &folder.join(format!("{name}.wasm")))?;
    say::note(&format!("{name}.wasm  {} kB", size.div_ceil(1000)));
    Ok(())
}

/// Removes canisters that no longer exist, so that no test finds them.
fn remove_others(folder: &Path, names: &[String]) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let kept = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .is_some_and(|stem| names.iter().any(|name| name == stem));
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
