//! The Rust files and pages that are checked.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that are not the house's own writing, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("target", "made by cargo"),
    ("tests/diagnostics/ui", "programs that must not compile, beside the compiler's answers"),
    ("testkit/tests/calibration/cases", "recorded from a replica"),
    ("bench/RESULTS.md", "written by `cargo xtask bench`"),
];

/// A file and its text.
pub struct Source {
    /// The path below the workspace's root.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Returns `true` for Rust, `false` for a page of text.
    #[must_use]
    pub fn is_rust(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "rs")
    }
}

/// Reads all Rust files and Markdown pages of the workspace, in order of their paths.
pub fn read(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    visit(root, root, &mut sources)?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn visit(root: &Path, folder: &Path, sources: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let (full, name) = (entry.path(), entry.file_name());
        let path = full.strip_prefix(root).unwrap_or(&full).to_owned();
        let is_left_out = LEFT_OUT.iter().any(|(left_out, _)| path.starts_with(left_out));
        if is_left_out || name.to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            visit(root, &full, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
            let text =
                fs::read_to_string(&full).with_context(|| format!("cannot read {}", full.display()))?;
            sources.push(Source { path, text });
        }
    }
    Ok(())
}
