//! A build, and the files that it makes.

use std::collections::HashMap;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Artifact, Message};

use crate::process;
use crate::workspace::Workspace;

/// Runs the build. Returns the `.wasm` file of each package, in their order.
pub fn run(cargo: &mut Command, workspace: &Workspace, packages: &[&str]) -> Result<Vec<PathBuf>> {
    cargo.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let mut child = cargo.spawn().with_context(|| format!("cannot start `{}`", process::shown(cargo)))?;
    let output = child.stdout.take().context("no output of cargo")?;
    let mut made = HashMap::new();
    for message in Message::parse_stream(BufReader::new(output)) {
        if let Message::CompilerArtifact(artifact) = message?
            && let Some(file) = wasm_file(&artifact)
        {
            made.insert(artifact.manifest_path, file);
        }
    }
    if !child.wait()?.success() {
        bail!("`{}` failed", process::shown(cargo));
    }
    let find = |name: &&str| {
        let mut members = workspace.metadata().packages.iter();
        let package = members.find(|package| package.name == *name);
        package.and_then(|package| made.get(&package.manifest_path).cloned()).with_context(|| {
            format!("{name} made no .wasm file: its manifest needs `[lib] crate-type = [\"cdylib\"]`")
        })
    };
    packages.iter().map(find).collect()
}

fn wasm_file(artifact: &Artifact) -> Option<PathBuf> {
    let mut files = artifact.filenames.iter();
    files.find(|file| file.extension() == Some("wasm")).map(|file| file.clone().into_std_path_buf())
}
