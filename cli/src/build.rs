//! The package of the current folder: the path of its lock, and its wasm if none was given.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::arguments::Package;
use crate::failure::Failure;

const TARGET: &str = "wasm32-unknown-unknown";

impl Package {
    /// Returns the path of the package's lock, which need not exist.
    pub(crate) fn lock(&self) -> Result<PathBuf, Failure> {
        Ok(self.manifest()?.with_file_name("graven.lock"))
    }

    fn manifest(&self) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.manifest_path {
            if !path.is_file() {
                return Err(Failure::Usage("--manifest-path is not a Cargo.toml"));
            }
            return Ok(path.clone());
        }
        let mut cargo = cargo(&["locate-project", "--message-format", "plain"]);
        let found = output(&mut cargo, "locate-project")?;
        Ok(PathBuf::from(found.trim()))
    }

    /// Builds the package. The derive ignores the lock meanwhile: a layout that it forbids has to
    /// get as far as the check.
    pub(crate) fn build(&self) -> Result<PathBuf, Failure> {
        let manifest = self.manifest()?;
        let package = name(&manifest)?;
        let mut cargo = cargo(&["build", "--release", "--target", TARGET, "--message-format", "json"]);
        cargo.args(["--package", &package.id]).arg("--manifest-path").arg(&manifest);
        cargo.env("GRAVEN_LOCK", "off").stderr(Stdio::inherit());
        let messages = output(&mut cargo, "build")?;
        let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
        let ours = artifacts.filter(|message| message.package_id.as_deref() == Some(&package.id));
        let wasm = ours.flat_map(|message| message.filenames).find(|file| is_wasm(file));
        wasm.ok_or_else(|| Failure::Cargo {
            command: "build",
            why: format!("`{}` has no wasm: give it `crate-type = [\"cdylib\"]`", package.name),
        })
    }
}

/// A line of cargo's output. Most lines have other fields.
#[derive(Deserialize)]
struct Message {
    package_id: Option<String>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    name: String,
    id: String,
    manifest_path: PathBuf,
}

fn name(manifest: &Path) -> Result<Member, Failure> {
    let mut cargo = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata = output(cargo.arg("--manifest-path").arg(manifest), "metadata")?;
    let failed = |why: String| Failure::Cargo { command: "metadata", why };
    let metadata: Metadata = serde_json::from_str(&metadata).map_err(|error| failed(error.to_string()))?;
    let same = |member: &Member| {
        let ours = manifest.canonicalize();
        ours.is_ok_and(|ours| member.manifest_path.canonicalize().is_ok_and(|theirs| theirs == ours))
    };
    let found = metadata.packages.into_iter().find(same);
    found.ok_or(Failure::Usage("here is a workspace and no package: name one with --manifest-path"))
}

fn is_wasm(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "wasm")
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn output(command: &mut Command, name: &'static str) -> Result<String, Failure> {
    let failed = |why: String| Failure::Cargo { command: name, why };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(failed(if why.is_empty() { output.status.to_string() } else { why }));
    }
    String::from_utf8(output.stdout).map_err(|error| failed(error.to_string()))
}
