//! Reasons why a check could not be made: exit code 2.

use std::io;
use std::path::{Path, PathBuf};

use graven_core::lock::SyntaxError;
use graven_core::store::section::Unreadable;

/// The reason of a failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot read {}: {}", .0.display(), .1)]
    Read(PathBuf, #[source] io::Error),
    #[error("cannot write {}: {}", .0.display(), .1)]
    Write(PathBuf, #[source] io::Error),
    #[error("cannot print: {0}")]
    Print(#[source] io::Error),
    #[error("{} is not a wasm module: {}", .0.display(), .1)]
    NotWasm(PathBuf, String),
    #[error("{} has no section `icp:public graven:layouts`: it was not built with `graven::canister!`, or a tool removed the section", .0.display())]
    NoSection(PathBuf),
    #[error("the layouts in {} cannot be read: {}", .0.display(), .1)]
    Section(PathBuf, #[source] Unreadable),
    #[error("{}: {}", .0.display(), .1)]
    Image(PathBuf, #[source] graven_core::Error),
    #[error("{}: {}", .0.display(), .1)]
    Code(PathBuf, #[source] graven_core::Error),
    #[error("{}: {}", .0.display(), .1)]
    Lock(PathBuf, #[source] SyntaxError),
    #[error("`cargo {command}` failed: {why}")]
    Cargo { command: &'static str, why: String },
    #[cfg(feature = "explore")]
    #[error("{0}")]
    Canister(String),
    #[cfg(feature = "rehearse")]
    #[error("{0}: {1}")]
    Candid(String, String),
    #[cfg(feature = "rehearse")]
    #[error("{}, line {}: {}", .0.display(), .1, .2)]
    Script(PathBuf, usize, String),
    #[error("{0}")]
    Usage(&'static str),
    #[error("{}: {}", .0.display(), .1)]
    Input(PathBuf, String),
    #[error("{0}")]
    Words(String),
}

impl Failure {
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Failure {
        let path = path.to_owned();
        |error| Failure::Read(path, error)
    }
}

#[cfg(feature = "explore")]
impl From<graven_look::canister::CanisterError> for Failure {
    fn from(error: graven_look::canister::CanisterError) -> Self {
        Failure::Canister(error.to_string())
    }
}
