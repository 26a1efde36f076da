//! `cargo xtask tidy`: what a program can check of the house's rules.
//!
//! ```text
//! sources    the Rust files and pages that are checked
//! modules    a file's modules and paths, read from its tokens
//! imports    the file that defines what a path names
//! layers     who may import whom: the table in ARCHITECTURE.md
//! circles    files that import each other
//! words      words that the glossary has retired
//! comments   the width of comments and the beginnings of doc comments
//! length     the length of files
//! ```
//! There is no list of tolerated findings: exceptions stand beside their rule, with a reason.

mod circles;
mod comments;
mod imports;
mod layers;
mod length;
mod modules;
mod sources;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use self::imports::Imports;
use self::layers::Layers;
use crate::say;
use crate::workspace::Workspace;

/// The options of `cargo xtask tidy`.
#[derive(Args, Default)]
pub struct Options {
    /// Show only what is found below these files or folders
    pub paths: Vec<PathBuf>,
    /// Show only what breaks this rule: layer, circle, word, comment, doc or length
    #[arg(long = "rule")]
    pub rules: Vec<String>,
}

/// A violation of a rule at a line of a file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// The path below the workspace's root.
    file: PathBuf,
    line: usize,
    rule: &'static str,
    text: String,
}

impl Finding {
    fn new(file: &Path, line: usize, rule: &'static str, text: impl Into<String>) -> Self {
        Self { file: file.into(), line, rule, text: text.into() }
    }
}

/// Prints all findings by folder. Returns `true` when there is none.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let mut findings = check(workspace)?;
    findings.retain(|finding| is_asked_for(&finding.file, &options.paths));
    findings.retain(|Finding { rule, .. }| {
        options.rules.is_empty() || options.rules.iter().any(|asked| asked == rule)
    });
    print(&findings);
    Ok(findings.is_empty())
}

/// Runs all checks on the workspace.
fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let sources = sources::read(workspace.root())?;
    let imports = Imports::read(workspace, &sources)?;
    let layers = Layers::read(workspace.root())?;
    let mut findings = layers::check(workspace.root(), &layers, &imports);
    findings.extend(circles::check(&layers, &imports));
    for source in &sources {
        findings.extend(words::check(source));
        findings.extend(comments::check(source));
        findings.extend(length::check(source));
    }
    findings.sort();
    findings.dedup();
    Ok(findings)
}

fn is_asked_for(file: &Path, paths: &[PathBuf]) -> bool {
    let below = |path: &PathBuf| file.starts_with(path.strip_prefix("./").unwrap_or(path));
    paths.is_empty() || paths.iter().any(below)
}

fn print(findings: &[Finding]) {
    let mut folders: BTreeMap<&Path, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        folders.entry(finding.file.parent().unwrap_or(Path::new(""))).or_default().push(finding);
    }
    for (folder, findings) in &folders {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        say::headline(&format!("{}: {}", folder.display(), findings.len()));
        for Finding { file, line, rule, text } in findings {
            say::note(&format!("{}:{line}: {rule}: {text}", file.display()));
        }
    }
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    findings.iter().for_each(|finding| *rules.entry(finding.rule).or_default() += 1);
    let rules: Vec<String> = rules.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
    let note = if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) };
    say::note(&format!("{} findings{note}", findings.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_can_be_asked_for_by_folder_or_file() {
        let asked = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            is_asked_for(Path::new("core/src/page/index.rs"), &paths)
        };
        assert!(asked(&[]) && asked(&["core/src"]) && asked(&["docs", "./core/src/page/index.rs"]));
        assert!(!asked(&["core/src/pa"]) && !asked(&["collections"]));
    }
}
