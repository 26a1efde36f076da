//! The workspace of the tasks, as cargo describes it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::environment;
use crate::process;

/// The workspace around the current folder.
pub struct Workspace {
    metadata: Metadata,
}

impl Workspace {
    /// Returns the workspace around the current folder.
    pub fn find() -> Result<Self> {
        Self::at(&std::env::current_dir()?)
    }

    /// Returns the workspace around the given folder.
    pub fn at(folder: &Path) -> Result<Self> {
        let metadata = metadata(folder, &["--no-deps"]).context("cannot read the workspace")?;
        Ok(Self { metadata })
    }

    /// Returns the folder with the workspace's manifest.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Returns a folder or file below cargo's target folder.
    #[must_use]
    pub fn target(&self, name: &str) -> PathBuf {
        self.metadata.target_directory.as_std_path().join(name)
    }

    /// Returns cargo's description of the members.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// Returns `cargo metadata` of the package or workspace in a folder. Without `--no-deps`, cargo
/// fetches what is missing.
pub fn metadata(folder: &Path, arguments: &[&str]) -> Result<Metadata> {
    let mut cargo = environment::cargo();
    cargo.args(["metadata", "--format-version", "1"]).args(arguments).current_dir(folder);
    let output = cargo.output().with_context(|| format!("cannot start `{}`", process::shown(&cargo)))?;
    if !output.status.success() {
        bail!("`{}` failed:\n{}", process::shown(&cargo), String::from_utf8_lossy(&output.stderr));
    }
    Ok(MetadataCommand::parse(String::from_utf8(output.stdout)?)?)
}
